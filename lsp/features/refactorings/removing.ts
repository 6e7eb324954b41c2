/** How a statement is taken from a page: with what is said of it, and without the hole that it would leave. */
import type { Edit, Span } from '../../../diagnostics/diagnostic.ts';
import type { LetDeclaration } from '../../../grammar/ast.ts';
import type { Analysis } from '../../analysis.ts';
import { holds, statementAround } from './tree.ts';
import { headStart, lineStart } from './writing.ts';

/**
 * The statement with its `///` lines and the comment behind it. Comments above it go too where it stands by itself: above several statements they
 * may speak of all.
 */
export function removal({ parsed }: Analysis, span: Span): Edit {
  const page = parsed().value;
  const { text } = page;
  const behind = text.slice(span.end);
  const isLast = /^[^\S\n\r]*(?:\/\/[^\n\r]*)?(?:\r?\n[^\S\n\r]*)?(?:\r?\n|\}|$)/u.test(behind);
  const start = headStart(page, span, isLast ? '//' : '///');
  const line = /^[^\S\n\r]*(?:\/\/[^\n\r]*)?(?:\r?\n|$)/u.exec(behind)?.[0];
  const from = lineStart(text, start);
  if (line === undefined || text.slice(from, start).trim() !== '')
    return { span: { ...span, start, end: span.end + behind.length - behind.trimStart().length }, text: '' };
  const end = span.end + line.length;
  const below = /^(?:[^\S\n\r]*\r?\n)+/u.exec(text.slice(end))?.[0].length ?? 0;
  // Of the blank lines on both sides one stays, and none where a block begins or ends.
  const above = text.slice(lineStart(text, Math.max(from - 1, 0)), from).trim();
  if (/^\s*(?:\}|$)/u.test(text.slice(end))) return { span: { ...span, start: blankStart(text, from), end }, text: '' };
  return { span: { ...span, start: from, end: end + (above === '' || above.endsWith('{') ? below : 0) }, text: '' };
}

/** Where the blank lines above a line begin. */
function blankStart(text: string, line: number): number {
  const above = lineStart(text, Math.max(line - 1, 0));
  return above < line && text.slice(above, line).trim() === '' ? blankStart(text, above) : line;
}

/** The same of a `let`; where it was the only one of a function, what is left is no block. */
export function letRemoval(analysis: Analysis, node: LetDeclaration): readonly Edit[] {
  const page = analysis.parsed().value;
  const fn = statementAround(page, node.span)?.node;
  const [result] = fn?.kind === 'fn' && fn.isBlock && fn.body.lets.length === 1 && fn.body.lets[0] === node ? fn.body.results : [];
  if (fn?.kind !== 'fn' || result === undefined) return [removal(analysis, node.span)];
  const around = [
    { ...result.span, start: fn.body.span.start, end: result.span.start },
    { ...result.span, start: result.span.end, end: fn.body.span.end },
  ];
  const isRemarked = page.comments.some(({ span }) => around.some((part) => holds(part, span)));
  return isRemarked ? [removal(analysis, node.span)] : around.map((span) => ({ span, text: '' }));
}
