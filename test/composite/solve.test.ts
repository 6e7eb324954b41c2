/** Composite problems with answers that are known by hand, and the places where they have none. */
import { afterAll, describe, expect, it } from 'vitest';
import {
  Folder,
  bilevel,
  distance,
  failing,
  flatAll,
  gradient,
  json,
  solve,
  type FailureDocument,
  type GradientDocument,
} from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const warningsOf = (page: string): Promise<GradientDocument & FailureDocument> => json('gradient', folder.page(page));

describe('one param', () => {
  // (w − 2)² + a|w| is least at w = 2 − a/2 while a < 4, and at 0 beyond.
  const page = (a: number): string => `
    hyper a: positive = ${a}
    hyper c: real = 1
    param w: []
    inner minimize (w - 2)^2 + a * abs(w)
    outer minimize (w - 1)^2 + c^2 * a`;

  it('away from 0', async () => {
    const { param, hypergradient, inner } = await gradient(folder.page(page(0.5)));
    expect(param['w']).toBeCloseTo(1.75, 14);
    expect(hypergradient['a']).toBeCloseTo(-0.75 + 1, 12);
    expect(inner.gradient_norm).toBeLessThanOrEqual(1e-12);
  });
  it('at 0 the direct term is left', async () => {
    const { param, hypergradient, error } = await gradient(folder.page(page(5)));
    expect(param['w']).toBe(0);
    expect(hypergradient).toEqual({ a: 1, c: 10 });
    expect(error.estimate).toBeLessThanOrEqual(1e-12);
  });
  it('where it arrives at 0 a warning says so, with its name', async () => {
    const { param, diagnostics } = await warningsOf(page(4));
    expect(param['w']).toBeCloseTo(0, 12);
    expect(diagnostics.map((d) => [d.code, d.message.includes('`w`')])).toEqual([['BL8020', true]]);
  });
});

describe('bounds', () => {
  it('a multiplier of 0 is told, with its coordinate', async () => {
    const { diagnostics } = await warningsOf(`
      hyper a: real = 0
      param w: nonnegative[2]
      inner minimize sum((w - [2, a])^2)
      outer minimize sum((w - 1)^2)`);
    expect(diagnostics.map((d) => d.code)).toEqual(['BL8020']);
    expect(diagnostics[0]?.message).toContain('`w[1]`');
  });
  it('all coordinates held: nothing moves', async () => {
    const { param, hypergradient } = await gradient(
      folder.page(`
        hyper a: real = 3
        param w: real[2] in [-1, 2]
        inner minimize sum((w - [a, -2])^2)
        outer minimize sum((w - 1)^2)`),
    );
    expect(param['w']).toEqual([2, -1]);
    expect(hypergradient['a']).toBeCloseTo(0, 14);
  });
  it('a face of the simplex', async () => {
    // The projection of (a, 0.8, −1) on the simplex: w = ((a + 0.2) / 2, (1.8 − a) / 2, 0).
    const { param, hypergradient } = await gradient(
      folder.page(`
        hyper a: real = 0.5
        param w: simplex[3]
        inner minimize sum((w - [a, 0.8, -1])^2)
        outer minimize sum([1, 2, 3] * w)`),
    );
    (param['w'] as readonly number[]).forEach((x, i) => expect(x).toBeCloseTo([0.35, 0.65, 0][i] ?? NaN, 14));
    expect(hypergradient['a']).toBeCloseTo(0.5 - 1, 12);
  });
});

it('a group that is out takes no part, one that is in has its curvature', async () => {
  // Of row (3, 4), norm 5: (1 − a/10)·row; row (0.1, 0.1) is out. d/da of Σ w is −7/10.
  const { param, hypergradient } = await gradient(
    folder.page(`
      hyper a: positive = 1
      param w: [2, 2]
      inner minimize sum((w - [[3, 4], [0.1, 0.1]])^2) + a * sum(norm(w, axis = 1))
      outer minimize sum(w)`),
  );
  expect((param['w'] as readonly (readonly number[])[])[1]).toEqual([0, 0]);
  expect((param['w'] as readonly (readonly number[])[])[0]?.[1]).toBeCloseTo(3.6, 13);
  expect(hypergradient['a']).toBeCloseTo(-0.7, 12);
});

it('two columns that are the same in the support have no derivative', async () => {
  const page = folder.page(`
    hyper a: positive = 0.1
    param w: [3] = [0.2, 0.1, 0]
    inner minimize mean(([[1, 1, 0.3], [0.2, 0.2, -1], [1, 1, -2]] @ w - [1, 2, 0.5])^2) + a * sum(abs(w))
    outer minimize sum((w - [1, 0, 0.5])^2)`);
  const { status, diagnostics } = await failing(4, 'gradient', page);
  expect(status).toBe('not-positive-definite');
  expect(diagnostics[0]?.message).toContain('on the support');
});

it('many steps of a recipe lead to the minimiser', async () => {
  const page = (method: string): string =>
    folder.page(`
      hyper a: positive = 0.1
      param w: [4] = [0.1, 0.2, -0.3, 0.4]
      inner minimize mean(([[1, 2, 0.3, 1], [0.2, 1, 0, -1], [1, 0.1, -2, 0.3]] @ w - [1, 2, 0.5])^2) + a * sum(abs(w))
      outer minimize sum((w - [1, 0, 0.5, 0.2])^2)
      solve inner with ${method}`);
  const steps = await gradient(page('fista(rate = 0.1, steps = 600)'));
  const minimiser = await gradient(page('fista(tolerance = 1e-12)'));
  expect([steps.strategy, minimiser.strategy]).toEqual(['unrolled', 'implicit']);
  expect(distance(flatAll(steps.param), flatAll(minimiser.param))).toBeLessThanOrEqual(1e-9);
  expect(steps.hypergradient['a']).toBeCloseTo(minimiser.hypergradient['a'] as number, 8);
});

it('too long a step diverges, and says so', async () => {
  const page = folder.page(`
    hyper a: positive = 0.1
    param w: [2] = [1, 2]
    inner minimize sum((w - [1, 3])^2) + a * sum(abs(w))
    outer minimize sum(w^2)
    solve inner with proximal_gradient(rate = 3, tolerance = 1e-9)`);
  expect((await failing(4, 'gradient', page)).status).toBe('diverged');
});

it('run, plan and float32', async () => {
  const page = folder.page(`
    hyper a: positive = 0.5
    param w: [3]
    inner minimize sum((w - [1, 2, 0.1])^2) + a * sum(abs(w))
    outer minimize sum((w - [0.8, 1.8, 0])^2)`);
  const solved = await solve(page);
  expect(solved.hyper['a']).toBeCloseTo(0.4, 6);
  const single = await gradient(page, '--precision', 'f32');
  expect(single.hypergradient['a']).toBeCloseTo(-0.5 * (1 - 0.25 - 0.8 + 2 - 0.25 - 1.8) * 2, 4);
  expect((await bilevel(['plan', page])).stdout).toContain('l1 on `w`, weighted by `a`; differentiated on the support');
});
