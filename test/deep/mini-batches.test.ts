/** Mini-batches: which members a step sees, what becomes of sums and means, and which losses and pages are refused. */
import { afterAll, describe, expect, it } from 'vitest';
import { number as dim } from '../../compiler/ir/dims.ts';
import { lowerPage } from '../../compiler/lower/program.ts';
import { onSubset } from '../../compiler/transform/subset.ts';
import { parse } from '../../grammar/parse.ts';
import { keyOf, shuffled } from '../../runtime/random.ts';
import { Folder, bilevel, distance, failing, flat, flatAll, gradient, solve, uniforms, verify } from '../helpers/cli.ts';
import { evaluate, matrix, numbers, scalar, vector } from '../helpers/evaluate.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const next = uniforms(5);
const count = 20;
const rows = Array.from({ length: count }, () => [next(), next(), next()]);
const targets = rows.map(([a = 0, b = 0]) => a - 2 * b + 0.1 * next());
folder.csv('X.csv', rows);
folder.csv('y.csv', targets);

const page = (solver: string, loss = 'mean((X[train] @ w - y[train])^2)', more = ''): string =>
  folder.page(`
    dim n, d
    data X: [n, d] from "X.csv"
    data y: [n] from "y.csv"
    split n into train 60%, valid 40%, unshuffled
    hyper rate: real = 0.1
    hyper trust: real[n] = 1
    ${more}
    param w: [d]
    inner minimize ${loss} + 0.01 * sum(w^2) + 0 * sum(trust)
    outer minimize mean((X[valid] @ w - y[valid])^2)
    solve inner with ${solver}`);

describe('a step', () => {
  /** Gradient steps on the mean square over the members of `order`, five of `size` at a time. */
  function taken(size: number, steps: number, seed: number, set: string, members: number): readonly number[] {
    const each = Math.floor(members / size);
    let w = [0, 0, 0];
    for (let t = 0; t < steps; t += 1) {
      const order = shuffled(keyOf(seed, `batch:${set}:${Math.floor(t / each)}`), members);
      const batch = [...order.subarray((t % each) * size, ((t % each) + 1) * size)];
      const residual = batch.map((i) => (rows[i] ?? []).reduce((sum, x, j) => sum + x * (w[j] ?? 0), -(targets[i] ?? 0)));
      w = w.map((x, j) => x - 0.1 * (batch.reduce((sum, i, k) => sum + 2 * (residual[k] ?? 0) * (rows[i]?.[j] ?? 0), 0) / size + 0.02 * x));
    }
    return w;
  }

  it.each([
    ['the index set that the loss uses', 'batch = 5', 'train', 12, 0],
    ['a set by its name, and the run’s seed', 'batch = 5, over = train', 'train', 12, 7],
  ])('sees members of %s, epoch by epoch, without replacement', async (_, options, set, members, seed) => {
    const { param } = await gradient(page(`sgd(rate = 0.1, steps = 7, ${options})`), '--seed', String(seed));
    expect(distance(flatAll(param), taken(5, 7, seed, set, members))).toBeLessThan(1e-13);
  });

  it('sees members of a dim', async () => {
    const { param } = await gradient(page('sgd(rate = 0.1, steps = 6, batch = 8, over = n)', 'mean((X @ w - y)^2)'));
    expect(distance(flatAll(param), taken(8, 6, 0, 'n', count))).toBeLessThan(1e-13);
  });

  it('is differentiated in a rate, and in hypers of which a batch sees a part; alike on both backends', async () => {
    const at = page('adam(rate = rate, epsilon = 0.01, steps = 6, batch = 4)', 'mean(trust[train] * (X[train] @ w - y[train])^2)');
    const document = await verify(at);
    expect(document.agrees).toBe(true);
    expect(flat(document.hypergradient['trust'] ?? []).slice(12)).toEqual(Array(8).fill(0));
    const reference = await gradient(at, '--backend', 'reference');
    const names = ['rate', 'trust'];
    expect(distance(flatAll(document.hypergradient, names), flatAll(reference.hypergradient, names))).toBeLessThan(1e-12);
  });

  it('goes on where a norm of a param is 0, as a step without batches does', async () => {
    const document = await verify(page('sgd(rate = rate, steps = 5, batch = 4)', 'norm(w) + mean((X[train] @ w - y[train])^2)'));
    expect(document.agrees).toBe(true);
    expect(flatAll(document.hypergradient, ['rate']).every((g) => Number.isFinite(g) && g !== 0)).toBe(true);
  });

  it('sees the same sequence at every outer step, and another with another seed', async () => {
    const again = folder.page(`
      dim n, d
      data X: [n, d] from "X.csv"
      data y: [n] from "y.csv"
      hyper rate: real = 0.1
      hyper still: real = 1
      param w: [d]
      inner minimize mean((X @ w - y)^2)
      outer minimize mean((X @ w - y)^2) + still^2
      solve inner with sgd(rate = 0.1 + 0 * rate, steps = 5, batch = 3, over = n)
      solve outer with gd(rate = 0.25, steps = 3)`);
    const { history } = await solve(again);
    const criteria = history.map(({ outer, hyper }) => outer - Number(hyper['still']) ** 2);
    expect(
      distance(
        criteria,
        criteria.map(() => criteria[0] ?? Number.NaN),
      ),
    ).toBeLessThan(1e-13);
    const { outer } = await gradient(page('sgd(rate = rate, steps = 5, batch = 3)'));
    const other = await gradient(page('sgd(rate = rate, steps = 5, batch = 3)'), '--seed', '1');
    expect(other.outer).not.toBe(outer);
  });

  it('of the whole set is a step without batches', async () => {
    for (const loss of ['mean((X[train] @ w - y[train])^2)', 'sum(trust[train] * (X[train] @ w - y[train])^2) / 9']) {
      const [whole, plain] = [
        await gradient(page('heavy_ball(rate = rate, steps = 5, batch = 12)', loss)),
        await gradient(page('heavy_ball(rate = rate, steps = 5)', loss)),
      ];
      expect(distance(flatAll(whole.param), flatAll(plain.param))).toBeLessThan(1e-13);
      expect(distance(flatAll(whole.hypergradient, ['rate']), flatAll(plain.hypergradient, ['rate']))).toBeLessThan(1e-12);
    }
  });

  it('counts nothing in what is reported: the inner loss is that of all', async () => {
    const { inner, param } = await gradient(page('sgd(rate = 0.1, steps = 3, batch = 4)'));
    const w = flatAll(param);
    const squares = rows.slice(0, 12).map((row, i) => (row.reduce((sum, x, j) => sum + x * (w[j] ?? 0), 0) - (targets[i] ?? 0)) ** 2);
    expect(inner.loss).toBeCloseTo(squares.reduce((a, b) => a + b, 0) / 12 + 0.01 * w.reduce((sum, x) => sum + x * x, 0), 13);
  });
});

