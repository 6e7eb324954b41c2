/** Which format a file is in, by its ending. */
import type { DataFile } from './array.ts';
import { openTable } from './csv.ts';
import { openJson } from './json.ts';
import { openNpy } from './npy.ts';
import { openNpz } from './npz.ts';

export type Opener = (bytes: Uint8Array, file: string) => DataFile;

const openers: Readonly<Record<string, Opener>> = {
  '.csv': (bytes, file) => openTable(bytes, file, ','),
  '.tsv': (bytes, file) => openTable(bytes, file, '\t'),
  '.json': openJson,
  '.npy': openNpy,
  '.npz': openNpz,
};

export const knownEndings: readonly string[] = Object.keys(openers);
/** Endings of the language whose readers come later. */
export const laterEndings: readonly string[] = ['.parquet'];

/** The ending of a path, in lower case with its dot; empty where there is none. */
export const endingOf = (file: string): string => /\.[^./\\]+$/.exec(file)?.[0].toLowerCase() ?? '';
export const openerOf = (file: string): Opener | undefined => openers[endingOf(file)];
export const isTableEnding = (ending: string): boolean => ending === '.csv' || ending === '.tsv';
