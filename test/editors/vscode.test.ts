/** VS Code itself, in a browser, with the built extension: its server in a worker, and pages that only VS Code can read. */
import { fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  createProtocolConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type DocumentDiagnosticReport,
  type FullDocumentDiagnosticReport,
} from 'vscode-languageserver/node';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readRequest, type FileRead } from '../../lsp/client-files.ts';
import { extension, Workbench } from './workbench.ts';

const page = `import { off } from "./kernels.bilevel"

problem p {
  dim n
  data y: [n]
  /// How strongly it is drawn to zero.
  hyper pull: positive = 0.1
  param w: []
  inner minimize mean(off(w,y)^2) + pul * w^2
  outer minimize (w - 1)^2
}
`;
const kernels = 'fn off(a: [], b: [n]): [n] = a - b\n';

describe('VS Code', () => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await Workbench.open({ '/page.bilevel': page, '/kernels.bilevel': kernels });
    return () => workbench.close();
  });
  afterEach(async ({ task }) => {
    const pictures = process.env['BILEVEL_ARTEFACTS'];
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await workbench.page.screenshot({ path: join(pictures, `vscode-${task.name.replaceAll(/\W+/gu, '-')}.png`) });
  });

  it('underlines what is wrong, and says why and the way out', async () => {
    await workbench.page.locator('.squiggly-error').waitFor();
    expect(await workbench.problems()).toEqual([expect.stringMatching(/`pul`.*BL2001.*did you mean `pull`\?/su)]);
  });
  it('says what a name is, of a page that it imports too', async () => {
    expect(await workbench.hover('pull')).toContain('How strongly it is drawn to zero.');
    expect(await workbench.hover('off', 'mean')).toContain('fn off(a: [], b: [n]): [n]');
  });
  it('has nothing more to say when it is mended', async () => {
    await workbench.put('pul ', 'pull ');
    await workbench.page.locator('.squiggly-error').waitFor({ state: 'detached' });
    expect(await workbench.problems()).toEqual([]);
  });
  it('renames and formats', async () => {
    await workbench.rename('pull', 'λ');
    await workbench.command('Format Document');
    const wanted = page.replace('pull', 'λ').replace('pul ', 'λ ').replace('(w,y)', '(w, y)');
    await expect.poll(() => workbench.text(), { timeout: 20_000 }).toBe(wanted);
  });
  it('sees that another program has changed a page that is imported', async () => {
    await workbench.change({ '/kernels.bilevel': kernels.replace('off', 'of') });
    await workbench.page.locator('.squiggly-error').first().waitFor();
    expect(await workbench.problems()).toEqual([expect.stringContaining('`off`')]);
  });
  it('has the same server as a process, where it has Node', async () => {
    const server = fork(join(extension, 'server-node.js'), ['--node-ipc', `--clientProcessId=${process.pid}`]);
    const ended = new Promise((resolve) => server.once('exit', resolve));
    const client = createProtocolConnection(new IPCMessageReader(server), new IPCMessageWriter(server));
    client.onRequest(readRequest, (): FileRead => ({ text: kernels }));
    client.listen();
    const uri = 'file:///page.bilevel';
    const capabilities = { textDocument: { diagnostic: {} } };
    await client.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities });
    await client.sendNotification('initialized', {});
    await client.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'bilevel', version: 1, text: page } });
    const report = await client.sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', { textDocument: { uri } });
    expect((report as FullDocumentDiagnosticReport).items.map(({ code }) => code)).toEqual(['BL2001']);
    await client.sendRequest('shutdown');
    await client.sendNotification('exit');
    expect(await ended).toBe(0);
    client.dispose();
  });
});
