/**
 * What the library's Wasm gets wrong, and why kernels of ours stand in for its own (decision 031). A line that fails here is one that the library has
 * mended: its kernel may be taken.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { tfjsLibrary } from '../../runtime/backends/tfjs/load.ts';
import { openedOr } from '../helpers/calls.ts';

const elements = (make: () => Tensor): readonly number[] => {
  const tensor = tf.tidy(make);
  const found = [...tensor.dataSync()];
  tensor.dispose();
  return found;
};

describe('tfjs in Wasm', () => {
  beforeAll(async () => {
    await openedOr(tfjsLibrary, 'tfjs-wasm');
    await tf.setBackend('wasm');
  });

  it('keeps a right operand as it was first multiplied, whatever its shape becomes', () => {
    const [row] = elements(() => {
      const b = tf.tensor2d([1, 2, 3, 4], [4, 1]);
      tf.matMul(tf.tensor2d([1, 1, 1, 1], [1, 4]), b);
      return tf.matMul(tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1], [4, 2]), tf.reshape(b, [2, 2]));
    });
    expect(row).not.toBe(4);
  });

  it.each([
    ['log1p(1e-6) is log(1 + 1e-6)', () => tf.log1p(tf.scalar(1e-6)), 1e-6],
    ['sin(−1e-6) is read from a table', () => tf.sin(tf.scalar(-1e-6)), -1e-6],
    ['the sign of 1e-30 is 0', () => tf.sign(tf.scalar(1e-30)), 1],
    ['the maximum of 1 and NaN is 1', () => tf.maximum(tf.scalar(1), tf.scalar(Number.NaN)), Number.NaN],
    ['1^NaN is 1', () => tf.pow(tf.scalar(1), tf.scalar(Number.NaN)), Number.NaN],
    ['a million times 0.1 are added in one run', () => tf.sum(tf.fill([1e6], 0.1)), 1e5],
    ['the first of reversed conditions is another byte', () => tf.reverse(tf.tensor1d([0, 1], 'bool')), 1],
  ] as const)('%s', (_what, make, right) => {
    const [found = Number.NaN] = elements(make);
    if (Number.isNaN(right)) expect(found).not.toBeNaN();
    else expect(Math.abs(found / right - 1)).toBeGreaterThan(1e-3);
  });
});
