/** Library functions and operators against plain arithmetic. */
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../compiler/ir/graph.ts';
import { declaredFacts, factsIn } from '../../compiler/facts.ts';
import { library } from '../../compiler/lower/library/table.ts';
import { foreignFunctions } from '../../grammar/foreign-names.ts';
import { codes, evaluate, lower, lowerOne, matrix, valueOf, vector } from './harness.ts';

const x = [0.5, -1.25, 2, 0.75];
const A = [
  [1, -2, 0.5],
  [0.25, 3, -1],
  [2, 2, 1],
  [-0.5, 0, 4],
];
const S = [
  [4, 1, 0.5],
  [1, 3, -0.25],
  [0.5, -0.25, 2],
];
const g = [2, 0, 1, 1];
const data: Record<string, Tensor> = { 'data:x': vector(x), 'data:A': matrix(A), 'data:S': matrix(S), 'data:g': vector(g) };
const total = (xs: readonly number[]): number => xs.reduce((s, v) => s + v, 0);
const mean = (xs: readonly number[]): number => total(xs) / xs.length;
const column = (j: number): number[] => A.map((row) => row[j] ?? 0);
const columns = [0, 1, 2].map(column);
const variance = (xs: readonly number[]): number => mean(xs.map((v) => (v - mean(xs)) ** 2));
const lse = (xs: readonly number[]): number => Math.log(total(xs.map((v) => Math.exp(v))));

const ascending = (xs: readonly number[]): readonly number[] => [...xs].sort((a, b) => a - b);
const pair = [
  [1, 10],
  [100, 1000],
];
const ones3 = [0, 1, 2].map(() => [1, 1, 1]);
const below = (rows: readonly (readonly number[])[]): readonly (readonly number[])[] => [...rows.map((row) => [...row, 0]), [0, 0, 0, 0]];
const around = (rows: readonly (readonly number[])[]): readonly (readonly number[])[] => [
  [0, 0, 0, 0, 0],
  ...rows.map((row) => [0, ...row, 0]),
  [0, 0, 0, 0, 0],
];
/** Cross-correlation of one image by plain loops; `skip`: rows and columns that are left out before. */
function crossed(
  image: readonly (readonly number[])[],
  kernel: readonly (readonly number[])[],
  stride: number,
  [down, right]: readonly [number, number] = [0, 0],
): readonly number[] {
  const out: number[] = [];
  for (let i = down; i + kernel.length <= image.length; i += stride)
    for (let j = right; j + (kernel[0]?.length ?? 0) <= (image[0]?.length ?? 0); j += stride)
      out.push(total(kernel.map((row, p) => total(row.map((v, q) => v * (image[i + p]?.[j + q] ?? 0))))));
  return out;
}

