/**
 * What is near the inverse of a Hessian H = R + UᵀDU, by a factor P = UᵀD̄U + R̄ in which D̄ is simpler than D. Where params have an axis in common, such as
 * the classes of a multinomial model, along which U is the same and D mixes positions, D̄ is the mean of D's diagonal over the positions, and one
 * P as large as a block is that of all. Elsewhere D̄ is one number for each value that params meet in, so that UᵀU is made once where U is data alone.
 */
import { given } from '../ir/attributes.ts';
import { expectedHypergradients } from '../../plan/defaults.ts';
import type { Builder } from '../ir/builder.ts';
import { add, multiply, one, scale, size, zero, type Dim, type Poly } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { stepsOf } from '../ops/loops.ts';
import type { Pieces } from '../pieces.ts';
import type { ParamVector, Problem } from '../problem.ts';
import { jvp } from '../transform/jvp.ts';
import { replaceOne } from '../transform/replace.ts';
import { separableAlong } from '../transform/separable.ts';
import { denseProducts, factorOf, passes, sum, times, triangularSolves, type Work } from '../work.ts';
import { choices, Rows, strip } from './blocks.ts';
import { axesOf, meetings, ownTangents, type OwnTangent } from './low-rank-form.ts';

/** `[d] → [d]`: symmetric and positive definite but for rounding, and near the inverse of an operator. */
export type Preconditioner = (r: Value) => Value;

/** A preconditioner for each point, by a factor of P. */
export interface Near {
  readonly at: (x: Value) => Preconditioner;
  /**
   * Whether P at x is more than rounding, a condition. Where it is not, neither is the operator along some direction: what lies there, no solve by
   * products finds, and no residual shows.
   */
  readonly isResolved: (x: Value) => Value;
  /** How many positions P serves, and how many params each of them has: P is `[size, size]`. */
  readonly count: Dim;
  readonly size: Dim;
  /** Of what P is made of at every point, of hypers and data. */
  readonly fixed: (pieces: Pieces) => Work;
  /** Of P at a point, once D is known there. */
  readonly work: Work;
  readonly why: string;
}

/**
 * What is left of a diagonal entry once the columns before it are taken out, in float64 and in float32: below which it is too much rounding to
 * divide by, and below which it is nothing else.
 */
const PIVOT = { sound: [1e-10, 1e-4], resolved: [1e-13, 1e-6] } as const;

/** h(x) = ℓ(u) + r(x): the values u that ℓ bends, and the second derivatives of ℓ in each of them and of r in each param, none of which mix. */
interface Form {
  readonly bent: readonly Value[];
  readonly curvatures: readonly OwnTangent[];
  readonly penalties: readonly (OwnTangent | undefined)[];
  /** From the stands of u to u in the params. */
  readonly here: ReadonlyMap<Value, Value>;
}

/** P⁻¹ for each point; where P turns out not to be safely positive definite, the identity. `undefined` where h is seen not to be of the form. */
export function nearOf(problem: Problem): Near | undefined {
  const { b, params, inner } = problem;
  const met = meetings(b, inner.value, params.values);
  const own = ownTangents(b, inner.value, params.values, met);
  if (own === undefined) return undefined;
  const count = params.values.length;
  const bent = met.filter((_, i) => own.tangents[count + i] !== undefined);
  if (bent.length === 0) return undefined;
  const form = {
    bent,
    curvatures: own.tangents.slice(count).filter((each) => each !== undefined),
    penalties: own.tangents.slice(0, count),
    here: new Map(own.met.map((v, i) => [v, given(met[i])])),
  };
  return byPositions(problem, form) ?? byScale(problem, form);
}

/**
 * P = UᵀD̄U + R̄ with the means of the diagonals over the positions of an axis that all params share: one matrix for all of them.
 * Shapes: D̄ `[m]`, U `[m, q]`, R̄ `[q]`.
 */
function byPositions({ b, params }: Problem, { bent, curvatures, penalties, here }: Form): Near | undefined {
  const shared = sharedAxes(b, params, bent);
  if (shared === undefined) return undefined;
  const { count, axes, rows } = shared;
  const alongOthers = (axis: number | undefined) => (mixed: readonly number[]) => mixed.every((each) => each === axis);
  const weights = curvatures.map((each, i) => diagonalOf(b, each, here, alongOthers(rows[i])));
  const ridges = penalties.map((each, i) => each && diagonalOf(b, each, here, alongOthers(axes[i])));
  if (!areSeen(weights, curvatures) || !areSeen(ridges, penalties)) return undefined;
  const positions = new Rows(b, params, shared);
  const turned = b.concat(matricesOf(b, params, bent, shared), 1);
  const [size, rank] = turned.type.shape as readonly [Dim, Dim];
  const mean = (v: Value, axis: number): Value => b.div(b.sum(v, [axis]), b.dimSize(count));
  const matrixAt = (there: (v: Value) => Value): Value => {
    const ofRows = b.concat(
      weights.map((v, i) => b.flatten(atLeastZero(b, mean(there(given(v)), given(rows[i]))))),
      0,
    );
    const half = b.mul(b.broadcast(b.sqrt(ofRows), [size, rank], [1]), turned);
    const ofParams = positions.of(params.values.map((v, i) => (ridges[i] === undefined ? b.zeros(v.type.shape) : there(ridges[i]))));
    return b.add(b.dotGeneral(half, half, [[1], [1]]), diagonal(b, atLeastZero(b, mean(ofParams, 0))));
  };
  return {
    ...byFactor(b, params, positions, matrixAt),
    count,
    size,
    fixed: () => ({}),
    work: denseProducts(rank, multiply(size, size)),
    why: 'the inverse of what all positions of an axis have in common',
  };
}

