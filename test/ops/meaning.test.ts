/** What the ops mean where random samples do not go: kinks, ties, positions outside, sums of many, matrices without a factor. */
import { describe, expect, it } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { number, symbol } from '../../compiler/ir/dims.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { interpret } from '../../compiler/ir/interpret.ts';
import { batch } from '../../compiler/transform/batch.ts';
import { jvp } from '../../compiler/transform/jvp.ts';
import { gradient } from '../../compiler/transform/transpose.ts';
import { compileGraph } from '../helpers/wasm.ts';

const vector = (...data: number[]): Tensor => ({ shape: [data.length], data: Float64Array.from(data) });
const scalar = (x: number): Tensor => ({ shape: [], data: Float64Array.of(x) });
const none = new Map<string, number>();

/** f of scalars, and its forward and reverse derivative in the first one. */
function at(
  f: (b: Builder, ...x: readonly Value[]) => Value,
  ...point: readonly number[]
): { value: number; forward: number; reverse: number; second: number } {
  const b = new Builder();
  const xs = point.map((_, i) => b.input(`x${i}`, 'state'));
  const [x] = xs;
  if (x === undefined) throw new Error('needs a variable');
  const y = f(b, ...xs);
  const [forward] = jvp(b, [y], new Map([[x, b.constant(1)]]));
  const [reverse] = gradient(b, y, [x]);
  const [second] = gradient(b, reverse ?? b.constant(Number.NaN), [x]);
  const outputs = [y, forward ?? b.constant(0), reverse ?? b.constant(Number.NaN), second ?? b.constant(Number.NaN)];
  const [a, c, d, e] = interpret(b.graph('f', xs, outputs), point.map(scalar), none).map((t) => t.data[0] ?? Number.NaN);
  return { value: a ?? Number.NaN, forward: c ?? Number.NaN, reverse: d ?? Number.NaN, second: e ?? Number.NaN };
}

describe('a choice', () => {
  it('has the derivative of the branch that is taken, at each position', () => {
    const f = (b: Builder, x: Value | undefined): Value => {
      const v = x ?? b.constant(0);
      return b.select(b.less(v, b.constant(0)), b.mul(b.constant(2), v), b.mul(v, v));
    };
    expect(at(f, -3)).toEqual({ value: -6, forward: 2, reverse: 2, second: 0 });
    expect(at(f, 3)).toEqual({ value: 9, forward: 6, reverse: 6, second: 2 });
  });
});

describe('kinks and ties', () => {
  it('abs has derivative 0 at 0', () => {
    expect(at((b, x) => b.abs(x ?? b.constant(0)), 0)).toMatchObject({ value: 0, forward: 0, reverse: 0 });
  });

  it.each(['maximum', 'minimum'] as const)('%s shares a tie in halves', (op) => {
    expect(at((b, x, y) => b.one(op, [x ?? b.constant(0), y ?? b.constant(0)]), 2, 2)).toMatchObject({
      value: 2,
      forward: 0.5,
      reverse: 0.5,
    });
  });

  it('maximum is NaN where an operand is', () => {
    expect(at((b, x, y) => b.maximum(x ?? b.constant(0), y ?? b.constant(0)), Number.NaN, 1).value).toBeNaN();
    expect(at((b, x, y) => b.minimum(x ?? b.constant(0), y ?? b.constant(0)), 1, Number.NaN).value).toBeNaN();
  });

  it('reduce_max shares a tie equally; argmax takes the first', () => {
    const b = new Builder();
    const x = b.input('x', 'state', { dtype: 'real', shape: [symbol('n')] });
    const [slope] = gradient(b, b.max(x), [x]);
    const graph = b.graph('f', [x], [slope ?? x, b.one('argmax', [x], { axis: 0 })]);
    const [shares, first] = interpret(graph, [vector(1, 4, 2, 4)], new Map([['n', 4]]));
    expect([...(shares?.data ?? [])]).toEqual([0, 0.5, 0, 0.5]);
    expect([...(first?.data ?? [])]).toEqual([1]);
  });

  it('reduce_max of nothing is −∞, and NaN of anything with a NaN', () => {
    const b = new Builder();
    const x = b.input('x', 'state', { dtype: 'real', shape: [symbol('n')] });
    const graph = b.graph('f', [x], [b.max(x), b.sum(x)]);
    expect(interpret(graph, [vector()], new Map([['n', 0]])).map((t) => t.data[0])).toEqual([-Infinity, 0]);
    expect(interpret(graph, [vector(1, Number.NaN, 3)], new Map([['n', 3]]))[0]?.data[0]).toBeNaN();
  });
});