/** Expression, expected shape, expected numbers. */
const rows: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  // operators
  ['-2^2', [], [-4]],
  ['2^-1', [], [0.5]],
  ['2^3^2', [], [512]],
  ['x^2', [4], x.map((v) => v * v)],
  ['x^3', [4], x.map((v) => v ** 3)],
  ['x^-2', [4], x.map((v) => v ** -2)],
  ['abs(x)^0.5', [4], x.map((v) => Math.sqrt(Math.abs(v)))],
  ['abs(x)^1.5', [4], x.map((v) => Math.abs(v) ** 1.5)],
  ['x^0', [4], [1, 1, 1, 1]],
  ['2 * x / 4', [4], x.map((v) => v / 2)],
  ['6 / 2 * 3', [], [9]],
  ['x @ A', [3], columns.map((c) => total(c.map((v, i) => v * (x[i] ?? 0))))],
  ['A @ S[0]', [4], A.map((row) => total(row.map((v, j) => v * (S[0]?.[j] ?? 0))))],
  ['A.T @ x', [3], columns.map((c) => total(c.map((v, i) => v * (x[i] ?? 0))))],
  ['x @ x', [], [total(x.map((v) => v * v))]],
  ['sum(x > 0)', [], [3]],
  ['mean(x >= 0.5)', [], [0.75]],
  ['1 + (2 < 1)', [], [1]],
  ['if x > 0 then x else 0', [4], x.map((v) => Math.max(v, 0))],
  ['if x > 0 then if x > 1 then 2 else 1 else 0', [4], [1, 0, 2, 1]],
  ['sum(x > 0 and not x > 1)', [], [2]],
  ['sum(x != 2 or x < 0)', [], [3]],
  ['g == 1', [4], [0, 0, 1, 1]],
  ['g / 2', [4], [1, 0, 0.5, 0.5]],
  ['n', [], [4]],
  ['h + 1', [], [9]],
  ['2 * pi', [], [2 * Math.PI]],
  ['A - mean(A, axis = 0)', [4, 3], A.flatMap((row) => row.map((v, j) => v - mean(column(j))))],
  ['A - expand(x, axis = 1)', [4, 3], A.flatMap((row, i) => row.map((v) => v - (x[i] ?? 0)))],
  // indexes
  ['x[1]', [], [-1.25]],
  ['x[-1]', [], [0.75]],
  ['x[1 .. 2]', [2], [-1.25, 2]],
  ['x[0 .. n - 2]', [3], [0.5, -1.25, 2]],
  ['x[-2 .. -1]', [2], [2, 0.75]],
  ['A[1]', [3], A[1] ?? []],
  ['A[:, 1]', [4], column(1)],
  ['A[2, 0]', [], [2]],
  ['A[0 .. 1, -1]', [2], [0.5, -1]],
  ['x[g]', [4], g.map((i) => x[i] ?? 0)],
  ['A[g][:, 0]', [4], g.map((i) => A[i]?.[0] ?? 0)],
  ['A[:, g]', [4, 4], A.flatMap((row) => g.map((i) => row[i] ?? 0))],
  // arrays, comprehensions, scans
  ['[1, 2, 3]', [3], [1, 2, 3]],
  ['[x, 2 * x]', [2, 4], [...x, ...x.map((v) => 2 * v)]],
  ['[t^2 for t in 3]', [3], [0, 1, 4]],
  ['[t for t in 2 .. 5]', [4], [2, 3, 4, 5]],
  ['[x[t] * t for t in n]', [4], x.map((v, t) => v * t)],
  ['[sum(row) for row in A]', [4], A.map(total)],
  ['[7 for t in 3]', [3], [7, 7, 7]],
  ['[[if i == j then 1 else 0 for j in 3] for i in 2]', [2, 3], [1, 0, 0, 0, 1, 0]],
  ['[A[i, g[i]] for i in n]', [4], g.map((k, i) => A[i]?.[k] ?? 0)],
  ['scan s = 0 over v in x { s + v }', [4], x.map((_, i) => total(x.slice(0, i + 1)))],
  ['scan s = 1 over t in 4 { 2 * s + t }', [4], [2, 5, 12, 27]],
  ['scan (p, q) = (0, 1) over t in 5 { (q, p + q) }', [5], [1, 1, 2, 3, 5]],
  [
    'scan s = zeros(d) over r in A { s / 2 + r }',
    [4, 3],
    A.reduce<number[][]>((all, r) => [...all, r.map((v, j) => (all.at(-1)?.[j] ?? 0) / 2 + v)], []).flat(),
  ],
  ['scan s = 0 over v in x { let u = s * 2  return u + v }', [4], x.reduce<number[]>((all, v) => [...all, (all.at(-1) ?? 0) * 2 + v], [])],
  // elementwise
  ['relu(x)', [4], x.map((v) => Math.max(v, 0))],
  ['silu(x)', [4], x.map((v) => v / (1 + Math.exp(-v)))],
  ['gelu(x)', [4], x.map((v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))))],
  ['softplus(x) + log1p(abs(x)) + expm1(x)', [4], x.map((v) => Math.log1p(Math.exp(v)) + Math.log1p(Math.abs(v)) + Math.expm1(v))],
  ['maximum(x, 0.6)', [4], x.map((v) => Math.max(v, 0.6))],
  ['clip(x, -1, 1)', [4], x.map((v) => Math.min(Math.max(v, -1), 1))],
  ['clip(x, max = 1, min = 0)', [4], x.map((v) => Math.min(Math.max(v, 0), 1))],
  ['sign(x) * floor(x)', [4], x.map((v) => Math.sign(v) * Math.floor(v))],
  ['gate(x, 0 * x + 0.5)', [4], x.map((v) => 1 / (1 + Math.exp(-(v + 0.5) / 0.5)))],
  ['gate(x, x, temperature = 2)', [4], x.map((v) => 1 / (1 + Math.exp(-v)))],
  ['gate(0.5, x)', [4], x.map((v) => 1 / (1 + Math.exp(-(v + 0.5) / 0.5)))],
  ['gate(0.5, A, temperature = 2)', [4, 3], A.flat().map((v) => 1 / (1 + Math.exp(-(v + 0.5) / 2)))],
  // reductions
  ['sum(A)', [], [total(A.flat())]],
  ['sum(A, axis = 1)', [4], A.map(total)],
  ['sum(A, axis = -1)', [4], A.map(total)],
  ['sum(A, axis = [0, 1])', [], [total(A.flat())]],
  ['mean(A, axis = 0)', [3], columns.map(mean)],
  ['var(x)', [], [variance(x)]],
  ['std(A, axis = 0)', [3], columns.map((c) => Math.sqrt(variance(c)))],
  ['max(x) - min(x)', [], [3.25]],
  ['max(A, axis = 1)', [4], A.map((row) => Math.max(...row))],
  ['min(A, axis = 0)', [3], columns.map((c) => Math.min(...c))],
  ['prod(x)', [], [x.reduce((p, v) => p * v, 1)]],
  ['prod(A, axis = 1)', [4], A.map((row) => row.reduce((p, v) => p * v, 1))],
  ['argmax(x)', [], [2]],
  ['argmax(A, axis = 1)', [4], [0, 1, 0, 2]],
  ['logsumexp(A, axis = 1)', [4], A.map(lse)],
  ['logsumexp(1000 * x)', [], [2000]],
  ['softmax(A)', [4, 3], A.flatMap((row) => row.map((v) => Math.exp(v - lse(row))))],
  ['log_softmax(A, axis = 0)', [4, 3], A.flatMap((row) => row.map((v, j) => v - lse(column(j))))],
  ['norm(x)', [], [Math.hypot(...x)]],
  ['l1(x) + l2(x)', [], [total(x.map(Math.abs)) + total(x.map((v) => v * v))]],
  ['cumsum(x)', [4], x.map((_, i) => total(x.slice(0, i + 1)))],
  // forms
  ['reshape(A, [d, n])', [3, 4], A.flat()],
  ['reshape(A, n * d)', [12], A.flat()],
  ['concat(x, [1], x)', [9], [...x, 1, ...x]],
  ['concat(A, ones(n, 1), axis = 1)', [4, 4], A.flatMap((row) => [...row, 1])],
  ['stack(x, x, axis = 1)', [4, 2], x.flatMap((v) => [v, v])],
  ['zeros(2, 3) + full([2, 3], 5)', [2, 3], [5, 5, 5, 5, 5, 5]],
  ['eye(2)', [2, 2], [1, 0, 0, 1]],
  ['linspace(-2, 3, 6)', [6], [-2, -1, 0, 1, 2, 3]],
  ['linspace(0, 1, n)', [4], [0, 1 / 3, 2 / 3, 1]],
  ['one_hot(g, 3)', [4, 3], g.flatMap((k) => [0, 1, 2].map((j) => (j === k ? 1 : 0)))],
  ['take(x, g)', [4], g.map((i) => x[i] ?? 0)],
  ['take(A, g, axis = 1)', [4, 4], A.flatMap((row) => g.map((i) => row[i] ?? 0))],
  ['roll(x, 1)', [4], [0.75, 0.5, -1.25, 2]],
  ['roll([1, 2, 3], -1)', [3], [2, 3, 1]],
  ['diff(x)', [3], [-1.75, 3.25, -1.25]],
  ['size(A) + size(A, axis = 1)', [], [15]],
  ['diag(S)', [3], [4, 3, 2]],
  ['diag([1, 2])', [2, 2], [1, 0, 0, 2]],
  // matrices
  ['dot(x, x)', [], [total(x.map((v) => v * v))]],
  ['outer([1, 2], [3, 4])', [2, 2], [3, 4, 6, 8]],
  ['trace(S)', [], [9]],
  ['cholesky(S) @ cholesky(S).T', [3, 3], S.flat()],
  ['logdet(S)', [], [Math.log(4 * (3 * 2 - 0.0625) - (2 + 0.125) + 0.5 * (-0.25 - 1.5))]],
  ['sqdist(A, A)', [4, 4], A.flatMap((a) => A.map((b) => total(a.map((v, j) => (v - (b[j] ?? 0)) ** 2))))],
  ['rbf(A, A, length = 2)', [4, 4], A.flatMap((a) => A.map((b) => Math.exp(-total(a.map((v, j) => (v - (b[j] ?? 0)) ** 2)) / 8)))],
  ['solve(S, S[0])', [3], [1, 0, 0]],
  ['S[0 .. 2, 0 .. 2] @ solve(S[0 .. 2, 0 .. 2], A[0 .. 2])', [3, 3], A.slice(0, 3).flat()],
  ['A[0 .. 2, 0 .. 2] @ solve(A[0 .. 2, 0 .. 2], [1, 2, 3])', [3], [1, 2, 3]],
  ['sum(eigvalsh(S))', [], [9]],
  ['prod(eigvalsh(S))', [], [4 * (3 * 2 - 0.0625) - (2 + 0.125) + 0.5 * (-0.25 - 1.5)]],
  ['eigvalsh(diag([3, 1, 2]))', [3], [1, 2, 3]],
  // order
  ['sort(x)', [4], [-1.25, 0.5, 0.75, 2]],
  ['argsort(x)', [4], [1, 0, 3, 2]],
  ['argsort(g)', [4], [1, 2, 3, 0]],
  ['x[argsort(x)]', [4], [-1.25, 0.5, 0.75, 2]],
  ['sort(A)', [4, 3], A.flatMap(ascending)],
  ['sort(A, axis = 0)', [4, 3], [0, 1, 2, 3].flatMap((i) => columns.map((c) => ascending(c)[i] ?? 0))],
  [
    'sort(stack(A, 2 * A, axis = 1), axis = 0)',
    [4, 2, 3],
    [0, 1, 2, 3].flatMap((i) => [1, 2].flatMap((s) => columns.map((c) => s * (ascending(c)[i] ?? 0)))),
  ],
  // windows: A as one image of one channel
  ['conv2d(reshape(A[0 .. 3, 0 .. 2], [1, 1, 4, 3]), reshape([1, 10, 100, 1000], [1, 1, 2, 2]))', [1, 1, 3, 2], crossed(A, pair, 1)],
  ['conv2d(reshape(A[0 .. 3, 0 .. 2], [1, 1, 4, 3]), ones(1, 1, 1, 1), stride = 2)', [1, 1, 2, 2], [1, 0.5, 2, 1]],
  [
    'conv2d(reshape(A[0 .. 3, 0 .. 2], [1, 1, 4, 3]), reshape([1, 10, 100, 1000], [1, 1, 2, 2]), stride = 2)',
    [1, 1, 2, 1],
    crossed(A, pair, 2),
  ],
  ['conv2d(reshape(A, [1, 1, n, d]), reshape([1, 10, 100, 1000], [1, 1, 2, 2]), padding = same)', [1, 1, 4, 3], crossed(below(A), pair, 1)],
  [
    'conv2d(reshape(A[0 .. 3, 0 .. 2], [1, 1, 4, 3]), ones(1, 1, 3, 3), stride = 2, padding = same)',
    [1, 1, 2, 2],
    crossed(around(A), ones3, 2, [1, 0]),
  ],
  [
    'conv2d(stack(reshape(A[0 .. 3, 0 .. 2], [1, 4, 3]), 2 * reshape(A[0 .. 3, 0 .. 2], [1, 4, 3]), axis = 0), [[[[1]]], [[[-1]]]], padding = valid)',
    [2, 2, 4, 3],
    [1, -1, 2, -2].flatMap((s) => A.flat().map((v) => s * v)),
  ],
  [
    'conv2d(reshape(stack(A[0 .. 3, 0 .. 2], A[0 .. 3, 0 .. 2]), [1, 2, 4, 3]), reshape([1, -1], [1, 2, 1, 1]))',
    [1, 1, 4, 3],
    A.flat().map(() => 0),
  ],
  ['avg_pool(A[0 .. 3, 0 .. 2], 2)', [2, 1], [mean([1, -2, 0.25, 3]), mean([2, 2, -0.5, 0])]],
  ['max_pool(A[0 .. 3, 0 .. 2], 2)', [2, 1], [3, 2]],
  ['max_pool(A[0 .. 3, 0 .. 2], 2, 1)', [3, 2], [3, 3, 3, 3, 2, 4]],
  ['max_pool(A[0 .. 3, 0 .. 2], 1, stride = 2)', [2, 2], [1, 0.5, 2, 1]],
  ['max_pool(stack(A[0 .. 3, 0 .. 2], -A[0 .. 3, 0 .. 2]), 3)', [2, 1, 1], [3, 2]],
  ['avg_pool(A[0 .. 3, 0 .. 2], 3, stride = 1)', [2, 1], [mean(A.slice(0, 3).flat()), mean(A.slice(1).flat())]],
  // losses
  ['mse(x, 2 * x)', [], [mean(x.map((v) => v * v))]],
  ['cross_entropy(A, g)', [], [mean(A.map((row, i) => lse(row) - (row[g[i] ?? 0] ?? 0)))]],
  ['cross_entropy(A, one_hot(g, d))', [], [mean(A.map((row, i) => lse(row) - (row[g[i] ?? 0] ?? 0)))]],
  ['binary_cross_entropy(x, x > 0)', [], [mean(x.map((v) => Math.log1p(Math.exp(v)) - (v > 0 ? v : 0)))]],
  ['hinge(x, sign(x))', [], [mean(x.map((v) => Math.max(0, 1 - Math.abs(v))))]],
  ['huber(x, 0 * x)', [], [mean(x.map((v) => (Math.abs(v) <= 1 ? (v * v) / 2 : Math.abs(v) - 0.5)))]],
  ['huber(x, 0 * x, delta = 0.5)', [], [mean(x.map((v) => (Math.abs(v) <= 0.5 ? (v * v) / 2 : 0.5 * (Math.abs(v) - 0.25))))]],
  ['accuracy(A, g)', [], [mean([0, 1, 0, 2].map((k, i) => (k === g[i] ? 1 : 0)))]],
  ['accuracy(x, x > 0.6)', [], [0.75]],
  ['standardize(A)', [4, 3], A.flatMap((row) => row.map((v, j) => (v - mean(column(j))) / Math.sqrt(variance(column(j)))))],
  [
    'standardize(A, by = A[0 .. 1])',
    [4, 3],
    A.flatMap((row) => row.map((v, j) => (v - mean(column(j).slice(0, 2))) / Math.sqrt(variance(column(j).slice(0, 2))))),
  ],
];

