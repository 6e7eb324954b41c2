/** Refactorings keep what pages mean, and their canonical form: of the examples, and of random programs as they are written and as they are formatted. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from '../../grammar/parse.ts';
import { print } from '../../grammar/print-ast.ts';
import { edited } from '../../diagnostics/fix.ts';
import { planOf } from '../../lsp/plans.ts';
import { examples } from '../helpers/examples.ts';
import { analysisOf } from '../lsp/every-feature.ts';
import { expectKept, offered } from '../lsp/rewriting.ts';
import { programs } from '../programs/shrinking.ts';

/** The strategy that is chosen for the first problem of a page. */
function chosenIn(text: string): string | undefined {
  const analysis = analysisOf(text);
  const problem = analysis.parsed().value.items.find((item) => item.kind === 'problem');
  return problem && planOf(analysis, problem)?.choice.chosen?.strategy;
}

it.each(examples)('what is chosen for $name is chosen when it is written out', ({ page }) => {
  const text = readFileSync(page, 'utf8');
  const analysis = analysisOf(text);
  const start = text.indexOf('inner minimize');
  const written = offered(analysis, { start, end: start }).find(({ title }) => title.startsWith('Write out'));
  expect(written === undefined).toBe(text.includes('differentiate with'));
  const changed = edited(text, written?.edits ?? []);
  expect(chosenIn(changed)).toBe(chosenIn(text));
  expect(print(parse(changed, 'page.bilevel').value)).toBe(changed);
});

describe('what is offered keeps what a page means', () => {
  const tally = new Map<string, number>();
  it.each(examples)('as of $name', ({ page }) => {
    expectKept(readFileSync(page, 'utf8'), 5, tally);
  });
  it('of random programs', () => {
    fc.assert(
      fc.property(programs, ({ text, shared }) => {
        fc.pre(shared === undefined);
        expectKept(text, 23, tally);
        expectKept(print(parse(text, 'page.bilevel').value), 23, tally);
      }),
      { seed: 8, numRuns: 40, endOnFailure: true },
    );
  });
  it('and is met', () => {
    const wanted = [
      'Extract to a …',
      'Extract to a function',
      'Inline …',
      'Inline … here',
      'Write …',
      'Flip the …',
      'Cross-validate over … folds',
    ];
    expect([...tally.keys()]).toEqual(expect.arrayContaining(wanted));
  });
});
