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
import { namesOf, type DeclaredName, type UsedName } from '../../grammar/names.ts';
import type { Section } from '../../grammar/parse.ts';
import { wordsIn, type Word } from '../../grammar/words.ts';
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

/** As the protocol counts them: the place of the type in the legend, and a bit for each modifier. */
interface Colour {
  readonly type: number;
  readonly modifiers: number;
}

const colour = (type: (typeof types)[number], ...own: readonly (typeof modifiers)[number][]): Colour => ({
  type: types.indexOf(type),
  modifiers: own.reduce((bits, each) => bits | bitOf(each), 0),
});

const bitOf = (modifier: (typeof modifiers)[number]): number => 1 << modifiers.indexOf(modifier);

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

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** The answer's numbers: five a token, as the protocol counts them. `within`: of the tokens that this touches. */
export function semanticTokens(analysis: Analysis, within?: Span): readonly number[] {
  const [from, to] = within === undefined ? [] : [within.start, within.end].map((offset) => analysis.document.positionAt(offset));
  const data: number[] = [];
  let [line, character, begin] = [0, 0, 0];
  for (const { parts, lineCount } of paintedIn(analysis)) {
    for (let i = 0; i < parts.length; i += 5) {
      const now = begin + (parts[i] ?? 0);
      const column = parts[i + 1] ?? 0;
      const length = parts[i + 2] ?? 0;
      if (from !== undefined && (now < from.line || (now === from.line && column + length <= from.character))) continue;
      if (to !== undefined && (now > to.line || (now === to.line && column >= to.character))) continue;
      data.push(now - line, now === line ? column - character : column, length, parts[i + 3] ?? 0, parts[i + 4] ?? 0);
      [line, character] = [now, column];
    }
    begin += lineCount;
  }
  return data;
}

/** What a section looks like, wherever it stands. */
interface Painted {
  /** Five numbers a part of a word: its line in the section, its column, its length, its type and its modifiers. */
  readonly parts: readonly number[];
  readonly lineCount: number;
}

/** Of sections that an analysis has: what they look like, and with which functions and imports around. */
const kept = new WeakMap<Section['outlined'], { readonly shared: string; readonly painted: Painted }>();

/** A problem is painted anew where it has changed, or what the page has besides problems. */
function paintedIn(analysis: Analysis): readonly Painted[] {
  const { sections } = analysis.parsed();
  const shared = sections.flatMap((section) => (isProblem(section) ? [] : section.key)).join('\n');
  return sections.map((section, i) => {
    const known = kept.get(section.outlined);
    if (known?.shared === shared) return known.painted;
    const painted = paint(analysis, section, sections[i + 1]?.start);
    kept.set(section.outlined, { shared, painted });
    return painted;
  });
}

const isProblem = ({ items: [item, ...more] }: Section): boolean => item?.kind === 'problem' && more.length === 0;

function paint(analysis: Analysis, section: Section, end: number | undefined): Painted {
  const text = analysis.document.getText().slice(section.start, end);
  const parts: number[] = [];
  // Words come in their order, so lines are counted on the way.
  let [at, line, lineStart] = [0, 0, 0];
  const goTo = (offset: number): void => {
    for (; at < offset; at += 1) {
      const code = text.charCodeAt(at);
      if (code !== LINE_FEED && (code !== CARRIAGE_RETURN || text.charCodeAt(at + 1) === LINE_FEED)) continue;
      line += 1;
      lineStart = at + 1;
    }
  };
  for (const [word, { type, modifiers: bits }] of coloured(analysis, section))
    for (const part of lines(word)) {
      goTo(part.start - section.start);
      parts.push(line, at - lineStart, part.end - part.start, type, bits);
    }
  goTo(text.length);
  return { parts, lineCount: line };
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

function coloured(analysis: Analysis, section: Section): readonly (readonly [Word, Colour])[] {
  const page = analysis.parsed().value;
  // Names of other problems are none here.
  const shared = page.items.filter(({ kind }) => kind !== 'problem');
  const { declared, used } = isProblem(section) ? namesOf({ ...page, items: [...shared, ...section.items] }) : analysis.names();
  const library = new Set(libraryNames());
  const byPlace = new Map<number, Colour | undefined>();
  for (const { start } of headers(section)) byPlace.set(start, plainColours.header);
  for (const { start } of methods(section)) byPlace.set(start, plainColours.known);
  for (const use of used) byPlace.set(use.span.start, ofUse(use, library));
  for (const { kind, span } of declared) byPlace.set(span.start, declares(colours[kind]));
  const words = wordsIn(section, analysis.uri, section.start);
  return words.flatMap((word): readonly [] | readonly [readonly [Word, Colour]] => {
    const isName = word.class === 'name' || word.class === 'special';
    const found = isName && byPlace.has(word.span.start) ? byPlace.get(word.span.start) : ofWord(word);
    return found === undefined ? [] : [[word, found]];
  });
}

const declares = ({ type, modifiers: bits }: Colour): Colour => ({ type, modifiers: bits | bitOf('declaration') });

/** Of words that no declaration gives a colour. */
const plainColours = {
  header: colour('string'),
  known: colour('function', 'defaultLibrary'),
  argument: colour('parameter', 'defaultLibrary'),
  constant: colour('variable', 'readonly', 'defaultLibrary'),
  option: colour('enumMember', 'defaultLibrary'),
  kind: colour('type', 'defaultLibrary'),
  keyword: colour('keyword'),
  number: colour('number'),
  string: colour('string'),
  operator: colour('operator'),
  comment: colour('comment'),
  doc: colour('comment', 'documentation'),
} as const;

/** What the page does not declare is the library's, or nobody's and has no colour. */
function ofUse({ name, as, of }: UsedName, library: ReadonlySet<string>): Colour | undefined {
  if (of !== undefined) return colours[of.kind];
  if (as === 'argument') return plainColours.argument;
  if (as === 'call') return library.has(name) ? plainColours.known : undefined;
  if (name === 'pi' || name === 'step') return plainColours.constant;
  return optionWords.has(name) ? plainColours.option : undefined;
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
      return plainColours.keyword;
    case 'number':
    case 'string':
    case 'operator':
      return plainColours[type];
    case 'comment':
      return text.startsWith('///') ? plainColours.doc : plainColours.comment;
    case 'name':
      return kindNames.has(text) ? plainColours.kind : undefined;
    case 'opener':
    case 'closer':
    case 'separator':
      return undefined;
  }
}

const declarationsOf = ({ items }: Pick<Page, 'items'>) => items.flatMap((item) => (item.kind === 'problem' ? item.declarations : []));

/** Bare names of columns and arrays of files, which mean nothing on the page. */
function headers(page: Pick<Page, 'items'>): readonly Span[] {
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
const methods = (page: Pick<Page, 'items'>): readonly Span[] =>
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

/** A word line by line: a token has one line. */
function lines({ text, span }: Word): readonly { readonly start: number; readonly end: number }[] {
  if (!/[\n\r]/u.test(text)) return [span];
  const parts: { start: number; end: number }[] = [];
  let from = span.start;
  for (const line of text.split(/(\r\n|\n|\r)/u)) {
    if (line !== '' && !/^[\n\r]/u.test(line)) parts.push({ start: from, end: from + line.length });
    from += line.length;
  }
  return parts;
}
