/**
 * Instructions as expressions: each function takes typed operands and gives a typed piece of code. Only what is used is here, by its
 * name in the specification. Source: WebAssembly Core Specification 2.0, §5.4 (and the threads proposal for the atomic ones).
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { floatBytes, signed, unsigned, type Rope, type WasmType } from './bytes.ts';

/** Code that leaves one value of type `T` on the stack. */
export interface Expression<T extends WasmType = WasmType> {
  readonly type: T;
  readonly code: Rope;
  /** What it is, of a constant i32: signed. What follows from constants is computed here and not there. */
  readonly known?: number;
}

export type I32 = Expression<'i32'>;
export type I64 = Expression<'i64'>;
export type F32 = Expression<'f32'>;
export type F64 = Expression<'f64'>;
export type V128 = Expression<'v128'>;

const of = <T extends WasmType>(type: T, ...code: Rope): Expression<T> => ({ type, code });

const plain = (opcode: number): Rope => [opcode];
const simd = (opcode: number): Rope => [0xfd, unsigned(opcode)];
const misc = (opcode: number): Rope => [0xfc, unsigned(opcode)];
const atomic = (opcode: number): Rope => [0xfe, unsigned(opcode)];

type Unary<A extends WasmType, R extends WasmType> = (a: Expression<A>) => Expression<R>;
type Binary<A extends WasmType, B extends WasmType, R extends WasmType> = (a: Expression<A>, b: Expression<B>) => Expression<R>;

const unary =
  <A extends WasmType, R extends WasmType>(result: R, opcode: Rope): Unary<A, R> =>
  (a) =>
    of(result, a.code, opcode);
const binary =
  <A extends WasmType, B extends WasmType, R extends WasmType>(result: R, opcode: Rope): Binary<A, B, R> =>
  (a, b) =>
    of(result, a.code, b.code, opcode);

/** The address operand of a load or store: alignment as a power of two, and a constant offset in bytes. */
const at = (align: number, offset: number): Rope => [unsigned(align), unsigned(offset)];

const load =
  <T extends WasmType>(type: T, opcode: Rope, align: number) =>
  (address: I32, offset = 0): Expression<T> =>
    of(type, address.code, opcode, at(align, offset));

const store =
  <T extends WasmType>(opcode: Rope, align: number) =>
  (address: I32, value: Expression<T>, offset = 0): Rope => [address.code, value.code, opcode, at(align, offset)];

const splatBytes = (type: 'f32' | 'f64', value: number): Rope => {
  const lane = floatBytes(type, value);
  return type === 'f64' ? [lane, lane] : [lane, lane, lane, lane];
};

function madeI32(value: number): I32 {
  if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 32)
    throw new InternalError('wasm emitter', `${value} has more than 32 bits`);
  return { ...of('i32', 0x41, signed(BigInt(value | 0))), known: value | 0 };
}

/** Small numbers come again and again. */
const smallI32: readonly I32[] = Array.from({ length: 256 }, (_, value) => madeI32(value));

