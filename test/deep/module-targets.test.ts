/**
 * Examples and every reference problem as a module of each target, the other examples as one: what it gives is what the command line gives,
 * to the last bit.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder } from '../helpers/cli.ts';
import { examples, travellingExamples } from '../helpers/examples.ts';
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
  ...travellingExamples.map(({ name, page }) => [name, page] as const),
  ...referenceCases.map((reference) => {
    const isLong = reference.fixedBudget !== undefined;
    return [`reference-${reference.case}`, isLong ? folder.page(pageWithSteps(reference, fewSteps)) : reference.page] as const;
  }),
];

async function expectSameOf(name: string, page: string, project: Project, target: string, flags: readonly string[]): Promise<void> {
  const file = `${name}.${target}`;
  await project.compile(page, file, ...flags);
  const problem = await project.load(file);
  const solution = await problem.solve(await dataOf(problem, page));
  expect(solution.history.length).toBeGreaterThan(0);
  await expectSameBits(solution, page);
}

describe.each(pages)('%s', (name, page) => {
  it.each([
    ['ts', beside, []],
    ['js', beside, []],
    ['js', alone, ['--standalone']],
  ] as const)('as .%s', (target, project, flags) => expectSameOf(name, page, project, target, flags));
});

const others = examples.filter((example) => !travellingExamples.includes(example));
describe.each(others)('$name', ({ name, page }) => {
  it('as .js', () => expectSameOf(name, page, beside, 'js', []));
});
