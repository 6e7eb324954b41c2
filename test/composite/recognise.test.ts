/** What is found in a loss, however it is written, and what is refused. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';

const page = (penalty: string, more = '', method = ''): string => `problem p {
  dim n, d
  data X: [n, d]
  data y: [n]
  data c: nonnegative[d]
  data z: [d]
  hyper a: positive = 1
  hyper r: real = 1
  param w: [d]
  param V: [d, 3]
  ${more}
  inner minimize mean((X @ w - y)^2) + sum(V^2) + ${penalty}
  outer minimize sum((w - r)^2) + sum(V) + a
  ${method}
}`;

/** What is found, where nothing is wrong. */
const found = (penalty: string, more?: string): readonly string[] | undefined => {
  const { value, diagnostics } = compile(page(penalty, more), 'page.bilevel');
  expect(diagnostics.map((d) => d.code)).toEqual([]);
  return value[0]?.module.description.composite;
};
const codes = (penalty: string, more?: string, method?: string): readonly string[] =>
  compile(page(penalty, more, method), 'page.bilevel').diagnostics.map((d) => d.code);

describe('found', () => {
  it.each([
    ['a * sum(abs(w))', 'l1 on `w`, weighted by `a`'],
    ['a * l1(w)', 'l1 on `w`, weighted by `a`'],
    ['(a * l1(w) + r) / 2', 'l1 on `w`, weighted by `a`'],
    ['exp(r) * mean(abs(-w))', 'l1 on `w`, weighted by `r`'],
    ['sum(c * abs(w))', 'l1 on `w`, weighted by `c`'],
    ['sum(abs(w)) - 0.5 * sum(abs(w))', 'l1 on `w`'],
    ['0.1 * sum(a * abs(w) + r * w^2)', 'l1 on `w`, weighted by `a`'],
    ['a * sum(abs(z - w))', 'l1 on `w`, weighted by `a`'],
    ['sum(abs(w - z))', 'l1 on `w`'],
    ['a * norm(w)', 'a norm on `w`, weighted by `a`'],
    ['a * sqrt(sum(w^2))', 'a norm on `w`, weighted by `a`'],
    ['a * sum(norm(V, axis = 1))', 'a norm on `V`, weighted by `a`'],
    ['sum(c * norm(V, axis = 1))', 'a norm on `V`, weighted by `c`'],
    ['a * norm(V)', 'a norm on `V`, weighted by `a`'],
    ['sum(maximum(w, -w))', 'l1 on `w`'],
    ['a * sum(maximum(-w, w))', 'l1 on `w`, weighted by `a`'],
    ['sum(abs(a * w))', 'l1 on `w`, weighted by `a`'],
    ['sum(abs(-w * c))', 'l1 on `w`, weighted by `c`'],
    ['sum(abs(w / a))', 'l1 on `w`, weighted by `a`'],
    ['sum([abs(x) for x in w])', 'l1 on `w`'],
    ['sum([c[i] * abs(w[i]) for i in d])', 'l1 on `w`, weighted by `c`'],
    ['a * sum(sqrt(w^2))', 'a norm on `w`, weighted by `a`'],
    ['sum([norm(V[j]) for j in d])', 'a norm on `V`'],
    ['sum([c[j] * norm(V[j]) for j in d])', 'a norm on `V`, weighted by `c`'],
    ['a * sum([norm(row) for row in V])', 'a norm on `V`, weighted by `a`'],
    ['mean([sqrt(sum(row^2)) for row in V])', 'a norm on `V`'],
    ['sum([norm(V[:, j]) for j in 3])', 'a norm on `V`'],
    ['a * sum(norm(V.T, axis = 0))', 'a norm on `V`, weighted by `a`'],
    ['norm(-V)', 'a norm on `V`'],
    ['a * sqrt(mean(w^2))', 'a norm on `w`, weighted by `a`'],
    ['a * norm(w - z)', 'a norm on `w`, weighted by `a`'],
  ])('%s', (penalty, words) => {
    expect(found(penalty)).toEqual([words]);
  });

  it('one term a param, and kinds', () => {
    expect(found('a * l1(w) + norm(V) + sum(u^2)', 'param u: nonnegative')).toEqual([
      'l1 on `w`, weighted by `a`',
      'a norm on `V`',
      '`u` ≥ 0',
    ]);
    expect(found('sum((u - z)^2) + a * l1(u)', 'param u: real[d] in [0, 2 * d]')).toEqual([
      'l1 on `u`, weighted by `a`',
      '`u` in [0, 2*d]',
    ]);
    expect(found('sum((u - z)^2)', 'param u: simplex[d]')).toEqual(['`u` on the simplex']);
  });

  it('norms of groups in groups, about l1 and x ≥ 0', () => {
    expect(found('a * l1(V) + sum(c * norm(V, axis = 1)) + norm(V)')).toEqual([
      'l1 on `V`, weighted by `a`',
      'a norm on `V`, weighted by `c`',
      'a norm on `V`',
    ]);
    expect(found('sum((u - z)^2) + norm(u) + a * l1(u)', 'param u: nonnegative[d]')).toHaveLength(3);
  });

  it.each([
    'a * sum(w^2)',
    'norm(X @ w - y)',
    'mean(maximum(1 - X @ w, 0))',
    'sum(w^2) - 0.1 * sum(abs(w[0 .. 1]))',
    'huber(w, z)',
    'sum(abs(w)^2)',
    'sum(abs(w) * w^2)',
    'sum(if abs(w) < 1 then w^2 else 0)',
    'sqrt(sum(w^2) + 1)',
    'sum(maximum(w, 0))',
  ])('nothing in %s', (penalty) => {
    expect(found(penalty)).toBeUndefined();
  });
});

