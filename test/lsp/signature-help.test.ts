/** How what is being called is called, at marked places of pages that are being written. */
import type { MarkupContent, SignatureHelp } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { afterEach, describe, expect, it } from 'vitest';
import { hover } from '../../lsp/features/hover.ts';
import { signatureHelp } from '../../lsp/features/signature-help.ts';
import { Workspace } from '../../lsp/workspace.ts';
import { Editor, marked } from './harness.ts';

const uri = 'file:///folder/page.bilevel';
const files: Readonly<Record<string, string>> = {
  'file:///folder/kernels.bilevel': '/// Near |x|.\nfn smooth(x: [k], width: [] = 1): [k] = sqrt(width^2 + x^2)\n',
};

const workspaceOf = (text: string): Workspace => {
  const workspace = new Workspace({ read: (file) => files[file] });
  workspace.put(TextDocument.create(uri, 'bilevel', 1, text));
  return workspace;
};

function helpAt(written: string): SignatureHelp | undefined {
  const { text, cursors } = marked(written);
  const workspace = workspaceOf(text);
  const analysis = workspace.page(uri);
  return analysis === undefined ? undefined : signatureHelp(analysis, cursors[0] ?? 0, (file) => workspace.page(file));
}

/** The head of the active form, with the active argument between `⟦ ⟧`. */
function shownAt(written: string): string | undefined {
  const { signatures = [], activeSignature = 0 } = helpAt(written) ?? {};
  const { label, parameters = [], activeParameter } = signatures[activeSignature] ?? {};
  const at = parameters[activeParameter ?? 0]?.label;
  if (label === undefined || !Array.isArray(at)) return label;
  return `${label.slice(0, at[0])}⟦${label.slice(...at)}⟧${label.slice(at[1])}`;
}

const page = (line: string): string => `import { smooth } from "./kernels.bilevel"
problem p {
  dim n
  data y: [n]
  fn predict(a: [k], offset: [] = 0): [k] = a + offset
  ${line}
  report last = sum(y)
}
`;

describe('signature help', () => {
  it.each([
    // The library.
    ['let u = sum(<|>', 'sum(⟦x⟧, axis = …)'],
    ['let u = sum(y, <|>', 'sum(x, axis = …)'],
    ['let u = sum(y, axis = <|>', 'sum(x, ⟦axis = …⟧)'],
    ['let u = sum(y, ax<|>is = 0)', 'sum(x, axis = …)'],
    ['let u = solve(<|>y, y)', 'solve(⟦A⟧, b)'],
    ['let u = solve(y, <|>', 'solve(A, ⟦b⟧)'],
    ['let u = solve(b = <|>', 'solve(A, ⟦b⟧)'],
    ['let u = concat(y, y, y<|>', 'concat(⟦parts, …⟧, axis = …)'],
    ['let u = max(<|>', 'max(⟦x⟧, axis = …)'],
    ['let u = max_pool(y, 2, <|>', 'max_pool(x, size, ⟦stride?⟧)'],
    ['let u = conv2d(y, y, padding = <|>', 'conv2d(x, k, stride = …, ⟦padding = valid | same⟧)'],
    // The innermost call, whatever other brackets are open.
    ['let u = sum(exp(<|>', 'exp(⟦x⟧)'],
    ['let u = sum(exp(y), <|>', 'sum(x, axis = …)'],
    ['let u = solve(y, [1, <|>', 'solve(A, ⟦b⟧)'],
    ['let u = solve(y, (1 + <|>', 'solve(A, ⟦b⟧)'],
    ['let u = solve(y[0, <|>', 'solve(⟦A⟧, b)'],
    // The prelude, the page, another page.
    ['let u = huber(y, y, <|>', 'huber(prediction: [...s], target: [...s], ⟦delta: [] = 1⟧): []'],
    ['let u = predict(<|>', 'predict(⟦a: [k]⟧, offset: [] = 0): [k]'],
    ['let u = predict(y, <|>)', 'predict(a: [k], ⟦offset: [] = 0⟧): [k]'],
    ['let u = predict(offset = <|>', 'predict(a: [k], ⟦offset: [] = 0⟧): [k]'],
    ['let u = smooth(y, <|>', 'smooth(x: [k], ⟦width: [] = 1⟧): [k]'],
    // Solvers, strategies, distributions, choices.
    [
      'solve outer with adam(<|>',
      'adam(rate = 0.1, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, steps = 100, tolerance = …, starts = 1, resample = false)',
    ],
    ['solve inner with lbfgs(steps = 3, memory = <|>', 'lbfgs(steps = …, tolerance = …, ⟦memory = 10⟧)'],
    ['differentiate with implicit(solver = <|>', 'implicit(⟦solver = …⟧, rate = …, steps = …, tolerance = …)'],
    ['param w: [n] ~ normal(0, <|>', 'normal(mean, ⟦sd⟧)'],
    ['hyper act: choice(tanh, <|>', 'choice(⟦f, g, …⟧, temperature = 1, gumbel = false)'],
  ])('%s', (line, expected) => {
    expect(shownAt(page(line))).toBe(expected);
  });

  it.each([
    'let u = <|>',
    'let u = sum(y)<|>',
    'let u = (y, <|>',
    'let u = y[<|>',
    'let u = nothing(<|>',
    'fn f(<|>',
    'let u = sum(scan s = 0 over v in y { let a = <|> return a })',
    'let u = sum(y, // <|>',
    'solve inner with nothing(<|>',
    'inner minimize sum(y\n  hyper h: <|>',
  ])('is silent: %s', (line) => {
    expect(shownAt(page(line))).toBeUndefined();
  });

  it('shows all forms, first the one that has such an argument', () => {
    const { signatures = [], activeSignature } = helpAt(page('let u = accuracy(y, <|>')) ?? {};
    expect(signatures.map(({ label }) => label)).toEqual([
      'accuracy(logits: [...s, k], labels: int[...s]): []',
      'accuracy(logits: [...s], labels: [...s]): []',
    ]);
    expect(activeSignature).toBe(0);
  });

  it('says what the call and its argument are', () => {
    const [adam] = helpAt(page('solve inner with adam(beta1 = <|>'))?.signatures ?? [];
    expect((adam?.documentation as MarkupContent).value).toContain('Adam');
    const [, beta1] = adam?.parameters ?? [];
    expect((beta1?.documentation as MarkupContent).value).toContain('below 1');
    const [smooth] = helpAt(page('let u = smooth(<|>'))?.signatures ?? [];
    expect((smooth?.documentation as MarkupContent).value).toBe('Near |x|.');
  });
});

