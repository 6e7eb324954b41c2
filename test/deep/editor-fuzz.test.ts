/** Ten thousand random edits of the examples: every feature of the language server answers after each, and nothing that it says is stale. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { examples } from '../helpers/examples.ts';
import { edit, edited } from '../lsp/edits.ts';
import { analysisOf, askAll, askQuick, expectChange, expectFresh } from '../lsp/every-feature.ts';

const editsOfEach = Math.ceil(10_000 / examples.length);
/** So many edits in a row, until the page is begun anew; and how often shapes and derivatives are asked for too. */
const inRow = 10;

describe('every feature answers while a page is edited', () => {
  it.each(examples)('as in $name', ({ page }) => {
    const written = readFileSync(page, 'utf8');
    const first = analysisOf(written);
    expectFresh(first, { all: true });
    fc.assert(
      fc.property(fc.array(edit, { minLength: inRow, maxLength: inRow }), (edits) => {
        let [text, offset] = [written, 0];
        let analysis = first;
        let before: readonly number[] | undefined;
        for (const each of edits) {
          ({ text, offset } = edited(text, each));
          analysis = analysisOf(text, analysis);
          const after = askQuick(analysis, offset);
          if (before !== undefined) expectChange(before, after);
          expectFresh(analysis, { all: false });
          before = after;
        }
        askAll(analysis, offset);
        expectFresh(analysis, { all: true });
      }),
      { seed: 26, numRuns: Math.ceil(editsOfEach / inRow) },
    );
  });
});
