/** The outline of a page, and the names of all pages. */
import { SymbolKind, type DocumentSymbol, type SymbolInformation } from 'vscode-languageserver-protocol';
import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Declaration, Identifier } from '../../grammar/ast.ts';
import { rangeOf, type Analysis } from '../analysis.ts';

export interface Outlined {
  readonly name: string;
  readonly kind: SymbolKind;
  readonly span: Span;
  readonly selection: Span;
}

export function documentSymbols(analysis: Analysis): readonly DocumentSymbol[] {
  const symbol = ({ name, kind, span, selection }: Outlined, children: readonly DocumentSymbol[] = []): DocumentSymbol => ({
    name,
    kind,
    range: rangeOf(analysis, span),
    selectionRange: rangeOf(analysis, selection),
    ...(children.length === 0 ? {} : { children: [...children] }),
  });
  return analysis.parsed().value.items.flatMap((item) => {
    switch (item.kind) {
      case 'import':
        return [];
      case 'fn':
        return outlined(item).map((each) => symbol(each));
      case 'problem': {
        const children = item.declarations.flatMap(outlined).map((each) => symbol(each));
        return [
          symbol({ name: item.name.name || 'problem', kind: SymbolKind.Module, span: item.span, selection: item.name.span }, children),
        ];
      }
    }
  });
}

export function workspaceSymbols(pages: readonly Analysis[], query: string): readonly SymbolInformation[] {
  const wanted = query.toLowerCase();
  return pages.flatMap((analysis) =>
    analysis
      .names()
      .declared.filter(({ kind, name }) => kind in kinds && name.toLowerCase().includes(wanted))
      .map(({ kind, name, span }) => ({
        name,
        kind: kinds[kind as keyof typeof kinds],
        location: { uri: analysis.uri, range: rangeOf(analysis, span) },
      })),
  );
}

const kinds = {
  problem: SymbolKind.Module,
  dim: SymbolKind.TypeParameter,
  'index-set': SymbolKind.Enum,
  data: SymbolKind.Array,
  hyper: SymbolKind.Property,
  param: SymbolKind.Variable,
  random: SymbolKind.Event,
  let: SymbolKind.Constant,
  fn: SymbolKind.Function,
  report: SymbolKind.Field,
} as const;

/** What a declaration shows in an outline; both losses and the methods too, which have no name. */
export function outlined(declaration: Declaration): readonly Outlined[] {
  const { span } = declaration;
  const named = (kind: SymbolKind, names: readonly Identifier[]): readonly Outlined[] =>
    names.filter(({ name }) => name !== '').map(({ name, span: selection }) => ({ name, kind, span, selection }));
  const word = (name: string): readonly Outlined[] => [{ name, kind: SymbolKind.Operator, span, selection: span }];
  switch (declaration.kind) {
    case 'dim':
      return named(
        kinds.dim,
        declaration.dims.map(({ name }) => name),
      );
    case 'split':
      return named(
        kinds['index-set'],
        declaration.parts.map(({ name }) => name),
      );
    case 'let':
      return named(kinds.let, declaration.names);
    case 'data':
    case 'hyper':
    case 'param':
    case 'random':
    case 'fn':
    case 'report':
      return named(kinds[declaration.kind], [declaration.name]);
    case 'inner':
      return word('inner minimize');
    case 'outer':
      return word(`outer ${declaration.direction}`);
    case 'solve-inner':
      return word('solve inner');
    case 'solve-outer':
      return word('solve outer');
    case 'differentiate':
      return word('differentiate');
  }
}
