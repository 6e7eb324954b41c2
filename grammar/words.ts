/**
 * What each word and sign of a text is in its place, without a tree: what an editor colours and folds by, in any state of a page. Which
 * declaration a name belongs to is for `names.ts` to say.
 */
import type { IToken, TokenType } from 'chevrotain';
import type { Span } from '../diagnostics/diagnostic.ts';
import type { Parsed, Section } from './parse.ts';
import * as t from './tokens.ts';

export interface Word {
  /** `special`: a word such as `from`, that is a keyword unless it is a name there. */
  readonly class: 'keyword' | 'special' | 'name' | 'number' | 'string' | 'operator' | 'opener' | 'closer' | 'separator' | 'comment';
  /** Empty for a closing bracket that is missing on the page. */
  readonly text: string;
  readonly span: Span;
}

/** In the order of the text. */
export const wordsOf = ({ value: { file }, sections }: Parsed): readonly Word[] =>
  sections.flatMap((section) => wordsIn(section, file, section.start));

/** The same of one section, which begins at `start`. */
export function wordsIn({ outlined: { tokens, comments } }: Pick<Section, 'outlined'>, file: string, start: number): readonly Word[] {
  const word = (token: IToken, type: Word['class']): Word => ({
    class: type,
    text: token.image,
    span: { file, start: start + token.startOffset, end: start + t.endOf(token) },
  });
  const found: Word[] = [];
  let next = 0;
  for (const token of tokens) {
    for (let comment = comments[next]; comment !== undefined && comment.startOffset < token.startOffset; comment = comments[(next += 1)])
      found.push(word(comment, 'comment'));
    const type = classOf(token);
    if (token.image !== '' || type === 'closer') found.push(word(token, type));
  }
  return [...found, ...comments.slice(next).map((comment) => word(comment, 'comment'))];
}

/** Brackets that belong together, the inner before the outer. */
export function bracketsOf(words: readonly Word[]): readonly { readonly opener: Word; readonly closer: Word }[] {
  const open: Word[] = [];
  return words.flatMap((word) => {
    if (word.class === 'opener') open.push(word);
    const opener = word.class === 'closer' ? open.pop() : undefined;
    return opener === undefined ? [] : [{ opener, closer: word }];
  });
}

const reserved = t.reservedWords.flatMap((word) => t.wordTypes.get(word) ?? []);
const keywords = new Set([...reserved, ...t.statementTypes.values(), t.BlockLet, t.Return, t.Scan, t.Lambda, t.Level, t.Direction]);
const specials = new Set(t.wordTypes.values());
const operators = new Set([t.Equals, t.Tilde, t.DotDot, t.Ellipsis]);
const openers = new Set([t.ProblemOpen, t.OpenBrace, t.OpenParen, t.OpenBracket]);
const closers = new Set([t.ProblemClose, t.CloseBrace, t.CloseParen, t.CloseBracket]);

function classOfType(type: TokenType): Word['class'] {
  const isOf = (category: TokenType): boolean => type === category || category.categoryMatchesMap?.[type.tokenTypeIdx ?? 0] === true;
  if (keywords.has(type)) return 'keyword';
  if (specials.has(type)) return 'special';
  if (isOf(t.Identifier)) return 'name';
  if (isOf(t.NumberLiteral) || type === t.PercentLiteral) return 'number';
  if (isOf(t.StringLiteral)) return 'string';
  if (openers.has(type)) return 'opener';
  if (closers.has(type)) return 'closer';
  return operators.has(type) || isOf(t.BinarySign) || isOf(t.PrefixSign) ? 'operator' : 'separator';
}

const classes: ReadonlyMap<TokenType, Word['class']> = new Map(t.vocabulary.map((type) => [type, classOfType(type)]));

const classOf = ({ tokenType }: IToken): Word['class'] => classes.get(tokenType) ?? 'separator';
