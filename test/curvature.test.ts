/**
 * Curvature of whole expressions, as a page writes them: what is said to be convex is so on random chords, what is said to be positive
 * semidefinite has no eigenvalue below zero at random data, and what should be seen is seen.
 */
import { describe, expect, it } from 'vitest';
import { ancestors } from '../compiler/transform/reach.ts';
import { declaredFacts, factsIn, factsOf } from '../compiler/facts.ts';
import { evaluate, literal } from '../compiler/ir/dims.ts';
import { prepare } from '../compiler/ir/interpret.ts';
import type { Tensor, Value } from '../compiler/ir/graph.ts';
import type { Program } from '../compiler/program.ts';
import { range } from '../compiler/ops/rules.ts';
import { lowerOne } from './lower/harness.ts';
import { randomFor } from './ops/instances.ts';

const sizes = new Map([
  ['n', 5],
  ['m', 3],
  ['d', 4],
  ['train', 3],
  ['valid', 2],
]);

/** A page whose inner loss is the last of some lines of a block. */
const page = (shape: string, loss: string): string => `problem p {
  dim n, m, d
  data X: [n, d]  data Z: [m, d]  data y: [n]  data s: nonnegative[n]  data c: [d]  data L: int[n] in [0, 2]  data P: simplex[n, 3]
  split n into train 60%, valid 40%, seed 1
  hyper some: nonnegative = 1  hyper more: positive = 1  hyper any: [] = 1
  param u: ${shape}
  fn loss(): [] = { ${loss.replace(/(?:^|\s)(?=\S[^;]*$)/u, ' return ').replaceAll(';', '  ')} }
  inner minimize loss()
  outer minimize sum(u^2) + some + more + any
}`;

const given = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing there');
  return value;
};

/** Numbers that an input may hold, by what its declaration says. */
function sample(program: Program, v: Value, random: () => number): Tensor {
  const shape = v.type.shape.map((dim) => given(evaluate(dim, sizes)));
  const length = shape.reduce((a, b) => a * b, 1);
  const { kind, interval } = [...program.data, ...program.hypers, ...program.params].find(({ value }) => value === v) ?? {};
  const [low = -2, high = 2] = interval?.map(literal) ?? [];
  const draw = (i: number): number => {
    if (v.type.dtype === 'int') return kind === undefined ? i : Math.floor(3 * random());
    return kind === 'real' ? low + (high - low) * random() : 2 * random() + 0.01;
  };
  return { shape, data: Float64Array.from({ length }, (_, i) => draw(i)) };
}

/** Values of a program on random numbers, again and again: the same but for its params. */
function runs(program: Program, outputs: readonly Value[], random: () => number): (params: readonly Tensor[]) => readonly Tensor[] {
  const params = program.params.map((p) => p.value);
  const inputs = ancestors(outputs).flatMap(({ op, outputs: made }) => (op === 'input' ? made : []));
  const others = inputs.filter((v) => !params.includes(v));
  const run = prepare(program.builder.graph('test', [...others, ...params], outputs), sizes);
  const fixed = others.map((v) => sample(program, v, random));
  return (point) => run([...fixed, ...point]);
}

const between = (a: Tensor, b: Tensor): Tensor => ({ shape: a.shape, data: a.data.map((x, i) => (x + given(b.data[i])) / 2) });

/** What is wrong with a claim of convexity, on chords. */
function bentDown(program: Program, random: () => number): readonly string[] {
  const {
    curvature,
    power = 1,
    sign,
  } = factsIn(program.builder, program.inner.value, [given(program.params[0]).value], declaredFacts(program));
  const raised = (x: number): number => (power === 0 ? Math.log(x) : x ** power);
  return range(20).flatMap(() => {
    const run = runs(program, [program.inner.value], random);
    const loss = (u: Tensor): number => given(run([u])[0]?.data[0]);
    const [a, b] = [0, 1].map(() => sample(program, given(program.params[0]).value, random)) as [Tensor, Tensor];
    const [left, middle, right] = [loss(a), loss(between(a, b)), loss(b)];
    const slack = 1e-9 * Math.max(1, Math.abs(left), Math.abs(right));
    if (sign === 'nonnegative' && Math.min(left, middle, right) < -slack) return [`${left}, ${middle}, ${right} are below 0`];
    const isConvex = middle <= (left + right) / 2 + slack && (power === 1 || raised(middle) <= (raised(left) + raised(right)) / 2 + slack);
    return curvature !== 'convex' || isConvex ? [] : [`${left}, ${middle}, ${right} bend down`];
  });
}

