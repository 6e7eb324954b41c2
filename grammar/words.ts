/**
 * What each word and sign of a text is in its place, without a tree: what an editor colours and folds by, in any state of a page. Which
 * declaration a name belongs to is for `names.ts` to say.
 */
import { tokenMatcher, type IToken, type TokenType } from 'chevrotain';
import type { Span } from '../diagnostics/diagnostic.ts';
import type { Parsed } from './parse.ts';
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
  sections.flatMap(({ start, outlined: { tokens, comments } }) => {
    const word = (token: IToken, type: Word['class']): Word => ({
      class: type,
      text: token.image,
      span: { file, start: start + token.startOffset, end: start + t.endOf(token) },
    });
    return [...tokens.map((token) => word(token, classOf(token))), ...comments.map((token) => word(token, 'comment'))]
      .filter((each) => each.text !== '' || each.class === 'closer')
      .sort((a, b) => a.span.start - b.span.start);
  });

/** Brackets that belong together, the inner before the outer. */
export function bracketsOf(words: readonly Word[]): readonly { readonly opener: Word; readonly closer: Word }[] {
  const open: Word[] = [];
  return words.flatMap((word) => {
    if (word.class === 'opener') open.push(word);
    const opener = word.class === 'closer' ? open.pop() : undefined;
    return opener === undefined ? [] : [{ opener, closer: word }];
  });
}

const is = (types: readonly TokenType[]): ((token: IToken) => boolean) => {
  const all = new Set(types);
  return ({ tokenType }) => all.has(tokenType);
};

const reserved = t.reservedWords.flatMap((word) => t.wordTypes.get(word) ?? []);
const isKeyword = is([...reserved, ...t.statementTypes.values(), t.BlockLet, t.Return, t.Scan, t.Lambda, t.Level, t.Direction]);
const isSpecial = is([...t.wordTypes.values()]);
const isOperator = is([t.Equals, t.Tilde, t.DotDot, t.Ellipsis]);
const isOpener = is([t.ProblemOpen, t.OpenBrace, t.OpenParen, t.OpenBracket]);
const isCloser = is([t.ProblemClose, t.CloseBrace, t.CloseParen, t.CloseBracket]);

function classOf(token: IToken): Word['class'] {
  if (isKeyword(token)) return 'keyword';
  if (isSpecial(token)) return 'special';
  if (tokenMatcher(token, t.Identifier)) return 'name';
  if (tokenMatcher(token, t.NumberLiteral) || token.tokenType === t.PercentLiteral) return 'number';
  if (tokenMatcher(token, t.StringLiteral)) return 'string';
  if (isOpener(token)) return 'opener';
  if (isCloser(token)) return 'closer';
  return isOperator(token) || tokenMatcher(token, t.BinarySign) || tokenMatcher(token, t.PrefixSign) ? 'operator' : 'separator';
}
