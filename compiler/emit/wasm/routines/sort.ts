/** The order of elements along an axis. */
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from '../assembler.ts';
import { i32, type I32 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import { inBytes, int, least, plus } from './common.ts';
import { holds } from './rows.ts';

/** Bytes of scratch for each position along the axis: two lists of positions. */
export const SORT_SCRATCH = 8;

/** Bytes of a position in a list. */
const BYTES = 4;

/**
 * argsort(outer, length, inner, from, to, scratch): positions along the middle axis of `[outer, length, inner]` in ascending order of what is
 * there, equal ones in their own order, what is not a number last. Scratch: `SORT_SCRATCH · length` bytes.
 * Source: Knuth (1998), §5.2.4, straight merging.
 */
export const argsort = (
  module: ModuleBuilder,
  lanes: Lanes,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined> => {
  const name = `argsort_${lanes.precision}`;
  return module.once(name, () => {
    const merge = mergeRuns(module, lanes);
    return module.function(name, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined, (f, outer, length, inner, from, to, scratch) => {
      const run = f.let(inBytes(lanes, inner));
      const [source, target, width, start] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
      f.times(outer, () => {
        const [column, result] = [f.let(from), f.let(to)];
        f.times(inner, () => {
          f.set(source, scratch);
          f.set(target, plus(scratch, i32.mul(length, int(BYTES))));
          f.times(length, (k) => f.do(i32.store(place(source, k), k)));
          f.set(width, int(1));
          f.while(i32.ltU(width, length), () => {
            f.set(start, int(0));
            f.while(i32.ltU(start, length), () => {
              const middle = f.let(least(plus(start, width), length));
              const end = f.let(least(plus(middle, width), length));
              f.call(merge, start, middle, end, source, target, column, run);
              f.set(start, end);
            });
            const other = f.let(source);
            f.set(source, target);
            f.set(target, other);
            f.set(width, i32.shl(width, int(1)));
          });
          const at = f.let(result);
          f.times(length, (k) => {
            f.do(lanes.storeOne(at, lanes.splatI32(i32.load(place(source, k)))));
            f.advance(at, run);
          });
          f.advance(column, lanes.bytes);
          f.advance(result, lanes.bytes);
        });
        f.advance(from, i32.mul(run, length));
        f.advance(to, i32.mul(run, length));
      });
    });
  });
};

const place = (list: I32, k: I32): I32 => plus(list, i32.mul(k, int(BYTES)));

/** mergeRuns(start, middle, end, source, target, column, run): two runs of positions into one. */
const mergeRuns = (
  module: ModuleBuilder,
  lanes: Lanes,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined> =>
  module.function(
    `merge_runs_${lanes.precision}`,
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    undefined,
    (f, start, middle, end, source, target, column, run) => {
      const [left, right, at, isRight] = [f.let(start), f.let(middle), f.let(start), f.local('i32')];
      const element = (k: I32): ReturnType<Lanes['load']> => lanes.loadOne(plus(column, i32.mul(i32.load(place(source, k)), run)));
      f.for(at, end, 1, () => {
        f.set(isRight, i32.ltU(right, end));
        f.if(i32.and(isRight, i32.ltU(left, middle)), () => f.set(isRight, isBelow(f, lanes, element(right), element(left))));
        f.do(i32.store(place(target, at), i32.load(place(source, i32.select(right, left, isRight)))));
        f.advance(right, isRight);
        f.advance(left, i32.eqz(isRight));
      });
    },
  );

/** Whether x comes before y: it is smaller, or y alone is not a number. */
function isBelow(f: FunctionBuilder, lanes: Lanes, x: ReturnType<Lanes['load']>, y: ReturnType<Lanes['load']>): I32 {
  const { eq, lt, ne } = lanes.arithmetic;
  const [a, b] = [f.let(x), f.let(y)];
  return i32.or(holds(lanes, lt(a, b)), i32.and(holds(lanes, eq(a, a)), holds(lanes, ne(b, b))));
}
