/**
 * The hypergradient of a candidate that has no graph for it, by differences of its stage `value`: coordinate by coordinate, or, for a check
 * where there are many, along random directions. Knows how F is made a function; the tableau is `differences.ts`.
 */
import { differencesFailed } from '../diagnostics/numerics.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { differences, differentiate, type DifferenceEstimate, noiseOf, noiseSamples, type Room } from './differences.ts';
import { domainOf } from './kinds.ts';
import { keyOf, uniform } from './random.ts';
import { type Begin, type DifferentiatedOrNot, evaluateStage, type Judged, type Moment, type Session } from './session.ts';
import { describePoint } from './tensor.ts';
import { interrupted } from './turn.ts';
import type { Point } from './types.ts';

/** F around a point, as a function: what was asked before does not change an answer. */
interface Criterion {
  readonly ok: true;
  readonly centre: Extract<Judged, { ok: true }>;
  readonly value: number;
  /** Absolute error of the values. */
  readonly noise: number;
  readonly at: (point: Point) => Promise<number | undefined>;
  readonly isStopped: () => boolean;
}

async function criterionAround(
  session: Session,
  point: Point,
  start: Begin | undefined,
  from: Begin | undefined,
  moment: Moment,
): Promise<Criterion | Extract<Judged, { ok: false }>> {
  const first = await evaluateStage(session, 'value', point, start, from, moment);
  if (!first.ok) return first;
  // Every value starts from the same converged point, so that F is a function; at the centre it is then solved twice, and how far the two
  // values differ is what the inner tolerance leaves uncertain in F.
  const fixed = start === undefined ? undefined : first.evaluation;
  const centre = fixed === undefined ? first : await evaluateStage(session, 'value', point, start, fixed, moment);
  if (!centre.ok) return centre;
  const value = centre.evaluation.outer;
  let stopped = false;
  const at = async (moved: Point): Promise<number | undefined> => {
    if (stopped) return undefined;
    const judged = await evaluateStage(session, 'value', moved, start, fixed, moment);
    stopped = !judged.ok && judged.status === 'interrupted';
    return judged.ok ? judged.evaluation.outer : undefined;
  };
  const measured = await measureNoise(at, point, (name) => roomOf(session, name), session.rounding.unit);
  const noise = Math.max(8 * session.rounding.unit * Math.abs(value), Math.abs(value - first.evaluation.outer), deviations * measured);
  return { ok: true, centre, value, noise, at, isStopped: () => stopped };
}

/** Standard deviations of the noise that an error of a value is taken to be. */
const deviations = 3;

/** What ill-conditioning and the inner tolerance leave in F between neighbouring points, beyond its own rounding. */
async function measureNoise(at: Criterion['at'], point: Point, room: (name: string) => Room, unit: number): Promise<number> {
  // Of a coordinate’s scale: short enough that a smooth F is a parabola, long enough that θ itself is not rounded.
  const noiseStep = Math.sqrt(unit);
  const steps: Point = Object.fromEntries(
    Object.entries(point).map(([name, { shape, data }]) => {
      const { low, high } = room(name);
      const step = (theta: number): number => {
        const inward = theta - low > high - theta ? -1 : 1;
        return inward * noiseStep * Math.min(Math.max(1, Math.abs(theta)), Math.max(theta - low, high - theta) / 2);
      };
      return [name, { shape, data: data.map(step) }];
    }),
  );
  const values: number[] = [];
  for (let i = 0; i < noiseSamples; i += 1) {
    const value = await at(moved(point, steps, i));
    if (value === undefined) return 0;
    values.push(value);
  }
  return noiseOf(values);
}

