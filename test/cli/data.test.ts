/** What a user sees of data: words that become numbers, and what a page asks of sizes and positions that its data do not have. */
import { afterAll, describe, expect, it } from 'vitest';
import { problem } from '../../library/index.ts';
import type { JsonDiagnostic } from '../../diagnostics/render.ts';
import { bilevel, folderWith } from './harness.ts';

const csv = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;
const folder = folderWith({
  'train.csv': csv('x,species', '0.4,rose', '-0.2,iris', '0.9,tulip', '-0.7,iris'),
  'test.csv': csv('x,species', '0.1,tulip', '0.5,rose'),
  'train.json': '{"x": [0.4, -0.2, 0.9, -0.7], "species": ["rose", "iris", "tulip", "iris"]}',
  'mixed.json': '["rose", 1, "iris", "iris"]',
  'gaps.json': '["rose", null, "iris", "iris"]',
  'numerals.json': '["1", "2", "1", "2"]',
  'truth.json': '[true, false, true, true]',
  'bare.csv': csv('rose', 'iris', 'rose', 'iris', 'tulip'),
  'gaps.csv': csv('x,species', '1,rose', '2,', '3,iris', '4,iris'),
  'a.csv': csv('1', '2', '3'),
  'g.csv': csv('0', '1', '2', '7'),
  'one.csv': csv('1', '2', '3', '3'),
});
afterAll(folder.remove);

const outcomeOf = async (text: string, command = 'gradient', ...flags: string[]): ReturnType<typeof bilevel> => {
  const page = folderWith({ 'page.bilevel': text });
  const outcome = await bilevel([command, page.path('page.bilevel'), ...flags]);
  page.remove();
  return outcome;
};
const diagnosticsOf = async (text: string, ...flags: string[]): Promise<readonly JsonDiagnostic[]> =>
  (await outcomeOf(text, 'gradient', '--json', ...flags)).json()['diagnostics'] as readonly JsonDiagnostic[];
const errorsOf = async (text: string, ...flags: string[]): Promise<readonly string[]> =>
  (await diagnosticsOf(text, ...flags)).filter(({ severity }) => severity === 'error').map(({ code }) => code);

const from = (file: string, rest = ''): string => `from "${folder.path(file)}" ${rest}`;

const flowers = (y: string, lines = ''): string => `problem flowers {
  dim n, k = 3
  data x: [n] ${from('train.csv', 'column x')}
  data y: int[n] ${y}
  hyper penalty: positive
  param w: [k]
${lines}
  inner minimize cross_entropy(outer(x, w), y) + penalty * sum(w^2)
  outer minimize sum((w - 1)^2)
}`;

describe('words', () => {
  const labels = { y: ['iris', 'rose', 'tulip'] };
  it.each([
    ['a table', from('train.csv', 'column species')],
    ['a list', from('train.json', 'array species')],
  ])('of %s are numbered, and told by every command', async (_, source) => {
    const run = await outcomeOf(flowers(source), 'run', '--json');
    expect(run.json()['labels']).toEqual(labels);
    expect((await outcomeOf(flowers(source), 'gradient', '--json')).json()['labels']).toEqual(labels);
    expect((await outcomeOf(flowers(source), 'run')).stdout).toMatch(/text as numbers\n {2}y {2}0 = iris, 1 = rose, 2 = tulip\n/u);
  });

  it('of two files under one name are numbered together', async () => {
    const both = flowers(from('train.csv', 'column species'), `  dim m\n  data z: int[m] ${from('test.csv', 'column species')}`);
    expect((await outcomeOf(both, 'gradient', '--json')).json()['labels']).toEqual({ ...labels, z: labels.y });
  });

  it('that were read come back with a solution', async () => {
    const text = flowers('').replace(/ from "[^"]*" column x/u, '');
    const y = { shape: [4] as const, data: Float64Array.of(1, 0, 2, 0), labels: labels.y };
    expect((await problem(text).solve({ x: [0.4, -0.2, 0.9, -0.7], y })).labels).toEqual(labels);
  });

  it.each([
    ['numbers among them', from('mixed.json'), 'BL6005', 'element [0]'],
    ['a gap', from('gaps.json'), 'BL6008', 'element [1] is null'],
    ['a gap in a table', from('gaps.csv', 'column species'), 'BL6007', 'row 3, column 2'],
    ['numerals', from('numerals.json'), 'BL6005', 'text that reads as a number'],
    ['truth', from('truth.json'), 'BL6005', 'element [0]'],
    ['no header', from('bare.csv'), 'BL6026', '`rose`'],
  ])('are refused with %s', async (_, source, code, words) => {
    const [first, ...others] = (await diagnosticsOf(flowers(source.replace(/array$/u, '')))).filter((d) => d.severity === 'error');
    expect([first?.code, first?.message, others]).toEqual([code, expect.stringContaining(source === '' ? '' : words), []]);
  });

  it('are offered a kind where they are none', async () => {
    const real = flowers(from('train.csv', 'column species'))
      .replace('y: int[n]', 'y: [n]')
      .replace('cross_entropy(outer(x, w), y)', 'sum(y) * w[0]^2');
    const [first] = await diagnosticsOf(real);
    expect([first?.code, first?.hints.join()]).toEqual(['BL6005', expect.stringContaining('`data y: int[n]`')]);
  });

  it('are no more than the interval says', async () => {
    const two = flowers(`in [0, 1] ${from('train.csv', 'column species')}`);
    const [first, ...others] = await diagnosticsOf(two);
    expect([first?.code, first?.message, others]).toEqual(['BL6027', expect.stringContaining('"iris", "rose", "tulip"'), []]);
  });
});

