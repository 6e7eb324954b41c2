/** The files that a page speaks of: data and other pages. */
import type { Span } from '../diagnostics/diagnostic.ts';
import type { Analysis } from './analysis.ts';

/** What their names end in. */
export const endings = { pages: ['bilevel'], data: ['csv', 'tsv', 'json', 'npy', 'npz', 'parquet'] } as const;

export interface NamedFile {
  /** As it is written. */
  readonly path: string;
  /** With its quotes. */
  readonly span: Span;
}

export const namedFiles = ({ parsed }: Analysis): readonly NamedFile[] =>
  parsed().value.items.flatMap((item) => {
    if (item.kind === 'import') return [{ path: item.path, span: item.pathSpan }];
    if (item.kind === 'fn') return [];
    return item.declarations.flatMap((declaration) =>
      declaration.kind === 'data' && declaration.from !== undefined
        ? [{ path: declaration.from.file, span: declaration.from.fileSpan }]
        : [],
    );
  });

/** What stands between the quotes. */
export const insideQuotes = (span: Span): Span => ({ ...span, start: span.start + 1, end: span.end - 1 });
