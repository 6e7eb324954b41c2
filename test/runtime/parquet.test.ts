/** Parquet: files of another writer (`parquet/write.py`), files of random tables, and damaged ones. */
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Column, Expr, Kind } from '../../plan/types.ts';
import type { ArrayOrNot, DataArray } from '../../runtime/data/array.ts';
import { parquet } from '../../runtime/data/parquet.ts';
import { span } from './modules.ts';

const written = (name: string): Uint8Array => new Uint8Array(readFileSync(join(import.meta.dirname, 'parquet', `${name}.parquet`)));

async function read(bytes: Uint8Array, shape: readonly Expr[], columns?: readonly Column[], kind: Kind = 'real'): Promise<ArrayOrNot> {
  const selected = columns === undefined ? {} : { columns };
  return parquet.open(bytes, 't.parquet').read({ data: 'X', kind, shape, span, ...selected });
}
async function arrayOf(result: Promise<ArrayOrNot>): Promise<DataArray> {
  const read = await result;
  if (!read.ok) throw new Error(read.diagnostics.map((d) => d.message).join('; '));
  return read.array;
}
const values = async (result: Promise<ArrayOrNot>): Promise<readonly number[]> => [...(await arrayOf(result)).tensor.data];
async function problem(result: Promise<ArrayOrNot>): Promise<Diagnostic> {
  const read = await result;
  if (read.ok) throw new Error('it was read');
  const [first, ...others] = read.diagnostics;
  if (first === undefined || others.length > 0) throw new Error(`${read.diagnostics.length} diagnostics`);
  return first;
}

describe.each(['plain', 'snappy', 'gzip', 'zstd'])('a file of pyarrow, %s', (codec) => {
  const file = written(codec);
  it.each<[string, readonly number[]]>([
    ['age', [31.5, -2, 0.1, 1e300, 7]],
    ['bmi', [1.5, 2.25, -3, Math.fround(0.1), 4]],
    ['half', [0.5, -1.5, 65504, 2 ** -24, 0]],
    ['small', [-128, 127, 0, 1, 2]],
    ['unsigned', [4294967295, 0, 1, 2, 3]],
    ['long', [2 ** 53 - 1, 1 - 2 ** 53, 0, 1, 2]],
    ['sick', [1, 0, 0, 1, 1]],
    ['price', [0.57, -12.3, 0.07, 99999999.99, 1.1]],
    ['last', [5, 4, 3, 2, 1]],
  ])('%s is read to the last bit', async (column, data) => {
    expect(await values(read(file, ['n'], [column]))).toEqual(data);
  });

  it('columns are selected by name, position, list and range, behind nested ones too', async () => {
    expect(await values(read(file, ['n', 'd'], ['last', 0]))).toEqual([5, 31.5, 4, -2, 3, 0.1, 2, 1e300, 1, 7]);
    const range = await arrayOf(read(file, ['n', 'd'], [{ from: 'small', to: 5 }]));
    expect([range.tensor.shape, [...range.tensor.data.subarray(0, 3)]]).toEqual([
      [5, 3],
      [-128, 4294967295, 2 ** 53 - 1],
    ]);
    expect(range.locate(4)).toEqual({ words: 'row 2, column 5 (`unsigned`)', place: { file: 't.parquet' } });
  });

  it('words are numbered in the order of their code points', async () => {
    const species = await arrayOf(read(file, ['n'], ['species'], 'int'));
    expect([species.labels, [...species.tensor.data]]).toEqual([
      ['iris', 'setosa', 'virginica', 'äther'],
      [2, 0, 1, 0, 3],
    ]);
    expect((await arrayOf(read(file, ['n'], ['kind'], 'int'))).labels).toEqual(['a', 'b']);
  });

  it.each<[string, readonly Column[], Kind, string, string]>([
    ['a missing value', ['gaps'], 'real', 'BL6007', 'row 2, column 13 (`gaps`) is empty; 1 empty cell more'],
    ['a missing word', ['words_with_gaps'], 'int', 'BL6007', 'row 3, column 14'],
    ['NaN', ['age', 'nan'], 'real', 'BL6008', 'row 3, column 16 (`nan`) is NaN; 1 such value more'],
    ['words among numbers', ['age', 'species'], 'int', 'BL6005', '"virginica" (other cells are numbers)'],
    ['words for a number', ['species'], 'real', 'BL6005', 'row 1, column 11 (`species`)'],
    ['text that reads as a number', ['numerals'], 'int', 'BL6005', 'text that reads as a number'],
    ['an integer beyond float64', ['longest'], 'int', 'BL6021', 'row 3 is 9007199254740993'],
    ['an unsigned one', ['unsigned_long'], 'real', 'BL6021', '18446744073709551615'],
    ['dates', ['day'], 'real', 'BL6021', '`DATE`'],
    ['times', ['time'], 'real', 'BL6021', '`TIMESTAMP`'],
    ['bytes', ['raw'], 'int', 'BL6021', '`BYTE_ARRAY`'],
    ['lists', ['list'], 'real', 'BL6021', 'one value a row'],
    ['groups', ['group'], 'real', 'BL6021', 'one value a row'],
    ['a misspelt name', ['specis'], 'int', 'BL6004', '`specis`'],
    ['a position beyond the last', [22], 'real', 'BL6004', 'positions 0 to 21'],
    ['what pandas hides', ['__index_level_0__'], 'real', 'BL6004', '__index_level_0__'],
  ])('refuses %s', async (_, columns, kind, code, words) => {
    const shape = columns.length === 1 ? ['n'] : ['n', 'd'];
    const diagnostic = await problem(read(file, shape, columns, kind));
    expect([diagnostic.code, diagnostic.message]).toEqual([code, expect.stringContaining(words)]);
    expect([diagnostic.place, diagnostic.labels.map((label) => label.span)]).toEqual([{ file: 't.parquet' }, [span]]);
  });
});

