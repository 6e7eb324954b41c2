/** Tridiagonal forms, systems in that form, and matrices A + s B that share one. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { number as dim } from '../../compiler/ir/dims.ts';
import { dense, factor } from '../../compiler/solvers/assembled.ts';
import { factoredPencil } from '../../compiler/solvers/pencil.ts';
import { tridiagonalForm, tridiagonalSolver } from '../../compiler/solvers/tridiagonal.ts';
import { statusOf } from '../../plan/status.ts';
import { evaluate, matrix, numbers, randomNumbers, scalar, vector } from '../helpers/evaluate.ts';

type Rows = readonly (readonly number[])[];

const rowsOf = (size: number, entry: (i: number, j: number) => number): Rows =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_x, j) => entry(i, j)));
const noise = (size: number, seed: number): Rows => {
  const next = randomNumbers(seed);
  return rowsOf(size, next);
};
const product = (x: Rows, y: Rows): Rows =>
  x.map((row) => (y[0] ?? []).map((_, j) => row.reduce((sum, v, k) => sum + v * (y[k]?.[j] ?? 0), 0)));
const transposed = (x: Rows): Rows => (x[0] ?? []).map((_, j) => x.map((row) => row[j] ?? 0));
const symmetric = (size: number, seed: number): Rows => {
  const x = noise(size, seed);
  return rowsOf(size, (i, j) => ((x[i]?.[j] ?? 0) + (x[j]?.[i] ?? 0)) / 2);
};
const gram = (x: Rows): Rows => product(transposed(x), x);
const diagonal = (...entries: readonly number[]): Rows => rowsOf(entries.length, (i, j) => (i === j ? (entries[i] ?? 0) : 0));
const largest = (x: Rows): number => Math.max(0, ...x.flat().map(Math.abs));
const apart = (x: Rows, y: Rows): number => largest(x.map((row, i) => row.map((v, j) => v - (y[i]?.[j] ?? NaN))));

function formOf(c: Rows): { readonly basis: Rows; readonly t: Rows } {
  const b = new Builder();
  const size = c.length;
  const input = b.input('c', 'data', { dtype: 'real', shape: [dim(size), dim(size)] });
  const { basis, diagonal: entries, before } = tridiagonalForm(b, input);
  const [q = [], along = [], beside = []] = evaluate(b, [basis, entries, before], new Map([[input, matrix(c)]])).map(numbers);
  const t = rowsOf(size, (i, j) => (i === j ? (along[i] ?? NaN) : Math.abs(i - j) === 1 ? (beside[Math.max(i, j)] ?? NaN) : 0));
  return { basis: rowsOf(size, (i, j) => q[i * size + j] ?? NaN), t };
}

describe('a tridiagonal form', () => {
  it.each([
    ['one number', [[3]]],
    ['two rows', symmetric(2, 1)],
    ['three rows', symmetric(3, 2)],
    ['thirty rows', symmetric(30, 3)],
    ['nothing but zeros', diagonal(0, 0, 0, 0)],
    ['a diagonal', diagonal(4, -1, 0, 2, 2)],
    ['what is tridiagonal', rowsOf(6, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0))],
    [
      'a column that is zero where it is reflected to',
      [
        [1, 0, 2, 0],
        [0, 1, 0, 3],
        [2, 0, 1, 0],
        [0, 3, 0, 1],
      ],
    ],
    ['rank one', rowsOf(8, (i, j) => (i + 1) * (j + 1))],
    ['all the same', rowsOf(5, () => 1)],
    ['entries far apart', rowsOf(6, (i, j) => 10 ** -(i + j))],
  ])('of %s: an orthogonal Q with Q T Qᵀ = C', (_, c) => {
    const { basis, t } = formOf(c);
    expect(
      apart(
        product(basis, transposed(basis)),
        rowsOf(c.length, (i, j) => (i === j ? 1 : 0)),
      ),
    ).toBeLessThan(1e-14 * c.length);
    expect(apart(product(product(basis, t), transposed(basis)), c)).toBeLessThanOrEqual(1e-14 * c.length * largest(c));
  });
});

describe('a tridiagonal system', () => {
  it.each([1, 2, 3, 20])('of %i rows', (size) => {
    const b = new Builder();
    const [along, beside, rhs] = ['along', 'beside', 'rhs'].map((name) => b.input(name, 'data', { dtype: 'real', shape: [dim(size)] }));
    if (along === undefined || beside === undefined || rhs === undefined) throw new Error('inputs');
    const next = randomNumbers(size);
    const entries = Array.from({ length: size }, () => 3 + next());
    const off = Array.from({ length: size }, (_, i) => (i === 0 ? 0 : next()));
    const right = Array.from({ length: size }, next);
    const { solve, pivots } = tridiagonalSolver(b, { diagonal: along, before: beside });
    const inputs = new Map([
      [along, vector(...entries)],
      [beside, vector(...off)],
      [rhs, vector(...right)],
    ]);
    const [x = [], divisors = []] = evaluate(b, [solve(rhs), pivots], inputs).map(numbers);
    const at = (list: readonly number[], i: number): number => list[i] ?? 0;
    right.forEach((r, i) =>
      expect(at(off, i) * at(x, i - 1) + at(entries, i) * at(x, i) + at(off, i + 1) * at(x, i + 1)).toBeCloseTo(r, 13),
    );
    expect(Math.min(...divisors)).toBeGreaterThan(0);
  });
});

/** Solutions by the pencil and by a factor of the sum itself, and what each says of it. */
function solved(fixed: Rows, scaled: Rows, s: number) {
  const b = new Builder();
  const size = dim(fixed.length);
  const [first, second] = ['a', 'b'].map((name) => b.input(name, 'data', { dtype: 'real', shape: [size, size] }));
  const number = b.input('s', 'hyper', { dtype: 'real', shape: [] });
  const rhs = b.input('rhs', 'data', { dtype: 'real', shape: [size] });
  if (first === undefined || second === undefined) throw new Error('inputs');
  const pencil = factoredPencil(b, { a: first, b: second, s: number });
  const direct = factor(b, dense(b, b.add(first, b.mul(b.broadcast(number, [size, size], []), second))));
  const next = randomNumbers(5);
  const inputs = new Map([
    [first, matrix(fixed)],
    [second, matrix(scaled)],
    [number, scalar(s)],
    [rhs, vector(...fixed.map(next))],
  ]);
  const [x = [], y = [], [status = NaN] = [], [other = NaN] = []] = evaluate(
    b,
    [pencil.solve(rhs), direct.solve(rhs), pencil.status, direct.status],
    inputs,
  ).map(numbers);
  const size2 = Math.hypot(...y);
  return { apart: Math.hypot(...x.map((v, i) => v - (y[i] ?? NaN))) / size2, status: statusOf(status), direct: statusOf(other) };
}

