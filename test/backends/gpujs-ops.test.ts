/** Every op of the table on gpu.js in WebAssembly, against the reference interpreter (see `test/ops/agreement.ts`); its other modes are in the deep suite. */
import { beforeAll, describe, expect, it } from 'vitest';
import { disagreements, type Subject } from '../ops/agreement.ts';
import { pointwiseOps, specialDisagreements } from '../ops/special-operands.ts';
import { deviceOps, gpujsSubject, specialAllowance } from './gpujs.ts';

describe('gpujs-webasm', () => {
  let subject: Subject;
  beforeAll(async () => void (subject = await gpujsSubject('gpujs-webasm', [0, 7])));

  it.each(deviceOps)('%s', async (op) => {
    const { wrong, checked } = await disagreements(op, subject);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });

  it.each(pointwiseOps)('%s of special numbers', async (op) => {
    expect(await specialDisagreements(op, subject, specialAllowance)).toEqual([]);
  });
});
