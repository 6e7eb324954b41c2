/**
 * What the dense routines share. All of them take byte addresses, counts and strides in elements, as i32; nothing is assumed of
 * alignment beyond an element's, and any count may be 0. The order of every sum follows from the sizes alone.
 *
 * V8 unrolls nothing and moves no address arithmetic out of loops; so loops here advance pointers, unroll by hand and put what is
 * constant into the offsets of loads.
 */
import type { FunctionBuilder, Local } from '../assembler.ts';
import type { Rope } from '../bytes.ts';
import { constant, i32, v128, type I32, type V128 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';

export type I32Local = Local<'i32'>;
export type Vector = Local<'v128'>;

export const int = constant.i32;

export const plus = (a: I32, b: I32 | number): I32 => i32.add(a, typeof b === 'number' ? int(b) : b);

/** Bytes of so many elements. */
export const inBytes = (lanes: Lanes, count: I32): I32 => i32.shl(count, int(lanes.shift));

/** Signed minimum. */
export const least = (a: I32, b: I32): I32 => i32.select(a, b, i32.ltS(a, b));

/** A count without what is left when it is divided by a power of two. */
export const whole = (count: I32, of: number): I32 => i32.and(count, int(-of));

export const times = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** Locals that begin at zero each time this point is passed. */
export const zeros = (f: FunctionBuilder, lanes: Lanes, count: number): readonly Vector[] =>
  times(count).map(() => f.let(lanes.constant(0)));

/** Four 32-bit words, chosen from those of a (0 to 3) and b (4 to 7). */
export const words = (a: V128, b: V128, ...order: readonly number[]): V128 =>
  v128.shuffle(
    a,
    b,
    order.flatMap((word) => times(4).map((byte) => word * 4 + byte)),
  );

/**
 * sum += a · b, in two roundings. The place is marked: a host that has fused multiply-add does it in one (`fuse` in
 * `runtime/backends/wasm/multiply-add.ts`, which knows the shape of this code).
 */
export function addProduct(f: FunctionBuilder, lanes: Lanes, sum: Vector, a: V128, b: V128): void {
  const { multiplyThenAdd } = lanes;
  f.set(sum, { type: 'v128', code: [a.code, b.code, { marked: multiplyThenAdd(sum) }] });
}

/** What becomes of a product: it is stored, added to what is there, or subtracted from it. Any other number adds. */
export const productMode = { store: 0, add: 1, subtract: 2 } as const;

/** The pieces, smaller than a vector, of which any rest of a vector is made: the larger first. Lanes beyond are zero. */
export interface Piece {
  readonly elements: 1 | 2;
  readonly load: (address: I32, offset?: number) => V128;
  readonly store: (address: I32, value: V128, offset?: number) => Rope;
}

export const pieces = (lanes: Lanes): readonly Piece[] =>
  lanes.precision === 'f64'
    ? [{ elements: 1, load: lanes.loadOne, store: lanes.storeOne }]
    : [
        { elements: 2, load: v128.load64Zero, store: (address, value, offset = 0) => v128.store64Lane(address, value, 0, offset) },
        { elements: 1, load: lanes.loadOne, store: lanes.storeOne },
      ];

/** Steps that one pass of a main loop takes. */
export const UNROLL = 4;

/** Pointers that move by constants from one step to the next. */
export interface Moving {
  readonly pointer: I32Local;
  readonly bytes: number;
}

/**
 * Pieces of code, each in a basic block of its own. Within one block V8 (TurboFan) puts all loads before the arithmetic, and runs out
 * of registers; so the pieces are kept apart by branches to their end that are never taken: a pointer to elements is no odd number,
 * and V8 does not know that.
 */
export function apart(f: FunctionBuilder, pointer: I32Local, pieces: readonly (() => void)[]): void {
  f.do([0x02, 0x40]);
  for (const [n, piece] of pieces.entries()) {
    if (n > 0) f.do([i32.eq(pointer, int(2 * n - 1)).code, 0x0d, 0]);
    piece();
  }
  f.do([0x0b]);
}

/**
 * Runs a step `count` times, `unroll` to a pass of the loop: `step(s)` adds s times what the pointers move by to its addresses. One of
 * the pointers keeps the steps apart.
 */
export function emitSteps(
  f: FunctionBuilder,
  count: I32,
  pointer: I32Local,
  moving: readonly Moving[],
  unroll: number,
  step: (s: number) => void,
): void {
  const left = f.let(count);
  const passes = (n: number): void =>
    f.if(i32.geU(left, int(n)), () =>
      f.doWhile(
        () => {
          apart(
            f,
            pointer,
            times(n).map((s) => () => step(s)),
          );
          for (const m of moving) f.advance(m.pointer, n * m.bytes);
          f.advance(left, -n);
        },
        i32.geU(left, int(n)),
      ),
    );
  if (unroll > 1) passes(unroll);
  passes(1);
}

/** Adds the sets of sums, in pairs. */
export function addSets(f: FunctionBuilder, lanes: Lanes, sets: readonly (readonly Vector[])[]): readonly Vector[] {
  const [first] = sets as readonly [readonly Vector[]];
  if (sets.length === 1) return first;
  const half = sets.length / 2;
  for (const [i, set] of sets.slice(0, half).entries())
    for (const [v, sum] of set.entries()) f.set(sum, lanes.arithmetic.add(sum, (sets[i + half] as readonly Vector[])[v] as Vector));
  return addSets(f, lanes, sets.slice(0, half));
}
