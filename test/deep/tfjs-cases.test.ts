/** The reference problems on the backends of tfjs that Node has, WebGPU among them by Dawn: hypergradients to 1e-3, and no tensor left behind. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { tfjsLibrary } from '../../runtime/backends/tfjs/load.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { beyondFloat32, hypergradientError } from '../backends/cases.ts';
import { openedOr } from '../helpers/calls.ts';
import { referenceCases } from '../helpers/reference.ts';

/** A software driver takes tens of milliseconds for a shader: those of few steps, and those that ask most of float32. All of them: `test/browser/tfjs.test.ts`. */
const short = [
  'adam_unrolled',
  'imaml_proximal',
  'nonnegative_ridge',
  'poisson_exposure',
  'quadratic_cond_1e10',
  'ridge_per_feature',
  'scalar_unrolled',
];

describe.each([
  ['tfjs-cpu', referenceCases],
  ['tfjs-wasm', referenceCases],
  ['tfjs-webgpu', referenceCases.filter(({ case: own }) => short.includes(own))],
] as const)('%s', (name, cases) => {
  it.each(cases)('$case', async ({ case: own, page }) => {
    const opened = await openedOr(tfjsLibrary, name);
    const before = tf.memory().numTensors;
    const error = await hypergradientError({ file: page, text: readFileSync(page, 'utf8') }, nodeSources(), 'tfjs', opened);
    expect(tf.memory().numTensors).toBe(before);
    if (beyondFloat32[own] === undefined) expect(error).toBeLessThanOrEqual(1e-3);
    else expect(error).toBe(beyondFloat32[own]);
  });
});
