/** What the language server sees of the files of this machine. */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { largestFile, TooLarge } from '../library/data-facts.ts';
import type { Host } from '../lsp/host.ts';
import { parseRows } from '../runtime/data/csv-text.ts';
import { isHeader } from '../runtime/data/csv.ts';

/** What there is at a URI; `undefined` where there is nothing, or nothing that can be read: whoever asked says so, or offers nothing. */
function at<T>(uri: string, look: (path: string) => T): T | undefined {
  try {
    return look(fileURLToPath(uri));
  } catch {
    return undefined;
  }
}

/** A header that is longer is none. */
const LONGEST_LINE = 1 << 20;

/** The first line of a file, and no more than it takes to find its end. */
function firstLine(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(1 << 14);
    const decoder = new TextDecoder();
    let text = '';
    while (!/[\r\n]/u.test(text) && text.length < LONGEST_LINE) {
      const count = readSync(file, bytes);
      if (count === 0) break;
      text += decoder.decode(bytes.subarray(0, count), { stream: true });
    }
    return text.replace(/[\r\n].*/su, '');
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
    resolve: (file, page) => (isAbsolute(file) ? file : join(dirname(fileURLToPath(page)), file)),
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
  columns(uri) {
    if (!/\.[ct]sv$/iu.test(uri)) return [];
    const rows = parseRows(at(uri, firstLine) ?? '', /\.tsv$/iu.test(uri) ? '\t' : ',');
    const [first] = rows.ok ? rows.rows : [];
    return first !== undefined && isHeader(first) ? first.cells : [];
  },
};
