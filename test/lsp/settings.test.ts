/** What a client may switch off, wherever it says so, and that it is told to ask anew. */
import type { CodeLens, InlayHint, LogMessageParams } from 'vscode-languageserver/node';
import { afterEach, describe, expect, it } from 'vitest';
import { Editor } from './harness.ts';

const page = `problem p {
  dim n
  data y: [n]
  hyper pull: positive = 0.1
  param w: []
  let u = sum(y)
  inner minimize (w - u)^2 + pull * w^2
  outer minimize (w - 1)^2
}
`;
const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };

let editor: Editor;
afterEach(() => editor.stop());

/** The words of the hints, and of the lenses, of the page. */
async function shown(): Promise<string> {
  const opened = await editor.open(page);
  const hints = await editor.ask<InlayHint[]>('textDocument/inlayHint', opened, { range });
  const lenses = await editor.ask<CodeLens[]>('textDocument/codeLens', opened);
  return [...hints.map(({ label }) => label as string), ...lenses.map(({ command }) => command?.title)].join(', ');
}
const lenses = 'Run, Check gradient, Explain plan, Compare strategies';
const commands = { experimental: { commands: true } };

describe('settings', () => {
  it('are all on where nothing is said', async () => {
    editor = await Editor.start(commands);
    expect(await shown()).toBe(`: [], once, closed_form+cholesky, ${lenses}`);
  });
  it('are what the server is started with', async () => {
    editor = await Editor.start(commands, {}, undefined, { inlayHints: { shapes: false, strategy: false }, lenses: true });
    expect(await shown()).toBe(`once, ${lenses}`);
  });
  it('may be written under their whole names', async () => {
    editor = await Editor.start(commands, {}, undefined, { 'inlayHints.stages': false, lenses: false });
    expect(await shown()).toBe(': [], closed_form+cholesky');
  });
  it('are asked of a client that answers, which wins over what it started the server with; it is told to ask anew', async () => {
    let given: object | null = { inlayHints: { strategy: false } };
    const refreshed: string[] = [];
    const workspace = { configuration: true, inlayHint: { refreshSupport: true }, codeLens: { refreshSupport: true } };
    const prepare: Parameters<typeof Editor.start>[2] = (client) => {
      client.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
        items.map(({ section }) => (section === 'bilevel' ? given : null)),
      );
      for (const what of ['inlayHint', 'codeLens']) {
        client.onRequest(`workspace/${what}/refresh`, () => {
          refreshed.push(what);
          return null;
        });
      }
    };
    editor = await Editor.start({ ...commands, workspace }, {}, prepare, { lenses: false, inlayHints: { strategy: true } });
    await expect.poll(() => refreshed).toEqual(['inlayHint', 'codeLens']);
    expect(await shown()).toBe(': [], once');

    given = { lenses: true, inlayHints: { shapes: false, strategy: false } };
    await editor.client.sendNotification('workspace/didChangeConfiguration', { settings: null });
    await expect.poll(() => refreshed.length).toBe(4);
    expect(await shown()).toBe(`once, ${lenses}`);

    // The same again is nothing new.
    await editor.client.sendNotification('workspace/didChangeConfiguration', { settings: null });
    expect(await shown()).toBe(`once, ${lenses}`);
    expect(refreshed).toHaveLength(4);
  });
  it('are taken from a client that only tells them', async () => {
    editor = await Editor.start(commands);
    await editor.client.sendNotification('workspace/didChangeConfiguration', { settings: { bilevel: { lenses: false } } });
    expect(await shown()).toBe(': [], once, closed_form+cholesky');
  });
  it('say what is neither on nor off', async () => {
    const said: LogMessageParams[] = [];
    const prepare: Parameters<typeof Editor.start>[2] = (client) =>
      client.onNotification('window/logMessage', (message: LogMessageParams) => void said.push(message));
    editor = await Editor.start(commands, {}, prepare, { lenses: 'off' });
    expect(await shown()).toContain('Run');
    expect(said.map(({ message }) => message)).toEqual(['`bilevel.lenses` is true or false, and not "off"']);
  });
});
