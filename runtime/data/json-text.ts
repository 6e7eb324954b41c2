/**
 * Reads JSON text so that a slip can be located: JSON’s syntax, and the NaN and Infinity that other programs write into it, which are
 * kept as what they are to be refused with their place. Knows nothing of data.
 */

/** A leaf that is no finite number, as written, with its offset in the text. */
export interface BadLeaf {
  readonly text: string;
  readonly offset: number;
  readonly what: 'text' | 'truth' | 'not-finite' | 'missing';
}

export type JsonValue = number | BadLeaf | readonly JsonValue[] | ReadonlyMap<string, JsonValue>;

export type JsonResult =
  { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly offset: number; readonly reason: string };

/** Thrown inside this module alone, at the first slip. */
class Slip extends Error {
  readonly offset: number;
  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

const numberAt = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wordAt = /[+-]?[A-Za-z_]+/y;
const stringAt = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
const mostNesting = 64;

export function parseJson(text: string): JsonResult {
  let at = 0;
  const skip = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const expected = (what: string): Slip =>
    new Slip(
      at,
      at >= text.length ? `the text ends where ${what} is expected` : `${what} is expected, not ${JSON.stringify(text.charAt(at))}`,
    );
  const string = (): string => {
    const found = match(stringAt);
    if (found === undefined) throw expected('a string');
    try {
      return String(JSON.parse(found));
    } catch {
      throw new Slip(at - found.length, 'a string has an unknown escape');
    }
  };
  /** The items between brackets, with commas between them. */
  const items = (close: string, item: () => void): void => {
    at += 1;
    skip();
    if (text.charAt(at) === close) {
      at += 1;
      return;
    }
    for (;;) {
      item();
      skip();
      const next = text.charAt(at);
      if (next !== ',' && next !== close) throw expected(`\`,\` or \`${close}\``);
      at += 1;
      if (next === close) return;
      skip();
    }
  };
  const value = (depth: number): JsonValue => {
    skip();
    if (depth > mostNesting) throw new Slip(at, `it is nested more than ${mostNesting} deep`);
    const offset = at;
    const first = text.charAt(at);
    if (first === '[') {
      const list: JsonValue[] = [];
      items(']', () => list.push(value(depth + 1)));
      return list;
    }
    if (first === '{') {
      const map = new Map<string, JsonValue>();
      items('}', () => {
        const key = string();
        skip();
        if (text.charAt(at) !== ':') throw expected('`:`');
        at += 1;
        map.set(key, value(depth + 1));
      });
      return map;
    }
    if (first === '"') return { text: string(), offset, what: 'text' };
    const word = match(wordAt);
    if (word !== undefined) {
      if (/^[+-]?(?:nan|inf|infinity)$/i.test(word)) return { text: word, offset, what: 'not-finite' };
      if (word === 'null') return { text: word, offset, what: 'missing' };
      if (word === 'true' || word === 'false') return { text: word, offset, what: 'truth' };
      throw new Slip(offset, `${JSON.stringify(word)} is not a value`);
    }
    const number = match(numberAt);
    if (number === undefined) throw expected('a value');
    const parsed = Number(number);
    return Number.isFinite(parsed) ? parsed : { text: number, offset, what: 'not-finite' };
  };
  try {
    const result = value(0);
    skip();
    if (at < text.length) throw expected('the end of the text');
    return { ok: true, value: result };
  } catch (error) {
    if (error instanceof Slip) return { ok: false, offset: error.offset, reason: error.message };
    throw error;
  }
}

/** 1-based line and column of an offset. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}