describe('expressions', () => {
  it.each(rows)('%s', (expression, shape, expected) => {
    const result = valueOf(expression, data);
    expect(result.shape).toEqual(shape);
    expect(result.data.length).toBe(expected.length);
    for (const [i, value] of expected.entries()) expect(result.data[i]).toBeCloseTo(value, 11);
  });

  it('has a sample of every library function', () => {
    const plain = ['exp', 'log', 'sqrt', 'sin', 'cos', 'tanh', 'sigmoid', 'erf', 'minimum'];
    const text = rows.map(([expression]) => expression).join('\n');
    const missing = Object.keys(library).filter((name) => !plain.includes(name) && !new RegExp(`\\b${name}\\(`, 'u').test(text));
    expect(missing).toEqual([]);
  });

  it.each(['exp', 'log', 'sqrt', 'sin', 'cos', 'tanh'] as const)('%s', (name) => {
    expect(valueOf(`${name}(1.5)`).data[0]).toBeCloseTo(Math[name](1.5), 12);
  });
});

/** An expression in a page with data x: [n], y: [m], A: [n, d], S: [d, d], g: int[n] and its code. */
const mistakes: readonly (readonly [string, string])[] = [
  ['sum(x + y)', 'BL2003'],
  ['sum(A @ x)', 'BL2003'],
  ['sum(A + x)', 'BL2003'],
  ['sum(x - reshape(x, [n, 1]))', 'BL2004'],
  ['sum(if x > 0 then x else y)', 'BL2003'],
  ['sum([x, y])', 'BL2003'],
  ['sum(concat(A, S[:, 0 .. 1]))', 'BL2003'],
  ['sum(mse(x, y))', 'BL2003'],
  ['cross_entropy(A, h)', 'BL2003'],
  ['cross_entropy(A, x)', 'BL2012'],
  ['sum(zeros(x))', 'BL2006'],
  ['sum(zeros(a))', 'BL2006'],
  ['sum(reshape(A, [n, n]))', 'BL2012'],
  ['sum(x, 0)', 'BL2010'],
  ['sum()', 'BL2010'],
  ['max(x, 0)', 'BL2018'],
  ['min(x, 1)', 'BL2018'],
  ['sum(x, axis = 1)', 'BL2012'],
  ['sum(x, axis = a)', 'BL2012'],
  ['sum(A, axis = [0, 0])', 'BL2012'],
  ['sum(A, axes = 0)', 'BL2011'],
  ['trace(A)', 'BL2012'],
  ['sum(a @ x)', 'BL2013'],
  ['sum(x.T)', 'BL2013'],
  ['sum(x[a])', 'BL2016'],
  ['sum(x[x])', 'BL2016'],
  ['sum(x[x > 0])', 'BL2016'],
  ['sum(x[0, 1])', 'BL2016'],
  ['sum(x[n])', 'BL2015'],
  ['sum(x[0 .. n])', 'BL2015'],
  ['sum([x[t + 1] - x[t] for t in n])', 'BL2015'],
  ['sum([x[t - 1] for t in n])', 'BL2015'],
  ['sum([x[n - t] for t in n])', 'BL2015'],
  ['sum(take(zeros(3), 9))', 'BL2015'],
  ['sum(x[2 .. 1])', 'BL2016'],
  ['sum(y[train])', 'BL2017'],
  ['sum(A[g, g])', 'BL2016'],
  ['sum([t for t in a])', 'BL2030'],
  ['sum([t for t in 0])', 'BL2030'],
  ['sum(sort(a))', 'BL2012'],
  ['sum(sort(x, axis = 1))', 'BL2012'],
  ['sum(solve(A, x))', 'BL2012'],
  ['sum(solve(S, x))', 'BL2003'],
  ['sum(solve(S, a))', 'BL2012'],
  ['sum(eigvalsh(A))', 'BL2012'],
  ['sum(eigh(S))', 'BL2034'],
  ['sum(conv2d(A, A))', 'BL2012'],
  ['sum(conv2d(reshape(A, [n, 1, d, 1]), ones(1, 2, 1, 1)))', 'BL2003'],
  ['sum(conv2d(reshape(A, [n, 1, d, 1]), reshape(S, [1, 1, d, d])))', 'BL2012'],
  ['sum(conv2d(reshape(A, [n, 1, d, 1]), ones(1, 1, 1, 2)))', 'BL2012'],
  ['sum(conv2d(reshape(A, [n, 1, d, 1]), ones(1, 1, 2, 1)))', 'BL2012'],
  ['sum(conv2d(reshape(A, [n, 1, d, 1]), ones(1, 1, 1, 1), stride = 2))', 'BL2012'],
  ['sum(conv2d(reshape(A, [n, 1, d, 1]), ones(1, 1, 1, 1), stride = 0))', 'BL2012'],
  ['sum(conv2d(reshape(A, [n, 1, d, 1]), ones(1, 1, 1, 1), padding = full))', 'BL2012'],
  ['sum(max_pool(A, 2))', 'BL2012'],
  ['sum(max_pool(x, 2))', 'BL2012'],
  ['sum(max_pool(A, a))', 'BL2012'],
  ['not a', 'BL2014'],
  ['sum(x and x > 0)', 'BL2014'],
  ['summ(x)', 'BL2009'],
  ['a(x)', 'BL2009'],
  ['exp', 'BL2001'],
  ['xx', 'BL2001'],
  ['sum(scan s = x over t in 3 { sum(s) * A })', 'BL2029'],
];

