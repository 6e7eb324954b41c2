/** Elementary functions where they are hard: at the ends of the number line, next to 0, on the branch that is not taken. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { number } from '../../compiler/ir/dims.ts';
import type { Value } from '../../compiler/ir/graph.ts';
import { erf } from '../../compiler/ops/erf.ts';
import { jvp } from '../../compiler/transform/jvp.ts';
import { gradient } from '../../compiler/transform/transpose.ts';
import { evaluate, numbers, scalar } from '../helpers/evaluate.ts';

type F = (b: Builder, x: Value) => Value;

/** f, f′ by reverse and by forward mode, and f″, at x. */
function derivatives(f: F, at: number): readonly (number | undefined)[] {
  const b = new Builder();
  const x = b.input('x', 'state');
  const y = f(b, x);
  const [slope] = gradient(b, y, [x]);
  const [forward] = jvp(b, [y], new Map([[x, b.constant(1)]]));
  const [bend] = gradient(b, slope ?? x, [x]);
  const outputs = [y, slope, forward ?? b.constant(0), bend].filter((v) => v !== undefined);
  return evaluate(b, outputs, new Map([[x, scalar(at)]])).map((t) => numbers(t)[0]);
}

const op =
  (name: Parameters<Builder['unary']>[0]): F =>
  (b, x) =>
    b.unary(name, x);

describe('erf', () => {
  const table = JSON.parse(readFileSync(new URL('erf-table.json', import.meta.url), 'utf8')) as readonly (readonly [string, string])[];

  it('agrees with a table of 40 digits to a few units in the last place', () => {
    const bad = table.filter(([x, y]) => !(Math.abs(erf(Number(x)) - Number(y)) <= 4 * Number.EPSILON * Math.abs(Number(y))));
    expect(table.length).toBeGreaterThan(100);
    expect(bad.map(([x]) => x)).toEqual([]);
  });

  it('is odd', () => {
    expect(table.filter(([x]) => erf(-Number(x)) !== -erf(Number(x)))).toEqual([]);
  });
});

describe('saturating functions', () => {
  it.each([
    ['softplus', 800, [800, 1, 1, 0]],
    ['softplus', -800, [0, 0, 0, 0]],
    ['sigmoid', 800, [1, 0, 0, 0]],
    ['sigmoid', -800, [0, 0, 0, 0]],
    ['tanh', 800, [1, 0, 0, -0]],
    ['tanh', -800, [-1, 0, 0, 0]],
  ] as const)('%s at %d, with its derivatives', (name, at, expected) => {
    expect(derivatives(op(name), at).map((y) => (y ?? Number.NaN) + 0)).toEqual(expected.map((y) => y + 0));
  });

  it('softplus keeps its tail, and its derivative', () => {
    const [y, slope] = derivatives(op('softplus'), -700);
    expect((y ?? 0) / Math.exp(-700)).toBeCloseTo(1, 12);
    expect((slope ?? 0) / Math.exp(-700)).toBeCloseTo(1, 12);
  });
});

describe('next to 0', () => {
  it('log1p and expm1 lose nothing', () => {
    expect(derivatives(op('log1p'), 1e-20)).toEqual([1e-20, 1, 1, -1]);
    expect(derivatives(op('expm1'), 1e-20)).toEqual([1e-20, 1, 1, 1]);
  });

  it('a sigmoid cross-entropy of a sure and right answer is its tail, not 0', () => {
    const [y] = derivatives((b, x) => b.sub(b.unary('softplus', x), x), 30);
    expect((y ?? 0) >= 0).toBe(true);
    const [tail] = derivatives((b, x) => b.unary('softplus', b.neg(x)), 30);
    expect((tail ?? 0) / Math.exp(-30)).toBeCloseTo(1, 12);
  });
});

