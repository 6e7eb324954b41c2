/**
 * Traps of implicit differentiation: solvers that stop one iterate early, that depend on the scale of the problem, that say nothing
 * when they stop short, and numbers where there is no minimiser. Each page here has a known answer.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, bilevel, distance, failing, flat, flatAll, gradient, uniforms, verify } from '../helpers/cli.ts';
import type { GradientDocument } from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const ways = ['implicit(solver = cg)', 'implicit(solver = cholesky)', 'auto'];
/** Those that only a page's own word chooses; more of them in `test/solvers/`. */
const named = ['implicit(solver = minres)', 'implicit(solver = gmres)', 'implicit(solver = neumann)'];

describe('an inner problem with one param', () => {
  // w* = 3 / (1 + e^lam), F = (w* − 1)² + 0.01 lam².
  const lam = 0.7;
  const w = 3 / (1 + Math.exp(lam));
  const slope = 2 * (w - 1) * ((-3 * Math.exp(lam)) / (1 + Math.exp(lam)) ** 2) + 0.02 * lam;

  it.each([...ways, ...named])('a scalar, %s', async (way) => {
    const document = await gradient(
      folder.page(`
        hyper lam: real = ${lam}
        param w: []
        inner minimize (w - 3)^2 / 2 + exp(lam) / 2 * w^2
        outer minimize (w - 1)^2 + 0.01 * lam^2
        differentiate with ${way}`),
    );
    expect(document.hypergradient['lam']).toBeCloseTo(slope, 12);
    expect(document.param['w']).toBeCloseTo(w, 12);
  });

  it.each(ways)('a vector of one element, of hypers and of params, %s', async (way) => {
    const document = await gradient(
      folder.page(`
        hyper lam: real[1] = ${lam}
        param w: [1]
        inner minimize sum((w - 3)^2) / 2 + sum(exp(lam) * w^2) / 2
        outer minimize sum((w - 1)^2) + 0.01 * sum(lam^2)
        differentiate with ${way}`),
    );
    expect(flat(document.hypergradient['lam'] ?? [])[0]).toBeCloseTo(slope, 12);
    expect(document.hypergradient['lam']).toHaveLength(1);
  });

  it.each(ways)('not quadratic: w* = log lam, %s', async (way) => {
    const document = await gradient(
      folder.page(`
        hyper lam: positive = 2.5
        param w: []
        inner minimize exp(w) - lam * w
        outer minimize (w - 2)^2
        differentiate with ${way}`),
    );
    expect(document.param['w']).toBeCloseTo(Math.log(2.5), 10);
    expect(document.hypergradient['lam']).toBeCloseTo((2 * (Math.log(2.5) - 2)) / 2.5, 9);
  });
});

it.each([...ways, ...named])('a Hessian that is the identity, %s', async (way) => {
  const document = await gradient(
    folder.page(`
      hyper lam: real[4] = [1, -2, 0.5, 3]
      param w: [4]
      inner minimize sum((w - lam)^2) / 2
      outer minimize sum(w^3)
      differentiate with ${way}`),
  );
  expect(distance(flatAll(document.hypergradient), [3, 12, 0.75, 27])).toBeLessThan(1e-12);
});

it.each(ways)('a right-hand side of zeros: the criterion is flat in the params, %s', async (way) => {
  const document = await gradient(
    folder.page(`
      hyper lam: real = 2.0
      param w: [3]
      inner minimize sum((w - lam)^2)
      outer minimize 0 * sum(w) + lam^2
      differentiate with ${way}`),
  );
  expect(document.hypergradient['lam']).toBe(4);
  expect(document.status).toBe('converged');
});

