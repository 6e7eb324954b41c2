/**
 * Products of a matrix with a vector, for tiles of rows that are in a near cache. Without a fused multiply-add one vector of the matrix
 * costs two arithmetic instructions; a processor that starts two a cycle reads a vector a cycle, and the loads fit in beside them.
 */
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from '../assembler.ts';
import { i32, v128, type I32, type V128 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import {
  addProduct,
  addSets,
  emitSteps,
  inBytes,
  int,
  least,
  pieces,
  plus,
  productMode,
  times,
  UNROLL,
  zeros,
  type I32Local,
  type Piece,
  type Vector,
} from './common.ts';
import { acrossRows, emitDots, emitShortDots } from './dots.ts';

/** Elements of a row that are summed before their sum joins the total: what float32 bears, and what of x stays near. */
const DOT_BLOCK = 1024;

type RowsTimesVector = FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined>;

/**
 * rowDots(m, k, a, lda, x, y): y[i] = Σ_j a[i·lda + j] · x[j] for m rows of k; y may not overlap the others. `depth`: what k is, where
 * the page fixes it: then there is code for rows of that length alone.
 */
export const rowDots = (module: ModuleBuilder, lanes: Lanes, depth?: number): RowsTimesVector => {
  const fixed = depth !== undefined && depth <= DOT_BLOCK ? depth : undefined;
  const name = `row_dots_${fixed ?? 'any'}_${lanes.precision}`;
  return module.once(name, () =>
    module.function(name, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined, (f, m, k, a, lda, x, y) => {
      const row = f.let(inBytes(lanes, lda));
      const shorts = times(SHORT_ROW).map((v) => v + 1);
      if (fixed !== undefined) emitDotBlock(f, module, lanes, shorts, { m, count: int(fixed), a, row, x, y, mode: int(productMode.store) });
      else emitDotBlocks(f, module, lanes, shorts, k, { m, a, row, x, y, mode: f.let(int(productMode.store)) });
    }),
  );
};

/** dotsInto(m, k, a, lda, x, y, mode): `rowDots`, or y[i] += or −=, as `productMode` says. */
export const dotsInto = (
  module: ModuleBuilder,
  lanes: Lanes,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined> =>
  module.once(`dots_into_${lanes.precision}`, () =>
    module.function(
      `dots_into_${lanes.precision}`,
      ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
      undefined,
      (f, m, k, a, lda, x, y, mode) => emitDotBlocks(f, module, lanes, [], k, { m, a, row: f.let(inBytes(lanes, lda)), x, y, mode }),
    ),
  );

/** Rows of so many vectors at most are summed by code of their own, that has x in registers. */
const SHORT_ROW = 6;

/** Products of m rows, `row` bytes apart, with x. */
interface DotRows {
  readonly m: I32;
  readonly a: I32;
  readonly row: I32;
  readonly x: I32;
  readonly y: I32;
  readonly mode: I32;
}

/** Of k products each, block by block. */
function emitDotBlocks(
  f: FunctionBuilder,
  module: ModuleBuilder,
  lanes: Lanes,
  shorts: readonly number[],
  k: I32Local,
  rows: DotRows & { readonly a: I32Local; readonly x: I32Local; readonly mode: I32Local },
): void {
  f.doWhile(
    () => {
      emitDotBlock(f, module, lanes, shorts, { ...rows, count: f.let(least(k, int(DOT_BLOCK))) });
      f.advance(rows.a, DOT_BLOCK * lanes.bytes);
      f.advance(rows.x, DOT_BLOCK * lanes.bytes);
      f.advance(k, -DOT_BLOCK);
      f.if(i32.eqz(rows.mode), () => f.set(rows.mode, int(productMode.add)));
    },
    i32.gtS(k, int(0)),
  );
}

/** Of `count` products each, DOT_BLOCK at most. `shorts`: numbers of vectors for which there is code of their own, in rising order. */
function emitDotBlock(
  f: FunctionBuilder,
  module: ModuleBuilder,
  lanes: Lanes,
  shorts: readonly number[],
  { m, count, a, row, x, y, mode }: DotRows & { readonly count: I32 },
): void {
  const byFours = (vectors: number | 'any'): void => {
    const back = f.keep(i32.and(i32.sub(int(0), count), int(lanes.width - 1)));
    const mask = lanes.arithmetic.ge(lanes.ramp, lanes.splatI32(back));
    const target = dotsByFours(module, lanes, vectors);
    const quarter = f.keep(i32.shrU(m, int(2)));
    const fours = (passes: I32, first: I32, rowsApart: I32, known: I32): void =>
      f.call(
        target,
        passes,
        count,
        plus(a, i32.mul(first, row)),
        row,
        i32.mul(rowsApart, row),
        x,
        plus(y, inBytes(lanes, first)),
        inBytes(lanes, rowsApart),
        mode,
        known,
        inBytes(lanes, back),
        mask,
      );
    fours(quarter, int(0), quarter, int(0));
    const rest = f.keep(i32.and(m, int(3)));
    f.if(rest, () => fours(int(1), plus(m, -4), int(1), i32.sub(int(4), rest)));
  };
  // What is added to something is not short.
  const shortness = f.keep(i32.select(int(DOT_BLOCK), count, mode));
  let choose = (): void => byFours('any');
  for (const vectors of [...shorts].reverse()) {
    const others = choose;
    choose = () => f.if(i32.leU(shortness, int(vectors * lanes.width)), () => byFours(vectors), others);
  }
  const one = oneDot(module, lanes);
  const oneByOne = (): void => f.times(m, (i) => f.call(one, count, plus(a, i32.mul(i, row)), x, plus(y, inBytes(lanes, i)), mode));
  f.if(i32.geU(count, int(lanes.width)), () => f.if(i32.geU(m, int(4)), choose, oneByOne), oneByOne);
}

const byFoursParams = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'v128'] as const;
type DotsByFours = FunctionRef<typeof byFoursParams, undefined>;

/**
 * `rowDots` of four rows at once, `apart` bytes from each other, and as often as `passes` says of the next four, `row` bytes on; their
 * results are `gap` bytes from each other. In a tile the four are a quarter of it apart: each then follows the one before it in memory,
 * and what fetches memory ahead sees four straight ways. Where the last four overlap those before, the first `known` of them are not added
 * again. The last vector of a row overlaps as well: it begins `back` bytes early, and `mask` takes away (from both factors) what has been
 * summed already. The rows have any number of vectors, or the one that is given.
 */
const dotsByFours = (module: ModuleBuilder, lanes: Lanes, vectors: number | 'any'): DotsByFours => {
  const name = `dots_by_fours_${vectors}_${lanes.precision}`;
  return module.once(name, () =>
    module.function(name, byFoursParams, undefined, (f, passes, k, a, row, apart, x, y, gap, mode, known, back, mask) => {
      const sumsOf = vectors === 'any' ? undefined : emitShortDots(f, lanes, vectors, x, back, mask);
      f.doWhile(() => {
        const rows = fourFrom(f, a, apart);
        const sums = acrossRows(f, lanes, sumsOf?.(rows) ?? emitDots(f, lanes, rows, f.let(x), k, { back, mask }));
        const results = fourFrom(f, y, gap);
        const eachResult = (use: (to: I32Local, sum: Vector, lane: number, i: number) => void): void => {
          for (const [i, to] of results.entries()) use(to, sums[Math.floor(i / lanes.width)] as Vector, i % lanes.width, i);
        };
        const store = (): void => eachResult((to, sum, lane) => f.do(lanes.storeLane(to, sum, lane, 0)));
        const addAll = (): void => {
          negateIf(f, lanes, sums, mode);
          eachResult((to, sum, lane, i) => {
            const total = lanes.arithmetic.add(lanes.loadLane(to, lanes.constant(0), lane, 0), sum);
            f.if(i32.leU(known, int(i)), () => f.do(lanes.storeLane(to, total, lane, 0)));
          });
        };
        // What is short is not the rest of something longer.
        if (vectors === 'any') f.if(mode, addAll, store);
        else store();
        f.set(a, i32.add(a, row));
        f.advance(y, lanes.bytes);
        f.advance(passes, -1);
      }, passes);
    }),
  );
};

/** An address, and three more at equal distances. */
function fourFrom(f: FunctionBuilder, first: I32, distance: I32): readonly I32Local[] {
  const addresses = [f.let(first)];
  for (const i of times(3)) addresses.push(f.let(i32.add(addresses[i] as I32Local, distance)));
  return addresses;
}

/** Where products are subtracted, their sums with the sign changed. */
const negateIf = (f: FunctionBuilder, lanes: Lanes, sums: readonly Vector[], mode: I32): void =>
  f.if(i32.eq(mode, int(productMode.subtract)), () => {
    for (const sum of sums) f.set(sum, lanes.arithmetic.neg(sum));
  });

/** y[0] = Σ_j a[j] · x[j], or +=, or −= */
const oneDot = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32'], undefined> =>
  module.once(`one_dot_${lanes.precision}`, () =>
    module.function(`one_dot_${lanes.precision}`, ['i32', 'i32', 'i32', 'i32', 'i32'], undefined, (f, k, a, x, y, mode) => {
      const { add } = lanes.arithmetic;
      const [sum] = emitDots(f, lanes, [a], x, k) as readonly [Vector];
      for (const swap of lanes.swaps) f.set(sum, add(sum, swap(sum)));
      f.if(mode, () => {
        negateIf(f, lanes, [sum], mode);
        f.set(sum, add(lanes.loadOne(y), sum));
      });
      f.do(lanes.storeOne(y, sum));
    }),
  );

/** The widest strip of columns, in vectors, whose sums and loads fit in the registers. */
const WIDEST = 6;

/**
 * addRows(m, k, a, lda, r, acc): acc[j] += Σ_i r[i] · a[i·lda + j] for m rows of k. The sum over the rows is complete before it joins
 * `acc`. `length`: what k is, where the page fixes it: then there is code for rows of that length alone.
 */
export const addRows = (module: ModuleBuilder, lanes: Lanes, length?: number): RowsTimesVector => {
  const name = `add_rows_${length ?? 'any'}_${lanes.precision}`;
  return module.once(name, () =>
    module.function(name, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined, (f, m, given, a, lda, r, acc) => {
      const k = length === undefined ? given : int(length);
      const row = f.let(inBytes(lanes, lda));
      const few = i32.select(int(FEW_LONG_ROWS), int(FEW_ROWS), i32.geU(k, int(LONG_ROW)));
      f.if(i32.and(i32.leU(m, few), i32.eqz(i32.and(m, int(3)))), () => {
        f.call(addFours(module, lanes), m, k, a, row, r, acc);
        f.return();
      });
      f.if(
        i32.ltU(k, int(lanes.width)),
        () => {
          for (const piece of pieces(lanes))
            f.if(i32.and(k, int(piece.elements)), () => {
              f.call(addNarrow(module, lanes, piece), m, a, row, r, acc);
              f.advance(a, piece.elements * lanes.bytes);
              f.advance(acc, piece.elements * lanes.bytes);
            });
        },
        () => {
          // As few strips as can be, of widths that differ by one at most: the wider the better.
          const vectors = f.keep(i32.shrU(plus(k, lanes.width - 1), int(lanes.width / 2)));
          const count = f.keep(i32.divU(plus(vectors, WIDEST - 1), int(WIDEST)));
          const width = f.keep(i32.divU(vectors, count));
          const wider = f.keep(i32.remU(vectors, count));
          const back = f.keep(inBytes(lanes, i32.and(i32.sub(int(0), k), int(lanes.width - 1))));
          const addAll = (strip: I32, howMany: I32, last: I32): void => {
            let choose = (): void => undefined;
            for (const w of times(WIDEST).map((i) => i + 1)) {
              const others = choose;
              choose = () =>
                f.if(i32.eq(strip, int(w)), () => f.call(addStrips(module, lanes, w), howMany, last, m, a, row, r, acc), others);
            }
            choose();
          };
          f.if(wider, () => {
            addAll(plus(width, 1), wider, int(0));
            const moved = f.keep(i32.shl(i32.mul(plus(width, 1), wider), int(4)));
            f.advance(a, moved);
            f.advance(acc, moved);
          });
          addAll(width, i32.sub(count, wider), back);
        },
      );
    }),
  );
};

/** Numbers of rows up to which it is better to go along them, four at a time, than down strips of columns; and what a long row is. */
const FEW_ROWS = 8;
const FEW_LONG_ROWS = 16;
const LONG_ROW = 48;

/** addFours(m, k, a, row, r, acc): `addRows` for a multiple of four rows, `row` bytes apart; acc is read and written for each four. */
const addFours = (module: ModuleBuilder, lanes: Lanes): RowsTimesVector =>
  module.once(`add_fours_${lanes.precision}`, () =>
    module.function(`add_fours_${lanes.precision}`, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined, (f, m, k, a, row, r, acc) => {
      const { add, mul } = lanes.arithmetic;
      f.while(m, () => {
        const factors = times(4).map((i) => f.let(lanes.loadSplat(r, i * lanes.bytes)));
        const rows = [f.let(a)];
        for (const i of times(3)) rows.push(f.let(plus(rows[i] as I32Local, row)));
        const to = f.let(acc);
        const moving = [to, ...rows].map((pointer) => ({ pointer, bytes: 16 }));
        const addTo = ({ load, store }: Pick<Piece, 'load' | 'store'>, at: number): void => {
          const [p0, p1, p2, p3] = factors.map((factor, i) => mul(factor, load(rows[i] as I32Local, at))) as [V128, V128, V128, V128];
          f.do(store(to, add(load(to, at), add(add(p0, p1), add(p2, p3))), at));
        };
        emitSteps(f, i32.shrU(k, int(lanes.width / 2)), to, moving, UNROLL, (s) => addTo(v128, s * 16));
        for (const piece of pieces(lanes))
          f.if(i32.and(k, int(piece.elements)), () => {
            addTo(piece, 0);
            for (const { pointer } of moving) f.advance(pointer, piece.elements * lanes.bytes);
          });
        f.advance(a, i32.shl(row, int(2)));
        f.advance(r, 4 * lanes.bytes);
        f.advance(m, -4);
      });
    }),
  );

/** Rows that are added in one basic block, and sets of sums to which they go in turn, so that four additions are under way. */
const stripShape = (vectors: number): { readonly together: number; readonly sets: number } => ({
  together: vectors === 1 ? 4 : vectors <= 3 ? 2 : 1,
  sets: vectors === 1 ? 4 : vectors <= 4 ? 2 : 1,
});

type AddStrips = FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined>;

/**
 * Strips of so many vectors, side by side, each down all m rows with its sums in registers. The last vector of the last strip lies
 * `back` bytes further back, over columns that have been summed already; so it ends where the row does.
 */
const addStrips = (module: ModuleBuilder, lanes: Lanes, vectors: number): AddStrips => {
  const name = `add_strips_${vectors}_${lanes.precision}`;
  return module.once(name, () =>
    module.function(name, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], undefined, (f, count, back, m, a, row, r, acc) => {
      const { add } = lanes.arithmetic;
      f.doWhile(() => {
        f.advance(count, -1);
        const shift = f.let(i32.select(int(0), back, count));
        const end = f.let(i32.sub(int((vectors - 1) * 16), shift));
        const head = f.let(a);
        const last = f.let(plus(a, end));
        const sums = emitStrip(
          f,
          lanes,
          vectors,
          stripShape(vectors),
          m,
          f.let(r),
          (v) => (v === vectors - 1 ? v128.load(last) : v128.load(head, v * 16)),
          () => {
            f.advance(head, row);
            f.advance(last, row);
          },
        );
        for (const [v, sum] of sums.slice(0, -1).entries()) f.do(v128.store(acc, add(v128.load(acc, v * 16), sum), v * 16));
        const sum = sums.at(-1) as Vector;
        const to = f.let(plus(acc, end));
        f.set(sum, add(v128.load(to), sum));
        f.if(
          i32.eqz(shift),
          () => f.do(v128.store(to, sum)),
          () => {
            for (const lane of times(lanes.width).slice(1)) {
              const isNew = i32.leS(shift, int(lane * lanes.bytes));
              f.if(isNew, () => f.do(lanes.storeLane(to, sum, lane, lane * lanes.bytes)));
            }
          },
        );
        f.advance(a, vectors * 16);
        f.advance(acc, vectors * 16);
      }, count);
    }),
  );
};

