/**
 * Sine and cosine where the argument is so large that 2/π must be known to many bits: one number at a time, called rarely.
 *
 * |x| = m·2^e with a whole number m below 2^53. Of x·2/π only what is below 4 matters, so of 2/π only the bits from weight 2^(1−e) on: 192
 * of them, times m, leave 2 bits of the quadrant and 126 behind the point that are right to 2^-137. No float64 is closer to a multiple
 * of π/2 than 2^-62.
 *
 * Source: Payne & Hanek (1983), Radian reduction for trigonometric functions, SIGNUM Newsletter 18; Ng (1992), Argument reduction for
 * huge arguments.
 */
import type { FunctionBuilder, FunctionRef, Local, ModuleBuilder } from '../assembler.ts';
import { constant, f64, f64x2, i32, i64, i64x2, type F64, type I32, type I64 } from '../instructions.ts';
import { lanesOf } from '../lanes.ts';
import { kitOf } from './kit.ts';
import { sineOrCosine } from './sine-kernel.ts';

/** Bits of 2/π from the point on, behind 64 zeros. */
const twoOverPi: readonly bigint[] = [
  0n,
  0xa2f9836e4e441529n,
  0xfc2757d1f534ddc0n,
  0xdb6295993c439041n,
  0xfe5163abdebbc561n,
  0xb7246e3a424dd2e0n,
  0x06492eea09d1921cn,
  0xfe1deb1cb129a73en,
  0xe88235f52ebb4484n,
  0xe99c7026b45f7e41n,
  0x3991d639835339f4n,
  0x9c845f8bbdf9283bn,
  0x1ff897ffde05980fn,
  0xef2f118b5a0a6d1fn,
  0x6d367ecf27cb09b7n,
  0x4f463f669e5fea2dn,
  0x7527bac7ebe5f17bn,
  0x3d0739f78a5292ean,
  0x6bfb5fb11f8d5d08n,
  0x56033046fc7b6babn,
];

/** π/2 in two parts, and the first in two of 26 bits or fewer. */
const halfPi = { high: 1.5707963267948966, low: 6.123233995736766e-17, top: 1.5707963109016418, bottom: 1.5893254773528197e-8 };

const long = (value: bigint): I64 => constant.i64(value);
const shifted = (value: I64, by: number): I64 => i64.shrU(value, long(BigInt(by)));
const low32 = (value: I64): I64 => i64.and(value, long(0xffffffffn));

/** A word of `twoOverPi`: there is no table in memory. */
const wordOf = (module: ModuleBuilder): FunctionRef<['i32'], 'i64'> =>
  module.once('bits of 2/pi', () =>
    module.function('bits of 2/pi', ['i32'], 'i64', (f, which) => {
      f.enterAt(
        which,
        twoOverPi.map((word) => () => f.return(long(word))),
      );
      f.return(long(0n));
    }),
  );

/** The high half of a product of two 64-bit numbers. */
const highProductOf = (module: ModuleBuilder): FunctionRef<['i64', 'i64'], 'i64'> =>
  module.once('high half of a product', () =>
    module.function('high half of a product', ['i64', 'i64'], 'i64', (f, a, b) => {
      const [aLow, aHigh, bLow, bHigh] = [f.let(low32(a)), f.let(shifted(a, 32)), f.let(low32(b)), f.let(shifted(b, 32))];
      const cross = f.let(i64.add(i64.mul(aHigh, bLow), shifted(i64.mul(aLow, bLow), 32)));
      const other = f.let(i64.add(i64.mul(aLow, bHigh), low32(cross)));
      f.return(i64.add(i64.add(i64.mul(aHigh, bHigh), shifted(cross, 32)), shifted(other, 32)));
    }),
  );

interface Angle {
  /** Quarter turns, in the low two bits. */
  readonly quarters: Local<'i64'>;
  /** The rest in radians, in two parts. */
  readonly high: Local<'f64'>;
  readonly low: F64;
}

