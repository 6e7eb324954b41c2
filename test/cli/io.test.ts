/** Files that are written together: all of them, or none. */
import { chmodSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { writeStaged } from '../../cli/io.ts';
import { bilevel, folderWith, type Folder } from './harness.ts';

const page = `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize (w - 0.4)^2
}
`;

let folder: Folder = folderWith({});
const others: Folder[] = [];
beforeEach(() => {
  others.push(folder);
  folder = folderWith({ 'p.bilevel': page, 'one.js': 'old one', 'two.js': 'old two' });
});
afterAll(() => [...others, folder].forEach((each) => each.remove()));

const names = (): readonly string[] => readdirSync(dirname(folder.path('x'))).sort();
const read = (name: string): string => readFileSync(folder.path(name), 'utf8');

describe('files that are written together', () => {
  const texts = (): ReadonlyMap<string, string> =>
    new Map(['one.js', 'fresh.js', 'two.js'].map((name) => [folder.path(name), `new ${name}`] as const));

  it('are all there, and nothing beside them', () => {
    writeStaged(texts());
    expect(names()).toEqual(['fresh.js', 'one.js', 'p.bilevel', 'two.js']);
    expect(['one.js', 'fresh.js', 'two.js'].map(read)).toEqual(['new one.js', 'new fresh.js', 'new two.js']);
  });

  it('are put back where one cannot be put in its place', () => {
    const failing: typeof renameSync = (from, to) => {
      if (to === folder.path('two.js')) throw Object.assign(new Error('busy'), { code: 'EBUSY' });
      renameSync(from, to);
    };
    expect(() => writeStaged(texts(), failing)).toThrow('busy');
    expect(names()).toEqual(['one.js', 'p.bilevel', 'two.js']);
    expect(['one.js', 'two.js'].map(read)).toEqual(['old one', 'old two']);
  });
});

describe('a file that is written anew', () => {
  it('keeps its permissions, and a link leads where it led', () => {
    chmodSync(folder.path('one.js'), 0o600);
    symlinkSync('one.js', folder.path('link.js'));
    writeStaged(new Map([[folder.path('link.js'), 'new']]));
    expect(lstatSync(folder.path('link.js')).isSymbolicLink()).toBe(true);
    expect([read('one.js'), statSync(folder.path('one.js')).mode & 0o777]).toEqual(['new', 0o600]);
    expect(names()).toEqual(['link.js', 'one.js', 'p.bilevel', 'two.js']);
  });

  it('stays what it was where it may not be written, but by whom nothing is refused', () => {
    chmodSync(folder.path('one.js'), 0o400);
    const write = (): void => writeStaged(new Map([[folder.path('one.js'), 'new']]));
    if (process.getuid?.() === 0) write();
    else expect(write).toThrow(expect.objectContaining({ code: 'EACCES', path: folder.path('one.js') }));
    expect([read('one.js') === 'new', statSync(folder.path('one.js')).mode & 0o777]).toEqual([process.getuid?.() === 0, 0o400]);
  });
});

describe('a folder where a file is to be', () => {
  it('is refused with its name, and no other file is touched', async () => {
    mkdirSync(folder.path('one.d.ts'));
    const { code, json } = await bilevel(['compile', folder.path('p.bilevel'), '-o', folder.path('one.js'), '--json']);
    expect(code).toBe(2);
    expect(json()['diagnostics']).toMatchObject([
      {
        code: 'BL9009',
        message: `cannot write ${folder.path('one.d.ts')}: it is a folder`,
        hints: ['choose another name for the file, or remove the folder'],
      },
    ]);
    expect(read('one.js')).toBe('old one');
    expect(names()).toEqual(['one.d.ts', 'one.js', 'p.bilevel', 'two.js']);
  });

  it('is no folder that is missing', async () => {
    const { json } = await bilevel(['compile', folder.path('p.bilevel'), '-o', folder.path('none/one.js'), '--json']);
    expect(json()['diagnostics']).toMatchObject([{ code: 'BL9009', hints: ['name a folder that is there and can be written'] }]);
  });
});
