/**
 * Every reference problem at every point, in mixed precision and in float32: mixed precision is within 1e-6 of the answer, refined or solved
 * in float64 and saying so; the error that float32 says it has covers its true one at every minimiser, and the rounding of every recipe.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { conditionedPage } from '../helpers/conditioned.ts';
import { bilevel, distance, flatAll, Folder, gradient, solve, type GradientDocument } from '../helpers/cli.ts';
import { referenceCases } from '../helpers/reference.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const refinedUpTo = 1e6;
const smooth = { more: '0.1 * sum(sqrt(1 + (0.001 * x)^2))' };

describe.each(referenceCases)('$case', ({ case: name, page, points, suggested_rtol: rtol }) => {
  it.each(points)('$id', async ({ id, hyper, hypergradient, inner_hessian_condition: condition, active }) => {
    const names = Object.keys(hyper);
    const setting = ['--set', `@${folder.write(`${name}-${id}.json`, JSON.stringify(hyper))}`];
    const of = ({ hypergradient: found }: GradientDocument): number[] => flatAll(found, names);
    const exact = await gradient(page, ...setting);
    const mixed = await gradient(page, ...setting, '--precision', 'mixed');
    // What the answers have a condition number for is smooth; a recipe and a support have none.
    const isRefined = (condition ?? Infinity) <= refinedUpTo || (name === 'ridge_leave_one_out' && active === undefined);
    if (isRefined) expect(mixed).toMatchObject({ precision: 'mixed', diagnostics: [] });
    else expect(mixed.precision_why).toContain('computed in float64');
    expect(distance(of(mixed), flatAll(hypergradient, names))).toBeLessThanOrEqual(Math.min(1e-6, rtol.hypergradient));
    expect(distance(of(mixed), of(exact))).toBeLessThanOrEqual(1e-9);

    const { code, stdout } = await bilevel(['gradient', page, ...setting, '--precision', 'f32', '--json']);
    // A Hessian of condition 1e10 has no factor in float32.
    if (code !== 0) {
      expect(condition).toBeGreaterThan(1e8);
      return;
    }
    const single = JSON.parse(stdout) as GradientDocument;
    const error = Math.hypot(...of(single).map((x, i) => x - (of(exact)[i] ?? Number.NaN)));
    expect((single.error.estimate ?? Number.NaN) + (exact.error.estimate ?? Number.NaN)).toBeGreaterThanOrEqual(error);
  });
});

describe.each(['closed_form+cholesky', 'implicit+cholesky+newton', 'implicit+cg+newton', 'implicit+cg+lbfgs'])('%s', (candidate) => {
  it.each([1e3, 1e4, 1e5, 1e6])('is refined at a condition number of %d', async (condition) => {
    for (const seed of [1, 2, 3]) {
      const page = conditionedPage(folder, condition, seed, candidate.startsWith('implicit') ? smooth : {});
      const own = ['--strategy', candidate];
      const [exact, mixed] = [await gradient(page, ...own), await gradient(page, ...own, '--precision', 'mixed')];
      expect(mixed.precision_why, `seed ${seed}`).toBeUndefined();
      expect(distance(flatAll(mixed.hypergradient), flatAll(exact.hypergradient)), `seed ${seed}`).toBeLessThan(1e-8);
    }
  });
});

it('a run comes to the same optimum, one fold after the other too', async () => {
  const page = referenceCases.find(({ case: name }) => name === 'ridge_leave_one_out')?.page ?? '';
  const [exact, document] = [await solve(page), await solve(page, '--precision', 'mixed')];
  expect(document).toMatchObject({ precision: 'mixed', outer_status: exact.outer_status });
  expect(distance([document.outer], [exact.outer])).toBeLessThan(1e-8);
});