describe('expressions with a mistake', () => {
  it.each(mistakes)('%s', (expression, code) => {
    const text = `problem t {
      dim n, m, d
      data x: [n]
      data y: [m]
      data A: [n, d]
      data S: [d, d]
      data g: int[n]
      data h: int[m]
      split n into train 50%, valid 50%, seed 1
      hyper a: positive
      param w: []
      inner minimize (w - 1)^2 + a * w^2
      outer minimize ${expression}
    }`;
    expect(codes(text)).toEqual([code]);
  });
});

describe('a `let` with several names', () => {
  const page = (lets: string, report: string): string => `problem t {
    dim n, d
    data S: [d, d]
    hyper a: positive
    param w: []
    ${lets}
    inner minimize (w - 1)^2 + a * w^2
    outer minimize w^2
    report r = ${report}
  }`;
  const value = (lets: string, report: string): readonly number[] => {
    const program = lowerOne(page(lets, report));
    const found = program.reports[0]?.value;
    return found === undefined ? [] : [...evaluate(program, found, { 'data:S': matrix(S) }, { n: 1, d: 3 }).data];
  };

  it('takes the results of `eigh`, in any order of declarations, and in a block', () => {
    const residual = 'sum((S @ V - V * values)^2) + sum((V.T @ V - eye(d))^2)';
    expect(value('let (values, V) = eigh(S)', residual)[0]).toBeLessThan(1e-28);
    const f = 'fn f(A: [k, k]): [k, k] = { let (l, V) = eigh(A)  let half = V * sqrt(l)  return half @ half.T }';
    value(f, 'f(S)').forEach((x, i) => expect(x).toBeCloseTo(S.flat()[i] ?? 0, 13));
  });

  it('takes the stacks of all states of a `scan`, where a value is that of the first', () => {
    const scan = 'scan (s, p) = (0, 1) over t in 4 { (s + t, p * 2) }';
    expect(value(`let (sums, powers) = ${scan}`, '[sums, powers]')).toEqual([0, 1, 3, 6, 2, 4, 8, 16]);
    expect(value(`fn f(k: []): [4] = { let (sums, powers) = ${scan}  return k * (powers - sums) }`, 'f(2)')).toEqual([4, 6, 10, 20]);
    expect(value('', scan)).toEqual([0, 1, 3, 6]);
  });

  it.each([
    ['let (v, V) = S', 'sum(v)', 'BL2034'],
    ['let (v, V, W) = eigh(S)', 'sum(v)', 'BL2034'],
    ['let v = eigh(S)', 'sum(v)', 'BL2034'],
    ['let (u, v) = scan s = 0 over t in n { s + t }', 'sum(v)', 'BL2034'],
    ['let (u, v, x) = scan (s, r) = (0, 0) over t in n { (s + t, r) }', 'sum(v)', 'BL2034'],
    ['let (v, v) = eigh(S)', 'sum(v)', 'BL2002'],
    ['let (v, V) = eigh(S[0])', 'sum(v)', 'BL2012'],
    ['let (v, V) = eigh(S + v)', 'sum(v)', 'BL2008'],
  ])('%s is refused', (lets, report, code) => {
    expect(codes(page(lets, report))).toEqual([code]);
  });
});

