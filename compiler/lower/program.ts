/**
 * From a page to its programs: the entry of this folder. Every mistake of the page is reported in one run; a problem with mistakes
 * still gives as much of a program as could be made.
 */
import type { Diagnostic, Result } from '../../diagnostics/diagnostic.ts';
import type { Sources } from '../../diagnostics/render.ts';
import type { Identifier, Page } from '../../grammar/ast.ts';
import type { ExpressionType, Program } from '../program.ts';
import { Pages, duplicate } from './pages.ts';
import { lowerProblem, makeContext } from './problem.ts';

export interface LoweredPage extends Result<readonly Program[]> {
  /** Each file that its imports speak of, with the text that was found there. */
  readonly imports: ReadonlyMap<string, string | undefined>;
  /** As far as they could be told, whatever else is wrong. */
  readonly expressionTypes: readonly ExpressionType[];
}

/**
 * Checks every problem of a page and lowers it to values of a builder of its own, in the page's order. Never throws for a
 * mistake of the page. A problem without a valid inner or outer criterion has no program; one with any error must not be run.
 * `sources` has the texts of the pages that may be imported, under names as seen from where the page's own is.
 */
export function lowerPage(page: Page, sources?: Sources): LoweredPage {
  const found = new Map<string, Diagnostic>();
  const pages = new Pages(sources, (diagnostic) => {
    const { code, span, message } = diagnostic;
    const key = `${code} ${span?.file} ${span?.start} ${span?.end} ${message}`;
    if (!found.has(key)) found.set(key, diagnostic);
  });
  const { report } = pages;
  const expressionTypes: ExpressionType[] = [];
  const { fns } = makeContext(report, new Map(), expressionTypes, page);
  const { scope, own, imported } = pages.open(page);
  const problems = new Map<string, Identifier>();
  for (const item of page.items) {
    if (item.kind !== 'problem') continue;
    const before = problems.get(item.name.name);
    if (before !== undefined) report(duplicate(item.name, before.span, 'the problem'));
    problems.set(item.name.name, before ?? item.name);
  }
  for (const fn of [...imported, ...own]) fns.check(fn);
  const programs = page.items.flatMap((item) =>
    item.kind === 'problem' ? (lowerProblem(item, scope, fns, expressionTypes, report) ?? []) : [],
  );
  const files = [page.file, ...pages.texts.keys()];
  const placeOf = ({ span }: Diagnostic): number => (span === undefined ? 0 : files.indexOf(span.file));
  const diagnostics = [...found.values()].sort((a, b) => placeOf(a) - placeOf(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0));
  return { value: programs, diagnostics, imports: pages.texts, expressionTypes };
}
