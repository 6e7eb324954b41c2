/** Hessians that fall into blocks: seen where they do and nowhere else, and solved to what one factor of the whole gives. */
import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import { Folder, distance, failing, flatAll, gradient, uniforms } from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const random = uniforms(23);
const table = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => Number(random().toFixed(6))));
folder.csv('X.csv', table(20, 5));
folder.csv('Y.csv', table(20, 3));
folder.csv('one.csv', table(20, 1));
folder.csv(
  'M.csv',
  table(20, 3).map((row) => row.map((x) => (x > 0 ? 1 : 0))),
);

interface Sample {
  readonly params: string;
  readonly inner: string;
  readonly outer?: string;
  readonly targets?: string;
}

const body = ({ params, inner, outer = 'mean((X @ W - Y)^2) + 0.1 * sum(W^3)', targets = 'Y.csv' }: Sample): string => `
  dim n, d, k
  data X: [n, d] from "X.csv"
  data Y: [n, k] from "${targets}"
  data M: [n, 3] from "M.csv"
  hyper a: positive = 0.7
  hyper c: real[d] = [sin(j) for j in d]
  ${params}
  inner minimize ${inner}
  outer minimize ${outer}`;

const ridge = 'sum((X @ W - Y)^2) + a * sum(W^2)';
/** A param for each output, or for each task, and whether one factor is enough. */
const split: Readonly<Record<string, Sample & { readonly factors: string }>> = {
  'an intercept for each output': {
    params: 'param b: [k] param W: [d, k]',
    inner: 'mean((X @ W + [b for i in n] - Y)^2) + a * sum(W^2) + 0.001 * sum(b^2)',
    factors: 'one factor serves',
  },
  'params by rows': {
    params: 'param W: [k, d]',
    inner: 'sum((X @ W.T - Y)^2) + a * sum([sum((W[t] - c)^2) for t in k])',
    outer: 'mean((X @ W.T - Y)^2)',
    factors: 'one factor serves',
  },
  'a penalty for each feature': {
    params: 'param W: [d, k]',
    inner: 'sum((X @ W - Y)^2) + sum([exp(c[j]) * sum(W[j]^2) for j in d])',
    factors: 'one factor serves',
  },
  'rows of each task alone': {
    params: 'param W: [d, 3]',
    inner: 'sum(M * (X @ W - [[Y[i, 0] for t in 3] for i in n])^2) + a * sum(W^2)',
    outer: 'sum(W^2 - W)',
    factors: 'its own factor',
  },
  'a diagonal Hessian': {
    params: 'param W: [d]',
    inner: 'sum(exp(c) * (W - 1)^2) + a * sum(W^2)',
    outer: 'sum((X @ W)^2)',
    factors: 'its own factor',
  },
  'one output': { params: 'param W: [d, k]', inner: ridge, targets: 'one.csv', factors: 'one factor serves' },
};

describe.each(Object.entries(split))('%s', (_, sample) => {
  const page = folder.page(body(sample));
  it('falls into blocks', () => {
    const { value } = compile(`problem p {${body(sample)}}`, 'p.bilevel');
    const found = value[0]?.module.plan.candidates.find((c) => c.id === 'closed_form+blocks');
    expect(found?.why).toContain(sample.factors);
  });
  it('gives what one factor of the whole gives', async () => {
    const [blocks, whole] = await Promise.all(['blocks', 'cholesky'].map((way) => gradient(page, '--strategy', `closed_form+${way}`)));
    if (blocks === undefined || whole === undefined) throw new Error('no result');
    expect(blocks.status).toBe('converged');
    expect(distance([blocks.outer], [whole.outer])).toBeLessThan(1e-13);
    expect(distance(flatAll(blocks.param), flatAll(whole.param))).toBeLessThan(1e-12);
    expect(distance(flatAll(blocks.hypergradient), flatAll(whole.hypergradient))).toBeLessThan(1e-11);
  });
});

describe('what mixes outputs is not split', () => {
  it.each([
    ['a sum of all, squared', 'param W: [d, k]', `${ridge} + sum(W)^2`],
    ['two neighbours', 'param W: [d, k]', `${ridge} + sum([(W[j, 1] - W[j, 0])^2 for j in d])`],
    ['a param that all share', 'param b: [] param W: [d, k]', `sum((X @ W + b - Y)^2) + a * sum(W^2) + b^2`],
  ])('%s', (_, params, inner) => {
    const { value } = compile(`problem p {${body({ params, inner })}}`, 'p.bilevel');
    expect(value).toHaveLength(1);
    expect(value[0]?.module.plan.candidates.map((c) => c.id)).not.toContain('closed_form+blocks');
  });
});

it('one block without a minimiser is a diagnostic', async () => {
  const page = folder.page(body({ params: 'param W: [3]', inner: 'sum([1, 0, 2] * W^2) - a * sum(W)', outer: 'sum(W^2) + 0 * sum(c)' }));
  const { status, hypergradient } = await failing(4, 'gradient', page);
  expect([status, hypergradient]).toEqual(['not-positive-definite', undefined]);
});