describe('a stretch that could mean two things', () => {
  const hintsOf = (shapes: readonly [string, string]): readonly string[] =>
    lower(`problem t {
      dim r, k
      data x: ${shapes[0]}
      data y: ${shapes[1]}
      hyper a: positive
      param w: []
      inner minimize (w - 1)^2 + a * w^2
      outer minimize sum(w * x - y)
    }`).diagnostics.flatMap(({ hints }) => hints ?? []);

  it.each([
    [
      ['[r]', '[r, 1]'],
      ['[r]', '[1, r]'],
    ],
    [
      ['[r, 1]', '[r]'],
      ['[r]', '[1, r]'],
    ],
    [['[r, k, 6, 6]', '[k, 1, 1]'], ['[1, k, 1, 1]']],
  ] as const)('%s', (shapes, offered) => {
    expect(hintsOf(shapes).map((hint) => /`reshape\(…, (?<shape>.*)\)`/u.exec(hint)?.groups?.['shape'])).toEqual(offered);
  });
});

describe('a name of other libraries', () => {
  const page = (expression: string): string => `problem t {
    dim n
    data p: []
    data x: [n]
    data a: [n]
    data b: [n]
    data prediction: [n]
    data target: [n]
    data A: [n, n]
    data B: [n, n]
    hyper h: positive
    param w: [n]
    let c = x > 0
    inner minimize sum((w - 1)^2) + h * sum(w^2)
    outer minimize sum(w^2)
    report r = ${expression}
  }`;

  it.each(foreignFunctions)('%s: %s', (name, here) => {
    expect(lower(page(`${name}(x)`)).diagnostics.map(({ hints }) => hints)).toEqual([[here]]);
    // Ranges stand in brackets, and what is left open is no expression yet.
    const written = [...here.matchAll(/`(?<code>[^`]+)`/gu)]
      .map(({ groups }) => groups?.['code'] ?? '')
      .filter((code) => !/…|\.\./u.test(code));
    for (const code of written) expect([code, codes(page(code))]).toEqual([code, []]);
  });
});

describe('curvature in the params', () => {
  const facts = (expression: string): readonly [string, number] => {
    const program = lowerOne(`problem t {
      data X: [2, 1, 6, 6]
      data S: [6, 6]
      hyper a: positive
      param w: [6]
      param k: [1, 1, 2, 3]
      inner minimize sum((w - 1)^2) + sum(k^2) + a * sum(w^2)
      outer minimize sum(w^2)
      report r = sum(${expression})
    }`);
    const value = program.reports[0]?.value;
    if (value === undefined) throw new Error('no report');
    const { curvature, degree } = factsIn(
      program.builder,
      value,
      program.params.map((p) => p.value),
      declaredFacts(program),
    );
    return [curvature, degree];
  };

  it.each([
    ['conv2d(X, k)', 'affine', 1],
    ['conv2d(X, k, stride = 2, padding = same)', 'affine', 1],
    ['conv2d(reshape(outer(w, ones(6)), [1, 1, 6, 6]), X[0 .. 1])', 'affine', 1],
    ['conv2d(X, k)^2', 'convex', 2],
    ['avg_pool(conv2d(X, k), 2)', 'affine', 1],
    ['max_pool(conv2d(X, k), 2)', 'convex', Infinity],
    ['solve(S, w)', 'affine', 1],
    ['solve(S, w)^2', 'convex', 2],
    ['sort(w)', 'unknown', Infinity],
    ['eigvalsh(outer(w, w))', 'unknown', Infinity],
  ])('%s is %s', (expression, curvature, degree) => {
    expect(facts(expression)).toEqual([curvature, degree]);
  });
});
