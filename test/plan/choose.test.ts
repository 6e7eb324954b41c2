/** The choice by predicted time: which candidate of which problem, at sizes and on machines of every kind. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import { candidatesToCarry } from '../../plan/carry.ts';
import { choose } from '../../plan/choose.ts';
import { type Choice } from '../../plan/decide.ts';
import { environmentOf, predictedMs, usualCalibration } from '../../plan/predict.ts';
import { workKinds, type Calibration, type Plan } from '../../plan/types.ts';
import { candidate } from '../runtime/modules.ts';

const planOf = (text: string): Plan => {
  const { value, diagnostics } = compile(text, 'page.bilevel');
  const [problem] = value;
  if (problem === undefined) throw new Error(diagnostics.map((d) => d.message).join('; '));
  return problem.module.plan;
};

const page = (inner: string, more = '', hyper = 'positive'): string => `problem p {
  dim n, d
  data X: [n, d]
  data y: [n]
  hyper a: ${hyper}
  param w: [d]
  inner minimize ${inner}
  outer minimize mean((X @ w - y)^2)
  ${more}
}
`;

const ridge = planOf(page('sum((X @ w - y)^2) + a * sum(w^2)'));
const logistic = planOf(page('sum(softplus(X @ w) - y * (X @ w)) + a * sum(w^2)'));
/** Its penalty leaves no preconditioner. */
const unseen = planOf(page('sum(softplus(X @ w) - y * (X @ w)) + a * sqrt(1 + sum(w^2))'));
const steps = 'solve inner with gd(rate = 0.01, steps = 200)';
const recipe = planOf(page('sum((X @ w - y)^2) + a * sum(w^2)', steps));
const many = planOf(page('sum((X @ w - y)^2) + sum(a * w^2)', steps, 'positive[d]'));

describe('what is chosen', () => {
  it.each([
    ['a few params of a quadratic loss: a factor', ridge, { n: 400, d: 10 }, 'closed_form+cholesky'],
    ['far fewer rows than params: a factor of the rows', ridge, { n: 50, d: 2000 }, 'closed_form+low_rank'],
    ['far fewer rows than far too many params: the same', ridge, { n: 50, d: 100_000 }, 'closed_form+low_rank'],
    ['too many params and rows to factor: products', ridge, { n: 100_000, d: 50_000 }, 'implicit+cg+lbfgs'],
    ['two params of a logistic loss: Newton’s steps', logistic, { n: 50, d: 2 }, 'implicit+cholesky+newton'],
    ['many params of a logistic loss: products', logistic, { n: 5000, d: 2000 }, 'implicit+cg+lbfgs'],
    ['so many hypers as params: reverse', many, { n: 400, d: 50 }, 'unrolled+gd'],
  ])('%s', (_, plan, sizes, id) => {
    expect(choose(plan, sizes).chosen?.id).toBe(id);
  });

  it('keeps fewer states where all of them are too many', () => {
    const { chosen, verdicts } = choose(many, { n: 10, d: 5_000_000 });
    expect(chosen?.id).toMatch(/checkpointed/u);
    expect(verdicts.find(({ id }) => id === 'unrolled+gd')).toMatchObject({
      verdict: 'not for these sizes',
      why: expect.stringContaining('keeps the states of too many steps') as string,
    });
  });

  it('is one of those that are quickest, and of one hyper either way through a recipe', () => {
    const { chosen, verdicts } = choose(recipe, { n: 400, d: 50 });
    const times = verdicts.flatMap(({ predicted, verdict }) => (verdict === 'valid' || verdict === 'chosen' ? (predicted ?? []) : []));
    const own = verdicts.find(({ id }) => id === chosen?.id)?.predicted;
    expect(own).toBeLessThanOrEqual(1.05 * Math.min(...times));
  });

  it('is never what is taken by name alone', () => {
    const dear = { products: 0, factors: 1e9, elements: 0, kernels: 0, calls: 0 };
    const { chosen, verdicts } = choose(ridge, { n: 400, d: 40 }, { calibration: dear });
    expect(verdicts.some(({ id }) => id === 'closed_form+tridiagonal')).toBe(true);
    expect(chosen?.byNameOnly).toBeUndefined();
    expect(choose(ridge, { n: 400, d: 40 }, { only: 'closed_form+tridiagonal' }).chosen?.id).toBe('closed_form+tridiagonal');
    // A strategy by its name leaves the choice among its own.
    expect(choose(ridge, { n: 400, d: 40 }, { only: 'closed_form' }).chosen?.id).toBe('closed_form+cholesky');
  });

  it('is the first in the order of decision while a size is not known', () => {
    const { chosen, verdicts } = choose(ridge, { d: 40 });
    expect(chosen?.id).toBe('closed_form+cholesky');
    expect(verdicts.map(({ id }) => id).slice(0, 2)).toEqual(ridge.candidates.map(({ id }) => id).slice(0, 2));
  });

  it('leaves to modules what is never twice as long, whatever the sizes are', () => {
    for (const plan of [ridge, logistic, recipe, many])
      for (const n of [10, 300, 5000, 100_000])
        for (const d of [10, 300, 5000, 100_000]) {
          const carried = candidatesToCarry(plan, {});
          const best = choose(plan, { n, d });
          const own = choose({ ...plan, candidates: carried }, { n, d });
          const msOf = ({ chosen, verdicts }: Choice): number => verdicts.find(({ id }) => id === chosen?.id)?.predicted ?? Number.NaN;
          expect(msOf(own)).toBeLessThanOrEqual(2 * msOf(best));
        }
  });

  it('is the same each time, and of those that take as long the first', () => {
    const same = { products: 1000 } as const;
    const plan: Plan = {
      candidates: [
        candidate('late', { cost: { products: 1030 } }),
        candidate('first', { cost: same }),
        candidate('second', { cost: same }),
      ],
      refusals: [],
      asked: {},
      assumptions: {},
    };
    const idOf = ({ chosen }: Choice): string | undefined => chosen?.id;
    expect(idOf(choose(plan, {}))).toBe('late');
    expect(idOf(choose({ ...plan, candidates: plan.candidates.slice(1) }, {}))).toBe('first');
    expect(choose(ridge, { n: 100, d: 10 })).toEqual(choose(ridge, { n: 100, d: 10 }));
  });
});

