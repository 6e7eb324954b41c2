import { describe, expect, it } from 'vitest';
import { type Key, philox, type Words } from '../../plan/random.ts';
import { draw, keyOf, normal, shuffled, uniform } from '../../runtime/random.ts';

const hex = (words: Words): string => words.map((w) => w.toString(16).padStart(8, '0')).join(' ');

describe('Philox4x32-10', () => {
  it.each<{ counter: Words; key: Key; expected: string }>([
    { counter: [0, 0, 0, 0], key: [0, 0], expected: '6627e8d5 e169c58d bc57ac4c 9b00dbd8' },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      expected: '408f276d 41c83b0e a20bc7c6 6d5451fd',
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      expected: 'd16cfe09 94fdcceb 5001e420 24126ea1',
    },
  ])('answers as published for the key $key', ({ counter, key, expected }) => {
    expect(hex(philox(counter, key))).toBe(expected);
  });
});

describe('keys', () => {
  it('differ by seed and by name, and nothing else', () => {
    const keys = [keyOf(1, 'w'), keyOf(2, 'w'), keyOf(1, 'v'), keyOf(11, 'w'), keyOf(1, '1w')];
    expect(new Set(keys.map((k) => k.join())).size).toBe(keys.length);
    expect(keyOf(1, 'w')).toEqual(keyOf(1, 'w'));
  });
});

describe('distributions', () => {
  const key = keyOf(7, 'test');
  const count = 20000;
  const mean = (x: Float64Array): number => x.reduce((a, b) => a + b, 0) / x.length;
  const deviation = (x: Float64Array): number => {
    const centre = mean(x);
    return Math.sqrt(mean(x.map((v) => (v - centre) ** 2)));
  };

  it('uniforms lie strictly inside the unit interval and fill it', () => {
    const values = Float64Array.from({ length: count }, (_, i) => uniform(key, i));
    expect(Math.min(...values)).toBeGreaterThan(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(Math.abs(mean(values) - 0.5)).toBeLessThan(4 / Math.sqrt(12 * count));
  });
  it.each([
    ['normal', [2, 3], 2, 3],
    ['uniform', [-1, 3], 1, 4 / Math.sqrt(12)],
    ['gumbel', [], 0.5772156649, Math.PI / Math.sqrt(6)],
    ['logistic', [], 0, Math.PI / Math.sqrt(3)],
  ] as const)('%s has its mean and standard deviation', (name, parameters, expectedMean, expectedDeviation) => {
    const values = draw(name, parameters, key, count);
    expect(Math.abs(mean(values) - expectedMean)).toBeLessThan((5 * expectedDeviation) / Math.sqrt(count));
    expect(deviation(values) / expectedDeviation).toBeCloseTo(1, 1);
  });
  it('an element does not depend on how many are drawn', () => {
    expect(draw('normal', [0, 1], key, 10).slice(0, 3)).toEqual(draw('normal', [0, 1], key, 3));
    expect(normal(key, 2, 1)).not.toBe(normal(key, 2, 0));
  });
  it('shuffles into a permutation, the same one every time', () => {
    const order = shuffled(key, 100);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(order).toEqual(shuffled(key, 100));
    expect(order).not.toEqual(shuffled(keyOf(8, 'test'), 100));
  });
  it('puts each element in each place about equally often', () => {
    const counts = new Float64Array(4);
    for (let seed = 0; seed < 4000; seed += 1) {
      const [first = 0] = shuffled(keyOf(seed, 's'), 4);
      counts[first] = (counts[first] ?? 0) + 1;
    }
    for (const c of counts) expect(Math.abs(c - 1000)).toBeLessThan(140);
  });
});
