/**
 * Owns the way from text to tree: lex, take foreign habits, outline, parse, build. All of a page's mistakes come out of one run, each once:
 * what the parser says about a statement that was already found broken is a consequence, and is not said.
 */
import { EOF, tokenMatcher, type IToken } from 'chevrotain';
import type { Diagnostic, Edit, Result, Span } from '../diagnostics/diagnostic.ts';
import { behind, certainly, inFront, perhaps, replaced } from '../diagnostics/fix.ts';
import * as syntax from '../diagnostics/syntax.ts';
import type { Comment, Page } from './ast.ts';
import { buildPage } from './build-ast.ts';
import { foreignClause } from './foreign-names.ts';
import { adopt, endsExpression } from './habits.ts';
import { indexOfStatement, nestingLimit, outline } from './outline.ts';
import { readPage, type ParserError } from './parser.ts';
import * as t from './tokens.ts';

/**
 * Parses any text whatever: a page always comes back, with `missing` nodes where something could not be read, and then at least one error.
 * `file` only names the text in spans. Diagnostics are in the order of the text. Never throws.
 */
export function parse(text: string, file: string): Result<Page> {
  const { tokens, comments } = t.lex(text);
  const adopted = adopt(tokens, file);
  const outlined = outline(adopted, file, text);
  const diagnostics: Diagnostic[] = [...adopted.diagnostics, ...outlined.diagnostics];
  const broken = new Set(outlined.repaired);
  const reportOnce = (offset: number, diagnostic: Diagnostic): void => {
    const statement = indexOfStatement(outlined.starts, offset);
    if (broken.has(statement)) return;
    broken.add(statement);
    diagnostics.push(diagnostic);
  };

  // What the parser finds around a character that means nothing is a consequence of it: `c ? a : b`.
  for (const { code, span } of adopted.diagnostics) {
    if (code === syntax.unknownCharacter.kind.code && span !== undefined) broken.add(indexOfStatement(outlined.starts, span.start));
  }

  const { docs, others } = attachDocs(comments, outlined.tokens, file, text);
  const items = ((): Page['items'] => {
    try {
      const { cst, errors } = readPage([...outlined.tokens]);
      for (const error of errors) {
        const place = isReal(error.before) ? error.before.startOffset : isReal(error.found) ? error.found.startOffset : 0;
        reportOnce(place, explain(error, file, text));
      }
      return buildPage(cst, {
        file,
        text,
        report: (diagnostic) => diagnostics.push(diagnostic),
        reportOnce,
        docAt: (offset) => docs.get(offset),
      });
    } catch (thrown) {
      // The nesting limit keeps the recursion within a usual stack; a caller may have left less of it.
      if (!(thrown instanceof RangeError)) throw thrown;
      diagnostics.push(syntax.tooDeep({ span: { file, start: 0, end: 0 } }, { limit: nestingLimit, what: 'the brackets of this page' }));
      return [];
    }
  })();
  diagnostics.sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
  return { value: { file, text, items, comments: others }, diagnostics };
}

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
    const lineStart = Math.max(text.lastIndexOf('\n', comment.startOffset), text.lastIndexOf('\r', comment.startOffset)) + 1;
    const ownLine = text.slice(lineStart, comment.startOffset).trim() === '';
    const isDoc = comment.image.startsWith('///') && !comment.image.startsWith('////') && ownLine;
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

const takesDoc = (token: IToken): boolean =>
  token.tokenType === t.BlockLet ||
  (token.tokenType !== t.Import && t.statementTypes.get(token.tokenType.name.toLowerCase()) === token.tokenType);
