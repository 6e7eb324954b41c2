/** Runs whose candidate is weighed again by what its first hypergradient has counted: hand-made stages, and one page. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import { conditionOf } from '../../plan/reweigh.ts';
import type { Cost, Expr, Plan, ProblemModule, Tensor } from '../../plan/types.ts';
import { wasmLink } from '../../runtime/backends/wasm/backend.ts';
import { gradient, run } from '../../runtime/drive.ts';
import { keyOf, normal, uniform } from '../../runtime/random.ts';
import type { BoundProblem, DriveOptions, Outcome, RunResult } from '../../runtime/types.ts';
import { candidate, moduleOf, noData, scalarRidge, scalarRidgeRecipe, type Answer, type Call, type Recipe } from './modules.ts';

/** In units of a millisecond. */
const ms = (work: Expr): Cost => ({ products: { op: 'mul', args: [1e6 / 0.19, work] } });

/** Steps of `descent` grow with the condition number; `factor` takes 60 ms whatever it is. */
const assumptions = { κ: 4, T_descent: { op: 'mul', args: [10, { op: 'sqrt', args: ['κ'] }] }, T_factor: 3 } satisfies Plan['assumptions'];
const descent = candidate('descent', { innerSolver: 'descent', cost: ms('T_descent') });
const factor = candidate('factor', { innerSolver: 'factor', cost: ms({ op: 'mul', args: [20, 'T_factor'] }) });

interface Run {
  readonly result: RunResult;
  readonly calls: readonly Call[];
}

const valueOf = (outcome: Outcome<RunResult>): RunResult => {
  if (!outcome.ok) throw new Error(outcome.diagnostics.map((d) => d.message).join('; '));
  return outcome.value;
};

async function runWith(steps: number, options: DriveOptions = {}, recipe: Partial<Recipe> = {}, more: Partial<Answer> = {}): Promise<Run> {
  const answer: Recipe['answer'] = ({ lambda }, id, slots) => ({
    ...scalarRidge(lambda?.[0] ?? Number.NaN),
    steps: id === 'descent' ? steps : (slots['x']?.data[0] ?? 0) === 0 ? 3 : 1,
    ...more,
  });
  const { module, calls } = moduleOf(scalarRidgeRecipe({ candidates: [descent, factor], assumptions, answer, ...recipe }));
  return { result: valueOf(await run(module, noData, options)), calls };
}

const evaluations = ({ calls }: Run): readonly string[] =>
  calls.filter(({ stage }) => stage === 'hypergradient').map(({ candidate: id }) => id);

