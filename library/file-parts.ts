/** The names of what is in a file of data, for whoever writes a page: read from where the file keeps them, and never all of it. */
import { parseRows } from '../runtime/data/csv-text.ts';
import { isHeader } from '../runtime/data/csv.ts';
import { openParquet } from '../runtime/data/parquet-columns.ts';

/** A header or a directory that is longer is none. */
const LONGEST = 1 << 20;

/** A file that can be looked into anywhere. */
export interface OpenFile {
  readonly size: number;
  /** Fewer where the file ends before. */
  readonly read: (from: number, count: number) => Uint8Array;
}

/** A file that is there as a whole. */
export const inMemory = (bytes: Uint8Array): OpenFile => ({
  size: bytes.length,
  read: (from, count) => bytes.subarray(Math.max(0, from), Math.max(0, from) + count),
});

/** Whether `columnsOf`, or `arraysOf`, may find names in a file of this name, so that it has to be opened. */
export const hasColumns = (name: string): boolean => /\.(?:parquet|[ct]sv)$/iu.test(name);
export const hasArrays = (name: string): boolean => /\.npz$/iu.test(name);

/** Columns of a table: none where it has no header, and none of those that cannot be data. Throws where the file is damaged. */
export function columnsOf(name: string, file: OpenFile): readonly string[] {
  if (!hasColumns(name)) return [];
  if (/\.parquet$/iu.test(name)) return parquetColumns(file);
  const rows = parseRows(firstLine(file), /\.tsv$/iu.test(name) ? '\t' : ',');
  const [first] = rows.ok ? rows.rows : [];
  return first !== undefined && isHeader(first) ? first.cells : [];
}

/** Arrays of an archive. Throws as `columnsOf`. */
export const arraysOf = (name: string, file: OpenFile): readonly string[] =>
  hasArrays(name)
    ? entriesOfZip(file)
        .filter((entry) => entry.endsWith('.npy'))
        .map((entry) => entry.slice(0, -'.npy'.length))
    : [];

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function firstLine({ read }: OpenFile): string {
  const step = 1 << 14;
  const decoder = new TextDecoder();
  let text = '';
  for (let from = 0; !/[\r\n]/u.test(text) && text.length < LONGEST; from += step) {
    const bytes = read(from, step);
    if (bytes.length === 0) break;
    text += decoder.decode(bytes, { stream: true });
  }
  return text.replace(/[\r\n].*/su, '');
}

/** Source: Apache Parquet, "File format": what the file says of itself stands at its end, before its length and four letters. */
function parquetColumns({ size, read }: OpenFile): readonly string[] {
  const length = view(read(size - 8, 8)).getUint32(0, true) + 8;
  if (length > Math.min(LONGEST, size)) return [];
  return openParquet(read(size - length, length)).columns.flatMap((column) => ('reads' in column ? [column.name] : []));
}

/** Source: PKWARE, APPNOTE 6.3, §§4.3.12, 4.3.16; an archive beyond four gigabytes keeps its directory otherwise, and has no names here. */
function entriesOfZip({ size, read }: OpenFile): readonly string[] {
  const longestEnd = 22 + 0xffff;
  const tail = read(Math.max(0, size - longestEnd), longestEnd);
  let end = tail.length - 22;
  while (end >= 0 && !isMark(tail, end, 5, 6)) end -= 1;
  if (end < 0) return [];
  const [length, from] = [view(tail).getUint32(end + 12, true), view(tail).getUint32(end + 16, true)];
  if (length > LONGEST || from + length > size) return [];
  const directory = read(from, length);
  const decoder = new TextDecoder();
  const names: string[] = [];
  for (let at = 0; at + 46 <= directory.length && isMark(directory, at, 1, 2);) {
    const [name, extra, comment] = [28, 30, 32].map((field) => view(directory).getUint16(at + field, true)) as [number, number, number];
    names.push(decoder.decode(directory.subarray(at + 46, at + 46 + name)));
    at += 46 + name + extra + comment;
  }
  return names;
}

/** The letters PK and a number. */
const isMark = (bytes: Uint8Array, at: number, first: number, second: number): boolean =>
  bytes[at] === 0x50 && bytes[at + 1] === 0x4b && bytes[at + 2] === first && bytes[at + 3] === second;