describe('powers', () => {
  const power = (b: Builder, x: Value | undefined, y: Value | undefined): Value => b.pow(x ?? b.constant(0), y ?? b.constant(0));
  it('in the exponent: 0 where the base is 0 and the exponent positive', () => {
    expect(at((b, y, x) => power(b, x, y), 2, 0)).toMatchObject({ value: 0, forward: 0, reverse: 0 });
    expect(at((b, y, x) => power(b, x, y), 3, 2).forward).toBeCloseTo(8 * Math.log(2), 12);
  });
});

describe('guarded_mul', () => {
  it('is 0 where the first operand is 0, whatever the second is', () => {
    const f = (b: Builder, x: Value | undefined, y: Value | undefined): Value => b.guardedMul(x ?? b.constant(0), y ?? b.constant(0));
    expect(at(f, 0, Infinity).value).toBe(0);
    expect(at(f, 0, Number.NaN).value).toBe(0);
    expect(at(f, 2, Infinity).value).toBe(Infinity);
    expect(at(f, Infinity, 0).value).toBeNaN();
  });
});

describe('positions outside', () => {
  const b = new Builder();
  const x = b.input('x', 'state', { dtype: 'real', shape: [symbol('n')] });
  const where = b.input('i', 'data', { dtype: 'int', shape: [symbol('m')] });
  it('gather gives NaN, scatter_add drops', () => {
    const graph = b.graph('f', [x, where], [b.gather(x, where, 0)]);
    const [picked] = interpret(
      graph,
      [vector(10, 20), vector(-1, 0, 1, 2)],
      new Map([
        ['n', 2],
        ['m', 4],
      ]),
    );
    expect([...(picked?.data ?? [])]).toEqual([Number.NaN, 10, 20, Number.NaN]);
    const y = b.input('y', 'state', { dtype: 'real', shape: [symbol('m')] });
    const back = b.graph('g', [y, where], [b.one('scatter_add', [y, where], { axis: 0, length: symbol('n') })]);
    const [placed] = interpret(
      back,
      [vector(1, 2, 4, 8), vector(-1, 1, 1, 2)],
      new Map([
        ['n', 2],
        ['m', 4],
      ]),
    );
    expect([...(placed?.data ?? [])]).toEqual([0, 6]);
  });
  it('never reach a neighbour in a batch', () => {
    const wideX = b.input('xs', 'state', { dtype: 'real', shape: [symbol('w'), symbol('n')] });
    const wideI = b.input('is', 'data', { dtype: 'int', shape: [symbol('w'), symbol('m')] });
    const results = batch(
      b,
      [b.gather(x, where, 0)],
      new Map([
        [x, wideX],
        [where, wideI],
      ]),
      symbol('w'),
    );
    const graph = b.graph('f', [wideX, wideI], results);
    const sizes = new Map([
      ['n', 2],
      ['m', 2],
      ['w', 2],
    ]);
    const [picked] = interpret(
      graph,
      [
        { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) },
        { shape: [2, 2], data: Float64Array.of(2, 1, -1, 0) },
      ],
      sizes,
    );
    expect([...(picked?.data ?? [])]).toEqual([Number.NaN, 2, Number.NaN, 3]);
  });
});

