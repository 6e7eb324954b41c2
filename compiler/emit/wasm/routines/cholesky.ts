/** The Cholesky factorisation, by blocks of columns from left to right; most of its work is products of matrices. */
import type { FunctionRef, ModuleBuilder } from '../assembler.ts';
import { i32, v128, type I32 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import { inBytes, int, least, plus, productMode, whole, type I32Local } from './common.ts';
import { fillElements } from './fill.ts';
import { multiplyPacked, packedPadding, packRight, scratchElements } from './matrix-product.ts';
import { transposeCopy } from './packing.ts';
import { solveBlock } from './triangular-solve.ts';

/** Columns of a block. */
const BLOCK = 16;

/** Rows below a diagonal block that are solved for at a time. */
const CHUNK = 64;

/** `cholesky` of n rows needs `perRow · n + constant` elements of scratch. */
export const choleskyScratch = (lanes: Lanes): { readonly perRow: number; readonly constant: number } => ({
  perRow: BLOCK + packedPadding(lanes),
  constant: scratchElements(lanes) + BLOCK * BLOCK + BLOCK * CHUNK,
});

/**
 * cholesky(n, a, out, scratch): the lower factor of ½(A + Aᵀ) by rows, zeros above its diagonal; all NaN where a pivot is not positive
 * and finite. `out` may not overlap `a`. `fixedRows`: what n is, where the page fixes it; there is no code for more
 * blocks than one where that is one.
 */
export const cholesky = (
  module: ModuleBuilder,
  lanes: Lanes,
  fixedRows?: number,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], undefined> => {
  const isOneBlock = fixedRows !== undefined && fixedRows <= BLOCK;
  const name = `cholesky_${isOneBlock ? 'block' : 'any'}_${lanes.precision}`;
  return module.once(name, () => {
    const fill = fillElements(module, lanes);
    const symmetrise = lowerMean(module, lanes);
    const factor = factorBlock(module, lanes);
    const transpose = transposeCopy(module, lanes);
    return module.function(name, ['i32', 'i32', 'i32', 'i32'], undefined, (f, n, a, out, scratch) => {
      const block = f.let(plus(scratch, scratchElements(lanes) * lanes.bytes));
      const chunk = f.let(plus(block, BLOCK * BLOCK * lanes.bytes));
      const packed = f.let(plus(chunk, BLOCK * CHUNK * lanes.bytes));
      const one = int(1);
      f.call(symmetrise, n, a, out);
      const j = f.local('i32');
      f.for(j, n, BLOCK, () => {
        const width = f.let(least(i32.sub(n, j), int(BLOCK)));
        const height = f.let(i32.sub(n, j));
        const rows = f.let(plus(out, inBytes(lanes, i32.mul(j, n))));
        const corner = f.let(plus(rows, inBytes(lanes, j)));
        if (!isOneBlock)
          f.if(j, () => {
            const mode = int(productMode.subtract);
            f.call(packRight(module, lanes), j, width, rows, one, n, packed);
            f.call(multiplyPacked(module, lanes), height, width, j, rows, n, one, packed, corner, n, mode, scratch);
          });
        f.call(transpose, width, width, corner, n, block, int(BLOCK));
        f.if(i32.eqz(f.result(factor, width, block)), () => {
          f.call(fill, out, i32.mul(n, n), lanes.constant(Number.NaN));
          f.return();
        });
        f.call(transpose, width, width, block, int(BLOCK), corner, n);
        if (isOneBlock) return;
        const below = f.let(plus(corner, inBytes(lanes, i32.mul(width, n))));
        const left = f.let(i32.sub(height, width));
        f.while(i32.gtS(left, int(0)), () => {
          const some = f.let(least(left, int(CHUNK)));
          f.call(transpose, some, width, below, n, chunk, int(CHUNK));
          f.call(solveBlock(module, lanes), width, some, corner, n, one, chunk, int(CHUNK));
          f.call(transpose, width, some, chunk, int(CHUNK), below, n);
          f.advance(below, inBytes(lanes, i32.mul(some, n)));
          f.set(left, i32.sub(left, some));
        });
      });
    });
  });
};

/** lowerMean(n, a, out): the lower triangle of ½(A + Aᵀ), zeros above. */
const lowerMean = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'i32', 'i32'], undefined> => {
  const fill = fillElements(module, lanes);
  const transpose = transposeCopy(module, lanes);
  const { add, mul } = lanes.arithmetic;
  const name = `lower_mean_${lanes.precision}`;
  return module.once(name, () =>
    module.function(name, ['i32', 'i32', 'i32'], undefined, (f, n, a, out) => {
      const row = f.let(inBytes(lanes, n));
      const diagonal = f.let(plus(row, lanes.bytes));
      const [i, from, to] = [f.local('i32'), f.let(a), f.let(out)];
      f.for(i, n, BLOCK, () => {
        f.call(transpose, least(i32.sub(n, i), int(BLOCK)), i32.sub(n, i), from, n, to, n);
        f.advance(from, i32.mul(diagonal, int(BLOCK)));
        f.advance(to, i32.mul(diagonal, int(BLOCK)));
      });
      f.times(n, (r) => {
        const [source, target, left] = [f.let(a), f.let(out), f.let(r)];
        const half = lanes.constant(0.5);
        f.while(i32.geU(left, int(lanes.width)), () => {
          f.do(v128.store(target, mul(half, add(v128.load(source), v128.load(target)))));
          f.advance(source, 16);
          f.advance(target, 16);
          f.advance(left, -lanes.width);
        });
        f.while(left, () => {
          f.do(lanes.storeOne(target, mul(half, add(lanes.loadOne(source), lanes.loadOne(target)))));
          f.advance(source, lanes.bytes);
          f.advance(target, lanes.bytes);
          f.advance(left, -1);
        });
        f.do(lanes.storeOne(target, lanes.loadOne(source)));
        f.call(fill, plus(target, lanes.bytes), i32.sub(plus(n, -1), r), lanes.constant(0));
        f.advance(a, row);
        f.advance(out, row);
      });
    }),
  );
};

