/** Refactorings keep what pages mean, and their canonical form: of the examples, and of random programs as they are written and as they are formatted. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from '../../grammar/parse.ts';
import { print } from '../../grammar/print-ast.ts';
import { examples } from '../helpers/examples.ts';
import { expectKept } from '../lsp/rewriting.ts';
import { programs } from '../programs/shrinking.ts';

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
