/** What is asked of the kernels of a backend: every op at awkward sizes and of special numbers, and values that are made in parts (see `test/ops/agreement.ts`). */
import { beforeAll, describe, expect, it } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import type { OpName } from '../../plan/op-names.ts';
import { disagreements, type Subject } from '../ops/agreement.ts';
import { pointwiseOps, specialDisagreements, type SpecialAllowance } from '../ops/special-operands.ts';
import { exampleError, examples } from './shapes.ts';

export function describeEveryOp(
  name: string,
  deviceOps: readonly OpName[],
  allowance: SpecialAllowance,
  open: () => Promise<Subject>,
): void {
  describe(name, () => {
    let subject: Subject;
    beforeAll(async () => void (subject = await open()));

    it.each(deviceOps)('%s', async (op) => {
      const { wrong, checked } = await disagreements(op, subject);
      expect(wrong).toEqual([]);
      expect(checked).toBeGreaterThan(0);
    });

    it.each(Object.keys(examples))('%s', async (example) => {
      expect(await exampleError(given(examples[example]), subject)).toBeLessThanOrEqual(2e-6);
    });

    it.each(pointwiseOps)('%s of special numbers', async (op) => {
      expect(await specialDisagreements(op, subject, allowance)).toEqual([]);
    });
  });
}
