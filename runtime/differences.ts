/**
 * Derivatives by Richardson-extrapolated differences, with an estimate of their own error: what every strategy is checked against.
 * Each coordinate is moved in its hyper's own space, inside the kind's domain; beside a closed bound the differences are one-sided.
 * Source: Ridders (1982); the tableau is Romberg's, its entry the one with the least estimated error (extrapolation and rounding).
 */
import type { Tensor } from '../plan/types.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { exp, log } from '../plan/elementary.ts';
import { norm } from './tensor.ts';

/** Where a coordinate may be moved; at an open end the criterion cannot be evaluated. */
export interface Room {
  readonly low: number;
  readonly high: number;
  readonly open: boolean;
}

export interface DifferenceEstimate {
  readonly derivative: number;
  readonly error: number;
}

/** The criterion with one coordinate at `theta`; undefined where it cannot be evaluated. */
export type AlongCoordinate = (theta: number) => Promise<number | undefined>;

const ratio = 2;
const levels = 14;
const patience = 4;
/** No tableau knows its own error: what it sees is multiplied by this. */
const safety = 2;
/** Below this relative error no strategy is told apart: the tableau ends. */
const enough = 1e-10;
const firstStep = 0.1;

/**
 * dF/dθ at `theta` of a function of one coordinate.
 * Units: `value` is F there; `noise` the absolute error of its values (rounding, inner tolerance), at least a few units of rounding of |F|.
 * Fails:  undefined where at no step length both sides could be evaluated, or the room is empty.
 */
export async function differentiate(
  at: AlongCoordinate,
  theta: number,
  value: number,
  room: Room,
  noise: number,
  scale = 0,
): Promise<DifferenceEstimate | undefined> {
  const below = theta - room.low;
  const above = room.high - theta;
  const size = Math.max(1, Math.abs(theta));
  const isCentral = room.open || Math.min(below, above) >= 1e-3 * Math.min(size, room.high - room.low);
  const reach = isCentral ? Math.min(below, above) : Math.max(below, above);
  const sign = below > above ? -1 : 1;
  let h = Math.min(firstStep * size, room.open ? reach / 2 : reach);
  if (!(h > 0) || theta + h === theta) return undefined;

  const order = isCentral ? ratio * ratio : ratio;
  let previous: DifferenceEstimate[] = [];
  let best: DifferenceEstimate | undefined;
  let sinceBest = 0;
  let floor = noise;
  for (let level = 0; level < levels; level += 1, h /= ratio) {
    const forward = theta + sign * h;
    const backward = isCentral ? theta - sign * h : theta;
    if (forward === backward) break;
    const f1 = await at(forward);
    const f0 = isCentral ? await at(backward) : value;
    if (f1 === undefined || f0 === undefined) {
      // Too far: the problem cannot be solved there. The tableau begins again with shorter steps.
      previous = [];
      continue;
    }
    floor = Math.max(floor, 4 * Number.EPSILON * Math.max(Math.abs(f1), Math.abs(f0)));
    const width = forward - backward;
    // In a row `error` carries what noise makes of each entry; the extrapolation's own error is the distance to its neighbours.
    const row: DifferenceEstimate[] = [{ derivative: (f1 - f0) / width, error: (2 * floor) / Math.abs(width) }];
    let factor = order;
    for (const [k, up] of previous.entries()) {
      const left = row[k];
      if (left === undefined) break;
      const entry = {
        derivative: (factor * left.derivative - up.derivative) / (factor - 1),
        error: (factor * left.error + up.error) / (factor - 1),
      };
      row.push(entry);
      const distance = Math.max(Math.abs(entry.derivative - left.derivative), Math.abs(entry.derivative - up.derivative));
      const error = safety * distance + entry.error;
      if (best === undefined || error < best.error) {
        best = { derivative: entry.derivative, error };
        sinceBest = -1;
      }
      factor *= order;
    }
    previous = row;
    sinceBest += 1;
    if (best !== undefined && (sinceBest >= patience || best.error <= enough * Math.max(Math.abs(best.derivative), scale))) break;
  }
  if (best === undefined) return undefined;
  const local = await withoutTableau(at, theta, value, isCentral, sign, Math.min(reach / 2, shortStep(floor, value) * size), floor);
  if (local === undefined) return best;
  // Two estimates that contradict each other: the tableau went across kinks, where no extrapolation holds. Only what is near counts.
  const isContradicted = Math.abs(local.derivative - best.derivative) > local.error + best.error;
  return isContradicted || local.error < best.error ? local : best;
}

