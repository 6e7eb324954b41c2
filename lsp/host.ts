/** What the server needs of where it runs: Node, or an editor that reads files for it. */
import type { PageFiles } from '../library/data-facts.ts';

export interface Host {
  /** The text of a file that no editor has open; undefined where there is none, or where it is still to come. */
  readonly read: (uri: string) => string | undefined;
  /** What lies in a folder, whose URI ends with `/`; names of folders do too. Absent where there are no folders. */
  readonly list?: (uri: string) => readonly string[];
  /** The names of the columns of a table; none where it has no header. Absent where there are no files. */
  readonly columns?: (uri: string) => readonly string[];
  /** Data files, as bytes; absent where there are none. `stamp` is another one when a file has changed. */
  readonly files?: PageFiles & { readonly stamp: (file: string) => Promise<string> };
  /** The names of the arrays of an archive. */
  readonly arrays?: (uri: string) => readonly string[];
  /** Where files come one by one: resolves when those that were asked for have come, to whether there were any. */
  readonly arrived?: () => Promise<boolean>;
  /** What is kept of a file, if anything, is what it was. */
  readonly forget?: (uri: string) => void;
  /** The client has introduced itself, with the options that it starts the server with. */
  readonly begin?: (options: unknown) => void;
  /** Where what there is to say about a code can be read. */
  readonly docsOf?: (code: string) => string | undefined;
}