describe('a run that counts more than was assumed', () => {
  it('goes on with what is much quicker by these counts, from the same start, and says so', async () => {
    const moved = await runWith(130);
    const [first, second, ...others] = evaluations(moved);
    expect([first, second, new Set(others)]).toEqual(['descent', 'factor', new Set(['factor'])]);
    const { result, calls } = moved;
    expect(result.candidate).toBe('factor');
    expect(result.reweighed).toEqual({
      from: 'descent',
      to: 'factor',
      steps: { descent: { counted: 130, assumed: 20 } },
      condition: expect.closeTo(169, 6) as number,
      predicted: { from: expect.closeTo(130, 8) as number, to: expect.closeTo(60, 8) as number },
    });
    // The other one begins at the same hypers, where the first has ended; what that took is counted.
    const [a, b] = calls.filter(({ stage }) => stage === 'hypergradient');
    expect(b?.slots['hyper:lambda']).toEqual(a?.slots['hyper:lambda']);
    expect(b?.slots['x']?.data).toEqual(Float64Array.from(scalarRidge(0).x));
    expect(result.history[0]?.innerSteps).toBe(131);
    expect(result.spent.evaluations).toBe(evaluations(moved).length);
    const named = await runWith(130, { candidate: 'factor' });
    expect(result.outer).toBe(named.result.outer);
    expect(result.history.map(({ outer }) => outer)).toEqual(named.result.history.map(({ outer }) => outer));
  });

  it.each([
    ['it would not take less than half of the time', 119, {}],
    ['it was asked for by name', 1000, { candidate: 'descent' }],
  ])('stays where %s', async (_, steps, options) => {
    const stayed = await runWith(steps, options);
    expect(new Set(evaluations(stayed))).toEqual(new Set(['descent']));
    expect(stayed.result.reweighed).toBeUndefined();
  });

  it('stays where the page names the strategy', async () => {
    const { result } = await runWith(1000, {}, { asked: { strategy: 'descent' } });
    expect([result.candidate, result.reweighed]).toEqual(['descent', undefined]);
  });

  it('stays where few hypergradients are to come, or each is a matter of little time', async () => {
    const little = [descent, factor].map((each) => ({ ...each, cost: { products: 100 } }));
    expect((await runWith(1000, {}, { candidates: little })).result.reweighed).toBeUndefined();
    const outer = { name: 'gd', options: { rate: 0.1, steps: 2, tolerance: 0 } };
    const { description } = scalarRidgeRecipe({}, { outer });
    expect((await runWith(130, {}, { description })).result.reweighed).toBeUndefined();
    expect((await runWith(140, {}, { description })).result.reweighed?.to).toBe('factor');
  });

  it('stays where the counts say nothing of the condition number', async () => {
    const flat = { ...assumptions, T_descent: 20 };
    expect((await runWith(1000, {}, { assumptions: flat })).result.reweighed).toBeUndefined();
  });

  it('goes on with the first where the other fails at the start, and says why', async () => {
    const recipe = scalarRidgeRecipe();
    const broken: Recipe['answer'] = (theta, id, ...rest) => ({
      ...recipe.answer(theta, id, ...rest),
      steps: 1000,
      ...(id === 'factor' ? { status: 'not-positive-definite' } : {}),
    });
    const { result, calls } = await runWith(1000, {}, { answer: broken });
    expect(evaluations({ result, calls }).filter((id) => id === 'factor')).toHaveLength(1);
    expect(result.candidate).toBe('descent');
    expect(result.outerStatus).toBe('converged');
    expect(result.reweighed?.failed).toMatch(/positive definite/u);
  });

  it('shows what there is when it is interrupted on its way to the other', async () => {
    const interruption = new AbortController();
    const answer: Recipe['answer'] = ({ lambda }, id) => {
      if (id === 'factor') interruption.abort();
      return { ...scalarRidge(lambda?.[0] ?? Number.NaN), steps: 1000 };
    };
    const { result } = await runWith(1000, { signal: interruption.signal }, { answer });
    expect([result.outerStatus, result.history.length]).toEqual(['interrupted', 1]);
  });

  it('is the same each time', async () => {
    const [a, b] = [await runWith(130), await runWith(130)];
    expect(evaluations(a)).toEqual(evaluations(b));
    expect(a.result.reweighed).toEqual(b.result.reweighed);
    expect(a.result.hyper).toEqual(b.result.hyper);
  });

  it('is a matter of runs: one hypergradient is what was chosen', async () => {
    const { module } = moduleOf(
      scalarRidgeRecipe({ candidates: [descent, factor], assumptions, answer: () => ({ ...scalarRidge(0), steps: 1000 }) }),
    );
    const outcome = await gradient(module, noData);
    expect(outcome.ok && outcome.value.candidate).toBe('descent');
  });
});

describe('the condition number that counts mean', () => {
  const plan: Plan = { candidates: [], refusals: [], asked: {}, assumptions: { ...assumptions, T_cg: { op: 'min', args: ['d', 'κ'] } } };

  it.each([
    ['such that the plan would have assumed them', { T_descent: 200 }, 400],
    ['none where they are fewer than ever', { T_descent: 3 }, 1],
    ['the least that reaches the most that is ever assumed', { T_cg: 5000 }, 30],
    ['the largest of several', { T_descent: 200, T_cg: 20 }, 400],
    ['unknown where none of them depends on it', { T_factor: 50 }, undefined],
    ['unknown without a count', {}, undefined],
  ])('is %s', (_, counted, condition) => {
    const found = conditionOf(plan, { d: 30 }, counted);
    expect(found).toEqual(condition === undefined ? undefined : expect.closeTo(condition, 6));
  });
});

