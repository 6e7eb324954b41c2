/** Modules compiled by the command line into a folder where the package `bilevel` can be found, and loaded from there. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { given } from '../../compiler/ir/attributes.ts';
import type { Problem, Shaped, Tensor } from '../../runtime/api.ts';
import { bindData } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { bilevel, type Outcome } from '../cli/harness.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

type Named = Readonly<Record<string, number | Tensor>>;
type Given = Readonly<Record<string, number | readonly number[] | readonly (readonly number[])[] | Shaped | Float64Array>>;
export type AnyProblem = Problem<Given, Named, Named, Named>;

export class Project {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'bilevel-module-')));

  constructor() {
    mkdirSync(join(this.folder, 'node_modules'));
    symlinkSync(root, join(this.folder, 'node_modules', 'bilevel'));
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

  async load(name: string): Promise<AnyProblem> {
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
