/** The outer solvers on whole problems: `trust_region` at the reference optima, with and without bounds; each of them through a run. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { outerMethods } from '../../runtime/outer/methods.ts';
import { Folder, solve } from '../helpers/cli.ts';
import { referenceCases } from '../helpers/reference.ts';

const folder = new Folder();
afterAll(() => folder.remove());

describe('trust_region reaches the optimum of', () => {
  // Ten hypers, of which four end at a bound; two hypers in the shape of the loss; a recipe, far from convex.
  const chosen = ['ridge_per_feature', 'pseudo_huber', 'heavy_ball_lr_momentum'];
  it.each(referenceCases.filter((c) => chosen.includes(c.case)))('$case', async ({ page, optimum }) => {
    const text = readFileSync(page, 'utf8')
      .replaceAll('from "', `from "${dirname(page).replaceAll('\\', '/')}/`)
      .replace(/solve outer with .*/u, 'solve outer with trust_region(tolerance = 1e-9)');
    const { outer, outer_status } = await solve(folder.page(text));
    if (optimum === undefined) throw new Error('no optimum');
    expect(outer_status).toBe('converged');
    expect(Math.abs(outer - optimum.outer)).toBeLessThanOrEqual(1e-9 * Math.abs(optimum.outer));
  });
});

describe.each(outerMethods.map(({ name }) => name))('%s', (name) => {
  const rate = name === 'adam' || name === 'rmsprop' ? 0.05 : 0.1;
  const options = name === 'lbfgs' || name === 'trust_region' ? '' : `rate = ${rate}, steps = 300, `;
  it('goes down to an optimum inside and to one on a bound', async () => {
    const { hyper, outer_status } = await solve(
      folder.page(`
        hyper a: real = 2
        hyper c: nonnegative = 1
        param w: [2]
        inner minimize (w[0] - a)^2 + (w[1] - c)^2
        outer minimize (w[0] - 0.3)^2 + (w[1] + 1)^2
        solve outer with ${name}(${options}tolerance = 1e-5)`),
    );
    expect(outer_status).toBe('converged');
    expect(hyper['a']).toBeCloseTo(0.3, 4);
    expect(hyper['c']).toBe(0);
  });
});
