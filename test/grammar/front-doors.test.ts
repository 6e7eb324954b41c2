/** One canonical form, whoever is asked for it. What takes time, all examples and random programs, the deep suite has. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { travellingExamples } from '../helpers/examples.ts';
import { expectCanonical, expectSame, spaced, spacing } from '../helpers/front-doors.ts';
import { edit, edited } from '../lsp/edits.ts';
import { constructs, everything } from './corpus.ts';

const pages = [...travellingExamples.map(({ page }) => readFileSync(page, 'utf8')), ...Object.values(constructs), everything];
const width = fc.integer({ min: 20, max: 140 });

describe('the canonical form', () => {
  it('of every construct is the same for `bilevel fmt`, the language server and Prettier', async () => {
    for (const text of pages) await expectSame(text);
    await expectSame(everything.replaceAll('\n', '\r\n'));
  });

  it('keeps the tree and the comments of a page that has been edited and still parses', () => {
    let parsed = 0;
    fc.assert(
      fc.property(fc.constantFrom(...pages), fc.array(edit, { minLength: 1, maxLength: 2 }), width, (page, edits, columns) => {
        const { text } = edits.reduce((before, each) => edited(before.text, each), { text: page });
        if (expectCanonical(text, columns)) parsed += 1;
      }),
      { seed: 27, numRuns: 120 },
    );
    expect(parsed).toBeGreaterThan(5);
  });

  it('keeps comments wherever they stand', () => {
    let parsed = 0;
    fc.assert(
      fc.property(fc.constantFrom(...pages.slice(0, -1)), spacing, width, (page, spaces, columns) => {
        if (expectCanonical(spaced(page, spaces), columns)) parsed += 1;
      }),
      { seed: 31, numRuns: 80 },
    );
    expect(parsed).toBeGreaterThan(60);
  });
});
