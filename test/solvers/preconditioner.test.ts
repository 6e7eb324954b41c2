/** Where one matrix is near the Hessian, or every block of it, and how near it is. */
import { afterAll, describe, expect, it } from 'vitest';
import { analyse } from '../../compiler/analyse.ts';
import { given } from '../../compiler/ir/attributes.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { buildCandidates } from '../../compiler/module.ts';
import { compile } from '../../compiler/pipeline.ts';
import { problemOf, type Problem } from '../../compiler/problem.ts';
import { nearOf } from '../../compiler/solvers/preconditioner.ts';
import { evaluate as evaluateIn } from '../../plan/evaluate.ts';
import { environmentOf } from '../../plan/predict.ts';
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

const id = 'implicit+pcg+lbfgs';
const entropy = (Z: string): string => `mean(logsumexp(${Z}, axis = 1) - sum(Y * (${Z}), axis = 1))`;
const w = 'param w: [d]\n let W = [[w[j] for i in k] for j in d]';

const positionsOf = (text: string): string | undefined => nearOf(problemIn(text))?.count.key;

describe('an axis that all params share', () => {
  it.each([
    ['classes', `${entropy('X @ W')} + a * sum(W^2)`, undefined],
    ['classes with intercepts', `${entropy('X @ W + [b for i in n]')} + a * sum(W^2)`, 'param W: [d, k]\n param b: [k]'],
    ['classes as rows', `${entropy('X @ V.T')} + a * sum(V^2)`, 'param V: [k, d]\n let W = V.T'],
    ['a penalty for each feature', `${entropy('X @ W')} + sum([s[j] * sum(W[j]^2) for j in d])`, undefined],
    ['outputs of their own', 'sum(softplus(-Y * (X @ W))) + a * sum(W^2)', undefined],
  ])('is seen: %s', (_, inner, params) => {
    expect(idsOf(page(inner, params))).toContain(id);
    expect(positionsOf(page(inner, params))).toBe('k');
  });
});

describe('values that params meet in, each with one number for its curvature', () => {
  const one = 'param w: [d]\n param c: []\n let W = [[w[j] + c for i in k] for j in d]';
  it.each([
    ['one output', 'sum(softplus(-X @ w)) + a * sum(w^2)', w],
    ['an intercept', 'sum(softplus(-X @ w - [c for i in n])) + a * sum(w^2)', one],
    ['counts', 'sum(exp(X @ w) - Y[:, 0] * (X @ w)) + a * sum(w^2)', w],
    ['features that hypers scale', 'sum(softplus(-(X * [s for i in n]) @ w)) + a * sum(w^2)', w],
    ['alternatives that exclude each other', 'sum(logsumexp(X @ (C * [[w[j] for i in k] for j in d]), axis = 1)) + a * sum(w^2)', w],
    ['a penalty that mixes classes', `${entropy('X @ W')} + a * sum(W^2) + sum(W @ ones(k))^2 / n`, undefined],
    ['another matrix for each class', 'sum(softplus(-X @ (C * W))) + a * sum(W^2)', undefined],
    ['a penalty of neighbours', `${entropy('X @ W')} + a * sum([sum((W[j + 1] - W[j])^2) for j in d - 1])`, undefined],
    ['samples that mix', `sum(logsumexp(X @ W, axis = 0)) - sum(Y * (X @ W)) + a * sum(W^2)`, undefined],
  ])('are seen: %s', (_, inner, params) => {
    expect(idsOf(page(inner, params))).toContain(id);
    expect(positionsOf(page(inner, params))).toBe('1');
  });
  it('are multiplied with each other once, where they are made of data alone', () => {
    const products = (inner: string): number => {
      const problem = problemIn(page(inner, w));
      const { plan } = buildCandidates(problem, analyse(problem));
      const cost = plan.candidates.find((each) => each.id === id)?.cost?.products ?? Number.NaN;
      return evaluateIn(cost, environmentOf(plan, { n: 1e6, d: 1000, k: 1 })) ?? Number.NaN;
    };
    const [hoisted, moving] = [
      products('sum(softplus(-X @ w)) + a * sum(w^2)'),
      products('sum(softplus(-(X * [s for i in n]) @ w)) + a * sum(w^2)'),
    ];
    // One of 2 n d², for the start of the inner solve and for its end.
    expect((moving - hoisted) / 2e12).toBeCloseTo(1, 1);
  });
});

