/**
 * How far a computed value may be from the true one, elementwise, given how far its operands may be: the rules of ball arithmetic, each
 * with the rounding of the op itself. The bounds are of nonnegative terms alone, so what their own arithmetic rounds is a small share of
 * them, for which whoever uses them allows. Knows no op by name.
 * Source: Higham (2002), §2.2 (the model of rounding) and §3.1 (sums and products); Rump (1999), "Fast and parallel interval arithmetic".
 */
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { multiply, one, type Dim, type Shape } from '../ir/dims.ts';
import type { Node, Value } from '../ir/graph.ts';
import { operand, result } from './rules.ts';

/** Elementwise, of the shape of the value; of a condition 1 where it may be the other one; `undefined` where the value is exact. */
export type Radius = Value | undefined;

/** From the radii of the operands. Ops with several results have none. */
export type RadiusRule = (b: Builder, node: Node, radii: readonly Radius[]) => Radius;

/** Where nothing is known: more than any number that is computed with. */
const BOUNDLESS = Number.MAX_VALUE;
/** Shares of rounding beyond which sums of them are no longer small. */
const MOST_ROUNDING = 2 ** -6;
/** Units of rounding of a transcendental function: three units in the last place, in float64 and in float32 (decision 009). */
const FUNCTION_UNITS = 6;

/** So many units of rounding, each the relative error of one operation. */
const units = (b: Builder, count: number): Value => b.byPrecision(count * 2 ** -53, count * 2 ** -24);
/** The least number that has all its digits: what is below it is rounded to a fixed place. */
export const least = (b: Builder): Value => b.byPrecision(2 ** -1022, 2 ** -126);

export const boundless = (b: Builder, shape: Shape): Value => b.full(shape, BOUNDLESS);

/** γ_n = nu / (1 − nu), of sums of n terms in any order. */
function gamma(b: Builder, terms: Dim): Value {
  const nu = b.mul(units(b, 1), b.dimSize(terms));
  return b.select(b.lessEqual(nu, b.constant(MOST_ROUNDING)), b.div(nu, b.sub(b.constant(1), nu)), b.constant(BOUNDLESS));
}

export const plus = (b: Builder, ...radii: readonly Radius[]): Radius =>
  radii.reduce<Radius>((sum, r) => (r === undefined ? sum : sum === undefined ? r : b.add(sum, r)), undefined);

/** |v| times a radius. */
const times = (b: Builder, v: Value, r: Radius): Radius => (r === undefined ? undefined : b.guardedMul(r, b.abs(v)));

/** Whole numbers are exact while they can be counted: as long as `size` is below the first that is not. */
function counted(b: Builder, size: Value, own: Value): Value {
  const { shape } = own.type;
  const end = b.broadcast(b.byPrecision(2 ** 53, 2 ** 24), shape, []);
  return b.select(b.less(size, end), b.zeros(shape), own);
}

/** What rounding adds to a sum or a difference of two. */
function rounded(b: Builder, out: Value): Value {
  const size = b.abs(out);
  const own = b.mul(units(b, 1), size);
  return out.type.dtype === 'int' ? counted(b, size, own) : own;
}
/** And to a product, a quotient or a function, whose result may also be too small for all its digits. */
const roundedFar = (b: Builder, out: Value, count = 1): Value =>
  out.type.dtype === 'int' ? rounded(b, out) : b.add(b.mul(units(b, count), b.abs(out)), least(b));

/** `share / gap`, where the gap is at least half of what is left of it; boundless elsewhere. */
const overGap = (b: Builder, share: Value, size: Value, r: Value): Value => {
  const safe = b.lessEqual(b.scale(r, 2), size);
  return b.select(safe, b.div(share, b.select(safe, b.sub(size, r), b.full(size.type.shape, 1))), boundless(b, size.type.shape));
};

// ---- ops that make nothing new --------------------------------------------------------------------------------------------

export const exact: RadiusRule = () => undefined;
/** The operand's own: of ops that change no element, or its sign alone. */
export const kept: RadiusRule = (_b, _node, [r]) => r;
/** Moved like the elements: the same op on the radii of `moving` operands, the others as they are. */
export const moved =
  (moving: (index: number) => boolean = () => true): RadiusRule =>
  (b, node, radii) => {
    const doubts = radii.filter((r, i) => r !== undefined && !moving(i));
    if (radii.every((r) => r === undefined)) return undefined;
    const operands = node.inputs.map((v, i) => (moving(i) ? (radii[i] ?? b.zeros(v.type.shape)) : v));
    return unlessDoubted(b, doubts, b.one(node.op, operands, node.attributes));
  };
/** Boundless where one of the positions may be another. */
export const unlessDoubted = (b: Builder, doubts: readonly Radius[], r: Value): Value =>
  doubts
    .filter((doubt) => doubt !== undefined)
    .reduce((sure, doubt) => {
      const isSure = b.lessEqual(b.sum(doubt), b.constant(0));
      return b.select(b.broadcast(isSure, r.type.shape, []), sure, boundless(b, r.type.shape));
    }, r);
