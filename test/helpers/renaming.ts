/** Every declaration of a page is renamed, and it still means the same: no use was missed, and none was another's. */
import { describe, expect, it } from 'vitest';
import { printGraph } from '../../compiler/ir/print.ts';
import { lowerPage } from '../../compiler/lower/program.ts';
import { inputsOf } from '../../compiler/lower/static.ts';
import { namesOf, type DeclaredName, type PageNames } from '../../grammar/names.ts';
import { parse } from '../../grammar/parse.ts';

/** Behind the old one in the alphabet too, by which dims are ordered. */
const freshOf = (name: string): string => `${name}_renamed`;

/** The graph of a page's problems, or its mistakes. */
function meaningOf(text: string): readonly string[] {
  const page = parse(text, 'page.bilevel');
  const { value, diagnostics } = lowerPage(page.value);
  const mistakes = [...page.diagnostics, ...diagnostics].filter(({ severity }) => severity === 'error').map(({ message }) => message);
  return mistakes.length > 0
    ? mistakes
    : value.map(({ builder, inner, outer, reports }) => {
        const results = [inner, outer, ...reports].map((each) => each.value);
        const inputs = new Set(results.flatMap((result) => inputsOf(result).flatMap(({ outputs }) => outputs)));
        return printGraph(builder.graph('page', [...inputs], results));
      });
}

function renamed(text: string, { used }: PageNames, declared: DeclaredName): string {
  const spans = [declared.span, ...used.filter(({ of }) => of === declared).map(({ span }) => span)];
  return spans
    .sort((a, b) => b.start - a.start)
    .reduce((changed, { start, end }) => changed.slice(0, start) + freshOf(declared.name) + changed.slice(end), text);
}

export const describeNames = (pages: readonly (readonly [name: string, text: string])[]): void =>
  describe.each(pages)('the names of %s', (_, text) => {
    const names = namesOf(parse(text, 'page.bilevel').value);
    const meaning = meaningOf(text);
    it('can be renamed one by one, and the page means the same', () => {
      expect(names.declared.length).toBeGreaterThan(2);
      for (const declared of names.declared) {
        const word = new RegExp(`${freshOf(declared.name)}\\b`, 'gu');
        const plain = (graphs: readonly string[]): readonly string[] => graphs.map((graph) => graph.replaceAll(word, declared.name));
        expect(plain(meaningOf(renamed(text, names, declared))), declared.name).toEqual(meaning);
      }
    });

    it('are all used where they are seen', () => {
      for (const { of, span, as } of names.used) {
        // A call names parameters from outside.
        if (of === undefined || as === 'argument') continue;
        expect(of.scope.start).toBeLessThanOrEqual(span.start);
        expect(of.scope.end).toBeGreaterThanOrEqual(span.end);
      }
    });
  });
