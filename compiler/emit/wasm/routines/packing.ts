/** Matrices moved about: packed into panels for products, transposed, mirrored. */
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from '../assembler.ts';
import { i32, v128, type I32, type V128 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import { inBytes, int, least, plus, times, whole, words, type I32Local, type Vector } from './common.ts';

type SixNumbers = FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined>;

/**
 * pack(k, n, from, rsb, csb, to): the matrix whose element (p, j) is at from + p·rsb + j·csb as panels of `width` columns, each k rows
 * of `width` neighbours; zeros for columns of the last panel that are not there.
 */
export const packPanels = (module: ModuleBuilder, lanes: Lanes, width: number): SixNumbers =>
  module.once(`pack_${width}_${lanes.precision}`, () =>
    module.function(
      `pack_${width}_${lanes.precision}`,
      ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
      undefined,
      (f, k, n, from, rsb, csb, to) => {
        const row = f.let(inBytes(lanes, rsb));
        const column = f.let(inBytes(lanes, csb));
        f.while(i32.gtS(n, int(0)), () => {
          f.if(
            i32.and(i32.geS(n, int(width)), i32.eq(csb, int(1))),
            () => packRows(f, lanes, width, k, from, row, to),
            () =>
              f.if(
                i32.and(i32.geS(n, int(width)), i32.eq(rsb, int(1))),
                () => packColumns(f, lanes, width, k, from, column, to),
                () => packAny(f, lanes, width, k, least(n, int(width)), from, row, column, to),
              ),
          );
          f.advance(n, -width);
          f.advance(from, i32.mul(column, int(width)));
          f.advance(to, i32.mul(k, int(width * lanes.bytes)));
        });
      },
    ),
  );

/** A panel of which each row is side by side already. */
function packRows(f: FunctionBuilder, lanes: Lanes, width: number, k: I32, from: I32, row: I32, to: I32): void {
  const [source, target] = [f.let(from), f.let(to)];
  f.times(k, () => {
    for (const v of times(width / lanes.width)) f.do(v128.store(target, v128.load(source, v * 16), v * 16));
    f.advance(source, row);
    f.advance(target, width * lanes.bytes);
  });
}

/** A panel of which each column is side by side: turned round in registers. */
function packColumns(f: FunctionBuilder, lanes: Lanes, width: number, k: I32, from: I32, column: I32, to: I32): void {
  const size = lanes.width;
  for (const group of times(width / size)) {
    const sources = [f.let(plus(from, i32.mul(column, int(group * size))))];
    for (const j of times(size - 1)) sources.push(f.let(plus(sources[j] as I32Local, column)));
    const target = f.let(plus(to, group * 16));
    const left = f.let(k);
    const move = (steps: number): void => {
      for (const s of sources) f.advance(s, steps * lanes.bytes);
      f.advance(target, steps * width * lanes.bytes);
      f.advance(left, -steps);
    };
    f.while(i32.geU(left, int(size)), () => {
      const square = sources.map((s) => f.let(v128.load(s)));
      for (const [p, value] of transposed(f, lanes, square).entries()) f.do(v128.store(target, value, p * width * lanes.bytes));
      move(size);
    });
    f.while(left, () => {
      for (const [j, s] of sources.entries()) f.do(lanes.storeOne(target, lanes.loadOne(s), j * lanes.bytes));
      move(1);
    });
  }
}

/** A panel of any strides, or with columns missing. */
function packAny(f: FunctionBuilder, lanes: Lanes, width: number, k: I32, columns: I32, from: I32, row: I32, column: I32, to: I32): void {
  const [source, target] = [f.let(from), f.let(to)];
  f.times(k, () => {
    const at = f.let(source);
    f.times(columns, () => {
      f.do(lanes.storeOne(target, lanes.loadOne(at)));
      f.advance(at, column);
      f.advance(target, lanes.bytes);
    });
    const end = f.let(plus(target, inBytes(lanes, i32.sub(int(width), columns))));
    f.while(i32.ne(target, end), () => {
      f.do(lanes.storeOne(target, lanes.constant(0)));
      f.advance(target, lanes.bytes);
    });
    f.advance(source, row);
  });
}

/** As many vectors as a vector has lanes, as the rows of a matrix: its columns. */
function transposed(f: FunctionBuilder, lanes: Lanes, rows: readonly Vector[]): readonly V128[] {
  if (lanes.width === 2) {
    const [a, b] = rows as readonly [Vector, Vector];
    return [words(a, b, 0, 1, 4, 5), words(a, b, 2, 3, 6, 7)];
  }
  const [a, b, c, d] = rows as readonly [Vector, Vector, Vector, Vector];
  const low = [f.let(words(a, b, 0, 4, 1, 5)), f.let(words(c, d, 0, 4, 1, 5))] as const;
  const high = [f.let(words(a, b, 2, 6, 3, 7)), f.let(words(c, d, 2, 6, 3, 7))] as const;
  return [low, high].flatMap(([x, y]) => [words(x, y, 0, 1, 4, 5), words(x, y, 2, 3, 6, 7)]);
}

/** Rows that are transposed together: some cache lines of each column are written as a whole. */
const TRANSPOSE_ROWS = 32;

/** transposeCopy(rows, columns, from, ldf, to, ldt): to[j·ldt + i] = from[i·ldf + j]. */
export const transposeCopy = (module: ModuleBuilder, lanes: Lanes): SixNumbers =>
  module.once(`transpose_copy_${lanes.precision}`, () =>
    module.function(
      `transpose_copy_${lanes.precision}`,
      ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
      undefined,
      (f, rows, columns, from, ldf, to, ldt) => {
        const size = lanes.width;
        const row = f.let(inBytes(lanes, ldf));
        const column = f.let(inBytes(lanes, ldt));
        const one = (source: I32, target: I32): void => f.do(lanes.storeOne(target, lanes.loadOne(source)));
        f.while(rows, () => {
          const height = f.let(i32.select(int(TRANSPOSE_ROWS), rows, i32.geU(rows, int(TRANSPOSE_ROWS))));
          const [source, target, left] = [f.let(from), f.let(to), f.let(columns)];
          f.while(i32.geU(left, int(size)), () => {
            const [at, into] = [f.let(source), f.let(target)];
            const end = f.let(plus(into, inBytes(lanes, whole(height, size))));
            const last = f.let(plus(target, inBytes(lanes, height)));
            f.while(i32.ne(into, end), () => {
              const square = times(size).map(() => {
                const vector = f.let(v128.load(at));
                f.advance(at, row);
                return vector;
              });
              const place = f.let(into);
              for (const value of transposed(f, lanes, square)) {
                f.do(v128.store(place, value));
                f.advance(place, column);
              }
              f.advance(into, 16);
            });
            f.while(i32.ne(into, last), () => {
              const place = f.let(into);
              for (const j of times(size)) {
                one(plus(at, j * lanes.bytes), place);
                f.advance(place, column);
              }
              f.advance(at, row);
              f.advance(into, lanes.bytes);
            });
            f.advance(source, 16);
            f.advance(target, i32.mul(column, int(size)));
            f.advance(left, -size);
          });
          f.while(left, () => {
            const [at, into] = [f.let(source), f.let(target)];
            f.times(height, () => {
              one(at, into);
              f.advance(at, row);
              f.advance(into, lanes.bytes);
            });
            f.advance(source, lanes.bytes);
            f.advance(target, column);
            f.advance(left, -1);
          });
          f.advance(from, i32.mul(row, height));
          f.advance(to, inBytes(lanes, height));
          f.set(rows, i32.sub(rows, height));
        });
      },
    ),
  );

/** Rows that are mirrored together. */
const MIRROR_ROWS = 32;

/** mirrorUpper(n, c, ldc): c[j·ldc + i] = c[i·ldc + j] for j > i. */
export const mirrorUpper = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'i32', 'i32'], undefined> =>
  module.once(`mirror_upper_${lanes.precision}`, () => {
    const transpose = transposeCopy(module, lanes);
    return module.function(`mirror_upper_${lanes.precision}`, ['i32', 'i32', 'i32'], undefined, (f, n, c, ldc) => {
      const row = f.let(inBytes(lanes, ldc));
      const diagonal = f.let(plus(row, lanes.bytes));
      f.while(n, () => {
        const height = f.let(i32.select(int(MIRROR_ROWS), n, i32.geU(n, int(MIRROR_ROWS))));
        const right = f.let(plus(c, inBytes(lanes, height)));
        const below = f.let(plus(c, i32.mul(row, height)));
        f.call(transpose, height, i32.sub(n, height), right, ldc, below, ldc);
        const [corner, left] = [f.let(c), f.let(height)];
        f.while(left, () => {
          const [at, to] = [f.let(corner), f.let(corner)];
          f.advance(left, -1);
          f.times(left, () => {
            f.advance(at, lanes.bytes);
            f.advance(to, row);
            f.do(lanes.storeOne(to, lanes.loadOne(at)));
          });
          f.advance(corner, diagonal);
        });
        f.set(c, plus(below, inBytes(lanes, height)));
        f.set(n, i32.sub(n, height));
      });
    });
  });
