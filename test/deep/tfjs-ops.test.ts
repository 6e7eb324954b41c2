/** Every op of the table on the backends of tfjs that Node has, WebGPU among them by Dawn, at all awkward sizes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import { awkward, disagreements, type Subject } from '../ops/agreement.ts';
import { pointwiseOps, specialDisagreements } from '../ops/special-operands.ts';
import { exampleError, examples } from '../backends/shapes.ts';
import { deviceOps, specialAllowances, tfjsSubject } from '../backends/tfjs.ts';

describe.each([
  ['tfjs-cpu', awkward],
  ['tfjs-wasm', awkward],
  // A shader for each op and size is compiled, by a software driver.
  ['tfjs-webgpu', [0, 1, 33]],
] as const)('%s', (name, sizes) => {
  let subject: Subject;
  beforeAll(async () => void (subject = await tfjsSubject(name, sizes)));

  it.each(deviceOps)('%s', async (op) => {
    const { wrong, checked } = await disagreements(op, subject);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });

  it.each(Object.keys(examples))('%s', async (name) => {
    expect(await exampleError(given(examples[name]), subject)).toBeLessThanOrEqual(2e-6);
  });

  it.each(pointwiseOps)('%s of special numbers', async (op) => {
    expect(await specialDisagreements(op, subject, specialAllowances[name])).toEqual([]);
  });
});
