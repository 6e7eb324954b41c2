/**
 * One candidate of a plan, linked to sizes, and evaluated at points: the only place that knows how slots and stages are named.
 * Judges what the stages say (status, finiteness) and turns it into diagnostics; chooses nothing and steps nowhere.
 * Data and all that was computed once stay in the executor's slots; read back are numbers, hypergradients, x and v.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { notFinite, notPositiveDefinite, type Where8 } from '../diagnostics/numerics.ts';
import { type Status, statusOf } from '../plan/status.ts';
import type { Candidate, Executor, ProblemModule, RunControl, Slots, StageName, Tensor } from '../plan/types.ts';
import type { BrokenSolve } from './broken-solves.ts';
import type { DrawnStart } from './drawn-start.ts';
import type { InFloat32 } from './in-float32.ts';
import type { Iterative } from './iterative.ts';
import type { CurvedKinds } from './kinds.ts';
import type { OuterMethod, Settings } from './outer/method.ts';
import { type Rounding, roundingOf } from './rounding.ts';
import { describePoint, isFiniteTensor } from './tensor.ts';
import type { OuterDoubts } from './outer-doubts.ts';
import { interrupted, turns } from './turn.ts';
import type { BoundProblem, DriveOptions, ErrorReport, Failure, InnerReport, LinearReport, Point, Spent } from './types.ts';
import type { WholeOf } from './whole.ts';

export interface Session extends SessionParts {
  readonly module: ProblemModule;
  readonly candidate: Candidate;
  readonly executor: Executor;
  readonly bound: BoundProblem;
  readonly rounding: Rounding;
  /** Asked before every stage, and by the executor half-way. */
  readonly control: RunControl;
  /** Where a drive asks for less than the candidate's tolerances: solves stop as soon as they are so far. */
  readonly accuracy?: number | undefined;
  /** Counts what the evaluations of a drive take. */
  readonly spent: { -readonly [Count in keyof Spent]: Spent[Count] };
}

/** Where solves begin: the inner one, all params as one vector, and the linear one. */
export interface Begin {
  readonly x: Tensor;
  readonly v?: Tensor;
}

/** What some problems need, handed in so that others need not carry it. */
export interface SessionParts {
  /** Where a candidate that may be chosen is driven by differences (`by-differences.ts`). */
  readonly byDifferences?: ByDifferences | undefined;
  /** Where solves take steps (`broken-solves.ts`). */
  readonly brokenSolve?: BrokenSolve | undefined;
  /** Why a solved point may be doubted (`doubts.ts`). */
  readonly doubts?: readonly Doubt[] | undefined;
  /** What the report at a solved point says besides (`doubts.ts`). */
  readonly remarks?: readonly Doubt[] | undefined;
  /** What the end of a run says of the criterion (`outer-doubts.ts`). */
  readonly outerDoubts?: OuterDoubts | undefined;
  /** Where something may compute in float32 (`in-float32.ts`). */
  readonly inFloat32?: InFloat32 | undefined;
  /** Where hypers are of kinds that few problems have (`curved-kinds.ts`). */
  readonly curvedKinds?: CurvedKinds | undefined;
  /** Where the page asks for several starts (`drawn-start.ts`). */
  readonly drawnStart?: DrawnStart | undefined;
  /** Where errors are to be proved (`certify.ts`). */
  readonly certify?: Certify | undefined;
  /** Where solves stop at tolerances (`iterative.ts`). */
  readonly iterative?: Iterative | undefined;
  /** Where outer methods are changed to what the problem asks for (`outer/adaptive.ts`, `resampled.ts`). */
  readonly adapt?: Adapt | undefined;
  /** Where hypers are real numbers only while they are searched (`whole.ts`). */
  readonly wholeOf?: WholeOf | undefined;
}

/** An outer method, changed to what a problem asks for. */
export type Adapt = (
  method: OuterMethod,
  session: Pick<Session, 'module' | 'candidate' | 'executor'>,
  settings: Settings,
  options: Pick<DriveOptions, 'accuracy' | 'seed'>,
) => OuterMethod;

