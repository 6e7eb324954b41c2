/** The flags of `bilevel compile`: what each may say, one error for one mistake, and what is shown where nothing is written. */
import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../library/index.ts';
import { bilevel, folderWith } from './harness.ts';

const page = `problem p {
  dim n, d = 10
  data X: [n, d]
  hyper a: positive
  param w: [d]
  inner minimize sum((X @ w - 1)^2) + a * sum(w^2)
  outer minimize sum(w^2)
}
`;
const folder = folderWith({ 'p.bilevel': page });
afterAll(folder.remove);
const file = folder.path('p.bilevel');

interface Told {
  readonly code: string;
  readonly message: string;
  readonly hints: readonly string[];
}

const told = async (...flags: readonly string[]): Promise<readonly Told[]> =>
  (await bilevel(['compile', file, ...flags, '--json'])).json()['diagnostics'] as readonly Told[];

describe('--sizes', () => {
  it.each([
    ['n=4=5', '--sizes n=4=5: in `n=4=5` there is no DIM=SIZE', 'n=442,d=10'],
    ['n', '--sizes n: in `n` there is no DIM=SIZE', 'n=442,d=10'],
    ['n=4,', '--sizes n=4,: there is no DIM=SIZE', 'n=442,d=10'],
    ['', '--sizes : there is no DIM=SIZE', 'n=442,d=10'],
    ['n=4,n=5', '--sizes n=4,n=5: there are two sizes of `n`', 'n=100'],
    ['n n=4', '--sizes n n=4: in `n n=4` there is no DIM=SIZE', 'n=442,d=10'],
    ['n=0x10', '--sizes n=0x10: the size of `n` is a whole number, 0 or more', 'n=100'],
    ['n=', '--sizes n=: the size of `n` is a whole number, 0 or more', 'n=100'],
    ['n=-1', '--sizes n=-1: the size of `n` is a whole number, 0 or more', 'n=100'],
    ['m=3', '--sizes m=3: the problem has no dim `m`', 'n=100'],
    ['d=3', '--sizes d=3: the page says that `d` is 10', 'd=10'],
  ])('%j is refused', async (sizes, message, form) => {
    expect(await told('--sizes', sizes)).toMatchObject([{ code: 'BL9003', message, hints: [`write --sizes ${form}`] }]);
  });

  it('may have spaces', async () => {
    expect((await bilevel(['compile', file, '--sizes', ' n = 4, d=10 '])).code).toBe(0);
  });
});

describe('--output and --target', () => {
  it.each([
    [['--target', 'py', '-o', 'x.ts'], '--target py: there is no such target', '--target ts or js'],
    [['-o', ''], '--output : the module has no name', '--output p.ts'],
    [['-o', '.ts'], '--output .ts: the module has no name', '--output p.ts'],
    [['-o', '..'], '--output ..: the module has no name', '--output ../p.ts'],
    [['-o', 'out/'], '--output out/: the module has no name', '--output out/p.ts'],
    [['-o', 'out/.js'], '--output out/.js: the module has no name', '--output out/p.js'],
    [['-o', 'x.txt'], '--output x.txt: a module ends in .ts or .js', '--output x.ts'],
    [['-o', 'x.js', '--target', 'ts'], '--output x.js: the target is ts', '--output x.ts'],
    [['-o', 'x.ts', '--standalone'], '--output x.ts: a standalone module is JavaScript, with a declaration file', '--output x.js'],
    [['--target', 'ts', '--standalone'], '--target ts: a standalone module is JavaScript, with a declaration file', '--target js'],
  ])('%j is one mistake', async (flags, message, form) => {
    expect(await told(...flags)).toMatchObject([{ code: 'BL9003', message, hints: [`write ${form}`] }]);
  });
});

describe('a module that is shown', () => {
  it('is its script, with a note where its declarations are', async () => {
    const script = await bilevel(['compile', file, '--target', 'js']);
    expect(script).toMatchObject({ code: 0, stderr: 'the declarations are a file of their own, written with -o FILE.js\n' });
    expect(script.stdout).not.toContain('interface');
    expect((await bilevel(['compile', file])).stderr).toBe('');
  });

  it('is all of its files in a document, those of a call', async () => {
    for (const target of ['js', 'ts'] as const) {
      const document = (await bilevel(['compile', file, '--target', target, '--json'])).json();
      expect(document['files']).toEqual(compile(page, { file: 'p.bilevel', target }).module?.files);
      expect(document).toMatchObject({ status: 'ok', problem: 'p', module: expect.stringContaining('bilevel/runtime') as string });
    }
  });
});

describe('flags that a command would not heed', () => {
  it.each([
    ['compile', '--data', 'X=x.csv'],
    ['check', '--data', 'X=x.csv'],
    ['check', '--strategy', 'implicit'],
  ])('bilevel %s has no %s', async (command, flag, value) => {
    const { code, stderr } = await bilevel([command, file, flag, value]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`unknown option '${flag}'`)]);
    expect((await bilevel([command, '--help'])).stdout).not.toContain(flag);
  });

  it('bilevel check names a problem, or a page, only for its graphs', async () => {
    expect((await bilevel(['check', file, '--problem', 'p', '--dump', 'lower'])).code).toBe(0);
    const alone = await bilevel(['check', file, '--problem', 'p']);
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('all problems of a page are checked')]);
    const several = await bilevel(['check', file, file, '--dump', 'lower']);
    expect([several.code, several.stderr]).toEqual([2, expect.stringContaining('it prints the graphs of one page')]);
  });
});
