/** Params of open kinds: what solvers move is free, what the page and its results speak of is what was declared. */
import { describe, expect, it } from 'vitest';
import { check, problem, type GivenValues } from '../../library/index.ts';
import type { Tensor } from '../../runtime/module.ts';

const page = (params: string, inner: string, outer: string, more = ''): string => `problem p {
  hyper a: positive = 0.5
  ${params}
  inner minimize ${inner}
  outer minimize ${outer}
  ${more}
}`;

describe('a positive param', () => {
  const text = page('param w: positive', '(w - 1)^2 + a * w^2', '(w - 0.4)^2', 'report twice = 2 * w');

  it('has the minimiser and the derivative of its formula, w = 1 / (1 + a)', async () => {
    const { outer, param, report, hypergradient } = await problem<GivenValues, { a: number }, { w: number }, { twice: number }>(
      text,
    ).hypergradient({}, { a: 1 });
    expect(param.w).toBeCloseTo(0.5, 12);
    expect(report.twice).toBeCloseTo(1, 12);
    expect(outer).toBeCloseTo(0.01, 12);
    expect(hypergradient.a).toBeCloseTo(-0.05, 12);
  });

  it('hides a quadratic, and says so', () => {
    const codes = (text: string): readonly string[] => check(text).diagnostics.map((d) => d.code);
    expect(codes(text)).toEqual(['BL4010']);
    expect(codes(page('param w: positive', 'log(w)^2 + a * w', 'w'))).toEqual([]);
  });
});

it('params of all kinds beside each other agree with differences', async () => {
  const text = page(
    'param s: positive[2] = [0.5, 2] param p: unit param w: [] ~ normal(0, 1) param q: positive ~ uniform(0.5, 1)',
    'sum(1 / s + log(s)) + a * sum(s) - log(p) - 2 * log1p(-p) + a * p + (w - p)^2 + (log(q) - a * w)^2',
    'sum((s - [1, 2])^2) + p + w^2 + q',
  );
  const verification = await problem(text).verify({});
  expect(verification.agrees).toBe(true);
  expect(verification.rows.filter((row) => row.agrees === true).length).toBeGreaterThanOrEqual(1);
  const { param } = await problem<GivenValues, { a: number }, { s: Tensor; p: number; q: number }>(text).evaluate({}, { a: 0.5 });
  expect([...param.s.data, param.q, param.p, 1 - param.p].every((x) => x > 0)).toBe(true);
});

it('a recipe takes its steps in what is free', async () => {
  const text = page('param w: positive = 2', '(w - 1)^2 + a * w^2', 'w^2', 'solve inner with gd(rate = 0.1, steps = 3)');
  let u = Math.log(2);
  for (let t = 0; t < 3; t += 1) u -= 0.1 * (2 * (Math.exp(u) - 1) + 2 * 0.5 * Math.exp(u)) * Math.exp(u);
  const { outer } = await problem(text).evaluate({}, { a: 0.5 });
  expect(outer).toBeCloseTo(Math.exp(2 * u), 12);
  expect((await problem(text).verify({})).agrees).toBe(true);
});

it.each([
  ['positive', 'normal(1, 0.1)'],
  ['positive', 'uniform(-1, 1)'],
  ['unit', 'uniform(0, 2)'],
])('a %s param cannot be drawn from %s', (kind, distribution) => {
  const { diagnostics } = check(page(`param w: ${kind} ~ ${distribution}`, '(log(w) - a)^2', 'w'));
  expect(diagnostics.map((d) => d.code)).toEqual(['BL2028']);
});
