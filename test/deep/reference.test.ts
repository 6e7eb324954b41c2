/**
 * The reference problems with hundreds of hypers: every strategy against every other at each point, and the whole of their fixed
 * budgets. Differences of a whole hypergradient cost thousands of solves there, so the larger one is compared along directions.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { expectAgreement } from '../helpers/agreement.ts';
import { Folder, distance, flatAll, gradient, json, solve, uniforms, verify } from '../helpers/cli.ts';
import type { Named, Numbers } from '../helpers/cli.ts';
import { referenceCases } from '../helpers/reference.ts';

const folder = new Folder();
afterAll(() => folder.remove());

interface PlanDocument {
  readonly candidates: readonly { readonly id: string; readonly strategy: string; readonly verdict: string; readonly exact: boolean }[];
}

/** Differences are affordable while the inner problem has few params. */
const affordable = 200;

describe.each(referenceCases.filter((c) => c.isLarge))('$case', ({ case: name, page, points, fixedBudget }) => {
  for (const point of points) {
    const names = Object.keys(point.hyper);
    const truth = flatAll(point.hypergradient, names);
    const settingOf = (id: string, hyper: Named): string[] => ['--set', `@${folder.write(`${name}-${id}.json`, JSON.stringify(hyper))}`];
    const setting = settingOf(point.id, point.hyper);

    if (point.inner.solution.length <= affordable) {
      it(`${point.id}: all strategies agree`, async () => {
        expectAgreement(await verify(page, ...setting), point);
      });
      continue;
    }

    it(`${point.id}: all strategies but differences agree`, async () => {
      const { candidates } = await json<PlanDocument>('plan', page);
      const ids = candidates.filter((c) => c.strategy !== 'finite_difference' && (c.verdict === 'chosen' || c.verdict === 'valid')).map((c) => c.id);
      expect(ids.length).toBeGreaterThanOrEqual(2);
      for (const id of ids) {
        const document = await gradient(page, ...setting, '--strategy', id);
        expect(distance(flatAll(document.hypergradient, names), truth), id).toBeLessThanOrEqual(1e-6);
      }
    });

    it(`${point.id}: the criterion moves along random directions as the hypergradient says`, async () => {
      for (const seed of [1, 2, 3]) {
        const random = uniforms(seed);
        const direction = mapNumbers(point.hyper, () => random());
        const slope = flatAll(direction, names).reduce((sum, x, i) => sum + x * (truth[i] ?? Number.NaN), 0);
        const at = async (t: number): Promise<number> => {
          const along = flatAll(direction, names);
          let i = 0;
          const moved = mapNumbers(point.hyper, (x) => x + t * (along[i++] ?? Number.NaN));
          return (await gradient(page, ...settingOf(`${point.id}-${seed}`, moved))).outer;
        };
        const central = async (h: number): Promise<number> => ((await at(h)) - (await at(-h))) / (2 * h);
        const h = 1e-2;
        const coarse = await central(h);
        const fine = await central(h / 2);
        const extrapolated = (4 * fine - coarse) / 3;
        // Its error is of order h⁴, the correction one of order h²: a hundredth of it is a generous bound.
        expect(Math.abs(extrapolated - slope), `seed ${seed}`).toBeLessThanOrEqual(Math.abs(fine - coarse) / 100 + 1e-12);
      }
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

/** Replaces every number of named tensors, in order. */
function mapNumbers(values: Named, replace: (x: number) => number): Named {
  const map = (value: Numbers): Numbers => (typeof value === 'number' ? replace(value) : value.map(map));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
