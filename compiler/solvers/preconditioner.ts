/**
 * What is near the inverse of a Hessian H = R + UᵀDU whose params have an axis in common, such as the classes of a multinomial model: U is the same
 * at each of its positions, R is diagonal, and D mixes positions. With the mean of D's diagonal in the place of D, and that of R's in the place
 * of R, all positions have one matrix P, as large as a block, whose factor is that of the whole.
 */
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { multiply, scale, size, type Dim, type Poly } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { stepsOf } from '../ops/loops.ts';
import type { Pieces } from '../pieces.ts';
import type { ParamVector, Problem } from '../problem.ts';
import { replaceOne } from '../transform/replace.ts';
import { separableAlong } from '../transform/separable.ts';
import { vjp } from '../transform/transpose.ts';
import { denseProducts, factorOf, sum, triangularSolves, type Work } from '../work.ts';
import { choices, Rows, strip, without } from './blocks.ts';
import { axesOf, meetings, ownTangents, type OwnTangent } from './low-rank-form.ts';

/** `[d] → [d]`: symmetric and positive definite, and near the inverse of an operator. */
export type Preconditioner = (r: Value) => Value;

/** A preconditioner for each point, by a factor of a matrix as large as a block. */
export interface Near {
  readonly at: (x: Value) => Preconditioner;
  /** How many positions the params’ axis has, how many params each of them has (q), and in how many values they meet. */
  readonly count: Dim;
  readonly size: Dim;
  readonly rank: Dim;
}

/** What is left of a diagonal entry once the columns before it are taken out, below which it is called rounding, in float64 and in float32. */
const PIVOT = [1e-10, 1e-4] as const;

/**
 * P⁻¹ on the rows of all positions, P = UᵀD̄U + R̄; where P turns out not to be safely positive definite, the identity. `undefined` where h is seen not
 * to be of the form, or no axis is shared.
 * Shapes: x, r `[d]`; D̄ `[m]`, U `[m, q]`, R̄ `[q]`.
 */
export function nearOf(problem: Problem): Near | undefined {
  const { b, params, inner } = problem;
  const met = meetings(b, inner.value, params.values);
  const own = ownTangents(b, inner.value, params.values, met);
  if (own === undefined) return undefined;
  const count = params.values.length;
  const bent = met.filter((_, i) => own.tangents[count + i] !== undefined);
  const shared = sharedAxes(b, params, bent);
  if (shared === undefined) return undefined;
  const here = new Map(own.met.map((v, i) => [v, given(met[i])]));
  const diagonals = (tangents: typeof own.tangents, axes: readonly number[]): readonly (Value | undefined)[] =>
    tangents.map((each, i) => each && diagonalOf(b, each, axes[i], here));
  const curvatures = own.tangents.slice(count).filter((each) => each !== undefined);
  const weights = diagonals(curvatures, shared.rows).filter((v) => v !== undefined);
  const penalties = diagonals(own.tangents.slice(0, count), shared.axes);
  const isSeen = weights.length === bent.length && penalties.every((v, i) => v !== undefined || own.tangents[i] === undefined);
  return bent.length > 0 && isSeen ? nearBy(problem, shared, bent, weights, penalties) : undefined;
}

/** From the diagonals of D and of R, in the params' inputs. */
function nearBy(
  { b, params }: Problem,
  { count, axes, rows }: Shared,
  bent: readonly Value[],
  weights: readonly Value[],
  penalties: readonly (Value | undefined)[],
): Near {
  const positions = new Rows(b, params, { axes, count });
  const matrix = matrixOf(b, params, { count, axes, rows }, bent);
  const [rank, width] = matrix.type.shape as readonly [Dim, Dim];
  /** The mean of all positions, or 0 where that is negative. */
  const mean = (v: Value, axis: number): Value =>
    b.maximum(b.div(b.sum(v, [axis]), b.dimSize(count)), b.zeros(without(v.type.shape, axis)));
  const at = (x: Value): Preconditioner => {
    const there = (v: Value): Value => replaceOne(b, v, params.point(x));
    const ofRows = weights.map((v, i) => b.flatten(mean(there(v), given(rows[i]))));
    const ofParams = positions.of(params.values.map((v, i) => (penalties[i] === undefined ? b.zeros(v.type.shape) : there(penalties[i]))));
    const half = b.mul(b.broadcast(b.sqrt(b.concat(ofRows, 0)), [rank, width], [0]), matrix);
    const diagonal = b.mul(b.broadcast(mean(ofParams, 0), [width, width], [0]), b.eye(width));
    const P = b.add(b.dotGeneral(half, half, [[0], [0]]), diagonal);
    const lower = b.cholesky(P);
    const factor = b.select(b.broadcast(isSound(b, P, lower), [width, width], []), lower, b.eye(width));
    // A product with the inverse is quicker than two triangular solves, and as near.
    const inverse = b.choleskySolve(factor, b.eye(width));
    return (r) => params.pack(positions.back(b.matmul(positions.of(params.unpack(r)), inverse)));
  };
  return { at, count, size: width, rank };
}

