/** What a name is: how it is declared, its shape where it stands, and what is said of it; what a word of the language means. */
import { MarkupKind, type Hover } from 'vscode-languageserver-protocol';
import { printTensorType } from '../../compiler/check/types.ts';
import { evaluate, literal } from '../../compiler/ir/dims.ts';
import type { Span } from '../../diagnostics/diagnostic.ts';
import type { DeclaredName } from '../../grammar/names.ts';
import { nameAt, rangeOf, typeAt, type Analysis, type Named } from '../analysis.ts';
import { meaningOf, wordAt } from '../meaning.ts';
import { sizesAt } from '../plans.ts';
import { found, type Found } from './navigation.ts';
import { actsOf, planAt } from './plan-hover.ts';

const words: Readonly<Record<DeclaredName['kind'], string>> = {
  problem: 'a problem',
  import: 'imported',
  fn: 'a function',
  parameter: 'a parameter',
  'own-dim': 'a dim that the function solves from its arguments',
  rest: 'any number of dims',
  'index-set': 'an index set',
  state: 'a state of a `scan`',
  'loop-variable': 'a loop variable',
  dim: 'a dim',
  data: 'data',
  hyper: 'a hyper, chosen by the outer problem',
  param: 'a param, chosen by the inner problem',
  random: 'noise',
  let: 'a value',
  report: 'a report',
};

export function hover(analysis: Analysis, offset: number, pageAt: (uri: string) => Analysis | undefined): Hover | undefined {
  const named = nameAt(analysis, offset);
  const target = found(analysis, offset, pageAt);
  const known = target === undefined ? wordAt(analysis, offset) : undefined;
  const meaning = known === undefined ? undefined : meaningOf(known.word);
  const plan = named === undefined ? planAt(analysis, offset) : undefined;
  const parts = [
    ...(target === undefined ? [] : describe(target)),
    ...(meaning === undefined ? [] : [meaning]),
    ...(named === undefined ? [] : typeOf(analysis, named)),
    ...(plan?.said ?? []),
  ];
  const span = named?.span ?? plan?.span ?? known?.span;
  return parts.length === 0 || span === undefined
    ? undefined
    : { contents: { kind: MarkupKind.Markdown, value: parts.join('\n\n') }, range: rangeOf(analysis, span) };
}

/** What a declaration says, in Markdown. */
export function describe({ analysis, declared }: Found): readonly string[] {
  const text = analysis.document.getText();
  const spans: readonly Span[] = declared.kind === 'problem' ? [] : [declarationOf(declared)];
  const code = spans.map(({ start, end }) => `\`\`\`bilevel\n${firstLines(text.slice(start, end))}\n\`\`\``);
  return [...code, [words[declared.kind], ...actsOf(analysis, declared)].join('; '), ...docOf(declared)];
}

/** As much of a declaration as says what it is: of a function its head. */
export function declarationOf(declared: DeclaredName): Span {
  switch (declared.kind) {
    case 'parameter':
      return { ...declared.span, end: (declared.node.init ?? declared.node.type).span.end };
    case 'fn':
      return { ...declared.node.span, end: declared.node.result.span.end };
    case 'own-dim':
    case 'rest':
    case 'state':
    case 'loop-variable':
      return declared.span;
    default:
      return declared.node.span;
  }
}

const firstLines = (text: string): string => {
  const lines = text.split('\n');
  return lines.length > 6 ? [...lines.slice(0, 5), '…'].join('\n') : text;
};

const docOf = (declared: DeclaredName): readonly string[] =>
  'node' in declared && 'doc' in declared.node && declared.node.doc !== undefined ? [declared.node.doc] : [];

/** The shape of the expression that the name is; in numbers too, where data fix them. */
function typeOf(analysis: Analysis, { span }: Named): readonly string[] {
  const type = typeAt(analysis, span);
  if (type === undefined) return [];
  const sizes = new Map(Object.entries(sizesAt(analysis, span.start)));
  const numbers = type.shape.map((dim) => evaluate(dim, sizes));
  const isNews = type.shape.some((dim) => literal(dim) === undefined) && numbers.every((each) => each !== undefined);
  return [`here: ${printTensorType(type)}${isNews ? `, with its data [${numbers.join(', ')}]` : ''}`];
}
