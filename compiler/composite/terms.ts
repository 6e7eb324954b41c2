/**
 * What may stand beside a smooth loss, one param at a time: its proximal map, where a point may move without leaving the pieces on which the
 * loss is smooth, and how far it is from their ends. One row a kind of term; nothing here knows how a term was found.
 *
 * Notation: u, x and slope = ∇s(x) have the param's shape; step is a scalar.
 * Source of the proximal maps: Parikh & Boyd (2014), Proximal Algorithms, §6; of the simplex: Michelot (1986).
 */
import type { Builder } from '../ir/builder.ts';
import type { Shape } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { given } from '../ir/attributes.ts';
import { iterate } from '../ir/loops.ts';
import { roundings } from '../solvers/rounding.ts';
import { nonzeroRoot } from './recognise.ts';

/** How large gradients and coordinates are where nothing is active, for margins. Scalars. */
export interface Scales {
  readonly slope: Value;
  readonly position: Value;
}

export interface Term {
  /** argmin over z of ½‖z − u‖² + step · g(z); with step 0 the projection onto the set. */
  readonly prox: (u: Value, step: Value) => Value;
  /** 1 where x may move along the piece on which it lies, 0 where it may not; held fixed in derivatives. */
  readonly free: (x: Value) => Value;
  /** The projection of a direction v onto the directions in which x may move: symmetric in v. */
  readonly project: (x: Value, v: Value) => Value;
  /** z, near x, brought back to the end of the piece of x if it went beyond, and what x holds, held: to the last bit. */
  readonly retract: (x: Value, z: Value) => Value;
  /** How far each coordinate is from where the piece changes, as a share: small is close. */
  readonly margin: (x: Value, slope: Value, scales: Scales) => Value;
}

const FAR = Number.MAX_VALUE;

const like = (b: Builder, v: Value, number: number): Value => b.full(v.type.shape, number);
const zeros = (b: Builder, v: Value): Value => like(b, v, 0);
const asNumber = (b: Builder, condition: Value): Value => b.select(condition, like(b, condition, 1), like(b, condition, 0));
const masked =
  (b: Builder, free: Term['free']): Term['project'] =>
  (x, v) =>
    b.mul(free(x), v);

/** x where it is held, z elsewhere. */
const holding = (b: Builder, free: Value, x: Value, z: Value): Value => b.select(b.equal(free, zeros(b, x)), x, z);

/** Neither a penalty nor a bound. */
export const unrestricted = (b: Builder): Term => ({
  prox: (u) => u,
  free: (x) => like(b, x, 1),
  project: (_x, v) => v,
  retract: (_x, z) => z,
  margin: (x) => like(b, x, FAR),
});

export interface Separable {
  /** c ≥ 0 and a, of the param's shape, of c·|x − a|. */
  readonly penalty?: { readonly weight: Value; readonly centre: Value };
  /** Scalars. */
  readonly low?: Value;
  readonly high?: Value;
}

