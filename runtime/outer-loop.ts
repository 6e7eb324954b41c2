/**
 * The outer loop: an outer method over search coordinates, from one start or several, at warm-started inner solutions. Owns the history,
 * the sign of `maximize`, the rounding of `int` hypers at the end, and how all of it ends. Knows neither data nor graphs.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { outerBlocked, outerOption, outerStepLimit, startFailed } from '../diagnostics/numerics.ts';
import type { Status } from '../plan/status.ts';
import { gradientResult, hypergradientAt } from './evaluate.ts';
import { project, pullBack, roundedInts, type SearchSpace, unpack } from './kinds.ts';
import type { Ended, Evaluate, Failed, Good, OuterMethod, Running, Settings } from './outer/method.ts';
import { numberSetting, projectedGradient, settingsOf } from './outer/method.ts';
import { keyOf, normal, shuffled, uniform } from './random.ts';
import { notStarted, type Opened } from './open.ts';
import type { Differentiated, DifferentiatedOrNot } from './session.ts';
import { closestName, describePoint, norm } from './tensor.ts';
import { interrupted } from './turn.ts';
import type { DriveOptions, OuterStep, Outcome, Point, RunResult } from './types.ts';

/** Standard deviation of drawn starts around the declared one, in search coordinates. */
const startSpread = 2;

/** One start that ran to its end. */
interface Solved {
  readonly start: number;
  readonly at: Good<Differentiated>;
  readonly steps: number;
  readonly ended: Ended;
}

interface Loop extends Opened {
  readonly options: DriveOptions;
  readonly method: OuterMethod;
  readonly settings: Settings;
  readonly began: number;
  /** +1 to minimise, −1 to maximise: the only place where the direction is known. */
  readonly sign: 1 | -1;
}

/** `methods`: the outer methods at hand, of which the page names one. */
export async function solveOuter(opened: Opened, options: DriveOptions, methods: readonly OuterMethod[]): Promise<Outcome<RunResult>> {
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
  const loop: Loop = { ...opened, options, method, settings, began: performance.now(), sign };
  return runStarts(loop);
}

