/** `bilevel fmt`: pages, folders, Markdown and standard input. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { bilevel, folderWith, type Folder } from './harness.ts';

const good = `problem p {
  hyper t: positive
  param w: []
  inner minimize (w - 1)^2 + t * w^2
  outer minimize (w - 0.5)^2
}
`;
const untidy = good.replaceAll('  ', ' ').replace('w^2', 'w ^ 2');
const broken = 'problem p {\n  inner minimize (\n}\n';

let own: Folder;
afterEach(() => own.remove());
const folder = (files: Readonly<Record<string, string>>): void => void (own = folderWith(files));
const text = (name: string): string => readFileSync(own.path(name), 'utf8');

describe('fmt', () => {
  it('writes the canonical form once, and then has nothing to do', async () => {
    folder({ 'a.bilevel': untidy });
    const file = own.path('a.bilevel');
    expect(await bilevel(['fmt', '--check', file])).toMatchObject({ code: 1, stdout: `${file} is not formatted\n` });
    expect(await bilevel(['fmt', file])).toMatchObject({ code: 0, stdout: `${file}\n` });
    expect(text('a.bilevel')).toBe(good);
    expect(await bilevel(['fmt', '--check', file])).toMatchObject({ code: 0, stdout: '' });
    expect(await bilevel(['fmt', file])).toMatchObject({ code: 0, stdout: '' });
  });

  it('leaves a page alone that does not parse, writes the others, and says both', async () => {
    folder({ 'a.bilevel': broken, 'b.bilevel': untidy });
    const { code, stdout, stderr } = await bilevel(['fmt', own.path('a.bilevel'), own.path('b.bilevel')]);
    expect([code, stdout]).toEqual([1, `${own.path('b.bilevel')}\n`]);
    expect(stderr).toContain(`${own.path('a.bilevel')}:2:`);
    expect([text('a.bilevel'), text('b.bilevel')]).toEqual([broken, good]);
  });

  it('leaves a page alone that is not in UTF-8, whose letters would be lost', async () => {
    folder({ 'a.bilevel': '' });
    const bytes = Buffer.from(`// café\n${untidy}`, 'latin1');
    writeFileSync(own.path('a.bilevel'), bytes);
    for (const command of [['fmt'], ['check', '--fix']]) {
      const { code, stdout, stderr } = await bilevel([...command, own.path('a.bilevel')]);
      expect([code, stdout + stderr]).toEqual([2, expect.stringContaining(`cannot read ${own.path('a.bilevel')}: it is no text in UTF-8`)]);
    }
    expect(readFileSync(own.path('a.bilevel'))).toEqual(bytes);
  });

  it('keeps a byte order mark, as Prettier does', async () => {
    folder({ 'a.bilevel': `\uFEFF${untidy}` });
    expect(await bilevel(['fmt', own.path('a.bilevel')])).toMatchObject({ code: 0 });
    expect(text('a.bilevel')).toBe(`\uFEFF${good}`);
    expect(await bilevel(['fmt', '--check', own.path('a.bilevel')])).toMatchObject({ code: 0, stdout: '' });
  });

  it('finds the pages of a folder, and each once', async () => {
    folder({ 'a.bilevel': untidy, 'in/b.bilevel': untidy, 'in/notes.md': untidy, 'node_modules/c.bilevel': untidy });
    const all = [own.path('a.bilevel'), own.path('in/b.bilevel')];
    const { json } = await bilevel(['fmt', '--json', own.path(''), own.path('a.bilevel')]);
    expect(json()).toMatchObject({ status: 'ok', changed: all });
    expect([text('in/notes.md'), text('node_modules/c.bilevel')]).toEqual([untidy, untidy]);
  });

  it('writes standard input to standard output', async () => {
    folder({});
    expect(await bilevel(['fmt', '-'], { input: untidy })).toMatchObject({ code: 0, stdout: good, stderr: '' });
    expect(await bilevel(['fmt', '-', '--check'], { input: untidy })).toMatchObject({
      code: 1,
      stdout: 'standard input is not formatted\n',
    });
    expect((await bilevel(['fmt', '-', '--json'], { input: untidy })).json()).toMatchObject({ status: 'ok', text: good });
    const wrong = await bilevel(['fmt', '-'], { input: broken });
    expect([wrong.code, wrong.stdout]).toEqual([1, '']);
    expect(wrong.stderr).toContain('standard input:2:');
    expect((await bilevel(['fmt', '-', 'a.bilevel'])).code).toBe(2);
  });

  it('breaks lines where it is told to', async () => {
    folder({ 'a.bilevel': good });
    expect((await bilevel(['fmt', own.path('a.bilevel'), '--width', '30'])).code).toBe(0);
    expect(text('a.bilevel')).toContain('  inner minimize\n    (w - 1)^2\n    + t * w^2\n');
    for (const width of ['0', '1.5', 'wide']) {
      const { code, stderr } = await bilevel(['fmt', own.path('a.bilevel'), '--width', width]);
      expect([code, stderr.includes('write --width 100')]).toEqual([2, true]);
    }
  });

  it('formats the pages in Markdown, and says where one is wrong', async () => {
    const lines = (page: string): string => page.replaceAll(/^(?=.)/gmu, '  ');
    const around = (page: string, other: string): string =>
      `# Title \n\n\`\`\`bilevel\n${page}\`\`\`\n\n- item\n\n  ~~~bilevel\n${lines(other)}  ~~~\n`;
    folder({ 'a.md': around(untidy, untidy), 'b.md': around(untidy, broken) });
    expect(await bilevel(['fmt', own.path('a.md')])).toMatchObject({ code: 0, stdout: `${own.path('a.md')}\n` });
    expect(text('a.md')).toBe(around(good, good));
    const { code, stderr } = await bilevel(['fmt', own.path('b.md')]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${own.path('b.md')}:16:20: error BL1`);
    expect(stderr).toContain('16 |     inner minimize (');
    expect(text('b.md')).toBe(around(untidy, broken));
  });
});
