/** What the language server sees of the files of this machine. */
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { largestFile, TooLarge } from '../library/data-facts.ts';
import type { Host } from '../lsp/host.ts';
import { arraysOf, columnsOf, hasArrays, hasColumns, type OpenFile } from '../library/file-parts.ts';

/** What there is at a URI; `undefined` where there is nothing, or nothing that can be read: whoever asked says so, or offers nothing. */
function at<T>(uri: string, look: (path: string) => T): T | undefined {
  try {
    return look(fileURLToPath(uri));
  } catch {
    return undefined;
  }
}

/** The package has a page for each code, beside the program or beside its sources. */
const docs = ['../../docs/diagnostics/', '../docs/diagnostics/']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url));

function opened<T>(path: string, look: (file: OpenFile) => T): T {
  const file = openSync(path, 'r');
  try {
    const read = (from: number, count: number): Uint8Array => {
      const bytes = new Uint8Array(count);
      return bytes.subarray(0, readSync(file, bytes, 0, count, from));
    };
    return look({ size: fstatSync(file).size, read });
  } finally {
    closeSync(file);
  }
}

export const nodeHost: Host = {
  read: (uri) => at(uri, (path) => readFileSync(path, 'utf8')),
  list: (uri) =>
    at(uri, (path) => readdirSync(path, { withFileTypes: true }).map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))) ??
    [],
  files: {
    read: async (path) => {
      if ((await stat(path)).size > largestFile) throw new TooLarge(path);
      return new Uint8Array(await readFile(path));
    },
    list: (path) => readdir(dirname(path)),
    resolve: (file, page) => (isAbsolute(file) ? file : at(page, (path) => join(dirname(path), file))),
    stamp: async (path) => {
      try {
        const { mtimeMs, size } = await stat(path);
        return `${mtimeMs} ${size}`;
      } catch {
        // There is none: whoever reads it says so.
        return '';
      }
    },
  },
  columns: (uri) => (hasColumns(uri) ? at(uri, (path) => opened(path, (file) => columnsOf(path, file))) : undefined) ?? [],
  arrays: (uri) => (hasArrays(uri) ? at(uri, (path) => opened(path, (file) => arraysOf(path, file))) : undefined) ?? [],
  docsOf: (code) => (docs === undefined ? undefined : new URL(`${code}.md`, docs).href),
};
