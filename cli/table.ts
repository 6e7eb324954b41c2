/** Aligns columns of text for a terminal. Knows widths, not meanings; colours inside cells take no width. */
import { widthOf } from '../diagnostics/position.ts';

export interface TableOptions {
  /** One letter a column: `l` or `r`; missing ones are `l`. */
  readonly align?: string;
  readonly indent?: number;
  /** Cells the last column is wrapped to, counted from the left edge of the table. */
  readonly width?: number;
}

/** Colours and weights, as picocolors writes them. */
const ansi = new RegExp(String.raw`\u001b\[[\d;]*m`, 'gu');
const gap = 2;

export const visibleWidth = (text: string): number => widthOf(text.replaceAll(ansi, ''));

/** Rows of cells as lines without a line break at the end; the last column wraps at `width`, under itself. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { align = '', indent = 0, width = Number.POSITIVE_INFINITY } = options;
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => visibleWidth(row[column] ?? ''))));
  const lead = ' '.repeat(indent);
  return rows
    .flatMap((row) => {
      const cells = row.slice(0, columns - 1).map((cell, column) => pad(cell, widths[column] ?? 0, align[column] === 'r'));
      const left = cells.map((cell) => cell + ' '.repeat(gap)).join('');
      const last = row[columns - 1] ?? '';
      if (align[columns - 1] === 'r') return [lead + left + pad(last, widths[columns - 1] ?? 0, true)];
      const room = Math.max(24, width - indent - visibleWidth(left));
      const [first = '', ...rest] = visibleWidth(last) <= room ? [last] : wrapText(last, room);
      return [lead + left + first, ...rest.map((line) => lead + ' '.repeat(visibleWidth(left)) + line)];
    })
    .map((line) => line.trimEnd())
    .join('\n');
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - visibleWidth(text)));
  return right ? space + text : text + space;
}

/** Lines of words, none wider than `width` unless one word is. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && visibleWidth(line) + 1 + visibleWidth(word) <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
