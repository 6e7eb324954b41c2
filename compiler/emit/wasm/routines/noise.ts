/** Uniform numbers by Philox4x32-10, bit for bit those of `plan/random.ts`. */
import { multiplier0, multiplier1, rounds, weyl0, weyl1 } from '../../../../plan/random.ts';
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from '../assembler.ts';
import { constant, f32, f32x4, f64, f64x2, i32, i64, type F64, type I32 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import { inBytes, times, type I32Local } from './common.ts';

const six = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
/** The largest float32 below 1. */
const BELOW_ONE = 1 - 2 ** -24;

/** Both halves of the product of an unsigned word and a constant. */
function product(f: FunctionBuilder, word: I32, by: number): { readonly high: I32; readonly low: I32 } {
  const whole = f.let(i64.mul(i64.extendI32U(word), constant.i64(BigInt(by))));
  return { high: i32.wrapI64(i64.shrU(whole, constant.i64(32n))), low: i32.wrapI64(whole) };
}

/** One round; the words are changed in place. */
function round(f: FunctionBuilder, words: readonly I32Local[], [key0, key1]: readonly [I32, I32]): void {
  const [x0, x1, x2, x3] = words as readonly [I32Local, I32Local, I32Local, I32Local];
  const [first, second] = [product(f, x0, multiplier0), product(f, x2, multiplier1)];
  f.set(x0, i32.xor(i32.xor(second.high, x1), key0));
  f.set(x1, second.low);
  f.set(x2, i32.xor(i32.xor(first.high, x3), key1));
  f.set(x3, first.low);
}

/** 53 significant bits between 0 and 1, without rounding. */
const toUniform = (high: I32, low: I32): F64 => {
  const bits = (word: I32): F64 => f64.convertI32U(i32.shrU(word, constant.i32(6)));
  return f64.mul(f64.add(f64.add(f64.mul(bits(high), constant.f64(2 ** 26)), bits(low)), constant.f64(0.5)), constant.f64(2 ** -52));
};

/** Stores one of them, in float32 rounded, and never up to 1. */
function store(f: FunctionBuilder, lanes: Lanes, to: I32, value: F64): void {
  const narrow = f32x4.splat(f32.demoteF64(f64.min(value, constant.f64(BELOW_ONE))));
  f.do(lanes.storeOne(to, lanes.precision === 'f64' ? f64x2.splat(value) : narrow));
}

/** A whole number that an element holds. */
const wholeAt = (lanes: Lanes, address: I32, ahead = 0): I32 => lanes.lowToI32(lanes.loadOne(address, ahead * lanes.bytes));

/**
 * `uniforms(draws, elements, keys, steps, rows, to)`: `to` is `[draws, 2, elements]`, of keys `[draws, 4]`, steps and rows `[draws]`. The
 * counter of an element is its place in row after row of `elements`, and the step.
 */
export const uniforms = (module: ModuleBuilder, lanes: Lanes): FunctionRef<typeof six, undefined> =>
  module.once(`uniforms_${lanes.precision}`, () =>
    module.function(`uniforms_${lanes.precision}`, six, undefined, (f, draws, elements, keys, steps, rows, to) => {
      const half = f.let(inBytes(lanes, elements));
      f.times(draws, () => {
        const half16 = (limb: number): I32 => i32.or(wholeAt(lanes, keys, limb), i32.shl(wholeAt(lanes, keys, limb + 1), constant.i32(16)));
        const key = [f.let(half16(0)), f.let(half16(2))] as const;
        const step = f.let(wholeAt(lanes, steps));
        const counter = f.let(i32.mul(wholeAt(lanes, rows), elements));
        f.times(elements, () => {
          const words = [counter, constant.i32(0), step, constant.i32(0)].map((word) => f.let(word));
          for (const r of times(rounds)) {
            const bumped = (k: I32, weyl: number): I32 => i32.add(k, constant.i32(Math.imul(weyl, r) >>> 0));
            round(f, words, [bumped(key[0], weyl0), bumped(key[1], weyl1)]);
          }
          const [a, b, c, d] = words as unknown as readonly [I32Local, I32Local, I32Local, I32Local];
          store(f, lanes, to, toUniform(a, b));
          store(f, lanes, i32.add(to, half), toUniform(c, d));
          f.advance(to, lanes.bytes);
          f.advance(counter, 1);
        });
        f.advance(to, half);
        f.advance(keys, 4 * lanes.bytes);
        f.advance(steps, lanes.bytes);
        f.advance(rows, lanes.bytes);
      });
    }),
  );
