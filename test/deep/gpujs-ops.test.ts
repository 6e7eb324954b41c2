/** Every op of the table on the modes of gpu.js that Node has, WebGPU among them by Dawn, at awkward sizes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { disagreements, type Subject } from '../ops/agreement.ts';
import { pointwiseOps, specialDisagreements } from '../ops/special-operands.ts';
import { given } from '../../compiler/ir/attributes.ts';
import { deviceOps, gpujsSubject, specialAllowance } from '../backends/gpujs.ts';
import { exampleError, examples } from '../backends/shapes.ts';

describe.each([
  ['gpujs-cpu', [0, 1, 33, 1000]],
  ['gpujs-webasm', [1, 33, 1000]],
  // A shader for each op and size is compiled, by a software driver.
  ['gpujs-webgpu', [0, 1, 33]],
] as const)('%s', (name, sizes) => {
  let subject: Subject;
  beforeAll(async () => void (subject = await gpujsSubject(name, sizes)));

  it.each(deviceOps)('%s', async (op) => {
    const { wrong, checked } = await disagreements(op, subject);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });

  it.each(Object.keys(examples))('%s', async (example) => {
    expect(await exampleError(given(examples[example]), subject)).toBeLessThanOrEqual(2e-6);
  });

  it.each(pointwiseOps)('%s of special numbers', async (op) => {
    expect(await specialDisagreements(op, subject, specialAllowance)).toEqual([]);
  });
});