/** What the stages say of a point. */
export interface Evaluation extends Begin {
  readonly point: Point;
  readonly outer: number;
  /** Without what an inexact inner solution adds to it, to first order. */
  readonly corrected?: number;
  /** How far the solves went, in the measure of their tolerances. */
  readonly reached?: number;
  readonly inner: InnerReport;
  /** Of each fold. */
  readonly inners?: readonly InnerReport[];
  /** How the linear solve of a hypergradient ended, where there is one. */
  readonly linear?: LinearReport;
  /** Of each fold. */
  readonly linears?: readonly LinearReport[];
  /** Where it was wanted; with the adjoint `v`, but for a recipe. */
  readonly hypergradient?: Point;
}

export type Judged =
  | { readonly ok: true; readonly evaluation: Evaluation; readonly status: Status; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly status: Status; readonly diagnostics: readonly Diagnostic[] };

/** A point with its hypergradient, whichever way it was found. */
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

/** Differentiates by values of the criterion alone. */
export type ByDifferences = (
  session: Session,
  point: Point,
  start: Begin | undefined,
  from: Begin | undefined,
  moment: Moment,
) => Promise<DifferentiatedOrNot>;

/** Tells what is doubtful about a point that was solved, in warnings; an error refuses it. */
export type Doubt = (session: Session, evaluation: Evaluation, slots: Slots, where8: Where8) => readonly Diagnostic[];

/** A proved bound of a hypergradient's error; without one a warning says why. */
export type Certify = (
  session: Session,
  at: Differentiated,
) => Promise<{ readonly error?: ErrorReport; readonly warnings: readonly Diagnostic[] }>;

/** Where an evaluation stands, for its diagnostics. */
export interface Moment {
  /** `at the start`, `at outer step 3`. */
  readonly when: string;
  readonly lastGood?: Point | undefined;
}

export const hyperSlots = (point: Point): Slots =>
  Object.fromEntries(Object.entries(point).map(([name, tensor]) => [`hyper:${name}`, tensor]));

function slot(slots: Slots, name: string, stage: StageName): Tensor {
  const tensor = slots[name];
  if (tensor === undefined) throw new InternalError('runtime', `the stage ${stage} gave no slot ${name}`);
  return tensor;
}

const number = (slots: Slots, name: string, stage: StageName): number => slot(slots, name, stage).data[0] ?? Number.NaN;

/** Runs a stage on what is put over what its slots hold already; false: interrupted. */
async function runStage({ executor, control }: Session, stage: StageName, put: Slots = {}): Promise<boolean> {
  if (await control.turn()) return false;
  executor.put(put);
  return (await executor.run(stage, control)) === 'done';
}

/** All results of a stage that has run; of `once` there is no need. */
async function resultsOf({ executor }: Session, stage: StageName): Promise<Slots> {
  const names = executor.results(stage);
  const tensors = await Promise.all(names.map((name) => executor.read(name)));
  return Object.fromEntries(names.map((name, i) => [name, tensors[i] as Tensor]));
}

export const nothingSpent = (): Session['spent'] => ({ evaluations: 0, innerSteps: 0, linearSteps: 0 });

/** Links a candidate and computes everything that depends on data alone. Who opens a session closes its executor. */
export async function openSession(
  module: ProblemModule,
  candidate: Candidate,
  bound: BoundProblem,
  control: RunControl,
  parts: SessionParts = {},
): Promise<Session | Failure> {
  const { folds } = bound;
  const linked =
    folds === undefined ? await module.link(candidate.id, bound.sizes) : await folds.link(module.link, candidate.id, folds.each);
  if (!linked.ok) return { ok: false, status: 'not-started', diagnostics: linked.diagnostics };
  const { executor } = linked;
  // Whatever else hands in the parts, what is the session's own comes after it.
  const session: Session = {
    ...parts,
    module,
    candidate,
    executor,
    bound,
    rounding: roundingOf(executor.describe()),
    control,
    spent: nothingSpent(),
    accuracy: undefined,
  };
  try {
    const wrong = parts.inFloat32?.uncountable(module.description, bound, executor.describe()) ?? [];
    const failure: Failure | undefined =
      wrong.length > 0
        ? { ok: false, status: 'not-started', diagnostics: wrong }
        : (await runStage(session, 'once', bound.slots))
          ? undefined
          : interrupted;
    if (failure === undefined) return session;
    executor.close();
    return failure;
  } catch (error) {
    executor.close();
    throw error;
  }
}

