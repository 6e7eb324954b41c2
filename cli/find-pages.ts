/** The pages of a folder and of the folders in it, in an order that is the same everywhere. */
import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

/** Throws what the file system reports. */
export type ListFolder = (folder: string) => readonly Dirent[];

const entriesOf: ListFolder = (folder) => readdirSync(folder, { withFileTypes: true });

/**
 * Leaves out what is in `node_modules` and in folders whose name begins with a dot. A folder that cannot be listed is told of, and the
 * pages of the others are found.
 */
export function findPages(
  folder: string,
  unreadable: (folder: string, error: unknown) => void,
  list: ListFolder = entriesOf,
): readonly string[] {
  let entries: readonly Dirent[];
  try {
    entries = [...list(folder)].sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    unreadable(folder, error);
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return entry.name.endsWith('.bilevel') ? [path] : [];
    return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : findPages(path, unreadable, list);
  });
}

/** Those of a folder; nothing where the path is none. */
export function pagesOfFolder(path: string, unreadable: (folder: string, error: unknown) => void): readonly string[] | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? findPages(path, unreadable) : undefined;
  } catch (error) {
    unreadable(path, error);
    return [];
  }
}
