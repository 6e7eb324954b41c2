/** Every kind of composite problem on random data: all strategies and solvers against each other and against differences. */
import { afterAll, expect, it } from 'vitest';
import { Folder, verify } from '../helpers/cli.ts';
import { randomNumbers } from '../helpers/evaluate.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const random = randomNumbers(5);
const rowOf = (count: number): readonly number[] => Array.from({ length: count }, () => 2 * random());
const matrixOf = (rows: number, columns: number): readonly (readonly number[])[] => Array.from({ length: rows }, () => rowOf(columns));
const [train, test] = [matrixOf(14, 6), matrixOf(9, 6)];
const weights = [1, -2, 0.05, 0, 1.5, -0.1];
const targets = (rows: readonly (readonly number[])[]): readonly number[] =>
  rows.map((row) => row.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0) + 0.3 * random());
const [y, z] = [targets(train), targets(test)];

const page = (hypers: string, params: string, penalty: string, loss = 'mean((predict(A) - y)^2)', w = 'w'): string =>
  folder.page(`
    ${hypers}
    ${params}
    let A = ${JSON.stringify(train)}
    let B = ${JSON.stringify(test)}
    let y = ${JSON.stringify(y)}
    let z = ${JSON.stringify(z)}
    fn predict(X: [k, 6]): [k] = X @ ${w}
    inner minimize ${loss} + ${penalty}
    outer minimize mean((predict(B) - z)^2)`);

it.each([
  ['l1', 'hyper a: positive = 0.3', 'param w: [6]', 'a * l1(w)'],
  ['weighted l1', 'hyper a: positive[6] = [0.3, 0.2, 0.5, 1, 0.1, 0.4]', 'param w: [6]', 'sum(a * abs(w))'],
  ['elastic net', 'hyper a: positive = 0.2 hyper r: positive = 0.1', 'param w: [6]', 'a * l1(w) + r * sum(w^2)'],
  ['l1 about data', 'hyper a: positive = 0.3', 'param w: [6]', 'a * sum(abs(w - [1, 0, 0.1, 0.1, 0, -0.1]))'],
  ['bounds', 'hyper r: positive = 0.1', 'param w: real[6] in [-0.5, 1.2]', 'r * sum(w^2)'],
  ['l1 in bounds', 'hyper r: positive = 0.1 hyper a: positive = 0.2', 'param w: real[6] in [-0.5, 1.2]', 'r * sum(w^2) + a * l1(w)'],
  ['nonnegative', 'hyper r: positive = 0.1 hyper c: real = 0.2', 'param w: nonnegative[6]', 'r * sum(w^2) + c * sum(w)'],
  ['the simplex', 'hyper r: positive = 0.3', 'param w: simplex[6]', 'r * sum((w - [0.1, 0, 0.2, 0.3, 0.9, -0.4])^2)'],
  ['one norm', 'hyper a: positive = 0.3', 'param w: [6]', 'a * norm(w)'],
  ['everything held', 'hyper a: positive = 300', 'param w: [6]', 'a * l1(w) '],
  ['everything free', 'hyper a: positive = 1e-7', 'param w: [6]', 'a * l1(w)'],
])('%s', async (_, hypers, params, penalty) => {
  expect((await verify(page(hypers, params, penalty))).agrees).toBe(true);
});

it.each([
  ['norms of rows', 'hyper a: positive = 0.6', 'param w: [3, 2]', 'a * sum(norm(w, axis = 1))'],
  ['weighted norms', 'hyper a: positive[3] = [0.1, 3, 0.6]', 'param w: [3, 2]', 'sum(a * norm(w, axis = 1))'],
  ['simplices', 'hyper r: positive = 0.3', 'param w: simplex[2, 3]', 'r * sum((w - [[0.1, 0, 0.2], [0.3, 0.9, -0.4]])^2)'],
])('%s', async (_, hypers, params, penalty) => {
  expect((await verify(page(hypers, params, penalty, undefined, 'reshape(w, [6])'))).agrees).toBe(true);
});

it('a loss that is not quadratic', async () => {
  const loss = 'mean(softplus(-sign(y) * (predict(A) + b)))';
  expect((await verify(page('hyper a: real = -3', 'param w: [6]\n param b: []', 'exp(a) * l1(w)', loss))).agrees).toBe(true);
});

it('two params, each with a term of its own', async () => {
  const params = 'param u: nonnegative[3]\n param v: [3]';
  const penalty = 'a * sum(u) + c * l1(v)';
  const hypers = 'hyper a: positive = 0.5 hyper c: positive = 0.2';
  expect((await verify(page(hypers, params, penalty, undefined, 'concat(u, v, axis = 0)'))).agrees).toBe(true);
});

it.each([
  ['fista(rate = rate, steps = 9)', 'a * sum(abs(w))', '[4] = [0.1, 0.2, -0.3, 0.4]'],
  ['fista(rate = rate / (1 + step), steps = 9, restart = false)', 'a * norm(w)', '[4] = [0.1, 0.2, -0.3, 0.4]'],
  ['fista(rate = rate, steps = 1)', 'a * sum(w^2)', 'nonnegative[4] = [0.1, 0.2, 0, 0.4]'],
  ['proximal_gradient(rate = rate, steps = 9)', 'a * sum(w^2)', 'simplex[4]'],
  ['proximal_gradient(rate = rate, steps = 0)', 'a * sum(w^2)', 'real[4] in [-1, 1]'],
])('%s of %s is differentiated step by step', async (method, penalty, param) => {
  const { agrees, strategy } = await verify(
    folder.page(`
      hyper a: positive = 0.1
      hyper rate: positive = 0.1
      param w: ${param}
      inner minimize mean(([[1, 2, 0.3, 1], [0.2, 1, 0, -1], [1, 0.1, -2, 0.3]] @ w - [1, 2, 0.5])^2) + ${penalty}
      outer minimize sum((w - [1, 0, 0.5, 0.2])^2) + rate^2 + a^2
      solve inner with ${method}`),
  );
  expect([agrees, strategy]).toEqual([true, 'unrolled']);
});
