/** What the language server sees of files: folders, first lines, nothing where there is nothing. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/lsp-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'bilevel-host-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const uriOf = (name: string): string => pathToFileURL(join(folder, name)).href;

mkdirSync(join(folder, 'a folder'));
writeFileSync(join(folder, 'page.bilevel'), 'problem p {}');
const columns: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'plain.csv': ['age,sex\n1,2\n', ['age', 'sex']],
  'quoted.csv': ['"blood, pressure", "say ""a"""\r\n1,2', ['blood, pressure', 'say "a"']],
  'tabs.tsv': ['a b\tc\n1\t2\n', ['a b', 'c']],
  'numbers.csv': ['1,2.5\n3,4\n', []],
  'long.csv': [`${Array.from({ length: 9000 }, (_, i) => `é${i}`).join(',')}\n1\n`, Array.from({ length: 9000 }, (_, i) => `é${i}`)],
  'open.csv': ['"never closed\n', []],
  'empty.csv': ['', []],
  'table.json': ['{"a": [1]}', []],
};
const binary: Readonly<Record<string, Uint8Array>> = {
  'table.parquet': new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'age', data: [1, 2], type: 'DOUBLE' },
        { name: 'blood pressure', data: ['a', 'b'], type: 'STRING' },
        { name: 'list', data: [[1], [2]] },
      ],
    }),
  ),
  'cut.parquet': new TextEncoder().encode('PAR1 and no end'),
  'short.parquet': new TextEncoder().encode('PAR1'),
  'arrays.npz': zipSync({ 'X.npy': new Uint8Array(20), 'two words.npy': new Uint8Array(9), 'notes.txt': new Uint8Array(1) }),
  'cut.npz': zipSync({ 'X.npy': new Uint8Array(20) }).slice(0, 30),
  'lies.npz': zipSync({ 'X.npy': new Uint8Array(20) }).fill(0xff, -10, -2),
};
for (const [name, bytes] of Object.entries(binary)) writeFileSync(join(folder, name), bytes);
for (const [name, [text]] of Object.entries(columns)) writeFileSync(join(folder, name), text);

describe('the host of the language server', () => {
  it('knows where the files of a page are, if it is one itself', () => {
    const resolve = nodeHost.files?.resolve;
    expect(resolve?.('a.csv', uriOf('page.bilevel'))).toBe(join(folder, 'a.csv'));
    expect(resolve?.('/a.csv', 'untitled:Untitled-1')).toBe('/a.csv');
    expect(resolve?.('a.csv', 'untitled:Untitled-1')).toBeUndefined();
  });
  it.each(Object.entries(columns))('reads the columns of %s', (name, [, expected]) => {
    expect(nodeHost.columns?.(uriOf(name))).toEqual(expected);
  });
  it.each([
    ['table.parquet', ['age', 'blood pressure']],
    ['cut.parquet', []],
    ['short.parquet', []],
    ['arrays.npz', []],
  ])('reads the columns of %s at its end, those that can be data', (name, expected) => {
    expect(nodeHost.columns?.(uriOf(name))).toEqual(expected);
  });
  it.each([
    ['arrays.npz', ['X', 'two words']],
    ['cut.npz', []],
    ['lies.npz', []],
    ['none.npz', []],
    ['table.parquet', []],
  ])('reads the arrays of %s in its directory', (name, expected) => {
    expect(nodeHost.arrays?.(uriOf(name))).toEqual(expected);
  });
  it('knows where to read about a code', () => {
    const href = nodeHost.docsOf?.('BL2003') ?? '';
    expect(readFileSync(new URL(href), 'utf8')).toContain('shape-mismatch');
  });
  it('lists folders as such', () => {
    expect([...(nodeHost.list?.(`${uriOf('')}/`) ?? [])].sort()).toEqual(
      ['a folder/', 'page.bilevel', ...Object.keys(columns), ...Object.keys(binary)].sort(),
    );
  });
  it('sees nothing where there is nothing', () => {
    expect(nodeHost.read(uriOf('none.bilevel'))).toBeUndefined();
    expect(nodeHost.list?.(uriOf('none/'))).toEqual([]);
    expect(nodeHost.columns?.(uriOf('none.csv'))).toEqual([]);
    expect(nodeHost.read('untitled:1')).toBeUndefined();
  });
});
