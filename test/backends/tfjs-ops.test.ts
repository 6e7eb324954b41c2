/** Every op of the table on the backends of tfjs that Node has, against the reference interpreter (see `test/ops/agreement.ts`). */
import { beforeAll, describe, expect, it } from 'vitest';
import { disagreements, type Subject } from '../ops/agreement.ts';
import { deviceOps, tfjsSubject } from './tfjs.ts';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('%s', (name) => {
  let subject: Subject;
  beforeAll(async () => void (subject = await tfjsSubject(name, [0, 1, 7, 33])));

  it.each(deviceOps)('%s', async (op) => {
    const { wrong, checked } = await disagreements(op, subject);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });
});
