/**
 * Precisions other than float64, through the command line: mixed precision is as exact as float64, or gives way to it and says why; the
 * error that float32 says it has covers the one that it has. Every reference problem is in `test/deep/mixed.test.ts`.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { problem } from '../library/index.ts';
import { keyOf, normal } from '../runtime/random.ts';
import { conditionedPage } from './helpers/conditioned.ts';
import { bilevel, distance, flatAll, Folder, gradient, solve, type GradientDocument } from './helpers/cli.ts';
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
    expect(document.error.estimate).toBeGreaterThanOrEqual(error - rtol.hypergradient * 1e-3 * Math.hypot(...truth));
    expect(document.error.estimate).toBeLessThan(1e-2 * Math.hypot(...truth));
  }
});

it('the error of float32 is followed where the first order is far from enough: features far from their centre', async () => {
  const key = keyOf(41, 'uncentred');
  const [n, d] = [30, 5];
  const rows = (stream: number): number[][] =>
    Array.from({ length: n }, (_, i) => Array.from({ length: d }, (__, j) => 2300 / 3 ** j + normal(key, stream + i * d + j)));
  const [X, V] = [rows(0), rows(1000)];
  const labels = (of: number[][], stream: number): number[] =>
    of.map((row, i) => row.reduce((sum, x, j) => sum + x * (j - 2), 0) + normal(key, stream + i));
  const [y, z] = [labels(X, 2000), labels(V, 3000)];
  const data = folder.write('uncentred.json', JSON.stringify({ X, V, y, z }));
  const page = folder.page(`
  dim n, d
  data X: [n, d] from "${data}" array X
  data V: [n, d] from "${data}" array V
  data y: [n] from "${data}" array y
  data z: [n] from "${data}" array z
  hyper a: positive
  param w: [d]
  param b: []
  inner minimize mean(sqrt(1 + (X @ w + b - y)^2)) + a * sum(w^2)
  outer minimize mean((V @ w + b - z)^2)
`);
  const own = ['--strategy', 'implicit+cg+lbfgs', '--set', 'a=0.28'];
  const [exact, single] = [await gradient(page, ...own), await gradient(page, ...own, '--precision', 'f32')];
  const [truth, found] = [flatAll(exact.hypergradient), flatAll(single.hypergradient)];
  const error = Math.hypot(...found.map((x, i) => x - (truth[i] ?? Number.NaN)));
  expect(error).toBeGreaterThan(1e-4 * Math.hypot(...truth));
  expect(single.error.estimate).toBeGreaterThanOrEqual(error);
  expect(single.error.estimate).toBeLessThan(2 * error);
});

/** Seconds of a clock, which float32 holds to within a minute or two, and brings to one scale only then. */
const clock = (lines: string): string => {
  const key = keyOf(7, 'clock');
  const rows = Array.from({ length: 40 }, (_, i): readonly number[] => [1.7e9 + 15 * i, Math.sin(i / 9) + 0.1 * normal(key, i)]);
  const file = folder.csv('clock.csv', rows);
  return folder.page(`
  dim n
  data when: [n] from "${file}" column 0
  data y: [n] from "${file}" column 1
  split n into train 60%, valid 40%, seed 3
  hyper a: positive = 0.0625
  param w: []
  param b: []
  let t = (when - mean(when[train])) / std(when[train])
  inner minimize mean((t[train] * w + b - y[train])^2) + a * w^2
  outer minimize mean((t[valid] * w + b - y[valid])^2)
  ${lines}`);
};

it.each(['', 'solve inner with gd(rate = 0.1, steps = 20)', 'solve inner with adam(rate = 0.05, steps = 30)'])(
  'data that float32 cannot hold leave an error that is told, and doubted: %s',
  async (lines) => {
    const page = clock(lines);
    const [exact, single] = [await gradient(page), await gradient(page, '--precision', 'f32')];
    const [truth, found] = [flatAll(exact.hypergradient), flatAll(single.hypergradient)];
    const error = Math.hypot(...found.map((x, i) => x - (truth[i] ?? Number.NaN)));
    expect(error).toBeGreaterThan(0.1 * Math.hypot(...found));
    expect(single.error.estimate).toBeGreaterThanOrEqual(error);
    expect(single.error.estimate).toBeLessThan(1.01 * error);
    expect(single.error.why).toContain('float64');
    const doubt = single.diagnostics.find(({ code }) => code === 'BL8016');
    expect(doubt?.hints[0]).toContain('float32 computed this');
  },
);

it('a recipe over folds is judged in each', async () => {
  const page = folder.page(`
  dim n = 12
  data y: [n]
  split n into train, valid by 3 folds, seed 1
  hyper a: positive = 0.5
  param x: []
  inner minimize mean((10000 + x - y[train])^2) + a * x^2
  outer minimize mean((10000 + x - y[valid])^2)
  solve inner with gd(rate = 0.2, steps = 50)`);
  const data = [
    '--data',
    `y=${folder.csv(
      'far.csv',
      Array.from({ length: 12 }, (_, i) => 10000 + Math.sin(i)),
    )}`,
  ];
  const [exact, single] = [await gradient(page, ...data), await gradient(page, ...data, '--precision', 'f32')];
  const error = Math.abs((flatAll(single.hypergradient)[0] ?? Number.NaN) - (flatAll(exact.hypergradient)[0] ?? Number.NaN));
  expect(single.error.estimate).toBeGreaterThanOrEqual(error);
  expect(single.error.estimate).toBeLessThan(1e-2);
});

