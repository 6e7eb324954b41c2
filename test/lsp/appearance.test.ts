/** What a page looks like: colours, folds, selections, links, calls, hints, lenses and what the compiler decided. */
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  CodeLens,
  DocumentLink,
  FoldingRange,
  Hover,
  InlayHint,
  MarkupContent,
  SelectionRange,
  SemanticTokens,
  SemanticTokensDelta,
  TextEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { afterEach, describe, expect, it } from 'vitest';
import { legend } from '../../lsp/features/semantic-tokens.ts';
import { Editor, offsetsOf, type OpenPage } from './harness.ts';

let editor: Editor;
afterEach(() => editor.stop());

const open = async (text: string, capabilities: object = {}): Promise<OpenPage> => {
  editor = await Editor.start(capabilities);
  return editor.open(text);
};
const options = { options: { tabSize: 2, insertSpaces: true } };
const all = ({ document, text }: OpenPage) => ({ range: { start: document.positionAt(0), end: document.positionAt(text.length) } });

const page = (inside: string): string => `problem p {
  dim n
  data y: [n]
  hyper pull: positive = 0.1
  param w: []
  ${inside}
  outer minimize (w - 1)^2
}
`;
const fit = 'inner minimize mean((w - y)^2) + pull * w^2';

/** `text type.modifier` of each token. */
function read({ document }: Pick<OpenPage, 'document'>, data: readonly number[]): readonly string[] {
  const found: string[] = [];
  let [line, character] = [0, 0];
  for (let i = 0; i < data.length; i += 5) {
    const [down = 0, right = 0, length = 0, type = 0, bits = 0] = data.slice(i, i + 5);
    character = down === 0 ? character + right : right;
    line += down;
    const start = document.offsetAt({ line, character });
    const modifiers = legend.tokenModifiers.filter((_, bit) => (bits & (1 << bit)) !== 0);
    found.push(`${document.getText().slice(start, start + length)} ${[legend.tokenTypes[type], ...modifiers].join('.')}`);
  }
  return found;
}

