/** The pages of a folder and of the folders in it, in an order that is the same everywhere. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Leaves out what is in `node_modules` and in folders whose name begins with a dot. Throws what the file system reports. */
export function findPages(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return entry.name.endsWith('.bilevel') ? [path] : [];
    return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : findPages(path);
  });
}
