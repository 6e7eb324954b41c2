/**
 * Owns the words and signs of the language: token types, their categories, the lexer. It must not know where a word may stand:
 * `outline.ts` decides which words begin a statement, `parser.ts` the rest.
 *
 * Only `if then else for in and or not` are reserved. Every other word is first of all an `Identifier`; a contextual word (`by`, `over`, …)
 * is one by category, and a statement word becomes a token of its own only where `outline.ts` finds that it begins a statement.
 */
import { createToken, Lexer, type CustomPatternMatcherFunc, type IToken, type TokenType } from 'chevrotain';

// ---- categories -------------------------------------------------------------------------------------------------

/** Every token that neither begins a statement nor bounds a block or a problem: what recovery may skip. */
export const Loose = createToken({ name: 'Loose', pattern: Lexer.NA, label: 'a token inside a statement' });
export const BinarySign = createToken({ name: 'BinarySign', pattern: Lexer.NA, label: 'an operator' });
export const PrefixSign = createToken({ name: 'PrefixSign', pattern: Lexer.NA, label: 'a sign or `not`' });

// ---- names ------------------------------------------------------------------------------------------------------

const isAsciiLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
const isAsciiDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Where the name that begins at `offset` ends; `offset` itself if none begins there. A letter is `\p{L}` or `_`, a digit `\p{Nd}`. */
export function nameEnd(text: string, offset: number): number {
  let at = offset;
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0;
    if (code < 128) {
      if (!isAsciiLetter(code) && (at === offset || !isAsciiDigit(code))) break;
      at += 1;
    } else {
      const letter = String.fromCodePoint(code);
      if (!/\p{L}/u.test(letter) && (at === offset || !/\p{Nd}/u.test(letter))) break;
      at += letter.length;
    }
  }
  return at;
}

/** A pattern function that takes the text up to where `end` says; chevrotain's own patterns lose the `u` flag. */
const upTo =
  (end: (text: string, offset: number, before: IToken | undefined) => number): CustomPatternMatcherFunc =>
  (text, offset, matched) => {
    const to = end(text, offset, matched[matched.length - 1]);
    return to > offset ? [text.slice(offset, to)] : null;
  };

export const Identifier = createToken({
  name: 'Identifier',
  pattern: upTo(nameEnd),
  categories: [Loose],
  line_breaks: false,
  label: 'a name',
});

const reserved = (word: string, categories: TokenType[] = []): TokenType =>
  createToken({
    name: `${word[0]?.toUpperCase()}${word.slice(1)}`,
    pattern: Lexer.NA,
    categories: [Loose, ...categories],
    label: `\`${word}\``,
  });

export const If = reserved('if');
export const Then = reserved('then');
export const Else = reserved('else');
export const For = reserved('for');
export const In = reserved('in');
export const And = reserved('and', [BinarySign]);
export const Or = reserved('or', [BinarySign]);
export const Not = reserved('not', [PrefixSign]);

/** Words that are special in one place and names everywhere else. */
const contextual = (name: string, word: string): TokenType =>
  createToken({ name, pattern: Lexer.NA, categories: [Identifier], label: `\`${word}\`` });

export const From = contextual('From', 'from');
export const Column = contextual('Column', 'column');
export const Columns = contextual('Columns', 'columns');
export const ArrayWord = contextual('ArrayWord', 'array');
export const Into = contextual('Into', 'into');
export const By = contextual('By', 'by');
export const Folds = contextual('Folds', 'folds');
export const Groups = contextual('Groups', 'groups');
export const LeaveOneOut = contextual('LeaveOneOut', 'leave_one_out');
export const Seed = contextual('Seed', 'seed');
export const Unshuffled = contextual('Unshuffled', 'unshuffled');
export const Stratified = contextual('Stratified', 'stratified');
export const Search = contextual('Search', 'search');
export const With = contextual('With', 'with');
export const Over = contextual('Over', 'over');

/** The words that the lexer itself tells from names. */
// prettier-ignore
export const wordTypes: ReadonlyMap<string, TokenType> = new Map([
  ['if', If], ['then', Then], ['else', Else], ['for', For], ['in', In], ['and', And], ['or', Or], ['not', Not],
  ['from', From], ['column', Column], ['columns', Columns], ['array', ArrayWord], ['into', Into], ['by', By], ['folds', Folds],
  ['groups', Groups], ['leave_one_out', LeaveOneOut], ['seed', Seed], ['unshuffled', Unshuffled], ['stratified', Stratified],
  ['search', Search], ['with', With], ['over', Over],
]);

