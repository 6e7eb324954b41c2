/**
 * Reads the text of a table into rows of cells: cells apart by one character, in double quotes where they hold it, a line end or a quote.
 * Every line end of any system ends a row. Blanks around a cell are not part of it, and a line of blanks is no row. Knows nothing of data.
 * Source: RFC 4180.
 */

export interface Row {
  readonly cells: readonly string[];
  /** 1-based line of the file on which it ends. */
  readonly line: number;
}

export type RowsOrNot =
  { readonly ok: true; readonly rows: readonly Row[] } | { readonly ok: false; readonly line: number; readonly reason: string };

/** Thrown inside this module alone, at the first slip. */
class Slip extends Error {
  readonly line: number;
  constructor(line: number, reason: string) {
    super(reason);
    this.line = line;
  }
}

export function parseRows(text: string, delimiter: ',' | '\t'): RowsOrNot {
  const plainAt = new RegExp(`[^"${delimiter}\r\n]*`, 'y');
  let at = 0;
  let line = 1;
  const plain = (): string => {
    plainAt.lastIndex = at;
    const [found = ''] = plainAt.exec(text) ?? [];
    at += found.length;
    return found.trim();
  };
  /** From behind an opening quote to behind the closing one; two quotes stand for one. */
  const quoted = (): string => {
    const [start, opened] = [at, line];
    let end = text.indexOf('"', at);
    while (end >= 0 && text.charAt(end + 1) === '"') end = text.indexOf('"', end + 2);
    if (end < 0) throw new Slip(opened, 'a quote `"` is opened and never closed');
    at = end + 1;
    const content = text.slice(start, end);
    line += [...content.matchAll(/\r\n|\r|\n/gu)].length;
    return content.replaceAll('""', '"');
  };
  const cell = (): string => {
    const before = plain();
    if (text.charAt(at) !== '"') return before;
    if (before !== '') throw new Slip(line, 'a quote `"` stands inside a cell that does not begin with one');
    at += 1;
    const content = quoted();
    if (plain() !== '' || text.charAt(at) === '"') throw new Slip(line, 'something follows the closing quote `"` of a cell');
    return content;
  };
  const row = (): Row => {
    const cells = [cell()];
    while (text.charAt(at) === delimiter) {
      at += 1;
      cells.push(cell());
    }
    return { cells, line };
  };
  const rows: Row[] = [];
  try {
    while (at < text.length) {
      const start = at;
      const next = row();
      if (next.cells.length > 1 || text.slice(start, at).trim() !== '') rows.push(next);
      at += text.startsWith('\r\n', at) ? 2 : 1;
      line += 1;
    }
    return { ok: true, rows };
  } catch (error) {
    if (error instanceof Slip) return { ok: false, line: error.line, reason: error.message };
    throw error;
  }
}
