import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { print } from '../../grammar/print-ast.ts';
import { PageParser } from '../../grammar/parser.ts';
import { page } from './arbitrary.ts';
import { constructs, everything } from './corpus.ts';
import { meaning, parseWell, strip } from './strip.ts';

const widths = [100, 40, 1];

describe('the grammar', () => {
  it('is free of ambiguities, left recursion and unreachable alternatives', () => {
    expect(() => new PageParser(true)).not.toThrow();
  });
});

describe('every construct of the language', () => {
  it.each(Object.entries({ ...constructs, everything }))(
    '%s parses, prints to a text of the same meaning, and that prints to itself',
    (_, text) => {
      const tree = parseWell(text);
      for (const width of widths) {
        const printed = print(tree, { width });
        const again = parseWell(printed);
        expect(meaning(again)).toEqual(meaning(tree));
        expect(print(again, { width })).toBe(printed);
        expect(again.comments.map((comment) => comment.text)).toEqual(tree.comments.map((comment) => comment.text));
      }
    },
  );
});

describe('random trees', () => {
  it('print to a text that parses back to them, and prints to itself', () => {
    fc.assert(
      fc.property(page, fc.constantFrom(...widths), (tree, width) => {
        const printed = print(tree, { width });
        const again = parseWell(printed);
        expect(meaning(again)).toEqual(strip(tree.items));
        expect(print(again, { width })).toBe(printed);
      }),
      { seed: 20, numRuns: 120 },
    );
  });
});
