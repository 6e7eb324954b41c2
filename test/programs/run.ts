/** A run of random programs by a seed: each is examined, and the run as a whole is judged by what it met. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { examine } from './examine.ts';
import { programs } from './shrinking.ts';
import { Tally } from './tally.ts';

export async function examineMany(seed: number, numRuns: number): Promise<Tally> {
  const tally = new Tally();
  await fc.assert(
    fc.asyncProperty(programs, (program) => examine(program, tally)),
    { seed, numRuns },
  );
  // Nearly all are solved and smooth where they are drawn; otherwise nothing would have been compared.
  expect(tally.of('outcome: compared'), tally.toString()).toBeGreaterThanOrEqual(0.8 * numRuns);
  expect(tally.under('outcome').reduce((sum, [, count]) => sum + count, 0)).toBe(numRuns);
  return tally;
}
