/** Linear systems by products only: every method against a direct solve, and in every corner where such methods go wrong. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { number as dim } from '../../compiler/ir/dims.ts';
import type { Value } from '../../compiler/ir/graph.ts';
import { dense, factor } from '../../compiler/solvers/assembled.ts';
import { conjugateGradient } from '../../compiler/solvers/conjugate-gradient.ts';
import { gmres } from '../../compiler/solvers/gmres.ts';
import type { LinearSolver } from '../../compiler/solvers/linear-solver.ts';
import { minres } from '../../compiler/solvers/minres.ts';
import { neumann } from '../../compiler/solvers/neumann.ts';
import { statusOf } from '../../plan/status.ts';
import { evaluate, matrix, numbers, randomNumbers, vector } from '../helpers/evaluate.ts';

type Entries = (i: number, j: number) => number;

interface System {
  readonly tolerance?: number;
  readonly limit?: number;
  readonly symmetric?: boolean;
  /** Where it begins. */
  readonly from?: readonly number[];
}

function system(solver: LinearSolver, entries: Entries, rhs: readonly number[], options: System = {}) {
  const { tolerance = 1e-12, limit = 1000, symmetric = true, from } = options;
  const b = new Builder();
  const size = dim(rhs.length);
  const h = b.input('h', 'data', { dtype: 'real', shape: [size, size] });
  const r = b.input('r', 'data', { dtype: 'real', shape: [size] });
  const product = (v: Value): Value => b.matmul(h, v);
  const guess = b.input('guess', 'state', r.type);
  const goal = { tolerance: b.constant(tolerance), limit, ...(from === undefined ? {} : { from: guess }) };
  const solution = solver(b, { dimension: size, product, symmetric }, r, goal);
  const rows = rhs.map((_, i) => rhs.map((_, j) => entries(i, j)));
  const outputs = [
    solution.v,
    solution.residual,
    solution.steps,
    solution.status,
    factor(b, dense(b, h)).solve(r),
    b.matmul(h, solution.v),
  ];
  const inputs = new Map([
    [h, matrix(rows)],
    [r, vector(...rhs)],
    [guess, vector(...(from ?? rhs))],
  ]);
  const [v = [], [residual = NaN] = [], [steps = NaN] = [], [status = NaN] = [], direct = [], there = []] = evaluate(
    b,
    outputs,
    inputs,
  ).map(numbers);
  return { v, residual, steps, status: statusOf(status), direct, there };
}

const next = randomNumbers(7);
const noise = Array.from({ length: 144 }, next);
const rhs = Array.from({ length: 12 }, next);
const spd: Entries = (i, j) =>
  Array.from({ length: 12 }, (_, k) => (noise[12 * i + k] ?? 0) * (noise[12 * j + k] ?? 0)).reduce((x, y) => x + y, i === j ? 0.1 : 0);
/** Eigenvalues of both signs, none near 0. */
const indefinite: Entries = (i, j) => spd(i, j) - (i === j ? 3 : 0);
const diagonal =
  (...entries: readonly number[]): Entries =>
  (i, j) =>
    i === j ? (entries[i] ?? NaN) : 0;
const ones = (n: number): Entries => diagonal(...Array.from({ length: n }, () => 1));

const solvers = { cg: conjugateGradient, minres, gmres, neumann } as const;

describe.each(Object.entries(solvers))('%s', (name, solver) => {
  it('agrees with a direct solve', () => {
    const { v, direct, status, residual } = system(solver, spd, rhs, { limit: 20_000 });
    expect(status).toBe('converged');
    expect(residual).toBeLessThanOrEqual(1e-12);
    v.forEach((x, i) => expect(x).toBeCloseTo(direct[i] ?? NaN, 9));
  });

  it.each([1, 3])('solves H = I of size %i in one step', (n) => {
    const counted = Array.from({ length: n }, (_, i) => i + 1);
    const { v, steps, status } = system(solver, ones(n), counted);
    expect([steps, status]).toEqual([1, 'converged']);
    v.forEach((x, i) => expect(x).toBeCloseTo(i + 1, 14));
  });

  it('solves for a right-hand side of zeros', () => {
    const { v, steps, status } = system(solver, diagonal(2, 2, 2), [0, 0, 0]);
    expect([v, steps, status]).toEqual([[0, 0, 0], 0, 'converged']);
  });

  it.each([1e-9, 1e9])('takes the same steps when the system is scaled by %d', (scale) => {
    const plain = system(solver, spd, rhs, { tolerance: 1e-6, limit: 20_000 });
    const scaled = system(
      solver,
      (i, j) => scale * spd(i, j),
      rhs.map((x) => scale * x),
      { tolerance: 1e-6, limit: 20_000 },
    );
    expect(scaled.steps).toBe(plain.steps);
    scaled.v.forEach((x, i) => expect(x / (plain.v[i] ?? NaN)).toBeCloseTo(1, 5));
  });

  it('says that it stopped at its limit, and how far it was', () => {
    const { v, status, residual, steps, there } = system(solver, spd, rhs, { tolerance: 1e-14, limit: 2 });
    expect([steps, status]).toEqual([2, 'step-limit']);
    const left = Math.hypot(...there.map((x, i) => x - (rhs[i] ?? NaN))) / Math.hypot(...rhs);
    expect(residual).toBeCloseTo(left, 12);
    expect(Math.hypot(...v)).toBeGreaterThan(0);
  });

  it('takes no step where none is allowed', () => {
    const { steps, status, residual } = system(solver, spd, rhs, { limit: 0 });
    expect([steps, status, residual]).toEqual([0, 'step-limit', 1]);
  });

  it('does not call what rounding leaves unsolved converged', () => {
    const { status, residual } = system(solver, spd, rhs, { tolerance: 1e-20 });
    expect(['stalled', 'step-limit']).toContain(status);
    expect(residual).toBeGreaterThan(1e-20);
  });

  it('says so of negative curvature', () => {
    const { v, status } = system(solver, diagonal(1, -1), [1, 2]);
    if (name === 'minres' || name === 'gmres') {
      expect(status).toBe('stationary');
      [1, -2].forEach((x, i) => expect(v[i]).toBeCloseTo(x, 12));
    } else expect(status).toBe('negative-curvature');
  });

  it('gives no number where the system has no solution', () => {
    const { status } = system(solver, diagonal(1, 2, 0), [1, 1, 1]);
    expect(status).toBe(name === 'minres' || name === 'gmres' ? 'not-positive-definite' : 'negative-curvature');
  });
});

