/** Data files from a folder, where there is a file system: Node, Deno, Bun. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Files } from './files.ts';

/**
 * Files by their paths relative to a folder; an absolute path is taken as it is. The folder is relative to the working folder.
 * Fails: throws a `TypeError` where there is no folder.
 */
export function fromFolder(folder: string): Files {
  if (typeof folder !== 'string')
    throw new TypeError("fromFolder needs the path of a folder, such as `fromFolder('.')` for the working folder");
  return {
    read: async (file) => new Uint8Array(await readFile(resolve(folder, file))),
    list: (file) => readdir(dirname(resolve(folder, file))),
  };
}
