/**
 * Parquet as a format: a table that is kept column by column. Which columns are selected and what is wrong with a cell is as in every
 * table (`table.ts`); what a file holds is `parquet-columns.ts`.
 */
import { arrayType, emptyFile, malformedFile } from '../../diagnostics/data.ts';
import type { Where } from '../../diagnostics/diagnostic.ts';
import { type ArrayOrNot, type ArrayRequest, type DataFile, declaredAt, refuse } from './array.ts';
import { type Format, pageInstead } from './format.ts';
import {
  type ColumnValues,
  type FlatColumn,
  openParquet,
  type ParquetColumn,
  type ParquetFile,
  readColumns,
  unreadCodec,
} from './parquet-columns.ts';
import { arrayOfCells, selectColumns, shapeOf, type Table } from './table.ts';

/** Tables of Apache’s Parquet (`.parquet`), compressed by Snappy, gzip, Zstandard or not at all. */
export const parquet: Format = { endings: ['.parquet'], open: openFile };

interface ColumnTable extends Table {
  readonly content: ParquetFile;
}

function openFile(bytes: Uint8Array, file: string): DataFile {
  const opened = open(bytes);
  if (typeof opened === 'string') return { read: (request) => malformed(request, file, opened) };
  const { columns, length } = opened;
  const table: ColumnTable = {
    file,
    format,
    names: columns.map(({ name }) => name),
    top: { file },
    width: columns.length,
    length,
    rowNumber: (row) => row + 1,
    placeOf: () => ({ file }),
    content: opened,
  };
  return { read: (request) => readTable(table, request) };
}

const format = 'Parquet';

const whereOf = (request: ArrayRequest, file: string): Where => ({ ...declaredAt(request), place: { file } });

const malformed = (request: ArrayRequest, file: string, reason: string, hints: readonly string[] = []): ArrayOrNot =>
  refuse(malformedFile({ ...whereOf(request, file), hints }, { data: request.data, file, format, reason }));

/** What a file says of itself, or why it is none. */
function open(bytes: Uint8Array): ParquetFile | string {
  const begin = String.fromCharCode(...bytes.subarray(0, 64));
  if (begin.startsWith('PARE')) return 'it is encrypted';
  if (!begin.startsWith('PAR1')) return pageInstead(begin) ?? 'it does not begin as a Parquet file does';
  if (String.fromCharCode(...bytes.subarray(-4)) !== 'PAR1') return 'it does not end as a Parquet file does: it is not complete';
  try {
    return openParquet(bytes);
  } catch (error) {
    return damage(error);
  }
}

/** The reader throws errors of every class at a damaged file; what it says is kept, as it may tell somebody more. */
const damage = (error: unknown): string => `it is damaged (${error instanceof Error ? error.message : String(error)})`;

async function readTable(table: ColumnTable, request: ArrayRequest): Promise<ArrayOrNot> {
  const { file, content } = table;
  if (content.columns.length === 0) return refuse(emptyFile(whereOf(request, file), { data: request.data, file, headerOnly: false }));
  const selection = selectColumns(table, request);
  if (!selection.ok) return selection;
  const { columns } = selection;
  const fitted = shapeOf(table, request, columns);
  if (!fitted.ok) return fitted;
  const selected = columns.flatMap((at) => content.columns[at] ?? []);
  const flat = selected.filter((column): column is FlatColumn => 'reads' in column);
  const refusal = selected.flatMap((column) => columnProblem(column, table, request) ?? []).at(0);
  if (refusal !== undefined) return refusal;
  let read: readonly ColumnValues[];
  try {
    read = await readColumns(content, flat);
  } catch (error) {
    return malformed(request, file, damage(error));
  }
  return (
    inexactProblem(flat, read, table, request) ?? arrayOfCells({ table, request, columns, cells: byRows(read, table.length) }, fitted.shape)
  );
}

/** Why a column cannot be data as it is stored. */
function columnProblem(column: ParquetColumn, { file, content }: ColumnTable, request: ArrayRequest): ArrayOrNot | undefined {
  const { data } = request;
  if (!('reads' in column)) {
    const { name, type, because } = column;
    return refuse(arrayType(whereOf(request, file), { data, file, column: name, dtype: type, reason: because }));
  }
  const unread = unreadCodec(content, column);
  if (unread === undefined) return undefined;
  const { codec, read } = unread;
  const hint = `write it with one of these: with pandas, \`frame.to_parquet("${file}", compression="zstd")\``;
  return malformed(request, file, `its column \`${column.name}\` is compressed by ${codec}, and ${read} are read`, [hint]);
}

function inexactProblem(
  columns: readonly FlatColumn[],
  read: readonly ColumnValues[],
  { file, rowNumber }: ColumnTable,
  request: ArrayRequest,
): ArrayOrNot | undefined {
  for (const [i, { name, element }] of columns.entries()) {
    const inexact = read[i]?.inexact;
    if (inexact === undefined) continue;
    const reason = `row ${rowNumber(inexact.row)} is ${inexact.value}, an integer beyond 2^53, which a float64 does not hold exactly`;
    return refuse(arrayType(whereOf(request, file), { data: request.data, file, column: name, dtype: element.type ?? '', reason }));
  }
  return undefined;
}

/** Columns as cells, row by row. */
function byRows(read: readonly ColumnValues[], length: number): { values: Float64Array; textOf: (flat: number) => string } {
  const width = read.length;
  const values = new Float64Array(width * length);
  for (const [column, { numbers }] of read.entries()) for (const [row, value] of numbers.entries()) values[row * width + column] = value;
  return { values, textOf: (flat) => read[flat % width]?.textOf(Math.floor(flat / width)) ?? '' };
}
