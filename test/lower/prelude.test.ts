/** The library's functions that are written in the language: as a page they have no mistakes, and say what they are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeContext } from '../../compiler/lower/problem.ts';
import { preludeFns, preludeNames } from '../../compiler/lower/prelude.ts';
import { isLibraryRow } from '../../compiler/lower/library/table.ts';
import { preludeText } from '../../compiler/prelude/text.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { parse } from '../../grammar/parse.ts';
import { print } from '../../grammar/print-ast.ts';
import { root } from '../project/imports.ts';
import { codes, lower } from './harness.ts';

const folder = join(root, 'compiler', 'prelude');

describe('the prelude', () => {
  it('is the page that is compiled with the compiler', async () => {
    const page = readFileSync(join(folder, 'prelude.bilevel'), 'utf8');
    const literal = page.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${');
    const head = '/** The text of `prelude.bilevel`, written by `npm run accept`: change that page, not this. */';
    await expect(`${head}\nexport const preludeText = \`${literal}\`;\n`).toMatchFileSnapshot(join(folder, 'text.ts'));
  });

  it('is written as the formatter writes', () => {
    expect(print(parse(preludeText, 'prelude.bilevel').value)).toBe(preludeText);
  });

  it('is in the documentation as it is', () => {
    expect(readFileSync(join(root, 'docs', 'functions.md'), 'utf8')).toContain(`\`\`\`bilevel\n${preludeText}\`\`\`\n`);
  });

  it('is used there on a page without mistakes', () => {
    const [, page = ''] = /```bilevel\n([^]*?)```/u.exec(readFileSync(join(root, 'docs', 'functions.md'), 'utf8')) ?? [];
    expect(page).toContain('problem robust');
    expect(codes(page)).toEqual([]);
  });

  it('does not hide what is written elsewhere', () => {
    expect(preludeNames().filter(isLibraryRow)).toEqual([]);
  });

  it.each(preludeNames())('%s is right for any number of dims, and documented', (name) => {
    const found: Diagnostic[] = [];
    const { fns } = makeContext((diagnostic) => found.push(diagnostic), new Map(), [], { file: 'prelude', text: '' });
    const forms = preludeFns(name);
    for (const { declaration, scope } of forms) {
      expect(fns.check({ declaration, scope })).toBe(true);
      expect(declaration.doc).toMatch(/\.$/u);
    }
    expect(found).toEqual([]);
    const headers = forms.map(({ declaration }) => declaration.parameters.map((p) => [p.name.name, p.init !== undefined]));
    for (const header of headers) expect(header).toEqual(headers[0]);
  });
});

describe('a call of the prelude', () => {
  const page = (outer: string): string => `problem p {
  dim n, m, d
  data x: [n]
  data y: [m]
  data A: [n, d]
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2 + ${outer}
}`;

  it('is told of its arguments, in its own place', () => {
    const text = page('mse(x, y)');
    const [diagnostic] = lower(text).diagnostics;
    expect(diagnostic).toMatchObject({
      code: 'BL2003',
      message: '`mse` does not fit [n] and [m]: `n` is not `m`',
      labels: [
        { message: 'this is [n]' },
        { message: 'this is [m]' },
        { message: '`n` is declared here' },
        { message: '`m` is declared here' },
      ],
    });
    expect(text.slice(diagnostic?.span?.start, diagnostic?.span?.end)).toBe('mse(x, y)');
    expect(lower(page('mse(x, A)')).diagnostics[0]?.message).toBe('`mse` does not fit [n] and [n, d]: they have different numbers of axes');
    expect(lower(page('huber(x, x, A)')).diagnostics[0]?.message).toContain('`delta`');
    expect(codes(page('huber(x, x, delt = 1)'))).toEqual(['BL2011']);
    expect(codes(page('mse(x)'))).toEqual(['BL2010']);
  });

  it('makes nodes of the call, not of a text that nobody sees', () => {
    const { programs } = lower(page('huber(x, 0 * x)'));
    const spans = new Set<string | undefined>();
    const visit = (value: { node: { span?: { file: string } | undefined; inputs: readonly never[] } }): void => {
      spans.add(value.node.span?.file);
      for (const input of value.node.inputs) visit(input);
    };
    visit(programs[0]?.outer.value as never);
    expect([...spans]).not.toContain('prelude.bilevel');
    expect([...spans]).toContain('test.bilevel');
  });
});
