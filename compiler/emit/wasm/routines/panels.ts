/**
 * The kernels of matrix products: a panel of columns of C, one vector or two wide, goes down the rows of a block four at a time; the
 * sums over one block of k stay in registers. Knows nothing of how the blocks are cut.
 * Source: Goto & van de Geijn (2008), Anatomy of high-performance matrix multiplication.
 */
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from '../assembler.ts';
import { i32, v128, type I32, type V128 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import {
  addProduct,
  emitSteps,
  int,
  least,
  pieces,
  plus,
  productMode,
  times,
  UNROLL,
  zeros,
  type I32Local,
  type Moving,
  type Vector,
} from './common.ts';

/** Rows of a tile of C. Four times two vectors: eight sums, six loads and a product are the fifteen registers that V8 has. */
export const TILE_ROWS = 4;

/** Columns of a tile of C, and of a packed panel. */
export const tileColumns = (lanes: Lanes): number => 2 * lanes.width;

/**
 * How the four rows of A are found. `rows`: each by itself, `step` bytes from row to row, their elements side by side.
 * `interleaved`: the four elements of a column side by side, `step` bytes from column to column.
 */
export type LeftAccess = 'rows' | 'interleaved';

const panelParams = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
export type Panel = FunctionRef<typeof panelParams, undefined>;

/**
 * panel(m, k, a, step, tileStep, b, c, row, columns, mode, tile): one panel of C, m rows of `columns` columns, from k columns of A and
 * the packed panel b. `tileStep`: bytes from four rows of A to the next four; `row`: bytes of a row of C; `tile`: room for one tile.
 * With access `rows` only the m rows of A are read; with `interleaved` all four of each tile.
 */
export const panelOfAnyWidth = (module: ModuleBuilder, lanes: Lanes, access: LeftAccess): Panel =>
  module.once(`panel_${access}_${lanes.precision}`, () => {
    const [narrow, wide] = [panel(module, lanes, access, 1), panel(module, lanes, access, 2)];
    return module.function(`panel_${access}_${lanes.precision}`, panelParams, undefined, (f, ...all) => {
      const columns = all[8];
      f.if(
        i32.gtS(columns, int(lanes.width)),
        () => f.call(wide, ...all),
        () => f.call(narrow, ...all),
      );
    });
  });

/** A panel of one vector or two. */
const panel = (module: ModuleBuilder, lanes: Lanes, access: LeftAccess, vectors: number): Panel =>
  module.once(`panel_${access}_${vectors}_${lanes.precision}`, () => {
    const merge = mergeTile(module, lanes);
    return module.function(
      `panel_${access}_${vectors}_${lanes.precision}`,
      panelParams,
      undefined,
      (f, m, k, a, step, tileStep, b, c, row, columns, mode, tile) => {
        const { add, sub } = lanes.arithmetic;
        f.while(i32.gtS(m, int(0)), () => {
          const sums = access === 'rows' ? sumRows(f, lanes, vectors, m, k, a, step, b) : sumInterleaved(f, lanes, vectors, k, a, step, b);
          /** Each row of the tile to memory, from `to` on. */
          const write = (to: I32, next: I32, value: (sum: Vector, at: I32Local, offset: number) => V128): void => {
            const at = f.let(to);
            for (const [r, rowSums] of sums.entries()) {
              for (const [v, sum] of rowSums.entries()) f.do(v128.store(at, value(sum, at, v * 16), v * 16));
              if (r + 1 < TILE_ROWS) f.advance(at, next);
            }
          };
          f.if(
            i32.and(i32.geS(m, int(TILE_ROWS)), i32.eq(columns, int(vectors * lanes.width))),
            () =>
              f.if(
                i32.eqz(mode),
                () => write(c, row, (sum) => sum),
                () =>
                  f.if(
                    i32.eq(mode, int(productMode.subtract)),
                    () => write(c, row, (sum, at, offset) => sub(v128.load(at, offset), sum)),
                    () => write(c, row, (sum, at, offset) => add(v128.load(at, offset), sum)),
                  ),
              ),
            () => {
              write(tile, int(tileColumns(lanes) * lanes.bytes), (sum) => sum);
              f.call(merge, least(m, int(TILE_ROWS)), columns, tile, c, row, mode);
            },
          );
          f.advance(a, tileStep);
          f.advance(c, i32.shl(row, int(2)));
          f.advance(m, -TILE_ROWS);
        });
      },
    );
  });

type Sums = readonly (readonly Vector[])[];

function sumRows(f: FunctionBuilder, lanes: Lanes, vectors: number, m: I32, k: I32, a: I32, step: I32, b: I32): Sums {
  // At the bottom the last row stands in for rows that are not there.
  const rows = [f.let(a)];
  for (const r of times(TILE_ROWS).slice(1)) {
    const above = rows[r - 1] as I32Local;
    rows.push(f.let(plus(above, i32.select(step, int(0), i32.gtS(m, int(r))))));
  }
  return sumTile(
    f,
    lanes,
    vectors,
    k,
    f.let(b),
    (r, s) => lanes.loadSplat(rows[r] as I32Local, s * lanes.bytes),
    rows.map((pointer) => ({ pointer, bytes: lanes.bytes })),
    () => undefined,
  );
}

function sumInterleaved(f: FunctionBuilder, lanes: Lanes, vectors: number, k: I32, a: I32, step: I32, b: I32): Sums {
  const column = f.let(a);
  return sumTile(
    f,
    lanes,
    vectors,
    k,
    f.let(b),
    (r) => lanes.loadSplat(column, r * lanes.bytes),
    [],
    () => f.advance(column, step),
  );
}

function sumTile(
  f: FunctionBuilder,
  lanes: Lanes,
  vectors: number,
  k: I32,
  b: I32Local,
  left: (r: number, s: number) => V128,
  moving: readonly Moving[],
  next: () => void,
): Sums {
  const sums = times(TILE_ROWS).map(() => zeros(f, lanes, vectors));
  const right = times(vectors).map(() => f.local('v128'));
  const factor = f.local('v128');
  const bytes = tileColumns(lanes) * lanes.bytes;
  emitSteps(f, k, b, [{ pointer: b, bytes }, ...moving], UNROLL, (s) => {
    for (const [v, local] of right.entries()) f.set(local, v128.load(b, s * bytes + v * 16));
    for (const [r, row] of sums.entries()) {
      f.set(factor, left(r, s));
      for (const [v, sum] of row.entries()) addProduct(f, lanes, sum, factor, right[v] as Vector);
    }
    next();
  });
  return sums;
}

/** merge(rows, columns, tile, c, row, mode): part of a tile to C. */
const mergeTile = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined> =>
  module.once(`merge_tile_${lanes.precision}`, () =>
    module.function(
      `merge_tile_${lanes.precision}`,
      ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
      undefined,
      (f, rows, columns, tile, c, row, mode) => {
        const { add, sub } = lanes.arithmetic;
        const value = f.local('v128');
        const vector = { elements: lanes.width, load: v128.load, store: v128.store };
        // The bit of the number of columns that says whether a part is there; a whole panel has two vectors.
        const twice = { ...vector, bit: tileColumns(lanes) };
        const parts = [twice, twice, ...[vector, ...pieces(lanes)].map((part) => ({ ...part, bit: part.elements }))];
        f.times(rows, () => {
          const [from, to] = [f.let(tile), f.let(c)];
          for (const part of parts)
            f.if(i32.and(columns, int(part.bit)), () => {
              f.set(value, part.load(from));
              f.if(mode, () =>
                f.if(
                  i32.eq(mode, int(productMode.subtract)),
                  () => f.set(value, sub(part.load(to), value)),
                  () => f.set(value, add(part.load(to), value)),
                ),
              );
              f.do(part.store(to, value));
              f.advance(from, part.elements * lanes.bytes);
              f.advance(to, part.elements * lanes.bytes);
            });
          f.advance(tile, tileColumns(lanes) * lanes.bytes);
          f.advance(c, row);
        });
      },
    ),
  );