/** The declared starts of the hypers; undefined: interrupted. */
export async function declaredPoint(session: Session): Promise<Point | undefined> {
  if (!(await runStage(session, 'hypers'))) return undefined;
  const slots = await resultsOf(session, 'hypers');
  return Object.fromEntries(session.module.description.hypers.map(({ name }) => [name, slot(slots, `hyper:${name}`, 'hypers')]));
}

/** The declared start of the params, and of the adjoint, at a minimiser; a recipe makes its own. */
export async function declaredStart(session: Session, point: Point): Promise<Begin | undefined | 'interrupted'> {
  if (session.module.description.meaning === 'recipe') return undefined;
  if (!(await runStage(session, 'start', hyperSlots(point)))) return 'interrupted';
  const slots = await resultsOf(session, 'start');
  const v = slots['v:start'];
  return { x: slot(slots, 'start', 'start'), ...(v === undefined ? {} : { v }) };
}

/**
 * Runs `value` or `hypergradient` at a point. `start` is the declared start, `from` where the solves begin (default: there); a recipe
 * takes neither. Also ends with `interrupted`, and no diagnostic.
 */
export async function evaluateStage(
  session: Session,
  wanted: 'value' | 'hypergradient',
  point: Point,
  start: Begin | undefined,
  from: Begin | undefined,
  moment: Moment,
): Promise<Judged> {
  // What a module carries for its gradient serves its values too.
  const stage = session.executor.results(wanted).length === 0 ? 'hypergradient' : wanted;
  const begin: Slots = start === undefined ? {} : { start: start.x, x: (from ?? start).x };
  if (!(await runStage(session, stage, { ...hyperSlots(point), ...begin, ...session.iterative?.put(session, start, from) })))
    return interrupted;
  const slots = await resultsOf(session, stage);
  const ended = statusOf(number(slots, 'inner:status', stage));
  const inner: InnerReport = {
    loss: number(slots, 'inner:loss', stage),
    gradientNorm: number(slots, 'inner:gradient_norm', stage),
    steps: number(slots, 'inner:steps', stage),
    // The steps of a recipe are its meaning, not a limit that it fell short of.
    status: session.module.description.meaning === 'recipe' && (ended === 'step-limit' || ended === 'stalled') ? 'converged' : ended,
  };
  const linear = linearOutcome(slots);
  const { spent } = session;
  spent.evaluations += 1;
  spent.innerSteps += inner.steps;
  spent.linearSteps += linear?.steps ?? 0;
  const folds = await session.bound.folds?.ends(session.executor, stage);
  const evaluation: Evaluation = {
    point,
    outer: number(slots, 'outer', stage),
    ...session.iterative?.read(slots),
    inner,
    ...folds,
    ...(linear === undefined ? {} : { linear }),
    x: slot(slots, 'x', stage),
    ...(wanted === 'value'
      ? {}
      : {
          hypergradient: Object.fromEntries(
            session.module.description.hypers.map(({ name }) => [name, slot(slots, `hypergradient:${name}`, stage)]),
          ),
        }),
    ...(slots.v === undefined ? {} : { v: slots.v }),
  };
  return judge(session, evaluation, slots, moment);
}

