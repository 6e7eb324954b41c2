/** Functions of other pages: which file an import names, what of it is seen, and where its mistakes are told. */
import { describe, expect, it } from 'vitest';
import { beside } from '../../compiler/paths.ts';
import { compile } from '../../compiler/pipeline.ts';
import { renderDiagnostic } from '../../diagnostics/render.ts';
import type { CompiledPage } from '../../compiler/pipeline.ts';

const problem = (inner: string): string => `problem p {
  dim k = 3
  hyper a: positive
  param w: []
  inner minimize ${inner} + a * w^2
  outer minimize w^2
}
`;

/** A page in the folder `pages`, beside other texts. */
const compiled = (text: string, others: Readonly<Record<string, string>> = {}): CompiledPage =>
  compile(text, 'pages/own.bilevel', (file) => others[file]);
const codesOf = (page: CompiledPage): readonly string[] => page.diagnostics.map((d) => d.code);

describe('a path', () => {
  it.each([
    ['a/b.bilevel', './c.bilevel', 'a/c.bilevel'],
    ['a/b.bilevel', 'c.bilevel', 'a/c.bilevel'],
    ['a/b.bilevel', '../c.bilevel', 'c.bilevel'],
    ['a/b.bilevel', '../../c.bilevel', '../c.bilevel'],
    ['b.bilevel', '../../c.bilevel', '../../c.bilevel'],
    ['b.bilevel', './x/../c.bilevel', 'c.bilevel'],
    ['./b.bilevel', './c.bilevel', './c.bilevel'],
    ['./b.bilevel', '../c.bilevel', '../c.bilevel'],
    ['/a/b.bilevel', '../c.bilevel', '/c.bilevel'],
    ['C:\\a\\b.bilevel', '..\\x\\c.bilevel', 'C:\\x/c.bilevel'],
    ['a/b.bilevel', '/c.bilevel', '/c.bilevel'],
    ['a/b.bilevel', 'b.bilevel', 'a/b.bilevel'],
  ])('in %s, %s is %s', (file, path, expected) => {
    expect(beside(file, path)).toBe(expected);
  });
});

describe('an import', () => {
  it('brings functions, with those that they use themselves', () => {
    const page = compiled(`import { smooth } from "./kernels.bilevel"\n${problem('smooth(w - 1)')}`, {
      'pages/kernels.bilevel':
        'import { square } from "../base.bilevel"\nfn smooth(x: []): [] = sqrt(1 + square(x))\nfn other(x: []): [] = x',
      'base.bilevel': 'fn square(x: []): [] = x^2',
    });
    expect(codesOf(page)).toEqual([]);
    expect(page.value).toHaveLength(1);
    expect([...page.imports.keys()]).toEqual(['pages/kernels.bilevel', 'base.bilevel']);
  });

  it('is the same as the function on the page', () => {
    const fn = 'fn smooth(x: []): [] = sqrt(1 + x^2)\n';
    const apart = compiled(`import { smooth } from "k.bilevel"\n${problem('smooth(w - 1)')}`, { 'pages/k.bilevel': fn });
    const together = compiled(fn + problem('smooth(w - 1)'));
    expect(apart.value[0]?.dumps.get('lower')?.()).toBe(together.value[0]?.dumps.get('lower')?.());
  });

  it('sees no names of the problem, nor does it lend those of its page', () => {
    const [diagnostic] = compiled(`import { f } from "f.bilevel"\n${problem('f(w)')}`, {
      'pages/f.bilevel': 'fn f(x: []): [] = x * k',
    }).diagnostics;
    expect(diagnostic).toMatchObject({ code: 'BL2001', span: { file: 'pages/f.bilevel' } });
    const hidden = compiled(`import { f } from "f.bilevel"\n${problem('f(w) + g(w)')}`, {
      'pages/f.bilevel': 'fn f(x: []): [] = g(x)\nfn g(x: []): [] = x^2',
    });
    expect(codesOf(hidden)).toEqual(['BL2009']);
  });
});