describe('colours', () => {
  const coloursOf = async (text: string): Promise<readonly string[]> => {
    const opened = await open(text);
    const { data } = await editor.ask<SemanticTokens>('textDocument/semanticTokens/full', opened);
    return read(opened, data);
  };

  it('are by what a name is', async () => {
    expect(await coloursOf(page(`fn off(a: [k]): [k] = a - w\n  let u = sum(off(y)^2)\n  inner minimize u + pull * w^2 + 0.5`))).toEqual([
      'problem keyword', 'p namespace.declaration', 'dim keyword', 'n typeParameter.declaration', 'data keyword',
      'y variable.declaration.readonly.data', 'n typeParameter', 'hyper keyword', 'pull property.declaration.hyper',
      'positive type.defaultLibrary', '= operator', '0.1 number', 'param keyword', 'w variable.declaration.param', 'fn keyword',
      'off function.declaration', 'a parameter.declaration', 'k typeParameter.declaration', 'k typeParameter', '= operator', 'a parameter',
      '- operator', 'w variable.param', 'let keyword', 'u variable.declaration.readonly', '= operator', 'sum function.defaultLibrary',
      'off function', 'y variable.readonly.data', '^ operator', '2 number', 'inner keyword', 'minimize keyword', 'u variable.readonly',
      '+ operator', 'pull property.hyper', '* operator', 'w variable.param', '^ operator', '2 number', '+ operator', '0.5 number',
      'outer keyword', 'minimize keyword', 'w variable.param', '- operator', '1 number', '^ operator', '2 number',
    ]); // prettier-ignore
  });

  it.each([
    ['data z: [n] from "f.csv" column seed', 'from keyword, "f.csv" string, column keyword, seed string'],
    ['data z: [n, 2] from "f.csv" columns age .. by', 'columns keyword, age string, .. operator, by string'],
    ['split n into train 60%, test 40%, seed 7', 'into keyword, train enum.declaration, 60% number, test enum.declaration, 40% number, seed keyword, 7 number'],
    ['let seed = y[0]\n  let t = seed + pi', 'seed variable.readonly, + operator, pi variable.readonly.defaultLibrary'],
    ['let t = [v + j for j in n]\n  let over = 1', 'j parameter.declaration, in keyword, n typeParameter, let keyword, over variable.declaration.readonly'],
    ['let t = scan h = 0 over x in y { h + x }', 'scan keyword, h parameter.declaration, = operator, 0 number, over keyword, x parameter.declaration, in keyword'],
    ['solve inner with sgd(rate = 0.1, nesterov = true)', 'solve keyword, inner keyword, with keyword, sgd function.defaultLibrary, rate parameter.defaultLibrary'],
    ['solve inner with sgd(rate = 0.1, nesterov = true)', 'nesterov parameter.defaultLibrary, = operator, true enumMember.defaultLibrary'],
    ['differentiate with implicit(solver = cg)', 'implicit function.defaultLibrary, solver parameter.defaultLibrary, = operator, cg enumMember.defaultLibrary'],
    ['param v: [n] ~ normal(0, 1)', '~ operator, normal function.defaultLibrary, 0 number'],
    ['hyper act: choice(tanh, relu)', 'act property.declaration.hyper, choice type.defaultLibrary, tanh function.defaultLibrary, relu function.defaultLibrary'],
    ['/// said\n  // not\n  let λ = 1 /* two\n  lines */', '/// said comment.documentation, // not comment'],
    ['/// said\n  // not\n  let λ = 1 /* two\n  lines */', 'λ variable.declaration.readonly, = operator, 1 number, /* two comment,   lines */ comment'],
    ['let 𝑥 = nobody(y)', '𝑥 variable.declaration.readonly, = operator, y variable.readonly.data'],
    ['let t = pull ** 2 && "open', 'pull property.hyper, ** operator, 2 number, && keyword, "open string'],
    ['hyper broken: [ n\n  let t = (pull', 'broken property.declaration.hyper, n typeParameter, let keyword, t variable.declaration.readonly, = operator'],
  ])('of `%s`', async (inside, expected) => {
    expect((await coloursOf(page(inside))).join(', ')).toContain(expected);
  }); // prettier-ignore

  it('come in a range, and as what has changed', async () => {
    const opened = await open(page(fit));
    const full = await editor.ask<SemanticTokens>('textDocument/semanticTokens/full', opened);
    const range = { start: { line: 3, character: 0 }, end: { line: 4, character: 0 } };
    const { data } = await editor.ask<SemanticTokens>('textDocument/semanticTokens/range', opened, { range });
    expect(read(opened, data)).toEqual([
      'hyper keyword',
      'pull property.declaration.hyper',
      'positive type.defaultLibrary',
      '= operator',
      '0.1 number',
    ]);

    const at = opened.document.positionAt(opened.text.indexOf('w^2'));
    await editor.client.sendNotification('textDocument/didChange', {
      textDocument: { uri: opened.uri, version: 2 },
      contentChanges: [{ range: { start: at, end: at }, text: '2 * ' }],
    });
    const changed = opened.text.replace('w^2', '2 * w^2');
    const delta = await editor.ask<SemanticTokensDelta>('textDocument/semanticTokens/full/delta', opened, {
      previousResultId: full.resultId,
    });
    const [edit] = delta.edits;
    expect(delta.edits).toHaveLength(1);
    expect(edit?.data?.length).toBeLessThan(20);
    const patched = [...full.data];
    patched.splice(edit?.start ?? 0, edit?.deleteCount ?? 0, ...(edit?.data ?? []));
    const now = await editor.ask<SemanticTokens>('textDocument/semanticTokens/full', opened);
    expect(patched).toEqual(now.data);
    expect(read({ document: TextDocument.create('', '', 2, changed) }, patched)).toContain('2 number');
    const unknown = await editor.ask<SemanticTokens>('textDocument/semanticTokens/full/delta', opened, { previousResultId: 'none' });
    expect(unknown.data).toEqual(now.data);
  });
});

