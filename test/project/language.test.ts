/** `docs/language.md`: its pages are checked, its lines stand on a page, its expressions are evaluated, and its mistakes have their codes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { libraryNames } from '../../compiler/lower/library/table.ts';
import { preludeNames } from '../../compiler/lower/prelude.ts';
import { check } from '../../library/check.ts';
import { problem } from '../../library/problem.ts';
import { root } from './imports.ts';

const text = readFileSync(join(root, 'docs/language.md'), 'utf8');
const fences = [...text.matchAll(/^```(?<language>[\w-]*)\n(?<text>[\s\S]*?)^```$/gmu)].map(
  ({ groups: { language = '', text: inside = '' } = {} }) => ({
    language,
    text: inside,
  }),
);
const blocks = (language: string): readonly string[] => fences.filter((fence) => fence.language === language).map((fence) => fence.text);

/** Cells of all tables with this head. */
function rowsOf(head: string): readonly (readonly string[])[] {
  const tables = [...text.matchAll(/^(?<head>\|.*\|)\n\|[-|]+\|\n(?<body>(?:\|.*\|\n)+)/gmu)].map(({ groups }) => groups);
  const cellsOf = (row: string): readonly string[] =>
    row
      .slice(2, -2)
      .split(/ +\| +/u)
      .map((cell) => cell.replace(/^`(.*)`$/u, '$1'));
  return tables
    .filter((table) => cellsOf(table?.['head'] ?? '').join() === head)
    .flatMap((table) => (table?.['body'] ?? '').trim().split('\n').map(cellsOf));
}

const codesOf = (page: string): readonly string[] =>
  check(page)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code }) => code);

describe('docs/language.md', () => {
  it('has only blocks that a test reads', () => {
    expect([...new Set(fences.map((fence) => fence.language))].sort()).toEqual(['bilevel', 'bilevel-lines', 'text']);
  });

  it.each(blocks('bilevel').map((page) => [/problem \w+/u.exec(page)?.[0] ?? '', page]))('%s has no mistakes', (_, page) => {
    expect(check(page).diagnostics).toEqual([]);
  });

  it('has lines that make one page', () => {
    const lines = blocks('bilevel-lines').join('');
    expect(codesOf(`problem p {\n dim n, d = 2\n${lines}}`)).toEqual([]);
  });

  const splits = rowsOf('line,what the criterion is');
  it.each(splits.map(([line = '']) => [line]))('%s', (line) => {
    expect(
      codesOf(`problem p { dim n data label: int[n] data y: [n] ${line} hyper a: positive param w: []
        inner minimize mean((w - y[train])^2) + a * w^2 outer minimize mean((w - y[valid])^2) }`),
    ).toEqual([]);
  });

  const expressions = rowsOf('expression,value');
  it('has expressions whose values are beside them', async () => {
    expect(expressions.length).toBeGreaterThan(80);
    const reports = expressions.map(([expression = ''], k) => `report r${k} = ${expression}`).join('\n');
    const page = problem(`problem p {
      data a: [] data i: int[2] in [0, 2] data x: [3] data A: [2, 3]
      hyper h: real param w: []
      inner minimize (w - h)^2 outer minimize w^2
      ${reports}
    }`);
    const { report } = await page.evaluate(
      {
        a: 3,
        i: [2, 0],
        x: [1, -2, 4],
        A: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      {},
    );
    const values = expressions.map(([expression], k) => {
      const value = report[`r${k}`] ?? Number.NaN;
      return [expression, typeof value === 'number' ? [value] : [...value.data]];
    });
    const near = (x: string): unknown => expect.closeTo(Number(x), 12);
    expect(values).toEqual(expressions.map(([expression, value = '']) => [expression, value.split(', ').map(near)]));
  });

  const mistakes = rowsOf('line,code,because');
  it('has tables', () => {
    expect([splits.length, mistakes.length].every((count) => count > 4)).toBe(true);
  });
  it.each(mistakes.map(([line = '', code = '']) => [line, code]))('%s is %s', (line, code) => {
    expect(
      codesOf(`problem p {\n dim n\n data y: [n]\n data x: [3]\n data A: [2, 3]\n split n into train 60%, valid 40%, seed 1
        hyper h: real\n param w: []\n inner minimize (w - h)^2\n outer minimize w^2\n ${line}\n}`),
    ).toEqual([code]);
  });

  it('names every function, or docs/functions.md does', () => {
    const functions = readFileSync(join(root, 'docs/functions.md'), 'utf8');
    expect(preludeNames().length).toBeGreaterThan(5);
    for (const name of libraryNames()) expect(new RegExp(`\\b${name}\\(`, 'u').test(text + functions), name).toBe(true);
  });
});
