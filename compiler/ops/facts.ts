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

/**
 * The least p for which v^p is known to be convex, 0 where log v is; infinite where v is not known to be convex and ≥ 0. For p ≤ q a v that is
 * convex to the power p is so to the power q, and sums of such v are so: a p-norm of what is convex and ≥ 0, and a logsumexp at 0.
 * Source: Avriel (1972), r-convex functions.
 */
export function powerOf({ curvature, sign, power }: Facts): number {
  if (power !== undefined) return power;
  if (!isNonnegative(sign)) return Infinity;
  return curvature === 'constant' ? 0 : isConvex(curvature) ? 1 : Infinity;
}

/** Of v ≥ 0 with v^power convex, if it is; what does not vary has nothing to say. */
const convexTo = (power: number, degree = Infinity): Facts => ({
  degree,
  curvature: 'convex',
  sign: 'nonnegative',
  ...(power < 1 ? { power } : {}),
});

/** Facts with a power, where that says more than their curvature. */
function withPower(facts: Facts, power: number): Facts {
  return power < 1 && facts.curvature !== 'constant' ? { ...facts, ...convexTo(power, facts.degree) } : facts;
}

const cappedDegree = (degree: number): number => (degree <= 2 ? degree : Infinity);

/** Of a sum of the operands, and of any tensor of their elements. */
export const joinFacts = (operands: readonly Facts[]): Facts =>
  operands.reduce(
    (a, b) =>
      withPower(
        {
          degree: Math.max(a.degree, b.degree),
          curvature: joinCurvatures(a.curvature, b.curvature),
          sign: joinSigns(a.sign, b.sign),
        },
        Math.max(powerOf(a), powerOf(b)),
      ),
    constantFacts('zero'),
  );

export const negateFacts = (a: Facts): Facts => ({ degree: a.degree, curvature: negateCurvature(a.curvature), sign: negateSign(a.sign) });

