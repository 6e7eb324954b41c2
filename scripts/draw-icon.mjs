// Draws the extension's icon, `lsp/vscode/icon.png`, from `icon.svg` beside it, with Chromium (`BILEVEL_CHROMIUM`, or /usr/bin/chromium).
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const folder = fileURLToPath(new URL('../lsp/vscode', import.meta.url));
const size = 256;
const browser = await chromium.launch({ executablePath: process.env.BILEVEL_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const svg = readFileSync(`${folder}/icon.svg`, 'utf8');
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${size}px; height: ${size}px }</style>${svg}`);
  await page.screenshot({ path: `${folder}/icon.png`, omitBackground: true });
} finally {
  await browser.close();
}
