/**
 * Predicted errors beside true ones: at all reference problems whose condition number is known, with solves that stop at four tolerances each.
 * The prediction is given the condition number that is really there. What rounding dominates is not counted.
 */
import { describe, expect, it } from 'vitest';
import { bothErrors, type BothErrors } from '../helpers/predicted-error.ts';
import { referenceCases } from '../helpers/reference.ts';

const tolerances = [1e-2, 1e-4, 1e-6, 1e-8];
const conditioned = referenceCases.filter(({ points: [first] }) => first?.inner_hessian_condition !== undefined);

type Ratio = BothErrors & { readonly ratio: number };

/** Predicted by true, the least first, of all errors that are not of rounding. */
async function ratiosOf(statementsOf: (tolerance: number) => string): Promise<readonly Ratio[]> {
  const found: Ratio[] = [];
  for (const reference of conditioned)
    for (const tolerance of tolerances)
      for (const both of await bothErrors(reference, statementsOf(tolerance))) {
        const { predicted, actual, condition } = both;
        if (predicted === undefined) throw new Error(`${both.id} predicts nothing`);
        if (actual !== undefined && actual > 100 * condition * Number.EPSILON) found.push({ ...both, ratio: predicted / actual });
      }
  return found.sort((a, b) => a.ratio - b.ratio);
}

const medianOf = (ratios: readonly Ratio[]): number => ratios[Math.floor(ratios.length / 2)]?.ratio ?? Number.NaN;

describe('predicted errors', () => {
  // `most` is none where a method may be done long before its tolerance says so: conjugate gradients after as many steps as there are params.
  it.each([
    {
      name: 'inner steps',
      most: 1e5,
      of: (t: number) => `solve inner with fista(tolerance = ${t})\n  differentiate with implicit(solver = cholesky)`,
    },
    {
      name: 'a power series',
      most: 1e4,
      of: (t: number) => `solve inner with newton()\n  differentiate with implicit(solver = neumann, tolerance = ${t})`,
    },
    {
      name: 'quasi-Newton steps',
      of: (t: number) => `solve inner with lbfgs(tolerance = ${t})\n  differentiate with implicit(solver = cholesky)`,
    },
    {
      name: 'conjugate gradients',
      of: (t: number) => `solve inner with newton()\n  differentiate with implicit(solver = cg, tolerance = ${t})`,
    },
  ])('by $name: never a hundredth of the true error, and near it in the middle', async ({ most, of }) => {
    const ratios = await ratiosOf(of);
    expect(ratios.length).toBeGreaterThan(100);
    expect(ratios[0]?.ratio, JSON.stringify(ratios[0])).toBeGreaterThan(0.01);
    if (most !== undefined) expect(ratios.at(-1)?.ratio, JSON.stringify(ratios.at(-1))).toBeLessThan(most);
    expect(medianOf(ratios)).toBeGreaterThan(1);
    expect(medianOf(ratios)).toBeLessThan(1000);
  });

  it.each(conditioned)('$case: as the page stands, no true error is a hundred times what is predicted', async (reference) => {
    const known = (await bothErrors(reference, '')).flatMap(({ predicted, actual, ...rest }) =>
      predicted === undefined || actual === undefined ? [] : [{ ...rest, predicted, actual }],
    );
    expect(known.length).toBeGreaterThan(0);
    // Beside 1e-15: the answers have so many digits.
    for (const { at, id, predicted, actual } of known) expect(actual, `${id} at ${at}`).toBeLessThanOrEqual(100 * predicted + 1e-15);
  });
});
