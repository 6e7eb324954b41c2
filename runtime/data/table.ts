/**
 * What tables of every format have in common: which columns a declaration selects, the shape that they make, where each number stands,
 * and what is wrong with a cell. Knows no format.
 */
import { dataNotFinite, emptyCell, emptyFile, malformedFile, missingColumn, textCell, wrongRank } from '../../diagnostics/data.ts';
import type { DataPlace, Diagnostic } from '../../diagnostics/diagnostic.ts';
import { headerAmongLabels } from '../../diagnostics/labels.ts';
import type { Column } from '../../plan/types.ts';
import { closestName, printDeclaredShape, printType } from '../tensor.ts';
import { type ArrayOrNot, type ArrayRequest, declaredAt, refuse } from './array.ts';
import { encode, labelled, isNotFinite, isNumber, isWord, replacement } from './labels.ts';

export interface Table {
  readonly file: string;
  readonly format: string;
  /** Of its columns; undefined where nothing names them. */
  readonly names: readonly string[] | undefined;
  /** Where the names stand. */
  readonly top: DataPlace;
  readonly width: number;
  readonly length: number;
  /** By what number people know a row. */
  readonly rowNumber: (row: number) => number;
  /** Lines and columns are for files that have them. */
  readonly placeOf: (row: number, column: number) => DataPlace;
  /** What the whole table may have been misread for, with a way out. */
  readonly suspicion?: string | undefined;
}

/** The selected cells, row by row. */
export interface Cells {
  /** NaN where a cell is no number. */
  readonly values: Float64Array;
  /** A cell that is no finite number as it is written; empty where it is missing. */
  readonly textOf: (flat: number) => string;
}

type ColumnsOrNot =
  { readonly ok: true; readonly columns: readonly number[] } | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** The positions of the columns that a declaration selects, in its order: all of them without a selection. */
export function selectColumns(table: Table, request: ArrayRequest): ColumnsOrNot {
  const { width, file, names, length } = table;
  const diagnostics: Diagnostic[] = [];
  const position = (column: string | number): number | undefined => {
    const found = findColumn(table, request, column);
    if (typeof found === 'number') return found;
    diagnostics.push(found);
    return undefined;
  };
  const columns = (request.columns ?? [{ from: 0, to: width - 1 }]).flatMap((column: Column): readonly number[] => {
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
  const [first] = diagnostics;
  if (first !== undefined) {
    // Where the table itself is not what the declaration takes it for, every column is missing for one and the same reason.
    const { suspicion } = table;
    if (suspicion !== undefined) return { ok: false, diagnostics: [{ ...first, hints: [suspicion, ...first.hints] }] };
    return { ok: false, diagnostics: names === undefined ? [first] : diagnostics };
  }
  if (length > 0) return { ok: true, columns };
  return {
    ok: false,
    diagnostics: [emptyFile({ ...declaredAt(request), place: { file } }, { data: request.data, file, headerOnly: true })],
  };
}

function findColumn(table: Table, request: ArrayRequest, column: string | number): number | Diagnostic {
  if (typeof column === 'number')
    return Number.isInteger(column) && column >= 0 && column < table.width ? column : columnProblem(table, request, column, {});
  const names = table.names ?? [];
  const matches = names.flatMap((name, i) => (name === column ? [i] : []));
  const [at, second] = matches;
  if (at === undefined) return columnProblem(table, request, column, { closest: closestName(column, names) });
  return second === undefined ? at : columnProblem(table, request, column, { ambiguous: true });
}

function columnProblem(
  { file, names, top, width }: Table,
  request: ArrayRequest,
  column: string | number,
  more: { closest?: string | undefined; ambiguous?: boolean; reversed?: string },
): Diagnostic {
  const payload = { data: request.data, file, column, headers: names, columns: width, ...more };
  return missingColumn({ ...declaredAt(request), place: top }, payload);
}

// ---- shape --------------------------------------------------------------------------------------------------------

/** The shape that the selected columns have for a declaration, or why they have none. */
export function shapeOf(
  { file, names, length }: Table,
  request: ArrayRequest,
  columns: readonly number[],
): { readonly ok: true; readonly shape: readonly number[] } | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] } {
  const rank = request.shape.length;
  const shape = tableShape(rank, length, columns.length);
  if (shape !== undefined) return { ok: true, shape };
  const declared = printDeclaredShape(request.shape);
  const hint =
    rank === 1 && request.columns === undefined
      ? `say which column it is: \`from "…" column ${names?.at(-1) ?? columns.length - 1}\``
      : rank > 2
        ? 'arrays of more axes are kept in JSON, NPY or NPZ'
        : undefined;
  const payload = { data: request.data, declared, file, actual: [length, columns.length], what: 'the table', hint };
  return { ok: false, diagnostics: [wrongRank({ ...declaredAt(request), place: { file } }, payload)] };
}

/** A vector is one column or one row, a scalar one cell. */
function tableShape(rank: number, rows: number, columns: number): readonly number[] | undefined {
  if (rank === 2) return [rows, columns];
  if (rank === 1) return columns === 1 ? [rows] : rows === 1 ? [columns] : undefined;
  return rank === 0 && rows * columns === 1 ? [] : undefined;
}

// ---- cells --------------------------------------------------------------------------------------------------------

