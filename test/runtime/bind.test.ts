import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DataDescription, ProblemDescription, SplitDescription } from '../../plan/types.ts';
import type { Bound } from '../../runtime/bind.ts';
import { everyFormat } from '../../runtime/data/every-format.ts';
import { bindData, type DataSources, FileError } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { drawAll } from '../../runtime/draws.ts';
import { labelDoubts } from '../../runtime/label-doubts.ts';
import type { BoundProblem } from '../../runtime/types.ts';
import { describeProblem, span } from './modules.ts';

const data = (name: string, shape: DataDescription['shape'], more: Partial<DataDescription> = {}): DataDescription => ({
  name,
  kind: 'real',
  shape,
  from: { file: `${name}.csv` },
  span: { ...span, start: name.charCodeAt(0) },
  ...more,
});
const dim = (name: string, fixed?: number): ProblemDescription['dims'][number] =>
  fixed === undefined ? { name, span } : { name, fixed, span };
const split = (more: Partial<SplitDescription> = {}): SplitDescription => ({
  dim: 'n',
  parts: [
    { name: 'train', percent: 60 },
    { name: 'valid', percent: 20 },
    { name: 'test', percent: 20 },
  ],
  seed: 7,
  shuffled: true,
  span,
  ...more,
});

function sources(files: Readonly<Record<string, string>>, more: Partial<DataSources> = {}): DataSources & { readonly reads: string[] } {
  const reads: string[] = [];
  return {
    reads,
    formats: everyFormat,
    read: (path) => {
      reads.push(path);
      const text = files[path];
      return text === undefined ? Promise.reject(new FileError('ENOENT')) : Promise.resolve(new TextEncoder().encode(text));
    },
    list: () => Promise.resolve(Object.keys(files)),
    ...more,
  };
}
const boundOf = ({ bound, diagnostics }: Bound): BoundProblem => {
  if (bound === undefined) throw new Error(diagnostics.map((d) => d.message).join('; '));
  return bound;
};
const codes = ({ bound, diagnostics }: Bound): readonly string[] => {
  expect(bound).toBeUndefined();
  return diagnostics.map((d) => d.code);
};

const rows = (n: number, columns: number): string =>
  Array.from({ length: n }, (_, i) => Array.from({ length: columns }, (_c, j) => i * columns + j).join(',')).join('\n');

