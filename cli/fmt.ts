/** `bilevel fmt PATH…`: writes pages in their canonical form, also those in Markdown; `--check` only says which are not. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { unreadablePage, wrongFlag, wrongUsage } from '../diagnostics/usage.ts';
import { formatMarkdown, formatPage } from '../grammar/format.ts';
import { Failure, exit, exitCodeOf, type ExitCode } from './failure.ts';
import { pagesOfFolder } from './find-pages.ts';
import type { RawFlags } from './flags.ts';
import { input, whyUnreadable, writeFiles, type Session } from './session.ts';

export function fmt(session: Session, paths: readonly string[], { check = false, width: asked }: RawFlags): ExitCode {
  const width = widthOf(asked);
  const wrong: Diagnostic[] = [];
  const files = filesOf(paths, wrong);
  const changed: string[] = [];
  for (const file of files) {
    const before = session.readPage(file);
    const format = /\.(?:md|markdown)$/iu.test(file) ? formatMarkdown : formatPage;
    const { value: after, diagnostics } = format(before, file, { width });
    if (after === undefined) {
      wrong.push(...diagnostics);
      continue;
    }
    if (after !== before) changed.push(file);
    if (check) continue;
    if (file === input) return written(session, after, after !== before);
    if (after !== before) writeFiles(session.io, new Map([[file, after]]));
  }
  if (files.length === 0 && wrong.length === 0) session.note('no page found');
  for (const file of changed) session.print(check ? `${file} is not formatted` : file);
  if (wrong.length > 0) return session.fail(wrong, exitCodeOf(wrong), { changed });
  session.document({ status: check && changed.length > 0 ? 'not-formatted' : 'ok', changed });
  return check && changed.length > 0 ? exit.problem : exit.done;
}

/** What came in goes out. */
function written(session: Session, text: string, isChanged: boolean): ExitCode {
  if (session.form === 'text') session.io.stdout.write(text);
  session.document({ status: 'ok', changed: isChanged ? [input] : [], text });
  return exit.done;
}

function filesOf(paths: readonly string[], wrong: Diagnostic[]): readonly string[] {
  if (paths.includes('-')) {
    if (paths.length > 1)
      throw new Failure([wrongUsage({}, { message: '`-` is standard input, and stands alone', help: 'bilevel fmt --help' })]);
    return [input];
  }
  const unreadable = (file: string, error: unknown): void => void wrong.push(unreadablePage({}, { file, because: whyUnreadable(error) }));
  return [...new Set(paths.flatMap((path) => pagesOfFolder(path, unreadable) ?? [path]))];
}

function widthOf(asked: string | undefined): number | undefined {
  if (asked === undefined) return undefined;
  const width = Number(asked);
  if (/^\d+$/u.test(asked) && Number.isSafeInteger(width) && width > 0) return width;
  throw new Failure([
    wrongFlag({}, { flag: '--width', given: asked, because: 'a width is a whole number of characters, 1 or more', form: '100' }),
  ]);
}
