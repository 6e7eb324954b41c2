/** What a page's data say of it: sizes, costs and what does not fit, when it has rested. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Hover, PublishDiagnosticsParams } from 'vscode-languageserver/node';
import { FileError, TooLarge } from '../../library/data-facts.ts';
import type { Host } from '../../lsp/host.ts';
import { Editor, type OpenPage } from './harness.ts';

const page = `problem ridge {
  dim n, d
  data X: [n, d] from "x.csv" columns "a", "b"
  data y: [n] from "x.csv" column "c"
  hyper pull: positive = 0.1
  param w: [d]
  inner minimize mean((X<|> @ w - y)^2) + pull * sum(w^2)
  outer<|> minimize sum((w - 1)^2)
}
`;
const table = 'a,b,c\n1,2,3\n2,1,0\n5,3,1\n';

/** Files that a test may change. */
class Disk {
  readonly files: Record<string, string | number>;
  reads = 0;
  /** What a file is waited for. */
  arrival = Promise.resolve();

  constructor(files: Record<string, string | number>) {
    this.files = files;
  }

  readonly host: Host = {
    read: () => undefined,
    files: {
      read: async (file) => {
        this.reads += 1;
        await this.arrival;
        const found = this.files[file];
        if (found === undefined) throw new FileError('ENOENT');
        if (typeof found === 'number') throw new TooLarge(file);
        return new TextEncoder().encode(found);
      },
      resolve: (file, page) => (page.startsWith('file:') ? file : undefined),
      stamp: (file) => Promise.resolve(String(this.files[file])),
    },
  };
}

describe('the data of a page', () => {
  let editor: Editor;
  afterEach(() => editor.stop());

  const open = async (disk: Disk, uri?: string): Promise<OpenPage> => {
    editor = await Editor.start({}, () => disk.host);
    return editor.open(page, uri);
  };
  /** What is told next. */
  const told = async (): Promise<readonly (readonly [unknown, unknown])[]> => {
    const next = await new Promise<PublishDiagnosticsParams>((resolve) =>
      editor.client.onNotification('textDocument/publishDiagnostics', resolve),
    );
    return next.diagnostics.map(({ code, message }) => [code, message] as const);
  };
  /** What is told first is what the page alone says. */
  const rested = async (): Promise<readonly (readonly [unknown, unknown])[]> => {
    await told();
    return told();
  };
  const hover = async (at: OpenPage, cursor: number): Promise<string> => {
    const { contents } = await editor.ask<Hover>('textDocument/hover', at, {}, cursor);
    return typeof contents === 'object' && 'value' in contents ? contents.value : '';
  };

  it('give sizes in numbers, and what a hypergradient is predicted to take', async () => {
    const at = await open(new Disk({ 'x.csv': table }));
    expect(await hover(at, 0)).toMatch(/here: \[n, d\]$/u);
    expect(await rested()).toEqual([]);
    expect(await hover(at, 0)).toContain('here: [n, d], with its data [3, 2]');
    const { text } = at;
    const inner = await editor.ask<Hover>('textDocument/hover', { ...at, cursors: [text.indexOf('inner') + 2] });
    expect(JSON.stringify(inner)).toMatch(/Predicted for one hypergradient: \d[\d.]* [µm]s, \d[\d.]* [KM]?i?B, a relative error ≈ \d/u);
  });

  it('are read once, and again when they have changed', async () => {
    const disk = new Disk({ 'x.csv': table });
    const at = await open(disk);
    await rested();
    expect(disk.reads).toBe(1);
    await editor.client.sendNotification('textDocument/didChange', {
      textDocument: { uri: at.uri, version: 2 },
      contentChanges: [{ text: at.text.replace('0.1', '0.2') }],
    });
    await rested();
    expect(disk.reads).toBe(1);
    disk.files['x.csv'] = `${table}1,1,1\n`;
    await editor.client.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: 'file:///folder/x.csv', type: 2 }] });
    await rested();
    expect(disk.reads).toBe(2);
    expect(await hover(at, 0)).toContain('[4, 2]');
  });

  it('of a page that is closed while they are read are not kept', async () => {
    const disk = new Disk({ 'x.csv': table });
    let arrive = (): void => undefined;
    disk.arrival = new Promise((resolve) => (arrive = resolve));
    const at = await open(disk);
    await vi.waitFor(() => expect(disk.reads).toBe(1), 5000);
    await editor.client.sendNotification('textDocument/didClose', { textDocument: { uri: at.uri } });
    expect(await editor.ask('textDocument/hover', at)).toBeNull();
    arrive();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await editor.open(page);
    await rested();
    expect(disk.reads).toBe(2);
  });

  it('are said to be wrong where they are declared', async () => {
    await open(new Disk({ 'x.csv': table.replace('c', 'z') }));
    expect(await rested()).toEqual([['BL6004', expect.stringMatching(/^x\.csv:1: .*`c`/u)]]);
  });

  it('are said to be missing', async () => {
    await open(new Disk({}));
    expect((await rested()).map(([code]) => code)).toEqual(['BL6001']);
  });

  it('are nowhere where the page is not saved, and the page is looked at without them', async () => {
    const disk = new Disk({});
    await open(disk, 'untitled:Untitled-1');
    expect(await rested()).toEqual([]);
    expect(disk.reads).toBe(0);
  });

  it('say nothing where they are too large to be read now', async () => {
    const at = await open(new Disk({ 'x.csv': 2e9 }));
    expect(await rested()).toEqual([]);
    expect(await hover(at, 0)).toMatch(/here: \[n, d\]$/u);
  });
});
