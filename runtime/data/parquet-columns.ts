/**
 * What of a Parquet file can be data, and its values: hyparquet reads pages, and here it is decided which types and codecs they may have,
 * and checked that what comes out is whole. Knows nothing of declarations.
 * Source: Apache Parquet, "File format" and "Logical types".
 */
import { gunzipSync } from 'fflate';
import { decompress } from 'fzstd';
import { type Compressors, type FileMetaData, parquetMetadata, parquetRead, parquetSchema, type SchemaElement } from 'hyparquet';

/** A leaf that stands at the top: one value a row. */
export interface FlatColumn {
  readonly name: string;
  readonly reads: 'number' | 'integer' | 'decimal' | 'text';
  readonly element: SchemaElement;
  /** Its place among the leaves. */
  readonly leaf: number;
}

/** A column that cannot be data, whatever it holds. */
export interface OtherColumn {
  readonly name: string;
  /** Its type by the names of the format. */
  readonly type: string;
  readonly because: string;
}

export type ParquetColumn = FlatColumn | OtherColumn;

export interface ParquetFile {
  readonly columns: readonly ParquetColumn[];
  readonly length: number;
  readonly metadata: FileMetaData;
  readonly bytes: Uint8Array;
}

export interface ColumnValues {
  /** One a row; NaN where there is none, or text. */
  readonly numbers: Float64Array;
  /** What a row that has no finite number holds; empty where it is missing. */
  readonly textOf: (row: number) => string;
  /** The first whole number that a float64 does not hold exactly. */
  readonly inexact: { readonly row: number; readonly value: bigint } | undefined;
}

/** pandas keeps the numbers of rows, where they are not 0, 1, …, under such names, and hides them when it reads the file. */
const rowNumbers = /^__index_level_\d+__$/;

/** Reads what the file says of itself. Fails: throws where it is damaged. */
export function openParquet(bytes: Uint8Array): ParquetFile {
  const metadata = parquetMetadata(bytes, { geoparquet: false });
  let leaf = 0;
  const columns = parquetSchema(metadata).children.map((node): ParquetColumn => {
    const { element, children } = node;
    const first = leaf;
    leaf += leavesOf(node);
    const name: unknown = element.name;
    if (typeof name !== 'string') throw new Error('a column has no name');
    if (children.length > 0 || element.repetition_type === 'REPEATED')
      return { name, type: typeOf(element), because: 'a column of data has one value a row, not a list or a group of them' };
    const reads = readsOf(element);
    return typeof reads === 'string' ? { name, reads, element, leaf: first } : { name, type: typeOf(element), ...reads };
  });
  const length = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (length !== Number(metadata.num_rows)) throw new Error(`it has ${length} rows, and says that it has ${metadata.num_rows}`);
  return { columns: columns.filter(({ name }) => !rowNumbers.test(name)), length, metadata, bytes };
}

type Tree = ReturnType<typeof parquetSchema>;
const leavesOf = ({ children }: Tree): number => (children.length === 0 ? 1 : children.reduce((sum, child) => sum + leavesOf(child), 0));

const typeOf = ({ logical_type: logical, converted_type: converted, type }: SchemaElement): string =>
  logical?.type ?? converted ?? type ?? 'a group';

/** The annotations under which a stored type is the number or the text that it looks like. */
const plainTypes = new Set(['INTEGER', 'INT_8', 'INT_16', 'INT_32', 'INT_64', 'UINT_8', 'UINT_16', 'UINT_32', 'UINT_64', 'NULL']);
const textTypes = new Set(['STRING', 'UTF8', 'ENUM']);

function readsOf(element: SchemaElement): FlatColumn['reads'] | { readonly because: string } {
  const { type } = element;
  const named = typeOf(element);
  if (named === 'DECIMAL') return 'decimal';
  if (named === 'FLOAT16') return 'number';
  if (named === type || plainTypes.has(named)) {
    if (type === 'FLOAT' || type === 'DOUBLE' || type === 'BOOLEAN') return 'number';
    if (type === 'INT32' || type === 'INT64') return 'integer';
  }
  if (type === 'BYTE_ARRAY' && textTypes.has(named)) return 'text';
  return { because: 'numbers, booleans and text are read; write what is meant as a number of a unit, or as a word' };
}

const codecs: Compressors = {
  GZIP: (page, length) => gunzipSync(page, { out: new Uint8Array(length) }),
  ZSTD: (page, length) => decompress(page, new Uint8Array(length)),
};
const readCodecs: readonly string[] = ['UNCOMPRESSED', 'SNAPPY', ...Object.keys(codecs)];