describe('conjugate gradients do not depend on the scale of the problem', () => {
  const random = uniforms(11);
  const rows = Array.from({ length: 30 }, () => Array.from({ length: 6 }, random));
  folder.csv('X.csv', rows);
  folder.csv(
    'y.csv',
    rows.map((row) => ((row[0] ?? 0) + 0.5 * random() > 0 ? 1 : -1)),
  );
  const page = (inner: number, outer: number): string =>
    folder.page(`
      dim n, d
      data X: [n, d] from "X.csv"
      data y: [n] from "y.csv"
      hyper alpha: real = -3
      param w: [d]
      inner minimize ${inner} * (mean(softplus(-y * (X @ w))) + exp(alpha) * sum(w^2))
      outer minimize ${outer} * mean(softplus(-y * (X @ w)) * (1 + X @ w))
      differentiate with implicit(solver = cg)`);

  it.each([
    [1e6, 1e6],
    [1e-6, 1e-6],
    [1e6, 1e-6],
    [1e-6, 1e6],
  ])('inner loss times %d, criterion times %d', async (inner, outer) => {
    const plain = await gradient(page(1, 1));
    const scaled = await gradient(page(inner, outer));
    expect(scaled.status).toBe('converged');
    const slope = (document: GradientDocument): number => flatAll(document.hypergradient)[0] ?? Number.NaN;
    expect(Math.abs(slope(plain))).toBeGreaterThan(1e-4);
    expect(distance([slope(scaled) / outer], [slope(plain)])).toBeLessThan(1e-8);
  });
});

describe('conjugate gradients that stop at their limit', () => {
  const page = (solver: string): string =>
    folder.page(`
      dim d = 12
      hyper alpha: real[d] = [t / 3 - 2 for t in d]
      param w: [d]
      inner minimize sum(exp(alpha) * w^2) / 2 - sum(w) + sum([w[t + 1] * w[t] / 10 for t in 11])
      outer minimize sum((w - 1)^2)
      differentiate with implicit(solver = ${solver})`);
  const short = page('cg, steps = 2');

  it('say so: in the status, in a warning, and in the error', async () => {
    const outcome = await bilevel(['gradient', short, '--json']);
    const document = outcome.json() as unknown as GradientDocument & {
      readonly diagnostics: readonly { code: string; severity: string }[];
    };
    expect(outcome.code).toBe(0);
    expect(document.status).toBe('step-limit');
    expect(document.diagnostics.map((d) => d.code)).toEqual(['BL8007']);
    // The stated error is of the size of the true one.
    const exact = flatAll((await gradient(page('cholesky'))).hypergradient);
    const error = Math.hypot(...flatAll(document.hypergradient).map((x, i) => x - (exact[i] ?? Number.NaN)));
    expect(error).toBeGreaterThan(1e-6);
    expect(document.error.certified).toBe(false);
    expect(document.error.estimate ?? 0).toBeGreaterThan(error / 10);
  });

  it('are exit code 4 with --strict', async () => {
    expect((await bilevel(['gradient', short, '--strict'])).code).toBe(4);
  });
});

describe('data that are all zeros', () => {
  folder.csv(
    'zeros.csv',
    Array.from({ length: 5 }, () => [0, 0, 0]),
  );
  folder.csv('zero.csv', [0, 0, 0, 0, 0]);
  folder.csv('ones.csv', [1, 1, 1, 1, 1]);
  const page = (target: string, penalty: string): string =>
    folder.page(`
      dim n, d
      data X: [n, d] from "zeros.csv"
      data y: [n] from "${target}"
      hyper alpha: real = 0
      param w: [d]
      inner minimize sum((X @ w - y)^2) / 2${penalty}
      outer minimize sum((X @ w - exp(alpha) * y)^2)`);

  it.each(['zero.csv', 'ones.csv'])('with a penalty: %s', async (target) => {
    const document = await verify(page(target, ' + exp(alpha) / 2 * sum(w^2)'));
    expect(document.agrees).toBe(true);
    expect(flatAll(document.param)).toEqual([0, 0, 0]);
    expect(document.outer).toBeCloseTo(target === 'zero.csv' ? 0 : 5, 14);
    expect(document.hypergradient['alpha']).toBeCloseTo(target === 'zero.csv' ? 0 : 10, 12);
  });

  it('without one there is no minimiser to differentiate, and no number', async () => {
    const { status, hypergradient, diagnostics } = await failing(4, 'gradient', page('ones.csv', ' + 0 * exp(alpha) * sum(w^2)'));
    expect(hypergradient).toBeUndefined();
    expect(diagnostics.filter((d) => d.severity === 'error').map((d) => d.code)).toEqual(['BL8002']);
    expect(status).toBe('not-positive-definite');
  });
});