describe.each([
  ['minres', minres],
  ['gmres', gmres],
] as const)('%s on an indefinite system', (_, solver) => {
  it('solves it, and says what it is', () => {
    const { status, residual, there } = system(solver, indefinite, rhs);
    expect(status).toBe('stationary');
    expect(residual).toBeLessThanOrEqual(1e-12);
    there.forEach((x, i) => expect(x).toBeCloseTo(rhs[i] ?? NaN, 10));
  });
});

it('minres solves a singular system whose right-hand side lies in its range', () => {
  const { v, status } = system(minres, diagonal(1, 2, 0), [1, 1, 0]);
  expect(status).toBe('converged');
  [1, 0.5, 0].forEach((x, i) => expect(v[i]).toBeCloseTo(x, 14));
});

describe('gmres', () => {
  const skewed: Entries = (i, j) => (i === j ? 4 : (noise[12 * i + j] ?? 0));
  it('solves a system that is not symmetric', () => {
    const { status, there } = system(gmres, skewed, rhs, { symmetric: false });
    expect(status).toBe('converged');
    there.forEach((x, i) => expect(x).toBeCloseTo(rhs[i] ?? NaN, 11));
  });
  it('begins again where its basis is full', () => {
    const n = 80;
    const long: Entries = (i, j) => (i === j ? 2 + i : Math.abs(i - j) === 1 ? (i < j ? 1 : -0.5) : 0);
    const right = Array.from({ length: n }, (_, i) => Math.cos(i));
    const { status, steps, there } = system(gmres, long, right, { symmetric: false, tolerance: 1e-11 });
    expect(status).toBe('converged');
    expect(steps).toBeGreaterThan(30);
    there.forEach((x, i) => expect(x).toBeCloseTo(right[i] ?? NaN, 9));
  });
  it('says where it stagnates: a shift needs all of its steps', () => {
    const n = 40;
    const shift: Entries = (i, j) => (i === (j + 1) % n ? 1 : 0);
    const { status } = system(gmres, shift, [1, ...Array.from({ length: n - 1 }, () => 0)], { symmetric: false });
    expect(status).toBe('stalled');
  });
});

it('neumann with K steps is the series up to its K-th power', () => {
  const { v } = system(neumann, diagonal(1, 0.5), [1, 1], { limit: 3 });
  const series = (h: number): number => [0, 1, 2, 3].reduce((sum, k) => sum + (1 - h) ** k, 0);
  expect(v[0]).toBeCloseTo(1, 5);
  expect(v[1]).toBeCloseTo(series(0.5), 5);
});

describe.each([conjugateGradient, minres, gmres, neumann].map((solver) => [solver] as const))('from a guess', (solver) => {
  const well: Entries = (i, j) => (i === j ? 2 : 0.1 / (1 + Math.abs(i - j)));
  const there = system(solver, well, rhs).direct;

  it('is at its end where the guess is the solution, and goes there from a near one in fewer steps', () => {
    expect(system(solver, well, rhs, { from: there, tolerance: 1e-10 })).toMatchObject({ steps: 0, status: 'converged' });
    const near = system(solver, well, rhs, { from: there.map((x, i) => x + 1e-6 * (i - 5)), tolerance: 1e-8 });
    expect(near.status).toBe('converged');
    expect(near.steps).toBeLessThan(system(solver, well, rhs, { tolerance: 1e-8 }).steps);
  });

  it('leaves a bad guess, and one that is not finite; zeros are solved by zeros', () => {
    for (const from of [there.map((x) => -100 * x), there.map(() => Number.NaN)]) {
      const { v, direct, status } = system(solver, well, rhs, { from });
      expect(status).toBe('converged');
      v.forEach((x, i) => expect(x).toBeCloseTo(direct[i] ?? Number.NaN, 9));
    }
    const zero = system(
      solver,
      well,
      rhs.map(() => 0),
      { from: there },
    );
    expect([zero.v.every((x) => x === 0), zero.residual, zero.steps]).toEqual([true, 0, 0]);
  });
});
