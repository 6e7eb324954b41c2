/** Cholesky factors and triangular systems in Wasm: against what they have to multiply to, and against the reference of the ops. */
import { describe, expect, it } from 'vitest';
import { cholesky, choleskyScratch } from '../../../compiler/emit/wasm/routines/cholesky.ts';
import { solveMatrix, solveMatrixScratch, solveVector } from '../../../compiler/emit/wasm/routines/triangular-solve.ts';
import type { Node } from '../../../compiler/ir/graph.ts';
import { ops } from '../../../compiler/ops/table.ts';
import type { InterpretContext } from '../../../compiler/ops/spec.ts';
import { Faults, load, numbers, precisions, roundoff, Sum, type Loaded, type Place } from './instance.ts';

const orders = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 49, 64, 65, 97, 130];

/** A matrix that is not symmetric, but whose mean with its transpose is positive definite. */
function positive(n: number, seed: number): number[] {
  const next = numbers(seed);
  return Array.from({ length: n * n }, (_, at) => next() + (at % (n + 1) === 0 ? n + 2 : 0));
}

/** What the reference of an op gives; these two look at the attributes of their node and nothing else. */
const reference = (
  op: 'cholesky' | 'triangular_solve',
  attributes: Node['attributes'],
  ...operands: readonly (readonly [readonly number[], Float64Array])[]
): ArrayLike<number> => {
  const tensors = operands.map(([shape, data]) => ({ shape, data }));
  return ops[op].reference({ attributes } as Node, tensors, {} as InterpretContext)[0]?.data ?? [];
};

