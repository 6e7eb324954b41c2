/** Emitted modules under strict TypeScript: all examples, and an application that uses one rightly and wrongly. */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Project, root } from '../module/harness.ts';

const project = new Project();
afterAll(() => project.remove());
const examples = readdirSync(`${root}examples`).map((name) => [name, `${root}examples/${name}/${name}.bilevel`] as const);

describe('the text of a module', () => {
  it('is typed: strict TypeScript takes all examples, and an application that uses one', async () => {
    for (const [name, page] of examples) await project.compile(page, `typed-${name}.ts`);
    writeFileSync(
      project.path('application.ts'),
      `import ridge, { bind, describe, evaluate, hypergradient, plan, solve, verify, type Hyper } from './typed-ridge.ts';
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
// @ts-expect-error: y is missing
export const missing = solve({ X });
// @ts-expect-error: there is no such hyper
export const unknown = hypergradient({ X, y: [1] }, { penalti: 1 });
`,
    );
    writeFileSync(
      project.path('tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          target: 'ES2023',
          module: 'NodeNext',
          lib: ['ES2023', 'DOM'],
          types: [],
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          verbatimModuleSyntax: true,
          isolatedModules: true,
          allowImportingTsExtensions: true,
          noEmit: true,
        },
        include: ['typed-*.ts', 'application.ts'],
      }),
    );
    const { status, stdout } = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', project.folder], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