/** One strip narrower than a vector. */
const addNarrow = (
  module: ModuleBuilder,
  lanes: Lanes,
  piece: Piece,
): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32'], undefined> => {
  const name = `add_narrow_${piece.elements}_${lanes.precision}`;
  return module.once(name, () =>
    module.function(name, ['i32', 'i32', 'i32', 'i32', 'i32'], undefined, (f, m, a, row, r, acc) => {
      const [sum] = emitStrip(
        f,
        lanes,
        1,
        stripShape(1),
        m,
        r,
        () => piece.load(a),
        () => f.advance(a, row),
      ) as readonly [Vector];
      f.do(piece.store(acc, lanes.arithmetic.add(piece.load(acc), sum)));
    }),
  );
};

/** The sums of one strip down m rows: `value(v)` is vector v of the row at hand, `next` goes to the next row. */
function emitStrip(
  f: FunctionBuilder,
  lanes: Lanes,
  vectors: number,
  { together, sets }: ReturnType<typeof stripShape>,
  m: I32,
  r: I32Local,
  value: (v: number) => V128,
  next: () => void,
): readonly Vector[] {
  const sums = times(sets).map(() => zeros(f, lanes, vectors));
  const sum = (set: number, v: number): Vector => (sums[set] as readonly Vector[])[v] as Vector;
  const factor = f.local('v128');
  const rows = (count: I32, each: number, unroll: number): void =>
    emitSteps(f, count, r, [{ pointer: r, bytes: each * lanes.bytes }], unroll, (s) => {
      for (const i of times(each).map((e) => s * each + e)) {
        f.set(factor, lanes.loadSplat(r, i * lanes.bytes));
        for (const v of times(vectors)) addProduct(f, lanes, sum(i % sets, v), value(v), factor);
        next();
      }
    });
  rows(i32.divU(m, int(together)), together, UNROLL);
  if (together > 1) rows(i32.and(m, int(together - 1)), 1, 1);
  return addSets(f, lanes, sums);
}