describe('folds', () => {
  const foldsOf = async (text: string): Promise<readonly string[]> => {
    const opened = await open(text);
    const found = await editor.ask<FoldingRange[]>('textDocument/foldingRange', opened);
    return found.map(({ startLine, endLine, kind }) => [`${startLine}-${endLine}`, ...(kind === undefined ? [] : [kind])].join(' '));
  };
  it('are problems, blocks, runs of comments and of imports', async () => {
    expect(
      await foldsOf(`import { f } from "./a.bilevel"
import { g } from "./b.bilevel"
// one
// two

/* three
   four */
problem p {
  fn h(x: []): [] = {
    let u = f(x)
    return u
  }
  inner minimize sum(
    [1, 2],
  ) // five
  // six
}`),
    ).toEqual(['0-1 imports', '2-3 comment', '5-6 comment', '7-15', '8-10', '12-13']);
  });
  it('are there where a bracket is missing', async () => {
    expect(await foldsOf('problem p {\n  param w: []\n  inner minimize (w\n  outer minimize w\n')).toContain('0-3');
  });
  it('are what stands between marks, one in the other', async () => {
    const text =
      '// #region a\nfn f(x: []): [] = x\n//region b\nfn g(x: []): [] = x\n// endregion\n// #endregion\n// #endregion\n// regional\n';
    expect(await foldsOf(text)).toEqual(['0-5 region', '2-4 region', '4-7 comment']);
  });
  it('are none on one line', async () => {
    expect(await foldsOf('problem p { fn f(x: []): [] = { return x } } // one')).toEqual([]);
  });
});

describe('selections', () => {
  const selectionsAt = async (text: string): Promise<readonly string[]> => {
    const opened = await open(text);
    const positions = opened.cursors.map((cursor) => opened.document.positionAt(cursor));
    const [first] = await editor.ask<SelectionRange[]>('textDocument/selectionRange', opened, { positions });
    const found: string[] = [];
    for (let each = first; each !== undefined; each = each.parent) {
      const { start, end } = offsetsOf(opened, each.range);
      found.push(opened.text.slice(start, end));
    }
    return found;
  };
  it('grow along the tree', async () => {
    const text = page('inner minimize mean((w - <|>y)^2) + pull * w^2');
    const found = await selectionsAt(text);
    expect(found.slice(0, 8)).toEqual([
      'y',
      'w - y',
      '(w - y)',
      '(w - y)^2',
      '((w - y)^2)',
      'mean((w - y)^2)',
      'mean((w - y)^2) + pull * w^2',
      fit,
    ]);
    expect(found.at(-2)).toBe(page(fit).trimEnd());
    expect(found.at(-1)).toBe(page(fit));
  });
  it.each([
    ['a name, behind it', 'inner minimize mean<|>((w - y)^2) + pull * w^2', 'mean'],
    ['a name, before a bracket', 'inner minimize mean((<|>w - y)^2) + pull * w^2', 'w'],
    ['a number', 'inner minimize mean((w - y)^2) + pull * w^<|>2', '2'],
    ['a comment', `// a re<|>mark\n  ${fit}`, '// a remark'],
    ['a word', `in<|>ner minimize w^2`, 'inner'],
  ])('begin with %s', async (_, inside, first) => {
    const found = await selectionsAt(page(inside));
    expect(found[0]).toBe(first);
    found.forEach((part, i) => i === 0 || expect(part.length).toBeGreaterThan(found[i - 1]?.length ?? 0));
  });
  it('answer on an empty page, and on one that is broken', async () => {
    expect(await selectionsAt('<|>')).toEqual(['']);
    await editor.stop();
    expect((await selectionsAt('problem p { let u = (1 + <|>2')).slice(0, 2)).toEqual(['2', '1 + 2']);
  });
});

