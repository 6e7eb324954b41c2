/**
 * log and log1p.
 *
 * x = 2^k·(1 + f), √½ ≤ 1 + f < √2, taken apart in the bits. With s = f/(2 + f): log(1 + f) = 2 atanh(s) = 2s + s·s²·…,
 * and as 2s = f − s·f, it is f − s·(f − s²·…): what is large is exact.
 *
 * Approximations: minimax by Remez's algorithm (test/wasm/math/coefficients.py).
 * Source: FreeBSD msun, e_log.c and s_log1p.c (the forms); the branches became masks.
 */
import type { FunctionBuilder, Local } from '../assembler.ts';
import { v128, type V128 } from '../instructions.ts';
import type { Precision } from '../../../../plan/kernels.ts';
import type { Lanes } from '../lanes.ts';
import { bitsOf, byHalves, kitOf, withSignOf, type Kit } from './kit.ts';

interface Logarithm {
  /** ln 2 in two parts; k times the first is exact. */
  readonly ln2: readonly [number, number];
  /** 2 atanh(s) = 2s + s·z·(…), z = s², for s up to 0.1716. */
  readonly atanh: readonly number[];
}

const tables: Readonly<Record<Precision, Logarithm>> = {
  f64: {
    ln2: [6.93147180369123816e-1, 1.9082149292705877e-10],
    // Relative error 2^-59.5.
    atanh: [
      0.6666666666666735, 0.399999999994088, 0.2857142874389201, 0.22222198401449994, 0.18183574062128136, 0.15313782355913744,
      0.1479881196888961,
    ],
  },
  f32: {
    ln2: [0.693138123, 9.0580006e-6],
    // Relative error 2^-30.2.
    atanh: [0.6666677594184875, 0.39977553486824036, 0.2987212836742401],
  },
};

interface Parts {
  /** The exponent, as a number. */
  readonly k: Local<'v128'>;
  /** 1 + f. */
  readonly m: Local<'v128'>;
}

/** x = 2^k·(1 + f) for normal x. `less` is taken from k: bits of the exponent, where x was multiplied before. */
export function takeApart(kit: Kit, x: V128, less?: V128): Parts {
  const { number, bits, keep, mantissa, bias, precision } = kit;
  const [one, least] = [bitsOf(precision, 1), bitsOf(precision, Math.SQRT1_2)];
  // 64 keeps the exponent positive, whatever is taken from it.
  const spare = 64;
  const raised = kit.addBits(x, bits(one - least + (BigInt(spare) << BigInt(mantissa))));
  const shifted = keep(less === undefined ? raised : kit.subBits(raised, less));
  // An integer below 2^mantissa, put into the low bits of 2^mantissa, is a number that much larger.
  const base = 2 ** mantissa;
  const k = keep(kit.sub(v128.or(kit.shiftRight(shifted, mantissa), number(base)), number(base + bias + spare)));
  const mantissaBits = v128.and(shifted, bits((1n << BigInt(mantissa)) - 1n));
  return { k, m: keep(kit.addBits(mantissaBits, bits(least))) };
}

/** What is subnormal multiplied by a power of two; and that power, as `takeApart` takes it. */
export function normalised(kit: Kit, x: V128): readonly [V128, V128] {
  const one = bitsOf(kit.precision, 1);
  const up = bitsOf(kit.precision, 2 ** (kit.mantissa + 1));
  const factor = kit.keep(v128.and(kit.lt(x, kit.number(kit.smallestNormal)), kit.bits(up - one)));
  return [kit.keep(kit.mul(x, kit.addBits(factor, kit.bits(one)))), factor];
}

/** k·ln 2 + log(1 + f) + small. */
function logOf(kit: Kit, { k, m }: Parts, small?: V128): V128 {
  const { add, sub, mul, div, number, keep } = kit;
  const { ln2, atanh } = tables[kit.precision];
  const f = keep(sub(m, number(1)));
  const s = keep(div(f, add(m, number(1))));
  const z = keep(mul(s, s));
  const series = mul(z, byHalves(kit, z, atanh));
  const low = mul(k, number(ln2[1]));
  const rest = sub(mul(s, sub(f, series)), small === undefined ? low : add(low, small));
  return sub(mul(k, number(ln2[0])), sub(rest, f));
}

/** What is added to the logarithm of x: −∞ where x is 0, NaN where it is negative or NaN, ∞ at ∞; elsewhere nothing. */
function atTheEdges(kit: Kit, x: V128): V128 {
  const [zero, infinity] = [kit.number(0), kit.number(Infinity)];
  const beyond = v128.andnot(x, kit.lt(x, infinity));
  const atZero = v128.and(kit.eq(x, zero), kit.number(-Infinity));
  return v128.or(v128.or(beyond, atZero), kit.lt(x, zero));
}

/** log x. Error: below 1 unit in the last place. */
export function log(f: FunctionBuilder, lanes: Lanes, operand: V128): V128 {
  const kit = kitOf(f, lanes);
  const x = kit.keep(operand);
  return kit.add(logOf(kit, takeApart(kit, ...normalised(kit, x))), atTheEdges(kit, x));
}

/**
 * log(1 + x): the logarithm of the rounded sum u, and what rounding lost, by log(u + c) = log u + c/u.
 * Error: below 1 unit in the last place.
 */
export function log1p(f: FunctionBuilder, lanes: Lanes, operand: V128): V128 {
  const kit = kitOf(f, lanes);
  const { add, sub, div, keep } = kit;
  const x = keep(operand);
  const one = kit.number(1);
  const u = keep(add(x, one));
  const lost = div(sub(x, sub(u, one)), kit.atLeast(u, kit.number(kit.smallestNormal)));
  // At ∞ nothing was lost; the difference does not know.
  const small = v128.and(lost, kit.lt(x, kit.number(Infinity)));
  const value = add(logOf(kit, takeApart(kit, u), small), atTheEdges(kit, u));
  return withSignOf(kit, value, x);
}