/** Every matrix in a loss that is said to be positive, on all vectors or on those that sum to 0, with eigenvalues that are not. */
function belowZero(program: Program, random: () => number): readonly string[] {
  const { builder: b } = program;
  const facts = factsOf(b, program.inner.value, [given(program.params[0]).value], declaredFacts(program));
  return ancestors([program.inner.value]).flatMap((node) => {
    const [matrix] = node.outputs;
    const form = matrix === undefined ? undefined : facts(matrix).matrix?.form;
    if (matrix === undefined || form === undefined || form.is === 'differences' || matrix.type.shape.length !== 2) return [];
    const n = given(matrix.type.shape[0]);
    const centred = b.sub(b.eye(n), b.broadcast(b.div(b.constant(1), b.dimSize(n)), [n, n], []));
    const within = form.is === 'positive' ? matrix : b.matmul(b.matmul(centred, matrix), centred);
    const values = given(b.emit('eigh', [form.is === 'conditionally negative' ? b.neg(within) : within])[0]);
    return range(5).flatMap(() => {
      const [found] = runs(program, [values], random)([sample(program, given(program.params[0]).value, random)]);
      const least = Math.min(...given(found).data);
      return least < -1e-9 * Math.max(1, ...given(found).data) ? [`${node.op} is ${form.is}, with ${least}`] : [];
    });
  });
}