describe('links', () => {
  it('lead to data and pages beside this one', async () => {
    const opened = await open(`import { f } from "⟦../kernels.bilevel⟧"
problem p {
  data a: [n] from "⟦my data.csv⟧" column x
  data b: [n] from "⟦/all/b.npz⟧" array "two"
  data c: [n] from ""
}`);
    const found = await editor.ask<DocumentLink[]>('textDocument/documentLink', opened);
    expect(found.map(({ range }) => offsetsOf(opened, range))).toEqual(opened.ranges);
    expect(found.map(({ target }) => target)).toEqual(['file:///kernels.bilevel', 'file:///folder/my%20data.csv', 'file:///all/b.npz']);
  });
  it('are none on a page that is nowhere', async () => {
    editor = await Editor.start();
    const opened = await editor.open('problem p { data a: [n] from "a.csv" }', 'untitled:Untitled-1');
    expect(await editor.ask<DocumentLink[]>('textDocument/documentLink', opened)).toEqual([]);
  });
});

describe('calls', () => {
  const kernels = `fn half(x: [k]): [k] = x / 2\nfn ⟦smo<|>oth⟧(x: [k]): [k] = sqrt(1 + half(x)^2) + half(x)\n`;
  const using = `import { smooth } from "./kernels.bilevel"\n${page(`fn off(a: [k]): [k] = smooth(a) - w\n  inner minimize mean(off(y)) + mean(smo<|>oth(y)) + pull * w^2`)}`;
  it('go both ways, over pages', async () => {
    editor = await Editor.start();
    const there = await editor.open(kernels, 'file:///folder/kernels.bilevel');
    const here = await editor.open(using);
    for (const from of [there, here]) {
      const [item] = await editor.ask<CallHierarchyItem[]>('textDocument/prepareCallHierarchy', from);
      expect([item?.name, item?.uri]).toEqual(['smooth', there.uri]);
      expect(item && [offsetsOf(there, item.selectionRange)]).toEqual(there.ranges);
      const incoming = await editor.client.sendRequest<CallHierarchyIncomingCall[]>('callHierarchy/incomingCalls', { item });
      expect(incoming.map((call) => [call.from.name, call.fromRanges.length])).toEqual([['off', 1], ['inner minimize', 1]]); // prettier-ignore
      const outgoing = await editor.client.sendRequest<CallHierarchyOutgoingCall[]>('callHierarchy/outgoingCalls', { item });
      expect(outgoing.map(({ to, fromRanges }) => [to.name, fromRanges.length])).toEqual([['half', 2]]);
    }
  });
  it('are none of what is no function', async () => {
    const opened = await open('problem p { let <|>u = 1 }');
    expect(await editor.ask('textDocument/prepareCallHierarchy', opened)).toEqual([]);
  });
});

