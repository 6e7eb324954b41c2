/**
 * x^y = 2^(y·log₂|x|), with its sign and its special values, which are those of JavaScript's `**`.
 *
 * An error in the logarithm is multiplied by up to 1075 in the power. In float64 the logarithm is therefore carried in two numbers, the
 * first with 26 bits, so that products of two such are exact. In float32 all is done in float64, by halves of the lanes.
 *
 * Approximations: minimax by Remez's algorithm (test/wasm/math/coefficients.py).
 * Source: FreeBSD msun, e_pow.c (the order of the sums; one interval in place of two). Special values: ECMA-262, Number::exponentiate.
 */
import type { FunctionBuilder, FunctionRef, Local, ModuleBuilder } from '../assembler.ts';
import { f32x4, f64x2, v128, type V128 } from '../instructions.ts';
import { lanesOf, type Lanes } from '../lanes.ts';
import { byHalves, horner, kitOf, mulAdd, type Kit } from './kit.ts';
import { normalised, takeApart } from './logarithm.ts';

/** 2 atanh(s) = ⅔·s·(3 + z + z²·(…)), z = s², s up to 0.1716. Relative error 2^-66.3. */
const atanh = [
  0.6000000000000343, 0.42857142855126823, 0.33333333784115016, 0.2727267616409003, 0.23080154495718574, 0.19884781051869443,
  0.19798755896105039,
];
/** 2/(3 ln 2), and ln 2, in two parts: the first with 26 bits. */
const toLog2 = { whole: 0.9617966939259756, high: 0.9617966860532761, low: 7.872699542894897e-9 };
const ln2 = { whole: Math.LN2, high: 0.6931471675634384, low: 1.2996506893889889e-8 };
/** r·coth(r/2) = 2 + r²·(…), r up to ½ ln 2. */
const coth = [0.16666666666666555, -0.00277777777766944, 6.613756249323826e-5, -1.6533836139486651e-6, 4.1360061912722315e-8];

/** A number in two parts, the first with at most 26 bits. */
interface Split {
  readonly high: Local<'v128'>;
  readonly low: Local<'v128'>;
}

/** The first 26 bits of a float64. */
const shortened = (kit: Kit, x: V128): Local<'v128'> => kit.keep(v128.and(x, kit.bits(-1n << 27n)));

/** log₂ x to about 65 bits, for x > 0. */
function log2(kit: Kit, x: Local<'v128'>): Split {
  const { add, sub, mul, div, number, keep } = kit;
  const { k, m } = takeApart(kit, ...normalised(kit, x));
  const f = keep(sub(m, number(1)));
  const sum = keep(add(m, number(1)));
  const inverse = keep(div(number(1), sum));
  // s = f/(m + 1) = short + long.
  const s = keep(mul(f, inverse));
  const short = shortened(kit, s);
  const sumHigh = shortened(kit, sum);
  const sumLow = sub(m, sub(sumHigh, number(1)));
  const long = keep(mul(inverse, sub(sub(f, mul(short, sumHigh)), mul(short, sumLow))));
  const z = keep(mul(s, s));
  const series = keep(mulAdd(kit, mul(z, z), byHalves(kit, z, atanh), mul(long, add(short, s))));
  // 3 + z + …, in two parts.
  const square = keep(mul(short, short));
  const high = shortened(kit, add(add(square, number(3)), series));
  const low = sub(series, sub(sub(high, number(3)), square));
  const product = keep(mul(short, high));
  const rest = keep(mulAdd(kit, long, high, mul(low, s)));
  const termHigh = shortened(kit, add(product, rest));
  const termLow = sub(rest, sub(termHigh, product));
  // Times 2/(3 ln 2), plus k.
  const scaled = keep(mul(termHigh, number(toLog2.high)));
  const scaledLow = keep(mulAdd(kit, termHigh, number(toLog2.low), mul(termLow, number(toLog2.whole))));
  const result = shortened(kit, add(add(scaled, scaledLow), k));
  return { high: result, low: keep(sub(scaledLow, sub(sub(result, k), scaled))) };
}

/** 2^(y·(high + low)). Beyond its range the exponent is cut, so that it overflows and underflows as it should. */
function powerOfTwo(kit: Kit, y: Local<'v128'>, { high, low }: Split): V128 {
  const { add, sub, mul, div, number, keep } = kit;
  const within = (x: V128, least: number, most: number): Local<'v128'> => keep(kit.atLeast(kit.atMost(x, number(most)), number(least)));
  const yHigh = shortened(kit, y);
  const large = within(mul(yHigh, high), -1080, 1030);
  const small = within(mulAdd(kit, sub(y, yHigh), high, mul(y, low)), -1, 1);
  const rounder = number(kit.rounder + 2 * kit.bias);
  const shifted = keep(add(add(large, small), rounder));
  const rest = keep(sub(large, sub(shifted, rounder)));
  const restHigh = shortened(kit, add(rest, small));
  const restLow = sub(small, sub(restHigh, rest));
  // Times ln 2: r and what its rounding lost.
  const product = keep(mul(restHigh, number(ln2.high)));
  const productLow = keep(mulAdd(kit, restHigh, number(ln2.low), mul(restLow, number(ln2.whole))));
  const r = keep(add(product, productLow));
  const lost = sub(productLow, sub(r, product));
  const square = keep(mul(r, r));
  const c = keep(sub(r, mul(square, byHalves(kit, square, coth))));
  const beyond = add(div(mul(r, c), sub(number(2), c)), lost);
  const first = keep(v128.and(kit.shiftLeft(shifted, kit.mantissa - 1), kit.scaleBits));
  const second = kit.subBits(kit.shiftLeft(shifted, kit.mantissa), first);
  return mul(mul(add(number(1), add(r, beyond)), first), second);
}