describe('predicted times', () => {
  const scaled = (factor: number): Calibration =>
    Object.fromEntries(workKinds.map((kind) => [kind, factor * usualCalibration[kind]])) as Calibration;

  it('are as much longer as the machine is slower, and the choice stays', () => {
    for (const plan of [ridge, logistic, recipe]) {
      const [usual, slow] = [1, 7].map((factor) => choose(plan, { n: 300, d: 30 }, { calibration: scaled(factor) }));
      expect(slow?.chosen).toBe(usual?.chosen);
      for (const { id, predicted = 0 } of usual?.verdicts ?? [])
        expect(slow?.verdicts.find((v) => v.id === id)?.predicted ?? 0).toBeCloseTo(7 * predicted, 8);
    }
  });

  it('weigh kinds of work as the machine does', () => {
    const sizes = { n: 3000, d: 60 };
    const id = (calibration: Calibration): string | undefined => choose(logistic, sizes, { calibration }).chosen?.id;
    expect(id({ ...usualCalibration, products: 0.001, kernels: 4e4 })).toBe('implicit+cholesky+newton');
    expect(id({ ...usualCalibration, products: 5, kernels: 0.001 })).not.toBe('implicit+cholesky+newton');
  });

  it('go by what a run has counted', () => {
    const sizes = { n: 3000, d: 60 };
    const { id, cost = {} } = logistic.candidates.find((c) => c.id === 'implicit+cg+lbfgs') ?? candidate('absent');
    expect(id).toBe('implicit+cg+lbfgs');
    const ms = (counted: Readonly<Record<string, number>>): number =>
      predictedMs(cost, environmentOf(logistic, sizes, counted), usualCalibration) ?? Number.NaN;
    expect(ms({ T_cg: 200 })).toBeGreaterThan(2 * ms({}));
    expect(ms({ κ: 1000 })).toBeGreaterThan(ms({ κ: 10 }));
    // What a preconditioner leaves does not grow with it.
    expect(choose(logistic, sizes, { counted: { κ: 1e6 } }).chosen?.id).toBe('implicit+pcg+lbfgs');
    expect(choose(unseen, sizes, { counted: { κ: 1e6 } }).chosen?.id).toBe('implicit+cholesky+newton');
  });

  it('grow with every size', () => {
    for (const plan of [ridge, logistic, recipe, many])
      for (const { cost = {} } of plan.candidates) {
        const at = (n: number, d: number): number => predictedMs(cost, environmentOf(plan, { n, d }), usualCalibration) ?? Number.NaN;
        expect(at(200, 20)).toBeLessThanOrEqual(at(400, 20));
        expect(at(200, 20)).toBeLessThanOrEqual(at(200, 40));
      }
  });
});

describe('what a module carries', () => {
  it('is the choice where all sizes are known', () => {
    for (const sizes of [
      { n: 400, d: 10 },
      { n: 50, d: 2000 },
    ])
      expect(candidatesToCarry(ridge, sizes).map(({ id }) => id)).toEqual([choose(ridge, sizes).chosen?.id]);
  });

  it('is enough for the choice at sizes of every kind where they are not, and never empty', () => {
    for (const plan of [ridge, logistic, recipe, many]) {
      const carried = candidatesToCarry(plan, {});
      for (const sizes of [
        { n: 20, d: 1000 },
        { n: 1000, d: 20 },
        { n: 100_000, d: 100_000 },
      ]) {
        const narrow = choose({ ...plan, candidates: carried }, sizes).chosen;
        expect(narrow).toBeDefined();
        const predictedOf = (id: string | undefined): number => choose(plan, sizes).verdicts.find((v) => v.id === id)?.predicted ?? 0;
        expect(predictedOf(narrow?.id)).toBeLessThan(3 * predictedOf(choose(plan, sizes).chosen?.id));
      }
    }
  });
});

it('a candidate without others costs nothing to state', () => {
  const alone = planOf(
    page('sum((X @ w - y)^2) + a * sum(w^2)', 'solve inner with gd(rate = 0.01, steps = 5)\n  differentiate with unrolled(mode = reverse)'),
  );
  expect(alone.candidates.filter(({ checkingOnly }) => !checkingOnly)).toHaveLength(1);
  expect(alone.candidates.every(({ cost }) => cost === undefined)).toBe(true);
});
