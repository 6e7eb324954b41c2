/**
 * Criterion and hypergradient of one candidate at a point, whichever way it drives: through the stage `hypergradient`, or by differences
 * of the stage `value`. Says how large the error is. Steps nowhere, and remembers nothing between calls.
 */
import { differencesFailed } from '../diagnostics/numerics.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import type { Status } from '../plan/status.ts';
import type { Tensor } from '../plan/types.ts';
import { differences, type Room } from './differences.ts';
import { domainOf } from './kinds.ts';
import { estimateError, evaluateStage, type Evaluation, type Judged, type Moment, reportStage, type Session } from './session.ts';
import { describePoint, norm } from './tensor.ts';
import type { ErrorReport, GradientResult, Point } from './types.ts';

export interface Differentiated {
  readonly ok: true;
  readonly evaluation: Evaluation;
  readonly hypergradient: Point;
  /** Known here by differences alone; a graph's is estimated when a result is made of it. */
  readonly error?: ErrorReport;
  readonly status: Status;
  readonly warnings: readonly Diagnostic[];
}

export type DifferentiatedOrNot = Differentiated | Extract<Judged, { ok: false }>;

/** Gives the event loop a turn now and then, so that an abort, a key or a redraw comes through; says whether to stop. */
export interface Turn {
  (): Promise<boolean>;
}

const turnEveryMs = 15;

export function turns(signal: AbortSignal | undefined): Turn {
  let last = performance.now();
  return async () => {
    if (performance.now() - last >= turnEveryMs) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, 0);
      });
      last = performance.now();
    }
    return signal?.aborted === true;
  };
}

export const interrupted = { ok: false, status: 'interrupted', diagnostics: [] } as const satisfies Extract<Judged, { ok: false }>;

/** `sizes` bind the intervals of the hypers; the other arguments are those of `evaluateStage`. */
export async function hypergradientAt(
  session: Session,
  sizes: Readonly<Record<string, number>>,
  point: Point,
  start: Tensor | undefined,
  x: Tensor | undefined,
  moment: Moment,
  turn: Turn,
): Promise<DifferentiatedOrNot> {
  if (await turn()) return interrupted;
  if (session.candidate.drive === 'differences') return byDifferences(session, sizes, point, start, x, moment, turn);
  const judged = evaluateStage(session, 'hypergradient', point, start, x, moment);
  if (!judged.ok) return judged;
  const { evaluation } = judged;
  const { hypergradient } = evaluation;
  if (hypergradient === undefined) throw new InternalError('runtime', 'the stage hypergradient gave none');
  return { ...judged, hypergradient };
}

function errorOf(session: Session, { evaluation, hypergradient, error }: Differentiated, start: Tensor | undefined): ErrorReport {
  if (error !== undefined) return error;
  const isRecipe = session.module.description.meaning === 'recipe';
  const estimate = estimateError(session, evaluation, start);
  if (estimate === undefined) {
    const rounding = Number.EPSILON * (1 + evaluation.inner.steps) * pointNorm(hypergradient);
    return { estimate: rounding, certified: false, why: 'rounding alone, estimated from the number of steps' };
  }
  // An estimate that is itself not finite says nothing: none is given.
  if (!Number.isFinite(estimate)) return { certified: false, why: 'no estimate: the linear solve that it needs did not end well' };
  const why = isRecipe
    ? 'rounding alone, estimated: a recipe is differentiated as it is'
    : 'to first order, from the gradient norm that the inner solver left and the residual of the linear solve';
  return { estimate, certified: false, why };
}

export const pointNorm = (point: Point): number => norm(Object.values(point).flatMap((t) => [...t.data]));

async function byDifferences(
  session: Session,
  sizes: Readonly<Record<string, number>>,
  point: Point,
  start: Tensor | undefined,
  x: Tensor | undefined,
  moment: Moment,
  turn: Turn,
): Promise<DifferentiatedOrNot> {
  const centre = evaluateStage(session, 'value', point, start, x, moment);
  if (!centre.ok) return centre;
  // Every value starts from the same converged point, so that F is a function; at the centre it is then solved twice, and how far the two
  // values differ is what the inner tolerance leaves uncertain in F.
  const fixed = start === undefined ? undefined : centre.evaluation.x;
  const again = fixed === undefined ? centre : evaluateStage(session, 'value', point, start, fixed, moment);
  if (!again.ok) return again;
  const value = again.evaluation.outer;
  const noise = Math.max(8 * Number.EPSILON * Math.abs(value), Math.abs(value - centre.evaluation.outer));
  let stopped = false;
  const criterion = async (at: Point): Promise<number | undefined> => {
    stopped ||= await turn();
    if (stopped) return undefined;
    const judged = evaluateStage(session, 'value', at, start, fixed, moment);
    return judged.ok ? judged.evaluation.outer : undefined;
  };
  const result = await differences(
    criterion,
    point,
    value,
    (name) => roomOf(session, sizes, name),
    noise,
    () => stopped,
  );
  if (!result.ok) {
    if (result.stopped) return interrupted;
    const { description } = session.module;
    const span = description.hypers.find((h) => h.name === result.hyper)?.span ?? description.outerSpan;
    const why = 'at no step length could the criterion be evaluated on both sides';
    const diagnostic = differencesFailed(
      { span },
      { when: moment.when, at: describePoint(point), lastGood: undefined, hyper: result.hyper, why },
    );
    return { ok: false, status: 'not-finite', diagnostics: [diagnostic] };
  }
  const why = 'from the tableau of extrapolated differences and the noise of the criterion';
  return { ...again, hypergradient: result.derivative, error: { estimate: result.error, certified: false, why } };
}

function roomOf(session: Session, sizes: Readonly<Record<string, number>>, name: string): Room {
  const hyper = session.module.description.hypers.find((h) => h.name === name);
  const domain = hyper === undefined ? undefined : domainOf(hyper.kind, hyper.interval, sizes);
  if (hyper === undefined || domain === undefined) throw new InternalError('differences', `no domain for ${name}`);
  const open = hyper.kind === 'positive' || hyper.kind === 'unit' || hyper.kind === 'simplex';
  return { low: domain.low, high: domain.high, open };
}

/** A differentiated point as a result, with its params and the estimate of its error. `start` is the declared one of the params. */
export function gradientResult(
  session: Session,
  at: Differentiated,
  start: Tensor | undefined,
): { readonly result: GradientResult; readonly report: Record<string, number | Tensor> } {
  const { candidate } = session;
  const { report, param } = reportStage(session, at.evaluation);
  const result: GradientResult = {
    candidate: candidate.id,
    strategy: candidate.strategy,
    solver: candidate.solver,
    status: at.status,
    outer: at.evaluation.outer,
    inner: at.evaluation.inner,
    hyper: at.evaluation.point,
    hypergradient: at.hypergradient,
    error: errorOf(session, at, start),
    param,
    warnings: at.warnings,
  };
  return { result, report };
}