describe('A + s B in one basis for all s', () => {
  const a = gram(noise(12, 3));
  const eye = diagonal(...Array.from({ length: 12 }, () => 1));
  const wide = gram(noise(12, 4).slice(0, 5));
  const allButOne = diagonal(...Array.from({ length: 12 }, (_, i) => (i === 4 ? 0 : 1)));
  it.each([
    ['a Gram matrix and the identity', a, eye],
    ['on quite another scale', a.map((row) => row.map((v) => 1e9 * v)), eye],
    ['a Gram matrix of few rows', wide, eye],
    ['a param without a penalty', a, allButOne],
    ['penalties far apart', a, diagonal(...Array.from({ length: 12 }, (_, i) => 10 ** (i - 6)))],
    ['two Gram matrices', a, gram(noise(12, 6))],
  ])('%s: what a factor of the sum gives', (_, fixed, scaled) => {
    for (const s of [1e-6, 1e-2, 1, 1e3, 1e7]) {
      const { apart: distance, status } = solved(fixed, scaled, s);
      expect(status).toBe('converged');
      expect(distance, `s = ${s}`).toBeLessThan(1e-9);
    }
  });

  it('is not definite where the sum is not, whatever s is', () => {
    const without = rowsOf(4, (i, j) => (i === j && i > 0 ? 1 : 0));
    for (const s of [1e-3, 1, 1e3])
      expect(solved(without, without, s)).toMatchObject({ status: 'not-positive-definite', direct: 'not-positive-definite' });
  });

  it('is factored as it is where the common basis has lost too many digits, or there is none', () => {
    const scaled = (power: number): Rows =>
      rowsOf(12, (i, j) => (a[i]?.[j] ?? 0) * 10 ** (power * ((i === 3 ? 1 : 0) + (j === 3 ? 1 : 0))));
    const cases: readonly (readonly [string, Rows, Rows, number])[] = [
      ['a column that is 1e8 times as large', scaled(8), eye, 1],
      ['a column that is 1e8 times as small', scaled(-8), eye, 1e-12],
      ['an unpenalised param under a huge penalty', a, allButOne, 1e18],
      ['few rows and hardly a penalty', wide, eye, 1e-9],
      ['no sum that balances the traces', diagonal(2, 2, -2), diagonal(1, 1, 1), 5],
      ['nothing without s', rowsOf(12, () => 0), a, 3],
    ];
    for (const [what, fixed, slope, s] of cases) {
      const { apart: distance, status, direct } = solved(fixed, slope, s);
      expect([what, status]).toEqual([what, direct]);
      expect(distance, what).toBeLessThan(1e-8);
    }
  });
});
