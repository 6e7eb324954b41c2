/**
 * Owns what people bring along from other languages, sign by sign: each foreign sign is reported once, with the way it is written here, and
 * replaced by it, so that the parser reads on as if it had been written well. It must not know of statements or brackets.
 */
import { createTokenInstance, tokenMatcher, type IToken, type TokenType } from 'chevrotain';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import { replaced } from '../diagnostics/fix.ts';
import * as syntax from '../diagnostics/syntax.ts';
import { repairedNumber } from './literals.ts';
import * as t from './tokens.ts';

const foreignSigns: ReadonlyMap<string, { type: TokenType; right: string; means: string }> = new Map([
  ['**', { type: t.Caret, right: '^', means: 'a power in Python' }],
  ['&&', { type: t.And, right: 'and', means: '“and” in C' }],
  ['&', { type: t.And, right: 'and', means: '“and” in NumPy' }],
  ['||', { type: t.Or, right: 'or', means: '“or” in C' }],
  ['!', { type: t.Not, right: 'not', means: '“not” in C' }],
  ['===', { type: t.EqualEqual, right: '==', means: 'equality in JavaScript' }],
  ['!==', { type: t.NotEqual, right: '!=', means: 'inequality in JavaScript' }],
  ['<>', { type: t.NotEqual, right: '!=', means: 'inequality in SQL' }],
  ['->', { type: t.Colon, right: ':', means: 'a result type in Python' }],
  ['=>', { type: t.GreaterEqual, right: 'fn NAME(x: []): [] = …', means: 'a function in JavaScript; “at least” is `>=`' }],
  [':=', { type: t.Equals, right: '=', means: 'an assignment elsewhere' }],
  ['←', { type: t.Equals, right: '=', means: 'an assignment elsewhere' }],
  ['−', { type: t.Minus, right: '-', means: 'a typographic minus' }],
  ['×', { type: t.Star, right: '*', means: 'a typographic product' }],
  ['·', { type: t.Star, right: '*', means: 'a typographic product; for matrices `@`' }],
  ['÷', { type: t.Slash, right: '/', means: 'a typographic quotient' }],
  ['≤', { type: t.LessEqual, right: '<=', means: 'a typographic comparison' }],
  ['≥', { type: t.GreaterEqual, right: '>=', means: 'a typographic comparison' }],
  ['≠', { type: t.NotEqual, right: '!=', means: 'a typographic comparison' }],
  ['∈', { type: t.In, right: 'in', means: 'membership on paper' }],
  ['∧', { type: t.And, right: 'and', means: '“and” on paper' }],
  ['∨', { type: t.Or, right: 'or', means: '“or” on paper' }],
  ['¬', { type: t.Not, right: 'not', means: '“not” on paper' }],
]);

/** Characters that mean nothing: what is written instead, and what may stand in their very place. */
const characterHints: ReadonlyMap<string, { hint: string; right?: string }> = new Map([
  ['|', { hint: 'an absolute value is `abs(x)`, a norm `norm(x)`' }],
  ['%', { hint: 'there is no remainder operator; a share of a split is `60%`, without a space' }],
  ['²', { hint: 'a square is `x^2`', right: '^2' }],
  ['³', { hint: 'a cube is `x^3`', right: '^3' }],
  ['“', { hint: 'strings stand in straight quotes: `"…"`', right: '"' }],
  ['”', { hint: 'strings stand in straight quotes: `"…"`', right: '"' }],
  ['…', { hint: 'a range is `a .. b`, with two points', right: '..' }],
  ['∑', { hint: 'a sum is `sum(…)`' }],
  ['√', { hint: 'a square root is `sqrt(…)`' }],
  ['∞', { hint: 'there is no infinite number' }],
  ['?', { hint: 'a choice between two values is `if c then a else b`' }],
]);

const bars: ReadonlyMap<string, { name: string; means: string }> = new Map([
  ['|', { name: 'abs', means: 'an absolute value on paper' }],
  ['||', { name: 'norm', means: 'a norm on paper' }],
  ['‖', { name: 'norm', means: 'a norm on paper' }],
]);

/** The bar that closes the one at `at`, in the same statement: behind something that is complete. */
function closingBar(tokens: readonly IToken[], at: number): IToken | undefined {
  const isClosing = (token: IToken, i: number): boolean => {
    const before = tokens[i - 1];
    return i > at + 1 && token.image === tokens[at]?.image && before !== undefined && endsExpression(before);
  };
  const begins = tokens.findIndex((token, i) => i > at && t.statementTypes.has(token.image) && tokens[i - 1]?.tokenType !== t.OpenParen);
  return tokens.slice(0, begins < 0 ? tokens.length : begins).find(isClosing);
}

/** A token that nobody wrote, at `offset`. */
export const inserted = (type: TokenType, image: string, offset: number): IToken =>
  createTokenInstance(type, image, offset, offset + image.length - 1, NaN, NaN, NaN, NaN);