describe('a logistic regression on columns of very different scales', () => {
  const [n, m, d] = [900, 300, 80];
  const moduleWith = (penalty: string): ProblemModule => {
    const [problem] = compile(
      `problem p {
  dim n, m, d
  data X: [n, d]
  data y: [n]
  data V: [m, d]
  data z: [m]
  hyper a: positive = 0.01
  param w: [d]
  inner minimize mean(softplus(X @ w) - y * (X @ w)) + ${penalty}
  outer minimize mean(softplus(V @ w) - z * (V @ w))
  solve outer with lbfgs(steps = 20)
}
`,
      'page.bilevel',
    ).value;
    if (problem === undefined) throw new Error('the page does not compile');
    return { ...problem.module, link: wasmLink((id) => problem.code(id, 'f64'), { threads: 1, fused: false }) };
  };
  /** The same but for a millionth, in a form that leaves no preconditioner. */
  const module = moduleWith('a * sum(w^2) + 1e-6 * sqrt(1 + sum(w^2))');

  /** Columns whose deviations span so many powers of ten. */
  function data(decades: number): BoundProblem {
    const [noise, label] = [keyOf(6, 'X'), keyOf(6, 'y')];
    const rows = Array.from({ length: n + m }, (_, i) => Array.from({ length: d }, (__, j) => normal(noise, i * d + j)));
    const labels = rows.map((row, i) =>
      uniform(label, i) < 1 / (1 + Math.exp((-2 * row.reduce((sum, x, j) => sum + x * ((j % 3) - 1), 0)) / Math.sqrt(d))) ? 1 : 0,
    );
    const scaled = rows.map((row) => row.map((x, j) => x * 10 ** (decades * (j / (d - 1) - 0.5))));
    const tensor = (shape: readonly number[], values: readonly number[]): Tensor => ({ shape, data: Float64Array.from(values) });
    return {
      slots: {
        'data:X': tensor([n, d], scaled.slice(0, n).flat()),
        'data:y': tensor([n], labels.slice(0, n)),
        'data:V': tensor([m, d], scaled.slice(n).flat()),
        'data:z': tensor([m], labels.slice(n)),
      },
      sizes: { n, m, d },
    };
  }

  it('goes on with a factor, to the same criterion as by its name', async () => {
    const unscaled = data(4);
    const { reweighed, candidate: id, outer, spent } = valueOf(await run(module, unscaled));
    expect([reweighed?.from, id]).toEqual(['implicit+cg+lbfgs', 'implicit+cholesky+newton']);
    expect(reweighed?.steps['cg']?.counted).toBeGreaterThan(100);
    expect(spent.linearSteps).toBeLessThan(2 * (reweighed?.steps['cg']?.counted ?? 0));
    const named = valueOf(await run(module, unscaled, { candidate: 'implicit+cholesky+newton' }));
    expect(Math.abs(outer / named.outer - 1)).toBeLessThan(1e-10);
  });

  it('stays where they span one and a half powers of ten less', async () => {
    const { reweighed, candidate: id, spent } = valueOf(await run(module, data(2.5)));
    expect([reweighed, id]).toEqual([undefined, 'implicit+cg+lbfgs']);
    expect(spent.linearSteps / spent.evaluations).toBeGreaterThan(60);
  });

  it('has nothing to weigh again where a preconditioner sees the scales', async () => {
    const { reweighed, candidate: id, spent } = valueOf(await run(moduleWith('a * sum(w^2)'), data(4)));
    expect([reweighed, id]).toEqual([undefined, 'implicit+pcg+lbfgs']);
    expect(spent.linearSteps / spent.evaluations).toBeLessThan(12);
  });
});
