/** Declarations beside pages, and the command that writes them. */
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { findPages } from '../../cli/find-pages.ts';
import { declarationsFile, writeDeclarations } from '../../plugin/declarations.ts';
import { importPage } from '../../plugin/page.ts';
import { bilevel, folderWith } from '../cli/harness.ts';
import { pages } from './application.ts';

const folders: ReturnType<typeof folderWith>[] = [];
const folderOf = (files: Readonly<Record<string, string>>): ((name: string) => string) => {
  const folder = folderWith(files);
  folders.push(folder);
  return folder.path;
};
afterAll(() => folders.forEach((folder) => folder.remove()));

const declarations = importPage({ name: 'two.bilevel', text: pages['two.bilevel'] }).declarations().value ?? '';

describe('the types of a page', () => {
  it('are written when their text is another, and only then', () => {
    const path = folderOf({ 'two.bilevel': pages['two.bilevel'] });
    const file = declarationsFile(path('two.bilevel'));
    expect(file).toBe(path('two.d.bilevel.ts'));
    expect(writeDeclarations(path('two.bilevel'), declarations, { check: true })).toEqual({ state: 'out-of-date' });
    expect(existsSync(file)).toBe(false);
    expect(writeDeclarations(path('two.bilevel'), declarations)).toEqual({ state: 'written' });
    utimesSync(file, 1, 1);
    expect(writeDeclarations(path('two.bilevel'), declarations)).toEqual({ state: 'unchanged' });
    expect(statSync(file).mtimeMs).toBe(1000);
    expect(writeDeclarations(path('two.bilevel'), `${declarations}\n`)).toEqual({ state: 'written' });
    expect(readdirSync(path('.')).sort()).toEqual(['two.bilevel', 'two.d.bilevel.ts']);
  });

  it.each(['export const mine = 1;\n', '', '// Compiled by bilevel 0.1.0 from two.bilevel\n'])(
    'leave alone what somebody wrote: %j',
    (text) => {
      const path = folderOf({ 'two.d.bilevel.ts': text });
      expect(writeDeclarations(path('two.bilevel'), declarations)).toMatchObject({
        state: 'not-written',
        diagnostic: { code: 'BL9010', severity: 'warning', message: expect.stringContaining('bilevel did not write it') as string },
      });
      expect(readFileSync(path('two.d.bilevel.ts'), 'utf8')).toBe(text);
    },
  );

  it('leave alone a folder of that name', () => {
    const path = folderOf({ 'two.d.bilevel.ts/inside.txt': '' });
    expect(writeDeclarations(path('two.bilevel'), declarations)).toMatchObject({ state: 'not-written' });
  });

  it('are no failure where nothing can be written', () => {
    const path = folderOf({ 'folder/page.bilevel': '' });
    expect(writeDeclarations(path('gone/two.bilevel'), declarations)).toMatchObject({
      state: 'not-written',
      diagnostic: { message: expect.stringContaining('there is no such folder') as string },
    });
  });
});

