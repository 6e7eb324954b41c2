/** How a statement is taken from a text: with what is said of it, and without the hole that it would leave. Looks at lines, and at no tree. */
import type { Edit, Span } from '../diagnostics/diagnostic.ts';

/** Where the line of an offset begins. */
export const lineStart = (text: string, offset: number): number => (offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1);

/** Where a statement begins with the lines right above it that begin so: with the comments there, or with the `///` lines alone. */
export function headStart(text: string, { start }: Span, mark: '//' | '///' = '//'): number {
  let head = start;
  for (;;) {
    const own = lineStart(text, head);
    const above = text.slice(lineStart(text, Math.max(own - 1, 0)), Math.max(own - 1, 0));
    if (own === 0 || text.slice(own, head).trim() !== '' || !above.trimStart().startsWith(mark)) return head;
    head = own - 1 - above.trimStart().length;
  }
}

/**
 * The statement with its `///` lines and the comment behind it. Comments above it go too where it stands by itself: above several statements they
 * may speak of all.
 */
export function removal(text: string, span: Span): Edit {
  const behind = text.slice(span.end);
  const isLast = /^[^\S\n\r]*(?:\/\/[^\n\r]*)?(?:\r?\n[^\S\n\r]*)?(?:\r?\n|\}|$)/u.test(behind);
  const start = headStart(text, span, isLast ? '//' : '///');
  const line = /^[^\S\n\r]*(?:\/\/[^\n\r]*)?(?:\r?\n|$)/u.exec(behind)?.[0];
  const from = lineStart(text, start);
  const before = text.slice(from, start).trimEnd();
  // What shares its line leaves it to the others: at the end of one the space before it goes, elsewhere what is behind it moves up.
  if (before !== '' && line !== undefined) return { span: { ...span, start: from + before.length }, text: '' };
  if (line === undefined) return { span: { ...span, start, end: span.end + behind.length - behind.trimStart().length }, text: '' };
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