/** The operand's facts, for an op that only moves or sums elements; `others` must not vary. */
export const passFacts = (_node: unknown, [first, ...others]: readonly Facts[]): Facts => {
  if (first === undefined) return unknownFacts('unknown');
  // What is known of a matrix is of these elements in this place.
  return others.every((o) => o.curvature === 'constant') ? { ...first, matrix: undefined } : unknownFacts(first.sign);
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

/** exp(a), whose logarithm is a. */
export const expFacts = (a: Facts): Facts =>
  withPower(compose({ curvature: 'convex', monotone: 'increasing', sign: 'nonnegative' }, a), isConvex(a.curvature) ? 0 : Infinity);

/** log a, or log(1 + a), which has the sign of a. */
export function logFacts(a: Facts, sign: Sign): Facts {
  if (a.curvature !== 'constant' && powerOf(a) === 0) return { degree: Infinity, curvature: 'convex', sign };
  return compose({ curvature: 'concave', monotone: 'increasing', sign }, a);
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

/** The largest of some elements: convex in them, increasing, and convex to any power to which they are. */
export function largestFacts(operands: readonly Facts[]): Facts {
  const { sign, curvature } = joinFacts(operands);
  if (curvature === 'constant') return constantFacts(sign);
  const facts: Facts = { degree: Infinity, curvature: isConvex(curvature) ? 'convex' : 'unknown', sign };
  return withPower(facts, Math.max(...operands.map(powerOf)));
}

/** The diagonal of a Cholesky factor: roots of what is concave in the matrix. */
export const pivotFacts = (a: Facts): Facts =>
  a.curvature === 'constant'
    ? constantFacts('nonnegative')
    : { degree: Infinity, curvature: isAffine(a.curvature) ? 'concave' : 'unknown', sign: 'nonnegative' };

/** Scales `a` by a constant of this sign. */
function scaleCurvature(a: Curvature, sign: Sign): Curvature {
  if (isNonnegative(sign)) return a;
  if (isNonpositive(sign)) return negateCurvature(a);
  return isAffine(a) ? a : 'unknown';
}

/** The power of |a|: of what is affine, convex and ≥ 0, or concave and ≤ 0. */
const powerOfAbs = (a: Facts): number =>
  Math.min(powerOf(a), isAffine(a.curvature) || (a.curvature === 'concave' && isNonpositive(a.sign)) ? 1 : Infinity);

/** a², or ⟨a, K a⟩ with a positive semidefinite K, which is convex in what is affine alone where it mixes elements. */
export function squareFacts(a: Facts, isMixed = false): Facts {
  if (a.curvature === 'constant') return constantFacts(a.sign === 'zero' ? 'zero' : 'nonnegative');
  const degree = cappedDegree(2 * a.degree);
  const power = isMixed && !isAffine(a.curvature) ? Infinity : powerOfAbs(a) / 2;
  return power < 1 ? convexTo(power, degree) : { degree, curvature: 'unknown', sign: 'nonnegative' };
}

/** A product, elementwise or summed. */
export function productFacts(a: Facts, b: Facts): Facts {
  const sign = productSign(a.sign, b.sign);
  const degree = cappedDegree(a.degree + b.degree);
  if (a.curvature === 'constant' && b.curvature === 'constant') return constantFacts(sign);
  const power = Math.max(powerOf(a), powerOf(b));
  if (a.curvature === 'constant') return withPower({ degree, curvature: scaleCurvature(b.curvature, a.sign), sign }, power);
  if (b.curvature === 'constant') return withPower({ degree, curvature: scaleCurvature(a.curvature, b.sign), sign }, power);
  return power === 0 ? convexTo(0) : { degree, curvature: 'unknown', sign };
}

/** a / b: a scaled by 1 / b where b does not vary; else 1 / b is convex and decreasing for b > 0, and so is a square over b. */
export function quotientFacts(a: Facts, b: Facts): Facts {
  const sign = productSign(a.sign, b.sign);
  if (b.curvature === 'constant') {
    if (a.curvature === 'constant') return constantFacts(sign);
    return withPower({ degree: a.degree, curvature: scaleCurvature(a.curvature, b.sign), sign }, Math.max(powerOf(a), powerOf(b)));
  }
  if (!(b.sign === 'nonnegative' && isConcave(b.curvature))) return unknownFacts(sign);
  if (a.curvature !== 'constant') return powerOf(a) <= 0.5 ? convexTo(1) : unknownFacts(sign);
  const reciprocal: Facts = { degree: Infinity, curvature: 'convex', sign: 'nonnegative' };
  return { ...productFacts(a, reciprocal), degree: Infinity };
}

/** a^p with p a number: the cases of p in which something is known. */
export function powerFacts(a: Facts, p: number): Facts {
  if (p === 0) return constantFacts('nonnegative');
  if (p === 1) return a;
  if (p === 2) return squareFacts(a);
  const even = Number.isInteger(p) && p % 2 === 0;
  const nonnegative = isNonnegative(a.sign);
  const sign: Sign = even || nonnegative || !Number.isInteger(p) ? 'nonnegative' : 'unknown';
  if (a.curvature === 'constant') return constantFacts(sign);
  const power = p > 0 ? (even ? powerOfAbs(a) : powerOf(a)) / p : Infinity;
  if (power <= 1) return convexTo(power, Number.isInteger(p) ? cappedDegree(p * a.degree) : Infinity);
  if (even && p > 0) return unknownFacts(sign);
  if (!nonnegative) {
    // Without a known sign a fractional power is still only defined for a ≥ 0.
    if (p > 0 && p < 1) return compose({ curvature: 'concave', monotone: 'increasing', sign: 'nonnegative' }, a);
    if (p > 1 && !Number.isInteger(p)) return compose({ curvature: 'convex', monotone: 'no', sign: 'nonnegative' }, a);
    return unknownFacts(sign);
  }
  if (p < 0) return compose({ curvature: 'convex', monotone: 'decreasing', sign }, a);
  return compose({ curvature: p < 1 ? 'concave' : 'convex', monotone: 'increasing', sign }, a);
}
