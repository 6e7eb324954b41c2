/**
 * Tables of text, comma- or tab-separated: which rows there are, and whether the first one names the columns.
 * Pure: bytes in, arrays or diagnostics out. A file whose first row is all numbers has no header.
 */
import { emptyFile, malformedFile, raggedRow, textCell } from '../../diagnostics/data.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { type ArrayOrNot, type ArrayRequest, type DataFile, declaredAt, refuse } from './array.ts';
import { parseRows, type Row } from './csv-text.ts';
import { endingOf, type Format, pageInstead } from './format.ts';
import { isNumber, isWord } from './labels.ts';
import { arrayOfCells, selectColumns, shapeOf, type Table } from './table.ts';

interface TextTable extends Table {
  readonly header: Row | undefined;
  readonly rows: readonly Row[];
}

/** Whether a first row names columns. One that is numbers but for a gap or a NaN is a row of data with something wrong in it. */
export const isHeader = ({ cells }: Row): boolean => cells.some(isWord) || cells.every((cell) => cell === '');

/** Tables, separated by commas (`.csv`) or tabs (`.tsv`). */
export const csv: Format = { endings: ['.csv', '.tsv'], open: openTable };

/** Opens a table; what is wrong with the text itself is reported to every data that asks for it. */
function openTable(bytes: Uint8Array, file: string): DataFile {
  const delimiter = endingOf(file) === '.tsv' ? '\t' : ',';
  const format = delimiter === ',' ? 'CSV' : 'TSV';
  const text = new TextDecoder().decode(bytes);
  const page = pageInstead(text);
  const parsed = page === undefined ? parseRows(text, delimiter) : { ok: false as const, line: 1, reason: page };
  if (!parsed.ok) {
    const place = { file, line: parsed.line };
    return {
      read: (request) =>
        refuse(malformedFile({ ...declaredAt(request), place }, { data: request.data, file, format, reason: parsed.reason })),
    };
  }
  const [first, ...rest] = parsed.rows;
  if (first === undefined)
    return {
      read: (request) => refuse(emptyFile({ ...declaredAt(request), place: { file } }, { data: request.data, file, headerOnly: false })),
    };
  const hasHeader = isHeader(first);
  const header = hasHeader ? first : undefined;
  const rows = hasHeader ? rest : parsed.rows;
  const lineOf = (row: number): number => rows[row]?.line ?? 0;
  const table: TextTable = {
    file,
    format,
    header,
    rows,
    names: header?.cells,
    top: { file, line: header?.line ?? 1 },
    width: first.cells.length,
    length: rows.length,
    rowNumber: lineOf,
    placeOf: (row, column) => ({ file, line: lineOf(row), column: column + 1 }),
    suspicion: separatorHint([header, rows[0]], delimiter),
  };
  return { read: (request) => readTable(table, request) };
}

function readTable(table: TextTable, request: ArrayRequest): ArrayOrNot {
  const { file, rows, width, suspicion } = table;
  const { data } = request;
  const ragged = rows.filter((row) => row.cells.length !== width);
  const [bad] = ragged;
  if (bad !== undefined) {
    const payload = { data, row: bad.line, cells: bad.cells.length, expected: width, others: ragged.length - 1, delimiterHint: suspicion };
    return refuse(raggedRow({ ...declaredAt(request), place: { file, line: bad.line } }, payload));
  }
  const selection = selectColumns(table, request);
  if (!selection.ok) return selection;
  const { columns } = selection;
  const mixed = request.columns === undefined ? numbersInHeader(table, request) : undefined;
  if (mixed !== undefined) return refuse(mixed);
  const fitted = shapeOf(table, request, columns);
  if (!fitted.ok) return fitted;
  const cells = rows.flatMap((row) => columns.map((column) => row.cells[column] ?? ''));
  const values = Float64Array.from(cells, (cell) => (isNumber(cell) ? Number(cell) : Number.NaN));
  return arrayOfCells({ table, request, columns, cells: { values, textOf: (flat) => cells[flat] ?? '' } }, fitted.shape);
}

/** Most of the first row is numbers: whether it is a header cannot be told, and a lost row would pass unseen. */
function numbersInHeader({ header, file }: TextTable, request: ArrayRequest): Diagnostic | undefined {
  if (header === undefined) return undefined;
  const numbers = header.cells.filter(isNumber).length;
  const at = header.cells.findIndex(isWord);
  if (2 * numbers < header.cells.length) return undefined;
  const place = { file, line: header.line, column: at + 1 };
  const why = 'the rest of the first row is mostly numbers, so it is no header';
  return textCell(
    { ...declaredAt(request), place },
    { data: request.data, file, row: header.line, column: at + 1, header: undefined, text: header.cells[at] ?? '', others: 0, why },
  );
}

function separatorHint(rows: readonly (Row | undefined)[], delimiter: string): string | undefined {
  const line = rows.flatMap((row) => row?.cells ?? []).join(delimiter);
  if (line.includes(';')) return 'the cells hold semicolons: is the file separated by them? commas are expected';
  if (delimiter === ',' && line.includes('\t')) return 'the cells hold tabs: a tab-separated file ends in .tsv';
  return undefined;
}
