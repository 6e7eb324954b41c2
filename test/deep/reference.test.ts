/** The reference problems at length: every strategy against every other at each point, and the whole of every fixed budget. */
import { afterAll, describe, expect, it } from 'vitest';
import { expectAgreement } from '../helpers/agreement.ts';
import { Folder, distance, flatAll, solve, verify } from '../helpers/cli.ts';
import { referenceCases } from '../helpers/reference.ts';

const folder = new Folder();
afterAll(() => folder.remove());

describe.each(referenceCases)('$case', ({ case: name, page, points, fixedBudget }) => {
  for (const point of points) {
    const setting = ['--set', `@${folder.write(`${name}-${point.id}.json`, JSON.stringify(point.hyper))}`];

    it(`${point.id}: all strategies agree`, async () => {
      expectAgreement(await verify(page, ...setting), point);
    });
  }

  if (fixedBudget === undefined) return;
  it('the whole of its fixed budget', async () => {
    const document = await solve(page);
    for (const [step, outer] of fixedBudget.trajectory) {
      const reached = document.history[step];
      expect(reached?.step).toBe(step);
      expect(distance([reached?.outer ?? Number.NaN], [outer]), `step ${step}`).toBeLessThanOrEqual(1e-6);
    }
    const names = Object.keys(fixedBudget.final);
    expect(distance(flatAll(document.hyper, names), flatAll(fixedBudget.final, names))).toBeLessThanOrEqual(1e-6);
    const last = fixedBudget.report?.at(-1);
    if (last === undefined) return;
    expect(document.report['test_accuracy']).toBeCloseTo(last.test_accuracy, 12);
    expect(document.report['validation_accuracy']).toBeCloseTo(last.validation_accuracy, 12);
  });
});