export const reservedWords: readonly string[] = ['if', 'then', 'else', 'for', 'in', 'and', 'or', 'not'];

/** Whether a text is one name, that may be declared. */
export const isName = (text: string): boolean => text !== '' && nameEnd(text, 0) === text.length && !reservedWords.includes(text);

// ---- words that outline.ts finds in their place -----------------------------------------------------------------

const statement = (name: string): TokenType => createToken({ name, pattern: Lexer.NA, label: `\`${name.toLowerCase()}\`` });

export const Problem = statement('Problem');
export const Import = statement('Import');
export const Dim = statement('Dim');
export const Data = statement('Data');
export const Split = statement('Split');
export const Hyper = statement('Hyper');
export const Param = statement('Param');
export const Random = statement('Random');
export const Let = statement('Let');
export const Fn = statement('Fn');
export const Inner = statement('Inner');
export const Outer = statement('Outer');
export const Report = statement('Report');
export const Solve = statement('Solve');
export const Differentiate = statement('Differentiate');

export const statementTypes: ReadonlyMap<string, TokenType> = new Map(
  [Problem, Import, Dim, Data, Split, Hyper, Param, Random, Let, Fn, Inner, Outer, Report, Solve, Differentiate].map((type) => [
    type.name.toLowerCase(),
    type,
  ]),
);

const inPlace = (name: string, label: string): TokenType => createToken({ name, pattern: Lexer.NA, categories: [Loose], label });

export const Scan = inPlace('Scan', '`scan`');
export const Lambda = inPlace('Lambda', '`lambda`');
/** `inner` or `outer` after `solve`. */
export const Level = inPlace('Level', '`inner` or `outer`');
/** `minimize` or `maximize`. */
export const Direction = inPlace('Direction', '`minimize` or `maximize`');

/** `let` and `return` of a block: not loose, since recovery inside a block stops at them. */
export const BlockLet = createToken({ name: 'BlockLet', pattern: Lexer.NA, label: '`let`' });
export const Return = createToken({ name: 'Return', pattern: Lexer.NA, label: '`return`' });

/** The braces of a problem, told from those of a block so that recovery never takes one for the other. */
export const ProblemOpen = createToken({ name: 'ProblemOpen', pattern: Lexer.NA, label: '`{`' });
export const ProblemClose = createToken({ name: 'ProblemClose', pattern: Lexer.NA, label: '`}`' });

// ---- literals and signs -----------------------------------------------------------------------------------------

const sign = (name: string, pattern: string, categories: TokenType[] = []): TokenType =>
  createToken({ name, pattern, categories: [Loose, ...categories], label: `\`${pattern}\`` });
const literal = (name: string, pattern: RegExp, label: string, category = Loose): TokenType =>
  createToken({ name, pattern, categories: [category], label, line_breaks: false });

export const PercentLiteral = literal('PercentLiteral', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?%/, 'a percentage');
export const NumberLiteral = literal('NumberLiteral', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, 'a number');
/** `1.`, `1.e5`, `.5`: what the language writes with digits on both sides of the point. */
export const BareNumber = literal('BareNumber', /\d+\.(?![\d.])(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?/, 'a number', NumberLiteral);
export const StringLiteral = literal('StringLiteral', /"(?:[^"\\\n\r]|\\[^\n\r])*"/, 'a string');
export const UnclosedString = literal('UnclosedString', /"(?:[^"\\\n\r]|\\[^\n\r])*\\?/, 'a string', StringLiteral);

export const Caret = sign('Caret', '^', [BinarySign]);
export const Star = sign('Star', '*', [BinarySign]);
export const Slash = sign('Slash', '/', [BinarySign]);
export const AtSign = sign('AtSign', '@', [BinarySign]);
export const Plus = sign('Plus', '+', [BinarySign, PrefixSign]);
export const Minus = sign('Minus', '-', [BinarySign, PrefixSign]);
export const LessEqual = sign('LessEqual', '<=', [BinarySign]);
export const Less = sign('Less', '<', [BinarySign]);
export const GreaterEqual = sign('GreaterEqual', '>=', [BinarySign]);
export const Greater = sign('Greater', '>', [BinarySign]);
export const EqualEqual = sign('EqualEqual', '==', [BinarySign]);
export const NotEqual = sign('NotEqual', '!=', [BinarySign]);
export const Equals = sign('Equals', '=');
export const Tilde = sign('Tilde', '~');
export const Colon = sign('Colon', ':');
export const Comma = sign('Comma', ',');
export const Ellipsis = sign('Ellipsis', '...');
export const DotDot = sign('DotDot', '..');
export const Dot = sign('Dot', '.');
export const OpenParen = sign('OpenParen', '(');
export const CloseParen = sign('CloseParen', ')');
export const OpenBracket = sign('OpenBracket', '[');
export const CloseBracket = sign('CloseBracket', ']');
export const OpenBrace = sign('OpenBrace', '{');
export const CloseBrace = createToken({ name: 'CloseBrace', pattern: '}', label: '`}`' });