describe('hints', () => {
  const hinted = (opened: OpenPage, hints: readonly InlayHint[]): string =>
    TextDocument.applyEdits(
      opened.document,
      hints.map(({ position, label, paddingLeft }) => ({
        range: { start: position, end: position },
        newText: `${paddingLeft === true ? ' ' : ''}‹${typeof label === 'string' ? label : ''}›`,
      })),
    );
  const hintsOf = async (text: string, capabilities: object = {}): Promise<string> => {
    const opened = await open(text, capabilities);
    return hinted(opened, await editor.ask<InlayHint[]>('textDocument/inlayHint', opened, all(opened)));
  };
  const lines = (text: string): readonly string[] => text.split('\n').map((line) => line.trim());

  it('say shapes and stages of what has a name', async () => {
    const found = lines(
      await hintsOf(
        page(`let scale = mean(y^2)
  let soft = pull * y
  let off = w - y
  let three = 3
  let (f, s) = scan (g, h) = (0, 1) over v in y { (g + v, h) }
  let sums = [y[i] * 2 for i in n]
  fn twice(a: [k]): [k] = { let b = 2 * a  return b }
  inner minimize mean(off^2) + mean(soft) * w^2 + scale`),
      ),
    );
    for (const expected of [
      'let scale‹: []› = mean(y^2) ‹once›',
      'let soft‹: [n]› = pull * y ‹outer›',
      'let off‹: [n]› = w - y ‹inner›',
      'let three = 3',
      'let (f‹: [n]›, s‹: [n]›) = scan (g‹: []›, h‹: []›) = (0, 1) over v‹: []› in y { (g + v, h) } ‹once›',
      'let sums‹: [n]› = [y[i] * 2 for i‹: int› in n] ‹once›',
      'fn twice(a: [k]): [k] = { let b‹: [k]› = 2 * a  return b }',
    ])
      expect(found).toContain(expected);
  });
  it('say shapes in functions outside of problems, and on a page that is not complete', async () => {
    expect(await hintsOf('fn f(a: [k]): [k] = { let b = 2 * a  return b }\nproblem p { dim n  data y: [n]  let z = y + 1 }')).toContain(
      'let b‹: [k]› = 2 * a  return b }\nproblem p { dim n  data y: [n]  let z‹: [n]› = y + 1',
    );
  });
  it('know that noise at a minimiser is drawn once, and in a recipe in each step', async () => {
    const noisy = 'random e: [n] ~ normal(0, 1)\n  let z = y + e';
    expect(await hintsOf(page(`${noisy}\n  inner minimize mean((w - z)^2) + pull * w^2`))).toContain('let z‹: [n]› = y + e ‹once›');
    await editor.stop();
    const recipe = 'solve inner with gd(rate = 0.1, steps = 10)';
    expect(await hintsOf(page(`${noisy}\n  inner minimize mean((w - z)^2) + pull * w^2\n  ${recipe}`))).toContain(
      'let z‹: [n]› = y + e ‹inner›',
    );
  });
  it('say how the inner problem is solved', async () => {
    expect(await hintsOf(page(fit))).toContain(`${fit} ‹closed_form+cholesky›`);
  });
  it('say that sizes are missing that the choice may depend on', async () => {
    const openChoice = await open(page(`dim d\n  param v: [d]\n  ${fit} + sum(v^2)`).replace('(w - 1)^2', '(w - 1)^2 + sum(v)'));
    const found = await editor.ask<InlayHint[]>('textDocument/inlayHint', openChoice, all(openChoice));
    expect(found.map(({ tooltip }) => tooltip)).toEqual([expect.stringMatching(/Not all sizes are known here/u)]);
  });
  it('say it later to a client that can ask again', async () => {
    const opened = await open(page(fit), { workspace: { inlayHint: { refreshSupport: true } } });
    let refreshed = 0;
    editor.client.onRequest('workspace/inlayHint/refresh', () => {
      refreshed += 1;
      return null;
    });
    const ask = async (): Promise<string> => hinted(opened, await editor.ask<InlayHint[]>('textDocument/inlayHint', opened, all(opened)));
    expect(await ask()).not.toContain('closed_form');
    await expect.poll(() => refreshed).toBe(1);
    expect(await ask()).toContain('‹closed_form+cholesky›');
    expect(refreshed).toBe(1);
  });
  it('are those of the range that is asked for', async () => {
    const opened = await open(page(`let a = y + 1\n  let b = y + 2\n  ${fit}`));
    const line = 5;
    const found = await editor.ask<InlayHint[]>('textDocument/inlayHint', opened, {
      range: { start: { line, character: 0 }, end: { line, character: 20 } },
    });
    expect(found.map(({ label }) => label)).toEqual([': [n]', 'once']);
  });
});

