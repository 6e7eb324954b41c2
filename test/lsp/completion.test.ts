/** What is offered where the cursor is: on pages that are being written, which are broken as a rule. */
import { CompletionItemKind, InsertTextFormat, type CompletionItem, type MarkupContent } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { afterEach, describe, expect, it } from 'vitest';
import { innerMethods, outerMethods, strategies } from '../../compiler/check/methods.ts';
import { libraryNames } from '../../compiler/lower/library/table.ts';
import { headOf, libraryFunction, methodNamed } from '../../compiler/words/callables.ts';
import { statementTypes } from '../../grammar/tokens.ts';
import type { Analysis } from '../../lsp/analysis.ts';
import { completion, resolveCompletion, type Asked } from '../../lsp/features/completion.ts';
import type { Host } from '../../lsp/host.ts';
import { Workspace } from '../../lsp/workspace.ts';
import { Editor, marked } from './harness.ts';

const uri = 'file:///folder/page.bilevel';
const kernels = 'file:///folder/shared/kernels.bilevel';
const files: Readonly<Record<string, string>> = {
  [kernels]:
    '/// Near |x|.\nfn smooth(x: [k], width: [] = 1): [k] = sqrt(width^2 + x^2)\nfn ramp(x: [k]): [k] = relu(x)\nproblem p { fn own(x: []): [] = x }',
};
const folders: Readonly<Record<string, readonly string[]>> = {
  'file:///folder/': ['page.bilevel', 'other.bilevel', 'points.csv', 'notes.md', '.cache/', 'shared/', 'images.npz'],
  'file:///folder/shared/': ['kernels.bilevel'],
};
const host: Host = {
  read: (file) => files[file],
  list: (folder) => folders[folder] ?? [],
  columns: (file) => (file === 'file:///folder/points.csv' ? ['age', 'sex', 'blood pressure'] : []),
  arrays: (file) => (file === 'file:///folder/images.npz' ? ['pixels', 'two words'] : []),
};

const asked: Asked = { snippets: false, bySign: false };

interface Offered {
  readonly items: readonly CompletionItem[];
  readonly analysis: Analysis;
  readonly pageAt: (file: string) => Analysis | undefined;
  readonly text: string;
}

function offered(written: string, how: Asked = asked): Offered {
  const { text, cursors } = marked(written);
  const workspace = new Workspace(host);
  workspace.put(TextDocument.create(uri, 'bilevel', 1, text));
  const pageAt = (file: string): Analysis | undefined => workspace.page(file);
  const analysis = pageAt(uri);
  if (analysis === undefined) throw new Error('no page');
  return { items: completion(analysis, cursors[0] ?? 0, how, host, pageAt), analysis, pageAt, text };
}

/** What an editor shows of them, in its order; without the library's functions, which stand wherever values do. */
function labels(written: string, how: Asked = asked): readonly string[] {
  const sorted = [...offered(written, how).items].sort((a, b) => ((a.sortText ?? '') < (b.sortText ?? '') ? -1 : 1));
  return sorted.filter((item) => !isOfLibrary(item)).map(({ label }) => label);
}
const isOfLibrary = ({ detail, label, data }: CompletionItem): boolean =>
  label === 'pi' || (detail !== undefined && (data as { word?: { for: string } } | undefined)?.word?.for === 'function');

/** The page when an item has been taken. */
function taking(label: string, written: string, how: Asked = asked): string {
  const { items, text } = offered(written, how);
  const item = items.find((each) => each.label === label);
  if (item?.textEdit === undefined || !('range' in item.textEdit))
    throw new Error(`no ${label} in ${items.map((each) => each.label).join()}`);
  return TextDocument.applyEdits(TextDocument.create(uri, 'bilevel', 1, text), [item.textEdit]);
}

const page = (line: string): string => `import { smooth } from "./shared/kernels.bilevel"
fn outside(x: []): [] = x
problem p {
  dim n, d = 3
  data X: [n, d]
  data y: [n]
  split n into train 60%, valid 40%, seed 7
  hyper penalty: positive = 0.1
  param w: [d]
  fn predict(A: [k, d], offset: [] = 0): [k] = A @ w + offset
  ${line}
  report final = sum(w)
}
`;

const names = ['X', 'd', 'n', 'penalty', 'predict', 'train', 'valid', 'w', 'y', 'outside', 'smooth'];
const words = ['if', 'not', 'scan'];
const values = [...names, ...words];