/** c·|x − a| within bounds, coordinate by coordinate: the minimiser over an interval is the free one, cut off. */
export function separable(b: Builder, { penalty, low, high }: Separable): Term {
  const spread = (bound: Value, x: Value): Value => b.broadcast(bound, x.type.shape, []);
  const isAt = (bound: Value | undefined, x: Value): Value | undefined => (bound === undefined ? undefined : b.equal(x, spread(bound, x)));
  const shrink = (u: Value, step: Value): Value => {
    if (penalty === undefined) return u;
    const { weight, centre } = penalty;
    const distance = b.sub(u, centre);
    const threshold = b.mul(step, weight);
    return b.select(b.less(threshold, b.abs(distance)), b.sub(u, b.mul(b.unary('sign', distance), threshold)), centre);
  };
  const cut = (u: Value): Value => {
    const above = low === undefined ? u : b.select(b.less(u, spread(low, u)), spread(low, u), u);
    return high === undefined ? above : b.select(b.less(spread(high, u), u), spread(high, u), above);
  };
  const atKink = (x: Value): Value | undefined =>
    penalty === undefined ? undefined : b.and(b.equal(x, penalty.centre), b.less(zeros(b, x), penalty.weight));
  const free = (x: Value): Value => {
    const fixed = [atKink(x), isAt(low, x), isAt(high, x)].filter((v) => v !== undefined).reduce((p, q) => b.or(p, q));
    return asNumber(b, b.not(fixed));
  };
  return {
    prox: (u, step) => cut(shrink(u, step)),
    free,
    project: masked(b, free),
    retract: (x, z) => {
      const inside =
        penalty === undefined
          ? z
          : b.select(b.less(b.mul(b.sub(x, penalty.centre), b.sub(z, penalty.centre)), zeros(b, x)), penalty.centre, z);
      return holding(b, free(x), x, cut(inside));
    },
    margin: (x, slope, scales) => {
      const kink = atKink(x);
      const weight = penalty?.weight ?? zeros(b, x);
      const far = like(b, x, FAR);
      // The slopes of the loss to either side, where it can be left.
      const side = (outward: Value | undefined): Value => (outward === undefined ? weight : b.select(outward, b.neg(weight), weight));
      const below = penalty === undefined ? undefined : b.less(x, penalty.centre);
      const above = penalty === undefined ? undefined : b.less(penalty.centre, x);
      const blocked = (bound: Value | undefined, rise: Value): Value => {
        const at = isAt(bound, x);
        return at === undefined ? rise : b.select(at, far, rise);
      };
      const up = blocked(high, b.add(slope, side(below)));
      const down = blocked(low, b.add(b.neg(slope), side(above)));
      const scale = b.broadcast(scales.slope, x.type.shape, []);
      const held = b.div(b.minimum(up, down), kink === undefined ? scale : b.select(kink, weight, scale));
      const distances = [
        ...(penalty === undefined ? [] : [b.select(b.less(zeros(b, x), weight), b.abs(b.sub(x, penalty.centre)), far)]),
        ...(low === undefined ? [] : [b.sub(x, spread(low, x))]),
        ...(high === undefined ? [] : [b.sub(spread(high, x), x)]),
      ].reduce((p, q) => b.minimum(p, q));
      const moving = b.div(distances, b.broadcast(scales.position, x.type.shape, []));
      return b.select(b.equal(free(x), zeros(b, x)), held, moving);
    },
  };
}

/** The positions of `shape` that are not among `axes`. */
const others = (shape: Shape, axes: readonly number[]): readonly number[] => shape.map((_, i) => i).filter((i) => !axes.includes(i));

/**
 * c·‖x‖ of each group, along `axes`, beside what there is `within` the groups; weight has the shape that is left. What is within grows with
 * the length of x and no faster (l1 about 0, x ≥ 0, norms of parts of these groups): the two proximal maps are then one after the other.
 * Source: Yuan & Lin (2006), whose map shrinks each group towards 0 and stops there; after that of l1, Simon, Friedman, Hastie & Tibshirani
 * (2013), §3; after any of degree 1, Yu (2013), "On decomposing the proximal map", theorem 4.
 */
export function groups(b: Builder, weight: Value, axes: readonly number[], within: Term = unrestricted(b)): Term {
  const spread = (v: Value, x: Value): Value => b.broadcast(v, x.type.shape, others(x.type.shape, axes));
  const squares = (x: Value): Value => b.sum(b.mul(x, x), axes);
  const size = (x: Value): Value => b.sqrt(squares(x));
  const none = b.equal(weight, zeros(b, weight));
  const free = (x: Value): Value => {
    const some = b.less(zeros(b, weight), squares(x));
    return b.mul(spread(asNumber(b, b.or(some, none)), x), within.free(x));
  };
  return {
    prox: (u, step) => {
      const inner = within.prox(u, step);
      const threshold = b.mul(step, weight);
      const shrunk = (root: Value): Value =>
        b.select(b.less(threshold, root), b.sub(like(b, root, 1), b.div(threshold, root)), zeros(b, root));
      return b.mul(spread(nonzeroRoot(b, squares(inner), shrunk, zeros(b, weight)), inner), inner);
    },
    free,
    project: masked(b, free),
    retract: (x, z) => holding(b, free(x), x, within.retract(x, z)),
    margin: (x, slope, scales) => {
      const inner = within.margin(x, slope, scales);
      // A group is held while what its slopes have left after the terms within is shorter than the weight.
      const pull = size(within.prox(b.neg(slope), b.constant(1)));
      const held = b.sub(like(b, pull, 1), b.div(pull, b.select(none, like(b, weight, 1), weight)));
      const moving = b.div(size(x), b.broadcast(scales.position, weight.type.shape, []));
      const isIn = b.less(zeros(b, weight), squares(x));
      const ofGroup = b.select(none, like(b, weight, FAR), b.select(isIn, moving, held));
      const counts = spread(b.or(isIn, none), x);
      return b.select(counts, b.minimum(inner, spread(ofGroup, x)), spread(ofGroup, x));
    },
  };
}