/** Of ops that jump: exact where the operands are, and nothing is known where they are not. */
export const jumping: RadiusRule = (b, node, radii) =>
  radii.every((r) => r === undefined) ? undefined : boundless(b, result(node).type.shape);

/** Of a sign: exact where the ball does not hold zero. */
export const signRadius: RadiusRule = (b, node, [r]) => {
  if (r === undefined) return undefined;
  const x = operand(node, 0);
  return b.select(b.less(b.scale(r, 2), b.abs(x)), b.zeros(r.type.shape), b.full(r.type.shape, 2));
};

/** Of 53 bits between 0 and 1: exact in float64, and in float32 rounded, or below 1 where that would be 1. */
export const uniformRadius: RadiusRule = (b, node) => b.mul(b.byPrecision(0, 2 ** -23), result(node));

/** A number of the page or of its data: written in decimals, and rounded when it is read. */
export const asWritten: RadiusRule = (b, node) => (result(node).type.dtype === 'real' ? rounded(b, result(node)) : undefined);

// ---- arithmetic -----------------------------------------------------------------------------------------------------------

export const sumRadius: RadiusRule = (b, node, [x, y]) => plus(b, x, y, rounded(b, result(node)));

/** |xy − x̂ŷ| ≤ |x̂| r_y + |ŷ| r_x + r_x r_y. */
export const productRadius: RadiusRule = (b, node, [rx, ry]) => {
  const [x, y] = [operand(node, 0), operand(node, 1)];
  const both = rx === undefined || ry === undefined ? undefined : b.guardedMul(rx, ry);
  return plus(b, times(b, y, rx), times(b, x, ry), both, roundedFar(b, result(node)));
};

/** |x/y − x̂/ŷ| ≤ (r_x + |x̂/ŷ| r_y) / (|ŷ| − r_y). */
export const quotientRadius: RadiusRule = (b, node, [rx, ry]) => {
  const [out, y] = [result(node), operand(node, 1)];
  const share = plus(b, rx, times(b, out, ry));
  const moves = share === undefined ? undefined : overGap(b, share, b.abs(y), ry ?? b.zeros(y.type.shape));
  return plus(b, moves, roundedFar(b, out));
};

/** x^c with c a number that may be off by some roundings: |x^c| (|log x̂| + 1) |c| of each, for x from x̂/2 to 2x̂. */
export const powerRadius =
  (exponent: number, roundings = 0): RadiusRule =>
  (b, node, [rx]) => {
    const out = result(node);
    const moves = plus(b, baseMoves(b, node, exponent, rx), roundedFar(b, out, FUNCTION_UNITS));
    if (roundings === 0) return moves;
    const { shape } = out.type;
    const size = b.abs(operand(node, 0));
    const logarithms = b.add(b.abs(b.unary('log', b.maximum(size, b.broadcast(least(b), shape, [])))), b.full(shape, 1));
    const each = b.byPrecision(roundings * 2 ** -53, (1 + roundings * 2 ** -29) * 2 ** -24);
    const most = b.mul(b.scale(each, Math.abs(exponent)), b.guardedMul(given(plus(b, b.abs(out), moves)), logarithms));
    const near = rx === undefined ? most : b.select(b.lessEqual(b.scale(rx, 2), size), most, boundless(b, shape));
    return plus(b, moves, near);
  };

/** The steepest slope on the way, |c| t^(c−1), times how far x goes. */
function baseMoves(b: Builder, node: Node, exponent: number, rx: Radius): Radius {
  const x = operand(node, 0);
  const { shape } = result(node).type;
  if (rx === undefined) return undefined;
  const size = b.abs(x);
  const slopeAt = (t: Value): Value => b.scale(b.pow(t, b.full(shape, exponent - 1)), Math.abs(exponent));
  if (exponent < 1) {
    const safe = b.lessEqual(b.scale(rx, 2), size);
    const nearest = b.select(safe, b.sub(size, rx), b.full(shape, 1));
    return b.select(safe, b.mul(slopeAt(nearest), rx), boundless(b, shape));
  }
  const moves = b.mul(slopeAt(b.add(size, rx)), rx);
  // Beyond zero a power that is not whole is not defined.
  return Number.isInteger(exponent) ? moves : b.select(b.lessEqual(rx, x), moves, boundless(b, shape));
}

/** A sum of n terms over `axes` of the first operand. */
export function totalRadius(b: Builder, terms: Dim, v: Value, r: Radius, total: (v: Value) => Value): Radius {
  const size = total(b.abs(v));
  const rounding = b.mul(gamma(b, terms), size);
  return plus(b, r === undefined ? undefined : total(r), v.type.dtype === 'int' ? counted(b, size, rounding) : rounding);
}

