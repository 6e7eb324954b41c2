/**
 * Solutions of triangular systems in place: L x = b or Lᵀ x = b, L given by rows. What stands above its diagonal is not read. Division
 * by a pivot is division: a zero or NaN goes where plain arithmetic takes it.
 */
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from '../assembler.ts';
import type { Rope } from '../bytes.ts';
import { i32, v128, type I32, type V128 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import { emitSteps, inBytes, int, least, pieces, plus, productMode, times, UNROLL, type I32Local, type Vector } from './common.ts';
import { multiplyPacked, packedPadding, packRight, scratchElements } from './matrix-product.ts';
import { addRows, dotsInto } from './products.ts';

/** Entries of a vector that are solved for one by one, between products with the rest of it. */
const FORWARD_BLOCK = 8;
const BACKWARD_BLOCK = 16;
/** So many are one block, and there are no products. */
const FEW_UNKNOWNS = 16;

/**
 * solveVector(n, lower, x, transposed): one right-hand side. Neighbouring rows of L are n elements apart. `unknowns`: what n is, where
 * the page fixes it.
 */
export const solveVector = (
  module: ModuleBuilder,
  lanes: Lanes,
  unknowns?: number,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], undefined> => {
  const size = unknowns !== undefined && unknowns <= FEW_UNKNOWNS ? 'few' : 'any';
  const name = `solve_vector_${size}_${lanes.precision}`;
  return module.once(name, () => {
    const forward = solveForward(module, lanes, size);
    const backward = solveBackward(module, lanes, size);
    return module.function(name, ['i32', 'i32', 'i32', 'i32'], undefined, (f, n, lower, x, transposed) =>
      f.if(
        transposed,
        () => f.call(backward, n, lower, x),
        () => f.call(forward, n, lower, x),
      ),
    );
  });
};

type SolveVector = FunctionRef<readonly ['i32', 'i32', 'i32'], undefined>;

/** Block by block: what is known of x is subtracted by products of rows, then the block is solved for. */
const solveForward = (module: ModuleBuilder, lanes: Lanes, size: 'few' | 'any'): SolveVector => {
  const most = size === 'few' ? FEW_UNKNOWNS : FORWARD_BLOCK;
  const { sub, mul, div } = lanes.arithmetic;
  return module.function(`solve_forward_${size}_${lanes.precision}`, ['i32', 'i32', 'i32'], undefined, (f, n, lower, x) => {
    const row = f.let(inBytes(lanes, n));
    const value = f.local('v128');
    const i = f.local('i32');
    f.for(i, n, most, () => {
      const height = f.let(least(i32.sub(n, i), int(most)));
      const block = f.let(plus(x, inBytes(lanes, i)));
      if (size === 'any') f.call(dotsInto(module, lanes), height, i, lower, n, x, block, int(productMode.subtract));
      const corner = f.let(plus(lower, inBytes(lanes, i)));
      f.times(height, (r) => {
        const [at, left] = [f.let(corner), f.let(block)];
        const end = f.let(plus(block, inBytes(lanes, r)));
        f.set(value, lanes.loadOne(end));
        f.while(i32.ne(left, end), () => {
          f.set(value, sub(value, mul(lanes.loadOne(at), lanes.loadOne(left))));
          f.advance(at, lanes.bytes);
          f.advance(left, lanes.bytes);
        });
        f.do(lanes.storeOne(end, div(value, lanes.loadOne(at))));
        f.advance(corner, row);
      });
      f.advance(lower, i32.mul(row, int(most)));
    });
  });
};

/** x[0] … x[count − 1] with the sign changed. */
function negate(f: FunctionBuilder, lanes: Lanes, x: I32, count: I32): void {
  const at = f.let(x);
  f.times(count, () => {
    f.do(lanes.storeOne(at, lanes.arithmetic.neg(lanes.loadOne(at))));
    f.advance(at, lanes.bytes);
  });
}

/** Block by block from the end: the block is solved for, then its rows of L are subtracted from the right-hand sides above. */
const solveBackward = (module: ModuleBuilder, lanes: Lanes, size: 'few' | 'any'): SolveVector => {
  const { sub, mul, div } = lanes.arithmetic;
  return module.function(`solve_backward_${size}_${lanes.precision}`, ['i32', 'i32', 'i32'], undefined, (f, n, lower, x) => {
    const row = f.let(inBytes(lanes, n));
    const end = f.let(n);
    f.while(end, () => {
      const height = f.let(least(end, int(BACKWARD_BLOCK)));
      f.set(end, i32.sub(end, height));
      const block = f.let(plus(x, inBytes(lanes, end)));
      const rows = f.let(plus(lower, i32.mul(row, end)));
      const r = f.let(height);
      f.while(r, () => {
        f.advance(r, -1);
        const at = f.let(plus(rows, plus(i32.mul(row, r), inBytes(lanes, end))));
        const pivotAt = f.let(plus(block, inBytes(lanes, r)));
        const value = f.let(div(lanes.loadOne(pivotAt), lanes.loadOne(plus(at, inBytes(lanes, r)))));
        f.do(lanes.storeOne(pivotAt, value));
        const above = f.let(block);
        f.while(i32.ne(above, pivotAt), () => {
          f.do(lanes.storeOne(above, sub(lanes.loadOne(above), mul(lanes.loadOne(at), value))));
          f.advance(at, lanes.bytes);
          f.advance(above, lanes.bytes);
        });
      });
      if (size === 'few') return;
      negate(f, lanes, block, height);
      f.call(addRows(module, lanes), height, end, rows, n, block, x);
      negate(f, lanes, block, height);
    });
  });
};

/** Rows of L that are solved for before what they contribute to the others is subtracted, as a product of matrices. */
const MATRIX_BLOCK = 64;

/** `solveMatrix` for k right-hand sides needs `perSide · k + constant` elements of scratch. */
export const solveMatrixScratch = (lanes: Lanes): { readonly perSide: number; readonly constant: number } => ({
  perSide: MATRIX_BLOCK,
  constant: MATRIX_BLOCK * packedPadding(lanes) + scratchElements(lanes),
});

/** solveMatrix(n, k, lower, x, ldx, transposed, scratch): k right-hand sides, in rows of k. Neighbouring rows of L are n elements apart. */
export const solveMatrix = (
  module: ModuleBuilder,
  lanes: Lanes,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined> =>
  module.once(`solve_matrix_${lanes.precision}`, () => {
    const solve = solveBlock(module, lanes);
    const pack = packRight(module, lanes);
    const multiply = multiplyPacked(module, lanes);
    return module.function(
      `solve_matrix_${lanes.precision}`,
      ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
      undefined,
      (f, n, k, lower, x, ldx, transposed, scratch) => {
        const packed = f.let(plus(scratch, scratchElements(lanes) * lanes.bytes));
        const mode = int(productMode.subtract);
        const inLower = (i: I32, j: I32): I32 => plus(lower, inBytes(lanes, plus(i32.mul(i, n), j)));
        const rowOfX = (i: I32): I32 => plus(x, inBytes(lanes, i32.mul(i, ldx)));
        const minus = (a: I32): I32 => i32.sub(int(0), a);
        const [begin, end] = [f.let(int(0)), f.local('i32')];
        f.if(
          i32.eqz(transposed),
          () =>
            f.for(begin, n, MATRIX_BLOCK, () => {
              const height = f.let(least(i32.sub(n, begin), int(MATRIX_BLOCK)));
              f.set(end, plus(begin, height));
              f.call(solve, height, k, inLower(begin, begin), n, int(1), rowOfX(begin), ldx);
              f.if(i32.ltU(end, n), () => {
                f.call(pack, height, k, rowOfX(begin), ldx, int(1), packed);
                f.call(multiply, i32.sub(n, end), k, height, inLower(end, begin), n, int(1), packed, rowOfX(end), ldx, mode, scratch);
              });
            }),
          () => {
            // Lᵀ from its last row upwards is a lower triangle again.
            f.set(end, n);
            f.while(end, () => {
              const height = f.let(least(end, int(MATRIX_BLOCK)));
              f.set(begin, i32.sub(end, height));
              const last = f.let(plus(end, -1));
              f.call(solve, height, k, inLower(last, last), int(-1), minus(n), rowOfX(last), minus(ldx));
              f.if(begin, () => {
                f.call(pack, height, k, rowOfX(begin), ldx, int(1), packed);
                f.call(multiply, begin, k, height, inLower(begin, int(0)), int(1), n, packed, x, ldx, mode, scratch);
              });
              f.set(end, begin);
            });
          },
        );
      },
    );
  });

interface Column {
  readonly load: (address: I32, offset?: number) => V128;
  readonly store: (address: I32, value: V128, offset?: number) => Rope;
}

/**
 * solveBlock(n, k, l, rsl, csl, x, ldx): L X = B in place for a small L, whose element (i, j) is at l + i·rsl + j·csl, and k right-hand
 * sides in rows; strides may be negative. Strips of columns of X, that stay in the nearest cache, two rows at a time.
 */
export const solveBlock = (
  module: ModuleBuilder,
  lanes: Lanes,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined> =>
  module.once(`solve_block_${lanes.precision}`, () => {
    const whole: Column = { load: v128.load, store: v128.store };
    const wide = [4, 2, 1].map((vectors) => ({
      vectors,
      solve: solveStrip(
        module,
        lanes,
        `${vectors}`,
        times(vectors).map(() => whole),
      ),
    }));
    const narrow = pieces(lanes).map((piece) => ({ piece, solve: solveStrip(module, lanes, `part_${piece.elements}`, [piece]) }));
    return module.function(
      `solve_block_${lanes.precision}`,
      ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
      undefined,
      (f, n, k, l, rsl, csl, x, ldx) => {
        const [rowOfL, columnOfL, row] = [f.let(inBytes(lanes, rsl)), f.let(inBytes(lanes, csl)), f.let(inBytes(lanes, ldx))];
        for (const { vectors, solve } of wide)
          f.while(i32.geU(k, int(vectors * lanes.width)), () => {
            f.call(solve, n, l, rowOfL, columnOfL, x, row);
            f.advance(x, vectors * 16);
            f.advance(k, -vectors * lanes.width);
          });
        for (const { piece, solve } of narrow)
          f.if(i32.and(k, int(piece.elements)), () => {
            f.call(solve, n, l, rowOfL, columnOfL, x, row);
            f.advance(x, piece.elements * lanes.bytes);
          });
      },
    );
  });

/** One strip of columns of X; strides in bytes. */
const solveStrip = (
  module: ModuleBuilder,
  lanes: Lanes,
  name: string,
  columns: readonly Column[],
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined> =>
  module.function(
    `solve_strip_${name}_${lanes.precision}`,
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    undefined,
    (f, n, l, rowOfL, columnOfL, x, row) => {
      const { sub, mul, div } = lanes.arithmetic;
      const [factors, pivot] = [[f.local('v128'), f.local('v128')] as const, f.local('v128')];
      const sums = factors.map(() => columns.map(() => f.local('v128')));
      const subtract = (r: number, v: number, value: V128): void => {
        const sum = (sums[r] as Vector[])[v] as Vector;
        f.set(sum, sub(sum, mul(factors[r] as Vector, value)));
      };
      const loadRow = (r: number, at: I32Local): void => {
        for (const [v, c] of columns.entries()) f.set((sums[r] as Vector[])[v] as Vector, c.load(at, v * 16));
      };
      /** Divides row r by its pivot, and stores it. */
      const finish = (r: number, at: I32Local, pivotAt: I32): void => {
        f.set(pivot, lanes.loadSplat(pivotAt));
        for (const [v, c] of columns.entries()) {
          const sum = (sums[r] as Vector[])[v] as Vector;
          f.set(sum, div(sum, pivot));
          f.do(c.store(at, sum, v * 16));
        }
      };
      const to = f.let(x);
      const i = f.local('i32');
      f.for(i, n, 2, () => {
        const isPair = f.let(i32.ltU(plus(i, 1), n));
        // Where there is no second row, the first stands in for it.
        const first = f.let(l);
        const second = f.let(plus(l, i32.select(rowOfL, int(0), isPair)));
        const below = f.let(plus(to, i32.select(row, int(0), isPair)));
        loadRow(0, to);
        loadRow(1, below);
        const head = f.let(x);
        emitSteps(f, i, head, [], UNROLL, () => {
          f.set(factors[0], lanes.loadSplat(first));
          f.set(factors[1], lanes.loadSplat(second));
          const values = columns.map((c, v) => c.load(head, v * 16));
          const value = f.local('v128');
          for (const [v, load] of values.entries()) {
            f.set(value, load);
            subtract(0, v, value);
            subtract(1, v, value);
          }
          f.advance(head, row);
          f.advance(first, columnOfL);
          f.advance(second, columnOfL);
        });
        finish(0, to, first);
        f.if(isPair, () => {
          f.set(factors[1], lanes.loadSplat(second));
          for (const [v, sum] of (sums[0] as Vector[]).entries()) subtract(1, v, sum);
          finish(1, below, plus(second, columnOfL));
        });
        f.advance(to, i32.shl(row, int(1)));
        f.advance(l, i32.shl(rowOfL, int(1)));
      });
    },
  );
