/** What the extension for VS Code declares: that it is there, and fits what it speaks of. VS Code itself is in `test/editors/`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../diagnostics/render.ts';
import { print } from '../../grammar/print-ast.ts';
import { parse } from '../../grammar/parse.ts';
import { check } from '../../library/check.ts';
import { analyse } from '../../lsp/analysis.ts';
import { codeLenses } from '../../lsp/features/code-lens.ts';
import { switches } from '../../lsp/settings.ts';
import { linesOf, statementOf } from '../../lsp/vscode/side/lines.ts';
import { root } from '../project/imports.ts';

const folder = join(root, 'lsp/vscode');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

interface Step {
  readonly description: string;
  readonly completionEvents: readonly string[];
  readonly media: { readonly svg?: string; readonly markdown?: string };
}
interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly languages: readonly { readonly icon: { readonly light: string; readonly dark: string } }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
    readonly problemMatchers: readonly { readonly pattern: { readonly regexp: string } }[];
    readonly walkthroughs: readonly { readonly steps: readonly Step[] }[];
  };
}
const { contributes } = JSON.parse(read('package.json')) as Manifest;
const page = read('walkthrough/curve.bilevel');

describe('the extension', () => {
  it('declares the switches of the server, all on', () => {
    const { properties } = contributes.configuration;
    const own = Object.entries(properties).filter(([, { default: value }]) => typeof value === 'boolean');
    expect(own).toEqual(switches.map((name): readonly unknown[] => [`bilevel.${name}`, expect.objectContaining({ default: true })]));
  });
  it('has what its walkthrough and its icons speak of', () => {
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    const icons = contributes.languages.flatMap(({ icon }) => [icon.light, icon.dark]);
    for (const file of [...steps.flatMap(({ media }) => media.svg ?? media.markdown ?? '(no picture)'), ...icons])
      expect([file, existsSync(join(folder, file))]).toEqual([file, true]);
    const analysis = analyse(TextDocument.create('file:///curve.bilevel', 'bilevel', 1, page), () => undefined);
    const lenses = codeLenses(analysis).map(({ command }) => command?.command ?? '');
    const known = new Set([...contributes.commands.map(({ command }) => command), ...lenses]);
    const named = steps.flatMap(
      ({ description, completionEvents }) => [description, ...completionEvents].join(' ').match(/bilevel\.\w+/gu) ?? [],
    );
    expect(named.filter((command) => !known.has(command))).toEqual([]);
  });
  it('begins with a page that is right, in its canonical form', () => {
    expect(check(page).diagnostics).toEqual([]);
    expect(print(parse(page, 'curve.bilevel').value)).toBe(page);
  });
  it('reads what the command line says of a page', () => {
    const text = page.replace('penalty *', 'penlty *').replace('param w: [d]', 'param w: [d] = "a"');
    const { diagnostics } = check(text, { file: 'some folder/curve.bilevel' });
    const said = diagnostics.map((each) => renderDiagnostic(each, () => text)).join('\n');
    const matcher = new RegExp(contributes.problemMatchers[0]?.pattern.regexp ?? '', 'u');
    const found = said.split('\n').flatMap((line) => {
      const [, ...parts] = matcher.exec(line) ?? [];
      return parts.length === 0 ? [] : [parts];
    });
    expect(found).toEqual(
      diagnostics.map(({ line, column, severity, code, message }) => [
        'some folder/curve.bilevel',
        `${line}`,
        `${column}`,
        severity,
        code,
        message,
      ]),
    );
    expect(found.length).toBeGreaterThan(1);
  });
});

describe('what is typed', () => {
  interface Patterns {
    readonly wordPattern: { readonly pattern: string; readonly flags: string };
    readonly indentationRules: Readonly<Record<'increaseIndentPattern' | 'decreaseIndentPattern' | 'indentNextLinePattern', string>>;
    readonly onEnterRules: readonly { readonly beforeText: string }[];
  }
  const { wordPattern, indentationRules: rules, onEnterRules } = JSON.parse(read('language-configuration.json')) as Patterns;
  const matching = (pattern: string, lines: readonly string[]): readonly string[] =>
    lines.filter((line) => new RegExp(pattern, 'u').test(line));

  it('is words where the language has names and numbers', () => {
    const words = 'inner minimize λ_2 * mse(X₂, größe) + 1e-3 * 0.5 .. 10'.match(new RegExp(wordPattern.pattern, `g${wordPattern.flags}`));
    expect(words).toEqual(['inner', 'minimize', 'λ_2', 'mse', 'X', 'größe', '1e-3', '0.5', '10']);
  });
  it('is indented in brackets, and where a line goes on', () => {
    const lines = ['problem p {', 'let u = f(', 'a = b +', 'if a then', '// see f(', '/// a rate -', '/* over */', 'dim n', '}', '  ])'];
    expect(matching(rules.increaseIndentPattern, lines)).toEqual(['problem p {', 'let u = f(']);
    expect(matching(rules.indentNextLinePattern, lines)).toEqual(['a = b +', 'if a then']);
    expect(matching(rules.decreaseIndentPattern, lines)).toEqual(['}', '  ])']);
  });
  it('goes on in a doc comment, until an empty line of it', () => {
    const lines = ['/// What it is', '  /// and', '///', '  /// ', '// no', 'a /// b', '//// no'];
    expect(matching(onEnterRules[0]?.beforeText ?? '', lines)).toEqual(['/// What it is', '  /// and']);
  });
});

describe('lines of a page and of its module', () => {
  const range = (first: number, last: number) => ({ start: { line: first, character: 2 }, end: { line: last, character: 9 } });
  const from = [null, range(3, 4), range(3, 4), null, range(4, 4), null];
  it('are found from either', () => {
    expect(linesOf({ from }, 3)).toEqual([[1, 2]]);
    expect(linesOf({ from }, 4)).toEqual([
      [1, 2],
      [4, 4],
    ]);
    expect(linesOf({ from }, 5)).toEqual([]);
    expect([0, 1, 4, 9].map((line) => statementOf({ from }, line)?.start.line)).toEqual([undefined, 3, 4, undefined]);
  });
});
