/**
 * The elementary functions of the Wasm backend: against a table of exact values, against V8's over all magnitudes, and at the ends of
 * the number line. Bounds are in units of the last place.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mathFunctions, type MathName } from '../../../compiler/emit/wasm/math/functions.ts';
import { erf } from '../../../compiler/ops/erf.ts';
import { numbers, precisions } from '../routines/instance.ts';
import { functionsIn, names, unitsOff } from './vectors.ts';

type Row = readonly number[];
const table = JSON.parse(readFileSync(new URL('table.json', import.meta.url), 'utf8')) as Readonly<Record<MathName, readonly Row[]>>;

const apply = { f64: functionsIn('f64'), f32: functionsIn('f32') };

const bounds: Readonly<Record<MathName, { readonly f64: number; readonly f32: number }>> = {
  exp: { f64: 1.6, f32: 1.6 },
  log: { f64: 1, f32: 1 },
  log1p: { f64: 1, f32: 1 },
  expm1: { f64: 1.2, f32: 1.3 },
  tanh: { f64: 1.7, f32: 1.7 },
  sigmoid: { f64: 2, f32: 2.5 },
  softplus: { f64: 2, f32: 2 },
  sin: { f64: 1, f32: 1.7 },
  cos: { f64: 1, f32: 1.7 },
  erf: { f64: 2, f32: 2 },
  pow: { f64: 1.1, f32: 0.6 },
};

/** What the ops mean, in float64. */
const meaning: Readonly<Record<MathName, (x: number, y: number) => number>> = {
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  expm1: Math.expm1,
  tanh: Math.tanh,
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  sin: Math.sin,
  cos: Math.cos,
  erf,
  pow: (x, y) => x ** y,
};

/** The ends of the number line, and what is next to them. */
const special = [Number.NaN, 0, 1, 2, 3, 0.5, 2.5, 2 ** -149, 2 ** -126, 2 ** -30, 88, 103, 710, 746, 2 ** 24 + 2, 1e30, 3e38, Infinity]
  .flatMap((x) => [x, -x])
  .map(Math.fround);
const wide = [...special, Number.MIN_VALUE, -Number.MIN_VALUE, 2 ** -1022, 2 ** 53 + 2, Number.MAX_VALUE, -Number.MAX_VALUE];

describe.each(precisions)('functions in %s', (precision) => {
  const narrow = (x: number): number => (precision === 'f64' ? x : Math.fround(x));

  it.each(names)('%s is right at every point of the table', (name) => {
    const { arity } = mathFunctions[name];
    const rows = table[name].filter((row) => row.slice(0, arity).every((x) => narrow(x) === x));
    expect(rows.length).toBeGreaterThan(150);
    const [xs, ys] = [0, 1].map((i) => rows.map((row) => row[i] ?? 0));
    const values = apply[precision](name, xs ?? [], ys);
    const wrong = rows.flatMap((row, i) => {
      const units = unitsOff(precision, values[i] ?? 0, row[arity] ?? 0, row[arity + 1]);
      return units <= bounds[name][precision] ? [] : [{ at: row.slice(0, arity), got: values[i], units }];
    });
    expect(wrong).toEqual([]);
  });

  it.each(names)('%s is what the op means at the ends of the number line', (name) => {
    const points = precision === 'f64' ? wide : special;
    const pairs = mathFunctions[name].arity === 1 ? points.map((x) => [x, 0]) : points.flatMap((x) => points.map((y) => [x, y]));
    const [xs, ys] = [0, 1].map((i) => pairs.map((p) => p[i] ?? 0));
    const values = apply[precision](name, xs ?? [], ys);
    const wrong = pairs.flatMap(([x = 0, y = 0], i) => {
      const exact = meaning[name](x, y);
      // A value that is 0, infinite or not a number is to be the same one; others are as near as the meaning itself is.
      const want = precision === 'f32' && Math.abs(exact) < 2 ** -150 ? Math.fround(exact) : exact;
      return unitsOff(precision, values[i] ?? 0, want) <= 4 ? [] : [{ at: [x, y], got: values[i], want }];
    });
    expect(wrong).toEqual([]);
  });

  it.each(names)('%s does not depend on the lane, nor on what is beside it', (name) => {
    const { arity } = mathFunctions[name];
    const rows = table[name].filter((_, i) => i % 5 === 0);
    const [xs, ys] = [0, 1].map((i) => [...rows.map((row) => narrow(row[i] ?? 0)), ...special.slice(0, arity === 1 ? undefined : 8)]);
    const straight = apply[precision](name, xs ?? [], ys);
    for (const shift of [1, 2, 3]) {
      const before = special.slice(0, shift);
      const moved = apply[precision](name, [...before, ...(xs ?? [])], [...before, ...(ys ?? [])]).slice(shift);
      expect(moved.findIndex((v, i) => !Object.is(v, straight[i]))).toBe(-1);
    }
    const reversed = apply[precision](name, xs?.toReversed() ?? [], ys?.toReversed()).toReversed();
    expect(reversed.findIndex((v, i) => !Object.is(v, straight[i]))).toBe(-1);
  });
});

/** V8's own functions are within one unit; sums of them are not. */
const ofV8 = names.filter((name) => !['sigmoid', 'softplus', 'erf'].includes(name));

describe('100000 random points', () => {
  const seed = 11;
  const next = numbers(seed);
  const ranges = [2, 20, 750];

  it.each(ofV8)(`%s agrees with V8's to 3 units, seed ${seed}`, (name) => {
    const draw = (): number => next() * (ranges[Math.floor(Math.abs(next()) * 3)] ?? 1);
    const onlyPositive = name === 'log' || name === 'pow';
    const xs = Array.from({ length: 100_000 }, () => (onlyPositive ? Math.abs(draw()) : draw()));
    const ys = xs.map(() => next() * 20);
    const values = apply.f64(name, xs, ys);
    const bad = xs.findIndex((x, i) => !(unitsOff('f64', values[i] ?? 0, meaning[name](x, ys[i] ?? 0)) <= 3));
    expect([xs[bad], ys[bad]]).toEqual([undefined, undefined]);
  });

  it.each(names.filter((name) => name !== 'pow'))('%s agrees with float64 on float32 of all magnitudes', (name) => {
    const bits = Int32Array.from({ length: 100_000 }, (_, i) => i * 42_949);
    const xs = Array.from(new Float32Array(bits.buffer));
    const values = apply.f32(name, xs);
    const bad = xs.findIndex((x, i) => {
      const exact = meaning[name](x, 0);
      const want = Math.abs(exact) < 2 ** -150 ? Math.fround(exact) : exact;
      return !(unitsOff('f32', values[i] ?? 0, want) <= bounds[name].f32);
    });
    expect(xs[bad]).toBe(undefined);
  });
});
