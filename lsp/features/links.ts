/** The files that a page speaks of, to be opened from where they are named: data and other pages, beside this one. */
import type { DocumentLink } from 'vscode-languageserver-protocol';
import type { Span } from '../../diagnostics/diagnostic.ts';
import { rangeOf, type Analysis } from '../analysis.ts';

interface Named {
  readonly path: string;
  readonly span: Span;
}

export const links = (analysis: Analysis): readonly DocumentLink[] =>
  namedFiles(analysis).flatMap(({ path, span }) => {
    const target = path === '' ? undefined : targetOf(analysis.uri, path);
    // The quotes are not part of the name.
    const inside = { ...span, start: span.start + 1, end: span.end - 1 };
    return target === undefined || inside.end <= inside.start ? [] : [{ range: rangeOf(analysis, inside), target }];
  });

const namedFiles = ({ parsed }: Analysis): readonly Named[] =>
  parsed().value.items.flatMap((item) => {
    if (item.kind === 'import') return [{ path: item.path, span: item.pathSpan }];
    if (item.kind === 'fn') return [];
    return item.declarations.flatMap((declaration) =>
      declaration.kind === 'data' && declaration.from !== undefined
        ? [{ path: declaration.from.file, span: declaration.from.fileSpan }]
        : [],
    );
  });

/** Nothing where the page has no place of its own, such as one that has never been saved. */
function targetOf(uri: string, path: string): string | undefined {
  const drive = /^[A-Za-z]:[/\\]/u.test(path) ? '/' : '';
  const written = `${drive}${path.replaceAll('\\', '/')}`;
  const isWeb = /^https?:\/\//u.test(path);
  const escaped = isWeb ? path : written.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':');
  return URL.canParse(escaped, uri) ? new URL(escaped, uri).href : undefined;
}