describe('dims', () => {
  it('come from the shapes, and polynomials of them are checked', async () => {
    const description = describeProblem({
      dims: [dim('n'), dim('d'), dim('h', 2)],
      data: [data('X', ['n', 'd']), data('Z', [{ op: 'mul', args: [2, 'd'] }, 'h'])],
    });
    const bound = boundOf(await bindData(description, sources({ 'X.csv': rows(4, 3), 'Z.csv': rows(6, 2) })));
    expect(bound.sizes).toEqual({ n: 4, d: 3, h: 2 });
    expect(bound.slots['data:X']?.shape).toEqual([4, 3]);
    const wrong = await bindData(description, sources({ 'X.csv': rows(4, 3), 'Z.csv': rows(5, 2) }));
    expect(codes(wrong)).toEqual(['BL6012']);
    expect(wrong.diagnostics[0]?.message).toContain(
      '`Z: [2*d, h]` should be [6, 2], but Z.csv holds [5, 2]: axis 0 is 5, and `2*d` is 6, where `d` is 3 in `X`',
    );
  });

  it('a declared value is checked, naming file, declaration and both shapes', async () => {
    const wrong = await bindData(
      describeProblem({ dims: [dim('n'), dim('d', 10)], data: [data('X', ['n', 'd'])] }),
      sources({ 'X.csv': rows(4, 9) }),
    );
    expect(codes(wrong)).toEqual(['BL6012']);
    expect(wrong.diagnostics[0]?.message).toBe(
      '`X: [n, d]` should be [4, 10], but X.csv holds [4, 9]: axis 1 is 9, and `d` is declared as 10',
    );
    expect(wrong.diagnostics[0]?.span?.start).toBe('X'.charCodeAt(0));
  });

  it('two data that disagree are both named', async () => {
    const wrong = await bindData(
      describeProblem({ dims: [dim('n')], data: [data('x', ['n']), data('y', ['n'])] }),
      sources({ 'x.csv': rows(5, 1), 'y.csv': rows(4, 1) }),
    );
    expect(codes(wrong)).toEqual(['BL6013']);
    const { message, labels } = wrong.diagnostics[0] ?? { message: '', labels: [] };
    for (const part of ['`x: [n]`', 'x.csv', '[5]', '`y: [n]`', 'y.csv', '[4]']) expect(message).toContain(part);
    expect(labels[0]?.span.start).toBe('x'.charCodeAt(0));
  });

  it('one that nothing fixes is an error that names the data that could', async () => {
    const free = await bindData(
      describeProblem({ dims: [dim('n'), dim('k')], data: [data('x', ['n'])] }),
      sources({ 'x.csv': rows(5, 1) }),
    );
    expect(codes(free)).toEqual(['BL6014']);
    expect(free.diagnostics[0]?.message).toContain('`k`: no data');
    const half = await bindData(
      describeProblem({ dims: [dim('u')], data: [data('x', [{ op: 'mul', args: [2, 'u'] }])] }),
      sources({ 'x.csv': rows(4, 1) }),
    );
    expect(half.diagnostics.map((d) => d.message)).toEqual(['nothing fixes the size of `u`; data that could are `x: [2*u]`']);
  });

  it('one that a missing file would have fixed is not reported again', async () => {
    expect(codes(await bindData(describeProblem({ dims: [dim('n')], data: [data('x', ['n'])] }), sources({})))).toEqual(['BL6001']);
  });
});

describe('data that are called as what every object has', () => {
  const named = (x: string, g: string, from: Partial<DataDescription> = {}): ProblemDescription =>
    describeProblem({ dims: [dim('n')], data: [data(x, ['n'], from), data(g, ['n'], { kind: 'int', from: { file: 'g.csv' } })] });
  const files = { 'x.csv': rows(3, 1), 'g.csv': 'g\nu\nv\nu\n' };
  it('are read from their files', async () => {
    const { slots, labels } = boundOf(
      await bindData(named('toString', 'constructor', { from: { file: 'x.csv' } }), sources(files), 0, { labelDoubts }),
    );
    expect(slots['data:toString']?.shape).toEqual([3]);
    expect(Object.entries(labels ?? {})).toEqual([['constructor', ['u', 'v']]]);
  });
  it('are missing where they have none', async () => {
    const { name, kind, shape, span: at } = data('valueOf', ['n']);
    const free = describeProblem({ dims: [dim('n')], data: [{ name, kind, shape, span: at }] });
    expect(codes(await bindData(free, sources(files, { overrides: {} })))).toEqual(['BL6016']);
  });
});

