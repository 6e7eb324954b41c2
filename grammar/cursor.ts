/**
 * Where a cursor stands on a page that is being written: which statement and which brackets are open there, and what has been written of them.
 * Reads the page as the parser does, by `outline.ts`, so that what is broken around the cursor is broken there too, and nowhere else.
 */
import { tokenMatcher, type IToken, type TokenType } from 'chevrotain';
import type { MethodDeclaration } from './ast.ts';
import { adopt, endsExpression, inserted } from './habits.ts';
import { outline } from './outline.ts';
import * as t from './tokens.ts';

/** What a bracket holds; `page`: what stands outside of all of them. `scan`: the block of one. */
export type Role =
  | 'page'
  | 'problem'
  | 'block'
  | 'scan'
  | 'import'
  | 'arguments'
  | 'method'
  | 'distribution'
  | 'choice'
  | 'parameters'
  | 'pattern'
  | 'shape'
  | 'interval'
  | 'columns'
  | 'index'
  | 'array'
  | 'parentheses';

/** An open bracket, and what stands in it before the cursor. */
export interface Frame {
  readonly role: Role;
  /** Before a parenthesis, what is called. */
  readonly callee?: IToken;
  /** The statement that is being written there, where statements stand. */
  readonly statement?: TokenType;
  /** Since the statement began, or since the last comma of a bracket; a bracket that is closed is its closing sign. */
  readonly own: readonly IToken[];
  /** Commas before the cursor. */
  readonly commas: number;
  /** Names that stand before `=`, or in an import, before and behind the cursor. */
  readonly given: readonly string[];
}

/** What a solver or a strategy is for. */
export type MethodOf = MethodDeclaration['kind'];

export interface Cursor {
  /** The word or string that is being written there; empty at the cursor where there is none. */
  readonly start: number;
  readonly end: number;
  readonly inString: boolean;
  /** From the page to the innermost bracket. */
  readonly frames: readonly [Frame, ...Frame[]];
  /** The string behind the cursor in the same statement: of an import its page. */
  readonly stringBehind?: string;
}

type Open = { -readonly [K in keyof Frame]: Frame[K] } & { own: IToken[]; given: string[] };

/** The cursor at an offset; none in a comment, in a number or where nothing can be said. */
export function cursorAt(text: string, offset: number): Cursor | undefined {
  const { tokens, comments } = t.lex(text);
  const isInside = comments.some((comment) => {
    const end = t.endOf(comment);
    return comment.startOffset < offset && (comment.image.startsWith('//') ? offset <= end : offset < end);
  });
  if (isInside) return undefined;
  const touched = tokens.find((token) => touches(token, offset));
  if (touched !== undefined && [t.UnclosedComment, t.HashComment].includes(touched.tokenType)) return undefined;
  if (touched !== undefined && tokenMatcher(touched, t.NumberLiteral)) return undefined;
  const inString = touched !== undefined && tokenMatcher(touched, t.StringLiteral);
  const isWord = touched !== undefined && (tokenMatcher(touched, t.Identifier) || t.reservedWords.includes(touched.image));
  const [start, end] = inString ? insideOf(touched) : isWord ? [touched.startOffset, t.endOf(touched)] : [offset, offset];

  // A name without letters stands for what is being written.
  const cursor = inserted(t.Identifier, '', start);
  const before = tokens.filter((token) => token !== touched && token.startOffset < start);
  const behind = tokens.filter((token) => token !== (inString || isWord ? touched : undefined) && token.startOffset >= start);
  const whole = isWord || inString ? [...before, cursor, ...behind] : withCursor(tokens, cursor);
  const adopted = adopt(whole, '');
  if (!adopted.tokens.includes(cursor)) return undefined;
  const outlined = outline(adopted, '', text);
  return { start, end, inString, ...walk(outlined.tokens, new Set(outlined.starts), cursor) };
}

/** Within a word or a string, or right behind a word. */
function touches(token: IToken, offset: number): boolean {
  const end = t.endOf(token);
  const isClosed = token.tokenType === t.StringLiteral || token.tokenType === t.SingleQuoted;
  return token.startOffset < offset && (isClosed ? offset < end : offset <= end) && !isSign(token);
}

const isSign = (token: IToken): boolean =>
  !tokenMatcher(token, t.Identifier) &&
  !tokenMatcher(token, t.StringLiteral) &&
  !tokenMatcher(token, t.NumberLiteral) &&
  !t.reservedWords.includes(token.image) &&
  token.tokenType !== t.UnclosedComment &&
  token.tokenType !== t.HashComment;

function insideOf(string: IToken): readonly [number, number] {
  const isClosed = string.tokenType !== t.UnclosedString;
  return [string.startOffset + 1, t.endOf(string) - (isClosed ? 1 : 0)];
}

function withCursor(tokens: readonly IToken[], cursor: IToken): IToken[] {
  const behind = tokens.findIndex(({ startOffset }) => startOffset >= cursor.startOffset);
  return behind < 0 ? [...tokens, cursor] : [...tokens.slice(0, behind), cursor, ...tokens.slice(behind)];
}

