/**
 * How degree, curvature and sign pass through an op: the composition rules of disciplined convex programming.
 * A row says what kind of function it is; the calculus is here.
 * Source: Grant, Boyd & Ye (2006), Disciplined Convex Programming, §6.
 */
import type { Curvature, Facts, Sign } from './spec.ts';

export const constantFacts = (sign: Sign): Facts => ({ degree: 0, curvature: 'constant', sign });
export const unknownFacts = (sign: Sign): Facts => ({ degree: Infinity, curvature: 'unknown', sign });

export const signOf = (value: number): Sign => (value === 0 ? 'zero' : value > 0 ? 'nonnegative' : value < 0 ? 'nonpositive' : 'unknown');

export const negateSign = (s: Sign): Sign => (s === 'nonnegative' ? 'nonpositive' : s === 'nonpositive' ? 'nonnegative' : s);
export const negateCurvature = (c: Curvature): Curvature => (c === 'convex' ? 'concave' : c === 'concave' ? 'convex' : c);

/** Of a sum, and of a tensor that holds elements of both. */
export const joinSigns = (a: Sign, b: Sign): Sign => (a === b ? a : a === 'zero' ? b : b === 'zero' ? a : 'unknown');
export const productSign = (a: Sign, b: Sign): Sign =>
  a === 'zero' || b === 'zero' ? 'zero' : a === 'unknown' || b === 'unknown' ? 'unknown' : a === b ? 'nonnegative' : 'nonpositive';

const isNonnegative = (s: Sign): boolean => s === 'nonnegative' || s === 'zero';
const isNonpositive = (s: Sign): boolean => s === 'nonpositive' || s === 'zero';
export const isAffine = (c: Curvature): boolean => c === 'constant' || c === 'affine';
export const isConvex = (c: Curvature): boolean => isAffine(c) || c === 'convex';
export const isConcave = (c: Curvature): boolean => isAffine(c) || c === 'concave';

/** Of a sum, and of a tensor that holds elements of both: the least word that covers both. */
export function joinCurvatures(a: Curvature, b: Curvature): Curvature {
  if (a === b) return a;
  if (a === 'constant') return b;
  if (b === 'constant') return a;
  if (a === 'affine') return b;
  return b === 'affine' ? a : 'unknown';
}

const cappedDegree = (degree: number): number => (degree <= 2 ? degree : Infinity);

/** Of a sum of the operands, and of any tensor of their elements. */
export const joinFacts = (operands: readonly Facts[]): Facts =>
  operands.reduce(
    (a, b) => ({
      degree: Math.max(a.degree, b.degree),
      curvature: joinCurvatures(a.curvature, b.curvature),
      sign: joinSigns(a.sign, b.sign),
    }),
    constantFacts('zero'),
  );

export const negateFacts = (a: Facts): Facts => ({ degree: a.degree, curvature: negateCurvature(a.curvature), sign: negateSign(a.sign) });

/** The operand's facts, for an op that only moves or sums elements; `others` must not vary. */
export const passFacts = (_node: unknown, [first, ...others]: readonly Facts[]): Facts => {
  if (first === undefined) return unknownFacts('unknown');
  return others.every((o) => o.curvature === 'constant') ? first : unknownFacts(first.sign);
};

/** Of an op of which nothing is known but its sign: constant where all operands are. */
export const opaque =
  (sign: Sign | ((operands: readonly Facts[]) => Sign) = 'unknown') =>
  (_node: unknown, operands: readonly Facts[]): Facts => {
    const known = typeof sign === 'function' ? sign(operands) : sign;
    return operands.every((o) => o.curvature === 'constant') ? constantFacts(known) : unknownFacts(known);
  };

export interface Scalar {
  readonly curvature: 'affine' | 'convex' | 'concave' | 'unknown';
  readonly monotone: 'increasing' | 'decreasing' | 'no';
  readonly sign: Sign;
}

/** f(g) of a scalar function f, elementwise; not for f that is a polynomial, whose degree is kept elsewhere. */
export function compose(f: Scalar, g: Facts): Facts {
  if (g.curvature === 'constant') return constantFacts(f.sign);
  return { degree: Infinity, curvature: composedCurvature(f, g.curvature), sign: f.sign };
}

