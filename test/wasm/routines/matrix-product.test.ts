/** Products of matrices in Wasm, packing and transposition, against plain loops. */
import { describe, expect, it } from 'vitest';
import { productMode } from '../../../compiler/emit/wasm/routines/common.ts';
import {
  multiply,
  multiplyPacked,
  multiplyPackedUpper,
  packedPadding,
  packRight,
  scratchElements,
} from '../../../compiler/emit/wasm/routines/matrix-product.ts';
import { mirrorUpper, transposeCopy } from '../../../compiler/emit/wasm/routines/packing.ts';
import { Faults, load, numbers, precisions, roundoff, Sum, type Loaded, type Place } from './instance.ts';

type Layout = 'rows' | 'columns' | 'spread';
const layouts: readonly Layout[] = ['rows', 'columns', 'spread'];
const modes = Object.values(productMode);

/** How a matrix lies in memory: the strides of its rows and columns, and the elements that it takes. */
function stridesOf(layout: Layout, rows: number, columns: number): { readonly rs: number; readonly cs: number; readonly elements: number } {
  const [rs, cs] = { rows: [columns + 2, 1], columns: [1, rows + 3], spread: [2 * columns + 1, 2] }[layout] as [number, number];
  return { rs, cs, elements: rows === 0 || columns === 0 ? 0 : (rows - 1) * rs + (columns - 1) * cs + 1 };
}

interface Case {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly left: Layout;
  readonly right: Layout;
  readonly mode: number;
}

/** Every size on every axis; layouts and modes take turns. */
const sizes = [0, 1, 2, 3, 5, 7, 8, 17, 33];
const small: readonly Case[] = sizes.flatMap((m) =>
  sizes.flatMap((n) =>
    sizes.map((k, i) => ({
      ...{ m, n, k },
      left: layouts[(m + n + i) % 3] ?? 'rows',
      right: layouts[(m + 2 * i + ((n / 3) | 0)) % 3] ?? 'rows',
      mode: (m + n * 2 + i * 5) % 3,
    })),
  ),
);
/** Across the edges of the blocks of rows and of k, and of the number of columns up to which columns of A are not packed. */
const large: readonly Case[] = [
  [64, 10, 64],
  [70, 31, 255],
  [33, 32, 256],
  [130, 33, 257],
  [31, 12, 300],
  [65, 40, 513],
  [4, 9, 700],
  [100, 64, 130],
].flatMap(([m = 0, n = 0, k = 0], i) =>
  layouts.map((left, l) => ({ m, n, k, left, right: layouts[(i + l) % 3] ?? 'rows', mode: (i + 2 * l) % 3 })),
);

