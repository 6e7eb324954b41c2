/** Elementwise work on rows of matrices, for routines that go through them a row at a time. */
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from '../assembler.ts';
import { constant, i32, v128, type I32, type V128 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import type { I32Local, Piece } from './common.ts';

/** Whether a condition holds in lane 0, as 0 or 1. */
export const holds = (lanes: Lanes, mask: V128): I32 =>
  v128.anyTrue(v128.and(mask, constant.v128(Array.from({ length: 16 }, (_, i) => (i < lanes.bytes ? 255 : 0)))));

type Step = (part: Pick<Piece, 'load' | 'store'>) => void;

/** Goes through `count` elements at each pointer, a vector at a time, then one by one; the pointers are moved. */
export function eachVector(f: FunctionBuilder, lanes: Lanes, count: I32, pointers: readonly I32Local[], step: Step): void {
  const left = f.let(count);
  const go = (elements: number, part: Pick<Piece, 'load' | 'store'>): void =>
    f.while(i32.geU(left, constant.i32(elements)), () => {
      step(part);
      for (const pointer of pointers) f.advance(pointer, elements * lanes.bytes);
      f.advance(left, -elements);
    });
  go(lanes.width, v128);
  go(1, { load: lanes.loadOne, store: lanes.storeOne });
}

/** subtractRow(count, factor, from, to): to −= factor · from. */
export const subtractRow = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'v128', 'i32', 'i32'], undefined> => {
  const name = `subtract_row_${lanes.precision}`;
  const { sub, mul } = lanes.arithmetic;
  return module.once(name, () =>
    module.function(name, ['i32', 'v128', 'i32', 'i32'], undefined, (f, count, factor, from, to) =>
      eachVector(f, lanes, count, [from, to], ({ load, store }) => f.do(store(to, sub(load(to), mul(factor, load(from)))))),
    ),
  );
};

/** swapRows(count, a, b). */
export const swapRows = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'i32', 'i32'], undefined> => {
  const name = `swap_rows_${lanes.precision}`;
  return module.once(name, () =>
    module.function(name, ['i32', 'i32', 'i32'], undefined, (f, count, a, b) => {
      const kept = f.local('v128');
      eachVector(f, lanes, count, [a, b], ({ load, store }) => {
        f.set(kept, load(a));
        f.do(store(a, load(b)));
        f.do(store(b, kept));
      });
    }),
  );
};

/** turnRows(count, c, s, a, b): a and b become c·a − s·b and s·a + c·b. */
export const turnRows = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'v128', 'v128', 'i32', 'i32'], undefined> => {
  const name = `turn_rows_${lanes.precision}`;
  const { add, sub, mul } = lanes.arithmetic;
  return module.once(name, () =>
    module.function(name, ['i32', 'v128', 'v128', 'i32', 'i32'], undefined, (f, count, c, s, a, b) => {
      const [x, y] = [f.local('v128'), f.local('v128')];
      eachVector(f, lanes, count, [a, b], ({ load, store }) => {
        f.set(x, load(a));
        f.set(y, load(b));
        f.do(store(a, sub(mul(c, x), mul(s, y))));
        f.do(store(b, add(mul(s, x), mul(c, y))));
      });
    }),
  );
};
