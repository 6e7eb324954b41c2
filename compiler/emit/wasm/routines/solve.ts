/** Systems with any square matrix. */
import type { FunctionRef, ModuleBuilder } from '../assembler.ts';
import { i32, memory } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import { inBytes, plus } from './common.ts';
import { fillElements } from './fill.ts';
import { transposeCopy } from './packing.ts';
import { eachVector, holds, subtractRow, swapRows } from './rows.ts';

/**
 * solve(n, k, a, x, transposed, scratch): A x = b or Aᵀ x = b in place for k right-hand sides, in rows of k; all NaN where no pivot is left
 * that is not 0 and finite. Scratch: n² elements.
 * Source: Golub & Van Loan (2013), algorithm 3.4.1.
 */
export const solve = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined> => {
  const name = `solve_${lanes.precision}`;
  const { abs, div, gt, lt } = lanes.arithmetic;
  return module.once(name, () => {
    const subtract = subtractRow(module, lanes);
    const swap = swapRows(module, lanes);
    const fill = fillElements(module, lanes);
    const transpose = transposeCopy(module, lanes);
    return module.function(name, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined, (f, n, k, a, x, transposed, scratch) => {
      const [row, side] = [f.let(inBytes(lanes, n)), f.let(inBytes(lanes, k))];
      f.if(
        transposed,
        () => f.call(transpose, n, n, a, n, scratch, n),
        () => f.do(memory.copy(scratch, a, i32.mul(n, row))),
      );
      const [corner, xRow, below] = [f.let(scratch), f.let(x), f.let(n)];
      f.while(below, () => {
        f.advance(below, -1);
        const [at, atX, pivotAt, pivotX] = [f.let(corner), f.let(xRow), f.let(corner), f.let(xRow)];
        const best = f.let(abs(lanes.loadOne(corner)));
        f.times(below, () => {
          f.advance(at, row);
          f.advance(atX, side);
          const size = f.let(abs(lanes.loadOne(at)));
          f.if(holds(lanes, gt(size, best)), () => {
            f.set(best, size);
            f.set(pivotAt, at);
            f.set(pivotX, atX);
          });
        });
        const isPivot = i32.and(holds(lanes, gt(best, lanes.constant(0))), holds(lanes, lt(best, lanes.constant(Infinity))));
        f.if(i32.eqz(isPivot), () => {
          f.call(fill, x, i32.mul(n, k), lanes.constant(Number.NaN));
          f.return();
        });
        f.if(i32.ne(pivotAt, corner), () => {
          f.call(swap, plus(below, 1), corner, pivotAt);
          f.call(swap, k, xRow, pivotX);
        });
        const pivot = f.let(lanes.loadSplat(corner));
        f.set(at, corner);
        f.set(atX, xRow);
        f.times(below, () => {
          f.advance(at, row);
          f.advance(atX, side);
          const factor = f.let(div(lanes.loadSplat(at), pivot));
          f.call(subtract, below, factor, plus(corner, lanes.bytes), plus(at, lanes.bytes));
          f.call(subtract, k, factor, xRow, atX);
        });
        f.advance(corner, plus(row, lanes.bytes));
        f.advance(xRow, side);
      });
      // `corner` and `xRow` are behind the last row, `below` is the number of rows that are solved for.
      f.while(i32.ltU(below, n), () => {
        f.set(corner, i32.sub(corner, plus(row, lanes.bytes)));
        f.set(xRow, i32.sub(xRow, side));
        const [at, other] = [f.let(corner), f.let(xRow)];
        f.times(below, () => {
          f.advance(at, lanes.bytes);
          f.advance(other, side);
          f.call(subtract, k, lanes.loadSplat(at), other, xRow);
        });
        const pivot = f.let(lanes.loadSplat(corner));
        const to = f.let(xRow);
        eachVector(f, lanes, k, [to], ({ load, store }) => f.do(store(to, div(load(to), pivot))));
        f.advance(below, 1);
      });
    });
  });
};
