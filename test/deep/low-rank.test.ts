/** Hessians that are a diagonal plus a matrix of low rank: solved to what one factor of the whole gives, and what conjugate gradients give. */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, distance, failing, flatAll, gradient, uniforms, type GradientDocument } from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const random = uniforms(31);
const table = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => Number(random().toFixed(6))));
const matrices: Readonly<Record<string, number[][]>> = { wide: table(20, 300), one: table(1, 300), nearly: table(20, 21) };
const targets = table(20, 3);
for (const [name, rows] of Object.entries(matrices)) {
  folder.csv(`${name}.csv`, rows);
  folder.csv(`${name}-y.csv`, targets.slice(0, rows.length));
}
folder.csv('valid.csv', table(9, 300));
folder.csv('valid-nearly.csv', table(9, 21));
folder.csv('valid-y.csv', table(9, 3));
folder.csv(
  'signs.csv',
  table(9, 1).map(([x]) => Math.sign(x ?? 0)),
);

interface Sample {
  readonly hypers?: string;
  readonly params?: string;
  readonly inner: string;
  readonly outer?: string;
  readonly data?: string;
  readonly valid?: string;
}

const body = ({
  hypers = 'hyper a: positive = 0.7',
  params = 'param w: [d]',
  inner,
  outer = 'mean((V @ w - z)^2)',
  data = 'wide',
  valid = 'valid',
}: Sample): string => `
  dim n, d, m, k
  data X: [n, d] from "${data}.csv"
  data Y: [n, k] from "${data}-y.csv"
  data V: [m, d] from "${valid}.csv"
  data Z: [m, k] from "valid-y.csv"
  data s: [m] from "signs.csv"
  let y = [Y[i, 0] for i in n]
  let z = [Z[i, 0] for i in m]
  ${hypers}
  ${params}
  inner minimize ${inner}
  outer minimize ${outer}`;

const ridge = 'sum((X @ w - y)^2) + a * sum(w^2)';
const samples: Readonly<Record<string, Sample>> = {
  ridge: { inner: ridge },
  'a mean': { inner: 'mean((X @ w - y)^2) + a * mean(w^2)' },
  'a penalty for each coordinate': {
    hypers: 'hyper a: positive[d] = [1 + 0.5 * sin(j) for j in d]',
    inner: 'sum((X @ w - y)^2) + sum(a * w^2)',
  },
  'a weight for each row': {
    hypers: 'hyper a: positive = 0.7\n hyper q: real[n] = [cos(i) for i in n]',
    inner: 'sum(sigmoid(q) * (X @ w - y)^2) + a * sum(w^2)',
  },
  'a square written as a product': {
    hypers: 'hyper a: positive = 0.7\n hyper q: unit[n]',
    inner: 'sum((X @ w - y) * q * (X @ w - y)) + a * sum(w * w)',
  },
  'rows that do not count, in a loss that is linear in them': {
    hypers: 'hyper a: positive = 0.7\n hyper q: nonnegative[n] = [relu(cos(i)) for i in n]',
    inner: 'sum(q * (X @ w - y)^2) + 0.1 * sum(X @ w) + a * sum(w^2)',
  },
  'rows that data leave out': { inner: 'sum(([relu(cos(i)) for i in n] * (X @ w - y))^2) + a * sum(w^2)' },
  'an intercept': {
    params: 'param b: []\n param w: [d]',
    inner: 'mean((X @ w + b - y)^2) + a * sum(w^2)',
    outer: 'mean((V @ w + b - z)^2)',
  },
  'two penalties and a centre': {
    hypers: 'hyper a: positive = 0.7\n hyper c: real[d] = [sin(j) for j in d]\n hyper e: positive = 0.1',
    inner: 'sum((X @ w - y)^2) + a * sum(w^2) + e * sum((w - c)^2)',
  },
  'two params, two penalties': {
    hypers: 'hyper a: positive = 0.7\n hyper c: positive = 3',
    params: 'param b: []\n param u: [d]\n param w: [d]',
    inner: 'sum((X @ w + sin(X) @ u + b - y)^2) + a * sum(w^2) + c * sum(u^2)',
    outer: 'mean((V @ w + sin(V) @ u + b - z)^2)',
  },
  'several outputs': { params: 'param W: [d, k]', inner: 'sum((X @ W - Y)^2) + a * sum(W^2)', outer: 'mean((V @ W - Z)^2)' },
  'several outputs, each with an intercept': {
    params: 'param b: [k]\n param W: [d, k]',
    inner: 'mean((X @ W + [b for i in n] - Y)^2) + a * sum(W^2)',
    outer: 'mean((V @ W + [b for i in m] - Z)^2)',
  },
  'several outputs, a penalty for each and one for each feature': {
    hypers: 'hyper a: positive[k] = [1 + j for j in k]\n hyper c: positive[d] = [1 + 0.5 * sin(j) for j in d]',
    params: 'param W: [d, k]',
    inner: 'sum((X @ W - Y)^2) + sum([sum(a * W[j]^2) * c[j] for j in d])',
    outer: 'mean((V @ W - Z)^2)',
  },
  'weights of rows that differ between outputs': {
    hypers: 'hyper a: positive = 0.7\n hyper q: real[n, k] = [[cos(i + 2 * j) for j in k] for i in n]',
    params: 'param b: [k]\n param W: [d, k]',
    inner: 'sum(exp(q) * (X @ W + [b for i in n] - Y)^2) + a * sum(W^2)',
    outer: 'mean((V @ W + [b for i in m] - Z)^2)',
  },
  'outputs that meet': { params: 'param W: [d, k]', inner: 'sum((X @ W - Y)^2) + sum(W)^2 + a * sum(W^2)', outer: 'mean((V @ W - Z)^2)' },
  'a criterion that is not quadratic': { inner: ridge, outer: 'mean(softplus(-s * (V @ w)))' },
  'one row': { inner: ridge, data: 'one' },
  'one row and an intercept': { params: 'param b: []\n param w: [d]', inner: 'sum((X @ w + b - y)^2) + a * sum((w - 1)^2)', data: 'one' },
  'one row fewer than params': { inner: ridge, data: 'nearly', valid: 'valid-nearly' },
};

