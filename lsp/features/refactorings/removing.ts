/** How a statement is taken from a page: with what is said of it, and without the hole that it would leave. */
import type { Edit, Span } from '../../../diagnostics/diagnostic.ts';
import type { LetDeclaration } from '../../../grammar/ast.ts';
import type { Analysis } from '../../analysis.ts';
import { holds, statementAround } from './tree.ts';
import { headStart, indentAt } from './writing.ts';

/**
 * The statement with its `///` lines and the comment behind it. Comments above it go too where it stands by itself: above several statements they
 * may speak of all.
 */
export function removal({ parsed }: Analysis, span: Span): Edit {
  const page = parsed().value;
  const { text } = page;
  const isLast = /^[^\S\n\r]*(?:\/\/[^\n\r]*)?(?:\r?\n[^\S\n\r]*)?(?:\r?\n|\}|$)/u.test(text.slice(span.end));
  const start = isLast ? headStart(page, span) : docStart(text, span.start);
  const behind = /^[^\S\n\r]*(?:\/\/[^\n\r]*)?/u.exec(text.slice(span.end))?.[0].length ?? 0;
  const lineStart = start - indentAt(text, start).length;
  const isAlone = lineStart === 0 || /[\n\r]/u.test(text.charAt(lineStart - 1));
  const end = span.end + behind;
  const newline = /^\r?\n/u.exec(text.slice(end))?.[0].length ?? 0;
  if (!isAlone || (newline === 0 && end < text.length))
    return { span: { ...span, start, end: span.end + spaceAt(text, span.end) }, text: '' };
  // Of the blank lines on both sides one is left, and none at the end of a block.
  const above = /\n[^\S\n\r]*\r?\n$|\{[^\n\r]*\r?\n$/u.test(text.slice(0, lineStart)) || lineStart === 0;
  const below = /^(?:[^\S\n\r]*\r?\n)+/u.exec(text.slice(end + newline))?.[0].length ?? 0;
  const isEnd = /^\s*(?:\}|$)/u.test(text.slice(end));
  if (isEnd) {
    const blank = /(?:\n[^\S\n\r]*\r?)+$/u.exec(text.slice(0, lineStart - 1))?.[0].length ?? 0;
    return { span: { ...span, start: lineStart - blank, end: end + newline }, text: '' };
  }
  return { span: { ...span, start: lineStart, end: end + newline + (above ? below : 0) }, text: '' };
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

const spaceAt = (text: string, offset: number): number => /^[^\S\n\r]*/u.exec(text.slice(offset))?.[0].length ?? 0;

function docStart(text: string, start: number): number {
  let head = start;
  for (;;) {
    const above = /(?:^|[\n\r])[^\S\n\r]*(\/\/\/[^\n\r]*)\r?\n[^\S\n\r]*$/u.exec(text.slice(0, head));
    if (above === null) return head;
    head = above.index + above[0].indexOf('//');
  }
}
