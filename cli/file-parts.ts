/** The names of what is in a file of data, for who writes a page: read from where the file keeps them, and never all of it. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parseRows } from '../runtime/data/csv-text.ts';
import { isHeader } from '../runtime/data/csv.ts';
import { openParquet } from '../runtime/data/parquet-columns.ts';

/** A header or a directory that is longer is none. */
const LONGEST = 1 << 20;

interface OpenFile {
  readonly size: number;
  /** Fewer where the file ends before. */
  readonly read: (from: number, count: number) => Buffer;
}

/** Columns of a table: none where it has no header, and none of those that cannot be data. Throws where the file cannot be read, or is damaged. */
export function columnsOf(path: string): readonly string[] {
  if (/\.parquet$/iu.test(path)) return opened(path, parquetColumns);
  if (!/\.[ct]sv$/iu.test(path)) return [];
  const rows = parseRows(opened(path, firstLine), /\.tsv$/iu.test(path) ? '\t' : ',');
  const [first] = rows.ok ? rows.rows : [];
  return first !== undefined && isHeader(first) ? first.cells : [];
}

/** Arrays of an archive. Throws as `columnsOf`. */
export const arraysOf = (path: string): readonly string[] =>
  /\.npz$/iu.test(path)
    ? opened(path, entriesOfZip)
        .filter((name) => name.endsWith('.npy'))
        .map((name) => name.slice(0, -'.npy'.length))
    : [];

function opened<T>(path: string, look: (file: OpenFile) => T): T {
  const file = openSync(path, 'r');
  try {
    const read = (from: number, count: number): Buffer => {
      const bytes = Buffer.alloc(count);
      return bytes.subarray(0, readSync(file, bytes, 0, count, from));
    };
    return look({ size: fstatSync(file).size, read });
  } finally {
    closeSync(file);
  }
}

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
  const length = read(size - 8, 8).readUInt32LE(0) + 8;
  if (length > Math.min(LONGEST, size)) return [];
  return openParquet(read(size - length, length)).columns.flatMap((column) => ('reads' in column ? [column.name] : []));
}

/** Source: PKWARE, APPNOTE 6.3, §§4.3.12, 4.3.16; an archive beyond four gigabytes keeps its directory otherwise, and has no names here. */
function entriesOfZip({ size, read }: OpenFile): readonly string[] {
  const longestEnd = 22 + 0xffff;
  const tail = read(Math.max(0, size - longestEnd), longestEnd);
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) return [];
  const [length, from] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (length > LONGEST || from + length > size) return [];
  const directory = read(from, length);
  const names: string[] = [];
  for (let at = 0; at + 46 <= directory.length && directory.toString('latin1', at, at + 4) === 'PK\x01\x02';) {
    const [name, extra, comment] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as [number, number, number];
    names.push(directory.toString('utf8', at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return names;
}
