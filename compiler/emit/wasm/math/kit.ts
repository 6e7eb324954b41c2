/**
 * What the functions of this folder are written with: the operations of one element type, its bit patterns, and polynomials. No
 * operation here looks at another lane, so a lane's result depends on that lane alone.
 */
import type { FunctionBuilder, Local } from '../assembler.ts';
import { constant, v128, type f64x2, type i64x2, type V128 } from '../instructions.ts';
import type { Precision } from '../../../../plan/kernels.ts';
import { integersOf, type Lanes } from '../lanes.ts';

/** How an element type is laid out. */
export interface Layout {
  readonly precision: Precision;
  /** Bits of the mantissa that are stored, and of the exponent. */
  readonly mantissa: 52 | 23;
  /** Where the sign stands. */
  readonly signShift: 63 | 31;
  readonly bias: 1023 | 127;
  /** Added to a number of moderate size, it leaves the number rounded to an integer in the low bits: 1.5·2^mantissa. */
  readonly rounder: number;
  readonly smallestNormal: number;
}

const layouts: Readonly<Record<Precision, Layout>> = {
  f64: { precision: 'f64', mantissa: 52, signShift: 63, bias: 1023, rounder: 1.5 * 2 ** 52, smallestNormal: 2 ** -1022 },
  f32: { precision: 'f32', mantissa: 23, signShift: 31, bias: 127, rounder: 1.5 * 2 ** 23, smallestNormal: 2 ** -126 },
};

export interface Kit extends Layout {
  readonly add: typeof f64x2.add;
  readonly sub: typeof f64x2.sub;
  readonly mul: typeof f64x2.mul;
  readonly div: typeof f64x2.div;
  readonly lt: typeof f64x2.lt;
  readonly le: typeof f64x2.le;
  readonly eq: typeof f64x2.eq;
  readonly abs: typeof f64x2.abs;
  /** The smaller, the larger of two; the first where they do not compare, so that a NaN passes. */
  readonly atMost: typeof f64x2.pmin;
  readonly atLeast: typeof f64x2.pmax;
  /** On the bits of the lanes as integers of their width. */
  readonly addBits: typeof i64x2.add;
  readonly subBits: typeof i64x2.sub;
  readonly shiftLeft: (value: V128, by: number) => V128;
  readonly shiftRight: (value: V128, by: number) => V128;
  /** Evaluated here, once. */
  readonly keep: (value: V128) => Local<'v128'>;
  /** A number in all lanes. */
  readonly number: (value: number) => V128;
  /** A bit pattern in all lanes. */
  readonly bits: (value: bigint) => V128;
  /** The bits of the sign; of the exponent with the sign. */
  readonly signBit: V128;
  readonly scaleBits: V128;
}

export function kitOf(f: FunctionBuilder, lanes: Lanes): Kit {
  const layout = layouts[lanes.precision];
  const wide = lanes.precision === 'f64';
  const { add, sub, mul, div, lt, le, eq, abs, pmin, pmax } = lanes.arithmetic;
  const integers = integersOf(lanes);
  const bits = (value: bigint): V128 => (wide ? constant.i64x2(value) : constant.i32x4(Number(BigInt.asIntN(32, value))));
  const [sign, mantissa] = [BigInt(layout.signShift), BigInt(layout.mantissa)];
  return {
    ...layout,
    ...{ add, sub, mul, div, lt, le, eq, abs },
    atMost: pmin,
    atLeast: pmax,
    addBits: integers.add,
    subBits: integers.sub,
    shiftLeft: (value, by) => integers.shl(value, constant.i32(by)),
    shiftRight: (value, by) => integers.shrU(value, constant.i32(by)),
    keep: (value) => f.let(value),
    number: lanes.constant,
    bits,
    signBit: bits(1n << sign),
    scaleBits: bits(((2n << (sign - mantissa)) - 1n) << mantissa),
  };
}

/** The bits of a number in one lane. */
export function bitsOf(precision: Precision, value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (precision === 'f64') {
    view.setFloat64(0, value);
    return view.getBigUint64(0);
  }
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

/** The value, which has no sign bit or that of `sign`, with the sign bit of `sign`. */
export const withSignOf = (kit: Kit, value: V128, sign: V128): V128 => v128.or(value, v128.and(sign, kit.signBit));

export const mulAdd = (kit: Kit, a: V128, b: V128, c: V128): V128 => kit.add(kit.mul(a, b), c);

/** c0 + c1·x + …, each step waiting for the one before: the fewest instructions. */
export function horner(kit: Kit, x: V128, coefficients: readonly number[]): V128 {
  const [last, ...others] = coefficients.toReversed();
  return others.reduce((value, c) => mulAdd(kit, value, x, kit.number(c)), kit.number(last ?? 0));
}

/** The same with x^n in front of its coefficient 1, which is left out of the list: one multiplication less. */
export function monic(kit: Kit, x: V128, coefficients: readonly number[]): V128 {
  const [last, ...others] = coefficients.toReversed();
  return others.reduce((value, c) => mulAdd(kit, value, x, kit.number(c)), kit.add(x, kit.number(last ?? 0)));
}

/** The same by halves: the shortest time to wait, for a multiplication more at each level. */
export function byHalves(kit: Kit, x: V128, coefficients: readonly number[]): V128 {
  let terms: readonly V128[] = coefficients.map((c) => kit.number(c));
  let power = x;
  while (terms.length > 1) {
    const [pairs, step] = [terms, power];
    terms = pairs.flatMap((low, i) => {
      const high = pairs[i + 1];
      if (i % 2 === 1) return [];
      return [high === undefined ? low : mulAdd(kit, high, step, low)];
    });
    if (terms.length > 1) power = kit.keep(kit.mul(power, power));
  }
  return terms[0] ?? kit.number(0);
}
