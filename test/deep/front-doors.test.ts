/** One canonical form, whoever is asked for it: of all examples and reference problems, at every width, of edited pages and random programs. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everything } from '../grammar/corpus.ts';
import { examples } from '../helpers/examples.ts';
import { expectCanonical, expectSame, spaced, spacing } from '../helpers/front-doors.ts';
import { referenceCases } from '../helpers/reference.ts';
import { edit, edited } from '../lsp/edits.ts';
import { programs } from '../programs/shrinking.ts';

const pages = [...[...examples, ...referenceCases].map(({ page }) => readFileSync(page, 'utf8')), everything];
const widths = Array.from({ length: 121 }, (_, i) => 20 + i);

describe('the canonical form', () => {
  it.each(pages.map((text) => ({ text, title: text.split('\n', 1)[0] })))('at every width: $title', async ({ text }) => {
    expect(expectCanonical(text, ...widths)).toBe(true);
    for (const width of [20, 57, 80, 100, 140]) await expectSame(text, width);
  });

  it('of pages that have been edited and still parse', async () => {
    let parsed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...pages),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...widths, ...widths.map(() => 100)),
        async (page, edits, width) => {
          const { text } = edits.reduce((before, each) => edited(before.text, each), { text: page });
          if (!expectCanonical(text, width)) return;
          parsed += 1;
          await expectSame(text, width);
        },
      ),
      { seed: 29, numRuns: 1000 },
    );
    expect(parsed).toBeGreaterThan(50);
  });

  it('of pages with white space and comments anywhere', async () => {
    let parsed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...pages.slice(0, -1)),
        spacing,
        fc.constantFrom(...widths, ...widths.map(() => 100)),
        async (page, spaces, width) => {
          const text = spaced(page, spaces);
          if (!expectCanonical(text, width)) return;
          parsed += 1;
          await expectSame(text, width);
        },
      ),
      { seed: 32, numRuns: 250 },
    );
    expect(parsed).toBeGreaterThan(180);
  });

  it('of random programs', async () => {
    await fc.assert(
      fc.asyncProperty(programs, fc.constantFrom(...widths, ...widths.map(() => 100)), async ({ text }, width) => {
        expectCanonical(text, width);
        await expectSame(text, width);
      }),
      { seed: 30, numRuns: 80 },
    );
  });
});
