import { curvedKinds } from '../../runtime/curved-kinds.ts';
import { describe, expect, it } from 'vitest';
import type { HyperDescription, Tensor } from '../../plan/types.ts';
import { pack, pullBack, searchSpace, unpack } from '../../runtime/kinds.ts';
import { drawnStart } from '../../runtime/drawn-start.ts';
import { keyOf, normal } from '../../runtime/random.ts';
import { hyper, scalarTensor, vectorTensor } from './modules.ts';

const packed = (hypers: readonly HyperDescription[], point: Record<string, Tensor>) => {
  const space = searchSpace(hypers, {}, curvedKinds);
  const { z, diagnostics } = pack(space, point);
  if (z === undefined) throw new Error(diagnostics.map((d) => d.message).join('; '));
  return { space, z };
};

const cases: readonly (readonly [string, HyperDescription, Tensor])[] = [
  ['real', hyper('h'), scalarTensor(-2.5)],
  ['real in a box', hyper('h', { interval: [-1, 4], shape: [2] }), vectorTensor(-0.5, 3)],
  ['positive', hyper('h', { kind: 'positive', shape: [3] }), vectorTensor(1e-8, 1, 1e5)],
  ['positive in a box', hyper('h', { kind: 'positive', interval: [1e-3, 10] }), scalarTensor(0.5)],
  ['nonnegative', hyper('h', { kind: 'nonnegative', shape: [2] }), vectorTensor(0, 2)],
  ['unit', hyper('h', { kind: 'unit', shape: [3] }), vectorTensor(0.001, 0.5, 0.97)],
  ['simplex', hyper('h', { kind: 'simplex', shape: [2, 3] }), { shape: [2, 3], data: Float64Array.of(0.2, 0.3, 0.5, 0.9, 0.05, 0.05) }],
  ['int', hyper('h', { kind: 'int', interval: [0, 9] }), scalarTensor(4.5)],
];

