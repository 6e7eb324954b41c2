import { afterAll, describe, expect, it } from 'vitest';
import { bilevel, folderWith } from './harness.ts';

const good = `problem p {
  hyper a: positive = 2.0
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize (w - 0.5)^2
}
`;
const wrong = `problem p {
  hyper a: positive = 2.0
  param w: []
  inner minimize (w - 1)^2 + aa * w^2
  outer minimize (v - 0.5)^2
}
`;

const folder = folderWith({
  'good.bilevel': good,
  'wrong.bilevel': wrong,
  'two.bilevel': `${good}${good.replace('problem p', 'problem q')}`,
  'none.bilevel': 'fn f(x: []): [] = x\n',
  'point.json': '{"a": 0.5}',
  'list.json': '[1]',
});
afterAll(folder.remove);
const page = folder.path;

describe('a command line that makes no sense', () => {
  it.each([
    [['nonsense'], 'unknown command'],
    [['search', 'x'], 'comes with a later version'],
    [['run', page('good.bilevel'), '--json=xml'], 'there is no such form'],
    [['run', page('good.bilevel'), '--strategy', 'implict'], 'write --strategy implicit'],
    [['plan', page('good.bilevel'), '--strategy', 'magic'], 'the plan has no such strategy'],
    [['run', page('good.bilevel'), '--set', `@${page('absent.json')}`], 'absent.json cannot be read as JSON: there is no such file'],
    [['explain', 'shape'], 'did you mean `'],
    [['gradiant', 'x'], 'did you mean `gradient`?'],
    [['gradient'], "missing required argument 'file'"],
    [['gradient', 'x', 'y'], 'too many arguments'],
    [['run', page('good.bilevel'), '--sed', '1'], 'unknown option'],
    [['run', page('good.bilevel'), '--seed', '-1'], 'a seed is a whole number'],
    [['run', page('good.bilevel'), '--seed', '1.5'], 'a seed is a whole number'],
    [['run', page('good.bilevel'), '--set', 'a'], 'there is no HYPER=VALUE in it'],
    [['run', page('good.bilevel'), '--set', `@${page('list.json')}`], 'holds no object'],
    [['run', page('good.bilevel'), '--set', `@${page('absent.json')}`], 'cannot be read as JSON'],
    [['run', page('good.bilevel'), '--data', 'x.csv'], 'there is no NAME=FILE in it'],
    [['run', page('good.bilevel'), '--hypergradient-tolerance', 'small'], 'a tolerance is a number above 0'],
    [['run', page('good.bilevel'), '--backend', 'referense'], 'did you mean `reference`?'],
    [['run', page('good.bilevel'), '--backend', 'tfjs'], 'BL7001'],
    [['run', page('good.bilevel'), '--backend', 'reference', '--precision', 'f32'], 'BL7002'],
    [['run', page('good.bilevel'), '--precision', 'f16'], 'BL7002'],
    [['run', page('good.bilevel'), '--threads', 'many'], 'it is a whole number from 1 to 64, or auto'],
    [['run', page('good.bilevel'), '--backend', 'wasm', '--threads', '0'], 'it is a whole number from 1 to 64, or auto'],
    [['run', page('good.bilevel'), '--backend', 'reference', '--threads', '2'], 'computes on one thread'],
    [['plan', page('good.bilevel'), '--backend', 'tfjs'], 'BL7001'],
    [['run', page('goode.bilevel')], 'good.bilevel`?'],
    [['run', page('')], 'it is a folder'],
    [['run', page('two.bilevel')], '--problem p'],
    [['run', page('two.bilevel'), '--problem', 'r'], 'has no problem `r`; it has `p`, `q`'],
    [['run', page('none.bilevel')], 'holds no problem'],
    [['check', page('good.bilevel'), '--dump', 'nonsense'], 'BL9006'],
    [['explain', 'BL2033333'], 'BL9005'],
    [['explain', 'shape-mismatc'], 'did you mean `shape-mismatch`?'],
    [['run', page('good.bilevel'), '--set', 'aa=1'], 'BL6017'],
  ])('%j is exit 2, on stderr', async (argv, words) => {
    const { code, stdout, stderr } = await bilevel(argv);
    expect(stderr).toContain(words);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/\n\s+at /u);
  });

  it('reports all wrong flags at once', async () => {
    const { code, json } = await bilevel(['run', page('good.bilevel'), '--json', '--set', 'a', '--seed', 'x', '--backend', 'none']);
    expect((json()['diagnostics'] as { code: string }[]).map((d) => d.code)).toEqual(['BL9003', 'BL9003', 'BL7001']);
    expect(code).toBe(2);
  });

  it('without a command prints the help on stderr', async () => {
    const { code, stdout, stderr } = await bilevel([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: bilevel');
  });

  it.each([['--help'], ['--version']])('%s is exit 0, on stdout', async (flag) => {
    const { code, stdout, stderr } = await bilevel([flag]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim()).toMatch(flag === '--help' ? /^Usage: bilevel/u : /^\d+\.\d+\.\d+$/u);
  });

  it('writes one document with --json, wherever the flag stands', async () => {
    for (const argv of [
      ['--json', 'run', 'x'],
      ['run', '--json', 'x.bilevel'],
      ['run', 'x.bilevel', '--json'],
    ]) {
      const { code, stderr, json } = await bilevel(argv);
      expect([code, stderr]).toEqual([2, '']);
      expect(json()).toMatchObject({ status: 'usage', exit_code: 2, diagnostics: [{ severity: 'error' }] });
    }
  });
});

describe('check', () => {
  it('is silent on stdout when nothing is wrong', async () => {
    expect(await bilevel(['check', page('good.bilevel')])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: `${page('good.bilevel')}: nothing wrong\n`,
    });
    expect(await bilevel(['check', page('good.bilevel'), '--quiet'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('finds all mistakes of all files in one run', async () => {
    const { code, stdout, stderr } = await bilevel(['check', page('wrong.bilevel'), page('absent.bilevel'), page('good.bilevel')]);
    expect(code).toBe(1);
    expect(stdout).toContain(`${page('wrong.bilevel')}:4:30: error BL2001 (unknown-name)`);
    expect(stdout).toContain('inner minimize (w - 1)^2 + aa * w^2\n');
    expect(stdout).toContain(`${page('wrong.bilevel')}:5:19: error BL2001`);
    expect(stdout).toContain('absent.bilevel: there is no such file');
    expect(stderr).toContain('good.bilevel: nothing wrong');
  });

  it('gives the same as data', async () => {
    const { code, stderr, json } = await bilevel(['check', page('wrong.bilevel'), '--json', '--quiet']);
    expect([code, stderr]).toEqual([1, '']);
    const { status, diagnostics } = json() as { status: string; diagnostics: { code: string; line: number; column: number }[] };
    expect(status).toBe('wrong-problem');
    expect(diagnostics.map((d) => [d.code, d.line, d.column])).toEqual([
      ['BL2001', 4, 30],
      ['BL2001', 5, 19],
    ]);
  });

  it('colours on a terminal, unless told otherwise', async () => {
    const argv = ['check', page('wrong.bilevel')];
    const isColoured = async (more: string[], environment: Record<string, string>, columns?: number): Promise<boolean> =>
      (await bilevel([...argv, ...more], { environment, ...(columns === undefined ? {} : { columns }) })).stdout.includes('\u001b[');
    expect(await isColoured([], {}, 100)).toBe(true);
    expect(await isColoured([], {})).toBe(false);
    expect(await isColoured([], { FORCE_COLOR: '1' })).toBe(true);
    expect(await isColoured([], { NO_COLOR: '1' }, 100)).toBe(false);
    expect(await isColoured(['--no-color'], {}, 100)).toBe(false);
  });

  it('writes an event a line with --json=ndjson', async () => {
    const { stdout } = await bilevel(['check', page('wrong.bilevel'), '--json=ndjson']);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
    expect(events.map((e) => e.event)).toEqual(['diagnostic', 'diagnostic', 'result']);
  });
});

describe('explain', () => {
  it('prints a row', async () => {
    const { code, stdout } = await bilevel(['explain', 'bl2003']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^BL2003 shape-mismatch \(error\)\n\n/u);
    expect(stdout).toContain('    problem p {');
    expect((await bilevel(['explain', 'shape-mismatch'])).stdout).toBe(stdout);
    expect((await bilevel(['explain', 'BL2003', '--json'])).json()).toMatchObject({ code: 'BL2003', slug: 'shape-mismatch' });
  });

  it('lists all codes by family', async () => {
    const { code, stdout } = await bilevel(['explain']);
    expect(code).toBe(0);
    for (const words of ['syntax\n', 'BL2003  shape-mismatch', 'the command line and calls\n']) expect(stdout).toContain(words);
  });
});
