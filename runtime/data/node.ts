/** Files on Node: how data declared relative to a page are found and read. The only file of the runtime that knows a file system. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { DataSources } from './files.ts';

/** Sources that read from the file system; paths of a page are relative to the page, those of overrides to the working folder. */
export function nodeSources(overrides?: DataSources['overrides']): DataSources {
  return {
    read: async (path) => new Uint8Array(await readFile(path)),
    resolve: (file, page) => (isAbsolute(file) ? file : join(dirname(page), file)),
    list: (path) => readdir(dirname(path)),
    ...(overrides === undefined ? {} : { overrides }),
  };
}
