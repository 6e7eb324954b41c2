/** Refactorings keep what pages mean; at more places, and on random programs, in the deep suite. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { forms } from '../../lsp/features/refactorings/forms.ts';
import { examples } from '../helpers/examples.ts';
import { matrix, stream, valueOf, vector } from '../lower/harness.ts';
import { expectKept } from './rewriting.ts';

it('what is offered on the examples keeps what they mean', () => {
  const tally = new Map<string, number>();
  for (const { page } of examples) expectKept(readFileSync(page, 'utf8'), 75, tally);
  expect([...tally.keys()]).toEqual(expect.arrayContaining(['Extract to a …', 'Extract to a function', 'Inline … here', 'Write …']));
});

describe('a form and its other', () => {
  const next = stream(8);
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, () => 0.2 + Math.abs(next()));
  const rows = Array.from({ length: 3 }, () => numbers(3));
  // Symmetric, and definite by its diagonal.
  const definite = rows.map((row, i) => row.map((x, j) => (i === j ? 4 : x + (rows[j]?.[i] ?? 0)) / 2));
  const data = { 'data:x': vector(numbers(3)), 'data:A': matrix(rows), 'data:S': matrix(definite) };
  /** What the letters stand for: a vector, unless the form is about matrices, conditions or an axis. */
  const meant = (text: string, { from, where }: (typeof forms)[number]): string =>
    text.replaceAll(/(?<!\.)\b\p{L}\b/gu, (letter) => {
      if (letter === 'r') return letter;
      if (letter === 'a' && from.includes('axis = a')) return '1';
      if (letter === 'A') return from.includes('cholesky') ? 'S' : 'A';
      if (letter === 'B' && from.startsWith('A.T')) return '(S @ A.T)';
      if (letter === 'B' || (letter === 'x' && where?.rank === undefined && /axis|\.T/u.test(from))) return 'S';
      if (letter === 'c' && from.startsWith('not')) return '(x > 0.5)';
      return letter === 'b' ? '(2 * x)' : 'x';
    });

  it.each(forms)('$from is $to', (form) => {
    const [before, after] = [form.from, form.to].map((text) => valueOf(meant(text, form), data));
    expect(after?.shape).toEqual(before?.shape);
    for (const [i, x] of [...(before?.data ?? [])].entries()) expect(after?.data[i]).toBeCloseTo(x, 12);
  });
});