/** Goes through the tokens to the cursor, and on to the end of what is open there. */
function walk(tokens: readonly IToken[], starts: ReadonlySet<number>, cursor: IToken): Pick<Cursor, 'frames' | 'stringBehind'> {
  const base: Open = { role: 'page', own: [], commas: 0, given: [] };
  const stack: [Open, ...Open[]] = [base];
  const top = (): Open => stack.at(-1) ?? base;
  const take = (token: IToken): void => {
    const frame = top();
    const type = token.tokenType;
    if (isStart(token, starts)) {
      frame.statement = type;
      frame.own = [token];
    } else if (openers.has(type)) {
      const callee = frame.own.at(-1);
      const called = type === t.OpenParen && callee !== undefined && tokenMatcher(callee, t.Identifier) ? { callee } : {};
      stack.push({ role: roleOf(frame, type), ...called, own: [], commas: 0, given: [] });
    } else if (closers.has(type)) {
      if (stack.length > 1) stack.pop();
      endItem(frame);
      top().own.push(token);
      if (frame.role === 'problem') Object.assign(top(), { own: [], statement: undefined });
    } else if (type === t.Comma && !holdsStatements(frame)) {
      endItem(frame);
      frame.commas += 1;
      frame.own = [];
    } else frame.own.push(token);
  };

  const at = tokens.indexOf(cursor);
  for (const token of tokens.slice(0, at)) take(token);
  const frames = stack.map((frame) => ({ ...frame, own: [...frame.own] }));
  const innermost = top();
  const around = [...stack];
  const rest = tokens.slice(at + 1);
  const next = rest.findIndex((token) => isStart(token, starts));
  const behind = next < 0 ? rest : rest.slice(0, next);
  top().own.push(cursor);
  for (const token of behind) {
    if (stack.length < around.length) break;
    take(token);
  }
  endItem(innermost);
  const string = behind.find((token) => tokenMatcher(token, t.StringLiteral));
  const [page = base, ...others] = frames.map((frame, i) => ({ ...frame, given: around[i]?.given ?? [] }));
  return { frames: [page, ...others], ...(string === undefined ? {} : { stringBehind: textOf(string) }) };
}

/** A word that begins a statement: the type tells it from a name that begins where one does. */
const isStart = (token: IToken, starts: ReadonlySet<number>): boolean =>
  starts.has(token.startOffset) &&
  (token.tokenType === t.BlockLet || token.tokenType === t.Return || [...t.statementTypes.values()].includes(token.tokenType));

const openers: ReadonlySet<TokenType> = new Set([t.OpenParen, t.OpenBracket, t.OpenBrace, t.ProblemOpen]);
const closers: ReadonlySet<TokenType> = new Set([t.CloseParen, t.CloseBracket, t.CloseBrace, t.ProblemClose]);

/** An item of a bracket ends: what it names is given. */
function endItem({ role, own, given }: Open): void {
  const [name, sign] = own;
  if (name === undefined || name.image === '' || given.includes(name.image)) return;
  if (role === 'import' || sign?.tokenType === t.Equals) given.push(name.image);
}

/** What is written in a string. */
export const textOf = (string: IToken): string => string.image.replace(/^["']/u, '').replace(/["']$/u, '');

export const holdsStatements = ({ role }: Pick<Frame, 'role'>): boolean =>
  role === 'page' || role === 'problem' || role === 'block' || role === 'scan';

const typed: ReadonlySet<TokenType | undefined> = new Set([t.Data, t.Hyper, t.Param, t.Random, t.Fn]);
const endsType: ReadonlySet<TokenType> = new Set([t.Equals, t.Tilde, t.From, t.By]);

/** What has been written of a type, where one stands. */
export function typeWritten({ role, statement, own }: Pick<Frame, 'role' | 'statement' | 'own'>): readonly IToken[] | undefined {
  if (role !== 'parameters' && !(holdsStatements({ role }) && typed.has(statement))) return undefined;
  const colon = own.findIndex(({ tokenType }) => tokenType === t.Colon);
  const written = own.slice(colon + 1);
  return colon < 0 || written.some(({ tokenType }) => endsType.has(tokenType)) ? undefined : written;
}

function roleOf(frame: Open, opener: TokenType): Role {
  const [first, ...others] = frame.own;
  const before = frame.own.at(-1);
  const second = frame.own.at(-2)?.tokenType;
  const atStatement = holdsStatements(frame);
  if (opener === t.ProblemOpen) return 'problem';
  if (opener === t.OpenBrace) {
    if (before?.tokenType === t.Import) return 'import';
    return frame.own.some(({ tokenType }) => tokenType === t.Scan) ? 'scan' : 'block';
  }
  const type = typeWritten(frame);
  if (opener === t.OpenBracket) {
    if (type !== undefined) return before?.tokenType === t.In ? 'interval' : 'shape';
    if (frame.statement === t.Data && atStatement) return 'columns';
    return before !== undefined && endsExpression(before) ? 'index' : 'array';
  }
  if (atStatement && first?.tokenType === t.Fn && others.length === 1) return 'parameters';
  // Of `let (a` nobody knows before its `=` that it begins a statement.
  if (before?.tokenType === t.Scan || (atStatement && before?.image === 'let')) return 'pattern';
  if (atStatement && (frame.statement === t.Solve || frame.statement === t.Differentiate) && second === t.With) return 'method';
  if (atStatement && second === t.Tilde) return 'distribution';
  if (type !== undefined) return 'choice';
  return before !== undefined && tokenMatcher(before, t.Identifier) ? 'arguments' : 'parentheses';
}
