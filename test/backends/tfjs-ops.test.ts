/** Every op of the table on the backends of tfjs that Node has, against the reference interpreter (see `test/ops/agreement.ts`). */
import { beforeAll, describe, expect, it } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import { disagreements, type Subject } from '../ops/agreement.ts';
import { pointwiseOps, specialDisagreements } from '../ops/special-operands.ts';
import { exampleError, examples } from './shapes.ts';
import { deviceOps, specialAllowances, tfjsSubject } from './tfjs.ts';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('%s', (name) => {
  let subject: Subject;
  beforeAll(async () => void (subject = await tfjsSubject(name, [0, 1, 33])));

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
