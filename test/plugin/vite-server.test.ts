/** Vite's server while pages are edited: what it tells the browser, seen at the channel that browsers listen to. */
import type { HotPayload, ViteDevServer } from 'vite';
import { createServer } from 'vite';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import forVite from '../../plugin/vite.ts';
import { Application, pages } from './application.ts';

const right = pages['two.bilevel'].slice(0, pages['two.bilevel'].indexOf('///'));
const other = right.replace('w - 1', 'w - 2');
const wrong = right.replace('w - 1', 'w - v');

const application = new Application({ 'package.json': '{ "type": "module" }\n' });
const started: ViteDevServer[] = [];
afterEach(async () => Promise.all(started.splice(0).map(async (server) => server.close())));
afterAll(() => application.remove());

interface Open {
  readonly server: ViteDevServer;
  /** What browsers were sent since the last look, as soon as there is something. */
  readonly sent: () => Promise<readonly (HotPayload | string)[]>;
  /** Asks for a module, as a browser does. */
  readonly get: (url: string) => Promise<string>;
  /** Writes a page, and lets Vite see it. */
  readonly edit: (text: string) => void;
}

async function open(page: string, importer: string): Promise<Open> {
  application.write('page.bilevel', page);
  application.write('app.js', importer);
  const server = await createServer({
    root: application.folder,
    configFile: false,
    logLevel: 'silent',
    appType: 'custom',
    // The test says when a file has changed.
    server: { middlewareMode: true, watch: null, ws: false },
    plugins: [forVite({ types: false })],
  });
  started.push(server);
  const { client } = server.environments;
  const send = vi.spyOn(client.hot, 'send').mockImplementation(() => undefined);
  return {
    server,
    get: async (url) => (await client.transformRequest(url))?.code ?? '',
    edit: (text) => {
      application.write('page.bilevel', text);
      server.watcher.emit('change', application.path('page.bilevel'));
    },
    sent: async () => {
      await vi.waitFor(() => expect(send).toHaveBeenCalled(), { timeout: 10_000 });
      const payloads = send.mock.calls.map(([payload]: readonly [HotPayload | string, ...unknown[]]) => payload);
      send.mockClear();
      return payloads;
    },
  };
}

const page = '/page.bilevel?import';
const plain = "import { solve } from './page.bilevel';\nsolve();\n";
const accepting = `${plain}import.meta.hot.accept('./page.bilevel', () => undefined);\n`;

describe('Vite’s server', () => {
  it('loads the importers of a page again when it changes', async () => {
    const { get, edit, sent } = await open(right, plain);
    expect(await get('/app.js')).toContain('/page.bilevel?import');
    const before = await get(page);
    edit(other);
    expect(await sent()).toMatchObject([{ type: 'full-reload' }]);
    const after = await get(page);
    expect(after).not.toBe(before);
    expect(after).toContain('export default');
  });

  it('loads a page again when one that it imports changes', async () => {
    const shared = 'fn shift(x: []): [] = x - 1\n';
    application.write('shared.bilevel', shared);
    const { server, get, sent } = await open(`import { shift } from "./shared.bilevel"\n${right.replace('w - 1', 'shift(w)')}`, plain);
    await get('/app.js');
    const before = await get(page);
    application.write('shared.bilevel', shared.replace('x - 1', 'x - 2'));
    server.watcher.emit('change', application.path('shared.bilevel'));
    expect(await sent()).toMatchObject([{ type: 'full-reload' }]);
    expect(await get(page)).not.toBe(before);
  });

  it('updates an importer that accepts the page, and nothing else', async () => {
    const { get, edit, sent } = await open(right, accepting);
    await get('/app.js');
    await get(page);
    edit(other);
    expect(await sent()).toMatchObject([
      { type: 'update', updates: [{ type: 'js-update', path: '/app.js', acceptedPath: '/page.bilevel' }] },
    ]);
  });

  it('says nothing when a page is saved as it was', async () => {
    const { get, edit, sent } = await open(right, accepting);
    await get('/app.js');
    const before = await get(page);
    edit(right);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await get(page)).toBe(before);
    edit(other);
    expect(await sent()).toHaveLength(1);
    expect(await get(page)).not.toBe(before);
  });

  it('shows a mistake where it is on the page, and recovers when it is mended', async () => {
    const { get, edit, sent } = await open(right, accepting);
    await get('/app.js');
    await get(page);
    edit(wrong);
    expect(await sent()).toMatchObject([{ type: 'update' }]);
    // What the browser's overlay shows.
    await expect(get(page)).rejects.toMatchObject({
      plugin: 'bilevel',
      id: application.path('page.bilevel'),
      loc: { file: application.path('page.bilevel'), line: 4, column: 23 },
      message: expect.stringContaining('page.bilevel:4:23: error BL2001 (unknown-name)') as string,
      frame: expect.stringContaining(' 4 |   inner minimize (w - v)^2') as string,
      stack: '',
    });
    edit(right);
    expect(await sent()).toMatchObject([{ type: 'update', updates: [{ acceptedPath: '/page.bilevel' }] }]);
    expect(await get(page)).toContain('export default');
  });

  it('recovers also when the page was wrong from the beginning', async () => {
    const { get, edit, sent } = await open(wrong, plain);
    await get('/app.js');
    await expect(get(page)).rejects.toThrow('BL2001');
    edit(right);
    expect(await sent()).toMatchObject([{ type: 'full-reload' }]);
    expect(await get(page)).toContain('export default');
  });

  it('updates each problem of a page with several', async () => {
    const several = pages['two.bilevel'];
    const { get, edit, sent } = await open(several, "import { far } from './page.bilevel';\nfar.solve();\n");
    await get('/app.js');
    expect(await get(page)).toContain('export * as far from "/page.bilevel?import&problem=far"');
    const before = await get('/page.bilevel?import&problem=far');
    edit(several.replace('w - 10', 'w - 11'));
    expect(await sent()).toMatchObject([{ type: 'full-reload' }]);
    expect(await get('/page.bilevel?import&problem=far')).not.toBe(before);
  });
});
