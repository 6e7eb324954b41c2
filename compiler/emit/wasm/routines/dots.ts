/**
 * The sums of products that `rowDots` is made of, as pieces of code: rows with a vector, lane by lane, then across the lanes. Knows
 * nothing of how the rows are shared out.
 */
import type { FunctionBuilder } from '../assembler.ts';
import { i32, v128, type I32, type V128 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import { addProduct, addSets, apart, emitSteps, int, pieces, plus, times, words, zeros, type I32Local, type Vector } from './common.ts';

/** The last vector of a row, where a row is no whole number of vectors: how many bytes early it begins, and the lanes that are new. */
interface Overlap {
  readonly back: I32;
  readonly mask: V128;
}

/** What is summed when x, of so many vectors, is in registers. */
export function emitShortDots(
  f: FunctionBuilder,
  lanes: Lanes,
  vectors: number,
  x: I32Local,
  back: I32,
  mask: V128,
): (rows: readonly I32Local[]) => readonly Vector[] {
  const { add, mul } = lanes.arithmetic;
  const end = (vectors - 1) * 16;
  const factors = times(vectors - 1).map((v) => f.let(v128.load(x, v * 16)));
  const last = f.let(v128.and(v128.load(i32.sub(plus(x, end), back)), mask));
  return (rows) => {
    const ends = rows.map((row) => f.let(i32.sub(plus(row, end), back)));
    const sums = rows.map(() => f.local('v128'));
    const addAll = (v: number, load: (r: number) => V128, factor: V128): void => {
      for (const [r, sum] of sums.entries())
        if (v === 0) f.set(sum, mul(load(r), factor));
        else addProduct(f, lanes, sum, load(r), factor);
    };
    apart(f, rows[0] as I32Local, [
      ...factors.map((factor, v) => () => addAll(v, (r) => v128.load(rows[r] as I32Local, v * 16), factor)),
      () => addAll(vectors - 1, (r) => v128.and(v128.load(ends[r] as I32Local), mask), last),
    ]);
    // A sum begins with 0: one of negative zeros is 0.
    for (const sum of sums) f.set(sum, add(sum, lanes.constant(0)));
    return sums;
  };
}

/** Steps that one pass takes, a multiple of the accumulators of any number of rows: what it costs to go on from one pass to the next is not much less than a step. */
const LONG_PASS = 8;

/**
 * Σ_j rows[r][j] · x[j] over `count` elements, lane by lane: one vector for each row. Vectors go to two accumulators in turn (for a
 * single row to eight), so that no addition waits for another. The pointers are moved.
 */
export function emitDots(
  f: FunctionBuilder,
  lanes: Lanes,
  rows: readonly I32Local[],
  x: I32Local,
  count: I32,
  overlap?: Overlap,
): readonly Vector[] {
  const accumulators = rows.length === 1 ? 8 : 2;
  const sums = times(accumulators).map(() => zeros(f, lanes, rows.length));
  const sum = (set: number, r: number): Vector => (sums[set] as readonly Vector[])[r] as Vector;
  const factor = f.local('v128');
  const pointers = [x, ...rows];
  const move = (by: I32 | number): void => {
    for (const pointer of pointers) f.advance(pointer, by);
  };
  const others = rows.map((pointer) => ({ pointer, bytes: 16 }));
  const vectors = i32.shrU(count, int(lanes.width / 2));
  emitSteps(f, vectors, x, [{ pointer: x, bytes: 16 }, ...others], LONG_PASS, (s) => {
    f.set(factor, v128.load(x, s * 16));
    for (const [r, row] of rows.entries()) addProduct(f, lanes, sum(s % accumulators, r), v128.load(row, s * 16), factor);
  });
  const addLast = (load: (address: I32) => V128): void => {
    f.set(factor, load(x));
    for (const [r, row] of rows.entries()) addProduct(f, lanes, sum(accumulators - 1, r), load(row), factor);
  };
  if (overlap !== undefined)
    f.if(overlap.back, () => {
      move(i32.sub(int(0), overlap.back));
      addLast((address) => v128.and(v128.load(address), overlap.mask));
    });
  else
    for (const piece of pieces(lanes))
      f.if(i32.and(count, int(piece.elements)), () => {
        addLast(piece.load);
        if (piece.elements > 1) move(piece.elements * lanes.bytes);
      });
  return addSets(f, lanes, sums);
}

/** The sums over the lanes of four vectors, side by side: two vectors of two, or one of four. */
export function acrossRows(f: FunctionBuilder, lanes: Lanes, sums: readonly Vector[]): readonly Vector[] {
  const [s0, s1, s2, s3] = sums as readonly [Vector, Vector, Vector, Vector];
  const { add } = lanes.arithmetic;
  if (lanes.width === 2) {
    const pair = (a: Vector, b: Vector): Vector => f.let(add(words(a, b, 0, 1, 4, 5), words(a, b, 2, 3, 6, 7)));
    return [pair(s0, s1), pair(s2, s3)];
  }
  const pair = (a: Vector, b: Vector): Vector => f.let(add(words(a, b, 0, 4, 1, 5), words(a, b, 2, 6, 3, 7)));
  const [low, high] = [pair(s0, s1), pair(s2, s3)];
  return [f.let(add(words(low, high, 0, 1, 4, 5), words(low, high, 2, 3, 6, 7)))];
}
