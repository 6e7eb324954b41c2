/**
 * A trust region over a box. The model is quadratic, its curvature remembered by symmetric rank-one updates of the last steps, also of the
 * trials that were not accepted; unlike BFGS it follows negative curvature. Its minimum within the radius is sought by conjugate gradients
 * on the coordinates that are free, and the step to it is projected into the box. A trial that cannot be evaluated shortens the radius.
 * Source: Nocedal & Wright (2006), algorithm 6.2 (the updates and the radius), algorithm 7.2 (Steihaug: the step); Bertsekas (1982) for
 * the projection; Conn, Gould & Toint (2000), §17.4.2, for acceptance near rounding.
 */
import { modelMemory, outerDefaults } from '../../plan/defaults.ts';
import { project } from '../kinds.ts';
import { float64, type Rounding } from '../rounding.ts';
import { dot, norm } from '../tensor.ts';
import { blockedBy, endsOf, isStill, uncertainty } from './ends.ts';
import {
  type Box,
  type Evaluate,
  type Failed,
  type Good,
  isBlocked,
  numberSetting,
  type OuterMethod,
  type Running,
  toleranceOption,
  wholeOption,
} from './method.ts';

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
}

/** What the model has learned: the last pairs, and how far it is trusted. */
interface Model {
  readonly pairs: readonly Pair[];
  readonly radius: number;
}

/** The least share of the predicted decrease for which a trial is accepted; below the second one the radius shrinks, above the third it may grow. */
const [least, poor, good] = [1e-4, 0.1, 0.75] as const;
const mostTrials = 40;

export const trustRegion: OuterMethod = {
  name: 'trust_region',
  options: [wholeOption('steps', outerDefaults.steps, 0), toleranceOption(float64.tolerance), wholeOption('memory', modelMemory.memory, 1)],
  begin<P>(first: Good<P>, box: Box, settings: Readonly<Record<string, number | boolean>>, rounding = float64): Running<P> {
    const memory = numberSetting(settings, 'memory');
    const endOf = endsOf(first, box, settings);
    const make = (current: Good<P>, step: number, model: Model, stalls: number, ended = endOf(current, step, stalls)): Running<P> => ({
      current,
      step,
      ended,
      async next(evaluate) {
        const found = await search(current, model, memory, box, rounding, evaluate);
        if (found.accepted === undefined) return make(current, step, model, stalls, blockedBy(found.failed, found.allFailed));
        return make(found.accepted, step + 1, found.model, isStill(current, found.accepted, rounding) ? stalls + 1 : 0);
      },
      again: (point) => make(point, step, model, 0),
    });
    return make(first, 0, { pairs: [], radius: 1 }, 0);
  },
};

interface Found<P> {
  readonly accepted: Good<P> | undefined;
  readonly model: Model;
  readonly failed: Failed | undefined;
  readonly allFailed: boolean;
}

/** Trials within a radius that shrinks, until one is accepted. */
async function search<P>(
  current: Good<P>,
  { pairs: known, radius: widest }: Model,
  memory: number,
  box: Box,
  rounding: Rounding,
  evaluate: Evaluate<P>,
): Promise<Found<P>> {
  let [pairs, radius] = [known, widest];
  let failed: Failed | undefined;
  let allFailed = true;
  const { z, gradient } = current;
  const free = z.map((x, i) => (isBlocked(box, x, gradient[i] ?? 0, i) ? 0 : 1));
  for (let trials = 0; trials < mostTrials; trials += 1) {
    const times = curvatureOf(pairs);
    const step = withinLimits(box, modelStep(gradient, times, free, radius, pairs.length));
    const at = project(box, plus(z, 1, step));
    const s = plus(at, -1, z);
    const length = norm(s);
    if (length === 0) break;
    const predicted = -dot(gradient, s) - dot(s, times(s)) / 2;
    // The projection turned the step uphill: a shorter one is turned less.
    if (!(predicted > 0)) {
      radius = length / 4;
      continue;
    }
    const trial = await evaluate(at, current);
    if (!trial.ok) {
      failed = trial;
      if (trial.status === 'interrupted') break;
      radius = length / 10;
      continue;
    }
    allFailed = false;
    pairs = [...pairs, { s, y: plus(trial.gradient, -1, gradient) }].slice(-memory);
    const ratio = decreaseOf(current, trial, s, predicted, rounding) / predicted;
    if (!(ratio >= poor)) radius = Math.min(radius, length) / 2;
    else if (ratio > good && length > 0.8 * radius) radius = 2 * radius;
    if (ratio > least) return { accepted: trial, model: { pairs, radius }, failed, allFailed };
  }
  return { accepted: undefined, model: { pairs, radius }, failed, allFailed };
}

