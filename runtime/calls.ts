/** The calls of an application on data that are held: each a function of its own, so that a bundle has those that are called. */
import { verify } from './drive.ts';
import { evaluationResult, gradientResult, hypergradientAt } from './evaluate.ts';
import { candidateOfHeld, differentiated, driveOptions, evaluated, fail, named, pointGiven, type Held } from './held.ts';
import type {
  CallOptions,
  Evaluation,
  Hypergradient,
  HypergradientOptions,
  Solution,
  SolveOptions,
  Some,
  Step,
  Verification,
  VerifyOptions,
} from './module.ts';
import type { ProblemModule } from '../plan/types.ts';
import { isFailure, openAt, type Opened } from './open.ts';
import { solveOuter } from './outer-loop.ts';
import { shrunken } from './shrunken.ts';
import { evaluateStage, type Moment, nothingSpent, openSession, type Session } from './session.ts';
import { interrupted, turns } from './turn.ts';
import type { Failure, OuterStep, RunResult } from './types.ts';

/** Positions of each dim on which strategies are compared unless more are asked for. */
const fewPositions = 64;
/** In milliseconds: the most that timers count to. */
const longestTimer = 2 ** 31 - 1;

/** Opens the session that a call is to use. */
export type Opener = (options: CallOptions) => Promise<Session | Failure>;

/** Who opens it closes its executor. */
export async function openHeld(held: Held, { signal, onInnerSteps }: CallOptions): Promise<Session | Failure> {
  const candidate = candidateOfHeld(held);
  if (isFailure(candidate)) return candidate;
  return openSession(held.module, candidate, held.data, turns(signal, onInnerSteps), held.code);
}

/** A call on the session that is kept, or on one of its own, which is closed when the call ends. */
async function onSession<Result>(
  held: Held,
  options: CallOptions,
  kept: Opener | undefined,
  call: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = await (kept === undefined ? openHeld(held, options) : kept(options));
  if (isFailure(session)) return fail(held, session, options);
  try {
    return await call({ ...session, control: turns(options.signal, options.onInnerSteps), spent: nothingSpent() });
  } finally {
    if (kept === undefined) session.executor.close();
  }
}

export const differentiateHeld = <Hyper, Param, Report>(
  held: Held,
  hyper: Some<Hyper> = {},
  options: HypergradientOptions = {},
  kept?: Opener,
): Promise<Hypergradient<Hyper, Param, Report>> =>
  atPoint(held, hyper, options, kept, async ({ session, point, start }, refits) => {
    const at = await hypergradientAt(session, point, start, undefined, atHypersGiven);
    if (!at.ok) return fail(held, at, options);
    const { result, report, failure } = await gradientResult(session, at, start, { refits, error: options.error });
    return failure === undefined ? differentiated(held, result, report) : fail(held, failure, options);
  });

export const evaluateHeld = <Hyper, Param, Report>(
  held: Held,
  hyper: Some<Hyper> = {},
  options: CallOptions = {},
  kept?: Opener,
): Promise<Evaluation<Hyper, Param, Report>> =>
  atPoint(held, hyper, options, kept, async ({ session, point, start }, refits) => {
    const at = await evaluateStage(session, 'value', point, start, undefined, atHypersGiven);
    if (!at.ok) return fail(held, at, options);
    const { result, report, failure } = await evaluationResult(session, at, { refits });
    return failure === undefined ? evaluated(held, result, report) : fail(held, failure, options);
  });

const atHypersGiven: Moment = { when: 'at the hypers given' };

/** A call at one point. `refits`: one fit more of a problem with folds is worth its time where something is reported of it. */
const atPoint = <Hyper, Result>(
  held: Held,
  hyper: Some<Hyper>,
  options: CallOptions,
  kept: Opener | undefined,
  call: (opened: Opened, refits: boolean) => Promise<Result>,
): Promise<Result> =>
  onSession(held, options, kept, async (session) => {
    const opened = await openAt(session, pointGiven(held, hyper));
    if (isFailure(opened)) return fail(held, opened, options);
    return call(
      opened,
      held.code.description.reports.some(({ atRefit }) => atRefit === true),
    );
  });