/** A term about a, of the param's shape, in the place of 0. */
export const about = (b: Builder, a: Value, term: Term): Term => ({
  prox: (u, step) => b.add(a, term.prox(b.sub(u, a), step)),
  free: (x) => term.free(b.sub(x, a)),
  project: (x, v) => term.project(b.sub(x, a), v),
  retract: (x, z) => holding(b, term.free(b.sub(x, a)), x, b.add(a, term.retract(b.sub(x, a), b.sub(z, a)))),
  margin: (x, slope, scales) => term.margin(b.sub(x, a), slope, scales),
});

/** More steps than the threshold of any simplex needs in practice; each drops at least one coordinate. */
const THRESHOLD_STEPS = 1000;

/** Units of rounding, beside the size of u, below which a coordinate on the simplex is 0. */
const DUST = 8;

/** x ≥ 0 with sum 1, along the last axis. */
export function simplex(b: Builder): Term {
  const lastOf = (x: Value): number => x.type.shape.length - 1;
  const total = (x: Value): Value => b.sum(x, [lastOf(x)]);
  const spread = (v: Value, x: Value): Value => b.broadcast(v, x.type.shape, others(x.type.shape, [lastOf(x)]));
  const free = (x: Value): Value => asNumber(b, b.less(zeros(b, x), x));
  /** The threshold τ with Σ (u − τ) = 1 over the coordinates of `mask`. */
  const threshold = (u: Value, mask: Value): Value => {
    const sum = total(b.mul(mask, u));
    return b.div(b.sub(sum, like(b, sum, 1)), total(mask));
  };
  const mean = (x: Value, v: Value): Value => b.div(total(b.mul(free(x), v)), total(free(x)));
  const onto = (u: Value): Value => {
    const held = b.unary('stop_gradient', u);
    const beyond = (t: Value): Value => asNumber(b, b.less(spread(t, u), held));
    const first = threshold(held, like(b, u, 1));
    // The threshold only rises, so a coordinate that is below it stays out: what is in at the end is the face, on which u ↦ u − τ is affine.
    const [last] = iterate(b, {
      name: 'threshold',
      limit: THRESHOLD_STEPS,
      states: [first, b.constant(1)],
      test: ([, moved]) => b.less(b.constant(0), given(moved)),
      body: ([t]) => {
        const next = b.maximum(given(t), threshold(held, beyond(given(t))));
        return [next, b.sum(asNumber(b, b.less(given(t), next)))];
      },
    });
    const found = given(last);
    const face = beyond(found);
    const moved = b.sub(u, spread(threshold(u, face), u));
    // What rounding of the threshold leaves is no coordinate of the face.
    const dust = b.mul(roundings(b, DUST), b.add(b.max(b.abs(held), [lastOf(u)]), like(b, found, 1)));
    return b.select(b.less(spread(dust, u), b.mul(face, moved)), moved, zeros(b, u));
  };
  return {
    prox: (u) => onto(u),
    free,
    retract: (x, z) => holding(b, free(x), x, onto(z)),
    project: (x, v) => b.mul(free(x), b.sub(v, spread(mean(x, v), v))),
    margin: (x, slope, scales) => {
      const multiplier = b.sub(slope, spread(mean(x, slope), slope));
      return b.select(b.less(zeros(b, x), x), x, b.div(multiplier, b.broadcast(scales.slope, x.type.shape, [])));
    },
  };
}
