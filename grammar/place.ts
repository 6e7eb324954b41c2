/**
 * What may stand where a cursor is, by what is written before it: what an editor offers there. Knows the order of words in statements, and
 * nothing of what names mean; the parser's grammar is the same, said for whole pages.
 */
import { type IToken, type TokenType } from 'chevrotain';
import { cursorAt, holdsStatements, textOf, typeWritten, type Cursor, type Frame, type MethodOf } from './cursor.ts';
import { endsExpression } from './habits.ts';
import type { Parsed } from './parse.ts';
import * as t from './tokens.ts';

export type Offer =
  | { readonly kind: 'statement'; readonly within: 'page' | 'problem' | 'block' }
  /** A word of the grammar. */
  | { readonly kind: 'word'; readonly word: string }
  /** A name or a call in an expression. */
  | { readonly kind: 'value' }
  /** An index set, as an index. */
  | { readonly kind: 'set' }
  | { readonly kind: 'dim' }
  /** A function, not called. */
  | { readonly kind: 'function' }
  | { readonly kind: 'type' }
  | { readonly kind: 'method'; readonly of: MethodOf }
  | { readonly kind: 'distribution' }
  /** The name of an argument of the call around. */
  | { readonly kind: 'argument' }
  /** What stands behind `name =` in the call around. */
  | { readonly kind: 'argument-value'; readonly name: string }
  /** A new index set. */
  | { readonly kind: 'part'; readonly given: readonly string[] }
  | { readonly kind: 'import'; readonly path: string | undefined; readonly given: readonly string[] }
  | { readonly kind: 'file'; readonly of: 'data' | 'import' }
  | { readonly kind: 'column'; readonly file: string }
  | { readonly kind: 'array'; readonly file: string };

/** The innermost call around a cursor. */
export interface CallAround {
  readonly callee: string;
  readonly calleeEnd: number;
  readonly as: 'function' | 'distribution' | 'choice' | MethodOf;
  /** Which argument it stands in, from 0. */
  readonly position: number;
  /** The name of that argument, where it is given by name. */
  readonly named?: string;
  /** Arguments that are given by name, also behind the cursor. */
  readonly given: readonly string[];
}

export interface Place extends Pick<Cursor, 'start' | 'end' | 'inString'> {
  readonly offers: readonly Offer[];
  readonly call?: CallAround;
  /** The loss or the inner solver's arguments, where `step` has a meaning. */
  readonly isInner: boolean;
}

/** What may stand at an offset of any text whatever; `undefined` in comments and numbers. */
export function placeAt(text: string, offset: number): Place | undefined {
  const cursor = cursorAt(text, offset);
  if (cursor === undefined) return undefined;
  const { start, end, inString, frames } = cursor;
  const all = offersOf(cursor);
  // Only names of files, and of what is in them, stand in quotes.
  const offers = all.filter(({ kind }) => !inString || kind === 'file' || kind === 'column' || kind === 'array');
  const call = callAround(frames);
  const { statement, own = [] } = frames.findLast(holdsStatements) ?? {};
  const isInner = statement === t.Inner || (statement === t.Solve && own[1]?.image === 'inner');
  return { start, end, inString, offers, isInner, ...(call === undefined ? {} : { call }) };
}

/** The same on a page that has been read: of the section that the offset lies in, which means what it does whatever stands around it. */
export function placeIn({ value: { text }, sections }: Parsed, offset: number): Place | undefined {
  const at = sections.findLastIndex(({ start }) => start <= offset);
  const from = sections[at]?.start ?? 0;
  const place = placeAt(text.slice(from, sections[at + 1]?.start), offset - from);
  if (place === undefined) return undefined;
  const { start, end, call } = place;
  return { ...place, start: start + from, end: end + from, ...(call && { call: { ...call, calleeEnd: call.calleeEnd + from } }) };
}

const words = (...all: readonly string[]): readonly Offer[] => all.map((word) => ({ kind: 'word', word }));
const value: readonly Offer[] = [{ kind: 'value' }, ...words('if', 'not', 'scan')];
const dims: readonly Offer[] = [{ kind: 'dim' }];
const has = (tokens: readonly IToken[], type: TokenType): boolean => tokens.some(({ tokenType }) => tokenType === type);
const behind = (tokens: readonly IToken[], type: TokenType): readonly IToken[] =>
  tokens.slice(tokens.findIndex(({ tokenType }) => tokenType === type) + 1);

