/**
 * Criterion and hypergradient of one candidate at a point, whichever way it drives, and the result that is made of them, with its error.
 * Steps nowhere, and remembers nothing between calls.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { hypergradientUncertain, NEAR_KINK, reportNotFinite } from '../diagnostics/numerics.ts';
import { approximates } from '../plan/decide.ts';
import type { Tensor } from '../plan/types.ts';
import type { ReportedFolds } from './folds/refit.ts';
import {
  type Begin,
  blamed,
  type Differentiated,
  type DifferentiatedOrNot,
  estimateError,
  evaluateStage,
  type Moment,
  reportStage,
  type Session,
} from './session.ts';
import { isFiniteTensor, pointNorm } from './tensor.ts';
import type { ErrorReport, EvaluationResult, GradientResult, Point } from './types.ts';

/** The arguments are those of `evaluateStage`. */
export async function hypergradientAt(
  session: Session,
  point: Point,
  start: Begin | undefined,
  from: Begin | undefined,
  moment: Moment,
): Promise<DifferentiatedOrNot> {
  const { candidate, byDifferences } = session;
  if (candidate.drive === 'differences') {
    if (byDifferences === undefined) throw new InternalError('runtime', `nothing was handed in to drive ${candidate.id}`);
    return byDifferences(session, point, start, from, moment);
  }
  const judged = await evaluateStage(session, 'hypergradient', point, start, from, moment);
  if (!judged.ok) return judged;
  const { evaluation } = judged;
  const { hypergradient } = evaluation;
  if (hypergradient === undefined) throw new InternalError('runtime', 'the stage hypergradient gave none');
  return { ...judged, hypergradient };
}

/** An estimate that is itself not finite says nothing: none is given. */
const noEstimate: ErrorReport = {
  certified: false,
  why: 'no estimate: what a linear solve with the inner Hessian gives is no number there, or rounding alone',
};

/** What is known of the error of a hypergradient without a proof. `start` is the declared one of the params. */
export async function errorOf(session: Session, { evaluation, error }: Differentiated, start: Begin | undefined): Promise<ErrorReport> {
  if (error !== undefined) return error;
  if (approximates(session.candidate))
    return { certified: false, why: 'an approximation of the derivative, and what it leaves out is not estimated' };
  const isRecipe = session.module.description.meaning === 'recipe';
  const estimate = await estimateError(session, evaluation, start);
  if (estimate === undefined || !Number.isFinite(estimate)) return noEstimate;
  const isComposite = session.module.description.composite !== undefined;
  const why = isRecipe
    ? 'rounding alone, estimated: a recipe is differentiated as it is'
    : `to first order${isComposite ? ', on the support that was found' : ''}, from the gradient norm that the inner solver left and the residual of the linear solve`;
  return { estimate, certified: false, why: session.executor.describe().judged ?? why };
}

const notAskedFor: ErrorReport = { certified: false, why: 'not asked for' };

/** A point as a result, with what is reported there. */
export interface Found<Result> extends Omit<ReportedFolds, 'warnings'> {
  readonly result: Result;
}

interface FoundOptions {
  /** Whether a problem with folds is fitted once more, for the reports on what all folds hold out. */
  readonly refits: boolean;
}

interface GradientOptions extends FoundOptions {
  /** Whether the error is estimated; default: it is. */
  readonly error?: boolean | undefined;
}

/** A solved point as a result, with its params. */
export async function evaluationResult(
  session: Session,
  { evaluation, status, warnings }: Pick<Differentiated, 'evaluation' | 'status' | 'warnings'>,
  { refits }: FoundOptions,
): Promise<Found<EvaluationResult>> {
  const { candidate, bound, executor } = session;
  const { report: all, param, warnings: remarks } = await reportStage(session, evaluation);
  const folded: ReportedFolds =
    bound.folds === undefined ? { report: all } : await bound.folds.report(session, evaluation.point, all, refits);
  const { warnings: ofFolds = [], ...found } = folded;
  const result: EvaluationResult = {
    candidate: candidate.id,
    strategy: candidate.strategy,
    solver: candidate.solver,
    computedBy: executor.describe(),
    status,
    outer: evaluation.outer,
    inner: evaluation.inner,
    ...(evaluation.inners === undefined ? {} : { inners: evaluation.inners }),
    hyper: evaluation.point,
    param,
    ...(bound.labels === undefined ? {} : { labels: bound.labels }),
    warnings: [...warnings, ...remarks, ...ofFolds, ...oddReports(session, folded.report)],
  };
  return { ...found, result };
}

/** A differentiated point as a result, with the estimate of its error. `start` is the declared one of the params. */
export async function gradientResult(
  session: Session,
  at: Differentiated,
  start: Begin | undefined,
  options: GradientOptions,
): Promise<Found<GradientResult>> {
  const isAsked = options.error !== false;
  const proof = isAsked ? await session.certify?.(session, at) : undefined;
  const error = isAsked ? (proof?.error ?? (await errorOf(session, at, start))) : notAskedFor;
  const { result, ...found } = await evaluationResult(session, at, options);
  const { hypergradient } = at;
  const warnings = [...result.warnings, ...(proof?.warnings ?? []), ...outweighed(session, at, error)];
  return { ...found, result: { ...result, hypergradient, error, warnings } };
}

function oddReports(session: Session, report: Record<string, number | Tensor>): readonly Diagnostic[] {
  const { outerSpan, reports } = session.module.description;
  const odd = Object.entries(report).filter(([, v]) => (typeof v === 'number' ? !Number.isFinite(v) : !isFiniteTensor(v)));
  const [first] = odd;
  if (first === undefined) return [];
  return [reportNotFinite({ span: reports.find((r) => r.name === first[0])?.span ?? outerSpan }, { reports: odd.map(([name]) => name) })];
}

/** The share of a hypergradient that its error may be without a word. */
const DOUBTED = 0.1;

/** A hypergradient of which its error is much, or of which nobody knows it. */
function outweighed(
  session: Session,
  { hypergradient, evaluation, status, warnings }: Differentiated,
  error: ErrorReport,
): readonly Diagnostic[] {
  const norm = pointNorm(hypergradient);
  const estimate = error === noEstimate ? Infinity : (error.bound ?? error.estimate ?? 0);
  // Near an optimum the hypergradient vanishes and rounding is left: that is no reason to doubt.
  const rounding = session.rounding.agreement * Math.abs(evaluation.outer);
  // A solve that fell short, and a kink, have their own warnings, which name the cause.
  if (status !== 'converged' || warnings.some(({ code }) => code === NEAR_KINK) || estimate <= Math.max(DOUBTED * norm, rounding))
    return [];
  return blamed(session, [hypergradientUncertain({ span: session.module.description.outerSpan }, { estimate, norm })]);
}
