/** Which lines of a module and of its page speak of each other. Knows nothing of editors. */
import type { Range } from 'vscode-languageserver-protocol';
import type { ModuleAnswer } from '../../compile-request.ts';

type Spoken = Pick<ModuleAnswer, 'from'>;

/** The lines of the module that speak of the statement at a line of the page, as runs from a first to a last. */
export function linesOf({ from }: Spoken, line: number): readonly (readonly [first: number, last: number])[] {
  const runs: [number, number][] = [];
  for (const [i, range] of from.entries()) {
    if (range === null || line < range.start.line || line > range.end.line) continue;
    const run = runs.at(-1);
    if (run?.[1] === i - 1) run[1] = i;
    else runs.push([i, i]);
  }
  return runs;
}

/** The statement of the page that a line of the module speaks of. */
export const statementOf = ({ from }: Spoken, line: number): Range | undefined => from[line] ?? undefined;
