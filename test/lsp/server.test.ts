/** What the server answers, asked over its connection as an editor does. */
import {
  LSPErrorCodes,
  ResponseError,
  type DocumentSymbol,
  type Hover,
  type Location,
  type MarkupContent,
  type Range,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { afterEach, describe, expect, it } from 'vitest';
import { Editor, offsetsOf, type OpenPage } from './harness.ts';

let editor: Editor;
afterEach(() => editor.stop());

const page = (inside: string): string => `problem p {
  dim n
  data y: [n]
  /// How strongly it is drawn to zero.
  hyper pull: positive = 0.1
  param w: []
  ${inside}
  outer minimize (w - 1)^2
}
`;

const fit = 'inner minimize mean((w - y)^2) + pull * w^2';

describe('hover', () => {
  const hoverAt = async (text: string): Promise<string> => {
    editor = await Editor.start();
    const hover = await editor.ask<Hover | null>('textDocument/hover', await editor.open(text));
    return (hover?.contents as MarkupContent | undefined)?.value ?? '';
  };

  it('says how a name is declared, what it is and what is said of it', async () => {
    const said = await hoverAt(page('inner minimize mean((w - y)^2) + pu<|>ll * w^2'));
    expect(said).toContain('hyper pull: positive = 0.1');
    expect(said).toContain('chosen by the outer problem');
    expect(said).toContain('How strongly it is drawn to zero.');
    expect(said).toContain('here: a number');
  });
  it('says the shape of what stands there', async () => {
    expect(await hoverAt(page('inner minimize mean((w - <|>y)^2) + pull * w^2'))).toContain('here: [n]');
  });
  it('shows the head of a function', async () => {
    expect(await hoverAt(page(`fn off(a: [k]): [k] = a - w\n  inner minimize mean(o<|>ff(y)^2) + pull * w^2`))).toContain(
      '```bilevel\nfn off(a: [k]): [k]\n```',
    );
  });
  it('says nothing where nothing is', async () => {
    expect(await hoverAt(page(`<|>\n  ${fit}`))).toBe('');
  });
  it('answers on a page that is broken', async () => {
    expect(await hoverAt('problem p { data y: [n hyper pull = inner minimize pu<|>ll +')).toContain('hyper pull');
  });
});

describe('names', () => {
  const placed = (opened: OpenPage, ranges: readonly Range[]): readonly { start: number; end: number }[] =>
    ranges.map((range) => offsetsOf(opened, range)).sort((a, b) => a.start - b.start);

  it('lead to their declaration', async () => {
    editor = await Editor.start();
    const opened = await editor.open(page('let ⟦off⟧ = w - y\n  inner minimize mean(o<|>ff^2) + pull * w^2'));
    const { range } = await editor.ask<Location>('textDocument/definition', opened);
    expect(placed(opened, [range])).toEqual(opened.ranges);
  });
  it('are found wherever they are used, and nobody else of the same name', async () => {
    editor = await Editor.start();
    const opened = await editor.open(
      page('fn f(⟦<|>a⟧: [k]): [k] = ⟦a⟧ - w\n  fn g(a: []): [] = a\n  inner minimize mean(f(⟦a⟧ = y)^2) + pull * g(w)^2'),
    );
    const found = await editor.ask<Location[]>('textDocument/references', opened, { context: { includeDeclaration: true } });
    expect(
      placed(
        opened,
        found.map(({ range }) => range),
      ),
    ).toEqual(opened.ranges);
    const highlighted = await editor.ask<{ range: Range }[]>('textDocument/documentHighlight', opened);
    expect(
      placed(
        opened,
        highlighted.map(({ range }) => range),
      ),
    ).toEqual(opened.ranges);
  });

  const other = 'file:///folder/kernels.bilevel';
  const kernels = 'fn ⟦s<|>mooth⟧(x: [k]): [k] = sqrt(1 + x^2)\n';
  const importing = `import { ⟦smooth⟧ } from "./kernels.bilevel"\n${page('inner minimize mean(⟦sm<|>ooth⟧(w - y)) + pull * w^2')}`;

  it('lead to another page, and are renamed on both', async () => {
    editor = await Editor.start();
    const there = await editor.open(kernels, other);
    const here = await editor.open(importing);
    const { uri, range } = await editor.ask<Location>('textDocument/definition', here);
    expect([uri, placed(there, [range])]).toEqual([other, there.ranges]);
    for (const from of [here, there]) {
      const { changes = {} } = await editor.ask<WorkspaceEdit>('textDocument/rename', from, { newName: 'soft' });
      for (const opened of [here, there]) {
        expect(
          placed(
            opened,
            (changes[opened.uri] ?? []).map((edit) => edit.range),
          ),
        ).toEqual(opened.ranges);
        const text = TextDocument.applyEdits(opened.document, changes[opened.uri] ?? []);
        expect(text).not.toContain('smooth');
      }
    }
  });

  it('lead to a page whose name has a space, which editors escape', async () => {
    editor = await Editor.start();
    const there = await editor.open(kernels, 'file:///folder/my%20kernels.bilevel');
    const here = await editor.open(importing.replace('./kernels', './my kernels'));
    const { uri, range } = await editor.ask<Location>('textDocument/definition', here);
    expect([uri, placed(there, [range])]).toEqual([there.uri, there.ranges]);
    const { changes = {} } = await editor.ask<WorkspaceEdit>('textDocument/rename', there, { newName: 'soft' });
    expect(new Set(Object.keys(changes))).toEqual(new Set([here.uri, there.uri]));
  });

  it.each([
    ['of the library', 'inner minimize me<|>an((w - y)^2) + pull * w^2', 'm', /not declared on this page/u],
    ['that another has', 'inner minimize mean((w - y)^2) + pu<|>ll * w^2', 'w', /declared already/u],
    ['that is none', 'inner minimize mean((w - y)^2) + pu<|>ll * w^2', 'a b', /not a name/u],
  ])('are not renamed to or from one %s', async (_, inside, newName, words) => {
    editor = await Editor.start();
    await expect(editor.ask('textDocument/rename', await editor.open(page(inside)), { newName })).rejects.toThrow(words);
  });
});

describe('diagnostics', () => {
  const wrong = page('inner minimize mean((w - y)^2) + ⟦pul⟧ * w^2');

  it('are told when the page has rested', async () => {
    editor = await Editor.start();
    const opened = await editor.open(wrong);
    await expect.poll(() => editor.told.length).toBe(1);
    const [{ diagnostics = [], version } = {}] = editor.told;
    expect(version).toBe(1);
    expect(diagnostics.map(({ code }) => code)).toEqual(['BL2001']);
    expect(diagnostics[0]?.message).toContain('did you mean `pull`?');
    expect(diagnostics.map(({ range }) => offsetsOf(opened, range))).toEqual(opened.ranges);
  });

  it('are answered to a client that asks, with what only derivatives know', async () => {
    editor = await Editor.start({ textDocument: { diagnostic: {} } });
    const codesOf = async (text: string): Promise<readonly unknown[]> => {
      const opened = await editor.open(text, `file:///folder/${text.length}.bilevel`);
      const { items } = await editor.ask<{ items: { code: string }[] }>('textDocument/diagnostic', opened);
      return items.map(({ code }) => code);
    };
    expect(await codesOf(wrong)).toEqual(['BL2001']);
    expect(await codesOf(page(fit))).toEqual([]);
    expect(await codesOf(page(`hyper idle: real\n  ${fit}`))).toEqual(['BL3102']);
    expect(editor.told).toEqual([]);
  });

  it('of an imported page come again when that page changes', async () => {
    editor = await Editor.start();
    const text = `import { f } from "./other.bilevel"\n${page(fit.replace('w^2', 'f(w)'))}`;
    const { uri } = await editor.open(text);
    await expect.poll(() => editor.told.at(-1)?.diagnostics.map(({ code }) => code)).toEqual(['BL2050']);
    await editor.open('fn f(a: []): [] = a^2', 'file:///folder/other.bilevel');
    await expect.poll(() => editor.told.findLast((told) => told.uri === uri)?.diagnostics).toEqual([]);
  });

  it('that fail for one page by our mistake are told to whoever keeps the log, and the others still come', async () => {
    const host = {
      read: (uri: string): never => {
        throw new Error(`cannot read ${uri}`);
      },
    };
    const logged: string[] = [];
    editor = await Editor.start(
      {},
      () => host,
      (client) => {
        client.onNotification('window/logMessage', ({ message }: { readonly message: string }) => void logged.push(message));
      },
    );
    await editor.open(`import { f } from "./gone.bilevel"\n${page(fit)}`);
    await expect.poll(() => logged.join()).toContain('cannot read');
    const { uri } = await editor.open(wrong, 'file:///folder/other.bilevel');
    await expect.poll(() => editor.told.filter((told) => told.uri === uri).length).toBeGreaterThan(0);
  });

  it('are none of what a page was, which an editor shows beside it', async () => {
    editor = await Editor.start({ textDocument: { diagnostic: {} } });
    for (const [uri, count] of [
      ['git:/folder/page.bilevel?%7B%22ref%22%3A%22~%22%7D', 0],
      ['fugitive:///folder/.git//0/page.bilevel', 0],
      ['file:///folder/page.bilevel', 1],
      ['untitled:page', 1],
    ] as const) {
      const { items } = await editor.ask<{ items: object[] }>('textDocument/diagnostic', await editor.open(wrong, uri));
      expect([uri, items.length]).toEqual([uri, count]);
    }
    await editor.stop();
    editor = await Editor.start();
    await editor.open(wrong, 'git:/folder/page.bilevel');
    const { uri } = await editor.open(wrong);
    await expect.poll(() => editor.told.map((told) => told.uri)).toEqual([uri]);
  });

  it('go when the page is closed', async () => {
    editor = await Editor.start();
    const { uri } = await editor.open(wrong);
    await expect.poll(() => editor.told.length).toBe(1);
    await editor.client.sendNotification('textDocument/didClose', { textDocument: { uri } });
    await expect.poll(() => editor.told.at(-1)?.diagnostics).toEqual([]);
  });
});

describe('a hand that is faster than the server', () => {
  it('is answered of its last text, and of hardly any other', async () => {
    editor = await Editor.start();
    const { uri, text } = await editor.open(page(fit));
    const answers: Promise<string>[] = [];
    for (let version = 2; version < 42; version++) {
      const longer = `${text}${'// more\n'.repeat(version)}`;
      void editor.client.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text: longer }] });
      const asked = editor.client.sendRequest<{ data: number[] }>('textDocument/semanticTokens/full', { textDocument: { uri } });
      answers.push(
        asked.then(
          ({ data }) => `${data.length / 5} words`,
          (error: unknown) => (error instanceof ResponseError && error.code === LSPErrorCodes.ContentModified ? 'changed' : 'failed'),
        ),
      );
    }
    const answered = await Promise.all(answers);
    const words = answered.filter((each) => each !== 'changed');
    expect(words.at(-1)).toBe(answered.at(-1));
    expect(words.length).toBeLessThan(3);
  });
});

describe('a page as a whole', () => {
  it('has an outline', async () => {
    editor = await Editor.start();
    const [problem] = await editor.ask<DocumentSymbol[]>('textDocument/documentSymbol', await editor.open(page(fit)));
    expect(problem?.name).toBe('p');
    expect(problem?.children?.map(({ name }) => name)).toEqual(['n', 'y', 'pull', 'w', 'inner minimize', 'outer minimize']);
  });
  it('is formatted as `bilevel fmt` does, and left alone where it does not parse', async () => {
    editor = await Editor.start();
    const options = { options: { tabSize: 2, insertSpaces: true } };
    const opened = await editor.open(page(fit.replace(' + ', '+')));
    const edits = await editor.ask<TextEdit[]>('textDocument/formatting', opened, options);
    expect(TextDocument.applyEdits(opened.document, edits)).toBe(page(fit));
    // A cursor stays with its word.
    expect(edits.map(({ newText }) => newText)).toEqual([' ', ' ']);
    expect(
      await editor.ask<TextEdit[]>('textDocument/formatting', await editor.open(page('inner minimize ('), 'file:///b.bilevel'), options),
    ).toEqual([]);
  });
});
