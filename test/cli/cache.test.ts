/** What the program keeps of a compilation: used when it is whole and of the same page and build, and otherwise as if it were not there. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../cli/cache.ts';
import { fileStore } from '../../cli/store.ts';
import { bilevel, folderWith, type Outcome } from './harness.ts';

const page = (target: number): string => `
problem kept {
  hyper a: real = 0.5
  param w: []
  inner minimize (w - a)^2
  outer minimize (w - ${target})^2
}`;
const files = folderWith({ 'a.bilevel': page(3), 'b.bilevel': page(4), 'wrong.bilevel': 'problem p { hyper a }' });
afterAll(() => files.remove());

let count = 0;
let kept = '';
beforeEach(() => {
  count += 1;
  kept = files.path(`kept${count}`);
});

const run = (name: string, ...flags: readonly string[]): Promise<Outcome> =>
  bilevel(['run', files.path(name), '--json', ...flags], { environment: { BILEVEL_CACHE: kept } });
const names = (): readonly string[] => (existsSync(kept) ? readdirSync(kept) : []);
const hyperOf = (outcome: Outcome): number => (outcome.json() as { hyper: { a: number } }).hyper.a;

/** Changes what is kept of every outline, and gives how many there were. */
function renameKept(to: string): number {
  const store = fileStore(kept);
  let changed = 0;
  for (const file of names()) {
    const name = file.replace('.kept', '');
    const { value } = deserialize(store.get(name) ?? serialize({})) as { value: { problems?: { description: { name: string } }[] } };
    for (const { description } of value.problems ?? []) {
      description.name = to;
      changed += 1;
    }
    store.put(name, serialize({ value }));
  }
  return changed;
}

describe('what was compiled', () => {
  it('is kept: an outline of the page, and the code of the candidate that ran', async () => {
    const first = await run('a.bilevel');
    expect(names()).toHaveLength(2);
    const second = await run('a.bilevel');
    expect(names()).toHaveLength(2);
    const timeless = ({ stdout }: Outcome): string => stdout.replaceAll(/"elapsed_ms": [\d.e-]+/gu, '');
    expect(timeless(second)).toBe(timeless(first));
    expect(hyperOf(second)).toBeCloseTo(3, 8);
  });

  it('is what a second run takes', async () => {
    await run('a.bilevel');
    expect(renameKept('told_by_what_is_kept')).toBe(1);
    expect((await run('a.bilevel')).json()).toMatchObject({ problem: 'told_by_what_is_kept' });
  });

  it('is kept by the page’s content: another text, candidate or precision is another thing', async () => {
    await run('a.bilevel');
    expect(hyperOf(await run('b.bilevel'))).toBeCloseTo(4, 8);
    expect(names()).toHaveLength(4);
    await run('a.bilevel', '--strategy', 'implicit');
    await run('a.bilevel', '--precision', 'f32');
    // With what judges float32 in float64.
    expect(names()).toHaveLength(7);
    writeFileSync(files.path('c.bilevel'), page(5));
    expect(hyperOf(await run('c.bilevel'))).toBeCloseTo(5, 8);
    writeFileSync(files.path('c.bilevel'), page(6));
    expect(hyperOf(await run('c.bilevel'))).toBeCloseTo(6, 8);
  });

  it('is kept by what the page imports too, and by what those pages import', async () => {
    const own = `import { goal } from "./lib/goal.bilevel"\n${page(3).replace('w - 3', 'w - goal(1)')}`;
    const goal = 'import { by } from "../by.bilevel"\nfn goal(x: []): [] = by(x) + 1\n';
    const by = (factor: number): string => `fn by(x: []): [] = ${factor} * x\n`;
    const at = folderWith({ 'own.bilevel': own, 'lib/goal.bilevel': goal, 'by.bilevel': by(2) });
    const runOwn = async (): Promise<Outcome> =>
      bilevel(['run', at.path('own.bilevel'), '--json'], { environment: { BILEVEL_CACHE: kept } });
    try {
      expect(hyperOf(await runOwn())).toBeCloseTo(3, 8);
      expect(hyperOf(await runOwn())).toBeCloseTo(3, 8);
      expect(names()).toHaveLength(2);
      writeFileSync(at.path('by.bilevel'), by(5));
      expect(hyperOf(await runOwn())).toBeCloseTo(6, 8);
      writeFileSync(at.path('by.bilevel'), 'fn by(x: []): [] = 2 * y\n');
      for (const _ of ['compiled', 'kept']) {
        const { code, stderr } = await bilevel(['run', at.path('own.bilevel')], { environment: { BILEVEL_CACHE: kept } });
        expect(code).toBe(1);
        expect(stderr).toContain(`${at.path('by.bilevel')}:1:24: error BL2001`);
        expect(stderr).toContain('1 | fn by(x: []): [] = 2 * y');
        expect(stderr).toContain(`--> ${at.path('lib/goal.bilevel')}:1:20`);
      }
      rmSync(at.path('by.bilevel'));
      const missing = await runOwn();
      expect(missing.json()).toMatchObject({
        diagnostics: [
          { code: 'BL2050', file: at.path('lib/goal.bilevel'), line: 1, column: 20, labels: [{ file: at.path('own.bilevel') }] },
        ],
      });
      writeFileSync(at.path('by.bilevel'), by(7));
      expect(hyperOf(await runOwn())).toBeCloseTo(8, 8);
    } finally {
      at.remove();
    }
  });

  it('has its warnings and errors too', async () => {
    const first = await run('wrong.bilevel');
    expect(first.code).toBe(1);
    expect(names()).toHaveLength(1);
    expect(await run('wrong.bilevel')).toMatchObject({ code: 1, stdout: first.stdout, stderr: first.stderr });
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 7)],
    ['with a flipped bit', (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === bytes.length - 9 ? byte ^ 1 : byte)))],
    ['empty', () => Buffer.alloc(0)],
  ])('is compiled anew where a file is %s', async (_, damage) => {
    await run('a.bilevel');
    renameKept('damaged');
    for (const file of names()) writeFileSync(`${kept}/${file}`, damage(readFileSync(`${kept}/${file}`)));
    expect((await run('a.bilevel')).json()).toMatchObject({ problem: 'kept' });
    expect(renameKept('mended')).toBe(1);
  });

  it('is compiled anew where a file is of another make', async () => {
    await run('a.bilevel');
    const store = fileStore(kept);
    for (const file of names()) store.put(file.replace('.kept', ''), new TextEncoder().encode('not what v8 writes'));
    expect((await run('a.bilevel')).json()).toMatchObject({ problem: 'kept' });
  });

  it('is not kept with --no-cache, nor with BILEVEL_CACHE=off', async () => {
    await run('a.bilevel', '--no-cache');
    expect(names()).toEqual([]);
    kept = 'off';
    expect((await run('a.bilevel')).code).toBe(0);
    expect(existsSync('off')).toBe(false);
  });

  it('is not kept where that is impossible, and a note says so if the folder was asked for', async () => {
    writeFileSync(kept, 'a file, not a folder');
    const outcome = await run('a.bilevel');
    expect(outcome.code).toBe(0);
    expect(outcome.stderr.split('nothing can be kept')).toHaveLength(2);
  });
});

