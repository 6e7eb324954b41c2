/** Refactorings of pages as texts: what is offered at a place, and the page after it. */
import { lowerPage } from '../../compiler/lower/program.ts';
import { parse } from '../../grammar/parse.ts';
import type { Analysis } from '../../lsp/analysis.ts';
import type { Rewrite } from '../../lsp/features/code-actions.ts';
import { refactorings } from '../../lsp/features/refactorings/refactorings.ts';
import { edited } from '../../diagnostics/fix.ts';
import { CodeActionKind } from 'vscode-languageserver-protocol';
import { expect } from 'vitest';
import { print } from '../../grammar/print-ast.ts';
import { expressionsIn, statementsOf } from '../../lsp/features/refactorings/tree.ts';
import { Terms } from '../helpers/terms.ts';
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
  return found && edited(text, found.edits);
}

/** What the results of a page's problems are, as terms, or its mistakes. */
export function meaningOf(text: string, terms: Terms): readonly (number | string)[] {
  const page = parse(text, 'page.bilevel');
  const { value, diagnostics } = lowerPage(page.value);
  const mistakes = [...page.diagnostics, ...diagnostics].filter(({ severity }) => severity === 'error').map(({ message }) => message);
  if (mistakes.length > 0) return mistakes;
  return value.flatMap(({ inner, outer, reports }) => [inner, outer, ...reports].map((result) => terms.of(result.value)));
}

/** At every so many of the places where something may be offered: expressions that are selected, names and statements that the cursor is at. */
export function placesIn({ parsed, names }: Analysis, every: number): readonly { readonly start: number; readonly end: number }[] {
  const statements = statementsOf(parsed().value);
  const cursors = [...names().used, ...names().declared, ...statements.map(({ node }) => node)].map(({ span }) => span.start);
  return [...statements.flatMap(expressionsIn).map(({ span }) => span), ...cursors.map((start) => ({ start, end: start }))].filter(
    (_, i) => i % every === 0,
  );
}

/** All that is offered at some places keeps what a page means, and its canonical form; says how often each was. */
export function expectKept(text: string, every: number, tally: Map<string, number>): void {
  const analysis = analysisOf(text);
  const terms = new Terms();
  const meaning = meaningOf(text, terms);
  const isCanonical = print(analysis.parsed().value) === text;
  for (const place of placesIn(analysis, every)) {
    for (const { title, kind, edits } of offered(analysis, place)) {
      const changed = edited(text, edits);
      const now = meaningOf(changed, terms);
      const at = `${title}, at ${JSON.stringify(text.slice(place.start, place.end + 10))} of\n\n${text}\n\ngives\n\n${changed}`;
      // Another form may round otherwise, and folds are another problem: these are right pages.
      if (kind === CodeActionKind.RefactorRewrite)
        expect(
          now.filter((each) => typeof each === 'string'),
          at,
        ).toEqual([]);
      else expect(now, at).toEqual(meaning);
      if (isCanonical) expect(print(parse(changed, 'page.bilevel').value), at).toBe(changed);
      const sort = title.replaceAll(/`[^`]*`|\d+/gu, '…');
      tally.set(sort, (tally.get(sort) ?? 0) + 1);
    }
  }
}
