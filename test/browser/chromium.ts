/** Chromium, driven by playwright-core: where it is found, and pages whose errors fail the test that opened them. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

function executable(): string {
  const named = process.env['BILEVEL_CHROMIUM'];
  const found = named ?? places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`no Chromium at ${places.join(', ')}: install it, or name it in BILEVEL_CHROMIUM`);
  return found;
}

/** A browser with a profile of its own; `flags`: what it is given beside. */
export const launchChromium = (flags: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: executable(),
    args: [
      '--no-sandbox',
      '--disable-gpu-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...flags,
    ],
  });

export interface OpenPage {
  readonly page: Page;
  /** What the page said on its console as an error, and what it threw and nobody caught. */
  readonly complaints: readonly string[];
}

/** A page at `url`, loaded. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => void complaints.push(String(error)));
  page.on('console', (message) => {
    const { url: place } = message.location();
    // The browser asks for an icon that no page has to have.
    if (message.type() === 'error' && !place.endsWith('/favicon.ico')) complaints.push(`${message.text()} (${place})`);
  });
  await page.goto(url);
  return { page, complaints };
}