/**
 * P = Σ δ UᵀU + R with one number δ for each value that params meet in, the mean of D's diagonal there.
 * Shapes: UᵀU `[d, d]`, R `[d]`.
 */
function byScale({ b, params }: Problem, { bent, curvatures, penalties, here }: Form): Near | undefined {
  const weights = curvatures.map((each) => diagonalOf(b, each, here, (mixed) => mixed.length <= 1));
  const ridges = penalties.map((each) => each && diagonalOf(b, each, here, (mixed) => mixed.length === 0));
  if (!areSeen(weights, curvatures) || !areSeen(ridges, penalties)) return undefined;
  const grams = matricesOf(b, params, bent).map((turned) => b.dotGeneral(turned, turned, [[1], [1]]));
  const matrixAt = (there: (v: Value) => Value): Value => {
    const ofRows = grams.map((gram, i) => b.mul(atLeastZero(b, meanOf(b, there(given(weights[i])))), gram));
    const ofParams = params.pack(params.values.map((v, i) => (ridges[i] === undefined ? b.zeros(v.type.shape) : there(ridges[i]))));
    return b.add(
      ofRows.reduce((all, each) => b.add(all, each)),
      diagonal(b, atLeastZero(b, ofParams)),
    );
  };
  const rank = add(zero, ...bent.map((v) => size(v.type.shape)));
  const squared = multiply(params.dimension, params.dimension);
  return {
    ...byFactor(b, params, new Rows(b, params, undefined), matrixAt),
    count: one,
    size: params.dimension,
    fixed: (pieces) => sum(pieces.ofHypers(grams), times(1 / expectedHypergradients, denseProducts(rank, squared))),
    work: passes(squared, 4),
    why: 'the inverse of the products of what params meet in, by one number for its curvature',
  };
}

const areSeen = (found: readonly (Value | undefined)[], asked: readonly (OwnTangent | undefined)[]): boolean =>
  asked.every((each, i) => each === undefined || found[i] !== undefined);

const meanOf = (b: Builder, v: Value): Value => b.div(b.sum(v), b.dimSize(size(v.type.shape)));

const atLeastZero = (b: Builder, v: Value): Value => b.maximum(v, b.zeros(v.type.shape));

/** `[q, q]`. */
function diagonal(b: Builder, entries: Value): Value {
  const rows = given(entries.type.shape[0]);
  return b.mul(b.broadcast(entries, [rows, rows], [0]), b.eye(rows));
}

/**
 * By the factor of P, from values at a point; on the rows of all positions. Where that is rounding, as of features that depend on each other and have no
 * penalty, its inverse is noise: then the identity. The diagonal of P in its place saves nine tenths of the steps where such features have different
 * sizes, but leads out of the range of Uᵀ, where the minimiser is under one penalty for all params, and nothing leads back that rounding does not hide.
 */
function byFactor(
  b: Builder,
  params: ParamVector,
  positions: Rows,
  matrixAt: (there: (v: Value) => Value) => Value,
): Pick<Near, 'at' | 'isResolved'> {
  const factoredAt = (x: Value): { readonly matrix: Value; readonly lower: Value; readonly left: Value } => {
    const matrix = matrixAt((v) => replaceOne(b, v, params.point(x)));
    const lower = b.cholesky(matrix);
    return { matrix, lower, left: leastLeft(b, matrix, lower) };
  };
  return {
    at: (x) => {
      const { matrix, lower, left } = factoredAt(x);
      const rows = given(matrix.type.shape[0]);
      const isSound = b.broadcast(b.less(b.byPrecision(...PIVOT.sound), left), [rows, rows], []);
      const factor = b.select(isSound, lower, b.eye(rows));
      // A product with the inverse is quicker than two triangular solves, and as near.
      const inverse = b.choleskySolve(factor, b.eye(rows));
      return (r) => {
        const of = positions.of(params.unpack(r));
        return params.pack(positions.back(b.dotGeneral(of, inverse, [[of.type.shape.length - 1], [0]])));
      };
    },
    isResolved: (x) => b.less(b.byPrecision(...PIVOT.resolved), factoredAt(x).left),
  };
}

/** What the factor of a matrix leaves of a diagonal entry once the columns before it are taken out: the least share. NaN where there is no factor. */
function leastLeft(b: Builder, matrix: Value, lower: Value): Value {
  const pivots = diagonalOfSquare(b, lower);
  return b.neg(b.max(b.neg(b.div(b.mul(pivots, pivots), diagonalOfSquare(b, matrix)))));
}

