/** The reference problems on the backends of tfjs that come up in Node: hypergradients to 1e-3, and no tensor left behind. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import { tfjsLibrary } from '../../runtime/backends/tfjs/load.ts';
import { bindData } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { gradient } from '../../runtime/drive.ts';
import { everyBindingPart } from '../helpers/binding.ts';
import { openedOr } from '../helpers/calls.ts';
import { referenceCases } from '../helpers/reference.ts';

/** A condition number of 1e10 is, and it says so. */
const beyondFloat32 = ['quadratic_cond_1e10'];

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('%s', (name) => {
  it.each(referenceCases)('$case', async ({ case: own, page }) => {
    const [problem] = compile(readFileSync(page, 'utf8'), page).value;
    if (problem === undefined) throw new Error(`${page} has no problem`);
    const { module } = problem;
    const { bound } = await bindData(module.description, nodeSources(), 0, everyBindingPart);
    if (bound === undefined) throw new Error('not bound');
    const opened = await openedOr(tfjsLibrary, name);
    const before = tf.memory().numTensors;
    const link = opened.link((candidate) => problem.calls(candidate, 'tfjs'));
    const [found, expected] = [await gradient({ ...module, link }, bound), await gradient(module, bound)];
    expect(tf.memory().numTensors).toBe(before);
    if (!expected.ok) throw new Error(JSON.stringify(expected));
    if (beyondFloat32.includes(own)) {
      expect(found).toMatchObject({ ok: false, status: 'not-positive-definite' });
      return;
    }
    if (!found.ok) throw new Error(JSON.stringify(found));
    for (const [hyper, { data }] of Object.entries(expected.value.hypergradient)) {
      const vector = found.value.hypergradient[hyper]?.data ?? [];
      const error = Math.hypot(...data.map((x, i) => x - (vector[i] ?? Number.NaN))) / Math.hypot(...data);
      expect(error).toBeLessThanOrEqual(1e-3);
    }
  });
});