export async function solveHeld<Hyper, Param, Report, Refit, Chosen>(
  held: Held,
  options: SolveOptions<Hyper> = {},
  kept?: Opener,
): Promise<Solution<Hyper, Param, Report, Refit, Chosen>> {
  const { budget = {}, onStep, onInnerSteps, hyper } = options;
  const point = pointGiven(held, hyper ?? {});
  const time = budget.milliseconds === undefined ? undefined : AbortSignal.timeout(Math.min(Math.ceil(budget.milliseconds), longestTimer));
  const signals = [options.signal, time].filter((signal) => signal !== undefined);
  const ended = signals.length === 0 ? {} : { signal: AbortSignal.any(signals) };
  const drive = {
    ...driveOptions(held, {}),
    ...(options.accuracy === undefined ? {} : { accuracy: options.accuracy }),
    ...(options.refit === undefined ? {} : { refit: options.refit }),
    ...(onStep === undefined ? {} : { onStep: (step: OuterStep, total: number | undefined) => onStep(stepOf(step), total) }),
  };
  const call = { ...ended, ...(onInnerSteps === undefined ? {} : { onInnerSteps }) };
  return onSession(held, call, kept, async (session) => {
    const start = await openAt({ ...session, module: withSteps(session.module, budget.steps) }, point);
    if (isFailure(start)) return fail(held, start, ended);
    const outcome = await solveOuter(start, drive, held.code.outerMethods);
    const reached = outcome.ok ? outcome.value : outcome.lastGood;
    const solution = reached === undefined ? undefined : solved<Hyper, Param, Report, Refit, Chosen>(held, reached);
    const isOutOfTime = time?.aborted === true && options.signal?.aborted !== true;
    if (solution !== undefined && (isOutOfTime || (outcome.ok && solution.outerStatus !== 'interrupted'))) return solution;
    return fail(held, outcome.ok ? interrupted : outcome, ended, solution);
  });
}

export async function verifyHeld<Hyper>(held: Held, options: VerifyOptions = {}): Promise<Verification<Hyper>> {
  const { largest = fewPositions } = options;
  const few = await shrunken(held.module.description, held.data, largest, held.options.seed, held.code);
  const outcome = await verify(held.module, few, driveOptions(held, options));
  if (!outcome.ok) return fail(held, outcome, options);
  const { rows, agrees } = outcome.value;
  return {
    agrees,
    sizes: few.sizes,
    rows: rows.map(({ strategy, solver, result, relativeDifference, agrees: isSame, because }) => ({
      strategy,
      solver,
      ...(result === undefined ? {} : { hypergradient: named<Hyper>(result.hypergradient) }),
      ...(relativeDifference === undefined ? {} : { relativeDifference }),
      ...(isSame === undefined ? {} : { agrees: isSame }),
      ...(because === undefined ? {} : { because }),
    })),
  };
}

const stepOf = <Hyper>({ hyper, ...step }: OuterStep): Step<Hyper> => ({ ...step, hyper: named(hyper) });

function solved<Hyper, Param, Report, Refit, Chosen>(held: Held, result: RunResult): Solution<Hyper, Param, Report, Refit, Chosen> {
  const { outerStatus, outerMethod, chosen, whole, history, spent, elapsedMs, report, refit, ...found } = result;
  return {
    ...differentiated<Hyper, Param, Report>(held, found, report),
    outerStatus,
    outerMethod,
    ...(whole === undefined ? {} : { chosen: chosen as Chosen, whole }),
    history: history.map((step) => stepOf<Hyper>(step)),
    spent,
    ...(refit === undefined ? {} : { refit: { ...refit, param: named<Refit>(refit.param) } }),
    elapsedMs,
  };
}

/** A budget is no more than the page allows. */
function withSteps(module: ProblemModule, steps: number | undefined): ProblemModule {
  if (steps === undefined) return module;
  const { description } = module;
  const { outer } = description;
  const { steps: limit = steps } = outer.options;
  const least = Math.min(steps, Number(limit));
  return { ...module, description: { ...description, outer: { ...outer, options: { ...outer.options, steps: least } } } };
}