/** Balances the rounding of F against the third derivative that a short central difference leaves out. */
const shortStep = (noise: number, value: number): number =>
  exp(log(Math.max(noise, Number.EPSILON * Math.abs(value), Number.MIN_VALUE)) / 3) / 8;

/** One difference and one of half its step, near the point alone. */
async function withoutTableau(
  at: AlongCoordinate,
  theta: number,
  value: number,
  isCentral: boolean,
  sign: number,
  h: number,
  noise: number,
): Promise<DifferenceEstimate | undefined> {
  const slope = async (step: number): Promise<number | undefined> => {
    const f1 = await at(theta + sign * step);
    const f0 = isCentral ? await at(theta - sign * step) : value;
    return f1 === undefined || f0 === undefined ? undefined : (f1 - f0) / (theta + sign * step - (isCentral ? theta - sign * step : theta));
  };
  const coarse = await slope(h);
  const fine = await slope(h / 2);
  if (coarse === undefined || fine === undefined) return undefined;
  return { derivative: fine, error: safety * (Math.abs(fine - coarse) + (2 * noise) / h) };
}

/** Values from which the noise of a function is measured. */
export const noiseSamples = 8;

/**
 * Standard deviation of the noise of a function, from `noiseSamples` values at equal and very short steps: high differences of a smooth
 * function vanish there, and what is left is noise. The largest of three estimates, from the differences of order 3 to 5.
 * Source: Moré & Wild (2011), "Estimating computational noise".
 */
export function noiseOf(values: readonly number[]): number {
  let row = values;
  let gamma = 1;
  let largest = 0;
  for (let order = 1; order <= 5; order += 1) {
    row = row.slice(1).map((x, i) => x - (row[i] ?? Number.NaN));
    // (k!)² / (2k)!, by recursion.
    gamma *= order / (2 * (2 * order - 1));
    if (order >= 3) largest = Math.max(largest, Math.sqrt((gamma / row.length) * row.reduce((sum, x) => sum + x * x, 0)));
  }
  return largest;
}

export interface Differences {
  /** One tensor a hyper, of the point's shapes. */
  readonly derivative: Readonly<Record<string, Tensor>>;
  /** Estimate of the Euclidean norm of the whole derivative's error. */
  readonly error: number;
}

/**
 * The whole hypergradient of F at a point by differences, coordinate by coordinate.
 * `criterion` is F, a function (it does not depend on what was asked before); `room` where the elements of a hyper may be moved.
 * Fails: names the first hyper that has no estimate. `isStopped` is asked between coordinates.
 */
export async function differences(
  criterion: (point: Readonly<Record<string, Tensor>>) => Promise<number | undefined>,
  point: Readonly<Record<string, Tensor>>,
  value: number,
  room: (hyper: string) => Room,
  noise: number,
  isStopped: () => boolean = () => false,
): Promise<({ readonly ok: true } & Differences) | { readonly ok: false; readonly hyper: string; readonly stopped: boolean }> {
  const derivative: Record<string, Tensor> = {};
  const errors: number[] = [];
  let scale = 0;
  for (const [name, tensor] of Object.entries(point)) {
    const slopes = new Float64Array(tensor.data.length);
    for (let i = 0; i < tensor.data.length; i += 1) {
      const theta = tensor.data[i];
      if (theta === undefined) throw new InternalError('differences', `${name} has no element ${i}`);
      const at = (moved: number): Promise<number | undefined> =>
        criterion({ ...point, [name]: { shape: tensor.shape, data: tensor.data.with(i, moved) } });
      const estimate = await differentiate(at, theta, value, room(name), noise, scale);
      if (isStopped()) return { ok: false, hyper: name, stopped: true };
      if (estimate === undefined) return { ok: false, hyper: name, stopped: false };
      slopes[i] = estimate.derivative;
      errors.push(estimate.error);
      scale = Math.max(scale, Math.abs(estimate.derivative));
    }
    derivative[name] = { shape: tensor.shape, data: slopes };
  }
  return { ok: true, derivative, error: norm(errors) };
}
