/** Whatever is typed, and wherever a page ends: every feature answers. Ten thousand edits more are made in the deep suite. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everything } from '../grammar/corpus.ts';
import { semanticTokens } from '../../lsp/features/semantic-tokens.ts';
import { travellingExamples } from '../helpers/examples.ts';
import { edit, edited } from './edits.ts';
import { analysisOf, askAll, askQuick, expectChange, expectFresh } from './every-feature.ts';

/** Problems that share functions, one of which calls the other. */
const family = (own: string): string => `fn square(x: [k]): [k] = x^2

fn total(x: [k]): [] = sum(square(x)) ${own}

problem first {
  dim n
  data y: [n]
  hyper h: positive = 1
  param w: [n]
  inner minimize mean((w - y)^2) + h * total(w)
  outer minimize mean((w - 1)^2)
}

/// It uses none of them.
problem second {
  dim n
  data y: [n]
  hyper h: positive = 1
  param w: [n]
  let r = w - y
  inner minimize norm(r)^2 + h * norm(w)^2
  outer minimize mean(w)
}
`;

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
        let analysis = analysisOf(text);
        let before = askQuick(analysis, offset);
        for (const each of edits) {
          ({ text, offset } = edited(text, each));
          analysis = analysisOf(text, analysis);
          const after = askQuick(analysis, offset);
          expectChange(before, after);
          expectFresh(analysis, { all: false });
          before = after;
        }
        askAll(analysis, offset);
      }),
      { seed: 25, numRuns: 15 },
    );
  });

  it('as on the page alone, wherever its parts have moved', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 2, maxLength: 4 }), (edits) => {
        let text = family('');
        let analysis = analysisOf(text);
        expectFresh(analysis, { all: true });
        for (const each of edits) {
          ({ text } = edited(text, each));
          analysis = analysisOf(text, analysis);
          expectFresh(analysis, { all: true });
        }
      }),
      { seed: 27, numRuns: 12 },
    );
  });

  it('and with line ends of Windows', () => {
    const page = `${family('')}\nproblem third {\n  param w: []\n}\n`;
    expect(semanticTokens(analysisOf(page.replaceAll('\n', '\r\n')))).toEqual(semanticTokens(analysisOf(page)));
  });

  it('and what has not changed is not looked at again', () => {
    const before = analysisOf(family(''));
    const programs = before.problems().map(({ program }) => program);
    const [first, second] = analysisOf(`// Moved.\n${family('+ 1')}`, before).problems();
    expect(first?.program).not.toBe(programs[0]);
    expect(second?.program).toBe(programs[1]);
    const later = analysisOf(`// Moved.\n${family('')}`, before).problems();
    expect(later.map(({ program }) => program)).toEqual(programs);
  });
});