describe('factorisations', () => {
  const n = number(2);
  it('cholesky of a matrix that is not positive definite is NaN throughout', () => {
    const b = new Builder();
    const a = b.input('a', 'state', { dtype: 'real', shape: [n, n] });
    const graph = b.graph('f', [a], [b.cholesky(a)]);
    const factor = (...data: number[]): number[] => [
      ...(interpret(graph, [{ shape: [2, 2], data: Float64Array.from(data) }], none)[0]?.data ?? []),
    ];
    expect(factor(4, 2, 2, 5)).toEqual([2, 0, 1, 2]);
    expect(factor(1, 2, 2, 1).every(Number.isNaN)).toBe(true);
    expect(factor(0, 0, 0, 1).every(Number.isNaN)).toBe(true);
    expect(factor(1, Number.NaN, Number.NaN, 1).every(Number.isNaN)).toBe(true);
  });

  it('a Gram matrix is symmetric to the last bit, also beyond one block', () => {
    const b = new Builder();
    const x = b.input('x', 'data', { dtype: 'real', shape: [symbol('n'), symbol('d')] });
    const graph = b.graph('f', [x], [b.dotGeneral(x, x, [[0], [0]]), b.dotGeneral(x, x, [[1], [1]])]);
    const [rows, columns] = [613, 7];
    const data = Float64Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 1.7 + 0.3));
    const grams = interpret(
      graph,
      [{ shape: [rows, columns], data }],
      new Map([
        ['n', rows],
        ['d', columns],
      ]),
    );
    for (const { data: gram, shape } of grams) {
      const size = shape[0] ?? 0;
      for (let i = 0; i < size; i += 3) for (let j = 0; j < i; j += 5) expect(gram[i * size + j]).toBe(gram[j * size + i]);
    }
    expect(grams[0]?.data[1]).toBeCloseTo(
      data.reduce((sum, v, i) => (i % columns === 0 ? sum + v * (data[i + 1] ?? 0) : sum), 0),
      9,
    );
  });

  it('sums do not lose small terms behind a large count', () => {
    const b = new Builder();
    const x = b.input('x', 'data', { dtype: 'real', shape: [symbol('n')] });
    const graph = b.graph('f', [x], [b.sum(x), b.inner(x, x)]);
    const count = 1_000_000;
    const results = interpret(graph, [{ shape: [count], data: new Float64Array(count).fill(0.1) }], new Map([['n', count]]));
    expect(Math.abs((results[0]?.data[0] ?? 0) - 100000)).toBeLessThan(1e-9);
    expect(Math.abs((results[1]?.data[0] ?? 0) - 10000)).toBeLessThan(1e-10);
  });
});

describe('argsort', () => {
  it('keeps the order of ties, and puts what is not a number last, on both backends', async () => {
    const b = new Builder();
    const x = b.input('x', 'state', { dtype: 'real', shape: [symbol('n')] });
    const graph = b.graph('f', [x], [b.one('argsort', [x], { axis: 0 })]);
    const list = vector(2, Number.NaN, -0, 1, 0, Number.NaN, 2, -Infinity);
    const expected = [7, 2, 4, 3, 0, 6, 1, 5];
    const sizes = new Map([['n', 8]]);
    expect([...(interpret(graph, [list], sizes)[0]?.data ?? [])]).toEqual(expected);
    const [computed] = await compileGraph(graph, 'f64')([list], sizes);
    expect([...(computed?.data ?? [])]).toEqual(expected);
  });
});

const square = (...rows: readonly (readonly number[])[]): Tensor => ({
  shape: [rows.length, rows.length],
  data: Float64Array.from(rows.flat()),
});

