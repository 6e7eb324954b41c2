/** A server without files: its client reads them for it, and says when they change. */
import {
  FileChangeType,
  type CompletionItem,
  type Diagnostic,
  type DocumentDiagnosticReport,
  type FullDocumentDiagnosticReport,
  type Hover,
  type MarkupContent,
} from 'vscode-languageserver/node';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ClientFiles,
  listRequest,
  readBytesRequest,
  readRequest,
  type BytesAsked,
  type BytesRead,
  type FileAsked,
  type FileRead,
  type Listed,
} from '../../lsp/client-files.ts';
import { Editor } from './harness.ts';

const asks = { textDocument: { diagnostic: {} }, workspace: { diagnostics: { refreshSupport: true } } };
const watches = { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } };
const far = 'file:///folder/far.bilevel';
const near = 'file:///folder/near.bilevel';

const page = `import { off } from "./near.bilevel"
problem p {
  param w: []
  hyper h: positive = 1
  inner minimize o<|>ff(w)^2 + h * w^2
  outer minimize w^2
}
`;

let editor: Editor;
afterEach(() => editor.stop());

/** A client with these files, and what it was asked. */
async function start(capabilities: object, files: Record<string, string>): Promise<{ readonly asked: string[]; readonly news: string[] }> {
  const asked: string[] = [];
  const news: string[] = [];
  editor = await Editor.start(
    capabilities,
    (server) => new ClientFiles(server),
    (client) => {
      client.onRequest(readRequest, async ({ uri }: FileAsked): Promise<FileRead | null> => {
        asked.push(uri);
        await new Promise((resolve) => setTimeout(resolve, 20));
        const text = files[uri];
        return text === undefined ? null : { text };
      });
      client.onRequest(readBytesRequest, ({ uri }: BytesAsked): BytesRead | null => {
        const text = files[uri];
        return text === undefined ? null : { base64: btoa(text) };
      });
      client.onRequest(listRequest, ({ uri }: FileAsked): Listed => {
        asked.push(uri);
        return { names: Object.keys(files).flatMap((file) => (file.startsWith(uri) ? [file.slice(uri.length)] : [])) };
      });
      for (const method of ['workspace/diagnostic/refresh', 'client/registerCapability'])
        client.onRequest(method, () => {
          news.push(method);
          return null;
        });
    },
  );
  return { asked, news };
}

const diagnostics = async (uri: string): Promise<readonly Diagnostic[]> => {
  const report = await editor.client.sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', { textDocument: { uri } });
  return (report as FullDocumentDiagnosticReport).items;
};
const changed = (uri: string): Promise<void> =>
  editor.client.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri, type: FileChangeType.Changed }] });

describe('a client that reads for the server', () => {
  it('is asked for each page once, and waited for', async () => {
    const { asked } = await start(asks, {
      [near]: 'import { half } from "./far.bilevel"\nfn off(a: []): [] = half(a)',
      [far]: 'fn half(a: []): [] = a / 2',
    });
    const opened = await editor.open(page);
    expect(await diagnostics(opened.uri)).toEqual([]);
    const hover = await editor.ask<Hover>('textDocument/hover', opened);
    expect((hover.contents as MarkupContent).value).toContain('fn off(a: []): []');
    expect(asked).toEqual([near, far]);
  });
  it('has no such page, and says so', async () => {
    await start(asks, {});
    const { uri } = await editor.open(page);
    expect((await diagnostics(uri)).map(({ code }) => code)).toEqual(['BL2050']);
  });
  it('says when a page has changed, and asks anew', async () => {
    const files = { [near]: 'fn of(a: []): [] = a' };
    const { news } = await start(asks, files);
    const { uri } = await editor.open(page);
    expect((await diagnostics(uri)).map(({ message }) => message)).toEqual([expect.stringContaining('`off`') as string]);
    files[near] = 'fn off(a: []): [] = a';
    await changed(near);
    expect(await diagnostics(uri)).toEqual([]);
    expect(news).toEqual(['workspace/diagnostic/refresh']);
  });
  it('is told, where it does not ask, and never that a page is missing which is late', async () => {
    const files = { [near]: 'fn off(a: []): [] = a' };
    const { news } = await start(watches, files);
    await editor.open(page);
    await expect.poll(() => editor.told.length).toBe(1);
    files[near] = 'fn of(a: []): [] = a';
    await changed(near);
    await expect.poll(() => editor.told.length).toBe(2);
    expect(editor.told.map((each) => each.diagnostics.length)).toEqual([0, 1]);
    expect(news).toEqual(['client/registerCapability']);
  });
});

describe('a code', () => {
  it('leads to its page, where the client has brought the pages along', async () => {
    const options = { docs: 'file:///extension/docs' };
    editor = await Editor.start(
      asks,
      (server) => new ClientFiles(server),
      () => undefined,
      options,
    );
    await editor.open('problem p {', far);
    const [first] = await diagnostics(far);
    expect(first?.codeDescription?.href).toBe(`file:///extension/docs/${first?.code}.md`);
  });
});

describe('a page whose data the client reads', () => {
  const offered = async (data: string): Promise<readonly string[]> => {
    const at = await editor.open(`problem p {\n  dim n\n  data y: [n] from ${data}\n}\n`, far);
    const items = await editor.ask<readonly CompletionItem[]>('textDocument/completion', at);
    return items.map(({ label }) => label);
  };

  it('is offered files and columns at the first time of asking', async () => {
    const { asked } = await start({}, { 'file:///folder/x.csv': 'age,bmi\n1,2\n', 'file:///folder/y.txt': '' });
    expect(await offered('"<|>"')).toEqual(['x.csv']);
    expect(await offered('"x.csv" column <|>')).toEqual(expect.arrayContaining(['age', 'bmi']));
    expect(asked.filter((uri) => uri === 'file:///folder/')).toHaveLength(1);
  });
  it('is offered a new file when the client has said that there is one', async () => {
    const files: Record<string, string> = { 'file:///folder/x.csv': 'age\n1\n' };
    await start({}, files);
    await offered('"<|>"');
    files['file:///folder/z.csv'] = 'b\n';
    await changed('file:///folder/z.csv');
    expect(await offered('"<|>"')).toEqual(['x.csv', 'z.csv']);
  });
});