/** True behind a token that can end an expression, a type or a statement. */
export const endsExpression = (token: IToken): boolean =>
  tokenMatcher(token, t.Identifier) ||
  tokenMatcher(token, t.NumberLiteral) ||
  tokenMatcher(token, t.StringLiteral) ||
  lastTokens.has(token.tokenType);

const lastTokens: ReadonlySet<TokenType> = new Set([t.PercentLiteral, t.CloseParen, t.CloseBracket, t.CloseBrace]);

export interface Adopted {
  readonly tokens: IToken[];
  readonly diagnostics: readonly Diagnostic[];
  /** Offsets of unclosed strings: they may have swallowed a bracket, whose loss is then not another mistake. */
  readonly unclosedStrings: readonly number[];
}

/** Replaces foreign signs by ours, and reports each. Total: takes the tokens of any text. */
export function adopt(lexed: readonly IToken[], file: string): Adopted {
  const diagnostics: Diagnostic[] = [];
  const unclosedStrings: number[] = [];
  const tokens: IToken[] = [];
  const declared = declaredNames(lexed);
  const closingBars = new Set<IToken>();
  const spanOf = (token: IToken, length = token.image.length): Span => ({
    file,
    start: token.startOffset,
    end: token.startOffset + length,
  });

  for (let i = 0; i < lexed.length; i++) {
    const token = lexed[i];
    if (token === undefined) continue;
    const before = tokens[tokens.length - 1];
    const type = token.tokenType;
    const span = spanOf(token);
    const sign = type === t.Foreign || type === t.Unknown ? foreignSigns.get(token.image) : undefined;
    if (token.image === ';' && type === t.Foreign) {
      diagnostics.push(syntax.separator({ span }, {}));
    } else if (closingBars.has(token)) {
      t.retype(token, t.CloseParen);
      tokens.push(token);
    } else if (bars.has(token.image) && (before === undefined || !endsExpression(before)) && closingBar(lexed, i) !== undefined) {
      const { name, means } = bars.get(token.image) ?? { name: '', means: '' };
      const closing = closingBar(lexed, i) ?? token;
      closingBars.add(closing);
      const both = { file, start: token.startOffset, end: t.endOf(closing) };
      const edits = [replaced(span, `${name}(`), replaced(spanOf(closing), ')')];
      diagnostics.push(syntax.foreignSign({ span: both }, { found: `${token.image}…${token.image}`, right: `${name}(…)`, means, edits }));
      tokens.push(inserted(t.Identifier, name, token.startOffset), inserted(t.OpenParen, '', token.startOffset));
    } else if (sign !== undefined) {
      const { right, means } = sign;
      // Behind a value a `!` is something else.
      const isExact = !right.includes('…') && (right !== 'not' || before === undefined || !endsExpression(before));
      const edits = !isExact ? undefined : [replaced(span, apart(right, lexed, i))];
      diagnostics.push(syntax.foreignSign({ span }, { found: token.image, right, means, ...(edits && { edits }) }));
      t.retype(token, sign.type);
      tokens.push(token);
    } else if (type === t.Dot && isElementwise(token, lexed[i + 1])) {
      const sign = lexed[i + 1]?.image ?? '';
      const means = 'elementwise in MATLAB and Julia';
      diagnostics.push(
        syntax.foreignSign({ span: spanOf(token, 2) }, { found: `.${sign}`, right: sign, means, edits: [replaced(span, '')] }),
      );
    } else if (type === t.Prime) {
      const operand = before?.image ?? 'A';
      const right = before?.tokenType === t.Identifier ? `${operand}.T` : '.T';
      const edits = [replaced(span, '.T')];
      diagnostics.push(syntax.foreignSign({ span }, { found: "'", right, means: 'a transpose in MATLAB', edits }));
      tokens.push(
        inserted(t.Dot, '', token.startOffset),
        Object.assign(token, { image: 'T', tokenType: t.Identifier, tokenTypeIdx: t.Identifier.tokenTypeIdx }),
      );
    } else if (type === t.HashComment) {
      diagnostics.push(syntax.hashComment({ span }, { text: shorten(token.image.slice(1)) }));
    } else if (type === t.UnclosedComment) {
      diagnostics.push(syntax.unclosedComment({ span: spanOf(token, 2) }, {}));
    } else if (type === t.Unknown) {
      let unknown = token.image;
      for (
        let next = lexed[i + 1];
        next?.tokenType === t.Unknown && next.startOffset === span.start + unknown.length;
        next = lexed[i + 1]
      ) {
        if (foreignSigns.has(next.image) || characterHints.has(next.image)) break;
        unknown += next.image;
        i += 1;
      }
      const { hint, right } = characterHints.get(token.image) ?? {};
      // What stands for one character does not stand for those behind it.
      const whole = unknown === token.image ? right : undefined;
      diagnostics.push(syntax.unknownCharacter({ span: spanOf(token, unknown.length) }, { text: shorten(unknown), hint, right: whole }));
    } else if (isArgminOperator(lexed, i, declared) && (before === undefined || !endsExpression(before))) {
      i = reportArgmin(lexed, i, (length, payload) => diagnostics.push(syntax.argminOperator({ span: spanOf(token, length) }, payload)));
    } else {
      if (type === t.BareNumber) {
        diagnostics.push(syntax.bareNumber({ span }, { text: token.image, right: repairedNumber(token.image) }));
      } else if (type === t.UnclosedString) {
        diagnostics.push(syntax.unclosedString({ span }, {}));
        unclosedStrings.push(token.startOffset);
      } else if (type === t.SingleQuoted) {
        diagnostics.push(syntax.singleQuotes({ span }, { text: token.image.slice(1, -1) }));
      } else if (before?.tokenType === t.NumberLiteral && t.endOf(before) === token.startOffset && isFactor(token)) {
        const both = { file, start: before.startOffset, end: span.end };
        diagnostics.push(
          syntax.impliedProduct({ span: both }, { number: before.image, factor: token.image === '(' ? '(…)' : token.image }),
        );
        tokens.push(inserted(t.Star, '', token.startOffset));
      } else if (isLambda(lexed, i) && (before === undefined || !endsExpression(before))) {
        t.retype(token, t.Lambda);
      }
      tokens.push(token);
    }
  }
  return { tokens, diagnostics, unclosedStrings };
}

