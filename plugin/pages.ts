/** Pages as they are on a disk: each is compiled once for as long as its text and those that it imports are the same. Knows no bundler. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Sources } from '../diagnostics/render.ts';
import type { CarriedOptions } from './options.ts';
import { importPage, type ImportedPage } from './page.ts';

export interface Pages {
  /** As it is now. */
  at(file: string): Promise<ImportedPage>;
  /** As it was when it was last read. */
  kept(file: string): ImportedPage | undefined;
  all(): readonly ImportedPage[];
}

export function openPages(options: CarriedOptions = {}): Pages {
  const pages = new Map<string, ImportedPage>();
  return {
    at: async (file) => {
      const text = await readFile(file, 'utf8');
      const imports = importsOf(file);
      const kept = pages.get(file);
      if (kept?.page.text === text && [...kept.imports].every(([name, before]) => imports(name) === before)) return kept;
      const page = importPage({ name: basename(file), text, imports }, options);
      pages.set(file, page);
      return page;
    },
    kept: (file) => pages.get(file),
    all: () => [...pages.values()],
  };
}

/** Where a page finds one that it imports. */
export const importedFile = (file: string, name: string): string => resolve(dirname(file), name);

const importsOf =
  (file: string): Sources =>
  (name) => {
    try {
      return readFileSync(importedFile(file, name), 'utf8');
    } catch {
      return undefined;
    }
  };