describe('a mistake', () => {
  const mistakes: readonly (readonly [string, string, Readonly<Record<string, string>>, string])[] = [
    ['a page that is not there', 'import { f } from "f.bilevel"', {}, 'BL2050'],
    ['a name that it does not have', 'import { f } from "f.bilevel"', { 'pages/f.bilevel': 'fn ff(x: []): [] = x^2' }, 'BL2051'],
    ['a page that imports itself', 'import { f } from "own.bilevel"', {}, 'BL2052'],
    [
      'two names alike',
      'import { f } from "f.bilevel" import { f } from "g.bilevel"',
      { 'pages/f.bilevel': 'fn f(x: []): [] = x^2', 'pages/g.bilevel': 'fn f(x: []): [] = x^2' },
      'BL2002',
    ],
    ['a name twice in one import', 'import { f, f } from "f.bilevel"', { 'pages/f.bilevel': 'fn f(x: []): [] = x^2' }, 'BL2002'],
    [
      'a name that is declared too',
      'fn f(x: []): [] = x^2 import { f } from "f.bilevel"',
      { 'pages/f.bilevel': 'fn f(x: []): [] = x^2' },
      'BL2002',
    ],
  ];
  it.each(mistakes)('%s', (_, top, others, code) => {
    expect(codesOf(compiled(`${top}\n${problem('f(w)')}`, others))).toEqual([code]);
  });

  it('in the names is told with what comes near', () => {
    const others = {
      'pages/f.bilevel': 'import { deep } from "./deep/g.bilevel"\nfn smooth(x: []): [] = x^2\nproblem q { fn inside(x: []): [] = x }',
      'pages/deep/g.bilevel': 'fn deep(x: []): [] = x^2',
    };
    const hints = (name: string): readonly string[] =>
      compiled(`import { ${name} } from "f.bilevel"\n${problem('w^2')}`, others).diagnostics.find((d) => d.code === 'BL2051')?.hints ?? [];
    expect(hints('smoth')).toEqual(['did you mean `smooth`?']);
    expect(hints('deep')).toEqual(['import it from where it is declared, `pages/deep/g.bilevel`']);
    expect(hints('inside')).toEqual(['move it out of the problem']);
    expect(hints('q')).toEqual(['functions outside of problems are imported']);
    expect(hints('completely')).toEqual(['it has: smooth']);
  });

  it('of going in circles shows the way', () => {
    const [diagnostic] = compiled(`import { f } from "f.bilevel"\n${problem('f(w)')}`, {
      'pages/f.bilevel': 'import { g } from "g.bilevel" fn f(x: []): [] = g(x)',
      'pages/g.bilevel': 'import { f } from "f.bilevel" fn g(x: []): [] = f(x)',
    }).diagnostics;
    expect(diagnostic).toMatchObject({
      code: 'BL2052',
      message: '`pages/f.bilevel` imports itself, by way of `pages/g.bilevel`',
      span: { file: 'pages/g.bilevel' },
      labels: [{ span: { file: 'pages/f.bilevel' } }, { span: { file: 'pages/f.bilevel' }, message: 'imported here' }],
    });
  });

  it('on another page is shown there, and says who imports it', () => {
    const others = { 'pages/f.bilevel': '// functions\nfn f(x: []): [] = x + unknwn\n' };
    const own = `import { f } from "f.bilevel"\n${problem('f(w)')}`;
    const { diagnostics } = compiled(own, others);
    const sources = (file: string): string | undefined => (file === 'pages/own.bilevel' ? own : others['pages/f.bilevel']);
    expect(diagnostics.map((d) => renderDiagnostic(d, sources)).join('\n')).toBe(
      [
        'pages/f.bilevel:2:23: error BL2001 (unknown-name): nothing here is called `unknwn`',
        '   |',
        ' 2 | fn f(x: []): [] = x + unknwn',
        '   |                       ^^^^^^',
        '  --> pages/own.bilevel:1:19',
        '   |',
        ' 1 | import { f } from "f.bilevel"',
        '   |                   ----------- imported here',
        '  hint: declare it: `data unknwn: …`, `hyper unknwn: …`, `param unknwn: …` or `let unknwn = …`',
      ].join('\n'),
    );
    expect(codesOf(compiled(own, { 'pages/f.bilevel': 'fn f(x: []): [] = ' }))).toEqual(['BL1001']);
  });

  it('where no pages are known says what to do', () => {
    const [diagnostic] = compile(`import { f } from "./f.bilevel"\n${problem('f(w)')}`, 'page.bilevel').diagnostics;
    expect(diagnostic?.hints).toEqual([
      'give its text: `{ imports: { "./f.bilevel": text } }` as options, or put the functions on this page',
    ]);
  });
});
