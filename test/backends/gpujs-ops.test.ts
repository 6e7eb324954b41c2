/** Every op of the table on the modes of gpu.js that Node has, against the reference interpreter (see `test/ops/agreement.ts`). */
import { beforeAll, describe, expect, it } from 'vitest';
import { disagreements, type Subject } from '../ops/agreement.ts';
import { gpujsOps, gpujsSubject } from './gpujs.ts';

describe.each(['gpujs-cpu', 'gpujs-webasm'] as const)('%s', (name) => {
  let subject: Subject;
  beforeAll(async () => void (subject = await gpujsSubject(name, [0, 1, 7, 33])));

  it.each(gpujsOps)('%s', async (op) => {
    const { wrong, checked } = await disagreements(op, subject);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });
});