describe('splits', () => {
  const description = (more: Partial<SplitDescription> = {}): ProblemDescription =>
    describeProblem({ dims: [dim('n')], data: [data('x', ['n'])], splits: [split(more)] });
  it.each([7, 10, 442, 569])('of %i rows are disjoint, complete, and cut at round(n · cumulative share)', async (n) => {
    const { slots, sizes } = boundOf(await bindData(description(), sources({ 'x.csv': rows(n, 1) })));
    expect([sizes.train, sizes.valid, sizes.test]).toEqual([
      Math.round(0.6 * n),
      Math.round(0.8 * n) - Math.round(0.6 * n),
      n - Math.round(0.8 * n),
    ]);
    const all = ['train', 'valid', 'test'].flatMap((set) => [...(slots[`index:${set}`]?.data ?? [])]);
    expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(all).not.toEqual([...all].sort((a, b) => a - b));
  });
  it('are the same for the same seed, and do not depend on the run’s', async () => {
    const index = async (seed: number, run: number): Promise<unknown> =>
      boundOf(await bindData(description({ seed }), sources({ 'x.csv': rows(30, 1) }), run)).slots['index:train'];
    expect(await index(7, 0)).toEqual(await index(7, 1));
    expect(await index(7, 0)).not.toEqual(await index(8, 0));
  });
  it('unshuffled ones keep the order, and shares may leave rows out', async () => {
    const parts = [
      { name: 'train', percent: 50 },
      { name: 'valid', percent: 25 },
    ];
    const { slots } = boundOf(await bindData(description({ shuffled: false, parts }), sources({ 'x.csv': rows(8, 1) })));
    expect([...(slots['index:train']?.data ?? [])]).toEqual([0, 1, 2, 3]);
    expect([...(slots['index:valid']?.data ?? [])]).toEqual([4, 5]);
  });
  it('an empty set is an error', async () => {
    const wrong = await bindData(description(), sources({ 'x.csv': rows(2, 1) }));
    expect(codes(wrong)).toEqual(['BL6018']);
    expect(wrong.diagnostics[0]?.message).toContain('20% of `n` = 2');
  });
  it('an index set may size data', async () => {
    const sized = { ...description(), data: [data('x', ['n']), data('t', ['train'])] };
    expect(boundOf(await bindData(sized, sources({ 'x.csv': rows(10, 1), 't.csv': rows(6, 1) }))).sizes.train).toBe(6);
    expect(codes(await bindData(sized, sources({ 'x.csv': rows(10, 1), 't.csv': rows(7, 1) })))).toEqual(['BL6012']);
  });
});

describe('kinds of data', () => {
  const one = (more: Partial<DataDescription>, text: string): Promise<Bound> =>
    bindData(describeProblem({ dims: [dim('n'), dim('k', 3)], data: [data('x', ['n'], more)] }), sources({ 'x.csv': text }));
  it.each<[string, Partial<DataDescription>, string, number, string]>([
    ['positive', { kind: 'positive' }, '1\n0\n', 2, 'above 0'],
    ['nonnegative', { kind: 'nonnegative' }, '0\n1\n-1\n', 3, 'at least 0'],
    ['unit', { kind: 'unit' }, '0.5\n1\n', 2, 'between 0 and 1'],
    ['int', { kind: 'int' }, '1\n1.5\n', 2, 'whole'],
    ['int with an interval in dims', { kind: 'int', interval: [0, { op: 'add', args: ['k', -1] }] }, '0\n2\n3\n', 3, 'between 0 and 2'],
    ['box', { interval: [-1, 1] }, '-1\n1\n1.1\n', 3, 'between -1 and 1'],
  ])('%s is checked where it is', async (_, more, text, line, rule) => {
    const wrong = await one(more, text);
    expect(codes(wrong)).toEqual(['BL6015']);
    expect(wrong.diagnostics[0]?.place).toEqual({ file: 'x.csv', line, column: 1 });
    expect(wrong.diagnostics[0]?.message).toContain(rule);
  });
  it('simplex adds to 1 along the last axis', async () => {
    const description = describeProblem({ dims: [dim('n'), dim('d')], data: [data('x', ['n', 'd'], { kind: 'simplex' })] });
    expect(codes(await bindData(description, sources({ 'x.csv': '0.2,0.8\n0.5,0.4\n' })))).toEqual(['BL6015']);
    expect(boundOf(await bindData(description, sources({ 'x.csv': '0.3333333333,0.6666666667\n0,1\n' }))).sizes.d).toBe(2);
  });
  it('good ones pass', async () => {
    const ints = boundOf(await one({ kind: 'int', interval: [0, { op: 'add', args: ['k', -1] }] }, '0\n1\n2\n'));
    expect([...(ints.slots['data:x']?.data ?? [])]).toEqual([0, 1, 2]);
    expect(boundOf(await one({ kind: 'nonnegative' }, '0\n1\n')).sizes.n).toBe(2);
  });
  it('text labels come back with what they stand for', async () => {
    const bound = boundOf(await one({ kind: 'int' }, 'k\nno\nyes\nno\n'));
    expect([[...(bound.slots['data:x']?.data ?? [])], bound.labels]).toEqual([[0, 1, 0], { x: ['no', 'yes'] }]);
  });
});

