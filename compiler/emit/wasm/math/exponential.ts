/**
 * The exponential and what is made of it: exp, expm1, sigmoid, tanh, softplus.
 *
 * All begin alike: x = n·ln 2 + r, |r| ≤ ½ ln 2. n is found by adding a number so large that nothing behind the point remains; it then
 * stands in the low bits of the sum, from where it is shifted into the exponent of s = 2^n. With P/Q = tanh(r/2), a quotient of
 * polynomials, e^x = s + s·2P/(Q − P). Where the exponential meets a constant, the constant meets s first, which is exact: rounding
 * e^x before would cost the last place.
 *
 * Approximations: minimax by Remez's algorithm (test/wasm/math/coefficients.py).
 * Source: Cody & Waite (1980), Software manual for the elementary functions, ch. 6; expm1's correction: FreeBSD msun, s_expm1.c.
 */
import type { FunctionBuilder, Local } from '../assembler.ts';
import { v128, type V128 } from '../instructions.ts';
import type { Precision } from '../../../../plan/kernels.ts';
import type { Lanes } from '../lanes.ts';
import { byHalves, horner, kitOf, monic, mulAdd, withSignOf, type Kit } from './kit.ts';

interface Exponential {
  /** ln 2 in two parts; n times the first is exact. */
  readonly ln2: readonly [number, number];
  /** Beyond these e^x is ∞, is 0; 2^n is not yet beyond the exponents there are. */
  readonly overflow: number;
  readonly underflow: number;
  /** From here on 1 + e^−x is 1. */
  readonly negligible: number;
  /** P = r·(p0 + p1·r² + …), Q = q0 + q1·r² + …; where p is missing, P = r. */
  readonly p: readonly number[] | undefined;
  readonly q: (kit: Kit, square: V128) => V128;
  /** r·coth(r/2) = 2 + r²·(…). */
  readonly coth: readonly number[];
  /** c with 2^(n + c) normal for all n with 2^n · [½, 2] not 0. */
  readonly room: number;
  /** tanh(x) = x + x·z·series(z), z = x², for x up to 5/8. */
  readonly tanh: Series;
  /** 2·atanh(z) = 2z + z·w·series(w), w = z², for z up to 1/3; times 2^`room`. */
  readonly atanh: Series;
}

type Series = (kit: Kit, x: V128) => V128;

/** A(x)/B(x), both divided by the last coefficient of B, so that B has 1 before its highest power; A times `scale`. */
const quotient =
  (top: readonly number[], bottom: readonly number[], last: number, scale = 1): Series =>
  (kit, x) =>
    kit.div(
      horner(
        kit,
        x,
        top.map((c) => (c / last) * scale),
      ),
      monic(
        kit,
        x,
        bottom.map((c) => c / last),
      ),
    );

const tables: Readonly<Record<Precision, Exponential>> = {
  f64: {
    ln2: [6.93147180369123816e-1, 1.9082149292705877e-10],
    overflow: 710,
    underflow: -746,
    negligible: 40,
    // Relative error 2^-60.1.
    p: [504.1680571562028, 14.003000781577365, 0.033316680814907636],
    q: (kit, square) => monic(kit, square, [1008.3361143124056, 112.03401108918409]),
    // Relative error of e^r 2^-62.3.
    coth: [0.16666666666666555, -0.00277777777766944, 6.613756249323826e-5, -1.6533836139486651e-6, 4.1360061912722315e-8],
    room: 60,
    // Relative error 2^-60.6.
    tanh: quotient(
      [-0.33333333333333326, -0.020496854143448564, -0.00019909192109215942],
      [1, 0.4614905624303311, 0.023288738830900067],
      0.00020644150721369606,
    ),
    // Relative error 2^-62.0.
    atanh: quotient(
      [0.6666666666666663, -1.0338453011094162, 0.44961670504753615, -0.047705755281784744],
      [1, -2.1507679516642764, 1.5363144000127777, -0.4049229133437606],
      0.02872868482015538,
      2 ** 60,
    ),
  },
  f32: {
    ln2: [0.693359375, -2.1219444e-4],
    overflow: 89,
    underflow: -105,
    negligible: 20,
    // Relative error 2^-30.8.
    p: undefined,
    q: (kit, square) => horner(kit, square, [2, 0.166666179895401, -0.0027660070918500423]),
    coth: [0.166666179895401, -0.0027660070918500423],
    room: 30,
    // Relative error 2^-27.8.
    tanh: quotient([-0.3333330882770498, -0.0015418924312362611], [1], 0.404613458469664),
    // Relative error 2^-27.7.
    atanh: (kit, w) =>
      horner(
        kit,
        w,
        [0.6666641235351562, 0.4002175033092499, 0.2799821197986603, 0.2802942991256714].map((c) => c * 2 ** 30),
      ),
  },
};