describe('an expression', () => {
  it.each([
    'inner minimize sum(w^2) + <|>',
    'inner minimize sum(w^2) + pen<|>',
    'inner minimize (sum(w^2) + <|>',
    'let u = [1, <|>',
    'let u = if <|>',
    'let u = if y > 0 then y else <|>',
  ])('takes names, the nearest first: %s', (line) => {
    expect(labels(page(line)).filter((label) => label !== 'step')).toEqual(values);
  });
  it('sees parameters first, and what they hide once', () => {
    const found = labels(page('fn g(y: [m], by: []): [m] = y / <|>'));
    expect(found.slice(0, 3)).toEqual(['by', 'm', 'y']);
    expect(found.filter((label) => label === 'y')).toEqual(['y']);
    expect(found).not.toContain('g');
  });
  it('sees the lets of its block that stand before it', () => {
    const found = labels(page('fn g(a: []): [] = { let first = a let second = fi<|> let third = a return third }'));
    expect(found.slice(0, 2)).toEqual(['a', 'first']);
    expect(found).not.toContain('third');
  });
  it('sees states and loop variables', () => {
    expect(labels(page('let u = [y[t] * q<|> for t in n]')).at(0)).toBe('t');
    expect(labels(page('let u = scan s = 0 over v in y { s + <|> }')).slice(0, 2)).toEqual(['s', 'v']);
  });
  it('takes no report, and not what it declares', () => {
    expect(labels(page('let u = <|>'))).toEqual(values);
  });
  it('knows `step` where it has a meaning', () => {
    expect(labels(page('inner minimize <|>'))).toContain('step');
    expect(labels(page('solve inner with gd(rate = <|>'))).toContain('step');
    expect(labels(page('outer minimize <|>'))).not.toContain('step');
  });
  it('takes functions of the library, with how they are called', () => {
    const { items } = offered(page('let u = <|>'));
    expect(items.find(({ label }) => label === 'sum')).toMatchObject({ detail: 'sum(x, axis = …)', kind: CompletionItemKind.Function });
    expect(items.find(({ label }) => label === 'huber')?.detail).toBe('huber(prediction: [...s], target: [...s], delta: [] = 1): []');
    expect(items.find(({ label }) => label === 'smooth')?.detail).toBe('fn smooth(x: [k], width: [] = 1): [k]');
    expect(items.find(({ label }) => label === 'penalty')?.detail).toBe('hyper penalty: positive = 0.1');
  });
  it('hides a function of the library behind one of the page', () => {
    const { items } = offered(page('fn mean(x: []): [] = x\n  let u = <|>'));
    expect(items.filter(({ label }) => label === 'mean')).toMatchObject([{ detail: 'fn mean(x: []): []' }]);
  });
  it.each([
    ['let u = [y[t] <|>', ['and', 'for', 'or']],
    ['let u = [y[t] for t <|>', ['in']],
    ['let u = if y > 0 <|>', ['and', 'or', 'then']],
    ['let u = if y > 0 then 1 <|>', ['and', 'else', 'or']],
    ['let u = scan s = 0 <|>', ['and', 'or', 'over']],
    ['let u = X.<|>', ['T']],
  ])('goes on: %s', (line, expected) => {
    expect(labels(page(line))).toEqual(expected);
  });
  it('begins with index sets between brackets', () => {
    expect(labels(page('let u = y[<|>')).slice(0, 3)).toEqual(['train', 'valid', 'X']);
  });
  it('names arguments of calls', () => {
    expect(labels(page('let u = sum(X, <|>'))).toEqual(['axis']);
    expect(labels(page('let u = concat(X, <|>'))).toEqual(['axis', ...values]);
    expect(labels(page('let u = sum(X, axis = 0, <|>'))).not.toContain('axis');
    expect(labels(page('let u = predict(X, <|>'))).toContain('offset');
    expect(labels(page('let u = predict(X, <|>'))).not.toContain('A');
    expect(labels(page('let u = smooth(y, <|>'))).toContain('width');
    expect(labels(page('let u = conv2d(X, X, padding = <|>'))).toEqual(['valid', 'same']);
  });
});

