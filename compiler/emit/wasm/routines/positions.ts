/**
 * Picking and placing by position, running sums, first maxima. A tensor is seen as `[outer, length, inner]` about one axis; positions
 * are elements that hold whole numbers. Counts are of elements, pointers are byte addresses.
 */
import type { FunctionBuilder, FunctionRef, Local, ModuleBuilder } from '../assembler.ts';
import { constant, i32, memory, type I32 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import { inBytes } from './common.ts';
import { holds } from './rows.ts';

const five = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
const six = [...five, 'i32'] as const;
const seven = [...six, 'i32'] as const;

/** 1 where a position is 0 … length − 1; NaN and what lies outside is not. */
function isInside(lanes: Lanes, position: I32, raw: ReturnType<Lanes['load']>, length: I32): I32 {
  // A negative position, and NaN, must not pass as 0 by being rounded towards it.
  const notBelow = holds(lanes, lanes.arithmetic.ge(raw, lanes.constant(0)));
  return i32.and(notBelow, i32.ltU(position, length));
}

/** Copies a run of elements; a single one without the detour of a block copy. */
function copyRun(f: FunctionBuilder, lanes: Lanes, to: I32, from: I32, bytes: I32): void {
  f.if(
    i32.eq(bytes, constant.i32(lanes.bytes)),
    () => f.do(lanes.storeOne(to, lanes.loadOne(from))),
    () => f.do(memory.copy(to, from, bytes)),
  );
}

interface Picking {
  readonly outer: I32;
  readonly length: I32;
  readonly count: I32;
  /** Bytes of what stands at one position. */
  readonly run: I32;
  /** Where each block of `length` runs begins, and where the runs of the positions follow each other. */
  readonly indexed: Local<'i32'>;
  readonly listed: Local<'i32'>;
}

/** For each position of each block: where its run is among the indexed ones, if it is inside. The pointers are moved. */
function eachPosition(
  f: FunctionBuilder,
  lanes: Lanes,
  positions: I32,
  { outer, length, count, run, indexed, listed }: Picking,
  inside: (place: I32) => void,
  outside?: () => void,
): void {
  const block = f.let(i32.mul(run, length));
  f.times(outer, () => {
    const at = f.let(positions);
    f.times(count, () => {
      const raw = f.let(lanes.loadOne(at));
      const position = f.let(lanes.lowToI32(raw));
      f.if(isInside(lanes, position, raw, length), () => inside(i32.add(indexed, i32.mul(position, run))), outside);
      f.advance(at, lanes.bytes);
      f.advance(listed, run);
    });
    f.advance(indexed, block);
  });
}

/** `gather(outer, length, inner, count, from, positions, to)`: `to` is `[outer, count, inner]`; NaN where a position is outside. */
export const gather = (module: ModuleBuilder, lanes: Lanes): FunctionRef<typeof seven, undefined> =>
  module.once(`gather_${lanes.precision}`, () =>
    module.function(`gather_${lanes.precision}`, seven, undefined, (f, outer, length, inner, count, from, positions, to) => {
      const run = f.let(inBytes(lanes, inner));
      eachPosition(
        f,
        lanes,
        positions,
        { outer, length, count, run, indexed: from, listed: to },
        (place) => copyRun(f, lanes, to, place, run),
        () => {
          const hole = f.let(to);
          f.times(inner, () => {
            f.do(lanes.storeOne(hole, lanes.constant(Number.NaN)));
            f.advance(hole, lanes.bytes);
          });
        },
      );
    }),
  );

/** `scatter(outer, length, inner, count, updates, positions, to)`: adds into `to` `[outer, length, inner]`, zeroed first. */
export const scatterAdd = (module: ModuleBuilder, lanes: Lanes): FunctionRef<typeof seven, undefined> =>
  module.once(`scatter_${lanes.precision}`, () =>
    module.function(`scatter_${lanes.precision}`, seven, undefined, (f, outer, length, inner, count, updates, positions, to) => {
      const run = f.let(inBytes(lanes, inner));
      f.do(memory.fill(to, constant.i32(0), i32.mul(i32.mul(run, length), outer)));
      eachPosition(f, lanes, positions, { outer, length, count, run, indexed: to, listed: updates }, (place) => {
        const sum = f.let(place);
        const end = f.let(i32.add(sum, run));
        const added = f.let(updates);
        f.for(sum, end, lanes.bytes, () => {
          f.do(lanes.storeOne(sum, lanes.arithmetic.add(lanes.loadOne(sum), lanes.loadOne(added))));
          f.advance(added, lanes.bytes);
        });
      });
    }),
  );

/** `argmax(outer, length, inner, from, to)`: the first of several largest ones; comparisons as in the reference. */
export const argmax = (module: ModuleBuilder, lanes: Lanes): FunctionRef<typeof five, undefined> =>
  module.once(`argmax_${lanes.precision}`, () =>
    module.function(`argmax_${lanes.precision}`, five, undefined, (f, outer, length, inner, from, to) => {
      const run = f.let(inBytes(lanes, inner));
      const source = f.let(from);
      const target = f.let(to);
      f.times(outer, () => {
        const column = f.let(source);
        f.times(inner, () => {
          const best = f.let(lanes.loadOne(column));
          const where = f.let(constant.i32(0));
          const at = f.let(column);
          f.times(length, (k) => {
            const value = f.let(lanes.loadOne(at));
            f.if(holds(lanes, lanes.arithmetic.gt(value, best)), () => {
              f.set(best, value);
              f.set(where, k);
            });
            f.advance(at, run);
          });
          f.do(lanes.storeOne(target, lanes.splatI32(where)));
          f.advance(target, lanes.bytes);
          f.advance(column, lanes.bytes);
        });
        f.advance(source, i32.mul(run, length));
      });
    }),
  );

/** `cumsum(outer, length, inner, from, to, reversed)`: running sums along the middle axis, from the end if `reversed`. */
export const cumsum = (module: ModuleBuilder, lanes: Lanes): FunctionRef<typeof six, undefined> =>
  module.once(`cumsum_${lanes.precision}`, () =>
    module.function(`cumsum_${lanes.precision}`, six, undefined, (f, outer, length, inner, from, to, reversed) => {
      const run = f.let(inBytes(lanes, inner));
      const block = f.let(i32.mul(run, length));
      const start = f.let(constant.i32(0));
      const step = f.let(i32.select(i32.sub(constant.i32(0), run), run, reversed));
      f.times(outer, () => {
        const row = f.let(i32.add(start, i32.select(i32.sub(block, run), constant.i32(0), reversed)));
        f.times(length, (k) => {
          const at = f.let(row);
          const end = f.let(i32.add(row, run));
          f.for(at, end, lanes.bytes, () => {
            const own = f.let(lanes.loadOne(i32.add(from, at)));
            f.if(k, () => f.set(own, lanes.arithmetic.add(lanes.loadOne(i32.sub(i32.add(to, at), step)), own)));
            f.do(lanes.storeOne(i32.add(to, at), own));
          });
          f.advance(row, step);
        });
        f.advance(start, block);
      });
    }),
  );