interface Reduced {
  /** n + bias in the low bits. */
  readonly shifted: Local<'v128'>;
  readonly r: Local<'v128'>;
}

/** x = n·ln 2 + r, or −x = n·ln 2 − r: with n + `bias` in the low bits of `shifted`. */
export function reduce(kit: Kit, x: V128, bias: number, sign: 1 | -1 = 1): Reduced {
  const { mul, add, sub, number, keep } = kit;
  const [high, low] = tables[kit.precision].ln2;
  const rounder = number(kit.rounder + bias);
  const shifted = keep(add(mul(x, number(sign * Math.LOG2E)), rounder));
  const n = keep(sub(shifted, rounder));
  return { shifted, r: keep(sub(sub(x, mul(n, number(sign * high))), mul(n, number(sign * low)))) };
}

/** P and Q with P/Q = tanh(r/2). */
export function tanhOfHalf(kit: Kit, r: Local<'v128'>): { readonly p: V128; readonly q: V128 } {
  const { p, q } = tables[kit.precision];
  const square = kit.keep(kit.mul(r, r));
  return { p: p === undefined ? r : kit.keep(kit.mul(r, horner(kit, square, p))), q: kit.keep(q(kit, square)) };
}

/**
 * e^x. Error: below 1.6 units in the last place.
 * The power of two is applied in two steps: neither overflows, and a subnormal result is rounded once.
 */
export function exp(f: FunctionBuilder, lanes: Lanes, operand: V128): V128 {
  const kit = kitOf(f, lanes);
  const { add, sub, mul, div, number, keep } = kit;
  const { overflow, underflow } = tables[kit.precision];
  const x = keep(kit.atLeast(kit.atMost(operand, number(overflow)), number(underflow)));
  const { shifted, r } = reduce(kit, x, 2 * kit.bias);
  const { p, q } = tanhOfHalf(kit, r);
  const half = keep(div(p, sub(q, p)));
  const first = keep(v128.and(kit.shiftLeft(shifted, kit.mantissa - 1), kit.scaleBits));
  const second = kit.subBits(kit.shiftLeft(shifted, kit.mantissa), first);
  return mul(mul(add(number(1), add(half, half)), first), second);
}

/**
 * 1 / (1 + e^−x). Error: below 2 units in the last place in float64 (1.92 was seen), 2.5 in float32.
 * Both parts of the quotient are multiplied by a power of two that makes room for 2^n: subnormal results come from the division.
 */
export function sigmoid(f: FunctionBuilder, lanes: Lanes, operand: V128): V128 {
  const kit = kitOf(f, lanes);
  const { add, sub, mul, div, number, keep } = kit;
  const { negligible, underflow, room, coth } = tables[kit.precision];
  const x = keep(kit.atLeast(kit.atMost(operand, number(negligible)), number(underflow)));
  const { shifted, r } = reduce(kit, x, kit.bias - room, -1);
  // P = r here, which is exact: three roundings follow.
  const q = keep(horner(kit, keep(mul(r, r)), [2, ...coth]));
  const one = number(2 ** -room);
  const s = keep(kit.shiftLeft(shifted, kit.mantissa));
  // e^−x = s·(Q − P)/(Q + P) = s − s·2P/(Q + P).
  return div(one, sub(add(one, s), div(mul(s, add(r, r)), add(q, r))));
}

/**
 * max(x, 0) + log1p(u), u = e^−|x|. Error: below 2 units in the last place (1.93 was seen).
 * log1p(u) = 2 atanh(z), z = u/(2 + u) ≤ ⅓; as 2z = u − u·z, it is u − z·(u − w·…), so that what is large is rounded once.
 * All but the result is multiplied by a power of two, for 2^n alone is 0 before the result is.
 */
