/**
 * Colours by what a name is, not by how it is spelt: full, in a range, and what has changed since an answer. Types and modifiers are the
 * standard ones, so that every theme has colours for them; a theme that wants to tell hypers from params by more than these has `hyper`,
 * `param` and `data`.
 */
import type { SemanticTokensEdit, SemanticTokensLegend } from 'vscode-languageserver-protocol';
import { strategies, innerMethods, outerMethods, type MethodTable } from '../../compiler/check/methods.ts';
import { libraryNames } from '../../compiler/lower/library/table.ts';
import type { Span } from '../../diagnostics/diagnostic.ts';
import type { ColumnSelector, Page } from '../../grammar/ast.ts';
import type { DeclaredName, UsedName } from '../../grammar/names.ts';
import type { Word } from '../../grammar/words.ts';
import type { Analysis } from '../analysis.ts';

const types = [
  'namespace',
  'type',
  'typeParameter',
  'enum',
  'enumMember',
  'parameter',
  'variable',
  'property',
  'function',
  'keyword',
  'comment',
  'string',
  'number',
  'operator',
] as const;
const modifiers = ['declaration', 'readonly', 'defaultLibrary', 'documentation', 'hyper', 'param', 'data'] as const;

export const legend: SemanticTokensLegend = { tokenTypes: [...types], tokenModifiers: [...modifiers] };

interface Colour {
  readonly type: (typeof types)[number];
  readonly modifiers: readonly (typeof modifiers)[number][];
}

const colour = (type: Colour['type'], ...own: Colour['modifiers']): Colour => ({ type, modifiers: own });

const colours: Readonly<Record<DeclaredName['kind'], Colour>> = {
  problem: colour('namespace'),
  import: colour('function'),
  fn: colour('function'),
  parameter: colour('parameter'),
  'own-dim': colour('typeParameter'),
  rest: colour('typeParameter'),
  dim: colour('typeParameter'),
  'index-set': colour('enum'),
  data: colour('variable', 'readonly', 'data'),
  random: colour('variable', 'readonly', 'data'),
  hyper: colour('property', 'hyper'),
  param: colour('variable', 'param'),
  let: colour('variable', 'readonly'),
  report: colour('variable', 'readonly'),
  'loop-variable': colour('parameter'),
  state: colour('parameter'),
};

/** The answer's numbers: five a token, as the protocol counts them. `within`: of the tokens that this touches. */
export function semanticTokens(analysis: Analysis, within?: Span): readonly number[] {
  const { document } = analysis;
  const data: number[] = [];
  let [line, character] = [0, 0];
  const isWithin = ({ start, end }: Span): boolean => within === undefined || (start < within.end && end > within.start);
  for (const { span, type, modifiers: own } of coloured(analysis).filter((each) => isWithin(each.span)))
    for (const part of lines(document.getText(), span)) {
      const at = document.positionAt(part.start);
      data.push(at.line - line, at.line === line ? at.character - character : at.character, part.end - part.start);
      data.push(
        types.indexOf(type),
        own.reduce((bits, each) => bits | (1 << modifiers.indexOf(each)), 0),
      );
      ({ line, character } = at);
    }
  return data;
}

/** From one answer to the next: what stands between their common beginning and their common end. */
export function tokenEdits(before: readonly number[], after: readonly number[]): readonly SemanticTokensEdit[] {
  const most = Math.min(before.length, after.length);
  let [head, tail] = [0, 0];
  while (head < most && before[head] === after[head]) head += 1;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  if (head === before.length && head === after.length) return [];
  return [{ start: head, deleteCount: before.length - head - tail, data: after.slice(head, after.length - tail) }];
}