/** The inner loss of a page on some members of `n`, by the interpreter. */
function lossOn(loss: string, members: readonly number[]): number | 'mixed' {
  const text = `problem p {
    dim n, d = 3
    data X: [n, d]
    data y: [n]
    data g: int[n] in [0, 2]
    hyper a: real[n]
    param w: [d]
    inner minimize ${loss}
    outer minimize sum(w^2)
  }`;
  const { value, diagnostics } = lowerPage(parse(text, 'p').value);
  const [program] = value;
  if (program === undefined || diagnostics.length > 0) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const b = program.builder;
  const positions = b.input('positions', 'data', { dtype: 'int', shape: [dim(members.length)] });
  const found = onSubset(b, program.inner.value, { dim: 'n', size: members.length, positions });
  if (!found.ok) return 'mixed';
  const labels = rows.map((_, i) => i % 3);
  const inputs = new Map([
    [positions, vector(...members)],
    ...program.data.map(({ name, value: v }) => [v, name === 'X' ? matrix(rows) : vector(...(name === 'y' ? targets : labels))] as const),
    ...program.hypers.map(({ value: v }) => [v, vector(...targets.map((x) => 1 + x * x))] as const),
    ...program.params.map(({ value: v }) => [v, vector(0.3, -0.7, 0.2)] as const),
    [program.step, scalar(0)],
  ]);
  return numbers(evaluate(b, [found.value], inputs, { n: count, d: 3 })[0])[0] ?? Number.NaN;
}

