/** Relaxed hypers made whole: the second solve gives what a page with the chosen function, or number, in its place gives. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { compile, problem, ProblemError } from '../../library/index.ts';
import { given } from '../../compiler/ir/attributes.ts';
import { distance } from '../helpers/cli.ts';

const n = 24;
const X = Array.from({ length: n }, (_, i) => [Math.sin(3 * i), Math.cos(5 * i + 1)]);
const y = X.map(([a = 0, b = 0], i) => a - 2 * b + 0.3 * Math.sin(11 * i));

/** `fit` is the function that is chosen or written; `more`: methods. */
const page = (hyper: string, fit: string, more = ''): string => `problem p {
  dim n, d
  data X: [n, d]
  data y: [n]
  split n into train 50%, valid 50%, unshuffled
  ${hyper}
  param w: [d]
  fn square(r: [k]): [k] = r^2
  fn round_square(r: [k]): [k] = sqrt(1 + r^2)
  fn bowl(r: [k]): [k] = softplus(r) + softplus(-r)
  inner minimize mean(${fit}) + 0.1 * sum(w^2)
  outer minimize mean((X[valid] @ w - y[valid])^2)
  report size = sum(w^2)
  ${more}
}`;
const residual = 'X[train] @ w - y[train]';
const choice = (options = '', start = '') => `hyper act: choice(square, round_square, bowl${options})${start}`;
const methods = [
  ['a minimiser', ''],
  ['a recipe', 'solve inner with gd(rate = 0.2, steps = 25)'],
  ['folds', 'FOLDS'],
] as const;
const written = (text: string): string =>
  text.includes('FOLDS') ? text.replace('train 50%, valid 50%, unshuffled', 'train, valid by 3 folds, seed 1').replace('FOLDS', '') : text;

describe.each(methods)('a choice of %s', (_, more) => {
  it.each([
    ['f64', ''],
    ['f32', ''],
    ['f64', ', gumbel = true'],
  ] as const)('is solved again as the page with the chosen function is, in %s%s', async (precision, options) => {
    const solution = await problem(written(page(choice(options), `act(${residual})`, more))).solve(
      { X, y },
      { precision, budget: { steps: 4 } },
    );
    const name = solution.chosen?.act as string;
    expect(['square', 'round_square', 'bowl']).toContain(name);
    const fixed = problem(written(page('hyper penalty: positive', `${name}(${residual}) * penalty / penalty`, more)));
    const plain = await fixed.evaluate({ X, y }, {}, { precision });
    const close = precision === 'f64' ? 1e-8 : 1e-4;
    expect(distance([given(solution.whole).outer], [plain.outer])).toBeLessThan(close);
    expect(solution.whole?.status).toBe('converged');
    const size = ({ param: { w } }: { param: Readonly<Record<string, unknown>> }) => [...(w as { data: Float64Array }).data];
    expect(distance(size(solution), size(plain))).toBeLessThan(close);
    expect(distance([Number(solution.report.size)], [Number(plain.report.size)])).toBeLessThan(close);
    // All else is of the relaxed optimum, and its history ends there.
    expect(solution.outer).toBe(solution.history.at(-1)?.outer);
    expect(solution.hyper.act).toEqual(solution.history.at(-1)?.hyper.act);
  });
});

it('with folds the refit is of the whole solution', async () => {
  const more = methods[2][1];
  const { chosen, refit } = await problem(written(page(choice(), `act(${residual})`, more))).solve({ X, y }, { budget: { steps: 4 } });
  const one = page('hyper penalty: positive', `${chosen?.act as string}(X @ w - y) * penalty / penalty`).replace(
    'split n into train 50%, valid 50%, unshuffled',
    '',
  );
  const whole = await problem(one.replaceAll('[valid]', '')).evaluate({ X, y });
  const refitted = given(refit) as { readonly param: Readonly<Record<string, { readonly data: Float64Array }>> };
  expect(distance([...given(refitted.param.w).data], [...(whole.param.w as { data: Float64Array }).data])).toBeLessThan(1e-8);
});

it('strategies and differences agree on a mixture, and so do the two ways of unrolling', async () => {
  for (const more of ['', 'solve inner with gd(rate = 0.2, steps = 7)']) {
    const mixed = problem(
      page(`hyper heat: positive = 0.7\n  ${choice(', temperature = heat', ' = [0.3, -1, 0.2]')}`, `act(${residual})`, more),
    );
    const { agrees, rows } = await mixed.verify({ X, y });
    expect(rows.filter((row) => row.agrees === true).length).toBeGreaterThan(0);
    expect(agrees).toBe(true);
  }
});

