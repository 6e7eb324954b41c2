/** What pointwise ops mean, in float64: for the loops of `loops.ts`, whose results are rounded once. Conditions are 0 and 1. */
import { errorFunction } from '../../../../plan/error-function.ts';
import type { PointwiseOp } from '../../../../plan/op-names.ts';

export type Scalar = (x: number, y: number, z: number) => number;

const polynomial = (coefficients: readonly number[], x: number): number => coefficients.reduceRight((sum, c) => sum * x + c, 0);

function erf(x: number): number {
  const { near, far, split, one } = errorFunction;
  const size = Math.abs(x);
  if (size < split) return x + x * polynomial(near, x * x);
  if (size > one) return Math.sign(x);
  return Math.sign(x) * (1 - (Math.exp(-x * x) * polynomial(far.top, size)) / polynomial(far.bottom, size));
}

export const functions: Readonly<Record<PointwiseOp, Scalar>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  expm1: Math.expm1,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  // In float64 e^(−x) of a float32 overflows only where the result is 0.
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  erf,
  not: (x) => (x === 0 ? 1 : 0),
  is_finite: (x) => (Number.isFinite(x) ? 1 : 0),
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: (x, y) => x ** y,
  maximum: (x, y) => Math.max(x, y),
  minimum: (x, y) => Math.min(x, y),
  guarded_mul: (x, y) => (x === 0 ? 0 : x * y),
  equal: (x, y) => (x === y ? 1 : 0),
  less: (x, y) => (x < y ? 1 : 0),
  less_equal: (x, y) => (x <= y ? 1 : 0),
  and: (x, y) => (x !== 0 && y !== 0 ? 1 : 0),
  or: (x, y) => (x !== 0 || y !== 0 ? 1 : 0),
  select: (c, x, y) => (c !== 0 ? x : y),
};