describe('the branch that is not taken', () => {
  const guardedLog: F = (b, x) => b.select(b.less(b.constant(0), x), b.unary('log', x), b.constant(0));

  it.each([0, -1])('if x > 0 then log(x) else 0 has derivatives 0 at %d', (at) => {
    expect(derivatives(guardedLog, at).map((y) => (y ?? Number.NaN) + 0)).toEqual([0, 0, 0, 0]);
  });

  it('and those of log where it is taken', () => {
    expect(derivatives(guardedLog, 2)).toEqual([Math.log(2), 0.5, 0.5, -0.25]);
  });

  it.each([
    ['sqrt', (b: Builder, x: Value) => b.sqrt(x)],
    ['1/x', (b: Builder, x: Value) => b.div(b.constant(1), x)],
    ['x^−1.5', (b: Builder, x: Value) => b.pow(x, b.constant(-1.5))],
    ['x · log x', (b: Builder, x: Value) => b.mul(x, b.unary('log', x))],
    ['exp(1/x)', (b: Builder, x: Value) => b.unary('exp', b.div(b.constant(1), x))],
    ['sin(1/x)', (b: Builder, x: Value) => b.unary('sin', b.div(b.constant(1), x))],
    ['Σ x · log x', (b: Builder, x: Value) => b.inner(b.broadcast(x, [number(3)], []), b.unary('log', b.broadcast(x, [number(3)], [])))],
    ['log(1 + log x)', (b: Builder, x: Value) => b.unary('log1p', b.unary('log', x))],
  ] as const)('%s leaves nothing behind at 0', (_name, f) => {
    const choice: F = (b, x) => b.select(b.less(b.constant(0), x), f(b, x), b.mul(x, x));
    expect(derivatives(choice, 0).map((y) => (y ?? Number.NaN) + 0)).toEqual([0, 0, 0, 2]);
  });

  it('leaves nothing behind of a branch that overflows', () => {
    const choice: F = (b, x) => b.select(b.less(x, b.constant(1)), x, b.unary('exp', b.mul(x, x)));
    expect(derivatives(choice, 0.5).map((y) => (y ?? Number.NaN) + 0)).toEqual([0.5, 1, 1, 0]);
    const overflowing: F = (b, x) => b.select(b.less(b.constant(0), x), x, b.unary('exp', b.mul(x, b.constant(-1e3))));
    expect(derivatives(overflowing, 5).slice(0, 3)).toEqual([5, 1, 1]);
    const infinite: F = (b, x) => b.select(b.less(x, b.constant(0)), x, b.unary('exp', b.neg(x)));
    expect(derivatives(infinite, -1000).slice(0, 3)).toEqual([-1000, 1, 1]);
  });
});

describe('powers', () => {
  it.each([
    [0, 0, [1, 0, 0, 0]],
    [1, 0, [0, 1, 1, 0]],
    [2, 0, [0, 0, 0, 2]],
    [3, 0, [0, 0, 0, 0]],
    [2, -3, [9, -6, -6, 2]],
    [3, -2, [-8, 12, 12, -12]],
  ] as const)('x^%d at %d, the exponent known or not', (exponent, at, expected) => {
    const known: F = (b, x) => b.pow(x, b.constant(exponent));
    const clean = (list: readonly (number | undefined)[]): readonly number[] => list.map((y) => (y ?? Number.NaN) + 0);
    expect(clean(derivatives(known, at))).toEqual(expected);
    const b = new Builder();
    const [x, y] = [b.input('x', 'state'), b.input('y', 'data')];
    const value = b.pow(x, y);
    const [slope] = gradient(b, value, [x]);
    const [bend] = gradient(b, slope ?? x, [x]);
    const results = evaluate(
      b,
      [value, slope ?? x, slope ?? x, bend ?? x],
      new Map([
        [x, scalar(at)],
        [y, scalar(exponent)],
      ]),
    );
    expect(clean(results.map((t) => numbers(t)[0]))).toEqual(expected);
  });
});