const ways = ['closed_form+low_rank', 'closed_form+cholesky', 'implicit+cg+lbfgs'] as const;
const norm = (v: readonly number[]): number => Math.hypot(...v);
const gap = (a: GradientDocument, b: GradientDocument, of: 'hypergradient' | 'param'): number => distance(flatAll(a[of]), flatAll(b[of]));
const apart = (a: GradientDocument, b: GradientDocument): number => {
  const other = flatAll(b.hypergradient);
  return norm(flatAll(a.hypergradient).map((x, i) => x - (other[i] ?? NaN)));
};
const stated = (...documents: readonly GradientDocument[]): number =>
  1.01 * documents.reduce((sum, { error }) => sum + (error.estimate ?? NaN), 0);

describe.each(Object.entries(samples))('%s', (_, sample) => {
  const page = folder.page(body(sample));
  it('gives what one factor of the whole and what products give, to 1e-10 or what these say of their errors', async () => {
    const own = await gradient(page, '--strategy', ways[0]);
    expect(own.status).toBe('converged');
    for (const way of ways.slice(1)) {
      const other = await gradient(page, '--strategy', way);
      expect(gap(own, other, 'param')).toBeLessThan(1e-10);
      expect(apart(own, other)).toBeLessThanOrEqual(1e-10 * norm(flatAll(own.hypergradient)) + stated(own, other));
    }
  });
  it('gives the same interpreted, and in float32', async () => {
    const own = await gradient(page, '--strategy', ways[0]);
    const interpreted = await gradient(page, '--strategy', ways[0], '--backend', 'reference');
    const single = await gradient(page, '--strategy', ways[0], '--precision', 'f32');
    expect(gap(interpreted, own, 'hypergradient')).toBeLessThan(1e-11);
    expect(gap(single, own, 'hypergradient')).toBeLessThan(1e-3);
    expect(single.status).toBe('converged');
  });
});

it('penalties and weights of very different sizes are solved more exactly than by the whole, which says what it lost', async () => {
  const page = folder.page(
    body({
      hypers: 'hyper a: positive[d] = [10^(8 * sin(j)) for j in d]\n hyper q: positive[n] = [10^(4 * cos(i)) for i in n]',
      inner: 'sum(q * (X @ w - y)^2) + sum(a * w^2)',
    }),
  );
  const own = await gradient(page, '--strategy', ways[0]);
  const whole = await gradient(page, '--strategy', ways[1]);
  expect([own.status, whole.status]).toEqual(['converged', 'converged']);
  expect(stated(own)).toBeLessThan(1e-13 * norm(flatAll(own.hypergradient)));
  expect(apart(own, whole)).toBeLessThanOrEqual(stated(own, whole));
});

it('without a penalty the Hessian is singular, and the status says so', async () => {
  const page = folder.page(body({ hypers: 'hyper a: nonnegative = 0', inner: ridge }));
  const { status, hypergradient } = await failing(4, 'gradient', page, '--strategy', ways[0]);
  expect([status, hypergradient]).toEqual(['not-positive-definite', undefined]);
});

it('an intercept that no row sees is a singular Hessian', async () => {
  const params = 'param b: []\n param c: []\n param w: [d]';
  const page = folder.page(body({ params, inner: 'sum((X @ w + b + 2 * c - y)^2) + a * sum(w^2)' }));
  const { status } = await failing(4, 'gradient', page, '--strategy', ways[0]);
  expect(status).toBe('not-positive-definite');
});

it.each([1e2, 1e-2, 1e-5, 1e-8])('states an error that is as large as the true one, with penalty %s', async (penalty) => {
  const page = folder.page(body({ hypers: `hyper a: positive = ${penalty}`, inner: ridge }));
  const own = await gradient(page, '--strategy', ways[0]);
  const whole = await gradient(page, '--strategy', ways[1]);
  const single = await gradient(page, '--strategy', ways[0], '--precision', 'f32');
  expect(apart(own, whole)).toBeLessThanOrEqual(stated(own, whole));
  expect(apart(single, own)).toBeLessThanOrEqual(10 * stated(single));
  expect(stated(own)).toBeLessThan(1e-5 * norm(flatAll(own.hypergradient)));
});
