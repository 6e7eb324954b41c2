/** Whatever is typed, and wherever a page ends: every feature answers. Ten thousand edits more are made in the deep suite. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everything } from '../grammar/corpus.ts';
import { travellingExamples } from '../helpers/examples.ts';
import { edit, edited } from './edits.ts';
import { analysisOf, askAll, askQuick, expectChange } from './every-feature.ts';

const pages = [...travellingExamples.map(({ page }) => readFileSync(page, 'utf8')), everything];

describe('every feature answers', () => {
  it('on what is left of a page that is cut', () => {
    for (const text of pages)
      for (const share of [0.2, 0.5, 0.8]) {
        const cut = Math.floor(share * text.length);
        askQuick(analysisOf(text.slice(0, cut)), cut);
        askQuick(analysisOf(text.slice(cut)), 0);
      }
    expect(pages.length).toBeGreaterThan(5);
  });

  it('on a page that is being edited', () => {
    fc.assert(
      fc.property(fc.constantFrom(...pages.slice(0, -1)), fc.array(edit, { minLength: 1, maxLength: 3 }), (page, edits) => {
        let [text, offset] = [page, 0];
        let before = askQuick(analysisOf(text), offset);
        for (const each of edits) {
          ({ text, offset } = edited(text, each));
          const after = askQuick(analysisOf(text), offset);
          expectChange(before, after);
          before = after;
        }
        askAll(analysisOf(text), offset);
      }),
      { seed: 25, numRuns: 15 },
    );
  });
});
