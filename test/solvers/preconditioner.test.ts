/** Where params have an axis along which one matrix is near every block of the Hessian, and how near it is. */
import { afterAll, describe, expect, it } from 'vitest';
import { analyse } from '../../compiler/analyse.ts';
import { given } from '../../compiler/ir/attributes.ts';
import { buildCandidates } from '../../compiler/module.ts';
import { compile } from '../../compiler/pipeline.ts';
import { problemOf, type Problem } from '../../compiler/problem.ts';
import { nearOf } from '../../compiler/solvers/preconditioner.ts';
import { evaluate, matrix, numbers, randomNumbers, scalar, vector } from '../helpers/evaluate.ts';
import { distance, flatAll, Folder, gradient, solve } from '../helpers/cli.ts';

const page = (inner: string, params = 'param W: [d, k]'): string => `problem p {
  dim n, d, k
  data X: [n, d]
  data Y: [n, k]
  data C: [d, k]
  hyper a: positive
  hyper s: positive[d]
  ${params}
  inner minimize ${inner}
  outer minimize sum((X @ W - Y)^2)
}`;

function problemIn(text: string): Problem {
  const { value, diagnostics } = compile(text, 'p.bilevel');
  const program = value[0]?.program;
  if (program === undefined) throw new Error(diagnostics.map((d) => d.message).join('; '));
  return problemOf(program);
}

function idsOf(text: string): readonly string[] {
  const problem = problemIn(text);
  return buildCandidates(problem, analyse(problem)).plan.candidates.map(({ id }) => id);
}

const id = 'implicit+preconditioned_cg+lbfgs';
const entropy = (Z: string): string => `mean(logsumexp(${Z}, axis = 1) - sum(Y * (${Z}), axis = 1))`;
const w = 'param w: [d]\n let W = [[w[j] for i in k] for j in d]';

describe('an axis that all params share', () => {
  it.each([
    ['classes', `${entropy('X @ W')} + a * sum(W^2)`, undefined],
    ['classes with intercepts', `${entropy('X @ W + [b for i in n]')} + a * sum(W^2)`, 'param W: [d, k]\n param b: [k]'],
    ['classes as rows', `${entropy('X @ V.T')} + a * sum(V^2)`, 'param V: [k, d]\n let W = V.T'],
    ['a penalty for each feature', `${entropy('X @ W')} + sum([s[j] * sum(W[j]^2) for j in d])`, undefined],
    ['outputs of their own', 'sum(softplus(-Y * (X @ W))) + a * sum(W^2)', undefined],
  ])('is seen: %s', (_, inner, params) => {
    expect(idsOf(page(inner, params))).toContain(id);
  });
  it.each([
    ['one output', 'sum(softplus(-X @ w)) + a * sum(w^2)', w],
    ['a quadratic loss', 'sum((X @ W - Y)^2) + a * sum(W^2)', undefined],
    ['a penalty that mixes classes', `${entropy('X @ W')} + a * sum(W^2) + sum(W @ ones(k))^2 / n`, undefined],
    ['another matrix for each class', 'sum(softplus(-X @ (C * W))) + a * sum(W^2)', undefined],
    ['a penalty of neighbours', `${entropy('X @ W')} + a * sum([sum((W[j + 1] - W[j])^2) for j in d - 1])`, undefined],
    ['a penalty with kinks', `${entropy('X @ W')} + a * sum(abs(W))`, undefined],
    ['layers', `${entropy('tanh(X @ V) @ W')} + a * (sum(W^2) + sum(V^2))`, 'param W: [d, k]\n param V: [d, d]'],
    ['samples that mix', `sum(logsumexp(X @ W, axis = 0)) - sum(Y * (X @ W)) + a * sum(W^2)`, undefined],
    ['several valleys', 'sum((tanh(X @ W) - Y)^2) + a * sum(W^2)', undefined],
    ['rows that mix', `${entropy('X @ W')} * ${entropy('X @ W')} + a * sum(W^2)`, undefined],
  ])('is not there: %s', (_, inner, params) => {
    expect(idsOf(page(inner, params))).not.toContain(id);
  });
});

describe('steps that a page counts', () => {
  const multinomial = page(`${entropy('X @ W')} + a * sum(W^2)`);
  const solvedBy = (line: string): string => multinomial.replace('\n}', `\n  ${line}\n}`);
  it.each(['solve inner with lbfgs(memory = 5)', 'differentiate with implicit(solver = cg)'])('are not there: %s', (line) => {
    expect(idsOf(solvedBy(line))).toContain(id);
  });
  it.each(['solve inner with lbfgs(steps = 4)', 'differentiate with implicit(solver = cg, steps = 3)'])(
    'are those of the plain method: %s',
    (line) => {
      expect(idsOf(solvedBy(line))).not.toContain(id);
    },
  );
});

