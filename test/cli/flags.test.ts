import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDataFlag, readSetFlag } from '../../cli/flags.ts';
import { tensorJson } from '../../library/json.ts';

describe('--data', () => {
  it.each([
    ['X=x.csv', { name: 'X', value: { file: 'x.csv' } }],
    ['X=a/b.npz:train', { name: 'X', value: { file: 'a/b.npz', key: 'train' } }],
    ['λ=x=y.csv', { name: 'λ', value: { file: 'x=y.csv' } }],
    [String.raw`X=C:\data\x.csv`, { name: 'X', value: { file: String.raw`C:\data\x.csv` } }],
    ['X=C:/data/x.npz:k', { name: 'X', value: { file: 'C:/data/x.npz', key: 'k' } }],
    ['x.csv', undefined],
    ['=x.csv', undefined],
    ['X=', undefined],
  ])('%s', (given, expected) => expect(readDataFlag(given)).toEqual(expected));
});

describe('--set', () => {
  const data = (...values: number[]): Float64Array => Float64Array.from(values);
  it.each([
    ['a=1e-3', [['a', { shape: [], data: data(1e-3) }]]],
    ['a = -2', [['a', { shape: [], data: data(-2) }]]],
    ['a=[1, 2]', [['a', { shape: [2], data: data(1, 2) }]]],
    ['a=[[1, 2, 3], [4, 5, 6]]', [['a', { shape: [2, 3], data: data(1, 2, 3, 4, 5, 6) }]]],
  ])('%s', (given, expected) => expect(readSetFlag(given)).toEqual(expected));

  it.each([
    ['a', 'BL9003', 'there is no HYPER=VALUE in it'],
    ['a=', 'BL9003', 'the value is missing'],
    ['a=large', 'BL9003', 'the value is neither a number nor a JSON list: large'],
    ['a="1"', 'BL6023', '"1" is no number'],
    ['a=[1, null]', 'BL6023', 'null is no number'],
    ['a=[[1, 2], [3]]', 'BL6023', 'a list of 1 stands where one of 2 is expected'],
    ['a=[1, [2]]', 'BL6023', 'a list stands where a number is expected'],
    ['a={"b": 1}', 'BL6023', 'a object is no number'],
  ])('%s is %s: %s', (given, code, words) => {
    expect(readSetFlag(given)).toMatchObject({ code, message: expect.stringContaining(words) as unknown });
  });

  it('reads what --json writes', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
    const tensors = shapes.chain((shape) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return fc
        .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: size, maxLength: size })
        .map((d) => ({ shape, data: Float64Array.from(d) }));
    });
    fc.assert(
      fc.property(tensors, (tensor) => {
        // JSON has no negative zero.
        const plain = { shape: tensor.shape, data: tensor.data.map((x) => x + 0) };
        expect(readSetFlag(`a=${JSON.stringify(tensorJson(plain))}`)).toEqual([['a', plain]]);
      }),
      { seed: 7 },
    );
  });
});
