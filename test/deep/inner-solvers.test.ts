/** The reference problems at a minimiser under every inner solver that fits, each at its first point against the answers. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, distance, flatAll, gradient } from '../helpers/cli.ts';
import { referenceCases, type ReferenceCase } from '../helpers/reference.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const atMinimiser = referenceCases.filter(
  ({ points: [point], page }) => point !== undefined && !readFileSync(page, 'utf8').includes('solve inner'),
);
/** First-order solvers, and the condition number beyond which they take too many steps: √κ of them with momentum, κ without. */
const bySteps = [
  { solver: 'fista(tolerance = 1e-11)', most: 1e4 },
  { solver: 'proximal_gradient(tolerance = 1e-11)', most: 1e3 },
];

/** Those that a page may name; which of them a problem refuses is told by the code of the refusal. */
function solversFor({ points: [point] }: ReferenceCase): readonly string[] {
  const condition = point?.inner_hessian_condition ?? 1;
  return [
    'closed_form',
    'newton',
    'lbfgs(tolerance = 1e-11)',
    ...bySteps.filter(({ most }) => condition < most).map(({ solver }) => solver),
  ];
}

describe.each(atMinimiser)('$case', (reference) => {
  const { case: name, page, points, suggested_rtol: rtol } = reference;
  const [point] = points;
  if (point === undefined) throw new Error(`${name} has no point`);
  const setting = ['--set', `@${folder.write(`${name}.json`, JSON.stringify(point.hyper))}`];
  const names = Object.keys(point.hyper);
  const text = readFileSync(page, 'utf8').replaceAll('from "', () => `from "${dirname(page).replaceAll('\\', '/')}/`);

  it('agrees with the answers, whatever solves it', async () => {
    const solved: string[] = [];
    for (const solver of solversFor(reference)) {
      const named = folder.page(text.replace(/\}\s*$/u, `  solve inner with ${solver}\n}\n`));
      let document: Awaited<ReturnType<typeof gradient>>;
      try {
        document = await gradient(named, ...setting);
      } catch (error) {
        // A solver that does not fit is refused by name, and nothing else is.
        expect(String(error), solver).toContain('BL5002');
        continue;
      }
      solved.push(solver);
      const size = Math.max(...flatAll(point.hypergradient, names).map(Math.abs));
      const allowed = Math.max(1e-6, rtol.hypergradient);
      expect(document.status, solver).toBe('converged');
      expect(distance([document.outer], [point.outer]), solver).toBeLessThanOrEqual(Math.max(1e-7, rtol.outer));
      expect(
        size === 0 ? 0 : distance(flatAll(document.hypergradient, names), flatAll(point.hypergradient, names)),
        solver,
      ).toBeLessThanOrEqual(allowed);
    }
    expect(solved.length).toBeGreaterThanOrEqual(2);
  });
});