describe('no matrix', () => {
  it.each([
    ['of a quadratic loss', 'sum((X @ W - Y)^2) + a * sum(W^2)', undefined],
    ['where a penalty has kinks', `${entropy('X @ W')} + a * sum(abs(W))`, undefined],
    ['where a penalty is of no form', `${entropy('X @ W')} + a * sqrt(1 + sum(W^2))`, undefined],
    ['through layers', `${entropy('tanh(X @ V) @ W')} + a * (sum(W^2) + sum(V^2))`, 'param W: [d, k]\n param V: [d, d]'],
    ['where there may be several valleys', 'sum((tanh(X @ W) - Y)^2) + a * sum(W^2)', undefined],
    ['where rows and classes mix', `${entropy('X @ W')} * ${entropy('X @ W')} + a * sum(W^2)`, undefined],
  ])('%s', (_, inner, params) => {
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
  const [X, C, signs] = [table(n, d), table(d, k), table(n, k).map((row) => row.map(Math.sign))];

  /** P⁻¹Hv, Hv, P⁻¹v and v at a point, by default at 0, of so many params. */
  function there(
    inner: string,
    penalty: number,
    point?: readonly number[],
    { params: declared, length = d * k }: { readonly params?: string; readonly length?: number } = {},
  ): readonly (readonly number[])[] {
    const problem = problemIn(page(inner, declared));
    const { b, program, params, inner: objective } = problem;
    const v = b.input('v', 'state', { dtype: 'real', shape: [params.dimension] });
    const direction = Array.from({ length }, random);
    const x = b.input('x', 'state', v.type);
    const near = given(nearOf(problem)).at(x);
    const values = new Map([...program.data, ...program.hypers].map(({ name, value }) => [name, value]));
    const inputs = new Map([
      [given(values.get('X')), matrix(X)],
      [given(values.get('Y')), matrix(signs)],
      [given(values.get('a')), scalar(penalty)],
      [given(values.get('C')), matrix(C)],
      [given(values.get('s')), vector(...X.flat().slice(0, d).map(Math.abs))],
      [v, vector(...direction)],
      [x, vector(...(point ?? direction.map(() => 0)))],
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
  it.each([
    ['one output', 'sum(softplus(-X @ w)) + a * sum(w^2)', 'param w: [d]\n let W = [[w[j] for i in k] for j in d]', d],
    [
      'an intercept without a penalty, a penalty for each feature',
      'sum(softplus(-X @ w - [c for i in n])) + sum(s * w^2)',
      'param w: [d]\n param c: []\n let W = [[w[j] + c for i in k] for j in d]',
      d + 1,
    ],
    ['several outputs', 'sum(softplus(-X @ (C * W))) + a * sum(W^2)', undefined, d * k],
    [
      'two losses',
      'sum(softplus(-X @ w)) + 3 * sum(exp(C.T @ w)) + a * sum(w^2)',
      'param w: [d]\n let W = [[w[j] for i in k] for j in d]',
      d,
    ],
  ])('is the inverse where each value has one curvature: %s', (_, inner, params, length) => {
    const [found = [], , , direction = []] = there(inner, 0.3, undefined, { ...(params === undefined ? {} : { params }), length });
    expect(distance(found, direction)).toBeLessThan(1e-12);
  });
  it('is elsewhere that of the mean of its curvatures', () => {
    const w = table(1, d).flat();
    const page = 'sum(exp(X @ w) - Y[:, 0] * (X @ w)) + a * sum(w^2)';
    const [, , found = [], direction = []] = there(page, 0.3, w, {
      params: 'param w: [d]\n let W = [[w[j] for i in k] for j in d]',
      length: d,
    });
    const dot = (u: readonly number[], v: readonly number[]): number => u.reduce((sum, each, i) => sum + each * given(v[i]), 0);
    const mean = X.reduce((sum, row) => sum + Math.exp(dot(row, w)), 0) / n;
    const back = found.map((each, i) => 0.6 * each + mean * X.reduce((sum, row) => sum + given(row[i]) * dot(row, found), 0));
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

describe('features of different sizes', () => {
  const folder = new Folder();
  afterAll(() => folder.remove());
  const random = randomNumbers(8);
  const rows = Array.from({ length: 60 }, () => Array.from({ length: 6 }, (_, j) => Number((random() * 4 ** j).toFixed(5))));
  const score = (row: readonly number[]): number => Math.abs(Math.round((row[5] ?? 0) / 500 + (row[4] ?? 0) / 100));
  folder.csv('x.csv', rows);
  folder.csv(
    'y.csv',
    rows.map((row) => [score(row) % 4]),
  );
  const pageOf = (labels: string, param: string, loss: string, norm: string): string =>
    folder.page(`
    dim n, d, k = 4
    data X: [n, d] from "x.csv"
    data y: int[n] in [0, 3] from "y.csv"
    hyper a: positive = 0.02
    param ${param}
    ${labels}
    ${loss}
    inner minimize loss(X @ ${param[0] ?? ''}) + a * sum(${norm})
    outer minimize loss(2 * (X @ ${param[0] ?? ''}))`);
  const models = [
    [
      'a multinomial model',
      pageOf('', 'W: [d, k]', 'fn loss(Z: [n, k]): [] = mean(logsumexp(Z, axis = 1) - sum(one_hot(y, k) * Z, axis = 1))', 'W^2'),
      2,
    ],
    [
      'a logistic one',
      pageOf('let t = [if y[i] < 2 then 1.0 else 0.0 for i in n]', 'w: [d]', 'fn loss(z: [n]): [] = mean(softplus(z) - t * z)', 'w^2'),
      // Without, six params never take more than some six.
      1.5,
    ],
  ] as const;

  it.each(models)('%s takes less than half of the steps, and ends where the others do', async (_, model) => {
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
  it.each(models)('%s takes fewer steps to the adjoint too', async (_, model, times) => {
    const linearSteps = async (strategy: string): Promise<number> => (await solve(model, '--strategy', strategy)).spent.linear_steps;
    const [plain, own] = await Promise.all(['implicit+cg+lbfgs', id].map(linearSteps));
    expect(times * (own ?? NaN)).toBeLessThan(plain ?? NaN);
  });
});

it.each([
  ['of all positions', `${entropy('X @ W')} + a * sum(W^2)`, undefined],
  ['with one number for a curvature', 'sum(softplus(-X @ w)) + a * sum(w^2)', w],
])('the factor %s is made once in a hypergradient, for the inner solve and the adjoint', (_, inner, params) => {
  const problem = problemIn(page(inner, params));
  const stages = buildCandidates(problem, analyse(problem)).stages.get(id)?.();
  const factors = ({ nodes }: Graph): number =>
    nodes.reduce(
      (count, { op, attributes: { body, test } }) =>
        count + Number(op === 'cholesky') + (body === undefined ? 0 : factors(body)) + (test === undefined ? 0 : factors(test)),
      0,
    );
  expect(stages && factors(stages.hypergradient.graph)).toBe(1);
});

describe('features that depend on each other', () => {
  const folder = new Folder();
  afterAll(() => folder.remove());
  const random = randomNumbers(13);
  const rows = Array.from({ length: 40 }, () => {
    const [first, second] = [1e7 * random(), 1e7 * random()];
    return [first, second, first + second];
  });
  folder.csv('x.csv', rows);
  folder.csv(
    'y.csv',
    rows.map(([first = 0, second = 0]) => [Number(first + 1e7 * random() > second)]),
  );
  const pageAt = (penalty: number): string =>
    folder.page(`
    dim n, d
    data X: [n, d] from "x.csv"
    data y: [n] from "y.csv"
    hyper a: positive = ${penalty}
    param w: [d]
    inner minimize mean(softplus(X @ w) - y * (X @ w)) + a * sum(w^2)
    outer minimize mean(softplus(0.8 * (X @ w)) - y * (X @ w)) + 0.1 * sum(w^2)`);

  // Along what rounding has left of the third beside the others, w is whatever that divided by the penalty is: no product with H shows it.
  it('have no estimate where the penalty is less than rounding, and a warning instead', async () => {
    const { error, diagnostics } = await gradient(pageAt(1e-9), '--strategy', id);
    expect(error?.estimate).toBeUndefined();
    expect(error?.why).toContain('rounding alone');
    expect(diagnostics.map(({ code, message }) => [code, message])).toContainEqual(['BL8016', expect.stringContaining('cannot be told')]);
  });
  it('have one where the penalty is more', async () => {
    const { error, diagnostics } = await gradient(pageAt(1e4), '--strategy', id);
    expect(error?.estimate).toBeGreaterThan(0);
    expect(diagnostics.map(({ code }) => code)).not.toContain('BL8016');
  });
});