/** The codec of a column that is none of those that are read. */
export function unreadCodec(
  { metadata }: ParquetFile,
  { leaf }: FlatColumn,
): { readonly codec: string; readonly read: string } | undefined {
  const codec = metadata.row_groups.map(({ columns }) => columns[leaf]?.meta_data?.codec).find((each) => !readCodecs.includes(each ?? ''));
  return codec === undefined ? undefined : { codec, read: readCodecs.join(', ') };
}

/**
 * The values of columns, one after the other.
 * Fails: rejects where a page is damaged, or holds more or fewer values than the file says.
 */
export async function readColumns(file: ParquetFile, columns: readonly FlatColumn[]): Promise<readonly ColumnValues[]> {
  const { metadata, bytes, length } = file;
  const chunks = columns.map((): Chunk[] => []);
  await parquetRead({
    file: { byteLength: bytes.byteLength, slice: (from, to) => new Uint8Array(bytes.subarray(from, to)).buffer },
    metadata: onlyThese(metadata, columns),
    compressors: codecs,
    utf8: false,
    parsers: { stringFromBytes: (text: Uint8Array | undefined) => text && strictly.decode(text) },
    onChunk: ({ columnName, columnData, rowStart }) => chunks[Number(columnName)]?.push({ from: rowStart, entries: columnData }),
  });
  return columns.map((column, i) => valuesOf(column, chunks[i] ?? [], length));
}

interface Chunk {
  readonly from: number;
  readonly entries: ArrayLike<unknown>;
}

const strictly = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The description of a file that has these columns alone, each under its position: names may be there twice. A decimal is left as the
 * whole number that is stored: multiplied by a power of ten it would be rounded twice.
 */
function onlyThese(metadata: FileMetaData, columns: readonly FlatColumn[]): FileMetaData {
  const [root] = metadata.schema;
  const elements = columns.map(({ element, reads }, i): SchemaElement => {
    const named = { ...element, name: String(i) };
    if (reads === 'number' || reads === 'integer') return named;
    const { converted_type: _, logical_type: __, ...stored } = named;
    return reads === 'text' ? { ...stored, converted_type: 'UTF8' } : stored;
  });
  return {
    ...metadata,
    schema: [{ ...root, name: root?.name ?? '', num_children: elements.length }, ...elements],
    row_groups: metadata.row_groups.map((group) => ({
      ...group,
      columns: columns.map(({ leaf, name }, i) => {
        const chunk = group.columns[leaf];
        if (chunk?.meta_data === undefined) throw new Error(`the column ${name} is encrypted, or not described`);
        if (chunk.file_path !== undefined) throw new Error(`the column ${name} is in another file, ${chunk.file_path}`);
        return { ...chunk, meta_data: { ...chunk.meta_data, path_in_schema: [String(i)] } };
      }),
    })),
  };
}

function valuesOf(column: FlatColumn, chunks: readonly Chunk[], length: number): ColumnValues {
  const { name, reads } = column;
  const numbers = new Float64Array(length).fill(Number.NaN);
  const words = new Map<number, string>();
  const missing = new Set<number>();
  let inexact: ColumnValues['inexact'];
  let count = 0;
  for (const { from, entries } of chunks)
    for (let at = 0; at < entries.length; at += 1) {
      const row = from + at;
      const value = reads === 'decimal' ? decimalOf(entries[at], column) : entries[at];
      if (value === null) missing.add(row);
      else if (typeof value === 'string' && reads === 'text') words.set(row, value);
      else if (typeof value === 'bigint' || typeof value === 'boolean') numbers[row] = Number(value);
      else if (typeof value === 'number') numbers[row] = value;
      // A reference to no entry of the dictionary, which a damaged page gives.
      else throw new Error(`the column ${name} holds what is no value of its type in row ${row + 1}`);
      if (typeof value === 'bigint' && inexact === undefined && !Number.isSafeInteger(numbers[row])) inexact = { row, value };
      count += 1;
    }
  if (count !== length) throw new Error(`the column ${name} holds ${count} values, and the file has ${length} rows`);
  return { numbers, inexact, textOf: (row) => words.get(row) ?? (missing.has(row) ? '' : String(numbers[row])) };
}

/** The nearest number to a whole number times a power of ten; what is none is left as it is. */
function decimalOf(stored: unknown, { element }: FlatColumn): unknown {
  const whole = stored instanceof Uint8Array ? wholeOf(stored) : stored;
  return typeof whole === 'number' || typeof whole === 'bigint' ? Number(`${whole}e-${element.scale ?? 0}`) : stored;
}

/** Two’s complement, the most significant byte first. */
function wholeOf(bytes: Uint8Array): bigint {
  const unsigned = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return BigInt.asIntN(8 * bytes.length, unsigned);
}