describe('a statement', () => {
  const begun = ['data', 'dim', 'fn', 'hyper', 'let', 'param', 'random', 'report', 'split'];
  it('begins where the one before is whole', () => {
    const all = [
      ...begun.slice(0, 1),
      'differentiate with',
      ...begun.slice(1, 4),
      'inner minimize',
      'let',
      'outer minimize',
      'param',
      'random',
    ];
    const expected = [...all, 'report', 'solve inner with', 'solve outer with', 'split'];
    expect(labels(`problem p {\n  <|>\n}`)).toEqual(expected);
    expect(labels(`problem p {\n  hy<|>\n}`)).toEqual(expected);
    expect(labels('problem p { <|>')).toEqual(expected);
  });
  it('is not offered twice where there is one of it', () => {
    const found = labels(page('inner minimize sum(w^2)\n  outer minimize w[0]\n  solve inner with newton\n  <|>'));
    expect(found).not.toContain('inner minimize');
    expect(found).not.toContain('outer minimize');
    expect(found).not.toContain('solve inner with');
    expect(found).toContain('solve outer with');
  });
  it('is another outside of problems, and in a block', () => {
    expect(labels('<|>')).toEqual(['fn', 'import', 'problem']);
    expect(labels(page('fn g(a: []): [] = { <|>'))).toEqual(['let', 'return']);
  });
  it.each([
    ['solve <|>', ['inner', 'outer']],
    ['solve inner <|>', ['with']],
    ['inner <|>', ['minimize']],
    ['outer <|>', ['maximize', 'minimize']],
    ['differentiate <|>', ['with']],
    ['split <|>', ['d', 'n', 'train', 'valid']],
    ['split d <|>', ['into']],
    ['split d into <|>', ['train', 'valid', 'test']],
    ['split d into train 60%, <|>', ['valid', 'test', 'by', 'seed', 'stratified', 'unshuffled']],
    ['split d into a, b by <|>', ['groups', 'leave_one_out']],
    ['split d into a, b by 5 <|>', ['folds']],
    ['hyper h: int by <|>', ['search']],
  ])('goes on with its words: %s', (line, expected) => {
    expect(labels(page(line))).toEqual(expected);
  });
  it.each(['data <|>', 'hyper na<|>', 'let <|>', 'fn <|>', 'fn f(<|>', 'dim a, <|>', 'let (<|>', 'report <|>', 'let u = [y for <|>'])(
    'waits for a new name: %s',
    (line) => {
      expect(offered(page(line)).items).toEqual([]);
    },
  );
  it('is written with its places, if the editor goes through them', () => {
    expect(taking('hyper', 'problem p { hy<|> }')).toBe('problem p { hyper  }');
    const { items } = offered('problem p { hy<|> }', { ...asked, snippets: true });
    expect(items.find(({ label }) => label === 'hyper')).toMatchObject({
      insertTextFormat: InsertTextFormat.Snippet,
      textEdit: { newText: 'hyper ${1:penalty}: ${2:positive} = ${3:1}$0' },
    });
  });
});

describe('a type', () => {
  const kinds = ['real', 'positive', 'nonnegative', 'unit', 'simplex', 'int', 'choice'];
  it.each(['hyper h: <|>', 'hyper h: pos<|>', 'data z: <|>', 'fn f(a: <|>', 'fn f(a: []): <|>'])('begins with a kind: %s', (line) => {
    expect(labels(page(line))).toEqual(kinds);
  });
  it.each(['data z: [<|>', 'data z: [n, <|>', 'param v: positive[<|>]'])('has dims: %s', (line) => {
    expect(labels(page(line))).toEqual(['d', 'n', 'train', 'valid']);
  });
  it('has the dims of its function', () => {
    expect(labels(page('fn f(a: [k, ...s]): [<|>')).slice(0, 2)).toEqual(['...s', 'k']);
  });
  it('has functions between which it chooses', () => {
    const found = offered(page('hyper act: choice(tanh, <|>'));
    const all = found.items.map(({ label }) => label);
    expect(all).toEqual(expect.arrayContaining(['temperature', 'gumbel', 'predict', 'outside', 'relu']));
    expect(all).not.toContain('penalty');
    expect(labels(page('hyper act: choice(tanh, gumbel = <|>'))).toEqual(['true', 'false']);
  });
  it('is followed by what the statement takes', () => {
    expect(labels(page('hyper h: positive <|>')).slice(0, 1)).toEqual(['by']);
    expect(labels(page('data z: int[n] <|>')).slice(0, 2)).toEqual(['from', 'in']);
  });
});