describe('the folder', () => {
  it.each([
    ['linux', { HOME: '/home/me' }, '/home/me/.cache/bilevel'],
    ['linux', { HOME: '/home/me', XDG_CACHE_HOME: '/var/x' }, '/var/x/bilevel'],
    ['darwin', { HOME: '/Users/me' }, '/Users/me/Library/Caches/bilevel'],
    ['linux', { HOME: '/home/me', BILEVEL_CACHE: '/else' }, '/else'],
    ['linux', { HOME: '/home/me', BILEVEL_CACHE: 'off' }, undefined],
  ])('on %s with %o is %s', (platform, environment, folder) => {
    expect(cacheFolder({ platform, environment })).toBe(folder);
  });

  it('holds so many files, those that were used last', () => {
    const store = fileStore(kept);
    mkdirSync(kept, { recursive: true });
    for (let i = 0; i < 256; i++) {
      store.put(`file${i}`, Uint8Array.of(i));
      utimesSync(`${kept}/file${i}.kept`, 1000 + i, 1000 + i);
    }
    expect(names()).toHaveLength(256);
    expect(store.get('file0')).toEqual(Buffer.of(0));
    store.put('one more', Uint8Array.of(1));
    expect(names()).toHaveLength(257 - 128);
    // It was read, so it is younger than those that were only written.
    expect(store.get('file0')).toBeDefined();
    expect(store.get('file1')).toBeUndefined();
    expect(store.get('file255')).toBeDefined();
  });

  it('is left with nothing half-written', () => {
    const store = fileStore(kept);
    expect(store.put('a', Uint8Array.of(1))).toBe(true);
    expect(names()).toEqual(['a.kept']);
    expect(statSync(`${kept}/a.kept`).size).toBe(33);
    expect(store.get('b')).toBeUndefined();
  });
});
