/**
 * The outer loop: an outer method over search coordinates, from one start or several, at warm-started inner solutions. Owns the history,
 * the sign of `maximize`, and how all of it ends. Knows neither data nor graphs.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { outerBlocked, outerOption, outerStepLimit, startFailed } from '../diagnostics/numerics.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import type { Status } from '../plan/status.ts';
import { gradientResult, hypergradientAt } from './evaluate.ts';
import { pullBack, unpack } from './kinds.ts';
import type { Ended, Evaluate, Failed, Good, OuterMethod, Running, Settings } from './outer/method.ts';
import { numberSetting, projectedGradient, settingsOf } from './outer/method.ts';
import { isFailure, notStarted, type Opened } from './open.ts';
import { type Differentiated, unstopped } from './session.ts';
import { closestName, describePoint, norm } from './tensor.ts';
import { interrupted } from './turn.ts';
import type { DriveOptions, Failure, OuterStep, Outcome, Point, RunResult } from './types.ts';

/** One start that ran to its end. */
interface Solved {
  readonly start: number;
  readonly at: Good<Differentiated>;
  readonly steps: number;
  readonly ended: Ended;
}

export interface Loop extends Opened {
  readonly options: DriveOptions;
  readonly method: OuterMethod;
  readonly settings: Settings;
  readonly began: number;
  /** +1 to minimise, −1 to maximise: the only place where the direction is known. */
  readonly sign: 1 | -1;
}

/** `methods`: the outer methods at hand, of which the page names one. */
export async function solveOuter(opened: Opened, options: DriveOptions, methods: readonly OuterMethod[]): Promise<Outcome<RunResult>> {
  const loop = loopOf(opened, options, methods);
  return isFailure(loop) ? loop : runStarts(loop);
}

/** All that a run needs before its first point. */
export function loopOf(opened: Opened, options: DriveOptions, methods: readonly OuterMethod[]): Loop | Failure {
  const { description } = opened.session.module;
  const method = methods.find((m) => m.name === description.outer.name);
  if (method === undefined) {
    const names = methods.map((m) => m.name);
    const reason = `is not an outer solver of this version; it has ${names.join(', ')}`;
    const { name } = description.outer;
    return notStarted([
      outerOption({ span: description.outerSpan }, { method: name, option: name, reason, closest: closestName(name, names) }),
    ]);
  }
  const { settings, diagnostics } = settingsOf(method, description.outer.options, description.outerSpan, opened.session.rounding);
  if (diagnostics.length > 0) return notStarted(diagnostics);
  const sign = description.direction === 'maximize' ? -1 : 1;
  const adapted = opened.session.adapt?.(method, opened.session, settings, options);
  return { ...opened, options, method: adapted ?? method, settings, began: performance.now(), sign };
}

/** From every start to its end. `first`: the declared one, where it has been evaluated already. */
export async function runStarts(loop: Loop, first?: Good<Differentiated> | Failed): Promise<Outcome<RunResult>> {
  const starts = numberSetting(loop.settings, 'starts');
  const history: OuterStep[] = [];
  const warnings: Diagnostic[] = [];
  let best: Solved | undefined;
  let firstFailure: Failed | undefined;
  for (let start = 0; start < starts; start += 1) {
    const outcome = await runStart(loop, start, (start === 0 ? first : undefined) ?? (await firstAt(loop, start)), history);
    const solved = outcome.ok ? outcome : undefined;
    const failed = outcome.ok ? outcome.ended.failure : outcome;
    // A start that failed on its way is no optimum, but its last good state is better than none.
    if (solved !== undefined && isBetter(solved, best)) best = solved;
    if (solved?.ended.status === 'interrupted' || failed?.status === 'interrupted') {
      if (best !== undefined) best = { ...best, ended: { status: 'interrupted' } };
      else firstFailure = interrupted;
      break;
    }
    if (failed === undefined) continue;
    firstFailure ??= failed;
    if (starts > 1)
      warnings.push(startFailed({ span: loop.session.module.description.outerSpan }, { start, starts, because: messageOf(failed) }));
  }
  if (best === undefined) return firstFailure ?? interrupted;
  return finish(loop, best, history, warnings);
}

const messageOf = (failed: Failed): string => failed.diagnostics[0]?.message ?? failed.status;

/** One that ended by itself is better than one that failed; among equals, the lower criterion. */
function isBetter(a: Solved, b: Solved | undefined): boolean {
  if (b === undefined) return true;
  const [aFailed, bFailed] = [a.ended.failure !== undefined, b.ended.failure !== undefined];
  return aFailed === bFailed ? a.at.value < b.at.value : bFailed;
}

const missing = (): never => {
  throw new InternalError('outer loop', 'several starts, and nothing that draws them');
};

/** Where a start begins; the solves there at `from`, or at their own. */
export function firstAt(loop: Loop, start: number, from?: Good<Differentiated>): Promise<Good<Differentiated> | Failed> {
  const { space, settings, options, method } = loop;
  const { drawnStart = missing } = loop.session;
  const z = start === 0 ? loop.z : drawnStart(space, loop.z, options.seed ?? 0, start, numberSetting(settings, 'starts'));
  // The declared point itself, not its image in search coordinates: exp(log θ) may differ from θ in the last bit.
  const point = start === 0 ? loop.point : unpack(space, z);
  return evaluateAt(loop, z, point, from, `at ${start === 0 ? 'the' : 'a drawn'} start`, method.first);
}