/** Criterion and hypergradient at a point; the arguments are those of `hypergradientAt`. */
export async function byDifferences(
  session: Session,
  point: Point,
  start: Begin | undefined,
  from: Begin | undefined,
  moment: Moment,
): Promise<DifferentiatedOrNot> {
  const criterion = await criterionAround(session, point, start, from, moment);
  if (!criterion.ok) return criterion;
  const { centre, value, noise, at, isStopped } = criterion;
  const result = await differences(at, point, value, (name) => roomOf(session, name), noise, isStopped);
  if (!result.ok) return result.stopped ? interrupted : failed(session, point, moment, result.hyper);
  const why = 'from the tableau of extrapolated differences and the noise of the criterion';
  return { ...centre, hypergradient: result.derivative, error: { estimate: result.error, certified: false, why } };
}

function failed(session: Session, point: Point, moment: Moment, hyper: string): Extract<Judged, { ok: false }> {
  const { description } = session.module;
  const span = description.hypers.find((h) => h.name === hyper)?.span ?? description.outerSpan;
  const why = 'at no step length could the criterion be evaluated on both sides';
  const diagnostic = differencesFailed({ span }, { when: moment.when, at: describePoint(point), lastGood: undefined, hyper, why });
  return { ok: false, status: 'not-finite', diagnostics: [diagnostic] };
}

function roomOf(session: Session, name: string): Room {
  const hyper = session.module.description.hypers.find((h) => h.name === name);
  const domain = hyper === undefined ? undefined : domainOf(hyper.kind, hyper.interval, session.bound.sizes);
  if (hyper === undefined || domain === undefined) throw new InternalError('differences', `no domain for ${name}`);
  const open = hyper.kind === 'positive' || hyper.kind === 'unit' || hyper.kind === 'simplex';
  return { low: domain.low, high: domain.high, open };
}

/** The derivative of F along a direction, and the direction: one tensor of signs a hyper. */
export interface Slope extends DifferenceEstimate {
  readonly direction: Point;
}

/** Room on both sides of every coordinate below which directions say too little. */
const leastRoom = 1e-3;

/**
 * Derivatives of F along `count` directions of random signs. For a vector δ, the mean of ⟨δ, u⟩² over such u is ‖δ‖², so they judge a whole
 * hypergradient at a cost that does not grow with the number of hypers.
 * Fails: undefined where a coordinate stands at its bound, or no step could be evaluated; then coordinates are to be taken one by one.
 * Source: Hutchinson (1990).
 */
export async function slopesAlong(
  session: Session,
  point: Point,
  start: Begin | undefined,
  count: number,
  seed: number,
): Promise<readonly Slope[] | typeof interrupted | undefined> {
  let reach = Number.POSITIVE_INFINITY;
  let isOpen = false;
  for (const [name, { data }] of Object.entries(point)) {
    const { low, high, open } = roomOf(session, name);
    isOpen ||= open;
    for (const theta of data) reach = Math.min(reach, theta - low, high - theta);
  }
  if (reach < leastRoom) return undefined;
  const criterion = await criterionAround(session, point, start, undefined, { when: 'at the start' });
  if (!criterion.ok) return criterion.status === 'interrupted' ? interrupted : undefined;
  const { value, noise, at, isStopped } = criterion;
  const slopes: Slope[] = [];
  for (let i = 0; i < count; i += 1) {
    const direction = signs(point, seed, i);
    const along = (t: number): Promise<number | undefined> => at(moved(point, direction, t));
    const estimate = await differentiate(along, 0, value, { low: -reach, high: reach, open: isOpen }, noise);
    if (isStopped()) return interrupted;
    if (estimate === undefined) return undefined;
    slopes.push({ ...estimate, direction });
  }
  return slopes;
}

function signs(point: Point, seed: number, number: number): Point {
  return Object.fromEntries(
    Object.entries(point).map(([name, { shape, data }]) => {
      const key = keyOf(seed, `direction:${number}:${name}`);
      return [name, { shape, data: data.map((_, i) => (uniform(key, i) < 0.5 ? -1 : 1)) }];
    }),
  );
}

const moved = (point: Point, direction: Point, t: number): Point =>
  Object.fromEntries(
    Object.entries(point).map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((x, i) => x + t * (direction[name]?.data[i] ?? 0)) },
    ]),
  );
