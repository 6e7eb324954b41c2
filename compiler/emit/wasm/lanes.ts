/**
 * One element type, as kernels see it: float64 in pairs or float32 in fours. Everything that differs between the two is here, so that
 * one generator serves both. Conditions are masks: all bits of a lane one, or all zero.
 */
import type { Precision } from '../../../plan/kernels.ts';
import type { Rope } from './bytes.ts';
import {
  constant,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  i64x2,
  v128,
  type Expression,
  type F32,
  type F64,
  type I32,
  type V128,
} from './instructions.ts';

/** Elements side by side in one vector register. */
export interface Lanes {
  readonly precision: Precision;
  /** Of constants of which there is one for each precision, those for this one. */
  readonly constants: Precision;
  readonly scalarType: 'f64' | 'f32';
  /** Lanes in a vector. */
  readonly width: 2 | 4;
  /** Bytes of an element, and their number as a power of two. */
  readonly bytes: 8 | 4;
  readonly shift: 3 | 2;
  readonly constant: (value: number) => V128;
  /** All lanes one element from memory. */
  readonly loadSplat: (address: I32, offset?: number) => V128;
  /** One element into lane 0, zeros above. */
  readonly loadOne: (address: I32, offset?: number) => V128;
  readonly loadLane: (address: I32, into: V128, index: number, offset?: number) => V128;
  readonly load: (address: I32, offset?: number) => V128;
  readonly store: (address: I32, value: V128, offset?: number) => Rope;
  /** Lane 0 to memory. */
  readonly storeOne: (address: I32, value: V128, offset?: number) => Rope;
  readonly storeLane: (address: I32, value: V128, index: number, offset?: number) => Rope;
  /** Lane 0 in all lanes. */
  readonly splatLow: (value: V128) => V128;
  /** A whole number of 32 bits in all lanes; in float32 rounded beyond 2^24. */
  readonly splatI32: (value: I32) => V128;
  /** One of 64 bits, not negative, given by halves; rounded beyond 2^53, 2^24. */
  readonly splatHalves: (halves: { readonly low: I32; readonly high: I32 }) => V128;
  /** Lane 0 as a whole number, towards zero; NaN is 0, what is out of range saturates. */
  readonly lowToI32: (value: V128) => I32;
  /** The lanes with a distance of half a vector, then of a quarter, swapped: one of the `log2(width)` steps of a sum over lanes. */
  readonly swaps: readonly ((value: V128) => V128)[];
  /** 0, 1, … in the lanes. */
  readonly ramp: V128;
  readonly arithmetic: typeof f64x2 | typeof f32x4;
  /** Of two vectors on the stack the product, added to a third: `mul`, the third, `add`. */
  readonly multiplyThenAdd: (third: V128) => Rope;
}

/** The operations without their operands, which are on the stack. */
const multiplyThenAdd =
  ({ mul, add }: typeof f64x2 | typeof f32x4) =>
  (third: V128): Rope => {
    const onStack: V128 = { type: 'v128', code: [] };
    return add(mul(onStack, onStack), third).code;
  };

const bytesOf = (...lanes: readonly number[]): readonly number[] =>
  lanes.flatMap((l) => Array.from({ length: 16 / lanes.length }, (_, i) => (l * 16) / lanes.length + i));

const float64: Lanes = {
  precision: 'f64',
  constants: 'f64',
  scalarType: 'f64',
  width: 2,
  bytes: 8,
  shift: 3,
  constant: constant.f64x2,
  loadSplat: v128.load64Splat,
  loadOne: v128.load64Zero,
  loadLane: v128.load64Lane,
  load: v128.load,
  store: v128.store,
  storeOne: (address, value, offset = 0) => v128.store64Lane(address, value, 0, offset),
  storeLane: v128.store64Lane,
  splatLow: (value) => v128.shuffle(value, value, bytesOf(0, 0)),
  splatI32: (value) => f64x2.splat(f64.convertI32S(value)),
  splatHalves: ({ low, high }) => f64x2.splat(f64.add(f64.mul(f64.convertI32U(high), constant.f64(2 ** 32)), f64.convertI32U(low))),
  lowToI32: (value) => i32.truncSatF64S(f64x2.extract(value, 0)),
  swaps: [(value) => v128.shuffle(value, value, bytesOf(1, 0))],
  ramp: constant.v128([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]),
  arithmetic: f64x2,
  multiplyThenAdd: multiplyThenAdd(f64x2),
};

const float32: Lanes = {
  precision: 'f32',
  constants: 'f32',
  scalarType: 'f32',
  width: 4,
  bytes: 4,
  shift: 2,
  constant: constant.f32x4,
  loadSplat: v128.load32Splat,
  loadOne: v128.load32Zero,
  loadLane: v128.load32Lane,
  load: v128.load,
  store: v128.store,
  storeOne: (address, value, offset = 0) => v128.store32Lane(address, value, 0, offset),
  storeLane: v128.store32Lane,
  splatLow: (value) => v128.shuffle(value, value, bytesOf(0, 0, 0, 0)),
  splatI32: (value) => f32x4.splat(f32.convertI32S(value)),
  splatHalves: ({ low, high }) => f32x4.splat(f32.add(f32.mul(f32.convertI32U(high), constant.f32(2 ** 32)), f32.convertI32U(low))),
  lowToI32: (value) => i32.truncSatF32S(f32x4.extract(value, 0)),
  swaps: [(value) => v128.shuffle(value, value, bytesOf(2, 3, 0, 1)), (value) => v128.shuffle(value, value, bytesOf(1, 0, 3, 2))],
  ramp: constant.v128([0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40]),
  arithmetic: f32x4,
  multiplyThenAdd: multiplyThenAdd(f32x4),
};

export function lanesOf(precision: Precision, constants = precision): Lanes {
  const lanes = precision === 'f64' ? float64 : float32;
  return constants === precision ? lanes : { ...lanes, constants };
}

/** Bit operations on lanes of one element's width, for the vectors of float64 and of float32. */
export const integersOf = (lanes: Lanes): typeof i64x2 | typeof i32x4 => (lanes.precision === 'f64' ? i64x2 : i32x4);

export type Scalar = F64 | F32;
export type { Expression };