/** How much a trial lowers the criterion; where that could not be told, by the slopes at both ends. */
function decreaseOf(current: Good<unknown>, trial: Good<unknown>, s: Float64Array, predicted: number, rounding: Rounding): number {
  if (predicted > uncertainty(current, trial, rounding)) return current.value - trial.value;
  return -(dot(current.gradient, s) + dot(trial.gradient, s)) / 2;
}

const plus = (a: Float64Array, factor: number, b: Float64Array): Float64Array => a.map((x, i) => x + factor * (b[i] ?? 0));

/** The whole step, so short that no coordinate moves farther than it should. */
function withinLimits({ stepLimit }: Box, step: Float64Array): Float64Array {
  const share = step.reduce((least, x, i) => Math.min(least, (stepLimit[i] ?? Number.POSITIVE_INFINITY) / Math.abs(x)), 1);
  return step.map((x) => share * x);
}

/** v ↦ Bv, B from the identity, scaled by the last pair that curves upwards, by a rank-one update for each pair that admits one. */
function curvatureOf(pairs: readonly Pair[]): (v: Float64Array) => Float64Array {
  const upward = pairs.findLast(({ s, y }) => dot(s, y) > Number.EPSILON * norm(s) * norm(y));
  const scale = upward === undefined ? 1 : dot(upward.y, upward.y) / dot(upward.s, upward.y);
  const updates: { readonly r: Float64Array; readonly rs: number }[] = [];
  const times = (v: Float64Array): Float64Array =>
    updates.reduce<Float64Array>(
      (sum, { r, rs }) => plus(sum, dot(r, v) / rs, r),
      v.map((x) => scale * x),
    );
  for (const { s, y } of pairs) {
    const r = plus(y, -1, times(s));
    const rs = dot(r, s);
    if (Math.abs(rs) > 1e-8 * norm(r) * norm(s)) updates.push({ r, rs });
  }
  return times;
}

/** The model's minimum within the radius, by conjugate gradients that end where they leave it or meet negative curvature. */
function modelStep(
  gradient: Float64Array,
  times: (v: Float64Array) => Float64Array,
  free: Float64Array,
  radius: number,
  rank: number,
): Float64Array {
  const freed = (v: Float64Array): Float64Array => v.map((x, i) => x * (free[i] ?? 0));
  let p: Float64Array = new Float64Array(gradient.length);
  let r = freed(gradient);
  let d: Float64Array = r.map((x) => -x);
  const enough = 1e-10 * norm(r);
  // In exact arithmetic one step more than B has updates is enough.
  for (let k = 0; k < 2 * (rank + 2) && norm(r) > enough; k += 1) {
    const image = freed(times(d));
    const bend = dot(d, image);
    const length = dot(r, r) / bend;
    const next = plus(p, length, d);
    if (!(bend > 0) || norm(next) >= radius) return plus(p, toBoundary(p, d, radius), d);
    const residual = plus(r, length, image);
    d = plus(
      residual.map((x) => -x),
      dot(residual, residual) / dot(r, r),
      d,
    );
    [p, r] = [next, residual];
  }
  return p;
}

/** t ≥ 0 with ‖p + t d‖ = radius. */
function toBoundary(p: Float64Array, d: Float64Array, radius: number): number {
  const [pd, dd, gap] = [dot(p, d), dot(d, d), radius * radius - dot(p, p)];
  return gap / (pd + Math.sqrt(pd * pd + dd * gap));
}