async function runStarts(loop: Loop): Promise<Outcome<RunResult>> {
  const starts = numberSetting(loop.settings, 'starts');
  const history: OuterStep[] = [];
  const warnings: Diagnostic[] = [];
  let best: Solved | undefined;
  let firstFailure: Failed | undefined;
  for (let start = 0; start < starts; start += 1) {
    const z = start === 0 ? loop.z : drawnStart(loop.space, loop.z, loop.options.seed ?? 0, start, starts);
    const outcome = await runStart(loop, start, z, history);
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

/**
 * The start number `start` (from 1) of `starts`, keyed by the seed. Normal around the declared start; over a declared box, uniform and
 * stratified: each coordinate’s range is cut into as many parts as there are drawn starts, and each part is begun from once.
 * Source: McKay, Beckman & Conover (1979), Latin hypercube sampling.
 */
export function drawnStart(space: SearchSpace, declared: Float64Array, seed: number, start: number, starts: number): Float64Array {
  const key = keyOf(seed, `start:${start}`);
  const strata = Math.max(1, starts - 1);
  const drawn = declared.map((z, i) => {
    if (space.boxed[i] !== true) return z + startSpread * normal(key, i);
    const low = space.lower[i] ?? z;
    const stratum = shuffled(keyOf(seed, `strata:${i}`), strata)[start - 1] ?? 0;
    return low + (((space.upper[i] ?? z) - low) * (stratum + uniform(key, i))) / strata;
  });
  return project(space, drawn);
}

async function runStart(
  loop: Loop,
  start: number,
  z: Float64Array,
  history: OuterStep[],
): Promise<({ readonly ok: true } & Solved) | Failed> {
  // The declared point itself, not its image in search coordinates: exp(log θ) may differ from θ in the last bit.
  const point = start === 0 ? loop.point : unpack(loop.space, z);
  const first = await evaluateAt(loop, z, point, undefined, `at ${start === 0 ? 'the' : 'a drawn'} start`);
  if (!first.ok) return first;
  let running: Running<Differentiated> = loop.method.begin(first, loop.space, loop.settings, loop.session.rounding);
  await keep(loop, start, running, history);
  while (running.ended === undefined) {
    const step = running.step + 1;
    const evaluate: Evaluate<Differentiated> = (trial, from) =>
      evaluateAt(loop, trial, unpack(loop.space, trial), from, `at outer step ${step}`);
    const following = await running.next(evaluate);
    const isNew = following.step > running.step;
    running = following;
    if (isNew) await keep(loop, start, running, history);
  }
  return { ok: true, start, at: running.current, steps: running.step, ended: running.ended };
}

async function keep(loop: Loop, start: number, { current, step }: Running<Differentiated>, history: OuterStep[]): Promise<void> {
  const { evaluation } = current.payload;
  const entry: OuterStep = {
    start,
    step,
    outer: evaluation.outer,
    gradientNorm: norm(projectedGradient(loop.space, current.z, current.gradient)),
    innerSteps: evaluation.inner.steps,
    hyper: evaluation.point,
    elapsedMs: performance.now() - loop.began,
  };
  history.push(entry);
  await loop.options.onStep?.(entry, numberSetting(loop.settings, 'steps'));
}

/** Criterion and gradient in search coordinates, to be minimised; the inner solver starts from the last accepted solution. */
async function evaluateAt(
  loop: Loop,
  z: Float64Array,
  point: Point,
  from: Good<Differentiated> | undefined,
  when: string,
): Promise<Good<Differentiated> | Failed> {
  const last = from?.payload.evaluation;
  const at = await hypergradientAt(loop.session, point, loop.start, last?.x, { when, lastGood: last?.point });
  if (!at.ok) return at;
  const gradient = pullBack(loop.space, point, at.hypergradient).map((g) => loop.sign * g);
  return { ok: true, z, value: loop.sign * at.evaluation.outer, gradient, payload: at };
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
  const rounded = isStopped ? undefined : await atWholeNumbers(loop, payload);
  const final = rounded?.ok === true ? rounded : payload;
  const refits = !isStopped && loop.options.refit !== false;
  const { result, report, refit, failure: unfitted } = await gradientResult(loop.session, final, loop.start, { refits });
  const value: RunResult = {
    ...result,
    warnings: [...result.warnings, ...notes],
    outerStatus: best.ended.status,
    outerMethod: description.outer.name,
    ...(rounded?.ok === true ? { relaxed: { outer: payload.evaluation.outer, hyper: payload.evaluation.point } } : {}),
    history,
    report,
    ...(refit === undefined ? {} : { refit }),
    elapsedMs: performance.now() - loop.began,
  };
  if (failure !== undefined) return { ok: false, status: failure.status, diagnostics: [...failure.diagnostics, ...notes], lastGood: value };
  if (rounded?.ok === false && rounded.status !== 'interrupted')
    return { ok: false, status: rounded.status, diagnostics: [...rounded.diagnostics, ...notes], lastGood: value };
  if (unfitted !== undefined && unfitted.status !== 'interrupted')
    return { ok: false, status: unfitted.status, diagnostics: [...unfitted.diagnostics, ...notes], lastGood: value };
  const isInterrupted = rounded?.ok === false || unfitted !== undefined;
  return { ok: true, value: isInterrupted ? { ...value, outerStatus: 'interrupted' } : value };
}

/** `int` hypers were real numbers while they were searched: rounded, and solved again. */
async function atWholeNumbers(loop: Loop, relaxed: Differentiated): Promise<DifferentiatedOrNot | undefined> {
  const { point, x } = relaxed.evaluation;
  const rounded = roundedInts(loop.space, point);
  if (rounded === undefined) return undefined;
  const moment = { when: 'at the rounded hypers', lastGood: point };
  return hypergradientAt(loop.session, rounded, loop.start, x, moment);
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
