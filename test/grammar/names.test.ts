/** Every declaration of many pages is renamed, and each page still means the same: no use was missed, and none was another's. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { printGraph } from '../../compiler/ir/print.ts';
import { lowerPage } from '../../compiler/lower/program.ts';
import { inputsOf } from '../../compiler/lower/static.ts';
import { namesOf, type DeclaredName, type PageNames } from '../../grammar/names.ts';
import { parse } from '../../grammar/parse.ts';
import { examples } from '../helpers/examples.ts';
import { referenceCases } from '../helpers/reference.ts';

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

const scoped = `problem scoped {
  dim n, d = 2
  data X: [n, d]
  data y: [n]
  data g: int[n] in [0, 1]
  split n into train, valid by groups g
  hyper act: choice(tanh, soft)
  hyper a: positive[d]
  hyper mix: real in [0, d]
  random e: [n] ~ normal(0, a[0])
  param w: [d] ~ normal(0, 1)
  fn soft(t: [...s], width: [] = 1): [...s] = t / sqrt(1 + (width * t)^2)
  fn twice(A: [k, m], b: [m]): [k] = {
    let s = A @ b
    let t = soft(s, width = 0.5)
    return [t[j] + s[j] for j in k]
  }
  let (p, q) = scan (p1, q1) = (0, 1) over row in X { let both = p1 + q1  return (sum(row) + both, q1) }
  inner minimize mean((act(twice(X[train], w)) - y[train])^2) + sum(a * w^2) + mix * mean(e[train]^2 * (w[0] - p[0] * q[0])^2)
  outer minimize mean([soft(X[i] @ w) for i in valid])
  report largest = max([v for v in w])
}`;

const pages: readonly (readonly [string, string])[] = [
  ['scoped', scoped],
  ...[...examples.map(({ name, page }) => [name, page] as const), ...referenceCases.map((c) => [c.case, c.page] as const)].map(
    ([name, page]) => [name, readFileSync(page, 'utf8')] as const,
  ),
];

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
