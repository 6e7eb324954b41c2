/** Pages as they are on a disk: each is compiled once for as long as its text is the same. Knows no bundler. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
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
      const kept = pages.get(file);
      if (kept?.page.text === text) return kept;
      const page = importPage({ name: basename(file), text }, options);
      pages.set(file, page);
      return page;
    },
    kept: (file) => pages.get(file),
    all: () => [...pages.values()],
  };
}
