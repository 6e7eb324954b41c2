/**
 * Owns the way from text to tree: outline, parse and build item by item. All of a page's mistakes come out of one run, each once:
 * what the parser says about a statement that was already found broken is a consequence, and is not said.
 */
import { EOF, tokenMatcher, type IToken } from 'chevrotain';
import type { Diagnostic, Result, Span } from '../diagnostics/diagnostic.ts';
import { moved, moveOf } from '../diagnostics/moved.ts';
import * as syntax from '../diagnostics/syntax.ts';
import type { Comment, Page } from './ast.ts';
import { buildPage } from './build-ast.ts';
import { foreignClause } from './foreign-names.ts';
import { endsExpression } from './habits.ts';
import { indexOfStatement, nestingLimit } from './outline.ts';
import { outlined, type Outlined } from './outlined.ts';
import { readPage, type ParserError } from './parser.ts';
import * as t from './tokens.ts';

/** A page that has been read, and what the next reading of it may take over. */
export interface Parsed extends Result<Page> {
  readonly outlined: Outlined;
  /** The items without mistakes, by all that they depend on. */
  readonly pieces: ReadonlyMap<string, Piece>;
}

/** An item without mistakes. */
export interface Piece {
  readonly item: Page['items'][number];
  /** All that it depends on, but its place: two of one key are the same, one moved. */
  readonly key: string;
  /** Every name in it. */
  readonly names: ReadonlySet<string>;
}

/**
 * Parses any text whatever: a page always comes back, with `missing` nodes where something could not be read, and then at least one error.
 * `file` only names the text in spans. Diagnostics are in the order of the text. Never throws. Items that are as they were in `before`, an
 * earlier reading of the file, are taken from it: the same objects where they stand where they stood.
 */
export function parse(text: string, file: string, before?: Parsed): Parsed {
  const words = outlined(text, file);
  const diagnostics: Diagnostic[] = [...words.habits, ...words.mistakes];
  const broken = new Set(words.repaired);
  const reportOnce = (offset: number, diagnostic: Diagnostic): void => {
    const statement = indexOfStatement(words.starts, offset);
    if (broken.has(statement)) return;
    broken.add(statement);
    diagnostics.push(diagnostic);
  };

  // What the parser finds around a character that means nothing is a consequence of it: `c ? a : b`.
  for (const { code, span } of words.habits) {
    if (code === syntax.unknownCharacter.kind.code && span !== undefined) broken.add(indexOfStatement(words.starts, span.start));
  }

  const { docs, others } = attachDocs(words.comments, words.tokens, file, text);
  const pieces = new Map<string, Piece>();
  const read = ({ tokens, next }: Stretch): Page['items'] => {
    const { cst, errors } = readPage(tokens);
    for (const { found, ...error } of errors) {
      const behind = isReal(found) ? found : (next ?? found);
      const place = isReal(error.before) ? error.before.startOffset : isReal(behind) ? behind.startOffset : 0;
      reportOnce(place, explain({ ...error, found: behind }, file, text));
    }
    const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
    return buildPage(cst, { file, text, report, reportOnce, docAt: (offset) => docs.get(offset) });
  };
  const take = (stretch: Stretch): Page['items'] => {
    const { start, end } = stretch;
    const isWhole = ({ span }: Diagnostic): boolean => span === undefined || span.end < start || end < span.start;
    if (!diagnostics.every(isWhole)) return read(stretch);
    const key = keyOf(stretch, text, docs.get(start));
    const known = before?.pieces.get(key);
    if (known !== undefined) {
      const { span } = known.item;
      const by = start - span.start;
      const item = by === 0 ? known.item : moved(known.item, moveOf([{ span, by }]));
      pieces.set(key, { ...known, item });
      return [item];
    }
    const found = diagnostics.length;
    const items = read(stretch);
    const [item] = items;
    if (item !== undefined && items.length === 1 && diagnostics.length === found)
      pieces.set(key, { item, key, names: namesIn(stretch.tokens) });
    return items;
  };
  const items = ((): Page['items'] => {
    try {
      return stretchesOf(words.tokens, text.length).flatMap(take);
    } catch (thrown) {
      // The nesting limit keeps the recursion within a usual stack; a caller may have left less of it.
      if (!(thrown instanceof RangeError)) throw thrown;
      diagnostics.push(syntax.tooDeep({ span: { file, start: 0, end: 0 } }, { limit: nestingLimit, what: 'the brackets of this page' }));
      return [];
    }
  })();
  diagnostics.sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
  return { value: { file, text, items, comments: others }, diagnostics, outlined: words, pieces };
}

/** The words of an item of the page, and what stands behind them up to the next. */
interface Stretch {
  readonly tokens: IToken[];
  readonly start: number;
  readonly end: number;
  /** The first word behind it. */
  readonly next: IToken | undefined;
}

/** What is outside of all items stands behind one, or before the first. */
function stretchesOf(tokens: readonly IToken[], length: number): readonly Stretch[] {
  const begins: number[] = [];
  let depth = 0;
  tokens.forEach(({ tokenType }, i) => {
    const isItem = tokenType === t.Problem || tokenType === t.Fn || tokenType === t.Import;
    if (i === 0 || (depth === 0 && isItem)) begins.push(i);
    if (tokenType === t.ProblemOpen) depth += 1;
    if (tokenType === t.ProblemClose) depth -= 1;
  });
  return begins.map((begin, k) => {
    const own = tokens.slice(begin, begins[k + 1]);
    const [first, last] = [own[0], own.at(-1)];
    const next = tokens[begins[k + 1] ?? tokens.length];
    return { tokens: own, start: first?.startOffset ?? 0, end: last === undefined ? length : t.endOf(last), next };
  });
}

