/** Modules compiled by the command line into a folder where the package `bilevel` can be found, and loaded from there. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'rolldown/utils';
import { expect } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import type { Problem, Shaped, Solution, Tensor } from '../../runtime/api.ts';
import { bindData } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { flat, solveAs, type Numbers } from '../helpers/cli.ts';
import { bilevel, type Outcome } from '../cli/harness.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

type Named = Readonly<Record<string, number | Tensor>>;
type Given = Readonly<Record<string, number | readonly number[] | readonly (readonly number[])[] | Shaped | Float64Array>>;
export type AnyProblem = Problem<Given, Named, Named, Named>;

export class Project {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'bilevel-module-')));

  /** `alone`: without the package. */
  constructor(alone?: 'alone') {
    mkdirSync(join(this.folder, 'node_modules'));
    if (alone === undefined) symlinkSync(root, join(this.folder, 'node_modules', 'bilevel'));
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }\n');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async compile(page: string, output: string, ...flags: readonly string[]): Promise<Outcome> {
    const outcome = await bilevel(['compile', page, '-o', this.path(output), ...flags]);
    if (outcome.code !== 0) throw new Error(`bilevel compile ${page} ended with ${outcome.code}:\n${outcome.stderr}`);
    return outcome;
  }

  /** TypeScript loses its types first, as a bundler does it. */
  async load(name: string): Promise<AnyProblem> {
    if (name.endsWith('.ts')) {
      const { code, errors } = transformSync(name, readFileSync(this.path(name), 'utf8'));
      if (errors.length > 0) throw new Error(errors.map((e) => e.message).join('\n'));
      writeFileSync(this.path(`${name}.js`), code);
      return this.load(`${name}.js`);
    }
    const module = (await import(/* @vite-ignore */ pathToFileURL(this.path(name)).href)) as { default: AnyProblem };
    return module.default;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The data that a problem's page names, as an application would hold them. */
export async function dataOf(problem: AnyProblem, page: string) {
  const { bound } = await bindData(
    { ...problem.describe, data: problem.describe.data.map((d) => ({ ...d, span: { ...d.span, file: page } })) },
    nodeSources(),
  );
  return Object.fromEntries(
    Object.entries(given(bound).slots).flatMap(([slot, tensor]) => (slot.startsWith('data:') ? [[slot.slice(5), tensor]] : [])),
  );
}

/** JSON knows no negative zero. */
const asPrinted = (value: number): number => value + 0;

const numbersOf = (value: number | Tensor): readonly number[] => (typeof value === 'number' ? [value] : [...value.data]).map(asPrinted);

/** What a module gives is what the command line prints, to the last bit. */
export async function expectSameBits(solution: Solution<Named, Named, Named>, page: string): Promise<void> {
  const document = await solveAs(page, solution);
  expect(solution.outer).toBe(document.outer);
  for (const what of ['hyper', 'param', 'report', 'hypergradient'] as const) {
    expect(Object.keys(solution[what])).toEqual(Object.keys(document[what]));
    for (const [name, value] of Object.entries(solution[what])) expect(numbersOf(value)).toEqual(flat(document[what][name] as Numbers));
  }
  expect(solution.history.map((step) => step.outer)).toEqual(document.history.map((step) => step.outer));
  expect(solution.strategy).toBe(document.strategy);
}