// ---- what other languages write: replaced and reported by habits.ts ----------------------------------------------

/** Does a value end right here, without a space? Tells `A'` (a transpose) from the quote of a string. */
const endsValue = (before: IToken | undefined, offset: number): boolean =>
  before !== undefined &&
  before.startOffset + before.image.length === offset &&
  (before.tokenType === Identifier || before.tokenType === CloseParen || before.tokenType === CloseBracket);

export const Foreign = literal('Foreign', /\*\*|&&|\|\||===|!==|<>|->|=>|:=|!(?!=)|;/, 'a sign of another language');
export const Prime = createToken({
  name: 'Prime',
  pattern: upTo((text, offset, before) => (text[offset] === "'" && endsValue(before, offset) ? offset + 1 : offset)),
  categories: [Loose],
  line_breaks: false,
});
export const SingleQuoted = literal('SingleQuoted', /'[^'\n\r]*'/, 'a string', StringLiteral);
export const HashComment = literal('HashComment', /#[^\n\r]*/, 'a comment');
export const UnclosedComment = createToken({ name: 'UnclosedComment', pattern: /\/\*[^]*/, categories: [Loose], line_breaks: true });
/** Anything else, one character at a time, so that the lexer takes every text. */
export const Unknown = createToken({
  name: 'Unknown',
  pattern: upTo((text, offset) => offset + String.fromCodePoint(text.codePointAt(offset) ?? 0).length),
  categories: [Loose],
  line_breaks: true,
});

const WhiteSpace = createToken({ name: 'WhiteSpace', pattern: /[\s\uFEFF]+/, group: Lexer.SKIPPED, line_breaks: true });
const LineComment = createToken({ name: 'LineComment', pattern: /\/\/[^\n\r]*/, group: 'comments', line_breaks: false });
const BlockComment = createToken({ name: 'BlockComment', pattern: /\/\*[^]*?\*\//, group: 'comments', line_breaks: true });

/** In the order in which they are tried: the longer sign before the one that begins it. */
// prettier-ignore
const lexed: TokenType[] = [
  WhiteSpace, Identifier, LineComment, BlockComment, UnclosedComment,
  PercentLiteral, BareNumber, NumberLiteral, StringLiteral, UnclosedString,
  Foreign, EqualEqual, NotEqual, LessEqual, GreaterEqual, Ellipsis, DotDot,
  OpenParen, CloseParen, OpenBracket, CloseBracket, OpenBrace, CloseBrace, Comma, Colon, Equals, Tilde, Dot,
  Caret, Star, Slash, AtSign, Plus, Minus, Less, Greater,
  Prime, SingleQuoted, HashComment, Unknown,
];

/** The parser's vocabulary: everything that can be left in its input, and the categories. */
// prettier-ignore
export const vocabulary: TokenType[] = [
  Loose, BinarySign, PrefixSign,
  ...new Set([...wordTypes.values(), ...statementTypes.values()]),
  BlockLet, Return, Scan, Lambda, Level, Direction, ProblemOpen, ProblemClose,
  ...lexed,
];

const lexer = new Lexer(lexed, { positionTracking: 'onlyOffset' });

export interface Lexed {
  readonly tokens: IToken[];
  /** `//`, `///` and block comments, in order. */
  readonly comments: readonly IToken[];
}

/** Cuts any text whatever into tokens and comments. Offsets are UTF-16; white space is dropped; never fails. */
export function lex(text: string): Lexed {
  const { tokens, groups } = lexer.tokenize(text);
  for (const token of tokens) {
    // The lexer counts starts only; the places of the parser's nodes are made of both.
    token.endOffset = token.startOffset + token.image.length - 1;
    const word = token.tokenType === Identifier ? wordTypes.get(token.image) : undefined;
    if (word !== undefined) retype(token, word);
  }
  return { tokens, comments: groups['comments'] ?? [] };
}

/** Gives a token another type in place; both fields must agree, since the parser compares the index. */
export function retype(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx ?? 0;
}

/** The offset just behind a token. Inserted tokens have an empty image and end where they begin. */
export const endOf = (token: IToken): number => token.startOffset + token.image.length;