export function softplus(f: FunctionBuilder, lanes: Lanes, operand: V128): V128 {
  const kit = kitOf(f, lanes);
  const { add, sub, mul, div, number, keep } = kit;
  const { underflow, room, atanh } = tables[kit.precision];
  const argument = keep(operand);
  const x = keep(kit.atLeast(v128.or(argument, kit.signBit), number(underflow)));
  const { shifted, r } = reduce(kit, x, kit.bias + room);
  const { p, q } = tanhOfHalf(kit, r);
  const s = keep(kit.shiftLeft(shifted, kit.mantissa));
  const [below, above] = [keep(sub(q, p)), keep(mul(s, add(q, p)))];
  const beyond = keep(div(mul(s, add(p, p)), below));
  const u = add(s, beyond);
  // Not from u, which would have to be waited for.
  const z = keep(div(above, mulAdd(kit, below, number(2 ** (room + 1)), above)));
  const w = keep(mul(z, z));
  const rest = sub(beyond, mul(z, sub(u, mul(w, atanh(kit, w)))));
  const [unit, positive] = [number(2 ** -room), kit.atLeast(argument, number(0))];
  return add(mul(s, unit), add(positive, mul(rest, unit)));
}

/**
 * e^x − 1 = s·(r + t) + (s − 1), t = e^r − 1 − r. Error: below 1.2 units in the last place.
 * The sum of the two large parts is kept with what its rounding loses. All is halved until the end: 2^n must not overflow first.
 */
export function expm1(f: FunctionBuilder, lanes: Lanes, operand: V128): V128 {
  const kit = kitOf(f, lanes);
  const { add, sub, mul, div, number, keep } = kit;
  const { overflow, negligible, coth, ln2 } = tables[kit.precision];
  const argument = keep(operand);
  const x = keep(kit.atLeast(kit.atMost(argument, number(overflow)), number(-negligible)));
  const rounder = number(kit.rounder + kit.bias - 1);
  const shifted = keep(add(mul(x, number(Math.LOG2E)), rounder));
  const n = keep(sub(shifted, rounder));
  const rough = keep(sub(x, mul(n, number(ln2[0]))));
  const rest = keep(mul(n, number(ln2[1])));
  const r = keep(sub(rough, rest));
  const square = keep(mul(r, r));
  // e^r = 1 + r + r·c/(2 − c), c = r − (r·coth(r/2) − 2).
  const c = keep(sub(r, mul(square, byHalves(kit, square, coth))));
  const t = sub(div(mul(r, c), sub(number(2), c)), rest);
  const s = keep(kit.shiftLeft(shifted, kit.mantissa));
  const [large, small] = [keep(sub(s, number(0.5))), keep(mul(s, rough))];
  const sum = keep(add(large, small));
  const lost = sub(small, sub(sum, large));
  const half = keep(add(sum, mulAdd(kit, s, t, lost)));
  return withSignOf(kit, add(half, half), argument);
}

/** For |x| < ⅝ an odd function near x; beyond, 1 − 2/(1 + e^(2|x|)). Error: below 1.7 units in the last place. */
export function tanh(f: FunctionBuilder, lanes: Lanes, operand: V128): V128 {
  const kit = kitOf(f, lanes);
  const { add, sub, mul, div, number, keep } = kit;
  const table = tables[kit.precision];
  const argument = keep(operand);
  const size = keep(kit.atMost(kit.abs(argument), number(table.negligible / 2)));
  const square = keep(mul(size, size));
  const near = mulAdd(kit, mul(size, square), table.tanh(kit, square), size);
  const { shifted, r } = reduce(kit, keep(add(size, size)), kit.bias);
  const { p, q } = tanhOfHalf(kit, r);
  const s = keep(kit.shiftLeft(shifted, kit.mantissa));
  const below = keep(sub(q, p));
  const far = sub(number(1), div(add(below, below), mulAdd(kit, s, add(q, p), below)));
  return withSignOf(kit, v128.bitselect(near, far, kit.lt(size, number(0.625))), argument);
}