describe('search coordinates', () => {
  it.each(cases)('%s: unpack is the inverse of pack', (_, description, start) => {
    const { space, z } = packed([description], { h: start });
    const back = unpack(space, z).h;
    expect(back?.shape).toEqual(start.shape);
    start.data.forEach((x, i) => expect(back?.data[i]).toBeCloseTo(x, 12 - Math.ceil(Math.log10(Math.max(1, x)))));
  });

  it.each(cases)('%s: the gradient follows the chain rule', (_, description, start) => {
    const { space, z } = packed([description], { h: start });
    const key = keyOf(1, description.kind);
    const weights = start.data.map((_x, i) => normal(key, i));
    // F = Σ w_i θ_i² / (1 + |θ_i|), smooth where the starts are.
    const f = (x: Float64Array): number => x.reduce((sum, t, i) => sum + ((weights[i] ?? 0) * t * t) / (1 + Math.abs(t)), 0);
    const slope = start.data.map((t, i) => ((weights[i] ?? 0) * (2 * t + Math.sign(t) * t * t)) / (1 + Math.abs(t)) ** 2);
    const g = pullBack(space, { h: start }, { h: { shape: start.shape, data: slope } });
    z.forEach((x, i) => {
      const h = 1e-5;
      const along = (t: number): number => f(unpack(space, z.with(i, t)).h?.data ?? new Float64Array());
      const numeric = (along(x + h) - along(x - h)) / (2 * h);
      expect(Math.abs((g[i] ?? 0) - numeric)).toBeLessThan(1e-6 * Math.max(1, Math.abs(numeric)));
    });
  });

  it('several hypers are one vector with their bounds', () => {
    const { space, z } = packed([hyper('a', { kind: 'positive', interval: [0.1, 10] }), hyper('b', { shape: [2], kind: 'nonnegative' })], {
      a: scalarTensor(1),
      b: vectorTensor(0, 3),
    });
    expect([...z]).toEqual([0, 0, 3]);
    expect(space.lower[0]).toBeCloseTo(Math.log(0.1), 14);
    expect([space.lower[1], space.upper[2]]).toEqual([0, Number.POSITIVE_INFINITY]);
    expect(space.boxed).toEqual([true, false, false]);
  });

  it('the ends of a declared box of a positive hyper are reached exactly', () => {
    const { space } = packed([hyper('a', { kind: 'positive', interval: [1e-3, 10] })], { a: scalarTensor(1) });
    expect(unpack(space, space.upper).a?.data[0]).toBe(10);
    expect(unpack(space, space.lower).a?.data[0]).toBeCloseTo(1e-3, 17);
    expect(unpack(space, space.lower).a?.data[0]).toBeGreaterThanOrEqual(1e-3);
  });

  it('open kinds stay open at the limits of float64', () => {
    const { space } = packed([hyper('p', { kind: 'positive' }), hyper('u', { kind: 'unit' })], {
      p: scalarTensor(1),
      u: scalarTensor(0.5),
    });
    for (const z of [space.lower, space.upper]) {
      const point = unpack(space, z);
      expect(point.p?.data[0]).toBeGreaterThan(0);
      expect(Number.isFinite(point.p?.data[0])).toBe(true);
      expect(point.u?.data[0]).toBeGreaterThan(0);
      expect(point.u?.data[0]).toBeLessThan(1);
    }
  });

  it.each([
    ['positive', hyper('h', { kind: 'positive' }), scalarTensor(0), 'boundary'],
    ['positive', hyper('h', { kind: 'positive' }), scalarTensor(-1), 'above 0'],
    ['unit', hyper('h', { kind: 'unit' }), scalarTensor(1), 'boundary'],
    ['simplex', hyper('h', { kind: 'simplex', shape: [2] }), vectorTensor(0, 1), 'boundary'],
    ['simplex', hyper('h', { kind: 'simplex', shape: [2] }), vectorTensor(0.4, 0.4), 'add to 1'],
    ['nonnegative', hyper('h', { kind: 'nonnegative' }), scalarTensor(-0.1), 'at least 0'],
    ['box', hyper('h', { interval: [0, 1] }), scalarTensor(2), 'between 0 and 1'],
  ] as const)('a start of a %s hyper outside its kind is a diagnostic', (_, description, start, words) => {
    const { z, diagnostics } = pack(searchSpace([description], {}, curvedKinds), { h: start });
    expect(z).toBeUndefined();
    expect(diagnostics.map((d) => d.code)).toEqual(['BL6019']);
    expect(diagnostics[0]?.message).toContain(words);
  });

  it('a positive start at 0 hints at nonnegative', () => {
    const { diagnostics } = pack(searchSpace([hyper('h', { kind: 'positive' })], {}), { h: scalarTensor(0) });
    expect(diagnostics[0]?.hints.join()).toContain('nonnegative');
  });

  it('sizes and intervals may be dims', () => {
    const space = searchSpace([hyper('h', { shape: ['d'], interval: [0, { op: 'add', args: ['d', 1] }] })], { d: 3 });
    expect([space.size, space.upper[2]]).toEqual([3, 4]);
  });

  it('draws starts over a box, and around the declared start elsewhere', () => {
    const space = searchSpace([hyper('a', { interval: [-1, 3] }), hyper('b', { kind: 'positive' })], {});
    const starts = Array.from({ length: 400 }, (_, i) => drawnStart(space, Float64Array.of(0, 5), 1, i + 1, 401));
    const a = starts.map((z) => z[0] ?? 0);
    const b = starts.map((z) => z[1] ?? 0);
    expect(Math.min(...a)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...a)).toBeLessThanOrEqual(3);
    expect(Math.max(...a) - Math.min(...a)).toBeGreaterThan(3.8);
    expect(a.map((x) => Math.floor(((x + 1) / 4) * 400)).sort((x, y) => x - y)).toEqual(Array.from({ length: 400 }, (_, i) => i));
    const mean = b.reduce((s, x) => s + x, 0) / b.length;
    expect(Math.abs(mean - 5)).toBeLessThan(0.4);
    expect(Math.sqrt(b.reduce((s, x) => s + (x - mean) ** 2, 0) / b.length)).toBeCloseTo(2, 0);
  });
});
