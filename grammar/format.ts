/** The canonical form of a page, and of the pages in Markdown: what every front door answers that is asked for it. */
import { hasErrors, type Result } from '../diagnostics/diagnostic.ts';
import { fencedPages } from './fences.ts';
import { parse } from './parse.ts';
import { print, type PrintOptions } from './print-ast.ts';

/**
 * Nothing where it does not parse: such a page has parts that its tree lacks, and they would be lost. A byte order mark says how a file is
 * written, and nothing of the page: it stays.
 */
export function formatPage(text: string, file: string, options: PrintOptions = {}): Result<string | undefined> {
  const { value, diagnostics } = parse(text, file);
  const mark = text.startsWith(byteOrderMark) ? byteOrderMark : '';
  return { value: hasErrors(diagnostics) ? undefined : mark + print(value, options), diagnostics };
}

const byteOrderMark = '\uFEFF';

/** Everything but the pages stays as it is, and all of it where one of them does not parse; an empty one is no page yet. */
export function formatMarkdown(text: string, file: string, options: PrintOptions = {}): Result<string | undefined> {
  const pages = fencedPages(text).filter((page) => page.text.trim() !== '');
  const formatted = pages.map((page) => formatPage(page.text, file, options));
  const wrong = pages.flatMap((page, i) => (formatted[i]?.value === undefined ? parse(page.inPlace, file).diagnostics : []));
  if (wrong.length > 0) return { value: undefined, diagnostics: wrong };
  const parts = pages.flatMap(({ start, prefix, lineEnd }, i) => {
    const lines = (formatted[i]?.value ?? '').split('\n').slice(0, -1);
    const written = lines.map((line) => (line === '' ? prefix.trimEnd() : prefix + line) + lineEnd);
    return [text.slice(pages[i - 1]?.end ?? 0, start), ...written];
  });
  return { value: parts.join('') + text.slice(pages.at(-1)?.end ?? 0), diagnostics: [] };
}