describe('lenses', () => {
  const two = `${page(fit)}\nproblem other { }`;
  it('stand above each problem, for clients that show them', async () => {
    const opened = await open(two, { experimental: { commands: true } });
    expect(editor.capabilities.codeLensProvider).toBeDefined();
    const found = await editor.ask<CodeLens[]>('textDocument/codeLens', opened);
    expect(found.map(({ range, command }) => [range.start.line, command?.title, command?.command, command?.arguments])).toEqual(
      [['p', 0], ['other', 9]].flatMap(([name, line]) => [
        [line, 'Run', 'bilevel.run', [opened.uri, name]],
        [line, 'Check gradient', 'bilevel.gradient', [opened.uri, name]],
        [line, 'Explain plan', 'bilevel.plan', [opened.uri, name]],
        [line, 'Compare strategies', 'bilevel.verify', [opened.uri, name]],
      ]),
    ); // prettier-ignore
  });
  it('are not offered to others', async () => {
    editor = await Editor.start();
    expect(editor.capabilities.codeLensProvider).toBeUndefined();
  });
});

describe('hover', () => {
  const hoverAt = async (text: string): Promise<string> => {
    const opened = await open(text);
    const hover = await editor.ask<Hover | null>('textDocument/hover', opened);
    return (hover?.contents as MarkupContent | undefined)?.value ?? '';
  };
  const said = (text: string): string => page(fit).replace(text.replaceAll('<|>', ''), text);

  it.each([
    ['inner min<|>imize', [/minimiser: the criterion is evaluated/u, /degree: quadratic/u, /curvature: \*\*proved\*\*: the inner loss is convex/u, /by \*\*closed_form/u]],
    ['out<|>er minimize', [/quadratic in the params/u, /`pull` acts through the inner loss/u]],
    ['hyper pu<|>ll', [/chosen by the outer problem; acts through the inner loss/u]],
    ['pu<|>ll * w', [/acts through the inner loss/u]],
  ])('says of `%s` what was decided', async (text, words) => {
    const found = await hoverAt(said(text));
    for (const each of words) expect(found).toMatch(each);
  }); // prettier-ignore

  it.each([
    ['solve inner with gd(rate = 0.1, steps = 10)', 'solve in<|>ner with gd(rate = 0.1, steps = 10)', /recipe: .*unrolled/su],
    ['solve outer with adam(rate = 0.1, steps = 5)', 'solve outer with ad<|>am(rate = 0.1, steps = 5)', /`adam\(rate = 0.1, steps = 5\)`/u],
    ['differentiate with implicit', 'diff<|>erentiate with implicit', /by \*\*implicit.*asked for by name.*finite_difference/su],
  ])('says of `%s` what it comes to', async (_, inside, words) => {
    expect(await hoverAt(page(`${inside}\n  ${fit}`))).toMatch(words);
  });

  it('says nothing of what was decided where nothing was', async () => {
    const said = await hoverAt(page('inn<|>er minimize nobody'));
    expect(said).toContain('inner minimize EXPRESSION');
    expect(said).not.toMatch(/strategy|curvature|minimiser/iu);
  });
});

describe('formatting of a selection', () => {
  const formatted = async (text: string): Promise<string> => {
    const opened = await open(text);
    const [chosen = { start: 0, end: 0 }] = opened.ranges;
    const range = { start: opened.document.positionAt(chosen.start), end: opened.document.positionAt(chosen.end) };
    return TextDocument.applyEdits(
      opened.document,
      await editor.ask<TextEdit[]>('textDocument/rangeFormatting', opened, { range, ...options }),
    );
  };
  it('takes whole statements, and leaves the others', async () => {
    const text = page(`let   a=1\n    let b=⟦ [1,\n 2]\n let   c=3⟧ // kept\n  let   d=4\n  ${fit}`);
    expect(await formatted(text)).toBe(page(`let   a=1\n  let b = [1, 2]\n  let c = 3 // kept\n  let   d=4\n  ${fit}`));
  });
  it('puts a statement on a line of its own', async () => {
    expect(await formatted(page(`let a=1 ⟦let b=2⟧\n  ${fit}`))).toBe(page(`let a=1\n  let b = 2\n  ${fit}`));
  });
  it('leaves a page alone that does not parse', async () => {
    expect(await formatted(page('⟦let a=(⟧'))).toBe(page('let a=('));
  });
});