/**
 * Whether each pivot of a factor is well above the rounding of the entry that it is left of: with one that is rounding alone the inverse is noise,
 * as of features that depend on each other and have no penalty. False of NaN.
 */
function isSound(b: Builder, matrix: Value, lower: Value): Value {
  const diagonalOfSquare = (v: Value): Value => b.sum(b.mul(v, b.eye(given(v.type.shape[0]))), [0]);
  const pivots = diagonalOfSquare(lower);
  const least = b.neg(b.max(b.neg(b.div(b.mul(pivots, pivots), diagonalOfSquare(matrix)))));
  return b.less(b.byPrecision(...PIVOT), least);
}

/** U of one position, `[m, q]`. */
function matrixOf(b: Builder, params: ParamVector, { count, axes, rows }: Shared, bent: readonly Value[]): Value {
  const strips = bent.map((value, i) => {
    const unit = b.input('unit', 'state', value.type);
    const images = vjp(b, [value], [unit], params.values);
    const ofParams = params.values.map(({ type }, p) => ({ shape: type.shape, axis: given(axes[p]), value: images[p] }));
    return b.concat(strip(b, unit, rows[i], ofParams, { count, varies: false }), 1);
  });
  return replaceOne(b, b.concat(strips, 0), params.point(b.zeros([params.dimension])));
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
 * mixes positions of one axis. `undefined` where it mixes others.
 * Source: Hutchinson (1990); Bekas, Kokiopoulou & Saad (2007).
 */
function diagonalOf(
  b: Builder,
  { direction, tangent }: OwnTangent,
  axis: number | undefined,
  here: ReadonlyMap<Value, Value>,
): Value | undefined {
  const { shape } = direction.type;
  const mixes = (other: number): boolean => separableAlong(b, [direction], [tangent], [other]) === undefined;
  if ([...shape.keys()].some((other) => other !== axis && mixes(other))) return undefined;
  const signs = signsOf(b, shape);
  return b.mul(signs, replaceOne(b, tangent, new Map([...here, [direction, signs]])));
}

/**
 * +1 and −1 without a pattern: the sign of the fraction of φk² less a half, φ the golden ratio. Squares of whole numbers times an irrational one are
 * equidistributed, and so are their differences at any lag, so that the signs of any two positions agree as often as not. float32 tells the
 * fractions of small k² alone: numbers have two digits to a prime base, and the signs of the two are multiplied.
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

/** The name of a method's loop, by which its steps are counted: with a preconditioner they are others. */
export const loopName = (method: string, near: unknown): string => (near === undefined ? method : `preconditioned_${method}`);

/** Of a preconditioner: what it takes to make it at a point, and to use it. Nothing, where there is none. */
export const nearWork = (near: Near | undefined): { readonly first: (pieces: Pieces) => Work; readonly each: Work } => {
  if (near === undefined) return { first: () => ({}), each: {} };
  const { count, size, rank } = near;
  return {
    first: ({ linearised, product }) =>
      sum(linearised, product, denseProducts(rank, multiply(size, size)), factorOf(size), triangularSolves(size, scale(size, 2))),
    each: denseProducts(size, multiply(count, size)),
  };
};

/** Steps of a method that the preconditioner is for. */
export const stepsWith = (near: Near | undefined, method: string): Poly => stepsOf(loopName(method, near));
