/**
 * Pointwise ops as text of shaders, in forms that lose nothing in float32 where GPUs' own functions do: those are off by an absolute error near
 * their zeros, and what is not a number gets lost in a maximum. Conditions are 0 and 1.
 */
import { errorFunction } from '../../../../plan/error-function.ts';
import type { PointwiseOp } from '../../../../plan/op-names.ts';
import { real, type Writer } from './writer.ts';

/** The largest float32, in digits that do not round beyond it: WGSL refuses those that do. */
const largest = '3.4028234e38';

type Formula = (w: Writer, x: string, y: string, z: string) => string;

/** 2·artanh(s) / s in s², for s² up to 0.03: a relative error below 2^-27. */
const artanh = [2, 2 / 3, 2 / 5, 2 / 7, 2 / 9];
/** (eˣ − 1) / x, for |x| up to ½: a relative error below 2^-26. */
const exponential = [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320];

/** log(1 + x) by 2·artanh(x/(2 + x)), for x from −0.29 to 0.41. */
function logarithmNear1(w: Writer, x: string): string {
  const s = w.let(`${x} / (2.0 + ${x})`);
  const square = w.let(`${s} * ${s}`);
  return `${s} * ${w.polynomial(artanh, square)}`;
}
const isNear = (x: string): string => `${x} > -0.29 && ${x} < 0.41`;

/** GPUs' own function is one of |x| on some, and finite everywhere. */
function logarithm(w: Writer, x: string): string {
  const sure = w.choose(`${x} == 0.0`, `-${w.shading.infinity}`, `log(${x})`);
  return w.choose(`${x} >= 0.0`, w.choose(isFinite(x), sure, x), w.shading.nan);
}

const exponentialOf = (w: Writer, x: string): string => w.choose(isNaN(x), x, `exp(${x})`);

function log(w: Writer, x: string): string {
  const above = w.let(`${x} - 1.0`);
  return w.choose(isNear(above), logarithmNear1(w, above), logarithm(w, x));
}

function log1p(w: Writer, x: string): string {
  return w.choose(isNear(x), logarithmNear1(w, x), logarithm(w, w.let(`1.0 + ${x}`)));
}

function expm1(w: Writer, x: string): string {
  return w.choose(`abs(${x}) < 0.5`, `${x} * ${w.polynomial(exponential, x)}`, `${exponentialOf(w, x)} - 1.0`);
}

function tanh(w: Writer, x: string): string {
  const below = w.let(expm1(w, w.let(`-2.0 * abs(${x})`)));
  const size = w.let(`-${below} / (${below} + 2.0)`);
  return w.choose(`${x} < 0.0`, `-${size}`, size);
}

function softplus(w: Writer, x: string): string {
  const tail = w.let(log1p(w, w.let(`exp(-abs(${x}))`)));
  // What is not a number is none of both.
  return `${w.choose(`${x} < 0.0`, '0.0', x)} + ${tail}`;
}

function erf(w: Writer, x: string): string {
  const { near, far, split, one } = errorFunction;
  const size = w.let(w.choose(`abs(${x}) > ${real(one)}`, real(one), `abs(${x})`));
  const square = w.let(`${size} * ${size}`);
  const beyond = w.let(`1.0 - exp(-${square}) * ${w.polynomial(far.top, size)} / ${w.polynomial(far.bottom, size)}`);
  const value = w.let(w.choose(`${size} < ${real(split)}`, `${size} + ${size} * ${w.polynomial(near, square)}`, beyond));
  return w.choose(isNaN(x), x, w.choose(`${x} < 0.0`, `-${value}`, value));
}

/** π/2 in three parts, of which the first two have few digits: their products with a count of quarters are exact. */
const quarters = [1.5703125, 4.837512969970703e-4, 7.549789948768648e-8];
/** Of sin r / r and cos r in r², for |r| up to π/4: errors below 2^-29. */
const sine = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880];
const cosine = [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800];
/** Beyond it quarters cannot be taken off without error, and what the GPU has is no worse. */
const largestAngle = 10000;

/** sin(x + shift · π/2): GPUs' own are off by as much as 2^-11. */
function sineFrom(w: Writer, x: string, shift: 0 | 1): string {
  const count = w.let(`floor(${x} * ${real(2 / Math.PI)} + 0.5)`);
  const r = w.let(quarters.map(real).reduce((rest, part) => `(${rest} - ${count} * ${part})`, x));
  const square = w.let(`${r} * ${r}`);
  const quarter = w.let(`${count} + ${real(shift)}`);
  const within = w.let(`${quarter} - 4.0 * floor(0.25 * ${quarter})`);
  const isOdd = `${within} == 1.0 || ${within} == 3.0`;
  const size = w.let(w.choose(isOdd, w.polynomial(cosine, square), `${r} * ${w.polynomial(sine, square)}`));
  const near = w.choose(`${within} >= 2.0`, `-${size}`, size);
  const far = w.choose(isFinite(x), shift === 0 ? `sin(${x})` : `cos(${x})`, w.shading.nan);
  return w.choose(`abs(${x}) <= ${real(largestAngle)}`, near, far);
}

