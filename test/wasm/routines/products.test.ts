/** Products of matrices and vectors in Wasm, against plain loops. */
import { describe, expect, it } from 'vitest';
import { addRows, dotsInto, rowDots } from '../../../compiler/emit/wasm/routines/products.ts';
import { productMode } from '../../../compiler/emit/wasm/routines/common.ts';
import { Faults, load, numbers, precisions, roundoff, Sum, type Loaded } from './instance.ts';

const rowCounts = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 33];
const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 23, 24, 25, 26, 33, 48, 50, 65, 101, 130];

interface Case {
  readonly m: number;
  readonly k: number;
  readonly lda: number;
}
const cases: readonly Case[] = [
  ...rowCounts.flatMap((m) => lengths.flatMap((k) => [0, 3].map((gap) => ({ m, k, lda: k + gap })))),
  // Beyond one block of a sum, whole and with rests.
  ...[1, 3, 4, 6, 9, 10, 11, 17].flatMap((m) => [1023, 1024, 1025, 1030, 2050, 2048 + 70].map((k) => ({ m, k, lda: k + 1 }))),
  ...[100, 200].flatMap((m) => [10, 50].map((k) => ({ m, k, lda: k }))),
];

/** One entry of either operand that is not a number, or not finite: rows and columns that it is not in are not to know of it. */
const specials = [NaN, Infinity, -Infinity];

describe.each(precisions)('%s', (precision) => {
  const u = roundoff(precision);
  const wasm = load(precision, { rowDots, addRows, dotsInto }, 32);

  const rowDotsCase = (faults: Faults, w: Loaded, { m, k, lda }: Case, seed: number, spoil?: (a: number[], x: number[]) => void): void => {
    const next = numbers(seed);
    w.clear();
    const [aValues, xValues] = [Array.from({ length: m * lda }, next), Array.from({ length: k }, next)];
    spoil?.(aValues, xValues);
    const a = w.place(m * lda, (i) => aValues[i] ?? 0);
    const x = w.place(k, (i) => xValues[i] ?? 0);
    for (const mode of spoil === undefined ? [0, productMode.add, productMode.subtract] : [0]) {
      const y = w.place(m, next);
      const before = Array.from(y.data);
      if (mode === 0) w.call('rowDots', m, k, a.at, lda, x.at, y.at);
      else w.call('dotsInto', m, k, a.at, lda, x.at, y.at, mode);
      for (let i = 0; i < m; i++) {
        const sum = new Sum(mode === 0 ? 0 : before[i]);
        for (let j = 0; j < k; j++) sum.add((mode === productMode.subtract ? -1 : 1) * (a.data[i * lda + j] ?? 0), x.data[j] ?? 0);
        faults.check(sum.is(y.data[i], u), () => `m ${m}, k ${k}, lda ${lda}, mode ${mode}: y[${i}] is ${y.data[i]}, not ${sum.value}`);
      }
    }
    faults.check(w.intact(), () => `m ${m}, k ${k}, lda ${lda}: something else was written`);
  };

  const addRowsCase = (faults: Faults, w: Loaded, { m, k, lda }: Case, seed: number, spoil?: (a: number[], r: number[]) => void): void => {
    const next = numbers(seed);
    w.clear();
    const [aValues, rValues] = [Array.from({ length: m * lda }, next), Array.from({ length: m }, next)];
    spoil?.(aValues, rValues);
    const a = w.place(m * lda, (i) => aValues[i] ?? 0);
    const r = w.place(m, (i) => rValues[i] ?? 0);
    const acc = w.place(k, next);
    const before = Array.from(acc.data);
    w.call('addRows', m, k, a.at, lda, r.at, acc.at);
    for (let j = 0; j < k; j++) {
      const sum = new Sum(before[j]);
      for (let i = 0; i < m; i++) sum.add(r.data[i] ?? 0, a.data[i * lda + j] ?? 0);
      faults.check(sum.is(acc.data[j], u), () => `m ${m}, k ${k}, lda ${lda}: acc[${j}] is ${acc.data[j]}, not ${sum.value}`);
    }
    faults.check(w.intact(), () => `m ${m}, k ${k}, lda ${lda}: something else was written`);
  };

  it('rowDots is the sum of products of each row', () => {
    const faults = new Faults();
    for (const [seed, c] of cases.entries()) rowDotsCase(faults, wasm, c, seed);
    expect(faults.found).toEqual([]);
  });

  it('addRows adds each row times its factor', () => {
    const faults = new Faults();
    for (const [seed, c] of cases.entries()) addRowsCase(faults, wasm, c, seed);
    expect(faults.found).toEqual([]);
  });

  it('what is not finite goes where plain arithmetic takes it, also through a factor of 0', () => {
    const faults = new Faults();
    for (const [seed, special] of specials.entries())
      for (const m of [1, 4, 6, 17])
        for (const k of [1, 2, 3, 5, 10, 26, 50]) {
          const c = { m, k, lda: k };
          const [i, j] = [(seed * 5 + k) % m, (seed * 3 + m) % k];
          rowDotsCase(faults, wasm, c, seed, (a, x) => {
            a[i * k + j] = special;
            x[j] = 0;
          });
          rowDotsCase(faults, wasm, c, seed, (a, x) => {
            x[j] = special;
            a[i * k + j] = 0;
          });
          addRowsCase(faults, wasm, c, seed, (a, r) => {
            a[i * k + j] = special;
            r[i] = 0;
          });
          addRowsCase(faults, wasm, c, seed, (a, r) => {
            r[i] = special;
            a[i * k + j] = 0;
          });
        }
    expect(faults.found).toEqual([]);
  });

  it('gives the same bits wherever the operands lie and whatever was there', () => {
    const other = load(precision, { rowDots, addRows }, 8);
    new Uint8Array(other.memory).fill(0xff);
    const results = [wasm, other].map((w, shift) =>
      [
        [7, 10],
        [33, 65],
        [64, 101],
      ].map(([m = 0, k = 0]) => {
        w.clear();
        if (shift > 0) w.place(3, () => 1);
        const next = numbers(m);
        const a = w.place(m * k, next);
        const x = w.place(k, next);
        const y = w.place(m, () => 0);
        w.call('rowDots', m, k, a.at, k, x.at, y.at);
        w.call('addRows', m, k, a.at, k, y.at, x.at);
        return [Array.from(y.data), Array.from(x.data)];
      }),
    );
    expect(results[0]).toEqual(results[1]);
  });
});
