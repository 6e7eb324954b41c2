/** A text in the place of another, by edits that leave alone what both have. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences } from '../../lsp/rewritten.ts';

const applied = (before: string, after: string): string =>
  differences(before, after).reduceRight((text, { from, to, text: put }) => text.slice(0, from) + put + text.slice(to), before);

describe('the edits from one text to another', () => {
  const piece = fc.constantFrom('a', 'b', 'let', ' ', '  ', '\n', '\r\n', '\r', '\t', '(', ')', ',', '+', '𝑥', '\ud835', '"s"');
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

  it('make the one of the other, in order, and begin inside of no line end and no character', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applied(before, after)).toBe(after);
        let last = 0;
        for (const { from, to } of differences(before, after)) {
          expect(from).toBeGreaterThanOrEqual(last);
          last = to;
          for (const place of [from, to]) expect(/\r$/u.test(before.slice(0, place)) && before[place] === '\n').toBe(false);
        }
      }),
      { seed: 34, numRuns: 500 },
    );
  });

  it.each([
    ['a=1', 'a = 1', [' ', ' ']],
    ['let a=(b + c)\n\n\n  let d = [1,\n2]', 'let a = b + c\n\n  let d = [1, 2]', [' ', ' ', '', ' ']],
    ['same', 'same', []],
    ['', 'all', ['all']],
  ])('of %j to %j are no more than what differs', (before, after, written) => {
    expect(applied(before, after)).toBe(after);
    expect(differences(before, after).map((each) => each.text)).toEqual(written);
  });

  it('are found where much is new in one place', () => {
    const added = Array.from({ length: 150 }, (_, i) => `w${i}`).join(' ');
    expect(differences('a b', `a ${added} b`)).toEqual([{ from: 2, to: 2, text: `${added} ` }]);
    const more = Array.from({ length: 1000 }, (_, i) => `w${i}`).join(' ');
    expect(applied('a b c', `a ${more} b c`)).toBe(`a ${more} b c`);
  });
});