function coloured({ parsed, names, words }: Analysis): readonly (Colour & { readonly span: Span })[] {
  const { declared, used } = names();
  const byPlace = new Map<number, Colour | undefined>([
    ...headers(parsed().value).map((span) => [span.start, colour('string')] as const),
    ...methods(parsed().value).map((span) => [span.start, colour('function', 'defaultLibrary')] as const),
    ...used.map((use) => [use.span.start, ofUse(use)] as const),
    ...declared.map(({ kind, span }) => [span.start, declares(colours[kind])] as const),
  ]);
  return words().flatMap((word) => {
    const isName = word.class === 'name' || word.class === 'special';
    const found = isName && byPlace.has(word.span.start) ? byPlace.get(word.span.start) : ofWord(word);
    return found === undefined ? [] : [{ ...found, span: word.span }];
  });
}

const declares = ({ type, modifiers: own }: Colour): Colour => colour(type, 'declaration', ...own);

/** What the page does not declare is the library's, or nobody's and has no colour. */
function ofUse({ name, as, of }: UsedName): Colour | undefined {
  if (of !== undefined) return colours[of.kind];
  if (as === 'argument') return colour('parameter', 'defaultLibrary');
  if (as === 'call') return libraryNames().includes(name) ? colour('function', 'defaultLibrary') : undefined;
  if (name === 'pi' || name === 'step') return colour('variable', 'readonly', 'defaultLibrary');
  return optionWords.has(name) ? colour('enumMember', 'defaultLibrary') : undefined;
}

const wordsOfOptions = (table: MethodTable): readonly string[] =>
  Object.values(table).flatMap(({ options }) => Object.values(options).flatMap(({ kind }) => (kind.is === 'word' ? kind.words : [])));

/** What stands behind the `=` of a solver's option and is no value. */
const optionWords: ReadonlySet<string> = new Set(['true', 'false', ...[innerMethods, outerMethods, strategies].flatMap(wordsOfOptions)]);

const kindNames: ReadonlySet<string> = new Set(['real', 'positive', 'nonnegative', 'unit', 'simplex', 'int', 'choice']);

function ofWord({ class: type, text }: Word): Colour | undefined {
  switch (type) {
    case 'keyword':
    case 'special':
      return colour('keyword');
    case 'number':
    case 'string':
    case 'operator':
      return colour(type);
    case 'comment':
      return text.startsWith('///') ? colour('comment', 'documentation') : colour('comment');
    case 'name':
      return kindNames.has(text) ? colour('type', 'defaultLibrary') : undefined;
    case 'opener':
    case 'closer':
    case 'separator':
      return undefined;
  }
}

const declarationsOf = ({ items }: Page) => items.flatMap((item) => (item.kind === 'problem' ? item.declarations : []));

/** Bare names of columns and arrays of files, which mean nothing on the page. */
function headers(page: Page): readonly Span[] {
  const of = (selector: ColumnSelector): readonly Span[] => {
    switch (selector.kind) {
      case 'header':
        return [selector.span];
      case 'position':
        return [];
      case 'range':
        return [selector.from, selector.to].flatMap(of);
      case 'list':
        return selector.items.flatMap(of);
    }
  };
  return declarationsOf(page).flatMap((declaration) => {
    if (declaration.kind !== 'data' || declaration.from === undefined) return [];
    const { columns, array } = declaration.from;
    return [...(columns === undefined ? [] : of(columns)), ...(array === undefined ? [] : [array.span])];
  });
}

/** Names of solvers, of strategies and of what is drawn from. */
const methods = (page: Page): readonly Span[] =>
  declarationsOf(page).flatMap((declaration) => {
    switch (declaration.kind) {
      case 'solve-inner':
      case 'solve-outer':
      case 'differentiate':
        return [declaration.method.callee.span];
      case 'param':
      case 'random':
        return declaration.distribution === undefined ? [] : [declaration.distribution.callee.span];
      default:
        return [];
    }
  });

/** A stretch of text line by line: a token has one line. */
function lines(text: string, { start, end }: Span): readonly { readonly start: number; readonly end: number }[] {
  const parts: { start: number; end: number }[] = [];
  let from = start;
  for (const line of text.slice(start, end).split(/(\r\n|\n|\r)/u)) {
    if (line !== '' && !/^[\n\r]/u.test(line)) parts.push({ start: from, end: from + line.length });
    from += line.length;
  }
  return parts;
}
