/** Text as data: what counts as text, and how its words become the numbers 0, 1, …. Knows no format. */
import { labelsOutsideInterval } from '../../diagnostics/labels.ts';
import type { ArrayOrNot, DataArray } from './array.ts';

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const notFinitePattern = /^[+-]?(?:nan|inf|infinity)$/i;

export const isNumber = (cell: string): boolean => numberPattern.test(cell);
/** A NaN or an infinity by name. */
export const isNotFinite = (cell: string): boolean => notFinitePattern.test(cell);
/** Neither a number nor where one is missing: a word that may stand for one. */
export const isWord = (cell: string): boolean => cell !== '' && !isNumber(cell) && !isNotFinite(cell);

export interface Encoded {
  readonly values: Float64Array;
  /** What the numbers 0, 1, … stand for. */
  readonly labels: readonly string[];
}

/** Numbers the distinct words in the order of their code points, which no locale and no order of rows changes. */
export function encode(words: readonly string[]): Encoded {
  const labels = sortedWords(words);
  const codes = new Map(labels.map((label, i) => [label, i]));
  return { labels, values: Float64Array.from(words, (word) => codes.get(word) ?? Number.NaN) };
}

export const sortedWords = (words: Iterable<string>): readonly string[] => [...new Set(words)].sort(byCodePoint);

/** UTF-16, in which JavaScript compares, has the characters beyond U+FFFF before the last ones below. */
function byCodePoint(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  const isAfterHalf = at > 0 && a.charCodeAt(at - 1) >= 0xd800 && a.charCodeAt(at - 1) < 0xdc00;
  const from = isAfterHalf ? at - 1 : at;
  return (a.codePointAt(from) ?? -1) - (b.codePointAt(from) ?? -1);
}

/** Decoders put it where bytes are not UTF-8: words that it stands in may have been different. */
export const replacement = '\ufffd';

/** What an array of words knows of them. */
export const labelled = (
  file: string,
  labels: readonly string[],
  name: string | undefined,
): Pick<DataArray, 'labels' | 'name' | 'misfit'> => ({
  labels,
  name,
  misfit: (declared, where) =>
    declared.low > 0 || declared.high < labels.length - 1 ? labelsOutsideInterval(where, { ...declared, labels, file }) : undefined,
});

/**
 * Arrays of text under one name, such as the columns `species` of two files, with one numbering for the words of all of them: a word that one
 * file lacks shifts no number.
 */
export function numberTogether(read: readonly ArrayOrNot[]): readonly ArrayOrNot[] {
  const words = new Map<string, Set<string>>();
  for (const each of read) {
    const { name, labels = [] } = each.ok ? each.array : {};
    if (name !== undefined) words.set(name, new Set([...(words.get(name) ?? []), ...labels]));
  }
  return read.map((each) => {
    const { name, labels: own, tensor } = each.ok ? each.array : {};
    if (!each.ok || name === undefined || own === undefined || tensor === undefined) return each;
    const labels = sortedWords(words.get(name) ?? []);
    const codes = own.map((label) => labels.indexOf(label));
    const data = tensor.data.map((code) => codes[code] ?? Number.NaN);
    return { ok: true, array: { ...each.array, ...labelled(each.array.source, labels, name), tensor: { ...tensor, data } } };
  });
}
