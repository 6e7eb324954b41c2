/** Emitted modules under strict TypeScript, 6 and 7: all examples, and an application that uses one rightly and wrongly. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples } from '../helpers/examples.ts';
import { Project, root } from '../module/harness.ts';

const project = new Project();
const compilers = [
  ['TypeScript 6', 'typescript'],
  ['TypeScript 7', 'ts-native'],
] as const;
/** How TypeScript finds modules: as Node does, as bundlers do. */
const resolutions = [
  ['NodeNext', 'NodeNext'],
  ['ESNext', 'Bundler'],
] as const;
const targets = ['ts', 'js'] as const;

/** Strict beyond what `strict` means, and no declaration file is passed over. */
const options = {
  target: 'ES2023',
  lib: ['ES2023', 'DOM'],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  allowImportingTsExtensions: true,
  skipLibCheck: false,
  noEmit: true,
};

/** Uses a module rightly and wrongly. */
const application = (
  module: string,
): string => `import ridge, { bind, describe, evaluate, hypergradient, plan, solve, verify, type Data, type Hyper } from '${module}';
import { fromUrl, readData } from 'bilevel/data';
import { csv } from 'bilevel/data/csv';
import { fromFolder } from 'bilevel/data/folder';
import { ProblemError } from 'bilevel/runtime';
const X = [Float64Array.of(1, 2), [3, 4]];
export async function use(signal: AbortSignal): Promise<Hyper> {
  try {
    const solution = await solve({ X, y: { shape: [2], data: [1, 2] } }, { signal, hyper: { penalty: 2 }, onStep: ({ outer, hyper }) => console.log(outer, hyper.penalty.toFixed(2)) });
    const w: readonly [number] = solution.param.w.shape;
    const rmse: number = solution.report.rmse;
    const bound = await bind({ X, y: [1, 2] }, { threads: 2 });
    const slope: number = (await bound.hypergradient({ penalty: 0.1 })).hypergradient.penalty;
    bound.close();
    console.log(w, rmse, slope, describe.name, plan({ n: 442 }).chosen, ridge === undefined, evaluate, hypergradient, verify);
    return solution.hyper;
  } catch (error) {
    if (error instanceof ProblemError) console.log(error.code, error.status);
    throw error;
  }
}
export async function read(): Promise<Data> {
  const data = await readData(ridge, { files: fromFolder('.'), formats: [csv], overrides: { y: { file: 'other.csv', key: 'y' } } });
  console.log(data.X.shape, data.y.labels?.length);
  await solve(await readData({ describe, solve }, { files: fromUrl('/data'), formats: [csv], overrides: { y: [1, 2] } }));
  return data;
}
// @ts-expect-error: y is missing
export const missing = solve({ X });
// @ts-expect-error: there is no such hyper
export const unknown = hypergradient({ X, y: [1] }, { penalti: 1 });
// @ts-expect-error: there is no such data
export const other = readData(ridge, { files: fromFolder('.'), formats: [csv], overrides: { z: [1] } });
`;

beforeAll(async () => {
  for (const target of targets) {
    mkdirSync(project.path(target));
    for (const { name, page } of examples) await project.compile(page, `${target}/${name}.${target}`);
    writeFileSync(project.path(`${target}/application.ts`), application(`./ridge.${target}`));
  }
});
afterAll(() => project.remove());

describe.each(compilers)('strict %s', (_, compiler) => {
  describe.each(resolutions)('with modules as %s, resolved as %s', (module, moduleResolution) => {
    it.each(targets)('takes all examples as .%s, and an application that uses one', (target) => {
      // Files are named: where a module is JavaScript, what is checked are its declarations.
      const names = readdirSync(project.path(target)).filter((name) => name.endsWith('.ts'));
      expect(names.length).toBeGreaterThan(examples.length);
      const config = project.path(`${target}/${compiler}-${module}.json`);
      writeFileSync(config, JSON.stringify({ compilerOptions: { ...options, module, moduleResolution }, files: names }));
      const run = spawnSync(process.execPath, [`${root}node_modules/${compiler}/bin/tsc`, '-p', config], { encoding: 'utf8' });
      expect(run.stdout).toBe('');
      expect(run.status).toBe(0);
    });
  });

  it('is not lenient: it sees a mistake', () => {
    writeFileSync(project.path('ts/mistake.ts'), `import { solve } from './ridge.ts';\nexport const wrong: number = solve;\n`);
    const config = project.path(`ts/${compiler}-mistake.json`);
    writeFileSync(config, JSON.stringify({ compilerOptions: { ...options, module: 'NodeNext' }, files: ['mistake.ts'] }));
    const run = spawnSync(process.execPath, [`${root}node_modules/${compiler}/bin/tsc`, '-p', config], { encoding: 'utf8' });
    expect(run.stdout).toContain('mistake.ts(2,14): error TS2322');
    rmSync(project.path('ts/mistake.ts'));
  });
});
