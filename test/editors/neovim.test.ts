/** Neovim itself, headless, set up as `docs/editors.md` says, with the built program as its language server. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../project/imports.ts';

interface Answers {
  readonly mistake?: string;
  readonly diagnostics?: readonly { readonly code: string; readonly line: number; readonly message: string }[];
  readonly mended?: boolean;
  readonly hover?: string;
  readonly completion?: readonly string[];
  readonly actions?: readonly { readonly title: string; readonly kind: string }[];
  readonly text?: string;
}

const page = `problem p {
  dim n
  data y: [n]
  hyper penalty: positive = 0.1
  param w: []
  inner minimize mean((w-y)^2) + penlty * w^2
  outer minimize (w - 1)^2
}
`;

const folder = mkdtempSync(join(tmpdir(), 'bilevel-neovim-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('Neovim', () => {
  let answers: Answers = {};
  beforeAll(async () => {
    const [file, written] = [join(folder, 'page.bilevel'), join(folder, 'answers.json')];
    writeFileSync(file, page);
    const [, recipe = ''] = /^```lua\n([\s\S]*?)^```$/mu.exec(readFileSync(join(root, 'docs/editors.md'), 'utf8')) ?? [];
    const settings = join(folder, 'init.lua');
    writeFileSync(settings, recipe.replace("'npx', 'bilevel'", 'vim.env.NODE, vim.env.SERVER'));
    const environment = {
      ...process.env,
      NODE: process.execPath,
      SERVER: join(root, 'dist/cli/main.js'),
      PAGE: file,
      ANSWERS: written,
      HOME: folder,
    };
    const nvim = process.env['BILEVEL_NEOVIM'] ?? 'nvim';
    const script = join(import.meta.dirname, 'drive.lua');
    const ended = await promisify(execFile)(nvim, ['--headless', '-u', settings, '-c', `luafile ${script}`], {
      env: environment,
      timeout: 90_000,
    }).catch((error: Error) => error);
    if (!existsSync(written)) throw ended instanceof Error ? ended : new Error(ended.stderr);
    answers = JSON.parse(readFileSync(written, 'utf8')) as Answers;
    if (answers.mistake !== undefined) throw new Error(answers.mistake);
  });

  it('shows what is wrong at its place, with a way out', () => {
    expect(answers.diagnostics).toEqual([
      { code: 'BL2001', line: 6, message: expect.stringContaining('did you mean `penalty`?') as string },
    ]);
  });
  it('offers its mend first, which mends it', () => {
    expect(answers.actions?.[0]).toEqual({ title: 'Did you mean `penalty`?', kind: 'quickfix' });
    expect(answers.mended).toBe(true);
  });
  it('shows what a name is', () => {
    expect(answers.hover).toContain('hyper penalty: positive = 0.1');
  });
  it('completes names that are in sight', () => {
    expect(answers.completion).toContain('penalty');
    expect(answers.completion).not.toContain('y: [n]');
  });
  it('renames and formats', () => {
    expect(answers.text).toBe(page.replace('penlty', 'λ').replace('hyper penalty', 'hyper λ').replace('(w-y)', '(w - y)'));
  });
});