describe('sources', () => {
  const xy = describeProblem({
    dims: [dim('n')],
    data: [
      data('x', ['n'], { from: { file: 'study.csv', columns: ['a'] } }),
      data('y', ['n'], { from: { file: 'study.csv', columns: ['b'] } }),
    ],
  });
  it('a file is read once', async () => {
    const files = sources({ 'study.csv': 'a,b\n1,2\n' });
    boundOf(await bindData(xy, files));
    expect(files.reads).toEqual(['study.csv']);
  });
  it('what is wrong with a whole file is said once, with the nearest name', async () => {
    const missing = await bindData(xy, sources({ 'studdy.csv': '' }));
    expect(codes(missing)).toEqual(['BL6001']);
    expect(missing.diagnostics[0]?.hints[0]).toBe('did you mean `studdy.csv`?');
    expect(codes(await bindData(xy, sources({ 'study.csv': 'a,b\n1,2\n3\n' })))).toEqual(['BL6006']);
  });
  it('all errors of all data come in one run', async () => {
    const many = describeProblem({
      dims: [dim('n'), dim('m')],
      data: [
        data('a', ['n']),
        data('b', ['n']),
        data('c', ['n'], { from: { file: 'c.xlsx' } }),
        data('d', ['n'], { from: { file: 'd.ods' } }),
        { name: 'e', kind: 'real', shape: ['n'], span },
        data('f', ['n'], { kind: 'positive' }),
      ],
    });
    const wrong = await bindData(many, sources({ 'b.csv': '1\nx\n', 'f.csv': '1\n-1\n' }, { overrides: { g: 1 } }));
    expect(codes(wrong)).toEqual(['BL6017', 'BL6001', 'BL6005', 'BL6003', 'BL6003', 'BL6016', 'BL6014', 'BL6015']);
  });
  it('an unreadable file is not a missing one', async () => {
    const wrong = await bindData(xy, { formats: everyFormat, read: () => Promise.reject(new FileError('EISDIR')) });
    expect([codes(wrong), wrong.diagnostics[0]?.message]).toEqual([['BL6002'], expect.stringContaining('a folder')]);
    await expect(bindData(xy, { formats: everyFormat, read: () => Promise.reject(new Error('a bug')) })).rejects.toThrow('a bug');
  });
  it('overrides bind another file, a column of it, or a value', async () => {
    const files = { 'study.csv': 'a,b\n1,2\n', 'other.csv': 'a,b\n3,4\n5,6\n', 'v.json': '{"p": [7, 8], "q": [9]}' };
    const bind = async (overrides: DataSources['overrides']): Promise<readonly number[][]> => {
      const { slots } = boundOf(await bindData(xy, sources(files, { ...(overrides === undefined ? {} : { overrides }) })));
      return [[...(slots['data:x']?.data ?? [])], [...(slots['data:y']?.data ?? [])]];
    };
    expect(await bind({ x: { file: 'other.csv' }, y: { file: 'other.csv' } })).toEqual([
      [3, 5],
      [4, 6],
    ]);
    expect(await bind({ x: { file: 'other.csv', key: 'b' }, y: { file: 'other.csv', key: '0' } })).toEqual([
      [4, 6],
      [3, 5],
    ]);
    expect(await bind({ x: { file: 'v.json', key: 'p' }, y: [1, 2] })).toEqual([
      [7, 8],
      [1, 2],
    ]);
    expect(await bind({ x: { shape: [1], data: [9] } })).toEqual([[9], [2]]);
  });
  it('a value is checked like a file', async () => {
    const bind = async (x: never): Promise<readonly string[]> =>
      codes(await bindData(xy, sources({ 'study.csv': 'a,b\n1,2\n' }, { overrides: { x } })));
    expect(await bind([Number.NaN] as never)).toEqual(['BL6008']);
    expect(await bind([[1], [2, 3]] as never)).toEqual(['BL6023']);
    expect(await bind(['1'] as never)).toEqual(['BL6023']);
    expect(await bind({ shape: [2], data: [1] } as never)).toEqual(['BL6023']);
    expect(await bind(5 as never)).toEqual(['BL6011']);
  });
  it('an unknown name is told the nearest', async () => {
    const wrong = await bindData(
      { ...xy, data: [data('train_x', ['n'])] },
      sources({ 'train_x.csv': '1\n' }, { overrides: { train_X1: 1 } }),
    );
    expect(wrong.diagnostics[0]?.hints).toEqual(['did you mean `train_x`?']);
  });
  it('a name that shares no letter is nobody’s slip', async () => {
    const wrong = await bindData({ ...xy, data: [data('X', ['n'])] }, sources({ 'X.csv': '1\n' }, { overrides: { q: 1 } }));
    expect(wrong.diagnostics[0]?.hints).toEqual([]);
  });
  it('a selection that the format does not have is refused, not ignored', async () => {
    const selecting = (from: { file: string; columns?: readonly string[]; array?: string }) =>
      bindData({ ...xy, data: [data('X', ['n'], { from })] }, sources({}));
    expect(codes(await selecting({ file: 'x.npy', columns: ['age'] }))).toEqual(['BL6025']);
    expect(codes(await selecting({ file: 'x.csv', array: 'age' }))).toEqual(['BL6025']);
  });
  it('paths of a page are relative to it, on disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bilevel-bind-'));
    try {
      writeFileSync(join(folder, 'x.csv'), '1\n2\n');
      const page = describeProblem({
        dims: [dim('n')],
        data: [data('x', ['n'], { span: { ...span, file: join(folder, 'page.bilevel') } })],
      });
      expect(boundOf(await bindData(page, nodeSources())).sizes.n).toBe(2);
      const missing = await bindData(
        { ...page, data: [data('xx', ['n'], { span: { ...span, file: join(folder, 'page.bilevel') } })] },
        nodeSources(),
      );
      expect([codes(missing), missing.diagnostics[0]?.hints[0]]).toEqual([['BL6001'], 'did you mean `x.csv`?']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('draws', () => {
  const params: ProblemDescription['params'] = [
    { name: 'w', kind: 'real', shape: ['n', 2], distribution: { name: 'normal', arguments: [0, 0.1] }, span },
    { name: 'v', kind: 'real', shape: ['n'], distribution: { name: 'uniform', arguments: [2, 3] }, span },
    { name: 'b', kind: 'real', shape: [], span },
  ];
  const description = (some: ProblemDescription['params']): ProblemDescription =>
    describeProblem({ dims: [dim('n')], data: [data('x', ['n'])], params: some });
  const bind = async (some: ProblemDescription['params'], seed: number): Promise<BoundProblem['slots']> =>
    boundOf(await bindData(description(some), sources({ 'x.csv': rows(50, 1) }), seed, { drawAll })).slots;
  it('have the shape of their param, and come from its distribution', async () => {
    const slots = await bind(params, 1);
    expect(slots['draw:w']?.shape).toEqual([50, 2]);
    expect(Math.max(...(slots['draw:w']?.data ?? []))).toBeLessThan(0.5);
    expect(Math.min(...(slots['draw:v']?.data ?? []))).toBeGreaterThan(2);
    expect(slots['draw:b']).toBeUndefined();
  });
  it('depend on the run’s seed and the name alone', async () => {
    const slots = await bind(params, 1);
    expect((await bind(params.slice(1), 1))['draw:v']).toEqual(slots['draw:v']);
    expect((await bind(params, 2))['draw:v']).not.toEqual(slots['draw:v']);
  });
  it('have arguments that make sense', async () => {
    const wrong = description([{ name: 'w', kind: 'real', shape: [], distribution: { name: 'uniform', arguments: [1, 0] }, span }]);
    expect(codes(await bindData(wrong, sources({ 'x.csv': '1\n' }), 0, { drawAll }))).toEqual(['BL6024']);
  });
});
