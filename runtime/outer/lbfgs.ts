/**
 * Projected L-BFGS over a box: two-loop recursion on the coordinates that are free, the active set taken anew at every step, a line search
 * along the projected path. A trial that cannot be evaluated shortens the step; only where no trial can be accepted does the method end.
 * Source: Nocedal & Wright (2006), algorithm 7.4; Bertsekas (1982) for the projection; Hager & Zhang (2005) for acceptance near rounding.
 */
import { outerDefaults, outerMemory } from '../../plan/defaults.ts';
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
  type Trial,
  wholeOption,
} from './method.ts';

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
}

/** Sufficient decrease (Armijo), and the slope that is left above which a step is lengthened (Wolfe). */
const decrease = 1e-4;
const curvature = 0.9;
const mostTrials = 40;
const mostExpansions = 12;

export const lbfgs: OuterMethod = {
  name: 'lbfgs',
  options: [wholeOption('steps', outerDefaults.steps, 0), toleranceOption(float64.tolerance), wholeOption('memory', outerMemory.memory, 1)],
  begin<P>(first: Good<P>, box: Box, settings: Readonly<Record<string, number | boolean>>, rounding = float64): Running<P> {
    const memory = numberSetting(settings, 'memory');
    const endOf = endsOf(first, box, settings);
    const make = (
      current: Good<P>,
      step: number,
      pairs: readonly Pair[],
      stalls: number,
      ended = endOf(current, step, stalls),
    ): Running<P> => ({
      current,
      step,
      ended,
      async next(evaluate) {
        let found = await search(current, pairs, box, rounding, evaluate);
        // A direction from old curvature may be useless; the gradient's own is tried before giving up.
        if (found.accepted === undefined && pairs.length > 0 && found.failed?.status !== 'interrupted')
          found = await search(current, [], box, rounding, evaluate);
        const { accepted, failed } = found;
        if (accepted === undefined) return make(current, step, pairs, stalls, blockedBy(failed, found.allFailed));
        const following = remember(found.usedMemory ? pairs : [], current, accepted, memory);
        return make(accepted, step + 1, following, isStill(current, accepted, rounding) ? stalls + 1 : 0);
      },
      again: (point) => make(point, step, pairs, 0),
    });
    return make(first, 0, [], 0);
  },
};

function remember<P>(pairs: readonly Pair[], from: Good<P>, to: Good<P>, memory: number): readonly Pair[] {
  const s = to.z.map((x, i) => x - (from.z[i] ?? 0));
  const y = to.gradient.map((g, i) => g - (from.gradient[i] ?? 0));
  return dot(s, y) > Number.EPSILON * norm(s) * norm(y) ? [...pairs, { s, y }].slice(-memory) : pairs;
}

/** −H g on the free coordinates, zero on the others; with no usable curvature, −g there. */
function direction(gradient: Float64Array, pairs: readonly Pair[], free: readonly boolean[]): { d: Float64Array; usedMemory: boolean } {
  const masked = (v: Float64Array): Float64Array => v.map((x, i) => (free[i] === true ? x : 0));
  const restricted = pairs
    .map(({ s, y }) => ({ s: masked(s), y: masked(y) }))
    .map((pair) => ({ ...pair, sy: dot(pair.s, pair.y) }))
    .filter(({ s, y, sy }) => sy > Number.EPSILON * norm(s) * norm(y));
  const g = masked(gradient);
  let q = g;
  const alphas: number[] = [];
  for (const { s, y, sy } of [...restricted].reverse()) {
    const alpha = dot(s, q) / sy;
    alphas.unshift(alpha);
    q = q.map((x, i) => x - alpha * (y[i] ?? 0));
  }
  const last = restricted.at(-1);
  const scale = last === undefined ? 1 : last.sy / dot(last.y, last.y);
  q = q.map((x) => x * scale);
  restricted.forEach(({ s, y, sy }, k) => {
    const beta = dot(y, q) / sy;
    q = q.map((x, i) => x + ((alphas[k] ?? 0) - beta) * (s[i] ?? 0));
  });
  const d = q.map((x) => -x);
  const isDescent = dot(d, g) < -1e-14 * norm(d) * norm(g);
  return isDescent ? { d, usedMemory: last !== undefined } : { d: g.map((x) => -x), usedMemory: false };
}