const isNaN = (x: string): string => `isnan(${x})`;

/** −1 where the exponent is odd, whatever the base; a float32 beyond 2²⁴ is even. */
function pow(w: Writer, x: string, y: string): string {
  const isWhole = `${y} == floor(${y})`;
  const isOdd = `${isWhole} && abs(${y}) < 16777216.0 && floor(0.5 * ${y}) * 2.0 != ${y}`;
  const size = w.let(`abs(${x})`);
  // Of a base next to 1 a GPU's own is off by what its logarithm loses there, which 1 − x^y would show.
  const exponent = w.let(`${y} * ${w.let(log(w, size))}`);
  const nearOne = `1.0 + ${exponent} * ${w.polynomial(exponential, exponent)}`;
  const general = w.let(w.choose(`abs(${exponent}) < 0.5`, nearOne, exponentialOf(w, exponent)));
  const atZero = w.choose(`${y} < 0.0`, w.shading.infinity, '0.0');
  const atInfinity = w.choose(`${y} < 0.0`, '0.0', w.shading.infinity);
  const ofSize = w.let(w.choose(`${size} == 0.0`, atZero, w.choose(`${size} > ${largest}`, atInfinity, general)));
  // Of −0 only its inverse tells.
  const isNegative = `${x} < 0.0 || (${x} == 0.0 && 1.0 / ${x} < 0.0)`;
  const signed = w.let(
    w.choose(
      isNegative,
      w.choose(isWhole, w.choose(isOdd, `-${ofSize}`, ofSize), w.choose(`${size} > ${largest} || ${size} == 0.0`, ofSize, w.shading.nan)),
      ofSize,
    ),
  );
  // Few factors are exact to the last place, and far cheaper.
  const few = w.choose(
    `${y} == 2.0`,
    `${x} * ${x}`,
    w.choose(`${y} == 1.0`, x, w.choose(`${y} == -1.0`, `1.0 / ${x}`, w.choose(`${y} == 3.0`, `${x} * ${x} * ${x}`, signed))),
  );
  const isSure = `abs(${y}) > ${largest} && ${size} == 1.0`;
  return w.choose(`${y} == 0.0`, '1.0', w.choose(`${isNaN(x)} || ${isNaN(y)} || (${isSure})`, w.shading.nan, few));
}

const withNaN = (w: Writer, x: string, y: string, value: string): string => w.choose(`${isNaN(x)} || ${isNaN(y)}`, w.shading.nan, value);
const isFinite = (x: string): string => `!${isNaN(x)} && abs(${x}) <= ${largest}`;

export const formulas: Readonly<Record<PointwiseOp, Formula>> = {
  neg: (_w, x) => `-${x}`,
  abs: (_w, x) => `abs(${x})`,
  sign: (w, x) => w.choose(`${x} > 0.0`, '1.0', w.choose(`${x} < 0.0`, '-1.0', x)),
  floor: (_w, x) => `floor(${x})`,
  exp: exponentialOf,
  log,
  log1p,
  expm1,
  sqrt: (_w, x) => `sqrt(${x})`,
  sin: (w, x) => sineFrom(w, x, 0),
  cos: (w, x) => sineFrom(w, x, 1),
  tanh,
  sigmoid: (w, x) => w.choose(isNaN(x), x, `1.0 / (1.0 + exp(-${x}))`),
  softplus,
  erf,
  not: (w, x) => w.truth(`${x} == 0.0`),
  is_finite: (w, x) => w.truth(isFinite(x)),
  add: (_w, x, y) => `${x} + ${y}`,
  sub: (_w, x, y) => `${x} - ${y}`,
  mul: (_w, x, y) => `${x} * ${y}`,
  div: (_w, x, y) => `${x} / ${y}`,
  pow,
  maximum: (w, x, y) => withNaN(w, x, y, w.choose(`${x} > ${y}`, x, y)),
  minimum: (w, x, y) => withNaN(w, x, y, w.choose(`${x} < ${y}`, x, y)),
  guarded_mul: (w, x, y) => w.choose(`${x} == 0.0`, '0.0', `${x} * ${y}`),
  equal: (w, x, y) => w.truth(`${x} == ${y}`),
  less: (w, x, y) => w.truth(`${x} < ${y}`),
  less_equal: (w, x, y) => w.truth(`${x} <= ${y}`),
  and: (w, x, y) => w.truth(`${x} != 0.0 && ${y} != 0.0`),
  or: (w, x, y) => w.truth(`${x} != 0.0 || ${y} != 0.0`),
  select: (w, c, x, y) => w.choose(`${c} != 0.0`, x, y),
};