describe('the preconditioner', () => {
  const [n, d, k] = [9, 4, 3];
  const random = randomNumbers(5);
  const table = (rows: number, columns: number): number[][] => Array.from({ length: rows }, () => Array.from({ length: columns }, random));
  const [X, signs] = [table(n, d), table(n, k).map((row) => row.map(Math.sign))];

  /** P⁻¹Hv, Hv, P⁻¹v and v at W, without a value at W = 0. */
  function there(inner: string, penalty: number, W?: readonly number[]): readonly (readonly number[])[] {
    const problem = problemIn(page(inner));
    const { b, program, params, inner: objective } = problem;
    const v = b.input('v', 'state', { dtype: 'real', shape: [params.dimension] });
    const direction = Array.from({ length: d * k }, random);
    const x = b.input('x', 'state', v.type);
    const near = given(nearOf(problem)).at(x);
    const values = new Map([...program.data, ...program.hypers].map(({ name, value }) => [name, value]));
    const inputs = new Map([
      [given(values.get('X')), matrix(X)],
      [given(values.get('Y')), matrix(signs)],
      [given(values.get('a')), scalar(penalty)],
      [given(values.get('s')), vector(...X.flat().slice(0, d).map(Math.abs))],
      [v, vector(...direction)],
      [x, vector(...(W ?? direction.map(() => 0)))],
    ]);
    const product = objective.hessianProduct(x, v);
    return [...evaluate(b, [near(product), product, near(v)], inputs, { n, d, k }).map(numbers), direction];
  }

  it('is the inverse where all positions have the same block', () => {
    const [found = [], , , direction = []] = there('sum(softplus(-Y * (X @ W))) + a * sum(W^2)', 0.3);
    expect(distance(found, direction)).toBeLessThan(1e-12);
  });
  it('is elsewhere the inverse of the mean of all blocks', () => {
    const W = table(d, k);
    const [, , found = [], direction = []] = there('sum(softplus(-Y * (X @ W))) + a * sum(W^2)', 0.3, W.flat());
    const column = (j: number): number[] => X.map((row) => given(row[j]));
    const inner = (u: readonly number[], v: readonly number[]): number => u.reduce((sum, each, i) => sum + each * given(v[i]), 0);
    // The second derivative of softplus is that of its argument's other sign.
    const curvature = (z: number): number => 1 / (2 + Math.exp(z) + Math.exp(-z));
    const weights = X.map((row) => {
      const outputs = W.map((_, c) => c).filter((c) => c < k);
      return (
        outputs.reduce(
          (sum, c) =>
            sum +
            curvature(
              inner(
                row,
                W.map((each) => given(each[c])),
              ),
            ),
          0,
        ) / k
      );
    });
    const P = X[0]?.map((_, i) =>
      X[0]?.map(
        (__, j) =>
          inner(
            column(i).map((each, s) => each * given(weights[s])),
            column(j),
          ) + (i === j ? 0.6 : 0),
      ),
    );
    // P has the features of each class alone: rows of W are features.
    const back = found.map((_, at) => {
      const [i, c] = [Math.floor(at / k), at % k];
      return inner(
        given(given(P)[i]),
        W.map((__, j) => given(found[j * k + c])),
      );
    });
    expect(distance(back, direction)).toBeLessThan(1e-12);
  });
  it('is the identity where what keeps it positive definite is rounding', () => {
    // Features that are one, and a penalty.
    const at = (penalty: number): readonly (readonly number[])[] =>
      there('sum(softplus(-Y * (X @ [ones(d) @ W for j in d]))) + a * sum(W^2)', penalty);
    for (const penalty of [1e-12, 1e-13, 1e-14, 1e-15, 0]) {
      const [found, product] = at(penalty);
      expect(found).toEqual(product);
    }
    const [found = [], , , direction = []] = at(1e-3);
    expect(distance(found, direction)).toBeLessThan(1e-9);
  });
  it('is the identity where it would not be positive definite', () => {
    // Two features that are one, and no penalty.
    const [found, product] = there('sum(softplus(-Y * (X @ [W[0] for j in d]))) + 0 * a * sum(W^2)', 0);
    expect(found).toEqual(product);
  });
});

describe('a multinomial model of features of different sizes', () => {
  const folder = new Folder();
  afterAll(() => folder.remove());
  const random = randomNumbers(8);
  const rows = Array.from({ length: 60 }, () => Array.from({ length: 6 }, (_, j) => Number((random() * 4 ** j).toFixed(5))));
  folder.csv('x.csv', rows);
  folder.csv(
    'y.csv',
    rows.map((row) => [Math.abs(Math.round((row[5] ?? 0) / 500 + (row[4] ?? 0) / 100)) % 4]),
  );
  const model = folder.page(`
    dim n, d, k = 4
    data X: [n, d] from "x.csv"
    data y: int[n] in [0, 3] from "y.csv"
    hyper a: positive = 0.02
    param W: [d, k]
    fn loss(Z: [n, k]): [] = mean(logsumexp(Z, axis = 1) - sum(one_hot(y, k) * Z, axis = 1))
    inner minimize loss(X @ W) + a * sum(W^2)
    outer minimize loss(2 * (X @ W))`);

  it('takes less than half of the steps, and ends where the others do', async () => {
    const [plain, own, factored, single] = await Promise.all([
      ...['implicit+cg+lbfgs', id, 'implicit+cholesky+newton'].map((strategy) => gradient(model, '--strategy', strategy)),
      gradient(model, '--strategy', id, '--precision', 'f32'),
    ]);
    const apart = (other: typeof own): number => distance(flatAll(given(own).hypergradient), flatAll(given(other).hypergradient));
    expect(apart(plain)).toBeLessThan(1e-9);
    expect(apart(factored)).toBeLessThan(1e-9);
    expect(apart(single)).toBeLessThan(1e-3);
    expect(2 * (given(own).inner?.steps ?? NaN)).toBeLessThan(given(plain).inner?.steps ?? NaN);
  });
  it('takes fewer steps to the adjoint too', async () => {
    const linearSteps = async (strategy: string): Promise<number> => (await solve(model, '--strategy', strategy)).spent.linear_steps;
    const [plain, own] = await Promise.all(['implicit+cg+lbfgs', id].map(linearSteps));
    expect(2 * (own ?? NaN)).toBeLessThan(plain ?? NaN);
  });
});
