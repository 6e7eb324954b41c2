/**
 * General matrix products, C = AB, C += AB, C −= AB. B is packed into panels of columns; rows of A are used where they are, or packed
 * block by block. k is cut into blocks, so that what is packed stays in the near caches and sums of float32 are made block by block.
 * Every element's sum is taken in the same order, which follows from k alone: XᵀX comes out symmetric to the last bit.
 * Source: Goto & van de Geijn (2008), Anatomy of high-performance matrix multiplication.
 */
import type { FunctionRef, ModuleBuilder } from '../assembler.ts';
import { i32 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import { inBytes, int, least, plus, productMode, whole } from './common.ts';
import { packPanels } from './packing.ts';
import { panelOfAnyWidth, TILE_ROWS, tileColumns, type Panel } from './panels.ts';

/** Columns of A and rows of A that make a block: it stays in the second cache, a panel of B with as many rows in the first. */
const BLOCK_K = 256;
const BLOCK_ROWS = 32;

/** Columns of B, and elements over which a block of A extends, up to which columns of A are read where they are: packing does not pay. */
const FEW_COLUMNS = 16;
const NEAR = 16_384;

/** A packed matrix of k rows and n columns has `(n + packedPadding) · k` elements at most. */
export const packedPadding = (lanes: Lanes): number => tileColumns(lanes) - 1;

/** Elements of scratch that a product needs, whatever its size: a block of A and a tile of C. */
export const scratchElements = (lanes: Lanes): number => BLOCK_ROWS * BLOCK_K + TILE_ROWS * tileColumns(lanes);

/** packRight(k, n, b, rsb, csb, packed): the right factor, whose element (p, j) is at b + p·rsb + j·csb, packed for `multiplyPacked`. */
export const packRight = (
  module: ModuleBuilder,
  lanes: Lanes,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined> => packPanels(module, lanes, tileColumns(lanes));

const productParams = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
type Product = FunctionRef<typeof productParams, undefined>;

/**
 * multiplyPacked(m, n, k, a, rsa, csa, packed, c, ldc, mode, scratch): C = AB, C += AB or C −= AB, as `productMode` says; C has m rows
 * of n. Element (i, p) of A is at a + i·rsa + p·csa.
 */
export const multiplyPacked = (module: ModuleBuilder, lanes: Lanes): Product => product(module, lanes, false);

/** The same, but tiles of C that lie below the diagonal altogether are left alone. */
export const multiplyPackedUpper = (module: ModuleBuilder, lanes: Lanes): Product => product(module, lanes, true);

const product = (module: ModuleBuilder, lanes: Lanes, isUpper: boolean): Product => {
  const name = `product_${isUpper ? 'upper_' : ''}${lanes.precision}`;
  return module.once(name, () => {
    const packLeft = packPanels(module, lanes, TILE_ROWS);
    const kernels = { rows: panelOfAnyWidth(module, lanes, 'rows'), interleaved: panelOfAnyWidth(module, lanes, 'interleaved') };
    const tileBytes = TILE_ROWS * tileColumns(lanes) * lanes.bytes;
    const panelRow = tileColumns(lanes) * lanes.bytes;
    return module.function(name, productParams, undefined, (f, m, n, k, a, rsa, csa, packed, c, ldc, mode, scratch) => {
      const row = f.let(inBytes(lanes, ldc));
      const room = f.let(plus(scratch, tileBytes));
      const byRows = f.let(i32.eq(csa, int(1)));
      const isNear = i32.leU(i32.mul(csa, least(k, int(BLOCK_K))), int(NEAR));
      const inPlace = f.let(i32.and(i32.eq(rsa, int(1)), i32.and(isNear, i32.leU(n, int(FEW_COLUMNS)))));
      const [p, i, j] = [f.let(int(0)), f.local('i32'), f.local('i32')];
      const [height, step, tileStep, from] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
      f.doWhile(
        () => {
          const depth = f.let(least(i32.sub(k, p), int(BLOCK_K)));
          f.set(i, int(0));
          f.while(i32.ltU(i, m), () => {
            // Rows i to i + height of A, in the way that suits them.
            f.set(height, least(i32.sub(m, i), int(BLOCK_ROWS)));
            f.set(from, plus(a, inBytes(lanes, plus(i32.mul(i, rsa), i32.mul(p, csa)))));
            f.if(
              byRows,
              () => {
                f.set(step, inBytes(lanes, rsa));
                f.set(tileStep, i32.shl(step, int(2)));
              },
              () =>
                f.if(
                  i32.and(inPlace, i32.geS(height, int(TILE_ROWS))),
                  () => {
                    f.set(height, whole(height, TILE_ROWS));
                    f.set(step, inBytes(lanes, csa));
                    f.set(tileStep, int(TILE_ROWS * lanes.bytes));
                  },
                  () => {
                    f.call(packLeft, depth, height, from, csa, rsa, room);
                    f.set(from, room);
                    f.set(step, int(TILE_ROWS * lanes.bytes));
                    f.set(tileStep, i32.mul(depth, step));
                  },
                ),
            );
            const to = f.let(plus(c, i32.mul(i, row)));
            const right = f.let(plus(packed, i32.mul(p, int(panelRow))));
            f.set(j, int(0));
            f.for(j, n, tileColumns(lanes), () => {
              const columns = f.let(least(i32.sub(n, j), int(tileColumns(lanes))));
              // Above the diagonal: a row is met as long as the panel ends behind it.
              const rows = isUpper ? f.let(least(height, i32.sub(plus(j, tileColumns(lanes)), i))) : height;
              const multiplyBy = (kernel: Panel): void =>
                f.call(kernel, rows, depth, from, step, tileStep, right, to, row, columns, mode, scratch);
              f.if(
                byRows,
                () => multiplyBy(kernels.rows),
                () => multiplyBy(kernels.interleaved),
              );
              f.advance(to, panelRow);
              f.advance(right, i32.mul(k, int(panelRow)));
            });
            f.set(i, plus(i, height));
          });
          f.if(i32.eqz(mode), () => f.set(mode, int(productMode.add)));
          f.advance(p, BLOCK_K);
        },
        i32.ltS(p, k),
      );
    });
  });
};

/**
 * multiply(m, n, k, a, rsa, csa, b, rsb, csb, c, ldc, mode, packed, scratch): `packRight` and `multiplyPacked`.
 */
export const multiply = (
  module: ModuleBuilder,
  lanes: Lanes,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined> =>
  module.once(`multiply_${lanes.precision}`, () => {
    const pack = packRight(module, lanes);
    const multiplyThem = multiplyPacked(module, lanes);
    return module.function(
      `multiply_${lanes.precision}`,
      ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
      undefined,
      (f, m, n, k, a, rsa, csa, b, rsb, csb, c, ldc, mode, packed, scratch) => {
        f.call(pack, k, n, b, rsb, csb, packed);
        f.call(multiplyThem, m, n, k, a, rsa, csa, packed, c, ldc, mode, scratch);
      },
    );
  });