/** |x|^y for pairs of float32, in float64: 37 bits of the logarithm, 31 of the power. */
function inFloat64(kit: Kit, x: V128, y: V128): V128 {
  const { add, sub, mul, div, number, keep } = kit;
  const { k, m } = takeApart(kit, x);
  const s = keep(div(sub(m, number(1)), add(m, number(1))));
  const z = keep(mul(s, s));
  const series = horner(kit, z, [0.3333333281865282, 0.2000016860165646, 0.14268585597387332, 0.11792461418970418]);
  const log = mulAdd(kit, mulAdd(kit, mul(s, z), series, s), number(2 / Math.LN2), k);
  const exponent = keep(kit.atLeast(kit.atMost(mul(y, log), number(200)), number(-200)));
  const rounder = number(kit.rounder + kit.bias);
  const shifted = keep(add(exponent, rounder));
  const r = keep(mul(sub(exponent, sub(shifted, rounder)), number(Math.LN2)));
  const q = horner(kit, keep(mul(r, r)), [2, 0.166666179895401, -0.0027660070918500423]);
  return mul(add(number(1), div(add(r, r), sub(q, r))), kit.shiftLeft(shifted, kit.mantissa));
}

const bytes = (...words: readonly number[]): readonly number[] => words.flatMap((w) => [4 * w, 4 * w + 1, 4 * w + 2, 4 * w + 3]);

/** |x|^y, right where |x| is neither 0 nor ∞ nor NaN and y is finite. */
function magnitude(f: FunctionBuilder, kit: Kit, size: Local<'v128'>, y: Local<'v128'>): V128 {
  if (kit.precision === 'f64') return powerOfTwo(kit, y, log2(kit, size));
  const wide = kitOf(f, lanesOf('f64'));
  const half = (a: V128, b: V128): V128 =>
    f32x4.demoteF64Zero(inFloat64(wide, wide.keep(f64x2.promoteLowF32(a)), wide.keep(f64x2.promoteLowF32(b))));
  const upper = (x: V128): V128 => v128.shuffle(x, x, bytes(2, 3, 2, 3));
  return v128.shuffle(half(size, y), half(upper(size), upper(y)), bytes(0, 1, 4, 5));
}

/** The special values: of bases that are not positive, and of what is not finite. */
const withSpecial = (module: ModuleBuilder, lanes: Lanes): FunctionRef<['v128', 'v128', 'v128'], 'v128'> =>
  module.once(`special powers ${lanes.precision}`, () =>
    module.function(`special powers ${lanes.precision}`, ['v128', 'v128', 'v128'], 'v128', (f, x, y, value) => {
      const kit = kitOf(f, lanes);
      const { lt, eq, number, keep } = kit;
      const { floor } = lanes.arithmetic;
      const [zero, one, infinity] = [number(0), number(1), number(Infinity)];
      const [size, ySize] = [keep(kit.abs(x)), keep(kit.abs(y))];
      const choose = (condition: V128, then: V128): void => f.set(value, v128.bitselect(then, value, condition));
      const isDecreasing = keep(lt(y, zero));
      const isInfinite = keep(eq(size, infinity));
      choose(v128.or(isInfinite, eq(size, zero)), v128.and(v128.xor(isInfinite, isDecreasing), infinity));
      const hasInfiniteExponent = keep(eq(ySize, infinity));
      choose(hasInfiniteExponent, v128.and(v128.xor(lt(one, size), isDecreasing), infinity));
      // An odd exponent keeps the sign of the base; one that is not whole has no value for a negative base.
      const half = keep(kit.mul(y, number(0.5)));
      const isWhole = keep(eq(floor(y), y));
      const isOdd = v128.andnot(isWhole, eq(floor(half), half));
      f.set(value, v128.or(value, v128.and(v128.and(x, kit.signBit), isOdd)));
      const isNegative = v128.andnot(lt(x, zero), isInfinite);
      const hasNone = v128.or(v128.andnot(isNegative, isWhole), v128.and(hasInfiniteExponent, eq(size, one)));
      const isNaN = v128.not(v128.and(eq(x, x), eq(y, y)));
      f.set(value, v128.or(value, v128.or(hasNone, isNaN)));
      choose(eq(y, zero), one);
      f.return(value);
    }),
  );

/** x^y. Error: below 0.9 units in the last place in float64 (1.1 where subnormal), 0.6 in float32. */
export function pow(module: ModuleBuilder, f: FunctionBuilder, lanes: Lanes, base: V128, exponent: V128): V128 {
  const kit = kitOf(f, lanes);
  const { lt, number } = kit;
  const [x, y] = [kit.keep(base), kit.keep(exponent)];
  const value = kit.keep(magnitude(f, kit, kit.keep(kit.abs(x)), y));
  const isFinite = v128.and(lt(x, number(Infinity)), lt(kit.abs(y), number(Infinity)));
  const isSpecial = v128.not(v128.and(lt(number(0), x), isFinite));
  f.if(v128.anyTrue(isSpecial), () => f.set(value, f.result(withSpecial(module, lanes), x, y, value)));
  return value;
}