function offersOf({ frames, stringBehind }: Cursor): readonly Offer[] {
  const frame = frames.at(-1) ?? frames[0];
  const { role, own, given } = frame;
  const isNew = own.length === 0;
  switch (role) {
    case 'page':
    case 'problem':
    case 'block':
    case 'scan':
      return statement(frame);
    case 'import':
      return isNew ? [{ kind: 'import', path: stringBehind, given }] : [];
    case 'arguments':
    case 'method':
    case 'distribution':
      return argument(own, role === 'method' ? [] : value);
    case 'choice':
      return argument(own, [{ kind: 'function' }]);
    case 'parameters':
      return has(own, t.Equals) ? expression(behind(own, t.Equals)) : type(frame, []);
    case 'pattern':
      return [];
    case 'shape':
      return isOperand(own) ? dims : [];
    case 'interval':
      return isOperand(own) ? [...dims, { kind: 'value' }] : [];
    case 'columns':
      return columns(frames.at(-2), own);
    case 'index':
      return isOperand(own) && own.at(-1)?.tokenType !== t.Colon ? [{ kind: 'set' }, ...value] : expression(own);
    case 'array':
      return [...expression(own), ...(isOperand(own) || has(own, t.For) || frame.commas > 0 ? [] : words('for'))];
    case 'parentheses':
      return expression(own);
  }
}

/** Must an operand stand next? */
const isOperand = (tokens: readonly IToken[]): boolean => {
  const last = tokens.at(-1);
  return last === undefined || !endsExpression(last);
};

/** An argument of a call, `first` where nothing stands of it yet. */
function argument(own: readonly IToken[], first: readonly Offer[]): readonly Offer[] {
  const [name, sign] = own;
  if (name === undefined) return [{ kind: 'argument' }, ...first];
  if (sign?.tokenType !== t.Equals) return expression(own);
  return own.length === 2 ? [{ kind: 'argument-value', name: name.image }, ...value] : expression(own.slice(2));
}

const steps: ReadonlyMap<TokenType, string | undefined> = new Map([
  [t.If, 'then'],
  [t.Then, 'else'],
  [t.Else, undefined],
  [t.Scan, 'over'],
  [t.Over, 'in'],
  [t.For, 'in'],
  [t.In, undefined],
]);

/** What an `if`, a `scan` or a `for` that is open still needs. */
const needed = (tokens: readonly IToken[]): string | undefined =>
  steps.get(tokens.findLast(({ tokenType }) => steps.has(tokenType))?.tokenType ?? t.In);

/** An expression of which these tokens stand there. */
function expression(tokens: readonly IToken[]): readonly Offer[] {
  const last = tokens.at(-1)?.tokenType;
  if (last === t.Dot) return words('T');
  // A new name stands there, or a sign.
  const isNamed = last === t.For || last === t.Scan || last === t.Lambda || (last === t.Over && has(tokens, t.Scan));
  if (isNamed || last === t.Colon) return [];
  if (isOperand(tokens)) return value;
  const next = needed(tokens);
  // Before `in` stands a name, and no expression.
  return next === 'in' ? words(next) : words(...(next === undefined ? [] : [next]), 'and', 'or');
}

// ---- statements -----------------------------------------------------------------------------------------------------------------

function statement(frame: Frame): readonly Offer[] {
  const { role, own } = frame;
  const within = role === 'page' || role === 'problem' ? role : 'block';
  const others: readonly Offer[] = [{ kind: 'statement', within }];
  const last = own.at(-1);
  if (last === undefined) return role === 'scan' ? [...others, ...value] : others;
  const whole = (offers: readonly Offer[]): readonly Offer[] =>
    isOperand(own) || needed(own) !== undefined ? offers : [...offers, ...others];
  const valued = (sign: TokenType): readonly Offer[] => (has(own, sign) ? whole(expression(behind(own, sign))) : []);
  switch (frame.statement) {
    case t.Let:
    case t.BlockLet:
    case t.Report:
      return valued(t.Equals);
    case t.Return:
      return whole(expression(own.slice(1)));
    case t.Dim:
      return dimSize(own, whole);
    case t.Data:
      return has(own, t.From) ? source(own, others) : type(frame, words('from'), others);
    case t.Hyper:
      if (last.tokenType === t.By) return words('search');
      return has(own, t.Equals) ? [...valued(t.Equals), ...(isOperand(own) ? [] : words('by'))] : type(frame, words('by'), others);
    case t.Param:
    case t.Random:
      if (last.tokenType === t.Tilde) return [{ kind: 'distribution' }];
      if (has(own, t.Tilde)) return others;
      return has(own, t.Equals) ? valued(t.Equals) : type(frame, [], others);
    case t.Fn:
      return has(own, t.Equals) ? valued(t.Equals) : type(frame, []);
    case t.Inner:
    case t.Outer:
      if (own.length === 1) return words(...(frame.statement === t.Inner ? ['minimize'] : ['minimize', 'maximize']));
      return whole(expression(own.slice(2)));
    case t.Solve:
      if (own.length === 1) return words('inner', 'outer');
      if (own.length === 2) return words('with');
      return last.tokenType === t.With ? [{ kind: 'method', of: own[1]?.image === 'outer' ? 'solve-outer' : 'solve-inner' }] : others;
    case t.Differentiate:
      if (own.length === 1) return words('with');
      return last.tokenType === t.With ? [{ kind: 'method', of: 'differentiate' }] : others;
    case t.Split:
      return split(own, others);
    case t.Import:
      if (last.tokenType === t.From) return [{ kind: 'file', of: 'import' }];
      return last.tokenType === t.CloseBrace ? words('from') : own.length > 1 ? others : [];
    case t.Problem:
      return [];
    default:
      return whole(expression(own));
  }
}

