import { describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { number as dim } from '../../compiler/ir/dims.ts';
import type { Value } from '../../compiler/ir/graph.ts';
import { iterate, scan } from '../../compiler/ir/loops.ts';
import { batch } from '../../compiler/transform/batch.ts';
import { jvp } from '../../compiler/transform/jvp.ts';
import { gradient } from '../../compiler/transform/transpose.ts';
import { evaluate, numbers, scalar, vector } from '../helpers/evaluate.ts';

const first = <T>(list: readonly T[]): T => {
  const [value] = list;
  if (value === undefined) throw new Error('empty');
  return value;
};

/** x_{t+1} = x_t − η (x_t − λ)·s_t from x₀, ten times; s has one number a step. */
function descent(b: Builder, x0: Value, eta: Value, lambda: Value, s: Value): { last: Value; path: Value } {
  const loop = scan(b, {
    length: dim(10),
    states: [x0],
    slices: [s],
    body: ([x], [scale]) => {
      const next = b.sub(first([x as Value]), b.mul(b.mul(eta, scale as Value), b.sub(x as Value, lambda)));
      return { states: [next], stacked: [x as Value] };
    },
  });
  return { last: first(loop.states), path: first(loop.stacked) };
}

const slopes = Array.from({ length: 10 }, (_, t) => 1 + 0.1 * t);
const point = { x0: 2, eta: 0.1, lambda: 0.5 };

function plain(x0: number, eta: number, lambda: number, s: readonly number[]): number {
  return s.reduce((x, st) => x - eta * st * (x - lambda), x0);
}

/** The derivative of `plain` in one coordinate by central differences of fourth order. */
function difference(f: (t: number) => number, at: number): number {
  const h = 1e-4;
  return (8 * (f(at + h) - f(at - h)) - (f(at + 2 * h) - f(at - 2 * h))) / (12 * h);
}

function setting() {
  const b = new Builder();
  const x0 = b.input('x0', 'state');
  const eta = b.input('eta', 'hyper');
  const lambda = b.input('lambda', 'hyper');
  const s = b.input('s', 'data', { dtype: 'real', shape: [dim(10)] });
  const inputs = new Map([
    [x0, scalar(point.x0)],
    [eta, scalar(point.eta)],
    [lambda, scalar(point.lambda)],
    [s, vector(...slopes)],
  ]);
  return { b, x0, eta, lambda, s, inputs, ...descent(b, x0, eta, lambda, s) };
}

describe('scan', () => {
  it('runs its steps in order and stacks', () => {
    const { b, last, path, inputs } = setting();
    const [end, states] = evaluate(b, [last, path], inputs);
    expect(numbers(end)[0]).toBeCloseTo(plain(point.x0, point.eta, point.lambda, slopes), 14);
    expect(states?.shape).toEqual([10]);
    expect(numbers(states)[0]).toBe(2);
  });

  it('is differentiated in reverse in start, constants and slices', () => {
    const { b, x0, eta, lambda, s, last, inputs } = setting();
    const value = b.mul(last, last);
    const [gx, ge, gl, gs] = evaluate(b, gradient(b, value, [x0, eta, lambda, s]), inputs);
    const squared = (x: number, e: number, l: number, sl: readonly number[] = slopes): number => plain(x, e, l, sl) ** 2;
    expect(numbers(gx)[0]).toBeCloseTo(
      difference((t) => squared(t, point.eta, point.lambda), point.x0),
      9,
    );
    expect(numbers(ge)[0]).toBeCloseTo(
      difference((t) => squared(point.x0, t, point.lambda), point.eta),
      9,
    );
    expect(numbers(gl)[0]).toBeCloseTo(
      difference((t) => squared(point.x0, point.eta, t), point.lambda),
      9,
    );
    for (const k of [0, 4, 9]) {
      const along = (t: number): number =>
        squared(
          point.x0,
          point.eta,
          point.lambda,
          slopes.map((v, i) => (i === k ? t : v)),
        );
      expect(numbers(gs)[k]).toBeCloseTo(difference(along, slopes[k] ?? 0), 9);
    }
  });

  it('is differentiated twice', () => {
    const { b, eta, last, inputs } = setting();
    const [slope] = gradient(b, b.mul(last, last), [eta]);
    const [second] = gradient(b, slope as Value, [eta]);
    const [forward] = jvp(b, [slope as Value], new Map([[eta, b.constant(1)]]));
    const [reverseOverReverse, forwardOverReverse] = evaluate(b, [second as Value, forward as Value], inputs);
    const slopeAt = (e: number): number => difference((t) => plain(point.x0, t, point.lambda, slopes) ** 2, e);
    expect(numbers(reverseOverReverse)[0]).toBeCloseTo(difference(slopeAt, point.eta), 5);
    expect(numbers(forwardOverReverse)[0]).toBeCloseTo(numbers(reverseOverReverse)[0] ?? NaN, 11);
  });

  it('differentiates what it stacks', () => {
    const { b, eta, path, inputs } = setting();
    const [slope] = evaluate(b, gradient(b, b.sum(path), [eta]), inputs);
    const total = (e: number): number => slopes.reduce((sum, _, t) => sum + plain(point.x0, e, point.lambda, slopes.slice(0, t)), 0);
    expect(numbers(slope)[0]).toBeCloseTo(difference(total, point.eta), 8);
  });

  it('is batched like separate runs, with what does not vary left alone', () => {
    const { b, eta, last, inputs } = setting();
    const rates = b.input('rates', 'hyper', { dtype: 'real', shape: [dim(3)] });
    const [wide] = batch(b, [last], new Map([[eta, rates]]), dim(3));
    const [values] = evaluate(b, [wide as Value], new Map([...inputs].filter(([v]) => v !== eta).concat([[rates, vector(0.1, 0.2, 0.3)]])));
    expect(numbers(values)).toEqual([0.1, 0.2, 0.3].map((e) => expect.closeTo(plain(point.x0, e, point.lambda, slopes), 14) as number));
  });

  it('keeps what does not depend on its state outside', () => {
    const b = new Builder();
    const data = b.input('data', 'data', { dtype: 'real', shape: [dim(5)] });
    const { states } = scan(b, {
      length: dim(3),
      states: [b.constant(0)],
      body: ([x]) => ({ states: [b.add(x as Value, b.sum(b.unary('exp', data)))] }),
    });
    const loop = first(states).node;
    expect(loop.attributes.body?.nodes.map((n) => n.op)).toEqual(['add']);
  });

  it('runs no step of length 0', () => {
    const b = new Builder();
    const x = b.input('x', 'state');
    const { states, stacked } = scan(b, {
      length: dim(0),
      states: [x],
      body: ([s]) => ({ states: [b.scale(s as Value, 2)], stacked: [s as Value] }),
    });
    const [end, none] = evaluate(b, [first(states), first(stacked)], new Map([[x, scalar(3)]]));
    expect(numbers(end)).toEqual([3]);
    expect(none?.shape).toEqual([0]);
  });
});

describe('iterate', () => {
  /** Newton's iteration for √a. */
  const root = (b: Builder, a: Value, limit = 50): readonly Value[] =>
    iterate(b, {
      limit,
      states: [b.add(a, b.constant(0)), b.constant(0)],
      test: ([x]) => b.less(b.constant(1e-14), b.abs(b.sub(b.mul(x as Value, x as Value), a))),
      body: ([x, k]) => [b.scale(b.add(x as Value, b.div(a, x as Value)), 0.5), b.add(k as Value, b.constant(1))],
    });

  it('stops by its test, or at its limit', () => {
    const b = new Builder();
    const a = b.input('a', 'state');
    const [x, k] = evaluate(b, root(b, a), new Map([[a, scalar(9)]]));
    expect(numbers(x)[0]).toBeCloseTo(3, 14);
    expect(numbers(k)[0]).toBeLessThan(10);
    const [, limited] = evaluate(b, root(b, a, 2), new Map([[a, scalar(9)]]));
    expect(numbers(limited)[0]).toBe(2);
  });

  it('is batched by masking: every task takes as many steps as it would alone', () => {
    const b = new Builder();
    const a = b.input('a', 'state');
    const wide = b.input('wide', 'state', { dtype: 'real', shape: [dim(3)] });
    const steps = root(b, a);
    const values = [9, 2, 1e6];
    const alone = values.map((v) => evaluate(b, steps, new Map([[a, scalar(v)]])).map((t) => numbers(t)[0]));
    const [x, k] = evaluate(b, batch(b, steps, new Map([[a, wide]]), dim(3)), new Map([[wide, vector(...values)]]));
    expect(numbers(x)).toEqual(alone.map(([v]) => v));
    expect(numbers(k)).toEqual(alone.map(([, n]) => n));
  });

  it('refuses to be differentiated', () => {
    const b = new Builder();
    const a = b.input('a', 'state');
    expect(() => gradient(b, root(b, a)[0] as Value, [a])).toThrow(/not differentiated/);
  });
});
