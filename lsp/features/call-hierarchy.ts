/** Which functions call which: the callers of one, statements among them, and what it calls itself, on all pages at hand. */
import type { CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall } from 'vscode-languageserver-protocol';
import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Declaration } from '../../grammar/ast.ts';
import type { DeclaredName } from '../../grammar/names.ts';
import { rangeOf, type Analysis } from '../analysis.ts';
import { found, originOf, type Found, type PageAt } from './navigation.ts';
import { outlined, type Outlined } from './symbols.ts';

/** A call of a function that some page declares. */
interface Call {
  readonly analysis: Analysis;
  readonly span: Span;
  readonly of: Found;
}

export function prepareCalls(analysis: Analysis, offset: number, pageAt: PageAt): readonly CallHierarchyItem[] {
  const target = found(analysis, offset, pageAt);
  return target === undefined ? [] : itemsOf(target);
}

/** Of the function that stands at the place. */
export function incomingCalls(
  analysis: Analysis,
  offset: number,
  pages: readonly Analysis[],
  pageAt: PageAt,
): readonly CallHierarchyIncomingCall[] {
  const target = found(analysis, offset, pageAt);
  if (target === undefined) return [];
  return [...new Map([target.analysis, ...pages].map((page) => [page.uri, page])).values()].flatMap((page) => {
    const calls = callsIn(page, pageAt).filter(({ of }) => keyOf(of) === keyOf(target));
    return callersIn(page).flatMap(({ declaration, outline }) => {
      const own = calls.filter(({ span }) => isInside(span, declaration.span));
      return own.length === 0 ? [] : [{ from: item(page, outline), fromRanges: own.map(({ span }) => rangeOf(page, span)) }];
    });
  });
}

/** Of the function that stands at the place, or the statement. */
export function outgoingCalls(analysis: Analysis, offset: number, pageAt: PageAt): readonly CallHierarchyOutgoingCall[] {
  const caller = callersIn(analysis).find(({ outline: { selection } }) => selection.start <= offset && offset <= selection.end);
  if (caller === undefined) return [];
  const calls = callsIn(analysis, pageAt).filter(({ span }) => isInside(span, caller.declaration.span));
  return [...new Map(calls.map(({ of }) => [keyOf(of), of])).values()].flatMap((of) => {
    const fromRanges = calls.filter((call) => keyOf(call.of) === keyOf(of)).map(({ span }) => rangeOf(analysis, span));
    return itemsOf(of).map((to) => ({ to, fromRanges }));
  });
}

const isInside = (inner: Span, outer: Span): boolean => outer.start <= inner.start && inner.end <= outer.end;

const keyOf = ({ analysis, declared }: Found): string => `${declared.span.start} ${analysis.uri}`;

const callsIn = (analysis: Analysis, pageAt: PageAt): readonly Call[] =>
  analysis.names().used.flatMap(({ as, of, span }) => {
    if (as !== 'call' || of === undefined) return [];
    const target = originOf(analysis, of, pageAt);
    return target.declared.kind === 'fn' ? [{ analysis, span, of: target }] : [];
  });

/** Functions and statements; of a `let` of several names the first stands for all. */
const callersIn = ({ parsed }: Analysis): readonly { readonly declaration: Declaration; readonly outline: Outlined }[] =>
  parsed()
    .value.items.flatMap((each): readonly Declaration[] => (each.kind === 'problem' ? each.declarations : each.kind === 'fn' ? [each] : []))
    .flatMap((declaration) =>
      outlined(declaration)
        .slice(0, 1)
        .map((outline) => ({ declaration, outline })),
    );

const itemsOf = ({ analysis, declared }: { readonly analysis: Analysis; readonly declared: DeclaredName }): readonly CallHierarchyItem[] =>
  declared.kind === 'fn' ? outlined(declared.node).map((outline) => item(analysis, outline)) : [];

const item = (analysis: Analysis, { name, kind, span, selection }: Outlined): CallHierarchyItem => ({
  name,
  kind,
  uri: analysis.uri,
  range: rangeOf(analysis, span),
  selectionRange: rangeOf(analysis, selection),
});