it('offers `int` for a column of words', async () => {
  expect((await problem(read(written('plain'), ['n'], ['species']))).hints.join()).toContain('`data X: int[n]`');
});

it.each([
  ['brotli', 'BROTLI'],
  ['lz4', 'LZ4_RAW'],
])('refuses the codec of %s, with a way out', async (name, codec) => {
  const { code, message, hints } = await problem(read(written(name), ['n'], ['age']));
  expect([code, message, hints.join()]).toEqual(['BL6009', expect.stringContaining(codec), expect.stringContaining('compression="zstd"')]);
});

const tableOf = (columns: Readonly<Record<string, readonly number[]>>, more: object = {}): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: Object.entries(columns).map(([name, data]) => ({ name, data: [...data], type: 'DOUBLE' as const })),
      ...more,
    }),
  );

it('reads a whole table, however it is cut into row groups and pages', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 16, max: 400 }),
      async (rows, rowGroupSize, pageSize) => {
        const bytes = tableOf({ a: rows.map(([a]) => a), b: rows.map(([, b]) => b) }, { rowGroupSize, pageSize });
        expect(await values(read(bytes, ['n', 'd']))).toEqual(rows.flat());
      },
    ),
    { numRuns: 40 },
  );
});

it('a name that is there twice is no name, and both columns are there by position', async () => {
  const one = { name: 'a', type: 'DOUBLE' as const };
  const bytes = new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { ...one, data: [1, 2] },
        { ...one, data: [3, 4] },
      ],
    }),
  );
  expect((await problem(read(bytes, ['n'], ['a']))).message).toContain('more than once');
  expect(await values(read(bytes, ['n'], [1]))).toEqual([3, 4]);
  expect(await values(read(bytes, ['n', 'd']))).toEqual([1, 3, 2, 4]);
});

it('bytes that are not UTF-8 are no words', async () => {
  const bytes = new Uint8Array(
    parquetWriteBuffer({
      columnData: [{ name: 'a', data: ['caf\u00e9', 'tea'], type: 'STRING' }],
      codec: 'UNCOMPRESSED',
      statistics: false,
    }),
  );
  const at = bytes.findIndex((byte, i) => byte === 0xc3 && bytes[i + 1] === 0xa9);
  bytes[at + 1] = 0x20;
  expect((await problem(read(bytes, ['n'], ['a'], 'int'))).code).toBe('BL6009');
});

it.each<[string, Uint8Array, string, string]>([
  ['an empty file', new Uint8Array(), 'BL6009', 'does not begin'],
  ['a table of text', new TextEncoder().encode('a,b\n1,2\n'), 'BL6009', 'does not begin'],
  ['a page of a server', new TextEncoder().encode('<!doctype html><title>404</title>'), 'BL6009', 'HTML page'],
  ['an encrypted file', new TextEncoder().encode('PARE....PARE'), 'BL6009', 'encrypted'],
  ['a file that ends early', written('snappy').slice(0, 3000), 'BL6009', 'not complete'],
  ['a file of no rows', tableOf({ a: [] }), 'BL6022', 'no rows'],
])('refuses %s', async (_, bytes, code, words) => {
  const diagnostic = await problem(read(bytes, ['n'], ['a']));
  expect([diagnostic.code, diagnostic.message]).toEqual([code, expect.stringContaining(words)]);
});

it('says of a damaged file that it is, and never throws', async () => {
  const file = written('zstd');
  const size = new DataView(file.buffer).getUint32(file.length - 8, true);
  for (let at = 4; at < file.length - 8 - size; at += 7) {
    const damaged = file.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0xff;
    const result = await read(damaged, ['n', 'd'], [{ from: 'age', to: 'long' }]);
    expect(result.ok || result.diagnostics.every(({ code }) => ['BL6007', 'BL6008', 'BL6009', 'BL6021'].includes(code))).toBe(true);
  }
});
