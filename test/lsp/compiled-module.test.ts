/** The module that a client shows beside a page: the bytes of the library, and of each line what of the page it speaks of. */
import { afterEach, describe, expect, it } from 'vitest';
import { compile } from '../../library/compile.ts';
import { compileRequest, type CompileAnswer, type ModuleAnswer } from '../../lsp/compile-request.ts';
import { Editor, offsetsOf, type OpenPage } from './harness.ts';

const problem = (name: string, more = ''): string => `problem ${name} {
  /// How strongly it is drawn to zero.
  hyper pull: positive = 0.1
  param
    w: []
  ${more}
  inner minimize (w - 3)^2 + pull * w^2
  outer minimize (w - 1)^2
}
`;

let editor: Editor;
afterEach(() => editor.stop());

const open = async (text: string, files = {}, uri = 'file:///folder/some%20page.bilevel') => {
  editor = await Editor.start({}, files);
  return editor.open(text, uri);
};
const isModule = (answer: CompileAnswer): answer is ModuleAnswer => 'text' in answer;
const moduleIn = (answer: CompileAnswer): ModuleAnswer => {
  if (!isModule(answer)) throw new Error(answer.because);
  return answer;
};

/** The statements of the page that the module speaks of, each with the lines that do. */
function linesBy({ text, from }: ModuleAnswer, page: OpenPage): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [i, line] of text.split('\n').entries()) {
    const range = from[i];
    if (range === null || range === undefined) continue;
    const { start, end } = offsetsOf(page, range);
    const statement = page.text.slice(start, end);
    found.set(statement, [...(found.get(statement) ?? []), line.trim()]);
  }
  return found;
}

describe('a compiled module', () => {
  it('is that of the library, with the statements that its lines speak of', async () => {
    const page = await open(problem('p'));
    const answer = moduleIn(await editor.ask<CompileAnswer>(compileRequest, page));
    const { module } = compile(page.text, { file: 'some page.bilevel' });
    expect(`${answer.text}//# sourceMappingURL=some page.ts.map\n`).toBe(module?.files[0]?.text);
    expect(answer).toMatchObject({ problem: 'p', version: 1 });
    const spoken = linesBy(answer, page);
    expect([...spoken.keys()]).toEqual(['hyper pull: positive = 0.1', 'param\n    w: []', 'outer minimize (w - 1)^2']);
    expect(spoken.get('hyper pull: positive = 0.1')).toEqual([
      '/**', '* How strongly it is drawn to zero.', '*', '* `positive`', '*/', 'readonly pull: number;',
    ]); // prettier-ignore
    expect(spoken.get('outer minimize (w - 1)^2')).toContain(
      'export const solve = /* @__PURE__ */ solveOf<Data, Hyper, Param, Report>(code);',
    );
  });
  it('is of the problem that is named, of the one at the place, or of the first', async () => {
    const page = await open(problem('p') + problem('q').replace('param', 'param<|>'));
    const asked = async (more: object): Promise<CompileAnswer> =>
      editor.client.sendRequest<CompileAnswer>(compileRequest, { textDocument: { uri: page.uri }, ...more });
    expect(await asked({})).toMatchObject({ problem: 'p' });
    expect(await asked({ problem: 'q' })).toMatchObject({ problem: 'q' });
    expect(await editor.ask<CompileAnswer>(compileRequest, page)).toMatchObject({ problem: 'q' });
    expect(await asked({ problem: 'r' })).toEqual({ because: 'the page has no problem `r`' });
  });
  it('takes what the page imports', async () => {
    const imported = 'import { off } from "./kernels.bilevel"\n';
    const page = await open(imported + problem('p', 'let u = off(w)'), {
      'file:///folder/kernels.bilevel': 'fn off(a: []): [] = a - 2\n',
    });
    expect(await editor.ask<CompileAnswer>(compileRequest, page)).toMatchObject({ problem: 'p' });
  });
  it('is there of a page that is nowhere yet', async () => {
    const page = await open(problem('p'), {}, 'untitled:Untitled-1');
    const answer = moduleIn(await editor.ask<CompileAnswer>(compileRequest, page));
    expect(answer.text).toContain('from Untitled-1: change that page');
    expect(linesBy(answer, page).size).toBe(3);
  });
  it.each([
    [problem('p').replace('pull *', 'pul *'), 'nothing here is called `pul`'],
    [problem('p').replace('(w - 3)^2', 'foo + bar'), 'nothing here is called `foo`, and 1 more'],
    [
      problem('p').replace('param\n    w: []', 'param w: [] = pull'),
      'the start of `w` depends on the hyper `pull`: at a minimiser it may use data and dims only; a hyper in a start needs a recipe, a stepwise solver with `steps`',
    ],
    ['fn f(a: []): [] = a\n', 'the page holds no problem'],
  ])('of a page with errors is not there, and why', async (text, because) => {
    const page = await open(text);
    expect(await editor.ask<CompileAnswer>(compileRequest, page)).toMatchObject({ because });
  });
});
