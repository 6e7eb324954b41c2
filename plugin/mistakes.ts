/** What is wrong with a page, in the forms in which bundlers and Node want to be told. Knows no bundler's interface, only what they print. */
import { relative } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { linesOf, positionOf, type Position } from '../diagnostics/position.ts';
import { renderDiagnostic, renderParts } from '../diagnostics/render.ts';

/** Where a page stands: its file, and the name under which people are told of it. */
export interface ShownPage {
  readonly file: string;
  readonly shown: string;
  readonly text: string;
}

/** A file as people are told of it: from the folder where the program runs, if it is in there. */
export function shownAt(file: string, text: string): ShownPage {
  const near = relative(process.cwd(), file).replaceAll('\\', '/');
  return { file, shown: near.startsWith('../') ? file : near, text };
}

export interface Place extends Position {
  readonly file: string;
}

/** A diagnostic or several, as an error of a bundler: they know these names. */
export class PageMistake extends Error {
  override readonly name = 'PageError';
  /** Who reads it has made a mistake on a page: our stack would tell nothing. */
  override readonly stack = '';
  readonly code: string;
  readonly id: string;
  readonly loc: Place;
  /** The lines of the page around the first mistake. */
  readonly frame: string;

  /** `wholly`: the message of a single mistake shows the lines of the page too, for whoever shows only messages. */
  constructor(diagnostics: readonly Diagnostic[], page: ShownPage, wholly: boolean) {
    const [first, ...others] = shownAs(diagnostics, page);
    const sources = (): string => page.text;
    const parts = first && renderParts(first, sources);
    const head = parts === undefined ? [] : [parts.header, ...(wholly || others.length > 0 ? [parts.frame] : []), parts.hints];
    super([head.filter((part) => part !== '').join('\n'), ...others.map((d) => renderDiagnostic(d, sources))].join('\n\n'));
    this.code = first?.code ?? '';
    this.id = page.file;
    this.loc = placeOf(first, page);
    this.frame = parts?.frame ?? '';
  }
}

/** Errors first: what stops a page is what its author must read. */
const shownAs = (diagnostics: readonly Diagnostic[], { shown }: ShownPage): readonly Diagnostic[] =>
  [...diagnostics].sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error')).map((d) => underName(d, shown));

/** A page is compiled under a name without a folder, and all spans are of it; people want to know where it stands. */
export const underName = (diagnostic: Diagnostic, file: string): Diagnostic => ({
  ...diagnostic,
  ...(diagnostic.span === undefined ? {} : { span: { ...diagnostic.span, file } }),
  labels: diagnostic.labels.map(({ message, span }) => ({ message, span: { ...span, file } })),
});

function placeOf(diagnostic: Diagnostic | undefined, { file, text }: ShownPage): Place {
  return { file, ...positionOf(linesOf(text), diagnostic?.span?.start ?? 0) };
}

/** As people count, a column is a character from 1; esbuild counts bytes from 0. */
export function inBytes({ file, line, column }: Place, text: string): Place {
  const before = [...(linesOf(text)[line - 1]?.text ?? '')].slice(0, column - 1).join('');
  return { file, line, column: Buffer.byteLength(before) };
}
