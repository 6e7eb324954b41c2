/**
 * Pages in Markdown: fenced blocks whose language is `bilevel`, also in lists and quotations. Knows of Markdown what it takes to tell them from
 * what only looks so, such as a fence inside of another; one that is not closed where it was opened is none.
 * Source: CommonMark 0.31, §§4.5, 5.1, 5.2.
 */

export interface FencedPage {
  /** As it would stand in a file of its own. */
  readonly text: string;
  /** The whole Markdown with white space for all that is not this page: every character of the page has its place in the file. */
  readonly inPlace: string;
  /** Of its lines in the Markdown. */
  readonly start: number;
  readonly end: number;
  /** What each of its lines begins with there. */
  readonly prefix: string;
  readonly lineEnd: string;
}

interface Line {
  readonly start: number;
  /** Without and with its line end. */
  readonly end: number;
  readonly next: number;
}

interface Fence {
  readonly sign: string;
  readonly isPage: boolean;
  readonly prefix: string;
  /** Columns before it, and those of the item that it stands in. */
  readonly column: number;
  readonly base: number;
  readonly quotes: number;
  readonly lineEnd: string;
  readonly start: number;
  readonly lines: (Line & { readonly from: number })[];
}

export function fencedPages(markdown: string): readonly FencedPage[] {
  const pages: FencedPage[] = [];
  let open: Fence | undefined;
  let quoted = 0;
  /** Columns at which the contents of the items around begin, the innermost last. */
  let items: number[] = [];
  for (const line of linesOf(markdown)) {
    const text = markdown.slice(line.start, line.end);
    const [quotes = ''] = /^(?: {0,3}> ?)*/u.exec(text) ?? [];
    const depth = quotes.replace(/[^>]/gu, '').length;
    const inside = text.slice(quotes.length);
    const [space = ''] = /^[ \t]*/u.exec(inside) ?? [];
    const isBlank = space.length === inside.length;
    if (open !== undefined) {
      const isLeft = depth !== open.quotes || (!isBlank && columnsOf(space) < open.base);
      if (!isLeft) {
        if (!closes(inside.slice(space.length), columnsOf(space), open)) {
          open.lines.push({ ...line, from: line.start + quotes.length + within(space, open.column) });
          continue;
        }
        if (open.isPage) pages.push(pageOf(markdown, open, line.start));
        open = undefined;
        continue;
      }
      open = undefined;
    }
    if (depth !== quoted) items = [];
    quoted = depth;
    if (isBlank) continue;
    let [column, rest, before] = [columnsOf(space), inside.slice(space.length), space];
    items = items.filter((content) => content <= column);
    for (let item = itemAt(rest); item !== undefined && column - (items.at(-1) ?? 0) < 4; item = itemAt(rest)) {
      column += item.length;
      before += item.replace(/\S/gu, ' ');
      rest = rest.slice(item.length);
      items.push(column);
    }
    const base = items.at(-1) ?? 0;
    const { sign, word } = /^(?<sign>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?<word>\S*)/u.exec(rest)?.groups ?? {};
    if (sign === undefined || column - base >= 4) continue;
    const lineEnd = markdown.slice(line.end, line.next);
    const where = { prefix: quotes + before, column, base, quotes: depth, lineEnd, start: line.next };
    open = { ...where, sign, isPage: word === 'bilevel', lines: [] };
  }
  return pages;
}

function pageOf(markdown: string, { start, lines, prefix, lineEnd }: Fence, end: number): FencedPage {
  const blank = (from: number, to: number): string => markdown.slice(from, to).replaceAll(/[^\n\r]/gu, ' ');
  const text = lines.map(({ from, next }) => markdown.slice(from, next)).join('');
  const shown = lines.map((line) => blank(line.start, line.from) + markdown.slice(line.from, line.next)).join('');
  return { text, inPlace: blank(0, start) + shown + blank(end, markdown.length), start, end, prefix, lineEnd };
}

/** A marker of a list, with the space behind it. */
const itemAt = (text: string): string | undefined => /^(?:[-+*]|\d{1,9}[.)])(?: {1,4}(?=\S)| )/u.exec(text)?.[0];

const closes = (text: string, column: number, { sign, base }: Fence): boolean =>
  column - base < 4 && new RegExp(`^${sign}${sign.charAt(0)}*[ \\t]*$`, 'u').test(text);

/** A tab leads to the next multiple of four. */
const columnsOf = (space: string): number =>
  [...space].reduce((column, sign) => (sign === '\t' ? column - (column % 4) + 4 : column + 1), 0);

/** How much of the white space a line begins with stands in these columns. */
function within(space: string, columns: number): number {
  let length = 0;
  while (length < space.length && columnsOf(space.slice(0, length + 1)) <= columns) length += 1;
  return length;
}

function* linesOf(text: string): Generator<Line> {
  for (const { index, 0: all } of text.matchAll(/[^\n\r]*(?:\r\n|\n|\r)|[^\n\r]+$/gu))
    yield { start: index, end: index + all.replace(/[\n\r]+$/u, '').length, next: index + all.length };
}