describe('a solver', () => {
  const known = (table: typeof innerMethods): readonly string[] => Object.keys(table).filter((name) => table[name]?.refused === undefined);
  it.each([
    ['solve inner with <|>', known(innerMethods)],
    ['solve outer with ad<|>', known(outerMethods)],
    ['differentiate with <|>', known(strategies)],
    ['param v: [n] ~ <|>', ['normal', 'uniform', 'gumbel', 'logistic']],
  ])('%s', (line, expected) => {
    expect(labels(page(line))).toEqual(expected);
  });
  it('has its options, but for those that are given', () => {
    const found = labels(page('solve inner with adam(rate = 0.1, <|>, steps = 5)'));
    expect(found).toEqual(['beta1', 'beta2', 'epsilon', 'tolerance', 'batch', 'over']);
    expect(labels(page('solve outer with lbfgs(<|>'))).toEqual(['steps', 'tolerance', 'memory', 'starts']);
  });
  it.each([
    ['differentiate with implicit(solver = <|>', ['cg', 'minres', 'gmres', 'neumann', 'cholesky']],
    ['solve inner with gd(nesterov = <|>', ['true', 'false']],
    ['solve inner with sgd(batch = 8, over = <|>', ['n', 'd', 'train', 'valid']],
  ])('takes a word: %s', (line, expected) => {
    expect(labels(page(line))).toEqual(expected);
  });
  it('is written with its parentheses, unless they are there', () => {
    const snippets = { ...asked, snippets: true };
    expect(taking('adam', page('solve inner with ad<|>'), snippets)).toContain('solve inner with adam($0)\n');
    expect(taking('adam', page('solve inner with ad<|>(rate = 1)'), snippets)).toContain('solve inner with adam(rate = 1)');
    expect(taking('steps', page('solve inner with adam(st<|>)'))).toContain('adam(steps = )');
    expect(taking('steps', page('solve inner with adam(st<|> = 3)'))).toContain('adam(steps = 3)');
    expect(taking('logistic', page('random e: [n] ~ <|>'))).toContain('~ logistic()');
    expect(taking('auto', page('differentiate with <|>'), snippets)).toContain('with auto\n');
  });
});

describe('another file', () => {
  it.each([
    ['data z: [n] from "<|>"', ['images.npz', 'points.csv', 'shared/']],
    ['data z: [n] from <|>', ['images.npz', 'points.csv', 'shared/']],
    ['data z: [n] from "shared/<|>', []],
    ['data z: [n] from "points.csv" <|>', ['array', 'column', 'columns']],
    ['data z: [n] from "points.csv" columns <|>', ['age', 'sex', 'blood pressure']],
    ['data z: [n] from "points.csv" columns age, <|>', ['age', 'sex', 'blood pressure']],
    ['data z: [n] from "points.csv" columns [age, <|>]', ['age', 'sex', 'blood pressure']],
    ['data z: [n] from "points.csv" columns age .. "blo<|>"', ['age', 'sex', 'blood pressure']],
    ['data z: [n] from "other.csv" column <|>', []],
    ['data z: [n] from "images.npz" array <|>', ['pixels', 'two words']],
    ['data z: [n] from "images.npz" array "pi<|>"', ['pixels', 'two words']],
    ['data z: [n] from "other.npz" array <|>', []],
  ])('is found beside the page: %s', (line, expected) => {
    const statements = new Set(labels('problem p { <|> }'));
    expect(labels(page(line)).filter((label) => !statements.has(label))).toEqual(expected);
  });
  it('is written as a path', () => {
    expect(taking('points.csv', 'problem p { data z: [] from <|> }')).toBe('problem p { data z: [] from "points.csv" }');
    expect(taking('points.csv', 'problem p { data z: [] from "po<|>" }')).toBe('problem p { data z: [] from "points.csv" }');
    expect(taking('two words', 'problem p { data z: [] from "images.npz" array <|> }')).toContain('array "two words"');
    expect(taking('blood pressure', 'problem p { data z: [] from "points.csv" column <|> }')).toContain('column "blood pressure"');
    expect(taking('other.bilevel', 'import { f } from "<|>"')).toBe('import { f } from "./other.bilevel"');
    expect(taking('kernels.bilevel', 'import { f } from "./shared/k<|>.bilevel"')).toBe('import { f } from "./shared/kernels.bilevel"');
  });
  it('has functions to import', () => {
    expect(labels('import { <|> } from "./shared/kernels.bilevel"')).toEqual(['smooth', 'ramp']);
    expect(labels('import { ramp, <|> } from "./shared/kernels.bilevel"')).toEqual(['smooth']);
    expect(labels('import { <|> } from "./nowhere.bilevel"')).toEqual([]);
    expect(labels('import { ramp } <|>')).toEqual(['from']);
  });
  it('is asked of nobody where there are no folders', () => {
    const { items, analysis, pageAt } = offered('import { f } from "<|>"');
    expect(items).not.toEqual([]);
    expect(completion(analysis, 19, asked, { read: () => undefined }, pageAt)).toEqual([]);
  });
});

