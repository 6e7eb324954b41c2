/** What the ops mean where random samples do not go: kinks, ties, edges of domains, positions outside, failure. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { number, symbol } from '../../compiler/ir/dims.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { interpret } from '../../compiler/ir/interpret.ts';
import { erf } from '../../compiler/ops/erf.ts';
import { batch } from '../../compiler/transform/batch.ts';
import { jvp } from '../../compiler/transform/jvp.ts';
import { gradient } from '../../compiler/transform/transpose.ts';

const vector = (...data: number[]): Tensor => ({ shape: [data.length], data: Float64Array.from(data) });
const scalar = (x: number): Tensor => ({ shape: [], data: Float64Array.of(x) });
const none = new Map<string, number>();

/** f of scalars, and its forward and reverse derivative in the first one. */
function at(f: (b: Builder, ...x: readonly Value[]) => Value, ...point: readonly number[]): { value: number; forward: number; reverse: number; second: number } {
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

describe('a branch that is not taken contributes nothing', () => {
  it('sqrt beside a choice', () => {
    const f = (b: Builder, x: Value | undefined): Value => {
      const v = x ?? b.constant(0);
      return b.select(b.less(b.constant(0), v), b.sqrt(v), b.constant(3));
    };
    expect(at(f, 0)).toEqual({ value: 3, forward: 0, reverse: 0, second: 0 });
    expect(at(f, -1)).toEqual({ value: 3, forward: 0, reverse: 0, second: 0 });
    expect(at(f, 4)).toMatchObject({ value: 2, forward: 0.25, reverse: 0.25 });
  });

  it('a quotient and a logarithm', () => {
    const f = (b: Builder, x: Value | undefined): Value => {
      const v = x ?? b.constant(0);
      return b.select(b.equal(v, b.constant(0)), v, b.div(b.unary('log', v), v));
    };
    expect(at(f, 0)).toMatchObject({ value: 0, forward: 1, reverse: 1 });
    expect(at(f, 1)).toMatchObject({ value: 0, forward: 1, reverse: 1 });
  });

  it('a choice of both branches adds their derivatives where each is taken', () => {
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
    expect(at((b, x, y) => b.one(op, [x ?? b.constant(0), y ?? b.constant(0)]), 2, 2)).toMatchObject({ value: 2, forward: 0.5, reverse: 0.5 });
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
  it('x^0 has derivative 0 at 0, to second order', () => {
    expect(at(power, 0, 0)).toEqual({ value: 1, forward: 0, reverse: 0, second: 0 });
  });
  it('x^1 and x^2 at 0', () => {
    expect(at(power, 0, 1)).toEqual({ value: 0, forward: 1, reverse: 1, second: 0 });
    expect(at(power, 0, 2)).toEqual({ value: 0, forward: 0, reverse: 0, second: 2 });
    expect(at((b, x) => b.pow(x ?? b.constant(0), b.constant(2)), 0)).toEqual({ value: 0, forward: 0, reverse: 0, second: 2 });
  });
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

describe('elementary functions', () => {
  it('sigmoid and softplus neither overflow nor lose their tails', () => {
    const sigmoid = (x: number): number => at((b, v) => b.unary('sigmoid', v ?? b.constant(0)), x).value;
    const softplus = (x: number): number => at((b, v) => b.unary('softplus', v ?? b.constant(0)), x).value;
    expect([sigmoid(1000), sigmoid(-1000), softplus(1000), softplus(-1000)]).toEqual([1, 0, 1000, 0]);
    expect(sigmoid(-40) / Math.exp(-40)).toBeCloseTo(1, 14);
    expect(softplus(-40) / Math.exp(-40)).toBeCloseTo(1, 14);
  });

  it('erf is exact to a few units in the last place', () => {
    for (let i = -1200; i <= 1200; i++) {
      const x = i / 256 + 1 / 2048;
      const want = exactErf(x);
      expect(Math.abs(erf(x) - want), `erf(${x})`).toBeLessThanOrEqual(4 * Number.EPSILON * Math.abs(want));
    }
    expect([erf(0), erf(-0), erf(7), erf(-7), erf(Infinity), erf(-Infinity)]).toEqual([0, -0, 1, -1, 1, -1]);
    expect(erf(Number.NaN)).toBeNaN();
    expect(erf(1e-300)).toBeCloseTo(0, 15);
  });
});

/** 2/√π · Σ (−1)ⁿ x^(2n+1) / (n! (2n+1)) in fixed point with 400 binary places; x is a multiple of 2⁻⁴⁰. */
function exactErf(x: number): number {
  const one = 1n << 400n;
  const argument = (BigInt(Math.round(x * 2 ** 40)) * one) >> 40n;
  const square = (argument * argument) / one;
  let power = argument;
  let sum = 0n;
  for (let n = 0n; power !== 0n; n++) {
    sum += ((n % 2n === 0n ? 1n : -1n) * power) / (2n * n + 1n);
    power = (power * square) / one / (n + 1n);
  }
  const pi = (31415926535897932384626433832795028841971n * one) / 10n ** 40n;
  let root = 2n * one;
  for (let next = (root + (pi * one) / root) / 2n; next < root; next = (root + (pi * one) / root) / 2n) root = next;
  return Number((2n * sum * one) / root >> 300n) / 2 ** 100;
}

describe('positions outside', () => {
  const b = new Builder();
  const x = b.input('x', 'state', { dtype: 'real', shape: [symbol('n')] });
  const where = b.input('i', 'data', { dtype: 'int', shape: [symbol('m')] });
  it('gather gives NaN, scatter_add drops', () => {
    const graph = b.graph('f', [x, where], [b.gather(x, where, 0)]);
    const [picked] = interpret(graph, [vector(10, 20), vector(-1, 0, 1, 2)], new Map([['n', 2], ['m', 4]]));
    expect([...(picked?.data ?? [])]).toEqual([Number.NaN, 10, 20, Number.NaN]);
    const y = b.input('y', 'state', { dtype: 'real', shape: [symbol('m')] });
    const back = b.graph('g', [y, where], [b.one('scatter_add', [y, where], { axis: 0, length: symbol('n') })]);
    const [placed] = interpret(back, [vector(1, 2, 4, 8), vector(-1, 1, 1, 2)], new Map([['n', 2], ['m', 4]]));
    expect([...(placed?.data ?? [])]).toEqual([0, 6]);
  });
  it('never reach a neighbour in a batch', () => {
    const wideX = b.input('xs', 'state', { dtype: 'real', shape: [symbol('w'), symbol('n')] });
    const wideI = b.input('is', 'data', { dtype: 'int', shape: [symbol('w'), symbol('m')] });
    const results = batch(b, [b.gather(x, where, 0)], new Map([[x, wideX], [where, wideI]]), symbol('w'));
    const graph = b.graph('f', [wideX, wideI], results);
    const sizes = new Map([['n', 2], ['m', 2], ['w', 2]]);
    const [picked] = interpret(graph, [{ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }, { shape: [2, 2], data: Float64Array.of(2, 1, -1, 0) }], sizes);
    expect([...(picked?.data ?? [])]).toEqual([Number.NaN, 2, Number.NaN, 3]);
  });
});

describe('factorisations', () => {
  const n = number(2);
  it('cholesky of a matrix that is not positive definite is NaN throughout', () => {
    const b = new Builder();
    const a = b.input('a', 'state', { dtype: 'real', shape: [n, n] });
    const graph = b.graph('f', [a], [b.cholesky(a)]);
    const factor = (...data: number[]): number[] => [...(interpret(graph, [{ shape: [2, 2], data: Float64Array.from(data) }], none)[0]?.data ?? [])];
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
    const grams = interpret(graph, [{ shape: [rows, columns], data }], new Map([['n', rows], ['d', columns]]));
    for (const { data: gram, shape } of grams) {
      const size = shape[0] ?? 0;
      for (let i = 0; i < size; i += 3) for (let j = 0; j < i; j += 5) expect(gram[i * size + j]).toBe(gram[j * size + i]);
    }
    expect(grams[0]?.data[1]).toBeCloseTo(data.reduce((sum, v, i) => (i % columns === 0 ? sum + v * (data[i + 1] ?? 0) : sum), 0), 9);
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
