/** Quadratic problems whose columns are nearly the same, against exact arithmetic: what rounding has left is told, by every structure. */
import { describe, expect, it } from 'vitest';
import { problem } from '../../library/index.ts';
import { randomNumbers } from '../helpers/evaluate.ts';

/** An exact fraction, as numerator and denominator. */
type Fraction = readonly [bigint, bigint];
const whole = (x: number): Fraction => [BigInt(x), 1n];
const divisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : divisor(b, a % b));
const reduced = (a: bigint, b: bigint): Fraction => [a / divisor(a, b), b / divisor(a, b)];
const add = ([a, b]: Fraction, [c, d]: Fraction): Fraction => reduced(a * d + c * b, b * d);
const multiply = ([a, b]: Fraction, [c, d]: Fraction): Fraction => reduced(a * c, b * d);
const divide = (x: Fraction, [c, d]: Fraction): Fraction => multiply(x, [d, c]);
const minus = ([a, b]: Fraction): Fraction => [-a, b];
const sum = (terms: readonly Fraction[]): Fraction => terms.reduce(add, [0n, 1n]);
/** The nearest double: 20 more digits than it has are divided out. */
function nearest([a, b]: Fraction): number {
  const scale = 10n ** 40n;
  return Number((a * scale) / b) / 1e40;
}

/** Gauss's elimination; the matrix is positive definite. */
function solved(matrix: readonly (readonly Fraction[])[], rhs: readonly Fraction[]): readonly Fraction[] {
  const rows = matrix.map((row, i) => [...row, rhs[i] as Fraction]);
  for (let k = 0; k < rows.length; k++)
    for (let i = 0; i < rows.length; i++) {
      if (i === k) continue;
      const [row, pivot] = [rows[i] as Fraction[], rows[k] as Fraction[]];
      const factor = divide(row[k] as Fraction, pivot[k] as Fraction);
      rows[i] = row.map((v, j) => add(v, minus(multiply(factor, pivot[j] as Fraction))));
    }
  return rows.map((row, i) => divide(row.at(-1) as Fraction, row[i] as Fraction));
}

const [n, d] = [12, 4];
const text = `problem near {
  dim n, d
  data X: [n, d]
  data y: [n]
  data Xv: [n, d]
  data yv: [n]
  hyper penalty: positive = 1.0
  param w: [d]
  inner minimize sum((X @ w - y)^2) + penalty * sum(w^2)
  outer minimize sum((Xv @ w - yv)^2)
}`;

/** Whole numbers; the last column is another one but for its last row. */
function dataOf(seed: number): Record<'X' | 'y' | 'Xv' | 'yv', number[]> {
  const next = randomNumbers(seed);
  const some = (count: number): number[] => Array.from({ length: count }, () => Math.round(3000 * next()));
  const nearly = (): number[] => {
    const x = some(n * d);
    return x.map((v, at) => (at % d === d - 1 ? (x[at - 1] ?? 0) + (at === n * d - 1 ? 1 : 0) : v));
  };
  return { X: nearly(), y: some(n), Xv: some(n * d), yv: some(n) };
}

/** dF/dλ = −2 vᵀw with (XᵀX + λ) w = Xᵀy and (XᵀX + λ) v = X_vᵀ(X_v w − y_v). */
function exactly({ X, y, Xv, yv }: ReturnType<typeof dataOf>, penalty: number): number {
  const columns = Array.from({ length: d }, (_, j) => j);
  const at = (x: readonly number[], i: number, j: number): bigint => BigInt(x[i * d + j] ?? 0);
  const rows = Array.from({ length: n }, (_, i) => i);
  const gram = columns.map((p) =>
    columns.map((q): Fraction => add([rows.reduce((s, i) => s + at(X, i, p) * at(X, i, q), 0n), 1n], p === q ? whole(penalty) : whole(0))),
  );
  const moment = columns.map((p): Fraction => [rows.reduce((s, i) => s + at(X, i, p) * BigInt(y[i] ?? 0), 0n), 1n]);
  const w = solved(gram, moment);
  const misfit = rows.map((i) => add(sum(columns.map((j) => multiply([at(Xv, i, j), 1n], w[j] as Fraction))), whole(-(yv[i] ?? 0))));
  const slope = columns.map((j) => sum(rows.map((i) => multiply([at(Xv, i, j), 1n], misfit[i] as Fraction))));
  const v = solved(gram, slope);
  return nearest(multiply(whole(-2), sum(columns.map((j) => multiply(v[j] as Fraction, w[j] as Fraction)))));
}

describe('columns that are nearly the same', () => {
  const strategies = ['closed_form+tridiagonal', 'closed_form+cholesky', 'implicit+cholesky+closed_form', 'implicit+cholesky+newton'];
  it.each(strategies)('%s says how far off rounding has put it', async (strategy) => {
    const page = problem<Record<string, { shape: number[]; data: Float64Array }>, { penalty: number }>(text, { strategy });
    for (const seed of [1, 2, 3]) {
      const data = dataOf(seed);
      const tensors = Object.fromEntries(
        Object.entries(data).map(([name, list]) => [name, { shape: name.startsWith('X') ? [n, d] : [n], data: Float64Array.from(list) }]),
      );
      const bound = await page.bind(tensors);
      for (const penalty of [1, 64, 4096]) {
        const { hypergradient, error } = await bound.hypergradient({ penalty });
        const truth = exactly(data, penalty);
        const off = Math.abs(hypergradient.penalty - truth);
        const place = `seed ${seed}, penalty ${penalty}: off by ${off} of ${truth}`;
        expect(error.estimate, place).toBeGreaterThan(0.5 * off);
        expect(error.estimate, place).toBeLessThan(2 * off + 1e-11 * Math.abs(truth));
      }
      bound.close();
    }
  });
});
