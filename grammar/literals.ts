/** Owns what the text of a literal stands for, the foreign forms included that `habits.ts` lets pass. */
import type { IToken } from 'chevrotain';
import { SingleQuoted, UnclosedString } from './tokens.ts';

/** `1.` → `1.0`, `.5` → `0.5`, `1.e5` → `1.0e5`; any other number as it is. */
export const repairedNumber = (text: string): string => text.replace(/^\./, '0.').replace(/\.(?!\d)/, '.0');

// prettier-ignore
const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'], ['\\', '\\'], ['/', '/'], ['b', '\b'], ['f', '\f'], ['n', '\n'], ['r', '\r'], ['t', '\t'],
]);

/** The digits of a decimal without zeros on either side, and the power of ten of the last one. */
function decimalOf(text: string): string {
  const [, whole = '', part = '', power = '0'] = /^(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + part).replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  return short === '' ? '0' : `${short}e${Number(power) - part.length + digits.length - short.length}`;
}

/** Whether a number is the one that was written; of numbers whose decimals are few (`isShort`). */
export const isExactly = (value: number, text: string): boolean => decimalOf(String(value)) === decimalOf(text);

/**
 * The text that a string token stands for, with the escapes of JSON resolved; a wrong escape stands for its letter.
 * `report` is told the offset and the text of each wrong escape.
 */
export function stringValue(token: IToken, report: (start: number, escape: string) => void): string {
  if (token.tokenType === SingleQuoted) return token.image.slice(1, -1);
  const isClosed = token.tokenType !== UnclosedString;
  const body = token.image.slice(1, isClosed ? -1 : undefined);
  return body.replace(/\\(u[0-9a-fA-F]{4}|[^]|$)/g, (escape: string, code: string, offset: number) => {
    if (code.length === 5) return String.fromCharCode(parseInt(code.slice(1), 16));
    const simple = simpleEscapes.get(code);
    // A string without its end is reported as that alone.
    if (simple === undefined && isClosed) report(token.startOffset + 1 + offset, escape);
    return simple ?? code;
  });
}