describe('the batches of an epoch', () => {
  const all = Array.from({ length: count }, (_, i) => i);
  const order = shuffled(keyOf(3, 'order'), count);
  const parts = [0, 5, 10, 15].map((from) => [...order.subarray(from, from + 5)]);

  // Losses that are linear in sums over the set.
  it.each([
    'mean((X @ w - y)^2)',
    'sum((X @ w - y)^2) + sum(w^2)',
    'dot(X @ w - y, X @ w - y)',
    'norm(X @ w - y)^2',
    'w @ (X.T @ X) @ w - 2 * w @ (X.T @ y)',
    'sum(a * softplus(-y * (X @ w)))',
    'mean(logsumexp(X * w, axis = 1) - sum(one_hot(g, 3) * X * w, axis = 1))',
    'mean(concat(X, ones(n, 1), axis = 1) @ concat(w, [1], axis = 0))',
    'sum([(X[t] @ w - y[t])^2 for t in n]) / n',
    'sum([exp(x @ w) for x in X])',
    'mean(w[g] * y)',
    'sum(reshape(X @ w, [n, 1]) * reshape(y, [n, 1]))',
    'mean(max(X * w, axis = 1))',
    'sum(w * (a @ X)) + sum(cumsum(a @ X, axis = 0))',
  ])('%s: the mean of the parts is the whole', (loss) => {
    const whole = lossOn(loss, all);
    const found = parts.map((part) => Number(lossOn(loss, part)));
    expect(found.reduce((sum, x) => sum + x, 0) / parts.length).toBeCloseTo(Number(whole), 12);
    expect(Math.abs((found[0] ?? 0) - Number(whole))).toBeGreaterThan(1e-6);
  });

  it.each([
    'sum(X[0] * w) + mean(X @ w)',
    'sum(cumsum(X @ w, axis = 0))',
    'sum((X @ X.T) * eye(n)) + sum(w)',
    'sum((X @ w)[1 .. -1] - (X @ w)[0 .. -2])',
    'sum(concat(X @ w, y, axis = 0))',
    'sum(reshape(X, [d, n])) + sum(w)',
  ])('%s has no parts', (loss) => {
    expect(lossOn(loss, parts[0] ?? [])).toBe('mixed');
  });
});

describe('a page is refused', () => {
  it.each([
    ['to a tolerance', page('sgd(rate = 0.1, batch = 4, tolerance = 1e-3)'), /recipe/u],
    ['of a solver that has none', page('lbfgs(batch = 4)'), /no option `batch`/u],
    ['of nothing that is named', page('sgd(rate = 0.1, steps = 3, batch = 4)', 'mean((X @ w - y)^2)'), /no index set/u],
    [
      'of two candidates',
      page('sgd(rate = 0.1, steps = 3, batch = 4)', 'mean((X[train] @ w)^2) + mean(X[valid] @ w)'),
      /`train` and `valid`/u,
    ],
    ['of what does not occur', page('sgd(rate = 0.1, steps = 3, batch = 4, over = valid)'), /does not run over `valid`/u],
    ['of a name that is none', page('sgd(rate = 0.1, steps = 3, batch = 4, over = trian)'), /no index set and no dim/u],
    ['`over` alone', page('sgd(rate = 0.1, steps = 3, over = train)'), /no `batch`/u],
    ['of a dim that a set picks from', page('sgd(rate = 0.1, steps = 3, batch = 4, over = n)'), /mixes/u],
    ['of no member', page('sgd(rate = 0.1, steps = 3, batch = 0)'), /at least 1/u],
  ])('%s', async (_, at, says) => {
    const { diagnostics } = await failing(1, 'check', at);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]?.message).toMatch(says);
  });

  it('of all of a dim whose size the page fixes', async () => {
    const at = folder.page(`
      dim n = 20
      data y: [n] from "y.csv"
      hyper a: real = 1
      param w: []
      inner minimize mean((w - y)^2) + a^2 * w^2
      outer minimize w^2
      solve inner with sgd(rate = 0.1, steps = 3, batch = 20, over = n)`);
    const { diagnostics } = await failing(1, 'check', at);
    expect(diagnostics.map((d) => d.code)).toEqual(['BL3022']);
  });

  it('where a batch is larger than the set, which binding knows', async () => {
    const { code, stdout } = await bilevel(['gradient', page('sgd(rate = 0.1, steps = 3, batch = 13)'), '--json']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/BL6032/u);
  });
});
