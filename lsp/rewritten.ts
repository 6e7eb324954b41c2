/**
 * A text that is to stand in the place of another, as edits of no more than what differs: a cursor stays with its word. Knows nothing of pages
 * but what separates their words.
 */
import type { TextEdit } from 'vscode-languageserver-protocol';
import { withLineEndsOf } from '../diagnostics/fix.ts';
import { rangeOf, type Analysis } from './analysis.ts';

/** `after` in the place of what stands from `start` on a page, with the line ends of that page: these are the editor's. */
export function rewritten(analysis: Pick<Analysis, 'document' | 'uri'>, start: number, before: string, after: string): readonly TextEdit[] {
  return differences(before, withLineEndsOf(analysis.document.getText(), after)).map(({ from, to, text }) => ({
    range: rangeOf(analysis, { file: analysis.uri, start: start + from, end: start + to }),
    newText: text,
  }));
}

interface Difference {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

interface Token {
  readonly text: string;
  readonly start: number;
}

/** One behind the other; words that both texts have stay, with the space around them where that is the same. */
export function differences(before: string, after: string): readonly Difference[] {
  const [old, fresh] = [tokensOf(before), tokensOf(after)];
  const [oldWords, freshWords] = [wordsOf(old), wordsOf(fresh)];
  const found: Difference[] = [];
  let [o, f] = [0, 0];
  /** What stands before two places, behind what was the same last. */
  const upTo = (oldEnd: number, freshEnd: number): void => {
    let [a, b] = [oldEnd, freshEnd];
    while (o < a && f < b && old[o]?.text === fresh[f]?.text) [o, f] = [o + 1, f + 1];
    while (o < a && f < b && old[a - 1]?.text === fresh[b - 1]?.text) [a, b] = [a - 1, b - 1];
    const [from, to] = [startOf(old, o, before), startOf(old, a, before)];
    const text = after.slice(startOf(fresh, f, after), startOf(fresh, b, after));
    if (from < to || text !== '') found.push({ from, to, text });
    [o, f] = [oldEnd, freshEnd];
  };
  for (const [i, j] of matches(
    oldWords.map((at) => old[at]?.text),
    freshWords.map((at) => fresh[at]?.text),
  ))
    upTo(oldWords[i] ?? 0, freshWords[j] ?? 0);
  upTo(old.length, fresh.length);
  return found;
}

/** A line end is one token, so that no edit begins inside of it. */
const tokensOf = (text: string): readonly Token[] =>
  [...text.matchAll(/\r\n|\s|[\p{L}\p{N}_]+|./gsu)].map(({ 0: token, index }) => ({ text: token, start: index }));

const wordsOf = (tokens: readonly Token[]): readonly number[] => tokens.flatMap(({ text }, i) => (/^\s/u.test(text) ? [] : [i]));

const startOf = (tokens: readonly Token[], at: number, text: string): number => tokens[at]?.start ?? text.length;

/** How many words may be missing or new in one place. */
const REACH = 200;

/** Places of words that are the same in both. Canonical and written pages differ by single words, a bracket or a comma: the nearest pair is taken. */
function* matches(old: readonly (string | undefined)[], fresh: readonly (string | undefined)[]): Generator<readonly [number, number]> {
  const isSame = (i: number, j: number): boolean => old[i] === fresh[j];
  let [i, j] = [0, 0];
  while (i < old.length && j < fresh.length) {
    if (isSame(i, j)) {
      yield [i, j];
      [i, j] = [i + 1, j + 1];
      continue;
    }
    const next = nearest(
      (down, right) =>
        i + down < old.length && j + right < fresh.length && isSame(i + down, j + right) && isSame(i + down + 1, j + right + 1),
    );
    if (next === undefined) return;
    [i, j] = [i + next[0], j + next[1]];
  }
}

function nearest(holds: (down: number, right: number) => boolean): readonly [number, number] | undefined {
  for (let distance = 1; distance <= REACH; distance += 1)
    for (let down = 0; down <= distance; down += 1) if (holds(down, distance - down)) return [down, distance - down];
  return undefined;
}
