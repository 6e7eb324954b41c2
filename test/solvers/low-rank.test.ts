/** Where a Hessian is seen to be a diagonal plus a matrix of low rank, and what of it is computed once. `test/deep/low-rank.test.ts` has the numbers. */
import { afterAll, describe, expect, it } from 'vitest';
import { analyse } from '../../compiler/analyse.ts';
import type { Dim } from '../../compiler/ir/dims.ts';
import { buildCandidates } from '../../compiler/module.ts';
import type { Stages } from '../../compiler/stages.ts';
import { compile } from '../../compiler/pipeline.ts';
import { problemOf } from '../../compiler/problem.ts';
import { Folder, distance, flatAll, gradient, uniforms } from '../helpers/cli.ts';

const page = (inner: string, params: string, hypers = ''): string => `problem p {
  dim n, d, k
  data X: [n, d]
  data Y: [n, k]
  data y: [n]
  data c: positive[d]
  data M: [n, k]
  hyper a: positive
  ${hypers}
  ${params}
  inner minimize ${inner}
  outer minimize sum((X @ W - Y)^2)
}`;
const w = 'param w: [d]\n let W = [[w[j] for i in k] for j in d]';
const W = 'param W: [d, k]';

function candidateOf(text: string): { readonly ids: readonly string[]; readonly why: string; readonly stages: () => Stages } {
  const { value, diagnostics } = compile(text, 'p.bilevel');
  const program = value[0]?.program;
  if (program === undefined) throw new Error(diagnostics.map((d) => d.message).join('; '));
  const problem = problemOf(program);
  const { plan, stages } = buildCandidates(problem, analyse(problem));
  const own = plan.candidates.find((c) => c.id === 'closed_form+low_rank');
  return {
    ids: plan.candidates.map((c) => c.id),
    why: own?.why ?? '',
    stages: () => {
      const made = stages.get('closed_form+low_rank')?.();
      if (made === undefined) throw new Error('no such candidate');
      return made;
    },
  };
}

describe('a diagonal plus a matrix of low rank is seen', () => {
  it.each([
    ['ridge', 'sum((X @ w - y)^2) + a * sum(w^2)', w, '', 'rank n'],
    ['a mean', 'mean((y - X @ w)^2) + a * mean(w^2)', w, '', 'rank n'],
    ['a penalty for each coordinate', 'sum((X @ w - y)^2) + sum(s * w^2)', w, 'hyper s: positive[d]', 'rank n'],
    ['exponentials', 'sum((X @ w - y)^2) + sum(exp(s) * w^2)', w, 'hyper s: real[d]', 'rank n'],
    ['weights', 'sum(q * (X @ w - y)^2) + a * sum(w^2)', w, 'hyper q: nonnegative[n]', 'rank n'],
    ['a square as a product', 'sum((X @ w - y) * q * (X @ w - y)) + a * sum(w * w)', w, 'hyper q: unit[n]', 'rank n'],
    ['an intercept', 'sum((X @ w + b - y)^2) + a * sum((w - 1)^2)', `param b: []\n ${w}`, '', 'rank n'],
    ['two predictions', 'sum((X @ w - y)^2) + sum((X @ (c * w))^2) + a * sum(w^2)', w, '', 'rank 2*n'],
    ['a penalty that may be zero', 'sum((X @ w - y)^2) + s * sum(w^2)', w, 'hyper s: nonnegative', 'rank n'],
    ['several outputs, one at a time', 'sum((X @ W - Y)^2) + a * sum(W^2)', W, '', 'rank n'],
    ['outputs that meet', 'sum((X @ W - Y)^2) + sum(W)^2 + a * sum(W^2)', W, '', 'rank k*n + 1'],
  ])('%s', (_, inner, params, hypers, words) => {
    const { why } = candidateOf(page(inner, params, hypers));
    expect(why).toContain(`a diagonal plus a matrix of ${words}`);
  });
});