async function runStart(
  loop: Loop,
  start: number,
  first: Good<Differentiated> | Failed,
  history: OuterStep[],
): Promise<({ readonly ok: true } & Solved) | Failed> {
  if (!first.ok) return first;
  let running: Running<Differentiated> = loop.method.begin(first, loop.space, loop.settings, loop.session.rounding);
  await keep(loop, start, running, history);
  while (running.ended === undefined) {
    const step = running.step + 1;
    const evaluate: Evaluate<Differentiated> = (trial, from, accuracy) =>
      evaluateAt(loop, trial, unpack(loop.space, trial), from, `at outer step ${step}`, accuracy);
    const following = await running.next(evaluate);
    const isNew = following.step > running.step;
    if (isNew || following.current !== running.current) await keep(loop, start, following, history, isNew);
    running = following;
  }
  return { ok: true, start, at: running.current, steps: running.step, ended: running.ended };
}

/** In the history, a step more, or the last one as it was evaluated once more. */
async function keep(
  loop: Loop,
  start: number,
  { current, step }: Pick<Running<Differentiated>, 'current' | 'step'>,
  history: OuterStep[],
  isNew = true,
): Promise<void> {
  if (!isNew) history.pop();
  const before = history.reduce((sum, { innerSteps }) => sum + innerSteps, 0);
  const { evaluation } = current.payload;
  const entry: OuterStep = {
    start,
    step,
    outer: evaluation.outer,
    gradientNorm: norm(projectedGradient(loop.space, current.z, current.gradient)),
    innerSteps: loop.session.spent.innerSteps - before,
    hyper: evaluation.point,
    elapsedMs: performance.now() - loop.began,
  };
  history.push(entry);
  if (isNew) await loop.options.onStep?.(entry, numberSetting(loop.settings, 'steps'));
}

/** Criterion and gradient in search coordinates, to be minimised; the inner solver starts from the last accepted solution. */
async function evaluateAt(
  loop: Loop,
  z: Float64Array,
  point: Point,
  from: Good<Differentiated> | undefined,
  when: string,
  accuracy?: number,
): Promise<Good<Differentiated> | Failed> {
  const last = from?.payload.evaluation;
  const session = accuracy === 0 ? unstopped(loop.session) : loop.session;
  const at = await hypergradientAt({ ...session, accuracy }, point, loop.start, last, { when, lastGood: last?.point });
  if (!at.ok) return at;
  const gradient = pullBack(loop.space, point, at.hypergradient).map((g) => loop.sign * g);
  const { outer, corrected = outer, reached = 0 } = at.evaluation;
  return { ok: true, z, value: loop.sign * corrected, slack: Math.abs(outer - corrected), gradient, reached, accuracy, payload: at };
}

async function finish(
  loop: Loop,
  best: Solved,
  history: readonly OuterStep[],
  warnings: readonly Diagnostic[],
): Promise<Outcome<RunResult>> {
  const { description } = loop.session.module;
  const { payload } = best.at;
  const { failure } = best.ended;
  const notes = [...warnings, ...endWarnings(loop, best)];
  const isStopped = failure !== undefined || best.ended.status === 'interrupted';
  const solveWhole = loop.session.wholeOf?.(loop);
  const refits = !isStopped && loop.options.refit !== false;
  const found = await gradientResult(loop.session, payload, loop.start, { refits: refits && solveWhole === undefined });
  const first = history.find(({ start }) => start === best.start);
  const doubts = isStopped || first === undefined ? [] : ((await loop.session.outerDoubts?.({ ...loop, first, last: best.at })) ?? []);
  const spent = { ...loop.session.spent };
  const whole = isStopped ? undefined : await solveWhole?.(payload.evaluation.point, refits);
  const made = whole?.ok === true ? whole : undefined;
  const { result, report, refit } = found;
  const value: RunResult = {
    ...result,
    warnings: [...result.warnings, ...notes, ...doubts, ...(made?.warnings ?? [])],
    outerStatus: best.ended.status,
    outerMethod: description.outer.name,
    history,
    spent,
    report,
    ...(refit === undefined ? {} : { refit }),
    ...made?.result,
    elapsedMs: performance.now() - loop.began,
  };
  if (failure !== undefined) return { ok: false, status: failure.status, diagnostics: [...failure.diagnostics, ...notes], lastGood: value };
  // What follows the last step: the whole solution, and the refit.
  const unfinished = whole?.ok === false ? whole : (made?.failure ?? found.failure);
  if (unfinished === undefined) return { ok: true, value };
  if (unfinished.status === 'interrupted') return { ok: true, value: { ...value, outerStatus: 'interrupted' } };
  return { ok: false, status: unfinished.status, diagnostics: [...unfinished.diagnostics, ...notes], lastGood: value };
}

function endWarnings(loop: Loop, { ended, at, steps }: Solved): readonly Diagnostic[] {
  const { outerSpan } = loop.session.module.description;
  const tolerance = numberSetting(loop.settings, 'tolerance');
  const status: Status = ended.status;
  if (ended.blockedBy !== undefined) {
    const where8 = { when: `at outer step ${steps}`, at: describePoint(at.payload.evaluation.point) };
    return [outerBlocked({ span: outerSpan }, { ...where8, because: messageOf(ended.blockedBy) })];
  }
  // Without a tolerance the steps are what was asked for, and were done.
  if (status !== 'step-limit' || tolerance === 0) return [];
  const gradientNorm = norm(projectedGradient(loop.space, at.z, at.gradient));
  return [outerStepLimit({ span: outerSpan }, { method: loop.method.name, steps, gradientNorm, tolerance })];
}