describe('hover', () => {
  const said = (written: string): string => {
    const { text, cursors } = marked(written);
    const workspace = workspaceOf(text);
    const analysis = workspace.page(uri);
    const shown = analysis === undefined ? undefined : hover(analysis, cursors[0] ?? 0, (file) => workspace.page(file));
    return (shown?.contents as MarkupContent | undefined)?.value ?? '';
  };
  it.each([
    ['let u = <|>sum(y, axis = 0)', 'sum(x, axis = …)'],
    ['let u = sum(y, ax<|>is = 0)', 'sum(axis = …)'],
    ['let u = huber<|>(y, y)', 'delta: [] = 1'],
    ['let u = log1<|>p(y)', 'log1p(x)'],
    ['solve inner with ad<|>am(rate = 1)', 'Adam'],
    ['solve inner with adam(ra<|>te = 1)', 'may hold hypers'],
    ['solve outer with lbfgs(<|>memory = 1)', 'By default 40.'],
    ['differentiate with <|>implicit', 'linear solve'],
    ['hyper h: pos<|>itive[n] = 1', 'logarithm'],
    ['fn g(a: <|>int[n]): [] = 1', 'Whole numbers'],
    ['hyper act: cho<|>ice(tanh, relu)', 'mixture'],
    ['hyper act: choice(ta<|>nh, relu)', 'tanh(x)'],
    ['param w: [n] ~ norm<|>al(0, 1)', 'normal(mean, sd)'],
    ['hy<|>per h: positive', 'the outer problem chooses it'],
    ['sol<|>ve outer with adam', 'How the hypers are searched'],
    ['<|>inner minimize sum(y)', 'The inner loss'],
    ['let u = predict<|>(y)', 'fn predict(a: [k], offset: [] = 0): [k]'],
    ['let u = predict(y, off<|>set = 1)', 'a parameter'],
  ])('%s', (line, expected) => {
    expect(said(page(line))).toContain(expected);
  });
  it.each(['let u = 1<|>2', '// su<|>m', 'data z: [n] from "su<|>m.csv"', 'let u = nothi<|>ng', 'split n into<|> a 50%, b 50%'])(
    'is silent: %s',
    (line) => {
      expect(said(page(line))).toBe('');
    },
  );
  it('does not take a name of the page for one of the library', () => {
    expect(said(page('fn exp(x: []): [] = x\n  let u = ex<|>p(1)'))).toContain('fn exp(x: []): []');
  });
});

describe('an editor', () => {
  let editor: Editor | undefined;
  afterEach(() => editor?.stop());
  it('is told it over its connection', async () => {
    editor = await Editor.start();
    const help = await editor.ask<SignatureHelp>('textDocument/signatureHelp', await editor.open(page('let u = solve(y, <|>')));
    expect(help.signatures).toMatchObject([{ label: 'solve(A, b)', activeParameter: 1 }]);
  });
});
