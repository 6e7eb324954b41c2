/**
 * From a page to its programs: the entry of this folder. Every mistake of the page is reported in one run; a problem with mistakes
 * still gives as much of a program as could be made.
 */
import type { Diagnostic, Result } from '../../diagnostics/diagnostic.ts';
import { duplicateName } from '../../diagnostics/names.ts';
import { comesLater } from '../../diagnostics/levels.ts';
import type { Identifier, Page } from '../../grammar/ast.ts';
import { Scope, type Fn } from '../check/scope.ts';
import type { Program } from '../program.ts';
import { lowerProblem, makeContext } from './problem.ts';

/**
 * Checks every problem of a page and lowers it to values of a builder of its own, in the page's order. Never throws for a
 * mistake of the page. A problem without a valid inner or outer criterion has no program; one with any error must not be run.
 */
export function lowerPage(page: Page): Result<readonly Program[]> {
  const found = new Map<string, Diagnostic>();
  const report = (diagnostic: Diagnostic): void => {
    const key = `${diagnostic.code} ${diagnostic.span?.start} ${diagnostic.span?.end} ${diagnostic.message}`;
    if (!found.has(key)) found.set(key, diagnostic);
  };
  const { fns } = makeContext(report, new Map());
  const scope = new Scope();
  const ofPage: Fn[] = [];
  const problems = new Map<string, Identifier>();
  for (const item of page.items) {
    switch (item.kind) {
      case 'import':
        report(comesLater({ span: item.span }, { construct: '`import`', instead: 'copy the functions onto this page' }));
        for (const name of item.names) scope.declare(name.name, { kind: 'broken', span: name.span });
        break;
      case 'fn': {
        const fn: Fn = { declaration: item, scope };
        const before = scope.declare(item.name.name, { kind: 'fn', fn, span: item.name.span });
        if (before === undefined) ofPage.push(fn);
        else report(duplicate(item.name, before.span, 'the function'));
        break;
      }
      case 'problem': {
        const before = problems.get(item.name.name);
        if (before !== undefined) report(duplicate(item.name, before.span, 'the problem'));
        problems.set(item.name.name, before ?? item.name);
        break;
      }
    }
  }
  for (const fn of ofPage) fns.check(fn);
  const programs = page.items.flatMap((item) => (item.kind === 'problem' ? (lowerProblem(item, scope, fns, report) ?? []) : []));
  const diagnostics = [...found.values()].sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
  return { value: programs, diagnostics };
}

const duplicate = ({ name, span }: Identifier, before: Identifier['span'], what: string): Diagnostic =>
  duplicateName({ span, labels: [{ span: before, message: 'first here' }] }, { name, what });