/** `.*`, `.^` and `./`: here the signs are elementwise by themselves. */
const isElementwise = (dot: IToken, next: IToken | undefined): boolean =>
  next?.startOffset === dot.startOffset + 1 && (next.tokenType === t.Star || next.tokenType === t.Caret || next.tokenType === t.Slash);

/** A word in the place of a sign has to stand apart from what is around it. */
function apart(right: string, tokens: readonly IToken[], at: number): string {
  const [before, token, next] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (token === undefined || !/^\w/u.test(right)) return right;
  const follows = before !== undefined && t.endOf(before) === token.startOffset && endsExpression(before);
  return `${follows ? ' ' : ''}${right}${next?.startOffset === t.endOf(token) ? ' ' : ''}`;
}

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

const isFactor = (token: IToken): boolean =>
  token.tokenType === t.OpenParen || (tokenMatcher(token, t.Identifier) && token.tokenType !== t.Folds);

/** `lambda x, y:` or `λ x:`; the Greek letter alone is a fine name. */
function isLambda(tokens: readonly IToken[], at: number): boolean {
  const word = tokens[at]?.image;
  if (word !== 'lambda' && word !== 'λ') return false;
  for (let i = at + 1; i < tokens.length; i += 2) {
    const name = tokens[i];
    const sign = tokens[i + 1];
    if (name === undefined || sign === undefined || !tokenMatcher(name, t.Identifier)) return false;
    if (sign.tokenType === t.Colon) return true;
    if (sign.tokenType !== t.Comma) return false;
  }
  return false;
}

const declarationWords: ReadonlySet<string> = new Set(['fn', 'let', 'data', 'hyper', 'param', 'random', 'report']);

/** Names that the page itself gives a meaning: whoever declares `argmin_w` may use it. */
function declaredNames(tokens: readonly IToken[]): ReadonlySet<string> {
  const names = new Set<string>();
  let inImport = false;
  tokens.forEach((token, i) => {
    const before = tokens[i - 1]?.image;
    if (token.image === '{' && before === 'import') inImport = true;
    else if (token.image === '}') inImport = false;
    else if (inImport || (before !== undefined && declarationWords.has(before))) names.add(token.image);
  });
  return names;
}

/** `argmin_w mean(…)`, `argmin_w(…)`, `argmin_{w} …`: the operator of the papers. */
function isArgminOperator(tokens: readonly IToken[], at: number, declared: ReadonlySet<string>): boolean {
  const token = tokens[at];
  const next = tokens[at + 1];
  if (token?.tokenType !== t.Identifier || next === undefined || declared.has(token.image)) return false;
  if (!/^arg(?:min|max)_/.test(token.image)) return false;
  return next.tokenType === t.OpenParen || next.tokenType === t.Identifier || (next.tokenType === t.OpenBrace && token.image.endsWith('_'));
}

/** Reports the operator at `at` and answers the last index that belongs to it; what it is applied to stays. */
function reportArgmin(
  tokens: readonly IToken[],
  at: number,
  report: (length: number, payload: { word: string; variable: string; direction: 'minimize' | 'maximize' }) => void,
): number {
  const token = tokens[at];
  if (token === undefined) return at;
  const direction = token.image.startsWith('argmin') ? 'minimize' : 'maximize';
  const closes = tokens[at + 1]?.tokenType === t.OpenBrace && tokens[at + 3]?.tokenType === t.CloseBrace;
  const variable = closes ? (tokens[at + 2]?.image ?? 'w') : token.image.replace(/^arg(?:min|max)_/, '') || 'w';
  report(token.image.length, { word: token.image, variable, direction });
  return closes ? at + 3 : at;
}