interface Selected {
  readonly table: Table;
  readonly request: ArrayRequest;
  readonly columns: readonly number[];
  readonly cells: Cells;
}

/** The selected cells as an array: numbers, or words that are numbered where all of them are words and the data are `int`. */
export function arrayOfCells(selected: Selected, shape: readonly number[]): ArrayOrNot {
  const { table, request, columns, cells } = selected;
  const words = request.kind === 'int' ? wordsOf(cells) : undefined;
  const encoded = words === undefined ? undefined : encode(words);
  const diagnostics = encoded === undefined ? cellProblems(selected) : labelProblems(selected, encoded.labels);
  if (diagnostics.length > 0) return refuse(...diagnostics);
  const [column, second] = columns;
  const name = column === undefined || second !== undefined ? undefined : table.names?.[column];
  return {
    ok: true,
    array: {
      tensor: { shape, data: encoded?.values ?? cells.values },
      locate: (flat) => locate(selected, flat),
      source: table.file,
      ...(encoded === undefined ? {} : labelled(table.file, encoded.labels, name)),
    },
  };
}

/** The cells, where every one is a word. */
function wordsOf({ values, textOf }: Cells): readonly string[] | undefined {
  const words: string[] = [];
  for (const [i, value] of values.entries()) {
    const text = Number.isFinite(value) ? '' : textOf(i);
    if (!isWord(text)) return undefined;
    words.push(text);
  }
  return words;
}

function cellAt({ table, columns }: Selected, flat: number): { row: number; column: number; header: string | undefined; place: DataPlace } {
  const column = columns[flat % columns.length] ?? 0;
  const row = Math.floor(flat / columns.length);
  return { row: table.rowNumber(row), column: column + 1, header: table.names?.[column], place: table.placeOf(row, column) };
}

function locate(selected: Selected, flat: number): { words: string; place: DataPlace } {
  const { row, column, header, place } = cellAt(selected, flat);
  return { words: `row ${row}, column ${column}${header === undefined ? '' : ` (\`${header}\`)`}`, place };
}

/** Words of which it cannot be known that they are what they were meant to be. */
function labelProblems(selected: Selected, labels: readonly string[]): readonly Diagnostic[] {
  const { table, request, columns, cells } = selected;
  const { file, format, names, top } = table;
  const { data } = request;
  if (labels.some((label) => label.includes(replacement))) {
    const at = cells.values.findIndex((_, i) => cells.textOf(i).includes(replacement));
    const { words, place } = locate(selected, at);
    const reason = `${words} is not UTF-8, and different words could become one`;
    return [malformedFile({ ...declaredAt(request), place }, { data, file, format, reason })];
  }
  const header = columns.map((column) => names?.[column]).find((name) => name !== undefined && labels.includes(name));
  return header === undefined ? [] : [headerAmongLabels({ ...declaredAt(request), place: top }, { data, file, header })];
}

const ways = ['text', 'empty', 'not-finite'] as const;

/** One diagnostic for each way in which cells are no finite numbers, at the first such cell, with the number of the others. */
function cellProblems(selected: Selected): readonly Diagnostic[] {
  const { cells, request } = selected;
  const { data, kind } = request;
  const found: Record<(typeof ways)[number], number[]> = { text: [], empty: [], 'not-finite': [] };
  for (const [i, value] of cells.values.entries()) {
    if (Number.isFinite(value)) continue;
    const text = cells.textOf(i);
    const isMissing = isNotFinite(text) || (isNumber(text) && !Number.isFinite(Number(text)));
    found[text === '' ? 'empty' : isMissing ? 'not-finite' : 'text'].push(i);
  }
  const { length } = cells.values;
  const numbers = length - ways.reduce((sum, way) => sum + found[way].length, 0);
  // Words with gaps between them are a text column whose gaps are the mistake.
  const isText = found.text.length > 0 && numbers === 0;
  const isTextWithGaps = isText && kind === 'int' && found.text.length < length && found.text.every((i) => isWord(cells.textOf(i)));
  return ways.flatMap((way) => {
    const [first, ...others] = found[way];
    if (first === undefined || (way === 'text' && isTextWithGaps)) return [];
    const { place, ...cell } = cellAt(selected, first);
    const where = { ...declaredAt(request), place };
    const text = cells.textOf(first);
    if (way === 'empty') return [emptyCell(where, { data, ...cell, others: others.length })];
    if (way === 'not-finite')
      return [dataNotFinite(where, { data, where: locate(selected, first).words, value: text, others: others.length })];
    return [textProblem(selected, first, others.length, isText)];
  });
}

function textProblem(selected: Selected, first: number, others: number, isText: boolean): Diagnostic {
  const { table, request, cells } = selected;
  const { data, kind } = request;
  const { place, ...cell } = cellAt(selected, first);
  const text = cells.textOf(first);
  const why = isNumber(text) ? 'it is text that reads as a number' : kind === 'int' && !isText ? 'other cells are numbers' : undefined;
  const offer = isText && kind === 'real' && isWord(text) ? printType({ kind: 'int', shape: request.shape }) : undefined;
  const hints = table.suspicion === undefined ? [] : [table.suspicion];
  return textCell({ ...declaredAt(request), place, hints }, { data, file: table.file, ...cell, text, others, why, offer });
}
