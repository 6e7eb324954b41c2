/**
 * Owns the way from text to tree: cut, outline, parse and build, section by section. All of a page's mistakes come out of one run, each once:
 * what the parser says about a statement that was already found broken is a consequence, and is not said.
 */
import { EOF, tokenMatcher, type IToken } from 'chevrotain';
import type { Diagnostic, Edit, Result, Span } from '../diagnostics/diagnostic.ts';
import { behind, certainly, inFront, perhaps, replaced } from '../diagnostics/fix.ts';
import { moved, moveOf } from '../diagnostics/moved.ts';
import * as syntax from '../diagnostics/syntax.ts';
import type { Comment, Page } from './ast.ts';
import { buildPage } from './build-ast.ts';
import { foreignClause } from './foreign-names.ts';
import { endsExpression, inserted } from './habits.ts';
import { indexOfStatement, nestingLimit } from './outline.ts';
import { cuts } from './sections.ts';
import { outlined, type Outlined } from './outlined.ts';
import { readPage, type ParserError } from './parser.ts';
import * as t from './tokens.ts';

/** A page that has been read, and what the next reading of it may take over. */
export interface Parsed extends Result<Page> {
  readonly sections: readonly Section[];
}

/** A part of a page that means what it does whatever stands around it. */
export interface Section {
  /** All that it was read from, but for its place: two of one key are the same, one moved. */
  readonly key: string;
  readonly start: number;
  /** With places of the section. */
  readonly outlined: Outlined;
  /** These with places of the page. */
  readonly items: Page['items'];
  readonly comments: readonly Comment[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Parses any text whatever: a page always comes back, with `missing` nodes where something could not be read, and then at least one error.
 * `file` only names the text in spans. Diagnostics are in the order of the text. Never throws. Sections that are as they were in `before`,
 * an earlier reading of the file, are taken from it: the same objects where they stand where they stood.
 */
export function parse(text: string, file: string, before?: Parsed): Parsed {
  const known = new Map(before?.sections.map((section) => [section.key, section]));
  const sections: Section[] = [];
  const begins = cuts(text);
  for (const [i, { start }] of begins.entries()) {
    const next = begins[i + 1];
    const section = take(text.slice(start, next?.start), { start, file, next: next?.word }, known);
    const whole = section ?? take(text.slice(start), { start, file, next: undefined }, known);
    if (whole !== undefined) sections.push(whole);
    if (section === undefined) break;
  }
  const diagnostics = sections.flatMap((section) => section.diagnostics);
  const items = sections.flatMap((section) => section.items);
  const comments = sections.flatMap((section) => section.comments);
  return { value: { file, text, items, comments }, diagnostics, sections };
}

interface Place {
  readonly start: number;
  readonly file: string;
  /** The word that begins what stands behind it; undefined at the end of the page. */
  readonly next: string | undefined;
}

/** The section of a text at a place; none where it is not complete and something stands behind it. */
function take(text: string, { start, file, next }: Place, known: ReadonlyMap<string, Section>): Section | undefined {
  const key = `${next ?? ''}\n${text}`;
  const before = known.get(key);
  if (before !== undefined) return { ...before, start, ...placed(before, { start, file, length: text.length, by: start - before.start }) };
  const words = outlined(text, file);
  if (!words.isComplete && next !== undefined) return undefined;
  const section = { key, start, outlined: words, ...read(words, text, file, next) };
  return { ...section, ...placed(section, { start, file, length: text.length, by: start }) };
}

/** Moves what stands in a section that has moved. */
function placed(
  { items, comments, diagnostics }: Pick<Section, 'items' | 'comments' | 'diagnostics'>,
  { start, file, length, by }: { readonly start: number; readonly file: string; readonly length: number; readonly by: number },
): Pick<Section, 'items' | 'comments' | 'diagnostics'> {
  if (by === 0) return { items, comments, diagnostics };
  const move = moveOf([{ span: { file, start: start - by, end: start - by + length }, by }]);
  return { items: moved(items, move), comments: moved(comments, move), diagnostics: moved(diagnostics, move) };
}

/** What a section says, with its own places. */
function read(words: Outlined, text: string, file: string, next: string | undefined): Pick<Section, 'items' | 'comments' | 'diagnostics'> {
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
  const behind = next === undefined ? undefined : wordBehind(next, text.length);
  const items = ((): Page['items'] => {
    try {
      const { cst, errors } = readPage([...words.tokens]);
      for (const error of errors) {
        const found = isReal(error.found) ? error.found : (behind ?? error.found);
        const place = isReal(error.before) ? error.before.startOffset : isReal(found) ? found.startOffset : 0;
        reportOnce(place, explain({ ...error, found }, file, text));
      }
      const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
      return buildPage(cst, { file, text, report, reportOnce, docAt: (offset) => docs.get(offset) });
    } catch (thrown) {
      // The nesting limit keeps the recursion within a usual stack; a caller may have left less of it.
      if (!(thrown instanceof RangeError)) throw thrown;
      diagnostics.push(syntax.tooDeep({ span: { file, start: 0, end: 0 } }, { limit: nestingLimit, what: 'the brackets of this page' }));
      return [];
    }
  })();
  diagnostics.sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
  return { items, comments: others, diagnostics };
}

/** The word that begins the next section, on a line behind the end of this one. */
const wordBehind = (word: string, end: number): IToken => inserted(t.statementTypes.get(word) ?? t.Identifier, word, end + 1);

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
  const insideBrackets = expected === '`)`' || expected === '`]`' || expected === '`}`';
  if (
    foundSpan !== undefined &&
    startsValue(found) &&
    found.image !== '[' &&
    insideBrackets &&
    before !== undefined &&
    endsExpression(before)
  ) {
    const hint = 'write an operator or a comma between them';
    // The name of an argument follows nothing but a comma.
    const isNamed = tokenMatcher(found, t.Identifier) && /^\s*=(?!=)/u.test(text.slice(foundSpan.end));
    const comma = behind(beforeSpan, ',');
    const fixes = isNamed
      ? [certainly('write `,` between them', comma)]
      : [perhaps('write `*` between them', inFront(foundSpan, '* ')), perhaps('write `,` between them', comma)];
    return syntax.sideBySide({ span: foundSpan, fixes }, { found: `\`${found.image}\``, before: `\`${before.image}\``, hint });
  }
  // What was found on a later line is right in its own place: the gap is behind what stands before.
  const sameLine = foundSpan !== undefined && !/[\n\r]/.test(text.slice(beforeSpan.end, foundSpan.start));
  const span = foundSpan !== undefined && (sameLine || before === undefined) ? foundSpan : beforeSpan;
  const clause = insideBrackets ? foreignClause.get(found.image) : undefined;
  const isTaken = t.reservedWords.includes(found.image) && expected === 'a name';
  const hints = isTaken ? [`\`${found.image}\` is reserved; choose another name`] : [];
  const after = before === undefined || before.image === '' ? {} : { after: `\`${before.image}\`` };
  const missing =
    sameLine && before !== undefined
      ? insertion(expected, found, { ...beforeSpan, start: beforeSpan.end, end: foundSpan.start })
      : undefined;
  return syntax.unexpectedToken({ span, hints }, { expected, found: describe(found), ...after, here: clause, missing });
}

/** What puts the sign or the word that was expected into the gap, where what was found can stand right behind it. */
function insertion(expected: string, found: IToken, gap: Span): Edit | undefined {
  const [, sign] = /^`(=|:|~|\(|with|into|from|by)`$/u.exec(expected) ?? [];
  if (sign === undefined || !(tokenMatcher(found, t.Loose) && startsValue(found))) return undefined;
  return replaced(gap, sign === '(' ? sign : sign === ':' ? ': ' : ` ${sign} `);
}

const startsValue = (token: IToken): boolean =>
  tokenMatcher(token, t.Identifier) ||
  tokenMatcher(token, t.NumberLiteral) ||
  tokenMatcher(token, t.StringLiteral) ||
  token.image === '(' ||
  token.image === '[';

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
