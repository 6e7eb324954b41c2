/** Definition, references and highlights of a name; a function of another page is looked for there. */
import { DocumentHighlightKind, type DocumentHighlight, type Location } from 'vscode-languageserver-protocol';
import { beside } from '../../compiler/paths.ts';
import type { DeclaredName } from '../../grammar/names.ts';
import { nameAt, placesOf, rangeOf, type Analysis } from '../analysis.ts';

export type PageAt = (uri: string) => Analysis | undefined;

/** A declaration and the page that it stands on: an imported name's is on the page that it comes from. */
export interface Found {
  readonly analysis: Analysis;
  readonly declared: DeclaredName;
}

export function found(analysis: Analysis, offset: number, pageAt: PageAt): Found | undefined {
  const declared = nameAt(analysis, offset)?.declared;
  return declared === undefined ? undefined : originOf(analysis, declared, pageAt);
}

/** Where a name is declared in the end: an imported one on the page that it comes from, if that has it. */
export const originOf = (analysis: Analysis, declared: DeclaredName, pageAt: PageAt): Found =>
  origin(analysis, declared, pageAt) ?? { analysis, declared };

function origin(analysis: Analysis, declared: DeclaredName, pageAt: PageAt): Found | undefined {
  if (declared.kind !== 'import') return undefined;
  const other = pageAt(beside(analysis.uri, declared.node.path));
  const there = other?.names().declared.find(({ kind, name, scope }) => kind === 'fn' && name === declared.name && scope.start === 0);
  return other === undefined || there === undefined ? undefined : { analysis: other, declared: there };
}

export function definition(analysis: Analysis, offset: number, pageAt: PageAt): Location | undefined {
  const target = found(analysis, offset, pageAt);
  return target === undefined ? undefined : { uri: target.analysis.uri, range: rangeOf(target.analysis, target.declared.span) };
}

/** All places of a name, in all pages at hand; with its declaration where that is asked for. */
export function references(
  analysis: Analysis,
  offset: number,
  pages: readonly Analysis[],
  pageAt: PageAt,
  { withDeclaration }: { readonly withDeclaration: boolean },
): readonly Location[] {
  const target = found(analysis, offset, pageAt);
  if (target === undefined) return [];
  const isTarget = (one: Found | undefined): boolean =>
    one?.analysis.uri === target.analysis.uri && one.declared.span.start === target.declared.span.start;
  return [...new Map([target.analysis, ...pages].map((page) => [page.uri, page])).values()].flatMap((page) =>
    page
      .names()
      .declared.filter((declared) => isTarget(originOf(page, declared, pageAt)))
      .flatMap((declared) => placesOf(page, declared).slice(withDeclaration || declared.kind === 'import' ? 0 : 1))
      .map((span) => ({ uri: page.uri, range: rangeOf(page, span) })),
  );
}

export function highlights(analysis: Analysis, offset: number): readonly DocumentHighlight[] {
  const named = nameAt(analysis, offset);
  if (named === undefined) return [];
  const { declared } = named;
  const spans =
    declared === undefined
      ? analysis
          .names()
          .used.filter(({ name, of }) => of === undefined && name === named.name)
          .map(({ span }) => span)
      : placesOf(analysis, declared);
  return spans.map((span) => ({
    range: rangeOf(analysis, span),
    kind: span === declared?.span ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
  }));
}