export const constant = {
  i32: (value: number): I32 => smallI32[value] ?? madeI32(value),
  i64: (value: bigint): I64 => of('i64', 0x42, signed(BigInt.asIntN(64, value))),
  f32: (value: number): F32 => of('f32', 0x43, floatBytes('f32', value)),
  f64: (value: number): F64 => of('f64', 0x44, floatBytes('f64', value)),
  /** Both lanes the same. */
  f64x2: (value: number): V128 => of('v128', simd(12), splatBytes('f64', value)),
  f32x4: (value: number): V128 => of('v128', simd(12), splatBytes('f32', value)),
  i64x2: (value: bigint): V128 => {
    const lane = Array.from({ length: 8 }, (_, i) => Number(BigInt.asUintN(8, value >> BigInt(8 * i))));
    return of('v128', simd(12), lane, lane);
  },
  i32x4: (value: number): V128 => {
    const lane = [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
    return of('v128', simd(12), lane, lane, lane, lane);
  },
  /** Sixteen bytes as they are. */
  v128: (bytes: readonly number[]): V128 => of('v128', simd(12), bytes),
};

/** Of two i32, computed here where both are known; `neutral` on the right, or on either side, leaves the other as it is. */
const whole =
  (opcode: number, compute: (a: number, b: number) => number, neutral?: { readonly right: number; readonly left?: number }) =>
  (a: I32, b: I32): I32 => {
    if (a.known !== undefined && b.known !== undefined) return constant.i32(compute(a.known, b.known) | 0);
    if (neutral !== undefined && b.known === neutral.right) return a;
    if (neutral?.left !== undefined && a.known === neutral.left) return b;
    return of('i32', a.code, b.code, plain(opcode));
  };
const isTrue = (value: boolean): number => (value ? 1 : 0);

export const i32 = {
  eqz: (a: I32): I32 => (a.known === undefined ? of('i32', a.code, plain(0x45)) : constant.i32(isTrue(a.known === 0))),
  eq: whole(0x46, (a, b) => isTrue(a === b)),
  ne: whole(0x47, (a, b) => isTrue(a !== b)),
  ltS: whole(0x48, (a, b) => isTrue(a < b)),
  ltU: whole(0x49, (a, b) => isTrue(a >>> 0 < b >>> 0)),
  gtS: whole(0x4a, (a, b) => isTrue(a > b)),
  gtU: whole(0x4b, (a, b) => isTrue(a >>> 0 > b >>> 0)),
  leS: whole(0x4c, (a, b) => isTrue(a <= b)),
  leU: whole(0x4d, (a, b) => isTrue(a >>> 0 <= b >>> 0)),
  geS: whole(0x4e, (a, b) => isTrue(a >= b)),
  geU: whole(0x4f, (a, b) => isTrue(a >>> 0 >= b >>> 0)),
  add: whole(0x6a, (a, b) => a + b, { left: 0, right: 0 }),
  sub: whole(0x6b, (a, b) => a - b, { right: 0 }),
  mul: whole(0x6c, Math.imul, { left: 1, right: 1 }),
  /** Needs: the divisor is not 0. */
  divU: whole(0x6e, (a, b) => Math.floor((a >>> 0) / (b >>> 0)), { right: 1 }),
  /** Needs: the divisor is not 0. */
  remU: whole(0x70, (a, b) => (a >>> 0) % (b >>> 0)),
  and: whole(0x71, (a, b) => a & b, { left: -1, right: -1 }),
  or: whole(0x72, (a, b) => a | b, { left: 0, right: 0 }),
  xor: whole(0x73, (a, b) => a ^ b, { left: 0, right: 0 }),
  shl: whole(0x74, (a, b) => a << b, { right: 0 }),
  shrU: whole(0x76, (a, b) => a >>> b, { right: 0 }),
  load: load('i32', plain(0x28), 2),
  store: store<'i32'>(plain(0x36), 2),
  /** Whole numbers beyond the range, and NaN, do not trap: they saturate, NaN becomes 0. */
  truncSatF64S: unary<'f64', 'i32'>('i32', misc(2)),
  truncSatF32S: unary<'f32', 'i32'>('i32', misc(0)),
  wrapI64: unary<'i64', 'i32'>('i32', plain(0xa7)),
  select: (then: I32, otherwise: I32, condition: I32): I32 =>
    condition.known === undefined ? of('i32', then.code, otherwise.code, condition.code, 0x1b) : condition.known === 0 ? otherwise : then,
  min: (a: I32, b: I32): I32 => i32.select(a, b, i32.ltU(a, b)),
};

export const i64 = {
  add: binary<'i64', 'i64', 'i64'>('i64', plain(0x7c)),
  sub: binary<'i64', 'i64', 'i64'>('i64', plain(0x7d)),
  mul: binary<'i64', 'i64', 'i64'>('i64', plain(0x7e)),
  and: binary<'i64', 'i64', 'i64'>('i64', plain(0x83)),
  or: binary<'i64', 'i64', 'i64'>('i64', plain(0x84)),
  shl: binary<'i64', 'i64', 'i64'>('i64', plain(0x86)),
  shrU: binary<'i64', 'i64', 'i64'>('i64', plain(0x88)),
  extendI32U: unary<'i32', 'i64'>('i64', plain(0xad)),
  reinterpretF64: unary<'f64', 'i64'>('i64', plain(0xbd)),
  ltU: binary<'i64', 'i64', 'i32'>('i32', plain(0x54)),
};

export const f64 = {
  eq: binary<'f64', 'f64', 'i32'>('i32', plain(0x61)),
  ne: binary<'f64', 'f64', 'i32'>('i32', plain(0x62)),
  lt: binary<'f64', 'f64', 'i32'>('i32', plain(0x63)),
  gt: binary<'f64', 'f64', 'i32'>('i32', plain(0x64)),
  le: binary<'f64', 'f64', 'i32'>('i32', plain(0x65)),
  ge: binary<'f64', 'f64', 'i32'>('i32', plain(0x66)),
  abs: unary<'f64', 'f64'>('f64', plain(0x99)),
  neg: unary<'f64', 'f64'>('f64', plain(0x9a)),
  sqrt: unary<'f64', 'f64'>('f64', plain(0x9f)),
  add: binary<'f64', 'f64', 'f64'>('f64', plain(0xa0)),
  sub: binary<'f64', 'f64', 'f64'>('f64', plain(0xa1)),
  mul: binary<'f64', 'f64', 'f64'>('f64', plain(0xa2)),
  div: binary<'f64', 'f64', 'f64'>('f64', plain(0xa3)),
  min: binary<'f64', 'f64', 'f64'>('f64', plain(0xa4)),
  load: load('f64', plain(0x2b), 3),
  store: store<'f64'>(plain(0x39), 3),
  convertI32S: unary<'i32', 'f64'>('f64', plain(0xb7)),
  convertI32U: unary<'i32', 'f64'>('f64', plain(0xb8)),
  promoteF32: unary<'f32', 'f64'>('f64', plain(0xbb)),
  reinterpretI64: unary<'i64', 'f64'>('f64', plain(0xbf)),
};

export const f32 = {
  eq: binary<'f32', 'f32', 'i32'>('i32', plain(0x5b)),
  ne: binary<'f32', 'f32', 'i32'>('i32', plain(0x5c)),
  lt: binary<'f32', 'f32', 'i32'>('i32', plain(0x5d)),
  gt: binary<'f32', 'f32', 'i32'>('i32', plain(0x5e)),
  le: binary<'f32', 'f32', 'i32'>('i32', plain(0x5f)),
  ge: binary<'f32', 'f32', 'i32'>('i32', plain(0x60)),
  abs: unary<'f32', 'f32'>('f32', plain(0x8b)),
  neg: unary<'f32', 'f32'>('f32', plain(0x8c)),
  sqrt: unary<'f32', 'f32'>('f32', plain(0x91)),
  add: binary<'f32', 'f32', 'f32'>('f32', plain(0x92)),
  sub: binary<'f32', 'f32', 'f32'>('f32', plain(0x93)),
  mul: binary<'f32', 'f32', 'f32'>('f32', plain(0x94)),
  div: binary<'f32', 'f32', 'f32'>('f32', plain(0x95)),
  load: load('f32', plain(0x2a), 2),
  store: store<'f32'>(plain(0x38), 2),
  convertI32S: unary<'i32', 'f32'>('f32', plain(0xb2)),
  convertI32U: unary<'i32', 'f32'>('f32', plain(0xb3)),
  demoteF64: unary<'f64', 'f32'>('f32', plain(0xb6)),
};

type V1 = Unary<'v128', 'v128'>;
type V2 = Binary<'v128', 'v128', 'v128'>;
const v1 = (opcode: number): V1 => unary('v128', simd(opcode));
const v2 = (opcode: number): V2 => binary('v128', simd(opcode));
const shift = (opcode: number): Binary<'v128', 'i32', 'v128'> => binary('v128', simd(opcode));
const lane =
  <R extends WasmType>(result: R, opcode: number) =>
  (a: V128, index: number): Expression<R> =>
    of(result, a.code, simd(opcode), index);
const withLane =
  <A extends WasmType>(opcode: number) =>
  (a: V128, index: number, value: Expression<A>): V128 =>
    of('v128', a.code, value.code, simd(opcode), index);
const loadLane =
  (opcode: number, align: number) =>
  (address: I32, into: V128, index: number, offset = 0): V128 =>
    of('v128', address.code, into.code, simd(opcode), at(align, offset), index);
const storeLane =
  (opcode: number, align: number) =>
  (address: I32, value: V128, index: number, offset = 0): Rope => [address.code, value.code, simd(opcode), at(align, offset), index];

export const v128 = {
  load: load('v128', simd(0), 4),
  load32Splat: load('v128', simd(9), 2),
  load64Splat: load('v128', simd(10), 3),
  load32Zero: load('v128', simd(92), 2),
  load64Zero: load('v128', simd(93), 3),
  load32Lane: loadLane(86, 2),
  load64Lane: loadLane(87, 3),
  store: store<'v128'>(simd(11), 4),
  store32Lane: storeLane(90, 2),
  store64Lane: storeLane(91, 3),
  /** Bytes of a (0 to 15) and b (16 to 31), chosen by sixteen constants. */
  shuffle: (a: V128, b: V128, lanes: readonly number[]): V128 => of('v128', a.code, b.code, simd(13), lanes),
  not: v1(77),
  and: v2(78),
  /** a and not b. */
  andnot: v2(79),
  or: v2(80),
  xor: v2(81),
  /** Bits of a where `mask` is one, of b elsewhere. */
  bitselect: (a: V128, b: V128, mask: V128): V128 => of('v128', a.code, b.code, mask.code, simd(82)),
  anyTrue: unary<'v128', 'i32'>('i32', simd(83)),
};

export const f64x2 = {
  splat: unary<'f64', 'v128'>('v128', simd(20)),
  extract: lane('f64', 33),
  replace: withLane<'f64'>(34),
  eq: v2(71),
  ne: v2(72),
  lt: v2(73),
  gt: v2(74),
  le: v2(75),
  ge: v2(76),
  ceil: v1(116),
  floor: v1(117),
  abs: v1(236),
  neg: v1(237),
  sqrt: v1(239),
  add: v2(240),
  sub: v2(241),
  mul: v2(242),
  div: v2(243),
  min: v2(244),
  max: v2(245),
  pmin: v2(246),
  pmax: v2(247),
  promoteLowF32: v1(95),
};

export const f32x4 = {
  splat: unary<'f32', 'v128'>('v128', simd(19)),
  extract: lane('f32', 31),
  replace: withLane<'f32'>(32),
  eq: v2(65),
  ne: v2(66),
  lt: v2(67),
  gt: v2(68),
  le: v2(69),
  ge: v2(70),
  ceil: v1(103),
  floor: v1(104),
  abs: v1(224),
  neg: v1(225),
  sqrt: v1(227),
  add: v2(228),
  sub: v2(229),
  mul: v2(230),
  div: v2(231),
  min: v2(232),
  max: v2(233),
  pmin: v2(234),
  pmax: v2(235),
  convertI32S: v1(250),
  demoteF64Zero: v1(94),
};

export const i64x2 = {
  splat: unary<'i64', 'v128'>('v128', simd(18)),
  extract: lane('i64', 29),
  add: v2(206),
  sub: v2(209),
  mul: v2(213),
  shl: shift(203),
  shrU: shift(205),
  eq: v2(214),
  ne: v2(215),
  ltS: v2(216),
  gtS: v2(217),
};

export const i32x4 = {
  splat: unary<'i32', 'v128'>('v128', simd(17)),
  extract: lane('i32', 27),
  add: v2(174),
  sub: v2(177),
  mul: v2(181),
  shl: shift(171),
  shrU: shift(173),
  eq: v2(55),
  ne: v2(56),
  ltS: v2(57),
  gtS: v2(59),
  truncSatF32S: v1(248),
};

export const memory = {
  copy: (to: I32, from: I32, bytes: I32): Rope => [to.code, from.code, bytes.code, misc(10), 0, 0],
  fill: (to: I32, byte: I32, bytes: I32): Rope => [to.code, byte.code, bytes.code, misc(11), 0],
};

export const unreachable: Rope = [0x00];

export const atomics = {
  /** Wakes at most `count` waiters; gives how many. */
  notify: (address: I32, count: I32): I32 => of('i32', address.code, count.code, atomic(0), at(2, 0)),
  load: (address: I32, offset = 0): I32 => of('i32', address.code, atomic(0x10), at(2, offset)),
  store: (address: I32, value: I32, offset = 0): Rope => [address.code, value.code, atomic(0x17), at(2, offset)],
  /** Adds, and gives what was there before. */
  add: (address: I32, value: I32, offset = 0): I32 => of('i32', address.code, value.code, atomic(0x1e), at(2, offset)),
};