describe.each(precisions)('%s', (precision) => {
  const u = roundoff(precision);
  const routines = { cholesky, solveVector, solveMatrix };
  const wasm = load(precision, routines, 16);

  const factor = (w: Loaded, values: readonly number[], n: number): { readonly a: Place; readonly out: Place } => {
    w.clear();
    const room = choleskyScratch(w.lanes);
    const a = w.place(n * n, (i) => values[i] ?? 0);
    const out = w.place(n * n, () => 7);
    const scratch = w.place(room.perRow * n + room.constant, () => NaN);
    w.call('cholesky', n, a.at, out.at, scratch.at);
    return { a, out };
  };

  it('the factor times its transpose is ½(A + Aᵀ), within (n + 3)·u·Σ|L||L|', () => {
    const faults = new Faults();
    for (const n of orders) {
      const { a, out } = factor(wasm, positive(n, n), n);
      const l = (i: number, j: number): number => out.data[i * n + j] ?? NaN;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          if (j > i) {
            faults.check(Object.is(l(i, j), 0), () => `n ${n}: l[${i}, ${j}] is ${l(i, j)}`);
            continue;
          }
          const sum = new Sum();
          for (let p = 0; p <= j; p++) sum.add(l(i, p), l(j, p));
          const mean = ((a.data[i * n + j] ?? NaN) + (a.data[j * n + i] ?? NaN)) / 2;
          faults.check(sum.is(mean, u), () => `n ${n}: (LLᵀ)[${i}, ${j}] is ${sum.value}, not ${mean}`);
        }
      faults.check(wasm.intact(), () => `n ${n}: something else was written`);
    }
    expect(faults.found).toEqual([]);
  });

  it('is the factor that the reference gives', () => {
    const faults = new Faults();
    for (const n of [1, 5, 16, 33, 97]) {
      const { a, out } = factor(wasm, positive(n, n), n);
      const expected = reference('cholesky', {}, [[n, n], Float64Array.from(a.data)]);
      // The matrix is well conditioned: its diagonal outweighs its rows.
      for (const [i, v] of Array.from(out.data).entries())
        faults.check(Math.abs(v - (expected[i] ?? NaN)) <= 10 * n * u * Math.sqrt(n + 3), () => `n ${n}: ${v} at ${i}, not ${expected[i]}`);
    }
    expect(faults.found).toEqual([]);
  });

  it('is all NaN where a pivot is not positive and finite, and only there', () => {
    const faults = new Faults();
    for (const n of [1, 2, 5, 16, 17, 33, 70])
      for (const at of new Set([0, n >> 1, n - 1]))
        for (const bad of [0, -1, NaN, Infinity, -Infinity]) {
          const values = positive(n, n);
          values[at * n + at] = bad;
          const { out } = factor(wasm, values, n);
          faults.check(Array.from(out.data).every(Number.isNaN) && wasm.intact(), () => `n ${n}: pivot ${at} was ${bad}`);
        }
    for (const special of [NaN, Infinity]) {
      const values = positive(20, 1);
      values[3 * 20 + 18] = special;
      faults.check(Array.from(factor(wasm, values, 20).out.data).every(Number.isNaN), () => `${special} above the diagonal`);
    }
    // ½(a + a) of a diagonal entry would overflow.
    const largest = precision === 'f64' ? 1.5e308 : 3e38;
    faults.check((factor(wasm, [largest], 1).out.data[0] ?? NaN) > 0, () => 'a large pivot');
    expect(faults.found).toEqual([]);
  });

  /** A lower triangle with NaN above its diagonal, which nothing is to read. */
  const triangle = (n: number, next: () => number): number[] =>
    Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return j > i ? NaN : i === j ? 1 + next() / 4 : next() / Math.sqrt(n);
    });

  interface System {
    readonly n: number;
    readonly k: number;
    readonly ldx: number;
    readonly transposed: boolean;
  }
  /** Solves for k right-hand sides, as vectors where k is undefined; gives L, the right-hand sides and the solution. */
  const solve = (
    w: Loaded,
    { n, k, ldx, transposed }: System,
    asVector: boolean,
    values: readonly number[],
    sides: readonly number[],
  ): { readonly l: Place; readonly x: Place; readonly b: readonly number[] } => {
    w.clear();
    const l = w.place(n * n, (i) => values[i] ?? 0);
    const x = w.place(asVector ? n : n * ldx, (i) => sides[i] ?? 0);
    const b = Array.from(x.data);
    const room = solveMatrixScratch(w.lanes);
    if (asVector) w.call('solveVector', n, l.at, x.at, Number(transposed));
    else {
      const scratch = w.place(room.perSide * k + room.constant, () => NaN);
      w.call('solveMatrix', n, k, l.at, x.at, ldx, Number(transposed), scratch.at);
    }
    return { l, x, b };
  };

  const checkSystem = (faults: Faults, system: System, asVector: boolean, seed: number): void => {
    const { n, k, ldx, transposed } = system;
    const next = numbers(seed);
    const { l, x, b } = solve(wasm, system, asVector, triangle(n, next), Array.from({ length: n * ldx }, next));
    const name = (): string => `${asVector ? 'solveVector' : 'solveMatrix'} ${JSON.stringify(system)}`;
    for (let i = 0; i < n; i++)
      for (let c = 0; c < ldx; c++) {
        const at = i * ldx + c;
        if (c >= k) {
          faults.check(x.data[at] === b[at], () => `${name()}: wrote behind row ${i}`);
          continue;
        }
        // (L x)_i = b_i, within (n + 4)·u·(|L||x| + |b|)_i.
        const sum = new Sum();
        const [from, to] = transposed ? [i, n] : [0, i + 1];
        for (let j = from; j < to; j++) sum.add(l.data[transposed ? j * n + i : i * n + j] ?? NaN, x.data[j * ldx + c] ?? NaN);
        sum.size += Math.abs(b[at] ?? NaN);
        faults.check(sum.is(b[at], u), () => `${name()}: row ${i} of L x is ${sum.value}, not ${b[at]}`);
      }
    faults.check(wasm.intact(), () => `${name()}: something else was written`);
  };

  it.each([false, true])('solveVector solves, transposed: %s', (transposed) => {
    const faults = new Faults();
    for (const n of orders) checkSystem(faults, { n, k: 1, ldx: 1, transposed }, true, n);
    expect(faults.found).toEqual([]);
  });

  it.each([false, true])('solveMatrix solves, transposed: %s', (transposed) => {
    const faults = new Faults();
    for (const n of orders)
      for (const k of n > 60 ? [3, 10, 17] : [0, 1, 2, 3, 5, 7, 8, 17, 33])
        checkSystem(faults, { n, k, ldx: k + (n % 3), transposed }, false, n + k);
    expect(faults.found).toEqual([]);
  });

  it.each([false, true])('a pivot of 0, NaN or Infinity goes where plain division takes it, transposed: %s', (transposed) => {
    const faults = new Faults();
    for (const n of [1, 3, 9, 20, 70])
      for (const at of new Set([0, n >> 1, n - 1]))
        for (const pivot of [0, NaN, Infinity]) {
          const next = numbers(n + at);
          const values = triangle(n, next);
          values[at * n + at] = pivot;
          const k = 5;
          const sides = Array.from({ length: n * k }, next);
          const { x, l } = solve(wasm, { n, k, ldx: k, transposed }, false, values, sides);
          const matrix = Array.from(x.data);
          const first = Array.from({ length: n }, (_, i) => sides[i * k] ?? 0);
          const vector = solve(wasm, { n, k: 1, ldx: 1, transposed }, true, values, first).x.data;
          const lower = Float64Array.from(l.data, (v) => (Number.isNaN(v) ? 0 : v));
          lower[at * n + at] = pivot;
          const expected = reference('triangular_solve', { transposed }, [[n, n], lower], [[n], Float64Array.from(first)]);
          const same = (a: number | undefined, b: number | undefined): boolean =>
            Number.isFinite(b) ? Number.isFinite(a) : Object.is(a, b);
          for (let i = 0; i < n; i++)
            faults.check(
              same(vector[i], expected[i]) && same(matrix[i * k], expected[i]),
              () => `n ${n}, pivot ${at} is ${pivot}: x[${i}] is ${vector[i]}, ${matrix[i * k]}, not ${expected[i]}`,
            );
        }
    expect(faults.found).toEqual([]);
  });

  it('gives the same bits wherever the operands lie and whatever was there', () => {
    const other = load(precision, routines, 16);
    new Uint8Array(other.memory).fill(0xff);
    const [first, second] = [wasm, other].map((w) => {
      const n = 70;
      const next = numbers(9);
      const factored = Array.from(factor(w, positive(n, 3), n).out.data);
      const sides = Array.from({ length: n * 6 }, next);
      const solved = [false, true].map((transposed) =>
        Array.from(solve(w, { n, k: 6, ldx: 6, transposed }, false, factored, sides).x.data),
      );
      const vectors = [false, true].map((transposed) =>
        Array.from(solve(w, { n, k: 1, ldx: 1, transposed }, true, factored, sides).x.data),
      );
      return [factored, solved, vectors];
    });
    expect(first).toEqual(second);
  });
});
