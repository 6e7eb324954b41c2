/**
 * `examples/vite-app` in Chromium, a copy of it and of the pages that it imports: built and served as it would be, and on Vite's own
 * server, where a page is changed, broken and mended while the application runs.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build, createServer, preview, type PreviewServer, type ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { solve } from '../helpers/cli.ts';
import { root } from '../module/harness.ts';
import { launchChromium, openPage, type OpenPage } from './chromium.ts';
import { startServer } from './server-process.ts';

const copy = realpathSync(mkdtempSync(join(tmpdir(), 'bilevel-application-')));
const application = join(copy, 'examples', 'vite-app');
const pageOf = (name: string): string => join(copy, 'examples', name, `${name}.bilevel`);
const names = ['ridge', 'hyper-cleaning'] as const;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(join(copy, 'node_modules'));
  for (const name of [...names, 'vite-app'])
    cpSync(join(root, 'examples', name), join(copy, 'examples', name), {
      recursive: true,
      filter: (path) => !/node_modules|dist$/u.test(path),
    });
  // As `npm ci` leaves it: the package is a link to the repository.
  symlinkSync(root, join(copy, 'node_modules', 'bilevel'));
  symlinkSync(join(root, 'node_modules', 'vite'), join(copy, 'node_modules', 'vite'));
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  rmSync(copy, { recursive: true, force: true });
});

/** Opens the application with a script that sees each drawing of the chart: `points` holds how many it had, one after the other. */
async function openWatched(url: string, atPoints = ''): Promise<OpenPage> {
  const opened = await openPage(browser, 'about:blank');
  await opened.page.addInitScript(`
    globalThis.points = [];
    new MutationObserver(() => {
      const count = document.querySelectorAll('#criterion circle').length;
      if (count === points.at(-1)) return;
      points.push(count);
      ${atPoints}
    }).observe(document, { childList: true, subtree: true });
  `);
  await opened.page.goto(url);
  return opened;
}

/** Waits until the solve that is shown has ended. */
const ended = (page: Page): Promise<void> => page.locator('#stop:disabled').waitFor({ timeout: 60_000 });
const criterion = async (page: Page): Promise<number> => Number(await page.locator('#outer').getAttribute('value'));

