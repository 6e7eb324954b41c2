/** Data files from a folder, where there is a file system: Node, Deno, Bun. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Files } from './files.ts';

/** Files by their paths relative to a folder; an absolute path is taken as it is. The folder is relative to the working folder. */
export const fromFolder = (folder: string): Files => ({
  read: async (file) => new Uint8Array(await readFile(resolve(folder, file))),
  list: (file) => readdir(dirname(resolve(folder, file))),
});
