/**
 * Criterion and hypergradient of one candidate at a point, whichever way it drives, and the result that is made of them, with its error.
 * Steps nowhere, and remembers nothing between calls.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { hypergradientUncertain, NEAR_KINK, reportNotFinite } from '../diagnostics/numerics.ts';
import { approximates } from '../plan/choose.ts';
import type { Tensor } from '../plan/types.ts';
import type { ReportedFolds } from './folds/refit.ts';
import {
  type Differentiated,
  type DifferentiatedOrNot,
  estimateError,
  evaluateStage,
  type Moment,
  reportStage,
  type Session,
} from './session.ts';
import { isFiniteTensor, pointNorm } from './tensor.ts';
import type { ErrorReport, GradientResult, Point } from './types.ts';

/** The arguments are those of `evaluateStage`. */
export async function hypergradientAt(
  session: Session,
  point: Point,
  start: Tensor | undefined,
  x: Tensor | undefined,
  moment: Moment,
): Promise<DifferentiatedOrNot> {
  const { candidate, byDifferences } = session;
  if (candidate.drive === 'differences') {
    if (byDifferences === undefined) throw new InternalError('runtime', `nothing was handed in to drive ${candidate.id}`);
    return byDifferences(session, point, start, x, moment);
  }
  const judged = await evaluateStage(session, 'hypergradient', point, start, x, moment);
  if (!judged.ok) return judged;
  const { evaluation } = judged;
  const { hypergradient } = evaluation;
  if (hypergradient === undefined) throw new InternalError('runtime', 'the stage hypergradient gave none');
  return { ...judged, hypergradient };
}

async function errorOf(
  session: Session,
  { evaluation, hypergradient, error }: Differentiated,
  start: Tensor | undefined,
): Promise<ErrorReport> {
  if (error !== undefined) return error;
  if (approximates(session.candidate))
    return { certified: false, why: 'an approximation of the derivative, and what it leaves out is not estimated' };
  const isRecipe = session.module.description.meaning === 'recipe';
  const estimate = await estimateError(session, evaluation, start);
  if (estimate === undefined) {
    const rounding = session.rounding.unit * (1 + evaluation.inner.steps) * pointNorm(hypergradient);
    return { estimate: rounding, certified: false, why: 'rounding alone, estimated from the number of steps' };
  }
  // An estimate that is itself not finite says nothing: none is given.
  if (!Number.isFinite(estimate)) return { certified: false, why: 'no estimate: the linear solve that it needs did not end well' };
  const isComposite = session.module.description.composite !== undefined;
  const why = isRecipe
    ? 'rounding alone, estimated: a recipe is differentiated as it is'
    : `to first order${isComposite ? ', on the support that was found' : ''}, from the gradient norm that the inner solver left and the residual of the linear solve`;
  return { estimate, certified: false, why };
}

/** A point as a result, with what is reported there. */
export interface Found extends Omit<ReportedFolds, 'warnings'> {
  readonly result: GradientResult;
}

/**
 * A differentiated point as a result, with its params and the estimate of its error. `start` is the declared one of the params. `refits`:
 * a problem with folds is fitted once more, for the reports on what all folds hold out.
 */
export async function gradientResult(
  session: Session,
  at: Differentiated,
  start: Tensor | undefined,
  { refits }: { readonly refits: boolean },
): Promise<Found> {
  const { candidate, bound } = session;
  const { report: all, param } = await reportStage(session, at.evaluation);
  const error = await errorOf(session, at, start);
  const {
    report,
    refit,
    failure,
    warnings = [],
  }: ReportedFolds = bound.folds === undefined ? { report: all } : await bound.folds.report(session, at.evaluation.point, all, refits);
  const result: GradientResult = {
    candidate: candidate.id,
    strategy: candidate.strategy,
    solver: candidate.solver,
    computedBy: session.executor.describe(),
    status: at.status,
    outer: at.evaluation.outer,
    inner: at.evaluation.inner,
    ...(at.evaluation.inners === undefined ? {} : { inners: at.evaluation.inners }),
    hyper: at.evaluation.point,
    hypergradient: at.hypergradient,
    error,
    param,
    warnings: [...at.warnings, ...warnings, ...doubts(session, at, error, report)],
  };
  return { result, report, ...(refit === undefined ? {} : { refit }), ...(failure === undefined ? {} : { failure }) };
}

/** What is there but cannot be relied on: reports that are not finite, and a hypergradient that its error outweighs. */
function doubts(session: Session, at: Differentiated, error: ErrorReport, report: Record<string, number | Tensor>): readonly Diagnostic[] {
  const { outerSpan, reports } = session.module.description;
  const odd = Object.entries(report).filter(([, v]) => (typeof v === 'number' ? !Number.isFinite(v) : !isFiniteTensor(v)));
  const size = pointNorm(at.hypergradient);
  const estimate = error.bound ?? error.estimate ?? 0;
  // Near an optimum the hypergradient vanishes and rounding is left: that is no reason to doubt.
  const rounding = 1e-6 * Math.abs(at.evaluation.outer);
  return [
    ...(odd.length === 0
      ? []
      : [
          reportNotFinite({ span: reports.find((r) => r.name === odd[0]?.[0])?.span ?? outerSpan }, { reports: odd.map(([name]) => name) }),
        ]),
    // A solve that fell short, and a kink, have their own warnings, which name the cause.
    ...(at.status === 'converged' && at.warnings.every(({ code }) => code !== NEAR_KINK) && estimate > Math.max(size, rounding)
      ? [hypergradientUncertain({ span: outerSpan }, { estimate, norm: size })]
      : []),
  ];
}