describe('a Hessian that is not positive definite is a diagnostic, never a number', () => {
  const saddle = '(w[0] - lam)^2 - (w[1] + lam)^2';
  const singular = '(w[0] + w[1] - lam)^2';
  const quartic = 'sum((w - lam)^4)';
  const hill = 'cos(w[0] - lam) + w[1]^2';
  it.each([
    ['a saddle', saddle, 'auto'],
    ['a saddle', saddle, 'implicit(solver = cg)'],
    ['a saddle', saddle, 'implicit(solver = cholesky)'],
    ['a valley', singular, 'auto'],
    ['a valley', singular, 'implicit(solver = cg)'],
    ['a valley', singular, 'implicit(solver = cholesky)'],
    ['a saddle', saddle, 'implicit(solver = neumann)'],
    ['a valley', singular, 'implicit(solver = minres)'],
    ['a valley', singular, 'implicit(solver = gmres)'],
    ['a valley', singular, 'implicit(solver = neumann)'],
    ['no curvature at the minimiser', quartic, 'implicit(solver = cg)'],
    ['no curvature at the minimiser', quartic, 'implicit(solver = minres)'],
    ['no curvature at the minimiser', quartic, 'implicit(solver = gmres)'],
    ['no curvature at the minimiser', quartic, 'implicit(solver = neumann)'],
    ['no curvature at the minimiser', quartic, 'implicit(solver = cholesky)'],
    ['a start on top of a hill', hill, 'auto'],
    ['a start on top of a hill', hill, 'implicit(solver = cg)'],
  ])('%s: %s, %s', async (_, inner, way) => {
    const { hypergradient, diagnostics } = await failing(
      4,
      'gradient',
      folder.page(`
        hyper lam: real = 0.0
        param w: [2]
        inner minimize ${inner}
        outer minimize (w[0] - 1)^2 + (w[1] - 2)^2 + w[0] * w[1]
        differentiate with ${way}`),
    );
    expect(hypergradient).toBeUndefined();
    const errors = diagnostics.filter((d) => d.severity === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]?.code).toMatch(/^BL[48]/u);
    expect(errors[0]?.line).toBeGreaterThan(0);
    expect(errors[0]?.hints.length).toBeGreaterThan(0);
  });
});

describe('a saddle, by a solver that can solve there', () => {
  // x = (lam, −lam), F = (lam − 1)² + (lam + 2)² − lam², dF = 2 lam + 2.
  it.each(['minres', 'gmres'])('%s: the derivative of the stationary point, and a warning', async (solver) => {
    const page = folder.page(`
      hyper lam: real = 0.5
      param w: [2] = [0.5, -0.5]
      inner minimize (w[0] - lam)^2 - (w[1] + lam)^2
      outer minimize (w[0] - 1)^2 + (w[1] - 2)^2 + w[0] * w[1]
      solve inner with newton
      differentiate with implicit(solver = ${solver})`);
    const document = (await bilevel(['gradient', page, '--json'])).json() as unknown as GradientDocument & {
      readonly diagnostics: readonly { code: string }[];
    };
    expect(document.hypergradient['lam']).toBeCloseTo(3, 12);
    expect(document.status).toBe('stationary');
    expect(document.diagnostics.map((d) => d.code)).toEqual(['BL8017']);
    expect((await bilevel(['gradient', page, '--strict'])).code).toBe(4);
  });
});
