/**
 * The error function in float64, by rational approximations on three intervals; relative error below 1e-15.
 * Source: Cody (1969), Rational Chebyshev approximations for the error function, Math. Comp. 23, tables I–III, with the
 * square of the argument split before the exponential so that its rounding does not show (ibid., §4).
 */
const nearTop = [1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3];
const nearBottom = [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3];

const middleTop = [
  2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2, 8.8195222124176909e2,
  1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
];
const middleBottom = [
  1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3,
  4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
];

const farTop = [
  1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2,
  6.58749161529837803e-4,
];
const farBottom = [1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3];

const polynomial = (coefficients: readonly number[], x: number): number => {
  let value = 0;
  for (const c of coefficients) value = value * x + c;
  return value;
};

const ratio = (top: readonly number[], bottom: readonly number[], x: number): number => polynomial(top, x) / polynomial(bottom, x);

/** e^(−x²), the square taken of a part of x with few digits and the rest apart. */
function expOfMinusSquare(x: number): number {
  const short = Math.trunc(x * 16) / 16;
  return Math.exp(-short * short) * Math.exp(-(x - short) * (x + short));
}

/** 1 − erf(x), for x ≥ 0.46875. */
function complement(x: number): number {
  if (x <= 4) return expOfMinusSquare(x) * ratio(middleTop, middleBottom, x);
  const inverse = 1 / (x * x);
  return (expOfMinusSquare(x) / x) * (1 / Math.sqrt(Math.PI) - inverse * ratio(farTop, farBottom, inverse));
}

export function erf(x: number): number {
  const a = Math.abs(x);
  if (a <= 0.46875) return x * ratio(nearTop, nearBottom, x * x);
  // Beyond 6 the complement is below half a unit in the last place of 1.
  if (a > 6) return Math.sign(x);
  const value = 0.5 - complement(a) + 0.5;
  return x > 0 ? value : -value;
}
