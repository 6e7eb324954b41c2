/** Every example and every reference problem, as a module of each target: what it gives is what the command line gives, to the last bit. */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, solve } from '../helpers/cli.ts';
import { examples } from '../helpers/examples.ts';
import { pageWithSteps, referenceCases } from '../helpers/reference.ts';
import { dataOf, expectSameBits, Project } from '../module/harness.ts';

const folder = new Folder();
const [beside, alone] = [new Project(), new Project('alone')];
afterAll(() => {
  for (const made of [folder, beside, alone]) made.remove();
});

/** A budget of hundreds of steps is the same after a few. */
const fewSteps = 3;
const pages = [
  ...examples.map(({ name, page }) => [name, page] as const),
  ...referenceCases.map((reference) => {
    const isLong = reference.fixedBudget !== undefined;
    return [reference.case, isLong ? folder.page(pageWithSteps(reference, fewSteps)) : reference.page] as const;
  }),
];

describe.each(pages)('%s', (name, page) => {
  const expected = solve(page);

  it.each([
    ['ts', beside, []],
    ['js', beside, []],
    ['js', alone, ['--standalone']],
  ] as const)('as .%s', async (target, project, flags) => {
    const file = `${name}.${target}`;
    await project.compile(page, file, ...flags);
    const problem = await project.load(file);
    const solution = await problem.solve(await dataOf(problem, page));
    expect(solution.history.length).toBeGreaterThan(0);
    expectSameBits(solution, await expected);
  });
});
