/** The canonical form of the statements that a selection touches; whole statements, and of a page that parses. */
import type { TextEdit } from 'vscode-languageserver-protocol';
import { hasErrors, type Span } from '../../diagnostics/diagnostic.ts';
import type { Page } from '../../grammar/ast.ts';
import { parse } from '../../grammar/parse.ts';
import { print } from '../../grammar/print-ast.ts';
import type { Analysis } from '../analysis.ts';
import { rewritten } from '../rewritten.ts';

/** The statements of the printed page are those of this one, in the same order: each takes the place of its own. */
export function rangeFormatting(analysis: Analysis, within: Span): readonly TextEdit[] {
  const { value: page, diagnostics } = analysis.parsed();
  if (hasErrors(diagnostics)) return [];
  const printed = parse(print(page), analysis.uri).value;
  const after = statementsOf(printed);
  return statementsOf(page).flatMap((before, i) => {
    const canonical = after[i];
    if (canonical === undefined || before.start > within.end || before.end < within.start) return [];
    // A comment that the printer moves out of its statement would be lost, or there twice.
    if (commentsIn(page, before) !== commentsIn(printed, canonical)) return [];
    const { start, isAlone } = lineStart(page.text, before.start);
    const newText = `${isAlone ? '' : '\n'}${printed.text.slice(lineStart(printed.text, canonical.start).start, canonical.end)}`;
    return rewritten(analysis, start, page.text.slice(start, before.end), newText);
  });
}

/** Of a problem its declarations: what stands between these stays. */
const statementsOf = ({ items }: Page): readonly Span[] =>
  items
    .flatMap((item): readonly { readonly span: Span }[] => (item.kind === 'problem' ? item.declarations : [item]))
    .map(({ span }) => span);

const commentsIn = ({ comments }: Page, { start, end }: Span): string =>
  comments
    .filter(({ span }) => span.start >= start && span.end <= end)
    .map(({ text }) => text)
    .join('\n');

/** Where the space before a statement begins, on its line; not alone on it, it gets one. */
function lineStart(text: string, offset: number): { readonly start: number; readonly isAlone: boolean } {
  const start = offset - (/[^\S\n\r]*$/u.exec(text.slice(0, offset))?.[0].length ?? 0);
  return { start, isAlone: start === 0 || /[\n\r]/u.test(text.charAt(start - 1)) };
}
