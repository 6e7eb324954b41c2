/** Refactorings of pages as texts: what is offered at a place, and the page after it. */
import { lowerPage } from '../../compiler/lower/program.ts';
import { parse } from '../../grammar/parse.ts';
import type { Analysis } from '../../lsp/analysis.ts';
import type { Rewrite } from '../../lsp/features/code-actions.ts';
import { refactorings } from '../../lsp/features/refactorings/refactorings.ts';
import { applied } from '../../lsp/features/refactorings/writing.ts';
import type { Terms } from '../helpers/terms.ts';
import { analysisOf } from './every-feature.ts';
import { marked } from './harness.ts';

export const offered = (analysis: Analysis, { start, end }: { readonly start: number; readonly end: number }): readonly Rewrite[] =>
  refactorings.flatMap((refactoring) => refactoring(analysis, { file: analysis.uri, start, end }));

/** What is offered at the mark of a text. */
export function offeredIn(written: string): { readonly text: string; readonly rewrites: readonly Rewrite[] } {
  const { text, cursors, ranges } = marked(written);
  const [at] = [...ranges, ...cursors.map((cursor) => ({ start: cursor, end: cursor }))];
  return { text, rewrites: at === undefined ? [] : offered(analysisOf(text), at) };
}

/** The text after the one whose title begins so. */
export function after(written: string, title: string): string | undefined {
  const { text, rewrites } = offeredIn(written);
  const found = rewrites.find((rewrite) => rewrite.title.startsWith(title));
  return found && applied(text, found.edits);
}

/** What the results of a page's problems are, as terms, or its mistakes. */
export function meaningOf(text: string, terms: Terms): readonly (number | string)[] {
  const page = parse(text, 'page.bilevel');
  const { value, diagnostics } = lowerPage(page.value);
  const mistakes = [...page.diagnostics, ...diagnostics].filter(({ severity }) => severity === 'error').map(({ message }) => message);
  if (mistakes.length > 0) return mistakes;
  return value.flatMap(({ inner, outer, reports }) => [inner, outer, ...reports].map((result) => terms.of(result.value)));
}
