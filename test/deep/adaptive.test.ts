/** What adaptive accuracy saves: the whole run against one at a fixed 1e-8, to the same criterion. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Folder, solve } from '../helpers/cli.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = new Folder();
afterAll(() => folder.remove());

/** A page's text, to be written elsewhere, with one more statement. */
const pageWith = (path: string, statement: string): string => {
  const page = join(root, path);
  return readFileSync(page, 'utf8')
    .replaceAll('from "', () => `from "${dirname(page).replaceAll('\\', '/')}/`)
    .replace(/\}\s*$/u, `  ${statement}\n}\n`);
};
const reference = (name: string): string => `test/reference/${name}/${name}.bilevel`;

/** By an inner solver at its own accuracy, against the same one at 1e-8: at most half of its steps. */
const byName = [
  [reference('multinomial_wine'), 'newton'],
  [reference('poisson_exposure'), 'newton'],
  [reference('pseudo_huber'), 'newton'],
] as const;

it.each(byName)('%s by %s', async (path, method) => {
  const fixed = await solve(folder.page(pageWith(path, `solve inner with ${method}(tolerance = 1e-8)`)), '--accuracy', 'fixed');
  const adaptive = await solve(folder.page(pageWith(path, `solve inner with ${method}`)));
  expect(adaptive.outer_status).toBe('converged');
  expect(Math.abs(adaptive.outer - fixed.outer)).toBeLessThanOrEqual(1e-8 * Math.abs(fixed.outer));
  expect(adaptive.spent.inner_steps).toBeLessThanOrEqual(fixed.spent.inner_steps / 2);
});

/** With steps of first order, whose price is the accuracy itself; both runs end at an inner tolerance of 1e-8. */
const stepwise = [
  [reference('logistic_l2'), 'heavy_ball(rate = 1, momentum = 0.9, tolerance = 1e-8)'],
  [reference('pseudo_huber'), 'heavy_ball(rate = 0.3, momentum = 0.9, tolerance = 1e-8)'],
  [reference('ridge_log_penalty'), 'gd(rate = 0.3, tolerance = 1e-8)'],
  [reference('nonnegative_ridge'), 'fista(tolerance = 1e-8)'],
] as const;

it.each(stepwise)('%s by %s', async (path, method) => {
  const page = folder.page(pageWith(path, `solve inner with ${method}`));
  const fixed = await solve(page, '--accuracy', 'fixed');
  const adaptive = await solve(page);
  expect(adaptive.outer_status).toBe('converged');
  expect(Math.abs(adaptive.outer - fixed.outer)).toBeLessThanOrEqual(1e-8 * Math.abs(fixed.outer));
  expect(adaptive.spent.inner_steps).toBeLessThanOrEqual(fixed.spent.inner_steps / 2);
});

/**
 * No more than three in five: where a Newton step more or less decides, and where a fixed accuracy needs few outer steps. Hyper-cleaning has many valleys
 * (decision 020): these two ways end in the same one where L-BFGS is not preconditioned.
 */
it.each([
  [reference('logistic_l2'), 'newton', 'implicit+cholesky+newton'],
  ['examples/hyper-cleaning/hyper-cleaning.bilevel', 'lbfgs', 'implicit+cg+lbfgs'],
])('%s by %s, at most three in five', async (path, method, strategy) => {
  const named = ['--strategy', strategy];
  const fixed = await solve(folder.page(pageWith(path, `solve inner with ${method}(tolerance = 1e-8)`)), '--accuracy', 'fixed', ...named);
  const adaptive = await solve(folder.page(pageWith(path, `solve inner with ${method}`)), ...named);
  expect(Math.abs(adaptive.outer - fixed.outer)).toBeLessThanOrEqual(1e-8 * Math.abs(fixed.outer));
  expect(adaptive.spent.inner_steps).toBeLessThanOrEqual(0.6 * fixed.spent.inner_steps);
});

/** Badly conditioned outside: errors of gradients spoil what L-BFGS learns, and it still ends where a fixed accuracy does. */
it("Ehrhardt & Roberts' quadratic by heavy_ball, in its 100 outer steps", async () => {
  const page = folder.page(
    pageWith(
      'examples/inexact/inexact.bilevel',
      'solve inner with heavy_ball(rate = 0.0005731843217889759, momentum = 0.5056779950623652, tolerance = 1e-8)',
    ),
  );
  const fixed = await solve(page, '--accuracy', 'fixed');
  const adaptive = await solve(page);
  expect(adaptive.outer_status).toBe('converged');
  expect(Math.abs(adaptive.outer - fixed.outer)).toBeLessThanOrEqual(1e-8 * Math.abs(fixed.outer));
  expect(adaptive.spent.inner_steps).toBeLessThanOrEqual(2 * fixed.spent.inner_steps);
});

it('examples/logistic in float32, where rounding lets no solve go as far as the schedule asks', async () => {
  const page = 'examples/logistic/logistic.bilevel';
  const [single, double] = [await solve(page, '--precision', 'f32'), await solve(page)];
  expect(single.outer_status).toBe('converged');
  expect(Math.abs(single.outer - double.outer)).toBeLessThanOrEqual(1e-5 * Math.abs(double.outer));
});