/** What words mean in their place is in their types, which other words of the page have a part in. */
const keyOf = ({ tokens, start, end }: Stretch, text: string, doc = ''): string =>
  [doc, tokens.map(({ tokenTypeIdx }) => tokenTypeIdx).join(' '), text.slice(start, end)].join('\n');

const namesIn = (tokens: readonly IToken[]): ReadonlySet<string> =>
  new Set(tokens.flatMap((token) => (tokenMatcher(token, t.Identifier) ? [token.image] : [])));

const isReal = (token: IToken | undefined): token is IToken =>
  token !== undefined && token.tokenType !== EOF && !Number.isNaN(token.startOffset);

/** The sentence about a parser error: what was found, what was expected, and the habit behind it where there is one. */
function explain(error: ParserError, file: string, text: string): Diagnostic {
  const { expected, found } = error;
  const before = isReal(error.before) ? error.before : undefined;
  const beforeSpan: Span = before === undefined ? { file, start: 0, end: 0 } : { file, start: before.startOffset, end: t.endOf(before) };
  const foundSpan: Span | undefined =
    isReal(found) && found.image !== '' ? { file, start: found.startOffset, end: t.endOf(found) } : undefined;
  if (found.tokenType === t.DotDot && foundSpan !== undefined) return syntax.rangeOutsideIndex({ span: foundSpan }, {});
  const startsValue =
    tokenMatcher(found, t.Identifier) ||
    tokenMatcher(found, t.NumberLiteral) ||
    tokenMatcher(found, t.StringLiteral) ||
    found.image === '(';
  const insideBrackets = expected === '`)`' || expected === '`]`' || expected === '`}`';
  if (foundSpan !== undefined && startsValue && insideBrackets && before !== undefined && endsExpression(before)) {
    const hint = 'write an operator or a comma between them';
    return syntax.sideBySide({ span: foundSpan }, { found: `\`${found.image}\``, before: `\`${before.image}\``, hint });
  }
  // What was found on a later line is right in its own place: the gap is behind what stands before.
  const sameLine = foundSpan !== undefined && !/[\n\r]/.test(text.slice(beforeSpan.end, foundSpan.start));
  const span = foundSpan !== undefined && (sameLine || before === undefined) ? foundSpan : beforeSpan;
  const clause = insideBrackets ? foreignClause.get(found.image) : undefined;
  const isTaken = t.reservedWords.includes(found.image) && expected === 'a name';
  const hints = isTaken ? [`\`${found.image}\` is reserved; choose another name`] : [];
  const after = before === undefined || before.image === '' ? {} : { after: `\`${before.image}\`` };
  return syntax.unexpectedToken({ span, hints }, { expected, found: describe(found), ...after, here: clause });
}

function describe(found: IToken): string {
  if (found.tokenType === EOF) return 'the end of the file';
  if (found.image === '') return 'the end of the statement';
  if (t.statementTypes.has(found.tokenType.name.toLowerCase())) return `the next statement, \`${found.image}\``;
  return `\`${found.image}\``;
}

/** Gives each run of `///` lines to the statement right below it; all other comments, and a `///` behind a statement, stay comments. */
function attachDocs(
  comments: readonly IToken[],
  tokens: readonly IToken[],
  file: string,
  text: string,
): { docs: Map<number, string>; others: Comment[] } {
  const lines = new Map<number, string[]>();
  const others: Comment[] = [];
  let next = 0;
  for (const comment of comments) {
    while (next < tokens.length && (tokens[next]?.startOffset ?? 0) < comment.startOffset) next += 1;
    // Inserted brackets lie right behind the token before them, so what is found here was written below.
    const owner = tokens[next];
    const isDoc = comment.image.startsWith('///') && !comment.image.startsWith('////') && startsLine(comment, text);
    if (isDoc && owner !== undefined && takesDoc(owner)) {
      const doc = lines.get(owner.startOffset) ?? [];
      doc.push(comment.image.slice(3).replace(/^ /, '').trimEnd());
      lines.set(owner.startOffset, doc);
    } else {
      others.push({ text: comment.image.trimEnd(), span: { file, start: comment.startOffset, end: t.endOf(comment) } });
    }
  }
  return { docs: new Map([...lines].map(([offset, doc]) => [offset, doc.join('\n')])), others };
}

/** Nothing but blanks stands before it in its line. */
function startsLine({ startOffset }: IToken, text: string): boolean {
  let at = startOffset - 1;
  while (at >= 0 && /[^\S\n\r]/u.test(text[at] ?? '')) at -= 1;
  return at < 0 || text[at] === '\n' || text[at] === '\r';
}

const takesDoc = (token: IToken): boolean =>
  token.tokenType === t.BlockLet ||
  (token.tokenType !== t.Import && t.statementTypes.get(token.tokenType.name.toLowerCase()) === token.tokenType);
