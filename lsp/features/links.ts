/** The files that a page speaks of, to be opened from where they are named: data and other pages, beside this one. */
import type { DocumentLink } from 'vscode-languageserver-protocol';
import { rangeOf, type Analysis } from '../analysis.ts';
import { insideQuotes, namedFiles } from '../named-files.ts';

export const links = (analysis: Analysis): readonly DocumentLink[] =>
  namedFiles(analysis).flatMap(({ path, span }) => {
    const target = path === '' ? undefined : targetOf(analysis.uri, path);
    // The quotes are not part of the name.
    const inside = insideQuotes(span);
    return target === undefined || inside.end <= inside.start ? [] : [{ range: rangeOf(analysis, inside), target }];
  });

/** Nothing where the page has no place of its own, such as one that has never been saved. */
function targetOf(uri: string, path: string): string | undefined {
  const drive = /^[A-Za-z]:[/\\]/u.test(path) ? '/' : '';
  const written = `${drive}${path.replaceAll('\\', '/')}`;
  const isWeb = /^https?:\/\//u.test(path);
  const escaped = isWeb ? path : written.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':');
  return URL.canParse(escaped, uri) ? new URL(escaped, uri).href : undefined;
}