/** The first cause comes first: a factorisation or a solver that failed explains the values that are not finite after it. */
function judge(session: Session, evaluation: Evaluation, slots: Slots, moment: Moment): Judged {
  const { description } = session.module;
  const { inner, linear } = evaluation;
  const ended = [inner.status, linear?.status];
  const innerWhere = { span: description.innerSpan };
  const where8: Where8 = {
    when: moment.when,
    at: describePoint(evaluation.point),
    lastGood: moment.lastGood === undefined ? undefined : describePoint(moment.lastGood),
  };
  const fail = (status: Status, diagnostic: Diagnostic): Judged => ({ ok: false, status, diagnostics: blamed(session, [diagnostic]) });

  const broken = session.brokenSolve?.(session, evaluation, where8);
  if (broken !== undefined) return fail(ended.includes('diverged') ? 'diverged' : 'negative-curvature', broken);
  if (ended.includes('not-positive-definite'))
    return fail('not-positive-definite', notPositiveDefinite(innerWhere, { ...where8, onSupport: description.composite !== undefined }));
  if (inner.status === 'not-finite' || !Number.isFinite(inner.loss))
    return fail('not-finite', notFinite(innerWhere, { ...where8, what: 'the inner loss', value: finiteText(inner.loss) }));
  if (!isFiniteTensor(evaluation.x))
    return fail('not-finite', notFinite(innerWhere, { ...where8, what: 'the inner solution', value: 'not finite in every element' }));
  if (!Number.isFinite(evaluation.outer))
    return fail(
      'not-finite',
      notFinite({ span: description.outerSpan }, { ...where8, what: 'the criterion', value: String(evaluation.outer) }),
    );
  const badHyper = description.hypers.find(({ name }) => {
    const tensor = evaluation.hypergradient?.[name];
    return tensor !== undefined && !isFiniteTensor(tensor);
  });
  if (badHyper !== undefined || linear?.status === 'not-finite') {
    const what = badHyper === undefined ? 'the hypergradient' : `the hypergradient of \`${badHyper.name}\``;
    const span = badHyper?.span ?? description.outerSpan;
    return fail(
      'not-finite',
      notFinite({ span, labels: [{ span: description.outerSpan, message: 'the criterion' }] }, { ...where8, what, value: 'not finite' }),
    );
  }

  const warnings = (session.doubts ?? []).flatMap((doubt) => doubt(session, evaluation, slots, where8));
  const refusal = warnings.find(({ severity }) => severity === 'error');
  if (refusal !== undefined) return fail(inner.status, refusal);
  const status = inner.status === 'converged' ? (linear?.status ?? 'converged') : inner.status;
  return { ok: true, evaluation, status, warnings: blamed(session, warnings) };
}

/** Diagnostics of a solved point, with the precision it was solved in where that may be the cause. */
export const blamed = ({ inFloat32, executor }: Session, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  inFloat32?.blamed(diagnostics, executor.describe()) ?? diagnostics;

const finiteText = (value: number): string => (Number.isFinite(value) ? 'not finite on the way to its minimiser' : String(value));

function linearOutcome(slots: Slots): Evaluation['linear'] {
  const code = slots['linear:status']?.data[0];
  if (code === undefined) return undefined;
  return {
    status: statusOf(code),
    steps: slots['linear:steps']?.data[0] ?? 0,
    residual: slots['linear:residual']?.data[0] ?? Number.NaN,
  };
}

/** What is computed after the last step, also of a solve that was interrupted: it gives turns, and is not stopped. */
export const unstopped = (session: Session): Session => ({ ...session, control: turns(undefined) });

/** The stage `error` at a point where the hypergradient was found: an estimate of the norm of its error, if the candidate has one. */
export async function estimateError(session: Session, { point, x, v }: Evaluation, start: Begin | undefined): Promise<number | undefined> {
  const begin: Slots = { ...(start === undefined ? {} : { start: start.x }), x, ...(v === undefined ? {} : { v }) };
  await runStage(unstopped(session), 'error', { ...hyperSlots(point), ...begin });
  return session.executor.results('error').includes('error') ? (await session.executor.read('error')).data[0] : undefined;
}

/** The stage `report` at a solved point. */
export async function reportStage(
  session: Session,
  evaluation: Evaluation,
): Promise<{ report: Record<string, number | Tensor>; param: Record<string, Tensor>; warnings: readonly Diagnostic[] }> {
  const { point, x } = evaluation;
  const { description } = session.module;
  await runStage(unstopped(session), 'report', { ...hyperSlots(point), x });
  const slots = await resultsOf(session, 'report');
  const report = description.reports.map(({ name }): [string, number | Tensor] => {
    const tensor = slot(slots, `report:${name}`, 'report');
    return [name, tensor.shape.length === 0 ? (tensor.data[0] ?? Number.NaN) : tensor];
  });
  const param = description.params.map(({ name }): [string, Tensor] => [name, slot(slots, `param:${name}`, 'report')]);
  const where8: Where8 = { when: 'at the end', at: describePoint(point) };
  const warnings = (session.remarks ?? []).flatMap((remark) => remark(session, evaluation, slots, where8));
  return { report: Object.fromEntries(report), param: Object.fromEntries(param), warnings };
}
