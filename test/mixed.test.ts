/**
 * Precisions other than float64, through the command line: mixed precision is as exact as float64, or gives way to it and says why; the
 * error that float32 says it has covers the one that it has. Every reference problem is in `test/deep/mixed.test.ts`.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { conditionedPage } from './helpers/conditioned.ts';
import { bilevel, distance, flatAll, Folder, gradient, solve } from './helpers/cli.ts';
import { referenceCases } from './helpers/reference.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const mixed = ['--precision', 'mixed'];
const caseOf = (name: string) => {
  const found = referenceCases.find((reference) => reference.case === name);
  if (found === undefined) throw new Error(`no reference problem ${name}`);
  return found;
};
const smooth = { more: '0.1 * sum(sqrt(1 + (0.001 * x)^2))' };

describe.each(['ridge_log_penalty', 'logistic_l2'])('mixed precision on %s', (name) => {
  const { page, points } = caseOf(name);
  it.each(points)('$id is within 1e-6 of the answer', async ({ id, hyper, hypergradient, outer }) => {
    const setting = folder.write(`${name}-${id}.json`, JSON.stringify(hyper));
    const document = await gradient(page, '--set', `@${setting}`, ...mixed);
    expect(document).toMatchObject({ precision: 'mixed', status: 'converged', diagnostics: [] });
    expect(document.precision_why).toBeUndefined();
    const names = Object.keys(hyper);
    expect(distance(flatAll(document.hypergradient, names), flatAll(hypergradient, names))).toBeLessThan(1e-6);
    expect(distance([document.outer], [outer])).toBeLessThan(1e-9);
  });
});

describe('an ill-conditioned inner problem', () => {
  it.each([
    ['closed_form', {}],
    ['implicit', smooth],
  ] as const)('of condition 1e6 is refined: %s', async (strategy, terms) => {
    const page = conditionedPage(folder, 1e6, 1, terms);
    const [exact, document] = [await gradient(page), await gradient(page, ...mixed)];
    expect(document).toMatchObject({ strategy, precision: 'mixed', diagnostics: [] });
    expect(distance(flatAll(document.hypergradient), flatAll(exact.hypergradient))).toBeLessThan(1e-8);
    expect(document.error.estimate).toBeLessThan(1e-8 * Math.hypot(...flatAll(exact.hypergradient)));
  });

  it.each([
    ['closed_form+cholesky', {}],
    ['implicit+cg+newton', smooth],
  ] as const)('of condition 1e8 is solved in float64, and says why: %s', async (candidate, terms) => {
    const page = conditionedPage(folder, 1e8, 2, terms);
    const [exact, document] = [await gradient(page, '--strategy', candidate), await gradient(page, '--strategy', candidate, ...mixed)];
    expect(document.diagnostics.map(({ code }) => code)).toEqual([...exact.diagnostics.map(({ code }) => code), 'BL7006']);
    expect(document.precision_why).toMatch(/^computed in float64.*(ill-conditioned|not-positive-definite)/u);
    expect(document).toMatchObject({ outer: exact.outer, hypergradient: exact.hypergradient, inner: exact.inner });
  });
});

describe('what is not refined says so, and is what float64 gives', () => {
  const ridge = '  dim n = 3\n  data y: [n]\n  hyper a: positive\n  param x: [n]\n  outer minimize mean((x - 1)^2)\n';
  const loss = '  inner minimize mean((x - y)^2) + a * sum(x^2)\n';
  const pages: readonly (readonly [what: string, body: string, because: string, ...flags: string[]])[] = [
    ['a recipe', `${loss}  solve inner with gd(rate = 0.1, steps = 5)\n`, 'a recipe means its steps'],
    ['a composite problem', `${loss.trimEnd()} + a * l1(x)\n`, 'support of a composite problem'],
    [
      'so many steps of a linear solve',
      `${loss}  solve inner with newton\n  differentiate with implicit(solver = cg, steps = 50)\n`,
      'how many steps',
    ],
    ['differences', loss, 'differences are taken of values alone', '--strategy', 'finite_difference'],
  ];
  it.each(pages)('%s', async (_, body, because, ...flags) => {
    const page = folder.page(ridge + body);
    const own = ['--data', `y=${folder.csv('y.csv', [1, 2, 6])}`, ...flags];
    const [exact, document] = [await gradient(page, ...own), await gradient(page, ...own, ...mixed)];
    expect(document).toMatchObject({ precision: 'f64', hypergradient: exact.hypergradient, error: exact.error });
    expect(document.precision_why).toContain(because);
    expect(document.diagnostics.map(({ code }) => code)).toEqual([...exact.diagnostics.map(({ code }) => code), 'BL7006']);
  });
});

it('a run in mixed precision comes to the same optimum', async () => {
  const { page } = caseOf('scalar_ridge');
  const [exact, document] = [await solve(page), await solve(page, ...mixed)];
  expect(document).toMatchObject({ precision: 'mixed', outer_status: exact.outer_status });
  expect(distance([document.outer], [exact.outer])).toBeLessThan(1e-8);
});

it('`auto` is float64 where that is what computes, and says so', async () => {
  const { page } = caseOf('scalar_ridge');
  expect(await gradient(page, '--precision', 'auto')).toMatchObject({ precision: 'f64', precision_why: 'in which `wasm` computes' });
  const { stdout } = await bilevel(['gradient', page, '--precision', 'auto']);
  expect(stdout).toContain('wasm in float64 (in which `wasm` computes)');
});

it('what verifies in mixed precision agrees', async () => {
  const { code, stdout } = await bilevel(['gradient', caseOf('scalar_ridge').page, ...mixed, '--verify', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ agrees: true, precision: 'mixed' });
});

it.each(['ridge_log_penalty', 'lasso'])('the error that float32 says it has covers its true one: %s', async (name) => {
  const { page, points, suggested_rtol: rtol } = caseOf(name);
  for (const { id, hyper, hypergradient } of points) {
    const setting = folder.write(`${name}-${id}.json`, JSON.stringify(hyper));
    const document = await gradient(page, '--set', `@${setting}`, '--precision', 'f32');
    const names = Object.keys(hyper);
    const truth = flatAll(hypergradient, names);
    const error = Math.hypot(...flatAll(document.hypergradient, names).map((x, i) => x - (truth[i] ?? Number.NaN)));
    // The answer has an error too.
    expect(document.error.estimate).toBeGreaterThanOrEqual(0.999 * error - rtol.hypergradient * 1e-3 * Math.hypot(...truth));
    expect(document.error.estimate).toBeLessThan(1e-2 * Math.hypot(...truth));
  }
});