describe('bilevel types', () => {
  const files = { 'src/mean.bilevel': pages['mean.bilevel'], 'src/deep/two.bilevel': pages['two.bilevel'] };

  it('writes them beside all pages of a folder, a line a file', async () => {
    const path = folderOf({
      ...files,
      'node_modules/p/x.bilevel': pages['two.bilevel'],
      '.hidden/x.bilevel': pages['two.bilevel'],
      'src/x.ts': '',
    });
    const first = await bilevel(['types', path('.')]);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout.split('\n')).toEqual([
      `${path('src/deep/two.d.bilevel.ts')} written`,
      `${path('src/mean.d.bilevel.ts')} written`,
      '',
    ]);
    expect(readFileSync(path('src/deep/two.d.bilevel.ts'), 'utf8')).toBe(declarations);
    expect(existsSync(path('node_modules/p/x.d.bilevel.ts'))).toBe(false);
    expect(existsSync(path('.hidden/x.d.bilevel.ts'))).toBe(false);
    expect((await bilevel(['types', path('src/mean.bilevel')])).stdout).toBe(`${path('src/mean.d.bilevel.ts')} unchanged\n`);
  });

  it('with --check writes nothing and says what is out of date', async () => {
    const path = folderOf(files);
    await bilevel(['types', path('src/mean.bilevel')]);
    const { code, stdout } = await bilevel(['types', '--check', path('.')]);
    expect(code).toBe(1);
    expect(stdout).toContain('two.d.bilevel.ts out of date\n');
    expect(stdout).toContain('mean.d.bilevel.ts unchanged\n');
    expect(existsSync(path('src/deep/two.d.bilevel.ts'))).toBe(false);
    await bilevel(['types', path('.')]);
    expect((await bilevel(['types', '--check', path('.')])).code).toBe(0);
  });

  it('writes the types of the others when a page is wrong', async () => {
    const path = folderOf({
      ...files,
      'src/a.bilevel': pages['wrong.bilevel'],
      'src/none.bilevel': '',
      'src/deep/two.d.bilevel.ts': 'mine',
    });
    const { code, stdout, stderr } = await bilevel(['types', path('src')]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${path('src/a.bilevel')}:4:34: error BL2001`);
    expect(stderr).toContain('warning BL9010');
    expect(stdout.split('\n').map((line) => line.replace(path('src/'), ''))).toEqual([
      'a.d.bilevel.ts not written: the page has errors',
      'deep/two.d.bilevel.ts not written',
      'mean.d.bilevel.ts written',
      '',
    ]);
  });

  it('writes nothing for a page without a problem, which is a mistake only where it is named', async () => {
    const path = folderOf({ ...files, 'src/shared.bilevel': 'fn square(x: []): [] = x^2\n' });
    const { code, stdout, stderr } = await bilevel(['types', path('src')]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain('shared');
    const named = await bilevel(['types', path('src/shared.bilevel')]);
    expect(named.code).toBe(2);
    expect(named.stderr).toContain('error BL9004');
  });

  it('answers a document', async () => {
    const path = folderOf({ ...files, 'src/a.bilevel': pages['wrong.bilevel'] });
    const { code, json } = await bilevel(['types', path('.'), '--json']);
    expect(code).toBe(1);
    expect(json()).toMatchObject({
      status: 'wrong-problem',
      exit_code: 1,
      pages: [
        { page: path('src/a.bilevel'), types: path('src/a.d.bilevel.ts'), state: 'wrong' },
        { state: 'written' },
        { state: 'written' },
      ],
      diagnostics: [{ code: 'BL2001', file: path('src/a.bilevel'), line: 4, column: 34 }, { line: 4 }, { line: 5 }],
    });
    expect((await bilevel(['types', '--check', path('src/deep'), '--json'])).json()).toMatchObject({ status: 'ok' });
    writeFileSync(path('src/deep/two.bilevel'), pages['mean.bilevel']);
    expect((await bilevel(['types', '--check', path('src/deep'), '--json'])).json()).toMatchObject({ status: 'out-of-date', exit_code: 1 });
  });

  it('says of a link that leads nowhere that there is no such file, and names no other', async () => {
    const path = folderOf(files);
    symlinkSync(path('gone.bilevel'), path('src/link.bilevel'));
    const { code, stdout, stderr } = await bilevel(['types', path('src')]);
    expect(code).toBe(2);
    expect(stderr).toContain(`cannot read ${path('src/link.bilevel')}: there is no such file`);
    expect(stderr).not.toContain('did you mean');
    expect(stdout).toContain('mean.d.bilevel.ts written');
  });

  it('finds the pages of all folders that can be listed', () => {
    const path = folderOf({ ...files, 'src/a/x.bilevel': '' });
    const told: unknown[] = [];
    const found = findPages(
      path('src'),
      (folder, error) => void told.push(folder, error),
      (folder) => {
        if (folder === path('src/a')) throw new Error('no');
        return readdirSync(folder, { withFileTypes: true });
      },
    );
    expect(found).toEqual([path('src/deep/two.bilevel'), path('src/mean.bilevel')]);
    expect(told).toEqual([path('src/a'), new Error('no')]);
  });

  it('says what is not there, and what is no page', async () => {
    const path = folderOf({ 'page.txt': '', 'empty/x.txt': '' });
    mkdirSync(path('loop'));
    symlinkSync(path('loop'), path('loop/again'));
    const { code, stderr } = await bilevel(['types', path('gone.bilevel'), path('page.txt')]);
    expect(code).toBe(2);
    expect(stderr).toContain('error BL9002');
    expect(stderr).toContain('page.txt is neither a folder nor a page, whose name ends in .bilevel');
    expect(await bilevel(['types', path('empty'), path('loop')])).toMatchObject({ code: 0, stdout: '', stderr: 'no page found\n' });
  });
});
