/** VS Code with a page and its module side by side, and what the extension has beside its server: settings, a page to begin with, a walkthrough. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Workbench } from './workbench.ts';

const page = `problem p {
  dim n
  data y: [n]
  /// How strongly it is drawn to zero.
  hyper pull: positive = 0.1
  param w: []
  let u = mean(y)
  inner minimize (w - u)^2 + pull * w^2
  outer minimize (w - 1)^2
}
`;
const [left, right] = [0, 1];

/** Of what a page of a browser has, which the types at hand do not know. */
interface StyledPage {
  readonly getComputedStyle: (element: unknown, part: string) => { readonly content: string };
}

describe('VS Code', () => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await Workbench.open({ '/page.bilevel': page }, { own: { 'editor.inlayHints.enabled': 'on' } });
    return () => workbench.close();
  });
  afterEach(async ({ task }) => {
    const pictures = process.env['BILEVEL_ARTEFACTS'];
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await workbench.page.screenshot({ path: join(pictures, `vscode-${task.name.replaceAll(/\W+/gu, '-')}.png`) });
  });

  const line = (text: string, position = left) => workbench.editor(position).locator('.view-line', { hasText: text });
  /** How many lines of an editor are highlighted as what the other speaks of. */
  const highlighted = (position: number): Promise<number> => workbench.editor(position).locator('.view-overlays [class*="ced-"]').count();

  /** What stands before words of an editor without being text. */
  const notes = (position: number): Promise<string> =>
    workbench
      .editor(position)
      .locator('.view-line [class*="ced-"]')
      .evaluateAll((words) => {
        const { getComputedStyle: styleOf } = globalThis as unknown as StyledPage;
        return words.map((word) => styleOf(word, '::before').content.replace(/^none$/u, '')).join('');
      });
  const closeAll = async (): Promise<void> => {
    await workbench.command('View: Close All Editors');
    await workbench.page.getByRole('button', { name: /Don't Save/u }).click();
  };

  it('shows hints, and none that settings switch off', async () => {
    await line('closed_form').waitFor();
    expect(await workbench.text()).toMatch(/let u: \[\].*once/u);
    await workbench.configure({ 'bilevel.inlayHints.shapes': false, 'bilevel.inlayHints.strategy': false });
    await line('closed_form').waitFor({ state: 'detached' });
    expect(await workbench.text()).toMatch(/let u = mean\(y\)\s*once/u);
    await workbench.configure({ 'bilevel.inlayHints.stages': false });
    await line('once').waitFor({ state: 'detached' });
  });

  it('shows the module of a page beside it', async () => {
    await workbench.goTo(left, 'problem p');
    await workbench.command('Compile to the Side');
    await line('export interface Hyper', right).waitFor();
    expect(await workbench.text(right)).toContain('readonly pull: number;');
  });

  it('shows which lines speak of each other, both ways', async () => {
    await workbench.goTo(left, 'hyper pull');
    await expect.poll(() => highlighted(right)).toBe(6);
    await workbench.goTo(right, 'readonly w');
    await expect.poll(() => highlighted(left)).toBe(1);
  });

  it('leaves the last module, grey, while the page has errors', async () => {
    await workbench.goTo(left, 'param w');
    await workbench.put('pull *', 'pul *');
    await expect.poll(() => notes(right), { timeout: 20_000 }).toContain('not of the page as it is: nothing here is called `pul`');
    expect(await workbench.text(right)).toContain('readonly pull: number');
    expect(await highlighted(left)).toBe(0);
  });

  it('follows the page', async () => {
    await workbench.put('pul *', 'pull *');
    await expect.poll(() => notes(right), { timeout: 20_000 }).toBe('');
    await workbench.put('pull:', 'tug:');
    await workbench.put('pull *', 'tug *');
    await line('readonly tug', right).waitFor();
    expect(await workbench.text(right)).not.toContain('readonly pull');
  });

  it('has a page to begin with, that is right', async () => {
    await closeAll();
    await workbench.command('Bilevel: New Page');
    await line('problem curve').waitFor();
    await workbench.command('Compile to the Side');
    await line('export interface Hyper', right).waitFor();
    expect(await workbench.problems()).toEqual([]);
  });

  it('starts its server anew', async () => {
    await workbench.goTo(left, 'hyper penalty');
    await workbench.command('Bilevel: Restart Server');
    await workbench.put('w: [d]', 'v: [d]');
    await workbench.page.locator('.squiggly-error').first().waitFor();
    await workbench.put('v: [d]', 'w: [d]');
    await workbench.page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
    expect(await workbench.problems()).toEqual([]);
  });

  it('has a walkthrough', async () => {
    await workbench.page.keyboard.press('Control+J');
    await closeAll();
    await workbench.command('Welcome: Open Walkthrough');
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Begin with Bilevel' }).click();
    const walkthrough = workbench.page.locator('.gettingStartedContainer');
    await walkthrough.getByRole('button', { name: 'New Page', exact: true }).click();
    await line('problem curve').waitFor();
    await workbench.command('View: Open Previous Editor');
    await walkthrough.getByText('See the module').click();
    // The step whose command was used is done.
    expect(await walkthrough.locator('[data-step-id$="#write"]').getAttribute('aria-checked')).toBe('true');
    await walkthrough.locator('.getting-started-media:visible').waitFor();
  });
});
