/** `bilevel types [PATH…]`: writes `x.d.bilevel.ts` beside each page `x.bilevel`; `--check` only says which are out of date. */
import { basename } from 'node:path';
import { beside } from '../compiler/paths.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { unreadablePage, wrongUsage } from '../diagnostics/usage.ts';
import { declarationsFile, writeDeclarations, type DeclarationsState } from '../plugin/declarations.ts';
import { underName } from '../plugin/mistakes.ts';
import { importPage } from '../plugin/page.ts';
import { Failure, exit, exitCodeOf, exitWords, type ExitCode } from './failure.ts';
import { pagesOfFolder } from './find-pages.ts';
import type { RawFlags } from './flags.ts';
import { whyUnreadable, type Session } from './session.ts';

interface TypedPage {
  readonly page: string;
  readonly types: string;
  /** `wrong`: the page has errors, and what there was before stays. */
  readonly state: DeclarationsState['state'] | 'wrong';
}

const words: Readonly<Record<TypedPage['state'], string>> = {
  written: 'written',
  unchanged: 'unchanged',
  'out-of-date': 'out of date',
  'not-written': 'not written',
  wrong: 'not written: the page has errors',
};

export function types(session: Session, paths: readonly string[], { check = false }: RawFlags): ExitCode {
  const found: Diagnostic[] = [];
  const report = (diagnostics: readonly Diagnostic[]): void => {
    session.report(diagnostics);
    found.push(...diagnostics);
  };
  const asked = paths.length === 0 ? ['.'] : paths;
  const files = [...new Set(asked.flatMap((path) => pagesAt(path, report)))];
  const pages = files.flatMap((page) => {
    const state = typePage(session, page, { check, found: !asked.includes(page) }, report);
    return state === undefined ? [] : [{ page, types: declarationsFile(page), state }];
  });
  for (const page of pages) session.print(`${page.types} ${words[page.state]}`);
  if (files.length === 0 && found.length === 0) session.note('no page found');
  const isStale = pages.some(({ state }) => state === 'out-of-date' || state === 'not-written');
  const code = exitCodeOf(found) === exit.done && isStale ? exit.problem : exitCodeOf(found);
  const status = code === exit.done || exitCodeOf(found) !== exit.done ? exitWords[code] : check ? 'out-of-date' : 'not-written';
  session.document({ status, ...(code === exit.done ? {} : { exit_code: code }), pages });
  return code;
}

/** A page by its name, or those of a folder. */
function pagesAt(path: string, report: (diagnostics: readonly Diagnostic[]) => void): readonly string[] {
  const unreadable = (file: string, error: unknown): void => report([unreadablePage({}, { file, because: whyUnreadable(error) })]);
  const inFolder = pagesOfFolder(path, unreadable);
  if (inFolder !== undefined) return inFolder;
  if (path.endsWith('.bilevel')) return [path];
  report([
    wrongUsage({}, { message: `${path} is neither a folder nor a page, whose name ends in .bilevel`, help: 'bilevel types --help' }),
  ]);
  return [];
}

/**
 * One page's mistake does not keep the types of the others from being written. Undefined where there is no such page, or where it was
 * `found` in a folder and holds no problem: nobody can import that, and so nothing is missing.
 */
function typePage(
  session: Session,
  file: string,
  { check, found }: { readonly check: boolean; readonly found: boolean },
  report: (diagnostics: readonly Diagnostic[]) => void,
): TypedPage['state'] | undefined {
  try {
    const page = importPage({
      name: basename(file),
      text: session.readPage(file),
      imports: (name) => session.readImport(beside(file, name)),
    });
    if (found && page.isWithoutProblem) return undefined;
    const { value: declarations, diagnostics } = page.declarations();
    report(diagnostics.map((diagnostic) => underName(diagnostic, file)));
    if (declarations === undefined) return 'wrong';
    const written = writeDeclarations(file, declarations, { check });
    if (written.state === 'not-written') report([written.diagnostic]);
    return written.state;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    report(error.diagnostics);
    return undefined;
  }
}
