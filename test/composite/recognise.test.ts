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

  it.each([
    'a * sum(w^2)',
    'sum(abs(X @ w - y))',
    'huber(w, z)',
    'sum(abs(w)^2)',
    'sum(abs(w) * w^2)',
    'sum(if abs(w) < 1 then w^2 else 0)',
    'a * abs(w[0])',
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
    ['sum(abs(w)) + norm(w)', ''],
    ['sum(abs(w - r))', ''],
    ['norm(u)', 'param u: nonnegative[d]'],
    ['l1(u) + sum(u^2)', 'param u: simplex[d]'],
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
  it('subgradient steps on a penalty of any sign', () => {
    expect(codes('r * l1(w)', '', 'solve inner with gd(rate = 0.1, steps = 3)')).toEqual([]);
  });
});