/** A type, and what may follow it where it is whole. */
function type(frame: Frame, next: readonly Offer[], others: readonly Offer[] = []): readonly Offer[] {
  const written = typeWritten(frame);
  if (written === undefined) return [];
  if (written.length === 0) return [{ kind: 'type' }];
  if (isOperand(written)) return [];
  const takesInterval = !has(written, t.In) && !closedKinds.has(written[0]?.image ?? '');
  return [...(takesInterval ? words('in') : []), ...next, ...others];
}

/** Kinds that have their interval already. */
const closedKinds: ReadonlySet<string> = new Set(['positive', 'nonnegative', 'unit', 'simplex', 'choice']);

const introducesColumn: ReadonlySet<TokenType | undefined> = new Set([t.Column, t.Columns, t.Comma, t.DotDot, undefined]);

/** Behind `from`. */
function source(own: readonly IToken[], others: readonly Offer[]): readonly Offer[] {
  const [file, ...selection] = behind(own, t.From);
  if (file === undefined) return [{ kind: 'file', of: 'data' }];
  const last = selection.at(-1)?.tokenType;
  if (last === undefined) return [...words('column', 'columns', 'array'), ...others];
  if (selection[0]?.tokenType === t.ArrayWord) return last === t.ArrayWord ? [{ kind: 'array', file: textOf(file) }] : others;
  return introducesColumn.has(last) ? [{ kind: 'column', file: textOf(file) }] : others;
}

/** `dim n, side = 8, pixels = side * side`: behind a sign the size of a dim, before it a new name. */
function dimSize(own: readonly IToken[], whole: (offers: readonly Offer[]) => readonly Offer[]): readonly Offer[] {
  const last = own.slice(own.findLastIndex(({ tokenType }) => tokenType === t.Comma) + 1);
  if (has(last, t.Equals)) return whole(expression(behind(last, t.Equals)));
  return own.length > 1 ? whole([]) : [];
}

/** In a list of columns. */
function columns(statement: Frame | undefined, own: readonly IToken[]): readonly Offer[] {
  const [file] = behind(statement?.own ?? [], t.From);
  return file !== undefined && introducesColumn.has(own.at(-1)?.tokenType) ? [{ kind: 'column', file: textOf(file) }] : [];
}

/** `split n into train 60%, valid 40%, seed 7`. */
function split(own: readonly IToken[], others: readonly Offer[]): readonly Offer[] {
  const last = own.at(-1)?.tokenType;
  if (own.length === 1) return dims;
  if (!has(own, t.Into)) return words('into');
  switch (last) {
    case t.Into:
    case t.Comma: {
      const given = own.map(({ image }) => image);
      const options = last === t.Into ? [] : ['seed', 'unshuffled', 'stratified', 'by'].filter((word) => !given.includes(word));
      return [{ kind: 'part', given }, ...words(...options)];
    }
    case t.By:
      return own.at(-2)?.tokenType === t.Stratified ? [{ kind: 'value' }] : words('groups', 'leave_one_out');
    case t.Groups:
      return [{ kind: 'value' }];
    case t.Stratified:
      return words('by');
    case t.Seed:
      return [];
    case t.NumberLiteral:
      return own.at(-2)?.tokenType === t.By ? words('folds') : others;
    default:
      return has(own, t.By) ? others : [...words('by'), ...others];
  }
}

// ---- calls ----------------------------------------------------------------------------------------------------------------------

function callAround(frames: readonly Frame[]): CallAround | undefined {
  for (let i = frames.length - 1; i > 0; i--) {
    const frame = frames[i];
    if (frame === undefined || holdsStatements(frame)) return undefined;
    const { role, callee, own, commas, given } = frame;
    if (callee === undefined || (role !== 'arguments' && role !== 'method' && role !== 'distribution' && role !== 'choice')) continue;
    const [name, sign] = own;
    return {
      callee: callee.image,
      calleeEnd: t.endOf(callee),
      as: role === 'arguments' ? 'function' : role === 'method' ? methodOf(frames[i - 1]) : role,
      position: commas,
      ...(name !== undefined && sign?.tokenType === t.Equals ? { named: name.image } : {}),
      given,
    };
  }
  return undefined;
}

function methodOf(frame: Frame | undefined): MethodOf {
  if (frame?.statement === t.Differentiate) return 'differentiate';
  return frame?.own[1]?.image === 'outer' ? 'solve-outer' : 'solve-inner';
}