it('any logits and any temperature make the softmax of the whole point exactly one-hot', async () => {
  const mixed = problem(
    page(`hyper heat: positive\n  ${choice(', temperature = heat')}`, `act(${residual})`, 'solve outer with gd(rate = 1e-300, steps = 1)'),
  );
  const alone = await Promise.all(
    ['square', 'round_square', 'bowl'].map((name) => problem(page('hyper a: positive', `${name}(${residual}) * a / a`)).evaluate({ X, y })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 3, maxLength: 3 }),
      fc.double({ min: -6, max: 6, noNaN: true }),
      async (act, power) => {
        const { chosen, whole } = await mixed.solve({ X, y }, { hyper: { act, heat: 10 ** power } });
        const at = act.indexOf(Math.max(...act));
        expect(chosen).toEqual({ act: ['square', 'round_square', 'bowl'][at] });
        expect(distance([given(whole).outer], [given(alone[at]).outer])).toBeLessThan(1e-8);
      },
    ),
    { seed: 7, numRuns: 5 },
  );
});

describe('an int', () => {
  const int = (more = ''): string => `problem p {
    hyper k: int[3] in [-2, 4] = [0, 1.2, 4]
    hyper a: positive
    param w: [3]
    inner minimize sum((w - k)^2) + 1e-9 * a * sum(w^2)
    outer minimize sum((w - [-1.7, 1.4, 9])^2)
    report farthest = max(w)
    ${more}
  }`;

  it('is rounded to its nearest whole number, within its interval', async () => {
    const { chosen, whole, hyper, outer, report } = await problem(int('solve outer with lbfgs(steps = 30)')).solve({});
    const k = given(chosen).k as { readonly shape: readonly number[]; readonly data: Float64Array };
    expect([k.shape, [...k.data]]).toEqual([[3], [-2, 1, 4]]);
    expect(distance([...(hyper.k as { data: Float64Array }).data], [-1.7, 1.4, 4])).toBeLessThan(1e-6);
    expect(outer).toBeCloseTo(25, 5);
    expect(given(whole).outer).toBeCloseTo(0.09 + 0.16 + 25, 5);
    expect(report.farthest).toBeCloseTo(4, 6);
  });

  it('and a choice may stand on one page, with the one typed by its numbers and the other by its names', () => {
    const text = page(`hyper depth: int in [1, 8]\n  ${choice()}`, `depth * act(${residual})`);
    const module = given(compile(text).module?.files[0]).text;
    expect(module).toContain("readonly act: 'square' | 'round_square' | 'bowl';");
    expect(module).toMatch(/export interface Chosen \{\n.*`int in \[1, 8\]`.*\n {2}readonly depth: number;/u);
    expect(module).toContain('solveOf<Data, Hyper, Param, Report, never, Chosen>');
    expect(module).toContain('  wholeOf,');
    expect(module).toContain('curvedKinds: { choice: freeLogits }');
  });
});

describe('where there is no whole solution', () => {
  it('an interrupted run has none, and keeps what it has', async () => {
    const stop = new AbortController();
    const run = problem(page(choice(), `act(${residual})`)).solve(
      { X, y },
      { signal: stop.signal, onStep: ({ step }) => (step === 2 ? stop.abort() : undefined) },
    );
    const error = await run.catch((e: unknown) => e);
    if (!(error instanceof ProblemError)) throw new Error('it was not interrupted');
    const left = error.lastGood as { readonly chosen?: unknown; readonly whole?: unknown; readonly history: readonly unknown[] };
    expect([error.status, left.chosen, left.whole, left.history.length]).toEqual(['interrupted', undefined, undefined, 3]);
  });

  it('a second solve that fails is a failure with its status, and the relaxed optimum is its last good state', async () => {
    // Where `wild` alone is chosen, w = 40 makes it overflow; mixed half and half it is held back.
    const text = `problem p {
      hyper act: choice(tame, wild) = [0, 0.5]
      param w: []
      fn tame(u: []): [] = 1000 * u^2
      fn wild(u: []): [] = sqrt(800 - exp(u^2 / 2)) - u
      inner minimize act(w)
      outer minimize (w - 0.1)^2
      solve inner with gd(rate = 1e-3, steps = 3000)
      solve outer with gd(rate = 1e-9, steps = 1)
    }`;
    const error = await problem(text)
      .solve({})
      .catch((e: unknown) => e);
    if (!(error instanceof ProblemError)) throw new Error('it did not fail');
    expect(['not-finite', 'diverged']).toContain(error.status);
    expect(error.message).toContain('at the whole hypers');
    const left = error.lastGood as { readonly whole?: unknown; readonly outer: number };
    expect([Number.isFinite(left.outer), left.whole]).toEqual([true, undefined]);
  });
});