it('what was left to choose, and float32 fails at, is computed in float64, and says so', async () => {
  const key = keyOf(5, 'unscaled');
  const [n, d] = [30, 6];
  const rows = (stream: number): number[][] =>
    Array.from({ length: n }, (_, i) => {
      const common = 3 * normal(key, stream + i);
      return Array.from({ length: d }, (__, j) => (normal(key, stream + 100 + i * d + j) + common) * 10 ** (-0.9 * j));
    });
  const [X, V] = [rows(0), rows(1000)];
  const labels = (of: number[][], stream: number): number[] =>
    of.map((row, i) => 100 + row.reduce((sum, x, j) => sum + x * 10 ** (0.9 * j), 0) + normal(key, stream + i));
  const data = folder.write('unscaled.json', JSON.stringify({ X, V, y: labels(X, 2000), z: labels(V, 3000) }));
  const page = folder.page(`
  dim n, d
  data X: [n, d] from "${data}" array X
  data V: [n, d] from "${data}" array V
  data y: [n] from "${data}" array y
  data z: [n] from "${data}" array z
  hyper a: positive = 1e-4
  param w: [d]
  inner minimize mean((X @ w - y)^2) + a * sum(abs(w))
  outer minimize mean((V @ w - z)^2)
`);
  const { code, stdout } = await bilevel(['gradient', page, '--precision', 'f32', '--json']);
  expect(code).not.toBe(0);
  const failed = JSON.parse(stdout) as GradientDocument;
  expect(failed.diagnostics.find(({ severity }) => severity === 'error')?.hints[0]).toContain('float32 computed this');
  const [exact, chosen] = [await gradient(page), await gradient(page, '--backend', 'tfjs-cpu')];
  expect(chosen).toMatchObject({ backend: 'wasm', precision: 'f64', status: 'converged' });
  expect(chosen.precision_why).toMatch(/^computed in float64: on `tfjs-cpu` the solve in float32 ended /u);
  expect(chosen.diagnostics.map(({ code: each }) => each)).toContain('BL7006');
  expect(distance(flatAll(chosen.hypergradient), flatAll(exact.hypergradient))).toBeLessThan(1e-6);
});

it('the error that float32 says it has covers a support that float32 mistakes', async () => {
  const page = folder.page(`
  dim n
  data y: [n]
  data z: [n]
  hyper a: positive = 1
  param w: [n]
  inner minimize sum((w - y)^2) + a * l1(w)
  outer minimize sum((w - z)^2)
`);
  const own = ['--data', `y=${folder.csv('edge.csv', [0.5 + 1e-8, 2])}`, '--data', `z=${folder.csv('ones.csv', [1, 1])}`];
  const [exact, single] = [await gradient(page, ...own), await gradient(page, ...own, '--precision', 'f32')];
  const error = Math.abs((flatAll(single.hypergradient)[0] ?? Number.NaN) - (flatAll(exact.hypergradient)[0] ?? Number.NaN));
  expect(error).toBeGreaterThan(0.5);
  expect(single.error.estimate).toBeGreaterThanOrEqual(error);
});

describe('where float64 stands in', () => {
  const page = problem(`problem p {
  dim n
  data y: [n]
  hyper a: real
  param w: [n]
  inner minimize sum((w - y)^2) + 0.1 * sum(w^2)
  outer minimize log(sum(exp(60 * a * w))) / 60 + 3 / (0.2 + a^2)
  report r = sum(exp(60 * a * w))
  solve inner with gd(rate = 0.1, steps = 10)
}`);
  const data = { y: [0.1, 0.7, 1.5] };

  it('its reports are those of float64, and the next point is tried anew', async () => {
    const bound = await page.bind(data, { backend: 'tfjs-cpu' });
    const [, far, near] = [await bound.hypergradient({ a: 1 }), await bound.hypergradient({ a: 2 }), await bound.hypergradient({ a: 1 })];
    const exact = await page.hypergradient(data, { a: 2 });
    expect([far.hypergradient, far.report, far.outer]).toEqual([exact.hypergradient, exact.report, exact.outer]);
    expect(far.computedBy).toMatchObject({ backend: 'wasm', precision: 'f64' });
    expect(far.warnings.map(({ code }) => code)).toEqual(['BL7006']);
    expect(near.computedBy).toMatchObject({ backend: 'tfjs-cpu', precision: 'f32' });
    expect((await bound.hypergradient({ a: 1 }, { error: false })).computedBy.judged).toBeUndefined();
    bound.close();
  });

  it('an abort while it is made ready leaves nothing half done', async () => {
    for (let looks = 1, isDone = false; !isDone; looks++) {
      const bound = await page.bind(data, { backend: 'tfjs-cpu' });
      let left = looks;
      const { signal } = new AbortController();
      const late = new Proxy(signal, { get: (of, name) => (name === 'aborted' ? left-- <= 0 : (Reflect.get(of, name) as unknown)) });
      isDone = await bound.hypergradient({ a: 2 }, { signal: late }).then(
        () => true,
        (error: unknown) => {
          expect((error as Error).message).toContain('interrupted');
          return false;
        },
      );
      expect((await bound.hypergradient({ a: 2 })).computedBy.precision).toBe('f64');
      bound.close();
    }
  });
});
