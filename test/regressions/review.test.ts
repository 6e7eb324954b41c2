/**
 * Answers that were wrong, or pages that were refused, without a word: one smallest page for each, with its answer by hand.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { number } from '../../compiler/ir/dims.ts';
import type { TensorType } from '../../compiler/ir/graph.ts';
import { failing, flatAll, Folder, gradient, solve } from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

describe('the value of a criterion whose Hessian is computed once', () => {
  it('where it is linear', async () => {
    // w* = a in each of two elements, F = 2a + 1.
    const page = folder.page(`
      hyper a: real in [-1, 2] = 0.5
      param w: [2]
      inner minimize sum((w - a)^2)
      outer minimize sum(w) + 1`);
    const { outer, hypergradient } = await gradient(page);
    expect(outer).toBeCloseTo(2, 13);
    expect(flatAll(hypergradient)[0]).toBeCloseTo(2, 13);
    const solved = await solve(page);
    expect(solved.outer).toBeCloseTo(-1, 13);
    expect(solved.hyper['a']).toBe(-1);
  });

  it('where it is linear in one direction, along no axis, and quadratic in the others', async () => {
    // w* = (a, 2a, 3a): F = (a − 2a)² + (3a − 1)² + (a + 2a) = 10a² − 3a + 1.
    const a = 0.7;
    const { outer } = await gradient(
      folder.page(`
        hyper a: real = ${a}
        param w: [3]
        inner minimize sum((w - a * [1, 2, 3])^2)
        outer minimize (w[0] - w[1])^2 + (w[2] - 1)^2 + w[0] + w[1]`),
    );
    expect(Math.abs(outer - (10 * a * a - 3 * a + 1))).toBeLessThan(1e-13);
  });

  it('where it falls without end', async () => {
    const { outer } = await gradient(
      folder.page(`
        hyper a: real = 0.5
        param w: [2]
        inner minimize sum((w - a)^2)
        outer minimize w[0] - sum(w^2)`),
    );
    expect(outer).toBeCloseTo(0, 13);
  });
});

it('two dims of one value may meet in a derivative when each has met a literal on the page', async () => {
  // w* = u* = c, where both squares vanish; F = Σ w = 0.6 whatever a is.
  const page = folder.page(`
    dim d = 3, k = 3
    data c: [3] from "c.csv"
    hyper a: positive = 0.7
    param w: [d]
    param u: [k]
    inner minimize sum((exp(c - w) - exp(c - u))^2) + a * sum((w - c)^2)
    outer minimize sum(w) + a`);
  folder.csv('c.csv', [0.1, 0.2, 0.3]);
  const { outer, hypergradient } = await gradient(page);
  expect(outer).toBeCloseTo(1.3, 8);
  expect(flatAll(hypergradient)[0]).toBeCloseTo(1, 8);
});

it('a start at which the gradient is infinite has not converged', async () => {
  const { status, diagnostics } = await failing(
    4,
    'gradient',
    folder.page(`
      hyper a: positive = 2
      param w: []
      inner minimize w - a * sqrt(w)
      outer minimize (w - 3)^2`),
  );
  expect(status).toBe('not-finite');
  expect(diagnostics[0]?.code).toBe('BL8001');
});

describe('a rewrite keeps the type of what it stands for', () => {
  const vector = (dtype: TensorType['dtype'], rank = 1): TensorType => ({ dtype, shape: Array.from({ length: rank }, () => number(3)) });
  const b = new Builder();
  const whole = b.input('k', 'data', vector('int'));
  const matrix = b.input('K', 'data', vector('int', 2));
  const one = b.broadcast(b.integer(1), [number(3)], []);
  const zero = b.broadcast(b.integer(0), [number(3)], []);

  it.each([
    ['k / 1', b.div(whole, one), 'real'],
    ['0 / 2', b.div(zero, b.add(one, one)), 'real'],
    ['0 / 2 of constants', b.div(b.integer(0), b.integer(2)), 'real'],
    ['k − 0.0', b.sub(whole, b.zeros([number(3)])), 'real'],
    ['k − 0', b.sub(whole, zero), 'int'],
    ['K @ eye', b.matmul(matrix, b.eye(number(3))), 'real'],
    ['K @ ones', b.matmul(matrix, one), 'real'],
    ['2 · k as a product', b.dotGeneral(b.integer(2), whole, [[], []]), 'real'],
    ['a known choice', b.select(b.one('constant', [], { value: 1, dtype: 'bool' }), b.integer(1), b.constant(2)), 'real'],
    ['zeros padded', b.one('pad', [zero], { axis: 0, start: number(0), length: number(5) }), 'int'],
    ['zeros scattered', b.one('scatter_add', [zero, whole], { axis: 0, length: number(5) }), 'int'],
  ] as const)('%s', (_name, value, dtype) => {
    expect(value.type.dtype).toBe(dtype);
  });
});

it('a recipe whose gradient is linear, taken back in segments', async () => {
  // x ← 0.8 x − 0.1 a from 0: x_T = −a (1 − 0.8^T) / 2.
  const text = `
    hyper a: positive = 0.1
    hyper c: real = 0.1
    param w: []
    inner minimize w^2 + a * w
    outer minimize w^2 + c^2
    solve inner with gd(rate = 0.1, steps = 9)
    `;
  const share = (1 - 0.8 ** 9) / 2;
  for (const way of ['', 'differentiate with unrolled(memory = 1e6)', 'differentiate with unrolled(mode = forward)']) {
    const { hypergradient } = await gradient(folder.page(`${text}${way}`));
    expect(hypergradient['a']).toBeCloseTo(2 * 0.1 * share * share, 14);
    expect(hypergradient['c']).toBeCloseTo(0.2, 14);
  }
});

it('the error of a linear solve that the page cuts short is what it is off by', async () => {
  const body = (how: string): string => `
    hyper a: positive[3] = [1.0, 0.1, 0.01]
    param w: [3]
    let X = [[1, 2, 0], [0, 1, 1], [3, 0, 1], [1, 1, 1]]
    inner minimize sum((X @ w - [1, 2, 3, 4])^2) + sum(a * w^2)
    outer minimize sum((w - [1, 0, 2])^2)
    ${how}`;
  const truth = flatAll((await gradient(folder.page(body('')))).hypergradient);
  for (const solver of ['cg', 'minres', 'gmres']) {
    const { hypergradient, error } = await gradient(folder.page(body(`differentiate with implicit(solver = ${solver}, steps = 1)`)));
    const off = Math.hypot(...flatAll(hypergradient).map((g, i) => g - (truth[i] ?? Number.NaN)));
    expect(off, solver).toBeGreaterThan(1e-3);
    expect(error.estimate, solver).toBeGreaterThan(off * 0.99);
  }
});