/** `[q]`. */
const diagonalOfSquare = (b: Builder, v: Value): Value => b.sum(b.mul(v, b.eye(given(v.type.shape[0]))), [0]);

/** Uᵀ of one position, or of all where none are told apart: for each value that params meet in, `[q, m]`. */
function matricesOf(b: Builder, params: ParamVector, bent: readonly Value[], shared?: Shared): readonly Value[] {
  const strips = params.values.map((value, p) => {
    const unit = b.input('unit', 'state', value.type);
    const images = jvp(b, bent, new Map([[value, unit]]));
    const ofBent = bent.map(({ type }, i) => ({ shape: type.shape, axis: shared?.rows[i], value: images[i] }));
    return strip(b, unit, shared?.axes[p], ofBent, shared && { count: shared.count, varies: false });
  });
  const origin = params.point(b.zeros([params.dimension]));
  return bent.map((_, i) =>
    replaceOne(
      b,
      b.concat(
        strips.map((each) => given(each[i])),
        0,
      ),
      origin,
    ),
  );
}

/** An axis of all params, and where it lies in the values that they meet in. */
interface Shared {
  readonly count: Dim;
  readonly axes: readonly number[];
  readonly rows: readonly number[];
}

/** An axis along which the values mix no positions, and are the same function at each. */
function sharedAxes(b: Builder, params: ParamVector, values: readonly Value[]): Shared | undefined {
  for (const axes of choices(params)) {
    const found = axesOf(b, params, values, axes);
    if (found?.varies === false) return { count: given(given(params.values[0]).type.shape[given(axes[0])]), axes, rows: found.rows };
  }
  return undefined;
}

/**
 * The diagonal of a second derivative, in the params' inputs, by one product with signs: s ⊙ Ds, exact where D is diagonal, and right on average where it
 * mixes positions. `undefined` where it mixes those of axes that it may not.
 * Source: Hutchinson (1990); Bekas, Kokiopoulou & Saad (2007).
 */
function diagonalOf(
  b: Builder,
  { direction, tangent }: OwnTangent,
  here: ReadonlyMap<Value, Value>,
  mayMix: (axes: readonly number[]) => boolean,
): Value | undefined {
  const { shape } = direction.type;
  const mixed = [...shape.keys()].filter((axis) => separableAlong(b, [direction], [tangent], [axis]) === undefined);
  if (!mayMix(mixed)) return undefined;
  const signs = signsOf(b, shape);
  return b.mul(signs, replaceOne(b, tangent, new Map([...here, [direction, signs]])));
}

/**
 * +1 and −1 without a pattern: the sign of the fraction of φk² less a half, φ the golden ratio. Squares of whole numbers times an irrational one are
 * equidistributed, and so are their differences at any lag, so that the signs of two positions agree as often as not. float32 tells the
 * fractions of small k² alone: numbers have two digits to a prime base, and the signs of the two are multiplied. They come again after 2039² positions.
 * Source: Weyl (1916).
 */
function signsOf(b: Builder, shape: readonly Dim[]): Value {
  const k = b.iota(size(shape));
  const all = (value: number): Value => b.full(k.type.shape, value);
  const whole = (v: Value): Value => b.unary('floor', v);
  const fraction = (v: Value): Value => b.sub(v, whole(v));
  const signOf = (digit: Value): Value => {
    const j = b.add(digit, all(1));
    const phase = fraction(b.mul(j, fraction(b.scale(j, (1 + Math.sqrt(5)) / 2))));
    return b.select(b.less(phase, all(0.5)), all(1), all(-1));
  };
  const above = (v: Value): Value => whole(b.scale(v, 1 / SIGN_BASE));
  const digit = (v: Value): Value => b.sub(v, b.scale(above(v), SIGN_BASE));
  return b.reshape(b.mul(signOf(digit(k)), signOf(digit(above(k)))), shape);
}

/** A prime, so that no size of a page is likely to be a multiple of it; its square has 22 bits. */
const SIGN_BASE = 2039;

/** The name of a method's loop, by which its steps are counted: with a preconditioner they are others, such as `pcg`. */
export const loopName = (method: string, near: unknown): string => (near === undefined ? method : `p${method}`);

interface NearWork {
  /** Once in a hypergradient. */
  readonly fixed: (pieces: Pieces) => Work;
  /** At each point where it is made. */
  readonly first: (pieces: Pieces) => Work;
  readonly each: Work;
}

/** Of a preconditioner: what it takes to make it, and to use it. Nothing, where there is none. */
export const nearWork = (near: Near | undefined): NearWork => {
  if (near === undefined) return { fixed: () => ({}), first: () => ({}), each: {} };
  const { count, size, fixed, work } = near;
  return {
    fixed,
    first: (pieces) => sum(pieces.linearised, pieces.product, work, factorOf(size), triangularSolves(size, scale(size, 2))),
    each: denseProducts(size, multiply(count, size)),
  };
};

/** Steps of a method that the preconditioner is for. */
export const stepsWith = (near: Near | undefined, method: string): Poly => stepsOf(loopName(method, near));
