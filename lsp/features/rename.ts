/** Renames what a page declares, wherever it is used; says why where it cannot. */
import type { Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { isName } from '../../grammar/tokens.ts';
import { nameAt, rangeOf, type Analysis } from '../analysis.ts';
import { references } from './navigation.ts';

type PageAt = (uri: string) => Analysis | undefined;

/** What is renamed at a place, or why nothing is. */
export function prepareRename(
  analysis: Analysis,
  offset: number,
): { readonly range: Range; readonly placeholder: string } | { readonly because: string } {
  const named = nameAt(analysis, offset);
  if (named === undefined) return { because: 'there is no name here' };
  if (named.declared === undefined) {
    const what = named.use?.as === 'argument' ? 'the name of an argument' : 'not declared on this page';
    return { because: `\`${named.name}\` is ${what}` };
  }
  return { range: rangeOf(analysis, named.span), placeholder: named.name };
}

export function rename(
  analysis: Analysis,
  offset: number,
  wanted: string,
  pages: readonly Analysis[],
  pageAt: PageAt,
): { readonly edit: WorkspaceEdit } | { readonly because: string } {
  const prepared = prepareRename(analysis, offset);
  if ('because' in prepared) return prepared;
  if (!isName(wanted))
    return { because: `\`${wanted}\` is not a name: a letter or \`_\`, then letters, digits and \`_\`, and no reserved word` };
  const changes: Record<string, TextEdit[]> = {};
  for (const { uri, range } of references(analysis, offset, pages, pageAt, { withDeclaration: true }))
    (changes[uri] ??= []).push({ range, newText: wanted });
  const taken = Object.keys(changes).find(
    (uri) =>
      pageAt(uri)
        ?.names()
        .declared.some(({ name }) => name === wanted) === true,
  );
  if (taken !== undefined && wanted !== prepared.placeholder)
    return { because: `\`${wanted}\` is declared already, in ${taken.split('/').at(-1) ?? taken}` };
  return { edit: { changes } };
}