function composedCurvature(f: Scalar, g: Curvature): Curvature {
  if (isAffine(g)) return f.curvature;
  const inner = f.monotone === 'increasing' ? g : f.monotone === 'decreasing' ? negateCurvature(g) : 'unknown';
  if (inner === 'convex' && (f.curvature === 'convex' || f.curvature === 'affine')) return 'convex';
  if (inner === 'concave' && (f.curvature === 'concave' || f.curvature === 'affine')) return 'concave';
  return 'unknown';
}

/** Scales `a` by a constant of this sign. */
function scaleCurvature(a: Curvature, sign: Sign): Curvature {
  if (isNonnegative(sign)) return a;
  if (isNonpositive(sign)) return negateCurvature(a);
  return isAffine(a) ? a : 'unknown';
}

/** a²: convex where a is affine, convex and ≥ 0, or concave and ≤ 0. */
export function squareFacts(a: Facts): Facts {
  if (a.curvature === 'constant') return constantFacts(a.sign === 'zero' ? 'zero' : 'nonnegative');
  const convex =
    isAffine(a.curvature) || (a.curvature === 'convex' && isNonnegative(a.sign)) || (a.curvature === 'concave' && isNonpositive(a.sign));
  return { degree: cappedDegree(2 * a.degree), curvature: convex ? 'convex' : 'unknown', sign: 'nonnegative' };
}

/** A product, elementwise or summed; `square`: of one value with itself. */
export function productFacts(a: Facts, b: Facts, square: boolean): Facts {
  if (square) return squareFacts(a);
  const sign = productSign(a.sign, b.sign);
  const degree = cappedDegree(a.degree + b.degree);
  if (a.curvature === 'constant' && b.curvature === 'constant') return constantFacts(sign);
  if (a.curvature === 'constant') return { degree, curvature: scaleCurvature(b.curvature, a.sign), sign };
  if (b.curvature === 'constant') return { degree, curvature: scaleCurvature(a.curvature, b.sign), sign };
  return { degree, curvature: 'unknown', sign };
}

/** a / b: a scaled by 1 / b where b does not vary; else 1 / b is convex and decreasing for b > 0. */
export function quotientFacts(a: Facts, b: Facts): Facts {
  const sign = productSign(a.sign, b.sign);
  if (b.curvature === 'constant')
    return a.curvature === 'constant' ? constantFacts(sign) : { degree: a.degree, curvature: scaleCurvature(a.curvature, b.sign), sign };
  if (a.curvature !== 'constant' || !(b.sign === 'nonnegative' && isConcave(b.curvature))) return unknownFacts(sign);
  const reciprocal: Facts = { degree: Infinity, curvature: 'convex', sign: 'nonnegative' };
  return { ...productFacts(a, reciprocal, false), degree: Infinity };
}

/** a^p with p a number: the cases of p in which something is known. */
export function powerFacts(a: Facts, p: number): Facts {
  if (p === 0) return constantFacts('nonnegative');
  if (p === 1) return a;
  if (p === 2) return squareFacts(a);
  const even = Number.isInteger(p) && p % 2 === 0;
  const nonnegative = isNonnegative(a.sign);
  const sign: Sign = even || nonnegative ? 'nonnegative' : 'unknown';
  if (a.curvature === 'constant') return constantFacts(sign);
  if (even && p > 0) {
    const monotone = nonnegative ? 'increasing' : isNonpositive(a.sign) ? 'decreasing' : 'no';
    return compose({ curvature: 'convex', monotone, sign }, a);
  }
  if (!nonnegative) {
    // Without a known sign a fractional power is still only defined for a ≥ 0.
    if (p > 0 && p < 1) return compose({ curvature: 'concave', monotone: 'increasing', sign: 'nonnegative' }, a);
    if (p > 1 && !Number.isInteger(p)) return compose({ curvature: 'convex', monotone: 'no', sign: 'nonnegative' }, a);
    return unknownFacts(sign);
  }
  if (p < 0) return compose({ curvature: 'convex', monotone: 'decreasing', sign }, a);
  return compose({ curvature: p < 1 ? 'concave' : 'convex', monotone: 'increasing', sign }, a);
}
