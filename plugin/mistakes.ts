/** What is wrong with a page, in the forms in which bundlers and Node want to be told. Knows no bundler's interface, only what they print. */
import { relative, resolve } from 'node:path';
import { beside } from '../compiler/paths.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { linesOf, positionOf, type Position } from '../diagnostics/position.ts';
import { renderDiagnostic, renderParts, type Sources } from '../diagnostics/render.ts';
import type { ImportedPage } from './page.ts';

/** Where a page stands: its file, and the name under which people are told of it. */
export interface ShownPage {
  readonly file: string;
  readonly shown: string;
  /** Of the page and of those that it imports, under the names that people are told. */
  readonly sources: Sources;
}

/** A file as people are told of it: from the folder where the program runs, if it is in there. */
export function shownAt(file: string, { page, imports }: ImportedPage): ShownPage {
  const near = relative(process.cwd(), file).replaceAll('\\', '/');
  const shown = near.startsWith('../') ? file : near;
  const texts = new Map([...imports, [page.name, page.text] as const].map(([name, text]) => [beside(shown, name), text]));
  return { file, shown, sources: (name) => texts.get(name) };
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
  /** The file of `loc`, as people are told of it. */
  readonly shownFile: string;
  /** The lines of the page around the first mistake. */
  readonly frame: string;

  /** `wholly`: the message of a single mistake shows the lines of the page too, for whoever shows only messages. */
  constructor(diagnostics: readonly Diagnostic[], page: ShownPage, wholly: boolean) {
    const [first, ...others] = shownAs(diagnostics, page);
    const { sources } = page;
    const parts = first && renderParts(first, sources);
    const head = parts === undefined ? [] : [parts.header, ...(wholly || others.length > 0 ? [parts.frame] : []), parts.hints];
    super([head.filter((part) => part !== '').join('\n'), ...others.map((d) => renderDiagnostic(d, sources))].join('\n\n'));
    this.code = first?.code ?? '';
    this.id = page.file;
    this.shownFile = first?.span?.file ?? page.shown;
    this.loc = placeOf(first, page);
    this.frame = parts?.frame ?? '';
  }
}

/** Errors first: what stops a page is what its author must read. */
const shownAs = (diagnostics: readonly Diagnostic[], { shown }: ShownPage): readonly Diagnostic[] =>
  [...diagnostics].sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error')).map((d) => underName(d, shown));

/** A page is compiled under a name without a folder, and all spans are named from it; people want to know where it stands. */
export const underName = (diagnostic: Diagnostic, file: string): Diagnostic => ({
  ...diagnostic,
  ...(diagnostic.span === undefined ? {} : { span: { ...diagnostic.span, file: beside(file, diagnostic.span.file) } }),
  labels: diagnostic.labels.map(({ message, span }) => ({ message, span: { ...span, file: beside(file, span.file) } })),
});

function placeOf(diagnostic: Diagnostic | undefined, { file, shown, sources }: ShownPage): Place {
  const own = diagnostic?.span?.file ?? shown;
  const text = sources(own) ?? '';
  return { file: own === shown ? file : resolve(own), ...positionOf(linesOf(text), diagnostic?.span?.start ?? 0) };
}

/** As people count, a column is a character from 1; esbuild counts bytes from 0. */
export function inBytes({ file, line, column }: Place, text: string): Place {
  const before = [...(linesOf(text)[line - 1]?.text ?? '')].slice(0, column - 1).join('');
  return { file, line, column: Buffer.byteLength(before) };
}
