/**
 * Tables of text, comma- or tab-separated: which rows and columns there are, which are selected, and where each number stands.
 * Pure: bytes in, arrays or diagnostics out. A file whose first row is all numbers has no header.
 */
import {
  dataNotFinite,
  emptyCell,
  emptyFile,
  malformedFile,
  missingColumn,
  raggedRow,
  textCell,
  wrongRank,
} from '../../diagnostics/data.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Column } from '../../plan/types.ts';
import { closestName, printDeclaredShape } from '../tensor.ts';
import { type ArrayOrNot, type ArrayRequest, type DataFile, declaredAt, refuse } from './array.ts';
import { parseRows, type Row } from './csv-text.ts';
import { endingOf, type Format, pageInstead } from './format.ts';

interface Table {
  readonly file: string;
  readonly header: Row | undefined;
  readonly rows: readonly Row[];
  readonly width: number;
}

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const notFinitePattern = /^[+-]?(?:nan|inf|infinity)$/i;
const isNumber = (cell: string): boolean => numberPattern.test(cell);
const isNumberLike = (cell: string): boolean => cell === '' || isNumber(cell) || notFinitePattern.test(cell);
/** Whether a first row names columns. One that is numbers but for a gap or a NaN is a row of data with something wrong in it. */
export const isHeader = ({ cells }: Row): boolean => !(cells.every(isNumberLike) && cells.some((cell) => cell !== ''));

/** Tables, separated by commas (`.csv`) or tabs (`.tsv`). */
export const csv: Format = { endings: ['.csv', '.tsv'], open: openTable };

