/** Applications that import pages, under strict TypeScript: two compilers, two ways to find modules. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bilevel } from '../cli/harness.ts';
import { root } from '../module/harness.ts';
import { Application, pages } from '../plugin/application.ts';

const application = new Application({
  'mean.bilevel': pages['mean.bilevel'],
  'two.bilevel': pages['two.bilevel'].replaceAll('far', 'class'),
  'app.ts': `import mean, { solve, type Hyper, type Report } from './mean.bilevel';
import { class as far, near } from './two.bilevel';
import type { ProblemError } from 'bilevel/runtime';

export async function use(error?: ProblemError): Promise<readonly [Hyper, Report]> {
  const { hyper, param, report } = await solve({ x: [1, 2], y: Float64Array.of(3, 4) }, { onStep: ({ outer }) => console.log(outer) });
  const w: readonly [number] = param.w.shape;
  const t: near.Hyper['t'] = (await near.solve({})).hyper.t;
  const other: far.Param = (await far.solve({})).param;
  console.log(w, t, other.w, report.slope, mean.describe.name, error?.code);
  return [hyper, report];
}
// @ts-expect-error: y is missing
export const missing = solve({ x: [1] });
// @ts-expect-error: there is no such hyper
export const unknown = near.hypergradient({}, { s: 1 });
// @ts-expect-error: there is no such problem
export { middle } from './two.bilevel';
`,
});
beforeAll(async () => {
  expect((await bilevel(['types', application.folder])).code).toBe(0);
});
afterAll(() => application.remove());

describe.each([
  ['typescript', 'NodeNext', 'NodeNext'],
  ['typescript', 'ESNext', 'Bundler'],
  ['ts-native', 'NodeNext', 'NodeNext'],
  ['ts-native', 'ESNext', 'Bundler'],
])('%s, module %s, resolution %s', (compiler, module, moduleResolution) => {
  it('takes the types of pages, and finds what is wrong in an application', () => {
    const compilerOptions = {
      target: 'ES2023',
      module,
      moduleResolution,
      lib: ['ES2023', 'DOM'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      isolatedModules: true,
      allowArbitraryExtensions: true,
      noEmit: true,
    };
    writeFileSync(application.path('tsconfig.json'), JSON.stringify({ compilerOptions, include: ['app.ts'] }));
    const tsc = `${root}node_modules/${compiler}/bin/tsc`;
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', application.folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
