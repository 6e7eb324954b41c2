/** `docs/api.md` is what the sources say, and its examples, like those of README.md, do what they show. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { pathToFileURL } from 'node:url';
import { Project } from '../module/harness.ts';
import { root } from '../project/imports.ts';
import { apiPage } from './api-page.ts';

const page = apiPage();

it('docs/api.md is what the sources say', async () => {
  await expect(page).toMatchFileSnapshot(join(root, 'docs', 'api.md'));
});

describe.each([
  ['docs/api.md', page],
  ['README.md', readFileSync(join(root, 'README.md'), 'utf8')],
])('the examples of %s', (_, written) => {
  const project = new Project();
  afterAll(() => project.remove());
  const examples = [...written.matchAll(/^```js\n(?<text>[\s\S]*?)^```$/gmu)].map((m) => m.groups?.['text'] ?? '');

  it('are there', () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(examples.map((text, i) => [i, text] as const))('number %i logs what it says', async (i, text) => {
    const name = project.path(`example${i}.js`);
    writeFileSync(name, text);
    const logged: string[] = [];
    const log = vi
      .spyOn(console, 'log')
      .mockImplementation((...words: readonly unknown[]) => void logged.push(words.map(String).join(' ')));
    try {
      await import(/* @vite-ignore */ pathToFileURL(name).href);
    } finally {
      log.mockRestore();
    }
    // Lines that are comments say what was logged; `…` is whatever else there is.
    const promised = [...text.matchAll(/^\/\/ (?<line>.*)$/gmu)].map((m) => m.groups?.['line'] ?? '');
    expect(promised.length).toBeGreaterThan(0);
    const pattern = promised
      .join('\n')
      .split('…')
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/gu, '\\$&'));
    expect(logged.join('\n')).toMatch(new RegExp(`^${pattern.join('[\\s\\S]*')}$`, 'u'));
  });
});