describe.each(precisions)('%s', (precision) => {
  const u = roundoff(precision);
  const routines = { multiply, multiplyPacked, multiplyPackedUpper, packRight, transposeCopy, mirrorUpper };
  const wasm = load(precision, routines, 64);

  interface Operands {
    readonly a: Place;
    readonly b: Place;
    readonly c: Place;
    readonly before: readonly number[];
    readonly ldc: number;
  }
  /** Places the operands and multiplies them; with `square` only where j ≥ i. */
  const run = (w: Loaded, p: Case, seed: number, upper: boolean, spoil?: (a: number[], b: number[]) => void): Operands => {
    const { m, n, k, mode } = p;
    const [ls, rs] = [stridesOf(p.left, m, k), stridesOf(p.right, k, n)];
    const next = numbers(seed);
    w.clear();
    const [aValues, bValues] = [Array.from({ length: ls.elements }, next), Array.from({ length: rs.elements }, next)];
    spoil?.(aValues, bValues);
    const a = w.place(ls.elements, (i) => aValues[i] ?? 0);
    const b = w.place(rs.elements, (i) => bValues[i] ?? 0);
    const ldc = n + 3;
    const c = w.place(m * ldc, next);
    const before = Array.from(c.data);
    const packed = w.place((n + packedPadding(w.lanes)) * k, () => NaN);
    const scratch = w.place(scratchElements(w.lanes), () => NaN);
    if (upper) {
      w.call('packRight', k, n, b.at, rs.rs, rs.cs, packed.at);
      w.call('multiplyPackedUpper', m, n, k, a.at, ls.rs, ls.cs, packed.at, c.at, ldc, mode, scratch.at);
    } else w.call('multiply', m, n, k, a.at, ls.rs, ls.cs, b.at, rs.rs, rs.cs, c.at, ldc, mode, packed.at, scratch.at);
    return { a, b, c, before, ldc };
  };

  const check = (faults: Faults, p: Case, seed: number, upper = false, spoil?: (a: number[], b: number[]) => void): void => {
    const { m, n, k, mode } = p;
    const { a, b, c, before, ldc } = run(wasm, p, seed, upper, spoil);
    const [ls, rs] = [stridesOf(p.left, m, k), stridesOf(p.right, k, n)];
    const sign = mode === productMode.subtract ? -1 : 1;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < ldc; j++) {
        const at = i * ldc + j;
        if (j >= n) {
          faults.check(c.data[at] === before[at], () => `${JSON.stringify(p)}: wrote behind row ${i}`);
          continue;
        }
        // Tiles below the diagonal may be computed or left alone.
        if (upper && j < i) continue;
        const sum = new Sum(mode === productMode.store ? 0 : before[at]);
        for (let q = 0; q < k; q++) sum.add(sign * (a.data[i * ls.rs + q * ls.cs] ?? 0), b.data[q * rs.rs + j * rs.cs] ?? 0);
        faults.check(sum.is(c.data[at], u), () => `${JSON.stringify(p)}: c[${i}, ${j}] is ${c.data[at]}, not ${sum.value}`);
      }
    faults.check(wasm.intact(), () => `${JSON.stringify(p)}: something else was written`);
  };

  it('multiply is the product, for every layout, mode and rest', () => {
    const faults = new Faults();
    for (const [seed, c] of [...small, ...large].entries()) check(faults, c, seed);
    expect(faults.found).toEqual([]);
  });

  it('multiplyPackedUpper is the product on and above the diagonal', () => {
    const faults = new Faults();
    for (const n of [0, 1, 3, 4, 5, 8, 9, 17, 33, 70])
      for (const [l, left] of layouts.entries())
        for (const k of [0, 1, 20, 257]) check(faults, { m: n, n, k, left, right: 'rows', mode: (n + l) % 3 }, n + k, true);
    expect(faults.found).toEqual([]);
  });

  it('leaves tiles alone that lie below the diagonal', () => {
    const { c, before, ldc } = run(wasm, { m: 40, n: 40, k: 5, left: 'rows', right: 'rows', mode: productMode.store }, 1, true);
    expect(c.data[39 * ldc]).toBe(before[39 * ldc]);
  });

  it('XᵀX is symmetric to the last bit, and mirrorUpper completes it', () => {
    const [rows, n] = [300, 37];
    const x = numbers(5);
    const values = Array.from({ length: rows * n }, x);
    const spoil = (a: number[], b: number[]): void => {
      for (let p = 0; p < rows; p++)
        for (let i = 0; i < n; i++) {
          a[i + p * (n + 3)] = values[p * n + i] ?? 0;
          b[p * (n + 2) + i] = values[p * n + i] ?? 0;
        }
    };
    const shape: Case = { m: n, n, k: rows, left: 'columns', right: 'rows', mode: productMode.store };
    const whole = Array.from(run(wasm, shape, 1, false, spoil).c.data);
    const { c, ldc } = run(wasm, shape, 1, true, spoil);
    wasm.call('mirrorUpper', n, c.at, ldc);
    const square = (data: ArrayLike<number>): number[] =>
      Array.from({ length: n * n }, (_, i) => data[Math.floor(i / n) * ldc + (i % n)] ?? NaN);
    expect(square(c.data)).toEqual(square(whole));
    expect(wasm.intact()).toBe(true);
  });

  it('what is not finite goes where plain arithmetic takes it, also through a factor of 0', () => {
    const faults = new Faults();
    for (const [seed, special] of [NaN, Infinity, -Infinity].entries())
      for (const left of layouts)
        for (const [m, n, k] of [
          [5, 6, 3],
          [9, 10, 17],
          [34, 3, 260],
        ] as const) {
          const p = { m, n, k, left, right: 'rows', mode: productMode.add } as const;
          const [ls, rs] = [stridesOf(left, m, k), stridesOf('rows', k, n)];
          const [i, q, j] = [(seed * 5) % m, (seed * 7) % k, (seed * 3) % n];
          check(faults, p, seed, false, (a, b) => {
            a[i * ls.rs + q * ls.cs] = special;
            b[q * rs.rs + j * rs.cs] = 0;
          });
          check(faults, p, seed, false, (a, b) => {
            b[q * rs.rs + j * rs.cs] = special;
            a[i * ls.rs + q * ls.cs] = 0;
          });
        }
    expect(faults.found).toEqual([]);
  });

  it('gives the same bits wherever the operands lie and whatever was there', () => {
    const other = load(precision, routines, 64);
    new Uint8Array(other.memory).fill(0xff);
    for (const left of layouts) {
      const p = { m: 37, n: 21, k: 290, left, right: 'columns', mode: productMode.store } as const;
      const [first, second] = [wasm, other].map((w) => Array.from(run(w, { ...p, mode: productMode.subtract }, 3, false).c.data));
      expect(first).toEqual(second);
    }
    expect(modes).toEqual([0, 1, 2]);
  });

  it('transposeCopy and mirrorUpper move every element to its place and nothing else', () => {
    const faults = new Faults();
    for (const rows of [...sizes, 31, 32, 64, 70])
      for (const columns of [...sizes, 65]) {
        wasm.clear();
        const [ldf, ldt] = [columns + 1, rows + 2];
        const from = wasm.place(rows * ldf, (i) => i + 1);
        const to = wasm.place(columns * ldt, () => -1);
        wasm.call('transposeCopy', rows, columns, from.at, ldf, to.at, ldt);
        const right = Array.from(to.data).every((v, at) => {
          const [j, i] = [Math.floor(at / ldt), at % ldt];
          return v === (i < rows ? i * ldf + j + 1 : -1);
        });
        faults.check(right && wasm.intact(), () => `transposeCopy ${rows} × ${columns}`);
      }
    for (const n of [...sizes, 31, 32, 64, 70]) {
      wasm.clear();
      const ldc = n + 2;
      const c = wasm.place(n * ldc, (i) => i);
      wasm.call('mirrorUpper', n, c.at, ldc);
      const right = Array.from(c.data).every((v, at) => {
        const [i, j] = [Math.floor(at / ldc), at % ldc];
        return v === (j < i ? j * ldc + i : at);
      });
      faults.check(right && wasm.intact(), () => `mirrorUpper ${n}`);
    }
    expect(faults.found).toEqual([]);
  });
});