/** x ≥ 2^20, as quarter turns and a rest of at most half a quarter. */
function reduceLarge(module: ModuleBuilder, f: FunctionBuilder, x: Local<'f64'>): Angle {
  const [word, highProduct] = [wordOf(module), highProductOf(module)];
  const bits = f.let(i64.reinterpretF64(x));
  const m = f.let(i64.or(i64.and(bits, long((1n << 52n) - 1n)), long(1n << 52n)));
  // e = exponent − 1075; the window begins at bit e − 2 of 2/π, bit e + 62 of the table.
  const start = f.let(i32.sub(i32.wrapI64(shifted(bits, 52)), constant.i32(1075 - 62)));
  const first = f.let(i32.shrU(start, constant.i32(6)));
  const by = f.let(i64.extendI32U(i32.and(start, constant.i32(63))));
  const words = [0, 1, 2, 3].map((i) => f.let(f.result(word, i32.add(first, constant.i32(i)))));
  const window = (i: number): Local<'i64'> => {
    const [here, next] = [words[i] ?? m, words[i + 1] ?? m];
    // In two steps, for a shift by 64 is one by 0.
    const carried = i64.shrU(shifted(next, 1), i64.sub(long(63n), by));
    return f.let(i64.or(i64.shl(here, by), carried));
  };
  const [top, middle, bottom] = [window(0), window(1), window(2)];
  const part = f.let(i64.mul(m, middle));
  const second = f.let(i64.add(part, f.result(highProduct, m, bottom)));
  const carry = i64.extendI32U(i64.ltU(second, part));
  const whole = f.let(i64.add(i64.add(i64.mul(m, top), f.result(highProduct, m, middle)), carry));
  const quarters = f.let(shifted(i64.add(whole, long(1n << 61n)), 62));
  // Without the quarters, what remains is a signed fraction of 128 bits.
  const fraction = f.let(i64.or(i64.shl(whole, long(2n)), shifted(second, 62)));
  const tail = f.let(i64.shl(second, long(2n)));
  const scaled = (value: F64, exponent: number): F64 => f64.mul(value, constant.f64(2 ** exponent));
  const unsigned = (value: I64): F64 => f64.convertI32U(i32.wrapI64(value));
  const a = f.let(scaled(f64.convertI32S(i32.wrapI64(shifted(fraction, 32))), -32));
  const b = f.let(scaled(unsigned(fraction), -64));
  const sum = f.let(f64.add(a, b));
  const lost = f64.add(f64.sub(b, f64.sub(sum, a)), f64.add(scaled(unsigned(shifted(tail, 32)), -96), scaled(unsigned(tail), -128)));
  const rest = f.let(lost);
  const turn = f.let(f64.add(sum, rest));
  const turnLow = f64.add(f64.sub(sum, turn), rest);
  return { quarters, ...timesHalfPi(f, turn, turnLow) };
}

/** (a + b)·π/2 in two parts, the product of a by halves of its digits. */
function timesHalfPi(f: FunctionBuilder, a: Local<'f64'>, b: F64): { readonly high: Local<'f64'>; readonly low: F64 } {
  const number = constant.f64;
  const top = f.let(f64.reinterpretI64(i64.and(i64.reinterpretF64(a), long(-1n << 27n))));
  const bottom = f.let(f64.sub(a, top));
  const product = f.let(f64.mul(a, number(halfPi.high)));
  const exact = [
    f64.mul(top, number(halfPi.bottom)),
    f64.mul(bottom, number(halfPi.top)),
    f64.mul(bottom, number(halfPi.bottom)),
    f64.mul(a, number(halfPi.low)),
    f64.mul(b, number(halfPi.high)),
  ].reduce((sum, term) => f64.add(sum, term), f64.sub(f64.mul(top, number(halfPi.top)), product));
  const low = f.let(exact);
  const high = f.let(f64.add(product, low));
  return { high, low: f64.add(f64.sub(product, high), low) };
}

/** sin(x + quarter·π/2) for |x| ≥ 2^20; NaN for what is not finite. */
export const ofLargeAngle = (module: ModuleBuilder): FunctionRef<['f64', 'i32'], 'f64'> =>
  module.once('sine of a large angle', () =>
    module.function('sine of a large angle', ['f64', 'i32'], 'f64', (f, x, quarter: I32) => {
      f.if(f64.eq(f64.sub(x, x), constant.f64(0)), () => {
        const size = f.let(f64.abs(x));
        const { quarters, high, low } = reduceLarge(module, f, size);
        // sin(−x) = −sin(x): two quarters more; cos(−x) = cos(x).
        const isNegative = i64.extendI32U(f64.lt(x, constant.f64(0)));
        const isSine = i64.sub(long(1n), i64.extendI32U(quarter));
        const turned = i64.shl(i64.and(isNegative, isSine), long(1n));
        const all = i64.add(i64.add(quarters, i64.extendI32U(quarter)), turned);
        const kit = kitOf(f, lanesOf('f64'));
        const r = f.let(f64x2.splat(high));
        const minusLow = f.let(f64x2.neg(f64x2.splat(low)));
        f.return(f64x2.extract(sineOrCosine(kit, r, minusLow, f.let(i64x2.splat(all))), 0));
      });
      f.return(f64.sub(x, x));
    }),
  );