describe('refused', () => {
  it.each<readonly [string, string]>([
    ['r * sum(abs(w))', ''],
    ['sum(z * abs(w))', ''],
    ['sum(abs(w)) + sum(abs(w - z))', ''],
    ['sum(abs(w - z)) + norm(w)', ''],
    ['norm(w - r)', ''],
    ['std(w)', ''],
    ['sum(norm(V, axis = 0)) + sum(norm(V, axis = 1))', ''],
    ['sum(abs(w - r))', ''],
    ['norm(u)', 'param u: real[d] in [0, 1]'],
    ['norm(u) + l1(u)', 'param u: real[d] in [-1, 1]'],
    ['l1(u) + sum(u^2)', 'param u: simplex[d]'],
    // Of a mixture, or of a part.
    ['sum(abs(X @ w))', ''],
    ['sum(abs(X @ w - y))', ''],
    ['a * sum(abs(w[1 .. 2] - w[0 .. 1]))', ''],
    ['sum(abs(diff(w)))', ''],
    ['abs(sum(w))', ''],
    ['a * abs(w[0])', ''],
    ['abs(w[0] - w[1])', ''],
    ['sum(abs(w + V[:, 0]))', ''],
    ['norm(X @ w)', ''],
    ['norm(w[0 .. 1]) + norm(w[2 .. 3])', ''],
    ['sum([norm(w[[j, j + 2]]) for j in 2])', ''],
    ['l1(w) + sum(abs(diff(w)))', ''],
  ])('%s', (penalty, more) => {
    expect(codes(penalty, more)).toEqual(['BL4003']);
  });

  it.each(['lbfgs', 'newton', 'closed_form', 'gd(rate = 0.1, tolerance = 1e-6)'])('%s as the solver of a lasso', (method) => {
    expect(codes('a * l1(w)', '', `solve inner with ${method}`)).toEqual(['BL5002']);
  });
  it('steps that leave the set of a param', () => {
    expect(codes('sum(u^2)', 'param u: nonnegative', 'solve inner with gd(rate = 0.1, steps = 3)')).toEqual(['BL5002']);
  });
  it('a proximal recipe without a rate', () => {
    expect(codes('a * l1(w)', '', 'solve inner with fista(steps = 3)')).toEqual(['BL3012']);
  });
});

describe('accepted', () => {
  it.each([
    'gd(rate = 0.1, steps = 3)',
    'fista(rate = 0.1, steps = 3)',
    'proximal_gradient(rate = a, steps = 3)',
    'fista(tolerance = 1e-6)',
  ])('%s of a lasso', (method) => {
    expect(codes('a * l1(w)', '', `solve inner with ${method}`)).toEqual([]);
  });
  it.each(['sum(abs(diff(w)))', 'norm(X @ w)', 'sum(abs(X @ w - y))'])('subgradient steps on %s', (penalty) => {
    expect(codes(penalty, '', 'solve inner with gd(rate = 0.1, steps = 3)')).toEqual([]);
    expect(codes(penalty, '', 'solve inner with fista(rate = 0.1, steps = 3)')).toEqual(['BL4003']);
  });
  it('subgradient steps on a penalty of any sign', () => {
    expect(codes('r * l1(w)', '', 'solve inner with gd(rate = 0.1, steps = 3)')).toEqual([]);
  });
});