const of = (declarations: string, outer: string): string => `problem p {
  dim m${declarations.includes('[n]') ? ', n' : ''}
  data a: [m] ${from('a.csv')}
${declarations}
  hyper penalty: positive
  param w: []
  inner minimize (w - 1)^2 + penalty * w^2
  outer minimize w^2 + ${outer}
}`;

describe('sizes and positions that the data do not have', () => {
  it.each([
    ['an empty range', of('', 'sum(a[2 .. m - 2])'), 'BL6028', 'the range from 2 to `m - 2` = 1 is empty, where `m` is 3', 'at least 4'],
    ['a range beyond', of('', 'sum(a[0 .. 3])'), 'BL6028', 'reaches out of an axis of 3', 'at least 4'],
    ['a position beyond', of('', 'a[3]'), 'BL6028', 'position 3 reaches out', 'at least 4'],
    ['a position before', of('', 'a[-4]'), 'BL6028', 'position `m - 4` = -1 reaches out', 'at least 4'],
    ['a loop that leads out', of('', 'sum([a[t + 2] for t in 0 .. 1])'), 'BL6028', 'the range from 2 to 3 reaches out', 'at least 4'],
    ['nothing to go through', of('', 'sum([t for t in 5 .. m])'), 'BL6028', 'is empty', 'at least 5'],
    ['a size below 1', of('', 'sum(zeros(m - 3))'), 'BL6028', 'the size `m - 3` = 0 is less than 1', 'at least 4'],
    ['a hyper of no size', of('  hyper v: [m - 3]', 'sum(v)'), 'BL6028', 'less than 1', 'at least 4'],
    ['a range in a function', of('  fn tail(u: [v]): [] = sum(u[3 .. v - 1])', 'tail(a)'), 'BL6028', '`m - 1` = 2', 'at least 4'],
    ['a range that no size mends', of('', 'sum(a[m - 1 .. m - 2])'), 'BL2016', 'empty', 'first and its last'],
    ['positions of a file', of(`  data g: int[n] ${from('g.csv')}`, 'sum(a[g])'), 'BL6029', 'row 4, column 1 is 7', 'in [0, m - 1]'],
    ['positions counted from 1', of(`  data g: int[n] ${from('one.csv')}`, 'sum(a[g])'), 'BL6029', 'is 3; 1 such', '`g - 1`'],
    ['positions of `take`', of(`  data g: int[n] ${from('g.csv')}`, 'sum(take(a, g, axis = 0))'), 'BL6029', 'is 7', 'in [0, m - 1]'],
    ['labels', of(`  data g: int[n] ${from('g.csv')}`, 'sum(one_hot(g, 5))'), 'BL6029', 'among 5', 'in [0, 4]'],
  ])('%s', async (_, page, code, message, hint) => {
    const found = (await diagnosticsOf(page)).filter(({ severity }) => severity === 'error');
    expect(found.map((d) => [d.code, d.message, d.hints.join()])).toEqual([
      [code, expect.stringContaining(message), expect.stringContaining(hint)],
    ]);
    expect(found[0]?.line).toBeGreaterThan(0);
  });

  it('what is not used is not asked, and what is right is not told', async () => {
    const split = 'split n into train 75%, test 25%, unshuffled';
    expect(await errorsOf(of(`  data g: int[n] ${from('g.csv')}\n  ${split}`, 'sum(a[g[train]])'))).toEqual([]);
    expect(await errorsOf(of(`  data g: int[n] ${from('g.csv')}\n  ${split}`, 'sum(a[g[test]])'))).toEqual(['BL6029']);
    expect(await errorsOf(of(`  data g: int[n] ${from('one.csv')}`, 'sum(a[g - 1])'))).toEqual([]);
    expect(await errorsOf(of('', 'sum(a[1 .. m - 2])'))).toEqual([]);
  });

  it('are asked in every fold', async () => {
    const folds = (count: number): string =>
      of(`  data g: int[n] ${from('one.csv')}\n  split n into train, valid by ${count} folds, unshuffled`, 'sum(g[train][2 .. 2])');
    expect(await errorsOf(folds(4))).toEqual([]);
    expect(await errorsOf(folds(2))).toEqual(['BL6028']);
  });

  it('of values in a call are told at the page', async () => {
    const text = of('  data g: int[n]', 'sum(a[g])').replace(/ from "[^"]*"/u, '');
    await expect(problem(text).evaluate({ a: [1, 2, 3], g: [0, 5] })).rejects.toThrow('element [1] is 5');
  });
});