interface Found<P> {
  readonly accepted: Good<P> | undefined;
  readonly failed: Failed | undefined;
  /** Whether every trial failed: the problem cannot be solved anywhere along the path. */
  readonly allFailed: boolean;
  readonly usedMemory: boolean;
}

/** One line search along z(t) = P(z + t d). */
async function search<P>(current: Good<P>, pairs: readonly Pair[], box: Box, rounding: Rounding, evaluate: Evaluate<P>): Promise<Found<P>> {
  const free = [...current.gradient].map((g, i) => !isBlocked(box, current.z[i] ?? 0, g, i));
  const { d, usedMemory } = direction(current.gradient, pairs, free);
  const longest = d.reduce(
    (t, x, i) => Math.min(t, (box.stepLimit[i] ?? Number.POSITIVE_INFINITY) / Math.abs(x)),
    Number.POSITIVE_INFINITY,
  );
  const largest = d.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  // Without curvature the length of a gradient says nothing about the length of a step: begin with at most one unit, and lengthen.
  let t = Math.min(longest, usedMemory ? 1 : Math.min(1, 1 / largest));
  let failed: Failed | undefined;
  let allFailed = true;
  const at = (length: number): Float64Array =>
    project(
      box,
      current.z.map((x, i) => x + length * (d[i] ?? 0)),
    );
  for (let trials = 0; trials < mostTrials; trials += 1) {
    const z = at(t);
    if (z.every((x, i) => x === current.z[i])) break;
    const trial = await evaluate(z, current);
    if (!trial.ok) {
      failed = trial;
      if (trial.status === 'interrupted') break;
      t *= 0.1;
      continue;
    }
    allFailed = false;
    if (accepts(current, trial, rounding)) {
      const accepted = trials === 0 ? await lengthen(current, trial, t, longest, usedMemory ? 2 : 4, at, rounding, evaluate) : trial;
      return { accepted, failed, allFailed, usedMemory };
    }
    t = shorter(current, trial, t);
  }
  return { accepted: undefined, failed, allFailed, usedMemory };
}

/** gᵀ(z(t) − z) at one of the ends. */
const along = <P>(gradient: Float64Array, current: Good<P>, trial: Good<P>): number =>
  gradient.reduce((sum, g, i) => sum + g * ((trial.z[i] ?? 0) - (current.z[i] ?? 0)), 0);

function accepts<P>(current: Good<P>, trial: Good<P>, rounding: Rounding): boolean {
  const slope = along(current.gradient, current, trial);
  if (slope >= 0) return false;
  if (trial.value <= current.value + decrease * slope) return true;
  // Where that hides the descent, the slopes still show it.
  return (
    trial.value <= current.value + uncertainty(current, trial, rounding) &&
    along(trial.gradient, current, trial) <= (2 * decrease - 1) * slope
  );
}

/** The minimum of the parabola through what is known, kept within a tenth and a half. */
function shorter<P>(current: Good<P>, trial: Good<P>, t: number): number {
  const slope = along(current.gradient, current, trial);
  const bend = trial.value - current.value - slope;
  const ratio = bend > 0 ? -slope / (2 * bend) : 0.5;
  return t * Math.min(0.5, Math.max(0.1, ratio));
}

/** While the criterion still falls steeply at the end of the step: a longer one, if that is better. */
async function lengthen<P>(
  current: Good<P>,
  first: Good<P>,
  length: number,
  longest: number,
  factor: number,
  at: (length: number) => Float64Array,
  rounding: Rounding,
  evaluate: Evaluate<P>,
): Promise<Good<P>> {
  let best = first;
  let t = length;
  for (let n = 0; n < mostExpansions && t < longest; n += 1) {
    if (along(best.gradient, current, best) > curvature * along(current.gradient, current, best)) break;
    t = Math.min(longest, t * factor);
    const z = at(t);
    if (z.every((x, i) => x === best.z[i])) break;
    const trial: Trial<P> = await evaluate(z, current);
    if (!trial.ok || !accepts(current, trial, rounding) || trial.value >= best.value) break;
    best = trial;
  }
  return best;
}