/** By shape of the param: losses that are convex in it by what is written, and those of which it cannot be said. */
const losses: readonly (readonly [shape: string, convex: readonly string[], unknown: readonly string[]])[] = [
  [
    '[d]',
    [
      'logsumexp(X @ u)',
      'log(sum(exp(X @ u)))',
      'log1p(sum(exp(X @ u)))',
      'mean(log(1 + exp(-y * (X @ u))))',
      'exp(sum((X @ u)^2) / 9)',
      'norm(X @ u - y)',
      'norm(X @ u - y)^3',
      'sqrt(1 + sum(u^2))',
      'sum(sqrt((X @ u - y)^2 + 0.01))',
      'sum(maximum(norm(u), X @ u)^2)',
      'sum(sqrt(maximum(u^2, (u - 1)^2)))',
      'log(max(exp(X @ u)) + some)',
      'sum(exp(X @ u) * exp(-u[0]))',
      'dot(s, exp(X @ u)) - dot(y, X @ u)',
      'sum(s * exp(-(X @ u)) + X @ u)',
      'sum(s * (X @ u - y) * (X @ u - y))',
      'u @ (X.T @ X) @ u',
      'let K = Z.T @ Z / m + more * eye(d); sum(u * (K @ u))',
      'let K = X.T @ diag(s) @ X; u @ K @ u',
      'let K = X.T @ (reshape(s, [n, 1]) * X); u @ K @ u',
      'u @ solve(X.T @ X + more * eye(d), u)',
      '(X @ u - y) @ rbf(X, X, length = more) @ (X @ u - y)',
      'dot(X.T @ X @ u + some * u, u)',
      'sum(abs(u)^1.5)',
    ],
    [
      'logsumexp(-u^2)',
      'log(sum(u^2))',
      'norm(u) * norm(X @ u)',
      'sum(exp(u) * u^2)',
      'sum(sqrt(abs(u)))',
      'sum(log(1 + u^2))',
      'u @ (X.T @ X - more * eye(d)) @ u',
      'let K = X.T @ (reshape(y, [n, 1]) * X); u @ K @ u',
      'sum((X.T @ X @ u) * (Z.T @ Z @ u))',
      'let K = X.T @ X; sum((K @ u)^2 * u^2)',
      'let K = X.T @ X; let v = u^2; v @ K @ v',
      'sum(u * (X.T @ X @ u) * c)',
      'any * sum(u^2)',
      'sum(u) / (1 + sum(u^2))',
    ],
  ],
  [
    '[n]',
    [
      ...[
        'X @ X.T',
        'rbf(X, X)',
        'exp(-sqdist(X, X) / more)',
        'exp(-sqrt(sqdist(X, X)))',
        'exp(-sum(abs(outer(y, ones(n)) - outer(ones(n), y)), axis = 0)[0] * 0 - sqdist(X, X))',
        '1 / (1 + sqdist(X, X))',
        '(1 + sqdist(X, X) / 3)^(-more * 0 - 0.7)',
        '(X @ X.T + 1)^2',
        'exp(X @ X.T / 10)',
        'rbf(X, X) + X @ X.T',
        'more * rbf(X, X) * (X @ X.T)',
        'rbf(X, X) + diag(s)',
        'rbf(X, X) + some * eye(n)',
        'rbf(X * c, X * c)',
        'cholesky(rbf(X, X) + eye(n)) @ cholesky(rbf(X, X) + eye(n)).T',
      ].map((kernel) => `let K = ${kernel}; some * u @ K @ u`),
      'let K = rbf(X, X); mean((K @ u - y)^2) + some * sum(u * (K @ u))',
      'dot(u, X @ X.T @ u) - dot(y, u)',
    ],
    [
      ...['sqdist(X, X)', 'exp(sqdist(X, X) / 9)', 'rbf(X, X) - X @ X.T', 'any * rbf(X, X)', 'rbf(X, X) + diag(y)', 'rbf(X, X + 1)'].map(
        (kernel) => `let K = ${kernel}; u @ K @ u`,
      ),
      'let K = rbf(X, X); u @ (K @ (K * (X @ X.T))) @ u',
    ],
  ],
  [
    '[train]',
    ['let K = rbf(X[train], X[train]); mean((K @ u - y[train])^2) + some * u @ K @ u', 'let K = rbf(X, X); u @ K[train][:, train] @ u'],
    ['let K = X @ Z.T @ Z @ X.T; u @ K[train][:, train] @ u'],
  ],
  [
    '[d, 3]',
    [
      'cross_entropy(X @ u, L) + some * sum(u^2)',
      'cross_entropy(X @ u, P)',
      '-sum(P * log_softmax(X @ u))',
      'sum(u * (X.T @ X @ u))',
      'sum([norm(u[j]) for j in d])',
      'sum(sqrt(sum((X @ u)^2, axis = 1) + 1))',
    ],
    ['-sum(X @ log_softmax(u))', 'sum(softmax(X @ u)^2)'],
  ],
  [
    '[d, d]',
    ['-logdet(20 * eye(d) + u + u.T)', 'sum(u^2) - 2 * logdet(some * eye(d) + 20 * eye(d) + u)'],
    ['logdet(20 * eye(d) + u + u.T)'],
  ],
  ['[m, d]', ['sum(sqdist(u, X))', 'sum(sqrt(sqdist(u, X) + 0.1))'], ['sum(exp(-sqdist(u, X)))']],
  [
    'nonnegative[n]',
    ['sum(y^2 / (u + 1))', 'sum((u - y)^2 / (1 + sum(u)))', 'sum(-log(u + more))', 'sum(u^1.5)'],
    ['sum(y / (u + 1))', 'sum(u^0.5)'],
  ],
  ['real[n] in [-2, 0]', ['sum((u - 1)^4) + sum((1 - u)^1.5)'], ['sum(sqrt(1 - u))']],
];

const cases = losses.flatMap(([shape, convex, unknown]) => [
  ...convex.map((loss) => ({ shape, loss, isProved: true })),
  ...unknown.map((loss) => ({ shape, loss, isProved: false })),
]);

describe.each(cases)('in $shape: $loss', ({ shape, loss, isProved }) => {
  const program = lowerOne(page(shape, loss));
  const random = randomFor(loss);
  it(isProved ? 'is proved to be convex, and is' : 'is not said to be convex', () => {
    const { curvature } = factsIn(program.builder, program.inner.value, [given(program.params[0]).value], declaredFacts(program));
    expect(curvature === 'convex').toBe(isProved);
    expect(bentDown(program, random)).toEqual([]);
  });
  it('is made of matrices that are as positive as is said', () => {
    expect(belowZero(program, random)).toEqual([]);
  });
});
