/** What a format of data files is, and which the language knows by a file’s ending. Knows no reader: who reads files brings those it needs. */
import type { DataFile } from './array.ts';

/** How files of some endings are read; the package has one a module (`bilevel/data/csv`), so that an application ships what it uses. */
export interface Format {
  /** In lower case, with their dots. */
  readonly endings: readonly string[];
  readonly open: (bytes: Uint8Array, file: string) => DataFile;
}

/** Why a text is not of its format, where it is a page: servers that know no such file may answer with one, and say that all is well. */
export const pageInstead = (text: string): string | undefined =>
  /^\s*<(?:!doctype|html)\b/iu.test(text) ? 'it is an HTML page, which a server may answer with where it has no such file' : undefined;

/** The formats that the language reads, by ending; of tables columns are selected, of the others an array. */
const formatNames: Readonly<Record<string, string>> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.json': 'json',
  '.npy': 'npy',
  '.npz': 'npz',
  '.parquet': 'parquet',
};
const tableFormats: readonly string[] = ['csv', 'parquet'];

/** The ending of a path, in lower case with its dot; empty where there is none. */
export const endingOf = (file: string): string => /\.[^./\\]+$/.exec(file)?.[0].toLowerCase() ?? '';
export const isTableEnding = (ending: string): boolean => tableFormats.includes(formatNames[ending] ?? '');
/** The format that reads such files, brought or not. */
export const formatNameOf = (ending: string): string | undefined => formatNames[ending];
