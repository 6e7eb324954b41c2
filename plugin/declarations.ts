/**
 * `x.d.bilevel.ts` beside `x.bilevel`: where TypeScript looks for the types of `import … from './x.bilevel'` when `allowArbitraryExtensions`
 * is set. Owns when it is written and when it is not; what is in it comes from `page.ts`.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { typesNotWritten } from '../diagnostics/usage.ts';

export const declarationsFile = (page: string): string => page.replace(/\.bilevel$/u, '.d.bilevel.ts');

/** What our header says, in the first comment of every file that we write. */
const ours = /^\/\*\*(?:(?!\*\/)[\s\S])*^ \* Compiled by bilevel \S+ from /mu;

export type DeclarationsState =
  { readonly state: 'unchanged' | 'written' | 'out-of-date' } | { readonly state: 'not-written'; readonly diagnostic: Diagnostic };

/**
 * Writes the declarations of a page if their text is not what is there; `check`: only says whether it would. Whoever reads meanwhile reads
 * the old text. A file that bilevel did not write stays as it is.
 */
export function writeDeclarations(
  page: string,
  text: string,
  { check }: { readonly check: boolean } = { check: false },
): DeclarationsState {
  const file = declarationsFile(page);
  const refused = (because: string, instead: string): DeclarationsState => ({
    state: 'not-written',
    diagnostic: typesNotWritten({}, { file, because, instead }),
  });
  const before = textOf(file);
  if (before === text) return { state: 'unchanged' };
  if (before !== undefined && !ours.test(before))
    return refused('a file of that name is there, and bilevel did not write it', `give ${basename(file)} another name, or remove it`);
  if (check) return { state: 'out-of-date' };
  const part = `${file}.${process.pid}.part`;
  try {
    writeFileSync(part, text);
    renameSync(part, file);
    return { state: 'written' };
  } catch (error) {
    rmSync(part, { force: true });
    return refused(whyUnwritable(error), 'make its folder one that can be written');
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    // Something is there that cannot be read; it is not ours.
    if (codeOf(error) !== undefined) return '';
    throw error;
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** What the file system answered; an error without a code is none of its answers. */
function whyUnwritable(error: unknown): string {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') return 'writing there is not permitted';
  if (code === 'ENOENT') return 'there is no such folder';
  if (code === 'EROFS') return 'the file system is read-only';
  if (code === 'ENOSPC') return 'the disk is full';
  if (!(error instanceof Error) || code === undefined) throw error;
  return error.message;
}