/** Products summed over n terms: |A|·(r_B + γ|B|) + r_A·(|B| + r_B). `product` is the op, on other operands. */
export function productsRadius(
  b: Builder,
  terms: Dim,
  [x, y]: readonly [Value, Value],
  [rx, ry]: readonly [Radius, Radius],
  product: (x: Value, y: Value) => Value,
): Value {
  const [left, right] = [b.abs(x), b.abs(y)];
  const scale = b.add(gamma(b, terms), units(b, 1));
  const rounding = b.mul(scale, product(left, right));
  const far = plus(
    b,
    ry === undefined ? undefined : product(left, ry),
    rx === undefined ? undefined : product(rx, ry === undefined ? right : b.add(right, ry)),
    b.broadcast(b.mul(least(b), b.dimSize(terms)), rounding.type.shape, []),
  );
  return far === undefined ? rounding : b.add(rounding, far);
}

export const sizeOfAxes = (shape: Shape, axes: readonly number[]): Dim =>
  multiply(one, ...axes.map((axis) => shape[axis]).filter((dim) => dim !== undefined));

// ---- functions ------------------------------------------------------------------------------------------------------------

const functionRadius = (b: Builder, node: Node, moves: Radius): Radius => plus(b, moves, roundedFar(b, result(node), FUNCTION_UNITS));

/** Of a function with slopes of at most `slope`, whose values lie within `span` of each other. */
export const lipschitz =
  (slope: number, span?: number): RadiusRule =>
  (b, node, [r]) => {
    if (r === undefined) return functionRadius(b, node, undefined);
    const moves = b.scale(r, slope);
    return functionRadius(b, node, span === undefined ? moves : b.minimum(moves, b.full(r.type.shape, span)));
  };

/** e^x + c: e^x̂ (e^r − 1), where e^x̂ is off by what its rounding is: it may have vanished. */
export const exponential =
  (c: number): RadiusRule =>
  (b, node, [r]) => {
    const own = functionRadius(b, node, undefined);
    if (r === undefined) return own;
    const power = given(plus(b, b.abs(shiftedBy(b, result(node), -c)), own));
    return plus(b, b.mul(power, b.unary('expm1', r)), own);
  };

/** log(c + x): −log(1 − r/(c + x̂)) ≤ r / (c + x̂ − r). */
export const logarithm =
  (c: number): RadiusRule =>
  (b, node, [r]) =>
    functionRadius(b, node, r === undefined ? undefined : overGap(b, r, shiftedBy(b, operand(node, 0), c), r));

const shiftedBy = (b: Builder, v: Value, c: number): Value => (c === 0 ? v : b.add(v, b.full(v.type.shape, c)));

/** |√x − √x̂| ≤ min(√r, r / √x̂). */
export const rootRadius: RadiusRule = (b, node, [r]) => {
  const out = result(node);
  if (r === undefined) return roundedFar(b, out);
  const positive = b.less(b.zeros(out.type.shape), out);
  const near = b.div(r, b.select(positive, out, b.full(out.type.shape, 1)));
  return plus(b, b.select(positive, b.minimum(b.sqrt(r), near), b.sqrt(r)), roundedFar(b, out));
};

// ---- comparisons and choices ------------------------------------------------------------------------------------------------

const maskOf = (b: Builder, condition: Value): Value => b.select(condition, b.full(condition.type.shape, 1), b.zeros(condition.type.shape));

export const largest: RadiusRule = (b, _node, radii) =>
  radii.reduce<Radius>((most, r) => (r === undefined ? most : most === undefined ? r : b.maximum(most, r)), undefined);

/** A comparison may come out otherwise where the difference is no larger than both radii. */
export const comparisonRadius: RadiusRule = (b, node, [rx, ry]) => {
  const both = plus(b, rx, ry);
  if (both === undefined) return undefined;
  const gap = b.abs(b.sub(operand(node, 0), operand(node, 1)));
  // The gap is rounded too, and so are the radii; where one is not a number, nothing is known.
  const isExact = b.equal(both, b.zeros(both.type.shape));
  return maskOf(b, b.not(b.or(isExact, b.less(b.scale(both, 2), gap))));
};

/** Where the condition is in doubt, either branch. */
export const choiceRadius: RadiusRule = (b, node, [doubt, rx, ry]) => {
  const [condition, x, y] = [operand(node, 0), operand(node, 1), operand(node, 2)];
  const { shape, dtype } = result(node).type;
  const zeros = b.zeros(shape);
  const sure = rx === undefined && ry === undefined ? undefined : b.select(condition, rx ?? zeros, ry ?? zeros);
  if (doubt === undefined) return sure;
  if (dtype === 'bool') return b.maximum(doubt, sure ?? zeros);
  const either = b.add(b.abs(b.sub(x, y)), b.add(rx ?? zeros, ry ?? zeros));
  return b.select(b.less(zeros, doubt), either, sure ?? zeros);
};
