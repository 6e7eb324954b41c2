/**
 * Functions of the language that are made of several ops, as a page writes them: value, gradient and Hessian product on the Wasm backend
 * against the reference interpreter, and against differences.
 */
import { describe, expect, it } from 'vitest';
import { interpret } from '../../compiler/ir/interpret.ts';
import type { Tensor } from '../../compiler/ir/graph.ts';
import { directional } from '../../compiler/transform/jvp.ts';
import { gradient } from '../../compiler/transform/transpose.ts';
import { compileGraph } from '../helpers/wasm.ts';
import { lowerOne, stream } from '../lower/harness.ts';

const image = 'reshape(w, [2, 1, 6, 6])';

/** Scalars in a vector w of 72 and a kernel k of 12; with odd sizes, windows that overlap, and rests that no window holds. */
const losses: readonly (readonly [string, string])[] = [
  ['a convolution', `sum(tanh(conv2d(${image}, reshape(k, [3, 1, 2, 2]))))`],
  ['of several channels', 'sum(tanh(conv2d(reshape(w, [1, 2, 6, 6]), reshape(k, [2, 2, 1, 3]))))'],
  ['with a stride', `sum(tanh(conv2d(${image}, reshape(k, [3, 1, 2, 2]), stride = 3)))`],
  ['with a stride and zeros around', `sum(tanh(conv2d(${image}, reshape(k, [1, 1, 4, 3]), stride = 2, padding = same)))`],
  ['through a maximum', `sum(max_pool(conv2d(${image}, reshape(k, [3, 1, 2, 2]), padding = same), 2)^2)`],
  ['windows that overlap', `sum(max_pool(${image}, 3, stride = 2)^3) + sum(k^2)`],
  ['windows with a rest', 'sum(avg_pool(reshape(w, [8, 9]), 2)^3) + sum(k^2)'],
  ['rows in order', 'sum(sort(reshape(w, [6, 12]) * k) * sin(reshape(w, [6, 12])))'],
  ['columns in order', 'sum(sort(reshape(w, [12, 6]), axis = 0)^3 * expand(k, axis = 1))'],
  ['a system', 'sum(solve(reshape(w[0 .. 15], [4, 4]) + 5 * eye(4), reshape(k, [4, 3]))^2)'],
  ['eigenvalues', 'sum(eigvalsh(reshape(w[0 .. 8], [3, 3]) + diag([1, 3, 6]))^3 * k[0 .. 2])'],
];

const program = (loss: string): ReturnType<typeof lowerOne> =>
  lowerOne(`problem t {
    hyper a: positive
    param w: [72]
    param k: [12]
    inner minimize ${loss} + a * sum(w^2)
    outer minimize sum(w^2)
    report r = ${loss}
  }`);

describe.each(losses)('%s', (_, loss) => {
  const { builder: b, reports, params } = program(loss);
  const variables = params.map((p) => p.value);
  const value = reports[0]?.value;
  if (value === undefined) throw new Error('no report');
  const next = stream(11);
  const random = (): Tensor[] => [72, 12].map((n) => ({ shape: [n], data: Float64Array.from({ length: n }, next) }));
  const [point, directions] = [random(), random()];
  const tangents = variables.map((v) => b.input('tangent', 'state', v.type));
  const along = new Map(variables.map((v, i) => [v, tangents[i] ?? v]));
  const slopes = gradient(b, value, variables);
  const outputs = [value, directional(b, value, along), ...slopes, ...slopes.map((s) => directional(b, s, along))];
  const graph = b.graph('f', [...variables, ...tangents], outputs);
  const none = new Map<string, number>();
  const reference = (t: number): readonly Tensor[] =>
    interpret(
      graph,
      [...point.map((x, i) => ({ ...x, data: x.data.map((v, j) => v + t * (directions[i]?.data[j] ?? 0)) })), ...directions],
      none,
    );
  const expected = reference(0);

  it('is the same on both backends', async () => {
    const results = await compileGraph(graph, 'f64')([...point, ...directions], none);
    for (const [i, { data }] of expected.entries())
      data.forEach((x, j) => expect(Math.abs((results[i]?.data[j] ?? NaN) - x)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(x))));
  });

  it('has the derivatives of differences', () => {
    const h = Math.cbrt(Number.EPSILON);
    const [ahead, behind] = [reference(h), reference(-h)];
    const quotient = (i: number, j: number): number => ((ahead[i]?.data[j] ?? NaN) - (behind[i]?.data[j] ?? NaN)) / (2 * h);
    const close = (derivative: number, i: number, j: number): void =>
      expect(Math.abs(derivative - quotient(i, j))).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(derivative)));
    close(expected[1]?.data[0] ?? NaN, 0, 0);
    for (const i of [2, 3]) expected[i + 2]?.data.forEach((x, j) => close(x, i, j));
  });
});