describe('a system without a solution', () => {
  it.each([
    ['singular', square([1, 2], [2, 4])],
    ['zero', square([0, 0], [0, 0])],
    ['with a NaN', square([1, 2], [3, Number.NaN])],
    ['infinite', square([Infinity, 2], [3, 4])],
  ])('is NaN throughout, on both backends: %s', async (_, A) => {
    const b = new Builder();
    const matrix = b.input('A', 'state', { dtype: 'real', shape: [number(2), number(2)] });
    const rhs = b.input('b', 'state', { dtype: 'real', shape: [number(2)] });
    const graph = b.graph('f', [matrix, rhs], [b.one('solve', [matrix, rhs], { transposed: false })]);
    expect([...(interpret(graph, [A, vector(1, 2)], none)[0]?.data ?? [])]).toEqual([Number.NaN, Number.NaN]);
    const [computed] = await compileGraph(graph, 'f64')([A, vector(1, 2)], none);
    expect([...(computed?.data ?? [])]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('eigh', () => {
  /** A graph of a matrix `[d, d]`, on both backends. */
  async function both(make: (b: Builder, A: Value) => readonly Value[], A: Tensor): Promise<readonly (readonly number[][])[]> {
    const b = new Builder();
    const d = number(A.shape[0] ?? 0);
    const matrix = b.input('A', 'state', { dtype: 'real', shape: [d, d] });
    const graph = b.graph('f', [matrix], make(b, matrix));
    const lists = (tensors: readonly Tensor[]): number[][] => tensors.map((t) => [...t.data]);
    return [lists(interpret(graph, [A], none)), lists(await compileGraph(graph, 'f64')([A], none))];
  }

  it('sorts values and gives each vector the sign of its greatest component', async () => {
    for (const [values, vectors] of await both((b, A) => b.emit('eigh', [A]), square([3, 0, 0], [0, -1, 0], [0, 0, 2]))) {
      expect(values).toEqual([-1, 2, 3]);
      expect(vectors?.map((x) => x + 0)).toEqual([0, 0, 1, 1, 0, 0, 0, 1, 0]);
    }
  });

  it('is NaN where the matrix is', async () => {
    for (const results of await both((b, A) => b.emit('eigh', [A]), square([1, Number.NaN], [0, 1])))
      expect(results.flat()).toEqual(Array<number>(6).fill(Number.NaN));
  });

  // 2 I − u uᵀ: the value 1 of u alone, and the value 2 twice, which comes out with rounding between.
  const u = [1, 2, 3].map((x) => x / Math.sqrt(14));
  const at = (list: readonly number[], i: number): number => list[i] ?? Number.NaN;
  const rows = (element: (i: number, j: number) => number): Tensor => square(...[0, 1, 2].map((i) => [0, 1, 2].map((j) => element(i, j))));
  const tied = rows((i, j) => (i === j ? 2 : 0) - at(u, i) * at(u, j));
  /** An element of a vector: the slope of what asks for it alone. */
  const element = (b: Builder, A: Value, vector: number): Value => {
    const column = b.slice(given(b.emit('eigh', [A])[1]), 1, number(vector), number(1));
    return b.sum(b.slice(column, 0, number(0), number(1)));
  };

  it('equal values do not spoil the derivative of their sum, which is the identity', async () => {
    for (const [slope] of await both((b, A) => gradient(b, b.sum(given(b.emit('eigh', [A])[0])), [A]), tied))
      slope?.forEach((x, i) => expect(x).toBeCloseTo(i % 4 === 0 ? 1 : 0, 14));
  });

  it('a vector of equal values has no derivative, and says so', async () => {
    for (const [slope] of await both((b, A) => gradient(b, element(b, A, 1), [A]), tied)) expect(slope?.some(Number.isFinite)).toBe(false);
  });

  it('a vector whose value is alone has one, whatever the others are', async () => {
    // u̇ = −(I − u uᵀ) Ȧ u, since both gaps are 1.
    const half = (i: number, j: number): number => -((i === 0 ? 1 : 0) - at(u, 0) * at(u, i)) * at(u, j);
    const expected = rows((i, j) => (half(i, j) + half(j, i)) / 2).data;
    for (const [slope] of await both((b, A) => gradient(b, element(b, A, 0), [A]), tied))
      slope?.forEach((x, i) => expect(x).toBeCloseTo(expected[i] ?? Number.NaN, 13));
  });
});
