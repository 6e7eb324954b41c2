/** What the ops mean where random samples do not go: kinks, ties, positions outside, sums of many, matrices without a factor. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { number, symbol } from '../../compiler/ir/dims.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { interpret } from '../../compiler/ir/interpret.ts';
import { batch } from '../../compiler/transform/batch.ts';
import { jvp } from '../../compiler/transform/jvp.ts';
import { gradient } from '../../compiler/transform/transpose.ts';

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