describe('built', () => {
  let server: PreviewServer;
  let url = '';
  const declarations = (): readonly string[] =>
    names.map((name) => readFileSync(pageOf(name).replace(/bilevel$/u, 'd.bilevel.ts'), 'utf8'));
  const committed: readonly string[] = names.map((name) => readFileSync(join(root, 'examples', name, `${name}.d.bilevel.ts`), 'utf8'));

  beforeAll(async () => {
    await build({ root: application, logLevel: 'error' });
    server = await preview({ root: application, logLevel: 'error', preview: { port: 0, host: '127.0.0.1' } });
    url = server.resolvedUrls?.local[0] ?? '';
  });
  afterAll(() => server.close());

  it('has the declarations of its pages as they are committed', () => {
    expect(declarations()).toEqual(committed);
  });

  it.each(names)('solves %s in a worker, with a chart that moves and the bits of the command line', async (name) => {
    const document = await solve(pageOf(name));
    const { page, complaints } = await openWatched(`${url}#${name}`);
    await ended(page);
    const points = await page.evaluate<number[]>('points');
    // One point more each time, the start among them.
    expect(points.slice(points.indexOf(1))).toEqual(document.history.map((_, i) => i + 1));
    expect(await criterion(page)).toBe(document.outer);
    expect(await page.locator('#status').textContent()).toMatch(/^Converged: /u);
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows which labels are wrong', async () => {
    const { page } = await openPage(browser, `${url}#hyper-cleaning`);
    await ended(page);
    expect(await page.locator('.digits li').count()).toBe(200);
    expect(await page.locator('.digits .wrong').count()).toBe(60);
    const [, found] = /^Of the 60 digits that are trusted least, (\d+) have a wrong label\.$/u.exec(
      (await page.locator('#hypers .note').textContent()) ?? '',
    ) ?? ['', '0'];
    expect(Number(found)).toBeGreaterThan(45);
    await page.context().close();
  });

  it('stops when it is told to, shows what it had reached, and solves again', async () => {
    // A hand is slower than a quick machine: the page itself stops it, at the third point of its first solve.
    const { page } = await openWatched(
      `${url}#hyper-cleaning`,
      `if (count === 3 && points.length < 5) document.querySelector('#stop').click();`,
    );
    await ended(page);
    expect(await page.locator('#status').textContent()).toMatch(/^Stopped: /u);
    const steps = Number(await page.locator('#steps').getAttribute('value'));
    expect(steps).toBeGreaterThan(1);
    expect(steps).toBeLessThan(39);
    expect(await page.locator('#error').isHidden()).toBe(true);
    await page.click('#solve');
    await ended(page);
    expect(Number(await page.locator('#steps').getAttribute('value'))).toBeGreaterThan(steps);
    await page.context().close();
  });

  it('shows an error at its place in the page, and recovers', async () => {
    const { page, complaints } = await openPage(browser, url);
    await ended(page);
    const before = await criterion(page);
    await page.check('[name=spoil]');
    await page.locator('#error').waitFor();
    expect(await page.locator('#error').textContent()).toMatch(/BL6013.*ridge\.bilevel:\d+:\d+: /su);
    expect(await page.locator('#page mark').textContent()).toBe('y');
    await page.uncheck('[name=spoil]');
    await page.locator('#error').waitFor({ state: 'hidden' });
    await ended(page);
    expect(await criterion(page)).toBe(before);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)('fits into a window %i wide, %s', async (width, colorScheme) => {
    for (const name of names) {
      const { page } = await openPage(browser, `${url}#${name}`, { viewport: { width, height: 844 }, colorScheme });
      await ended(page);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
      const [ground, ink] = await page.evaluate<string[]>(
        `['background-color', 'color'].map((name) => getComputedStyle(document.documentElement).getPropertyValue(name))`,
      );
      expect(ground).not.toBe(ink);
      // Numbers on both axes, and not on top of each other.
      const rows = await page.evaluate<number[]>(
        `[...document.querySelectorAll('#criterion .row')].map((text) => text.getBoundingClientRect().top)`,
      );
      expect(rows.length).toBeGreaterThan(2);
      expect(new Set(rows.map((top) => Math.round(top / 12))).size).toBe(rows.length);
      expect(await page.locator('#criterion .column').count()).toBeGreaterThan(1);
      await page.context().close();
    }
  });
});

describe('on the server for development', () => {
  let server: ViteDevServer;
  let url = '';
  const page = pageOf('ridge');
  const text = readFileSync(join(root, 'examples/ridge/ridge.bilevel'), 'utf8');

  beforeAll(async () => {
    server = await createServer({ root: application, logLevel: 'silent', server: { port: 0, host: '127.0.0.1' } });
    await server.listen();
    url = server.resolvedUrls?.local[0] ?? '';
  });
  afterEach(() => writeFileSync(page, text));
  afterAll(() => server.close());

  it('solves, follows a change of the page, shows a mistake in it, and recovers', async () => {
    const { page: shown } = await openPage(browser, `${url}#ridge`);
    const reached = (outer: number): Promise<void> => expect.poll(() => criterion(shown), { timeout: 30_000 }).toBe(outer);
    const document = await solve(page);
    await reached(document.outer);

    const changed = text.replace('penalty * sum(w^2)', '2 * penalty * sum(w^4)');
    expect(changed).not.toBe(text);
    writeFileSync(page, changed);
    const other = await solve(page);
    expect(other.outer).not.toBe(document.outer);
    await reached(other.outer);
    expect(await shown.locator('#page pre').textContent()).toBe(changed);

    writeFileSync(page, text.replace('penalty * sum(w^2)', 'penality * sum(w^2)'));
    const overlay = shown.locator('vite-error-overlay .window');
    await overlay.waitFor({ timeout: 30_000 });
    const line = text.split('\n').findIndex((l) => l.includes('inner minimize')) + 1;
    const column = (text.split('\n')[line - 1] ?? '').indexOf('penalty') + 1;
    const said = await overlay.textContent();
    expect(said).toContain(`ridge.bilevel:${line}:${column}`);
    expect(said).toMatch(/BL2001.*penality/su);

    writeFileSync(page, text);
    await overlay.waitFor({ state: 'detached', timeout: 30_000 });
    await reached(document.outer);
    await shown.context().close();
  });

  it('tells an error of the data from one of the application', async () => {
    const { page: shown } = await openPage(browser, `${url}#hyper-cleaning`);
    await shown.check('[name=spoil]');
    await shown.locator('#error').waitFor();
    expect(await shown.locator('#error').textContent()).toMatch(/BL6013.*hyper-cleaning\.bilevel:\d+:\d+: /su);
    await shown.route('**/train.csv', (route) => route.fulfill({ status: 200, contentType: 'text/csv', body: 'pixel0,label\n1,2\n' }));
    await shown.uncheck('[name=spoil]');
    await expect.poll(() => shown.locator('#error').textContent()).toMatch(/^\s*The problem could not be solved: BL6\d+\s.*train/su);
    await shown.context().close();
  });
});

describe('its README.md', () => {
  const [, block = ''] = /^```sh\n([\s\S]*?)^```$/mu.exec(readFileSync(join(root, 'examples/vite-app/README.md'), 'utf8')) ?? [];
  const [install, dev = '', make = '', serving = '', ...others] = block
    .trim()
    .split('\n')
    .map((line) => line.replace(/ +#.*$/u, ''));

  it('begins where every reader begins', () => {
    // Whoever runs this test has done so; `.ci/run` does it in a fresh copy.
    expect(install).toBe('npm ci');
    expect(others).toEqual([]);
  });

  it('has commands that build the application and serve it, in the repository itself', async () => {
    execFileSync('bash', ['-c', make], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    for (const command of [dev, serving]) {
      const server = await startServer(command, root);
      try {
        const { page, complaints } = await openPage(browser, server.url);
        await ended(page);
        expect(await page.locator('#status').textContent()).toMatch(/^Converged: /u);
        expect(complaints).toEqual([]);
        await page.context().close();
      } finally {
        await server.close();
      }
    }
  });
});
