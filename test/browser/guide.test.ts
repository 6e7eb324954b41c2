/**
 * `docs/guide.md`, followed from its first line to its last in an empty folder, with the package as it is packed: files are written, commands
 * are run, the page stands open on Vite's server, and shows in the end what the guide says.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { version as viteVersion } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../module/harness.ts';
import { launchChromium, openPage } from './chromium.ts';
import { startServer, type StartedServer } from './server-process.ts';
import { isolation, serve } from './site.ts';

interface Block {
  readonly language: string;
  readonly text: string;
  /** The file that its first line names. */
  readonly file: string | undefined;
}

const guide = readFileSync(`${root}docs/guide.md`, 'utf8');
const blocks: readonly Block[] = [...guide.matchAll(/^```(?<language>\w*)\n(?<text>[\s\S]*?)^```$/gmu)].map(
  ({ groups: { language = '', text = '' } = {} }) => ({
    language,
    text,
    file: /^(?:\/\/|<!--) (?<file>[\w-]+(?:\.\w+)+)(?: -->)?\n/u.exec(text)?.groups?.['file'],
  }),
);

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bilevel-guide-')));
const project = join(folder, 'pull');
let browser: Browser;
let vite: StartedServer | undefined;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await vite?.close();
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A script of the shell; `.bin` is where npx looks too. */
const shell = (script: string): string =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: existsSync(project) ? project : folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, BILEVEL_CACHE: 'off', npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' },
  });

/** What a reader installs by name is installed from here: the package as it is packed, and the Vite that the project is tested with. */
function install(script: string): string {
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  ) as [{ readonly filename: string }];
  return script.replace('npm install bilevel vite', `npm install --ignore-scripts ${join(folder, filename)} vite@${viteVersion}`);
}

/** Type errors of the application, where the guide has set TypeScript up by then. */
function typeErrors(): string {
  if (!existsSync(join(project, 'tsconfig.json'))) return '';
  try {
    return execFileSync(process.execPath, [`${root}node_modules/ts-native/bin/tsc`, '-p', project], { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** What the application shows, freshly opened, without a complaint. */
async function shows(address: string, words: string): Promise<void> {
  const { page, complaints } = await openPage(browser, address);
  const seen = async () => ({ words: await page.evaluate<string>('document.body.textContent.trim()'), complaints });
  await expect.poll(seen, { timeout: 30_000 }).toEqual({ words, complaints: [] });
  await page.context().close();
}

describe('docs/guide.md', () => {
  it('has blocks that this test knows, and many of them', () => {
    expect([...new Set(blocks.map(({ language }) => language))].sort()).toEqual([
      'bilevel',
      'console',
      'html',
      'js',
      'json',
      'sh',
      'text',
      'ts',
    ]);
    for (const { language, file, text } of blocks) expect(file !== undefined, text).toBe(!['sh', 'console', 'text'].includes(language));
    expect(blocks.filter(({ language }) => language === 'text').length).toBeGreaterThan(6);
  });

  it('links to files that exist', () => {
    const links = [...guide.matchAll(/\]\((?!https?:|#)([^)#\s]+)/gu)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) expect(existsSync(join(root, 'docs', link)), link).toBe(true);
  });

  for (const [index, { language, text, file }] of blocks.entries()) {
    const said = text.trim();
    const name = `block ${index + 1}, ${file ?? said.split('\n')[0]}`;
    if (file !== undefined)
      it(`${name}: is written`, async () => {
        const path = join(project, file);
        const before = vite?.said().length;
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
        expect(readFileSync(path, 'utf8')).toBe(text);
        // Vite starts anew for another configuration, and a page that is opened meanwhile can lose its worker.
        if (file === 'vite.config.js' && vite !== undefined)
          await expect.poll(() => vite?.said().slice(before), { timeout: 30_000 }).toContain('server restarted');
      });
    else if (language === 'text')
      it(`${name}: is shown`, async () => {
        await shows(vite?.url ?? '', said);
        expect(typeErrors()).toBe('');
      });
    else if (said === 'npx vite')
      it(`${name}: serves the application`, async () => {
        vite = await startServer('npx vite --host 127.0.0.1 --port 0', project);
        expect((await fetch(vite.url)).status).toBe(200);
      });
    else if (language === 'console')
      it(`${name}: prints what is said`, () => {
        const [command = '', ...printed] = said.split('\n');
        expect(shell(command.replace(/^\$ /u, '')).trim()).toBe(printed.join('\n'));
      });
    else
      it(`${name}: runs`, () => {
        expect(() => shell(said.includes('npm install') ? install(said) : said)).not.toThrow();
      });
  }

  it('builds at its end what it showed, and a plain server serves it', async () => {
    shell('npx vite build');
    const site = await serve(join(project, 'dist'), isolation);
    try {
      await shows(site.url, blocks.findLast(({ language }) => language === 'text')?.text.trim() ?? '');
    } finally {
      await site.close();
    }
  });
});