describe('no such form is seen in', () => {
  it.each([
    ['a penalty of neighbours', 'sum((X @ w - y)^2) + a * sum([(w[j] - w[0])^2 for j in d])', w, ''],
    ['a penalty of some coordinates', 'sum((X @ w - y)^2) + a * sum([w[j]^2 for j in 1 .. 3])', w, ''],
    ['a loss without a penalty', 'sum((X @ w - y)^2)', w, ''],
    ['normal equations', 'w @ (X.T @ X @ w) - 2 * y @ (X @ w) + a * sum(w^2)', w, ''],
    ['a penalty of no known sign', 'sum((X @ w - y)^2) + sum(s * w^2)', w, 'hyper s: real[d]'],
    ['penalties some of which may be zero', 'sum((X @ w - y)^2) + sum(s * w^2)', w, 'hyper s: nonnegative[d]'],
    ['squares of what may be zero', 'sum((X @ w - y)^2) + a * sum((z * w)^2)', w, 'data z: [d]'],
    ['weights of no known sign', 'sum(M * (X @ W - Y)^2) + a * sum(W^2)', W, ''],
    [
      'so few params that it does not matter',
      'sum((y - v[0])^2) + a * sum(v^2)',
      `param v: [2]\n let W = [[v[0] for i in k] for j in d]`,
      '',
    ],
  ])('%s', (_, inner, params, hypers) => {
    const { ids } = candidateOf(page(inner, params, hypers));
    expect(ids).not.toContain('closed_form+low_rank');
    expect(ids.some((id) => id.startsWith('closed_form'))).toBe(true);
  });
});

describe('what is computed when', () => {
  const isSquare = (shape: readonly Dim[] | undefined, name: string): boolean => shape?.length === 2 && shape.every((d) => d.key === name);
  it.each([
    ['one penalty', 'sum((X @ w - y)^2) + a * sum(w^2)', w, true],
    ['one penalty, scaled by data', 'mean((X @ w - y)^2) + a * sum(c * w^2)', w, true],
    ['one penalty of several outputs', 'sum((X @ W - Y)^2) + a * sum(W^2)', W, true],
    ['a penalty for each coordinate', 'sum((X @ w - y)^2) + sum(s * w^2)', w, false],
  ])('%s', (_, inner, params, once) => {
    const stages = candidateOf(page(inner, params, 'hyper s: positive[d]')).stages();
    const gram = stages.once.graph.outputs.some((v) => isSquare(v.type.shape, 'n'));
    expect(gram).toBe(once);
    const graphs = [stages.once, stages.hypergradient, stages.error].map(({ graph }) => graph);
    const large = graphs.flatMap(({ nodes }) => nodes.filter(({ op, outputs }) => op !== 'eye' && isSquare(outputs[0]?.type.shape, 'd')));
    expect(large).toEqual([]);
  });
});

describe('a wide ridge', () => {
  const folder = new Folder();
  afterAll(() => folder.remove());
  const random = uniforms(7);
  const table = (rows: number, columns: number): number[][] =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => Number(random().toFixed(6))));
  folder.csv('X.csv', table(6, 80));
  folder.csv('y.csv', table(6, 1));
  const wide = folder.page(`
    dim n, d
    data X: [n, d] from "X.csv"
    data y: [n] from "y.csv"
    hyper a: positive = 0.3
    param b: []
    param w: [d]
    inner minimize mean((X @ w + b - y)^2) + a * sum(w^2)
    outer minimize mean(softplus(-y * (sin(X) @ w + b)))`);
  it('is solved by its rows without being asked, to what the whole gives', async () => {
    const [own, whole] = await Promise.all([gradient(wide), gradient(wide, '--strategy', 'closed_form+cholesky')]);
    expect([own?.strategy, own?.status]).toEqual(['closed_form', 'converged']);
    expect(distance(flatAll(own.hypergradient), flatAll(whole.hypergradient))).toBeLessThan(1e-11);
    expect(distance(flatAll(own.param), flatAll(whole.param))).toBeLessThan(1e-12);
  });
});