/**
 * factorBlock(n, u): the upper factor, in place, of a block whose rows are `BLOCK` elements apart and of which the upper triangle is
 * given; zeros below. 1, or 0 where a pivot is not positive and finite.
 */
const factorBlock = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'i32'], 'i32'> => {
  const fill = fillElements(module, lanes);
  const { sub, mul, div, sqrt, gt, lt } = lanes.arithmetic;
  const rowBytes = BLOCK * lanes.bytes;
  const name = `factor_block_${lanes.precision}`;
  return module.once(name, () =>
    module.function(name, ['i32', 'i32'], 'i32', (f, n, u) => {
      const end = f.let(plus(u, i32.mul(n, int(rowBytes))));
      const [row, l] = [f.let(u), f.let(int(0))];
      /** Vectors of a row from the one that holds column `from` to the last: what they hold beyond the triangle does not matter. */
      const along = (from: I32, body: (at: I32Local) => void): void => {
        const at = f.let(inBytes(lanes, whole(from, lanes.width)));
        const stop = f.let(inBytes(lanes, n));
        f.doWhile(
          () => {
            body(at);
            f.advance(at, 16);
          },
          i32.ltU(at, stop),
        );
      };
      f.while(i32.ne(row, end), () => {
        const pivot = f.let(lanes.loadSplat(plus(row, inBytes(lanes, l))));
        f.if(i32.eqz(v128.anyTrue(v128.and(gt(pivot, lanes.constant(0)), lt(pivot, lanes.constant(Infinity))))), () => f.return(int(0)));
        f.set(pivot, sqrt(pivot));
        along(l, (at) => f.do(v128.store(plus(row, at), div(v128.load(plus(row, at)), pivot))));
        f.do(lanes.storeOne(plus(row, inBytes(lanes, l)), pivot));
        f.call(fill, row, l, lanes.constant(0));
        const [below, i] = [f.let(plus(row, rowBytes)), f.let(plus(l, 1))];
        f.while(i32.ltU(i, n), () => {
          const factor = f.let(lanes.loadSplat(plus(row, inBytes(lanes, i))));
          along(i, (at) => {
            const target = plus(below, at);
            f.do(v128.store(target, sub(v128.load(target), mul(factor, v128.load(plus(row, at))))));
          });
          f.advance(below, rowBytes);
          f.advance(i, 1);
        });
        f.advance(row, rowBytes);
        f.advance(l, 1);
      });
      f.return(int(1));
    }),
  );
};