describe('nothing is offered', () => {
  it.each(['// sum of <|>', '/// a <|>', '/* a <|> */', 'let u = 1<|>', 'let u = 1.5<|>', 'hyper h: positive = 0.<|>', 'let u = "w<|>"'])(
    'in %s',
    (line) => {
      expect(offered(page(line)).items).toEqual([]);
    },
  );
  it('by a sign where everything may stand', () => {
    const bySign = { ...asked, bySign: true };
    expect(labels(page('let u = <|>'), bySign)).toEqual([]);
    expect(labels(page('let u = 1 <|>'), bySign)).toEqual([]);
    expect(labels(page('solve inner with <|>'), bySign)).toContain('adam');
    expect(labels(page('hyper h:<|>'), bySign)).toContain('positive');
    expect(labels(page('differentiate with implicit(solver = <|>'), bySign)).toContain('cg');
  });
});

describe('every word', () => {
  it('of the library says how it is called and what it is', () => {
    for (const name of libraryNames()) {
      for (const form of libraryFunction(name)) {
        expect(headOf(form)).toMatch(new RegExp(String.raw`^${name}\(.*\)(?:: .+)?$`, 'u'));
        expect(form.says, name).toMatch(/\S/u);
      }
    }
  });
  it('for a method and its options says what it is', () => {
    const tables = [
      ['solve-inner', innerMethods],
      ['solve-outer', outerMethods],
      ['differentiate', strategies],
    ] as const;
    for (const [of, table] of tables) {
      for (const name of known(table)) {
        const method = methodNamed(of, name);
        expect(method?.says, name).toMatch(/\S/u);
        for (const { says } of method?.parameters ?? []) expect(says).toMatch(/^[A-Z].*\.$/u);
      }
    }
  });
  const known = (table: typeof innerMethods): readonly string[] => Object.keys(table).filter((name) => table[name]?.refused === undefined);
  it('that begins a statement is one of the grammar', () => {
    const offeredHere = new Set([...labels('problem p { <|> }'), ...labels('<|>')].map((label) => label.split(' ')[0]));
    expect([...offeredHere].sort()).toEqual([...statementTypes.keys()].sort());
  });
  it.each([
    ['sum', 'let u = <|>', ['sum(x, axis = …)', 'The sum of all elements']],
    ['accuracy', 'let u = <|>', ['labels: int[...s]', 'above 0 where the label is 1']],
    ['penalty', 'let u = <|>', ['hyper penalty: positive = 0.1', 'chosen by the outer problem']],
    ['smooth', 'let u = <|>', ['fn smooth', 'Near |x|.']],
    ['adam', 'solve outer with <|>', ['rate = 0.1, beta1 = 0.9', 'Adam']],
    ['memory', 'solve outer with lbfgs(<|>', ['lbfgs(memory = 40)', 'By default 40.']],
    ['rate', 'solve inner with gd(<|>', ['gd(rate = …)', 'may hold hypers', 'no default']],
    ['unit', 'hyper h: <|>', ['logit']],
    ['uniform', 'random e: [n] ~ <|>', ['uniform(lo, hi)']],
    ['hyper', '<|>', ['hyper NAME: TYPE', 'the outer problem chooses it']],
  ])('%s is explained when it is shown: %s', (label, line, expected) => {
    const { items, pageAt } = offered(page(line));
    const item = items.find((each) => each.label === label);
    if (item === undefined) throw new Error(label);
    const { value } = resolveCompletion(item, pageAt).documentation as MarkupContent;
    for (const part of expected) expect(value).toContain(part);
  });
});

describe('an editor', () => {
  let editor: Editor | undefined;
  afterEach(() => editor?.stop());
  it('is offered and told it over its connection', async () => {
    editor = await Editor.start({ textDocument: { completion: { completionItem: { snippetSupport: true } } } });
    const opened = await editor.open(page('inner minimize su<|>'));
    const items = await editor.ask<CompletionItem[]>('textDocument/completion', opened);
    const sum = items.find(({ label }) => label === 'sum');
    expect(sum?.textEdit?.newText).toBe('sum($0)');
    const resolved = await editor.client.sendRequest<CompletionItem>('completionItem/resolve', sum);
    expect((resolved.documentation as MarkupContent).value).toContain('The sum of all elements');
  });
});
