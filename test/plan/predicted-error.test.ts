/** What candidates predict of their errors: how it moves with what it is made of. Beside true errors it is in `test/deep/predicted-error.test.ts`. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import { predictedError, type PredictedError } from '../../library/why.ts';
import { float64, roundingOf, type Rounding } from '../../runtime/rounding.ts';

const page = (statements = '', penalty = 'exp(w[0])'): string => `problem p {
  hyper t: real = 0.5
  param w: real[3]
  data b: real[3]
  inner minimize sum((w - b)^2) + exp(t) * sum(w^2) + ${penalty}
  outer minimize sum((w - t * b)^2)
  ${statements}
}
`;

interface Compiled {
  readonly of: (id: string, condition?: number, rounding?: Rounding) => PredictedError;
}

function compiled(text: string): Compiled {
  const { value, diagnostics } = compile(text, 'p.bilevel');
  const [problem] = value;
  if (problem === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const { plan } = problem.module;
  const of: Compiled['of'] = (id, condition = 10, rounding = float64) => {
    const candidate = plan.candidates.find((c) => c.id === id);
    if (candidate === undefined) throw new Error(`no ${id} among ${plan.candidates.map((c) => c.id).join(', ')}`);
    return predictedError(plan, candidate, problem.errorParts(id), rounding, { κ: condition });
  };
  return { of };
}

const shareOf = (statements: string, id: string, condition?: number): number | undefined =>
  compiled(page(statements)).of(id, condition).share;

describe('a predicted error', () => {
  it('orders candidates: what is factored below what is solved to a tolerance, below differences, below one step', () => {
    const { of } = compiled(page('', '0'));
    const share = (id: string): number => of(id).share ?? Number.NaN;
    expect(share('closed_form+cholesky')).toBe(10 * Number.EPSILON);
    expect(share('implicit+cholesky+newton')).toBeLessThan(share('implicit+cg+newton'));
    expect(share('implicit+cg+newton')).toBeLessThan(share('finite_difference+newton'));
    const oneStep =
      shareOf('solve inner with gd(rate = 0.1, tolerance = 1e-6)\n  differentiate with one_step', 'one_step+gd') ?? Number.NaN;
    expect(oneStep).toBeCloseTo(9 / 11, 4);
    expect(share('finite_difference+newton')).toBeLessThan(oneStep);
  });

  it('grows in proportion to each tolerance, and to the condition number', () => {
    for (const tolerance of [1e-9, 1e-6]) {
      const inner = compiled(page(`solve inner with lbfgs(tolerance = ${tolerance})`));
      const linear = compiled(page(`differentiate with implicit(solver = cg, tolerance = ${tolerance})`));
      for (const condition of [1, 10, 1e3])
        for (const { share = Number.NaN } of [inner.of('implicit+cholesky+lbfgs', condition), linear.of('implicit+cg+newton', condition)])
          expect(share / (condition * tolerance)).toBeCloseTo(1, 4);
      expect(inner.of('implicit+cholesky+lbfgs', 1e12).share).toBe(1);
    }
  });

  it('of limited steps falls as the method converges, down to its tolerance', () => {
    const cg = (steps: number): number =>
      shareOf(`differentiate with implicit(solver = cg, steps = ${steps})`, 'implicit+cg+newton', 9) ?? Number.NaN;
    expect(cg(10) / cg(9)).toBeCloseTo(1 / 2, 9);
    expect(cg(1000)).toBeCloseTo(9e-12, 14);
    const series = (rate: string): number =>
      shareOf(`differentiate with implicit(solver = neumann, ${rate}steps = 4)`, 'implicit+neumann+newton', 9) ?? Number.NaN;
    expect(series('rate = 0.1, ')).toBeCloseTo(0.8 ** 5, 9);
    expect(series('')).toBeCloseTo((8 / 9) ** 5, 9);
  });

  it('of a recipe is rounding, and of one that is truncated what its steps leave, where that is known', () => {
    const recipe = (method: string, how: string): string => `solve inner with ${method}\n  differentiate with ${how}`;
    expect(shareOf(recipe('gd(rate = 0.1, steps = 84)', 'unrolled'), 'unrolled+gd')).toBe(16 * 85 * Number.EPSILON);
    expect(shareOf(recipe('gd(rate = 0.1, steps = 84)', 'unrolled(truncate = 20)'), 'unrolled+truncated+gd', 9)).toBeCloseTo(0.8 ** 20, 9);
    expect(
      shareOf(recipe('heavy_ball(rate = 0.1, steps = 84)', 'unrolled(truncate = 20)'), 'unrolled+truncated+heavy_ball'),
    ).toBeUndefined();
    expect(shareOf(recipe('gd(rate = 0.1, steps = 84)', 'implicit(solver = cg)'), 'implicit+cg+gd')).toBeUndefined();
  });

  it('with one curvature for all directions is rounding, also of one step', () => {
    const statements = 'solve inner with gd(rate = 0.1, steps = 5)\n  differentiate with one_step';
    expect(shareOf(statements, 'one_step+gd', 1)).toBe(16 * 6 * Number.EPSILON);
  });

  it('is that of the precision, and says what it is made of', () => {
    const { of } = compiled(page('', '0'));
    const single = roundingOf({ precision: 'f32' });
    expect(of('closed_form+cholesky', 10, single).share).toBe(10 * 2 ** -23);
    const { parts } = of('implicit+cg+newton', 10, single);
    expect(parts.map(({ formula }) => formula)).toEqual(['min((κ*τ_inner)^2, κ*τ_newton)', 'κ*τ_linear', 'κ*ε']);
    expect(parts.map(({ from }) => from)).toEqual(['the inner solve by newton', 'the linear solve by cg', 'rounding']);
    const [differences] = of('finite_difference+newton').parts;
    expect(differences?.formula).toBe('(min((κ*τ_inner)^2, κ*τ_newton) + κ*ε)^(2 / 3)');
    expect(differences?.share).toBe((10 * Number.EPSILON + 1e-18) ** (2 / 3));
  });
});
