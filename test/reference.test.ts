/**
 * Every folder of `test/reference/`, through the command line's own path: at each point criterion, hypergradient and params against
 * the answers; the run against the stated optimum. Every strategy against every other, and what takes minutes, is in `test/deep/`.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, distance, flatAll, gradient, solve } from './helpers/cli.ts';
import { pageWith, pageWithSteps, referenceCases } from './helpers/reference.ts';

const folder = new Folder();
afterAll(() => folder.remove());

/** What is said of optima that lie on a bound, and of one on a kink: rightly, as their answers show. */
const earned: Readonly<Record<string, readonly string[]>> = {
  augmentation_noise: ['BL8022'],
  imaml_proximal: ['BL8022'],
  lasso: ['BL8020'],
  nonnegative_ridge: ['BL8022'],
};

it('finds the reference problems', () => {
  expect(referenceCases.length).toBeGreaterThanOrEqual(16);
});

describe.each(referenceCases)('$case', (reference) => {
  const { case: name, page, points, suggested_rtol: rtol, optimum, fixedBudget } = reference;
  for (const point of points) {
    const names = Object.keys(point.hyper);
    const setting = ['--set', `@${folder.write(`${name}-${point.id}.json`, JSON.stringify(point.hyper))}`];

    it(`${point.id}: criterion, hypergradient and params`, async () => {
      const document = await gradient(page, ...setting);
      expect(document.diagnostics).toEqual([]);
      expect(document.status).toBe('converged');
      expect(distance(flatAll(document.hyper, names), flatAll(point.hyper, names))).toBe(0);
      expect(distance([document.outer], [point.outer])).toBeLessThanOrEqual(rtol.outer);
      expect(distance(flatAll(document.hypergradient, names), flatAll(point.hypergradient, names))).toBeLessThanOrEqual(rtol.hypergradient);
      expect(distance(flatAll(document.param), point.inner.solution)).toBeLessThanOrEqual(rtol.hypergradient);
      if (point.active !== undefined) expect(flatAll(document.param).flatMap((x, i) => (x === 0 ? [] : [i]))).toEqual(point.active.support);
    });
  }

  for (const { id, hyper, truncated } of points.map((point) => ({ ...point, truncated: point.hypergradient_truncated_last_20 }))) {
    if (truncated === undefined) continue;
    it(`${id}: the hypergradient through the last 20 steps`, async () => {
      const setting = ['--set', `@${folder.write(`${name}-${id}-truncated.json`, JSON.stringify(hyper))}`];
      const document = await gradient(folder.page(pageWith(reference, 'differentiate with unrolled(truncate = 20)')), ...setting);
      expect(distance(flatAll(document.hypergradient), flatAll(truncated))).toBeLessThanOrEqual(rtol.hypergradient);
    });
  }

  if (fixedBudget !== undefined)
    it('run takes each of its first steps once, along the hypergradient', async () => {
      const steps = 2;
      const document = await solve(folder.page(pageWithSteps(reference, steps)));
      expect(document.history.map(({ step }) => step)).toEqual([0, 1, 2]);
      const [first, second] = document.history;
      const [start] = points;
      if (first === undefined || second === undefined || start === undefined) throw new Error('no history, or no points');
      const names = Object.keys(start.hyper);
      const slope = flatAll(start.hypergradient, names);
      const moved = flatAll(start.hyper, names).map((x, i) => x - fixedBudget.rate * (slope[i] ?? Number.NaN));
      expect(distance([first.outer], [start.outer])).toBeLessThanOrEqual(rtol.outer);
      expect(distance(flatAll(second.hyper, names), moved)).toBeLessThanOrEqual(rtol.hypergradient);
    });

  if (optimum === undefined) return;
  it('run reaches the optimum', async () => {
    const document = await solve(page);
    expect(document.diagnostics.map(({ code }) => code)).toEqual(earned[name] ?? []);
    // Where the optimum is 0, its size is that of the criterion's terms, which are of order one.
    expect(Math.abs(document.outer - optimum.outer)).toBeLessThanOrEqual(1e-6 * (optimum.outer === 0 ? 1e-3 : Math.abs(optimum.outer)));
  });
});
