import { describe, expect, it } from 'vitest';
import { differences, differentiate, noiseOf, noiseSamples, type Room } from '../../runtime/differences.ts';
import { keyOf, normal } from '../../runtime/random.ts';
import { scalarTensor, vectorTensor } from './modules.ts';

const everywhere: Room = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, open: false };
const abovezero: Room = { low: 0, high: Number.POSITIVE_INFINITY, open: true };
const fromZero: Room = { low: 0, high: Number.POSITIVE_INFINITY, open: false };
const box: Room = { low: -1, high: 1, open: false };

const rounding = 8 * Number.EPSILON;

describe('differences of one coordinate', () => {
  it.each<[string, (x: number) => number, (x: number) => number, number, Room, number]>([
    ['exp', Math.exp, Math.exp, 0.3, everywhere, 1e-11],
    ['exp far out', Math.exp, Math.exp, 20, everywhere, 1e-10],
    ['sin', Math.sin, Math.cos, 1, everywhere, 1e-11],
    ['a fast oscillation', (x) => Math.sin(200 * x), (x) => 200 * Math.cos(200 * x), 0.3, everywhere, 1e-8],
    ['log near its pole', Math.log, (x) => 1 / x, 1e-6, abovezero, 1e-8],
    ['sqrt', Math.sqrt, (x) => 0.5 / Math.sqrt(x), 2, abovezero, 1e-10],
    [
      'a rational with a near pole',
      (x) => 3 / (1 + Math.exp(x)),
      (x) => (-3 * Math.exp(x)) / (1 + Math.exp(x)) ** 2,
      -2,
      everywhere,
      1e-11,
    ],
    ['a constant', () => 7, () => 0, 1, everywhere, 1e-12],
    ['a line', (x) => 3 * x - 1, () => 3, 5, everywhere, 1e-12],
    ['large values', (x) => 1e8 + x * x, (x) => 2 * x, 1, everywhere, 1e-5],
    ['beside a closed bound', Math.exp, Math.exp, 0, fromZero, 1e-8],
    [
      'many kinks around',
      (x) => Array.from({ length: 40 }, (_, k) => Math.abs(x - 0.01 * k - 1e-3)).reduce((a, b) => a + b, 0),
      (x) => Array.from({ length: 40 }, (_, k) => Math.sign(x - 0.01 * k - 1e-3)).reduce((a, b) => a + b, 0),
      0.2,
      everywhere,
      1e-7,
    ],
    ['at the upper end of a box', (x) => x ** 3, (x) => 3 * x ** 2, 1, box, 1e-8],
  ])('%s: the error estimate covers the true error, and is small', async (_, f, slope, at, room, most) => {
    const value = f(at);
    const evaluated: number[] = [];
    const estimate = await differentiate((x) => (evaluated.push(x), Promise.resolve(f(x))), at, value, room, rounding * Math.abs(value));
    const exact = slope(at);
    expect(estimate).toBeDefined();
    expect(Math.abs((estimate?.derivative ?? Number.NaN) - exact)).toBeLessThanOrEqual(estimate?.error ?? 0);
    expect(estimate?.error).toBeLessThanOrEqual(most * Math.max(1, Math.abs(exact)));
    for (const x of evaluated) {
      expect(x).toBeGreaterThanOrEqual(room.low);
      expect(x).toBeLessThanOrEqual(room.high);
      if (room.open) expect(x).toBeGreaterThan(room.low);
    }
  });

  it('a noisy criterion earns a larger error', async () => {
    const noisy = (x: number): number => Math.exp(x) + 1e-6 * Math.sin(1e9 * x);
    const estimate = await differentiate((x) => Promise.resolve(noisy(x)), 0.5, noisy(0.5), everywhere, 1e-6);
    const miss = Math.abs((estimate?.derivative ?? 0) - Math.exp(0.5));
    expect(miss).toBeLessThanOrEqual(estimate?.error ?? 0);
    expect(estimate?.error).toBeGreaterThan(1e-7);
    expect(estimate?.error).toBeLessThan(1e-3);
  });

  it('shortens its steps where the criterion cannot be evaluated', async () => {
    const estimate = await differentiate(
      (x) => Promise.resolve(x < 0.99 ? undefined : Math.log(x - 0.99)),
      1,
      Math.log(0.01),
      everywhere,
      1e-14,
    );
    expect(Math.abs((estimate?.derivative ?? 0) - 100)).toBeLessThanOrEqual(estimate?.error ?? 0);
    expect(estimate?.error).toBeLessThan(1e-5);
  });

  it('a step function has no small error', async () => {
    const estimate = await differentiate((x) => Promise.resolve(x > 0.50001 ? 1 : 0), 0.5, 0, everywhere, 1e-16);
    expect(estimate === undefined || estimate.error > 1e-3 || Math.abs(estimate.derivative) <= estimate.error).toBe(true);
  });

  it('fails where nothing can be evaluated', async () => {
    expect(await differentiate(() => Promise.resolve(undefined), 1, 1, everywhere, 0)).toBeUndefined();
    expect(await differentiate((x) => Promise.resolve(x), 1, 1, { low: 1, high: 1, open: false }, 0)).toBeUndefined();
  });
});

describe('noise', () => {
  const key = keyOf(3, 'noise');
  it.each([1e-3, 1e-8, 1e-13])('of size %e is measured on a smooth function', (size) => {
    const values = Array.from({ length: noiseSamples }, (_, i) => Math.exp(1 + i * 2 ** -26) + size * normal(key, i));
    expect(noiseOf(values) / size).toBeGreaterThan(0.3);
    expect(noiseOf(values) / size).toBeLessThan(3);
  });
  it('of a smooth function is its rounding', () => {
    const values = Array.from({ length: noiseSamples }, (_, i) => Math.sin(1 + i * 2 ** -26));
    expect(noiseOf(values)).toBeLessThan(4 * Number.EPSILON);
  });
});

describe('differences of a point', () => {
  it('gives every element of every hyper, with one error for all', async () => {
    const point = { a: scalarTensor(2), b: vectorTensor(1, -1) };
    const f = (p: Readonly<Record<string, { readonly data: Float64Array }>>): number => {
      const [a = 0] = p.a?.data ?? [];
      const [b = 0, c = 0] = p.b?.data ?? [];
      return Math.exp(a) * b + c ** 3 * a;
    };
    const result = await differences(
      (p) => Promise.resolve(f(p)),
      point,
      f(point),
      () => everywhere,
      1e-15,
    );
    if (!result.ok) throw new Error('it failed');
    const got = [...(result.derivative.a?.data ?? []), ...(result.derivative.b?.data ?? [])];
    const exact = [Math.exp(2) - 1, Math.exp(2), 6];
    expect(Math.hypot(...got.map((g, i) => g - (exact[i] ?? 0)))).toBeLessThanOrEqual(result.error);
    expect(result.error).toBeLessThan(1e-8);
    expect(result.derivative.b?.shape).toEqual([2]);
  });
  it('names the hyper that has no estimate', async () => {
    const result = await differences(
      () => Promise.resolve(undefined),
      { a: scalarTensor(2) },
      1,
      () => everywhere,
      0,
    );
    expect(result).toEqual({ ok: false, hyper: 'a', stopped: false });
  });
});