/** Opens a table; what is wrong with the text itself is reported to every data that asks for it. */
function openTable(bytes: Uint8Array, file: string): DataFile {
  const delimiter = endingOf(file) === '.tsv' ? '\t' : ',';
  const text = new TextDecoder().decode(bytes);
  const page = pageInstead(text);
  const parsed = page === undefined ? parseRows(text, delimiter) : { ok: false as const, line: 1, reason: page };
  if (!parsed.ok) {
    const format = delimiter === ',' ? 'CSV' : 'TSV';
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
  const table: Table = { file, header: hasHeader ? first : undefined, rows: hasHeader ? rest : parsed.rows, width: first.cells.length };
  return { read: (request) => readTable(table, request, delimiter) };
}

function readTable(table: Table, request: ArrayRequest, delimiter: string): ArrayOrNot {
  const { file, rows, width } = table;
  const { data } = request;
  const ragged = rows.filter((row) => row.cells.length !== width);
  const [bad] = ragged;
  if (bad !== undefined) {
    const delimiterHint = separatorHint(table, delimiter);
    const payload = { data, row: bad.line, cells: bad.cells.length, expected: width, others: ragged.length - 1, delimiterHint };
    return refuse(raggedRow({ ...declaredAt(request), place: { file, line: bad.line } }, payload));
  }
  const selection = selectColumns(table, request);
  if (selection.diagnostics.length > 0) {
    // Where the table itself is not what the declaration takes it for, every column is missing for one and the same reason.
    const hint = separatorHint(table, delimiter);
    const [first, ...others] = selection.diagnostics;
    if (first === undefined) return refuse();
    if (hint !== undefined) return refuse({ ...first, hints: [hint, ...first.hints] });
    return table.header === undefined ? refuse(first) : refuse(first, ...others);
  }
  if (rows.length === 0) return refuse(emptyFile({ ...declaredAt(request), place: { file } }, { data, file, headerOnly: true }));
  const mixed = request.columns === undefined ? numbersInHeader(table, request) : undefined;
  if (mixed !== undefined) return refuse(mixed);
  return fitTable(table, request, selection.columns, delimiter);
}

/** Most of the first row is numbers: whether it is a header cannot be told, and a lost row would pass unseen. */
function numbersInHeader({ header, file }: Table, request: ArrayRequest): Diagnostic | undefined {
  if (header === undefined) return undefined;
  const numbers = header.cells.filter(isNumber).length;
  const at = header.cells.findIndex((cell) => !isNumberLike(cell));
  if (2 * numbers < header.cells.length) return undefined;
  const place = { file, line: header.line, column: at + 1 };
  const why = 'the rest of the first row is mostly numbers, so it is no header';
  return textCell(
    { ...declaredAt(request), place },
    { data: request.data, file, row: header.line, column: at + 1, text: header.cells[at] ?? '', others: 0, why },
  );
}

function separatorHint({ header, rows }: Table, delimiter: string): string | undefined {
  const line = [...(header?.cells ?? []), ...(rows[0]?.cells ?? [])].join(delimiter);
  if (line.includes(';')) return 'the cells hold semicolons: is the file separated by them? commas are expected';
  if (delimiter === ',' && line.includes('\t')) return 'the cells hold tabs: a tab-separated file ends in .tsv';
  return undefined;
}

// ---- columns ------------------------------------------------------------------------------------------------------

function selectColumns(
  table: Table,
  request: ArrayRequest,
): { readonly columns: readonly number[]; readonly diagnostics: readonly Diagnostic[] } {
  const { width } = table;
  if (request.columns === undefined) return { columns: Array.from({ length: width }, (_, i) => i), diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const position = (column: string | number): number | undefined => {
    const found = findColumn(table, request, column);
    if (typeof found === 'number') return found;
    diagnostics.push(found);
    return undefined;
  };
  const columns = request.columns.flatMap((column: Column): readonly number[] => {
    if (typeof column !== 'object') {
      const at = position(column);
      return at === undefined ? [] : [at];
    }
    const from = position(column.from);
    const to = position(column.to);
    if (from === undefined || to === undefined) return [];
    if (from <= to) return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const reversed = `${column.from} .. ${column.to}`;
    diagnostics.push(columnProblem(table, request, column.from, { reversed }));
    return [];
  });
  return { columns, diagnostics };
}

function findColumn(table: Table, request: ArrayRequest, column: string | number): number | Diagnostic {
  if (typeof column === 'number')
    return Number.isInteger(column) && column >= 0 && column < table.width ? column : columnProblem(table, request, column, {});
  const matches = (table.header?.cells ?? []).flatMap((name, i) => (name === column ? [i] : []));
  const [at, second] = matches;
  if (at === undefined) return columnProblem(table, request, column, { closest: closestName(column, table.header?.cells ?? []) });
  return second === undefined ? at : columnProblem(table, request, column, { ambiguous: true });
}

function columnProblem(
  { file, header, width }: Table,
  request: ArrayRequest,
  column: string | number,
  more: { closest?: string | undefined; ambiguous?: boolean; reversed?: string },
): Diagnostic {
  const where = { ...declaredAt(request), place: { file, line: header?.line ?? 1 } };
  return missingColumn(where, { data: request.data, file, column, headers: header?.cells, columns: width, ...more });
}

// ---- cells --------------------------------------------------------------------------------------------------------

function fitTable(table: Table, request: ArrayRequest, columns: readonly number[], delimiter: string): ArrayOrNot {
  const { file, rows, header } = table;
  const shape = tableShape(request.shape.length, rows.length, columns.length);
  if (shape === undefined) {
    const declared = printDeclaredShape(request.shape);
    const actual = [rows.length, columns.length];
    const hint =
      request.shape.length === 1 && request.columns === undefined
        ? `say which column it is: \`from "…" column ${header?.cells.at(-1) ?? columns.length - 1}\``
        : request.shape.length > 2
          ? 'arrays of more axes are kept in JSON, NPY or NPZ'
          : undefined;
    return refuse(
      wrongRank({ ...declaredAt(request), place: { file } }, { data: request.data, declared, file, actual, what: 'the table', hint }),
    );
  }
  const cells = rows.flatMap((row) => columns.map((c) => row.cells[c] ?? ''));
  const locate = (flat: number): { line: number; column: number; name: string | undefined } => {
    const column = columns[flat % columns.length] ?? 0;
    return { line: rows[Math.floor(flat / columns.length)]?.line ?? 0, column: column + 1, name: header?.cells[column] };
  };
  const isText = (cell: string): boolean => !isNumberLike(cell);
  const labels = request.kind === 'int' && cells.every(isText) ? [...new Set(cells)].sort() : undefined;
  const codes = labels === undefined ? undefined : new Map(labels.map((label, i) => [label, i]));
  const values = Float64Array.from(cells, (cell) => codes?.get(cell) ?? (isNumber(cell) ? Number(cell) : Number.NaN));
  const diagnostics = codes === undefined ? cellProblems(table, request, cells, values, locate, delimiter) : [];
  if (diagnostics.length > 0) return refuse(...diagnostics);
  return {
    ok: true,
    array: {
      tensor: { shape, data: values },
      locate: (flat) => {
        const { line, column, name } = locate(flat);
        return { words: `row ${line}, column ${column}${name === undefined ? '' : ` (\`${name}\`)`}`, place: { file, line, column } };
      },
      source: file,
      ...(labels === undefined ? {} : { labels }),
    },
  };
}

/** A vector is one column or one row, a scalar one cell. */
function tableShape(rank: number, rows: number, columns: number): readonly number[] | undefined {
  if (rank === 2) return [rows, columns];
  if (rank === 1) return columns === 1 ? [rows] : rows === 1 ? [columns] : undefined;
  return rank === 0 && rows * columns === 1 ? [] : undefined;
}

/** One diagnostic for each way in which cells are no finite numbers, at the first such cell, with the number of the others. */
function cellProblems(
  table: Table,
  request: ArrayRequest,
  cells: readonly string[],
  values: Float64Array,
  locate: (flat: number) => { line: number; column: number; name: string | undefined },
  delimiter: string,
): readonly Diagnostic[] {
  const { file } = table;
  const first = { text: -1, empty: -1, notFinite: -1 };
  const count = { text: 0, empty: 0, notFinite: 0 };
  values.forEach((value, i) => {
    if (Number.isFinite(value)) return;
    const cell = cells[i] ?? '';
    const what = cell === '' ? 'empty' : isNumberLike(cell) ? 'notFinite' : 'text';
    if (count[what] === 0) first[what] = i;
    count[what] += 1;
  });
  const found: Diagnostic[] = [];
  const where = (flat: number): Parameters<typeof emptyCell>[0] => {
    const { line, column } = locate(flat);
    return { ...declaredAt(request), place: { file, line, column } };
  };
  const cellOf = (flat: number): { data: string; row: number; column: number; header: string | undefined } => {
    const { line, column, name } = locate(flat);
    return { data: request.data, row: line, column, header: name };
  };
  if (count.text > 0) {
    const hint = separatorHint(table, delimiter);
    const why = count.text === values.length || request.kind !== 'int' ? undefined : 'other cells are numbers';
    const payload = { ...cellOf(first.text), file, text: cells[first.text] ?? '', others: count.text - 1, why };
    found.push(textCell({ ...where(first.text), hints: hint === undefined ? [] : [hint] }, payload));
  }
  if (count.empty > 0) found.push(emptyCell(where(first.empty), { ...cellOf(first.empty), others: count.empty - 1 }));
  if (count.notFinite > 0) {
    const { line, column, name } = locate(first.notFinite);
    const words = `row ${line}, column ${column}${name === undefined ? '' : ` (\`${name}\`)`}`;
    found.push(
      dataNotFinite(where(first.notFinite), {
        data: request.data,
        where: words,
        value: cells[first.notFinite] ?? '',
        others: count.notFinite - 1,
      }),
    );
  }
  return found;
}
