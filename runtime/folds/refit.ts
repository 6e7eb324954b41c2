/** The inner problem of a cross-validation once more, fitted to all positions that the folds share out, and what is reported there. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { InternalError } from '../../diagnostics/internal-error.ts';
import type { Tensor } from '../../plan/types.ts';
import { declaredStart, evaluateStage, openSession, reportStage, type Session } from '../session.ts';
import { interrupted } from '../turn.ts';
import type { Failure, Point, Refit } from '../types.ts';

interface Refitted {
  readonly ok: true;
  readonly refit: Refit;
  readonly report: Reports;
  readonly warnings: readonly Diagnostic[];
}

type Reports = Readonly<Record<string, number | Tensor>>;

/** What is reported of a problem with folds, and what it is reported at. */
export interface ReportedFolds {
  readonly report: Record<string, number | Tensor>;
  readonly refit?: Refit;
  readonly warnings?: readonly Diagnostic[];
  /** Why there is no refit, though one was wanted. */
  readonly failure?: Failure;
}

/** `means`: the reports of the folds. Those on positions that all hold out are taken of a refit, or left out where there is none. */
export async function reportFolds(session: Session, point: Point, means: Reports, refits: boolean): Promise<ReportedFolds> {
  const heldOut = new Set(session.module.description.reports.filter(({ atRefit }) => atRefit === true).map(({ name }) => name));
  const own = Object.fromEntries(Object.entries(means).filter(([name]) => !heldOut.has(name)));
  if (!refits) return { report: own };
  const refitted = await refitAt(session, point);
  if (!refitted.ok) return { report: own, failure: refitted };
  const { report, refit, warnings } = refitted;
  return {
    report: Object.fromEntries(Object.entries(means).map(([name]) => [name, (heldOut.has(name) ? report : own)[name] ?? Number.NaN])),
    refit,
    warnings,
  };
}

export type ReportFolds = typeof reportFolds;

/** From a cold start, at hypers that were found. */
async function refitAt(session: Session, point: Point): Promise<Refitted | Failure> {
  const { module, candidate, bound, control } = session;
  const { folds, ...shared } = bound;
  if (folds === undefined) throw new InternalError('folds', 'there are none to fit to');
  const whole = { ...shared, slots: { ...shared.slots, ...folds.whole.slots }, sizes: folds.whole.sizes };
  const opened = await openSession(module, candidate, whole, control, session);
  if ('ok' in opened) return opened;
  try {
    const start = await declaredStart(opened, point);
    if (start === 'interrupted') return interrupted;
    const judged = await evaluateStage(opened, 'value', point, start, undefined, { when: 'at the refit' });
    if (!judged.ok) return judged;
    const { evaluation, status, warnings } = judged;
    const { report, param } = await reportStage(opened, evaluation);
    return { ok: true, refit: { status, inner: evaluation.inner, param }, report, warnings };
  } finally {
    opened.executor.close();
  }
}
