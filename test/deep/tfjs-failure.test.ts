/** A shader that a GPU refuses computes nothing, and nobody is told: what is read from then on is refused, not 0. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { tfjsLibrary } from '../../runtime/backends/tfjs/load.ts';
import { webgpuShaders } from '../../runtime/backends/tfjs/shaders/webgpu.ts';
import { callGraph, openedOr } from '../helpers/calls.ts';

it('tfjs-webgpu', async () => {
  const opened = await openedOr(tfjsLibrary, 'tfjs-webgpu');
  const b = new Builder();
  const x = b.input('x', 'data');
  const run = callGraph(b.graph('twice', [x], [b.add(x, x)]), 'tfjs-webgpu', opened);
  const operand = { shape: [], data: Float64Array.of(3) };
  expect((await run([operand], new Map()))[0]?.data).toEqual(Float64Array.of(6));
  const wrong = webgpuShaders({ tf, variant: 'webgpu' }).run({ lines: [], result: 'no expression', operands: [1], shape: [1] });
  wrong(tf.tensor1d([1])).dispose();
  await expect(run([operand], new Map())).rejects.toThrow(/tfjs webgpu/);
});
