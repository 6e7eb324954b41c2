import { afterAll, describe, expect, it } from 'vitest';
import { defaultBackend } from '../../cli/flags.ts';
import { bilevel, folderWith, type Outcome } from './harness.ts';

// w* = 1 / (1 + a), so dF/da = 2 (w* − 1/2) · −1 / (1 + a)²; at a = 2 it is 1/27, and F is least at a = 1.
const scalar = `/// One param, one hyper.
problem scalar {
  hyper a: positive = 2.0
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize (w - 0.5)^2
  report twice = 2 * w
}
`;

const vector = `problem vector {
  dim n, d
  data X: [n, d] from "X.csv"
  data y: [n]
  split n into train 50%, valid 50%, unshuffled, seed 1
  hyper v: positive[d] = 0.5
  param w: [d]
  inner minimize sum((X[train] @ w - y[train])^2) + sum(v * w^2)
  outer minimize sum((X[valid] @ w - y[valid])^2)
}
`;

const recipe = `problem recipe {
  hyper rate: positive = 0.1
  param w: [] = 2
  inner minimize 0.5 * w^2
  outer minimize w^2
  solve inner with gd(rate = rate, steps = 3)
}
`;

const slow = scalar.replace('}\n', '  solve outer with gd(rate = 1e-6, steps = 40, tolerance = 1e-12)\n}\n');

const folder = folderWith({
  'scalar.bilevel': scalar,
  'vector.bilevel': vector,
  'recipe.bilevel': recipe,
  'slow.bilevel': slow,
  'flat.bilevel': scalar.replace('(w - 1)^2 + a * w^2', 'a * w'),
  'X.csv': '1,0\n0.5,1\n-1,2\n2,1\n0,1\n1,1\n',
  'y.csv': '1\n2\n3\n4\n5\n6\n',
  'short.csv': '1\n2\n',
  'bad.csv': '1\n2\nthree\n4\n5\n6\n',
  'arrays.json': '{"y": [1, 2, 3, 4, 5, 6]}',
  'point.json': '{"a": 1.5}',
});
afterAll(folder.remove);
const at = folder.path;

describe('gradient', () => {
  it('is a document with the names of the language page', async () => {
    const { code, stderr, json } = await bilevel(['gradient', at('scalar.bilevel'), '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const document = json();
    expect(document).toMatchObject({
      problem: 'scalar',
      backend: defaultBackend,
      precision: 'f64',
      threads: 1,
      threads_why: expect.any(String) as unknown,
      strategy: 'closed_form',
      status: 'converged',
    });
    expect(document).toMatchObject({ hyper: { a: 2 }, inner: { status: 'converged' }, error: { certified: false } });
    const { outer, hypergradient, param, inner, error } = document as Record<string, Record<string, number>>;
    expect(outer).toBeCloseTo(1 / 36, 12);
    expect(hypergradient?.['a']).toBeCloseTo(1 / 27, 12);
    expect(param?.['w']).toBeCloseTo(1 / 3, 12);
    expect(Object.keys(inner ?? {})).toEqual(expect.arrayContaining(['loss', 'gradient_norm', 'steps']));
    expect(typeof (error?.['bound'] ?? error?.['estimate'])).toBe('number');
    expect(document['diagnostics']).toEqual([]);
  });

  it('writes vectors as lists, and the same in text in short', async () => {
    const argv = ['gradient', at('vector.bilevel'), '--data', `y=${at('y.csv')}`];
    const { hypergradient } = (await bilevel([...argv, '--json'])).json() as { hypergradient: { v: number[] } };
    expect(hypergradient.v).toHaveLength(2);
    const { code, stdout } = await bilevel(argv);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^vector\n +outer +[\d.]+\n +inner +converged/u);
    expect(stdout).toMatch(/\n +v +\[2\] 0\.5, 0\.5 +\[2\] /u);
    const onReference = (await bilevel([...argv, '--backend', 'reference', '--threads', '1'])).stdout;
    expect(onReference).toMatch(/\n +computed by +reference in float64 on 1 thread, the interpreter has no threads\n/u);
  });

  it('starts where --set says, the last one counting', async () => {
    const hyper = async (...flags: string[]): Promise<unknown> =>
      ((await bilevel(['gradient', at('scalar.bilevel'), '--json', ...flags])).json()['hyper'] as { a: number }).a;
    expect(await hyper('--set', 'a=0.25')).toBe(0.25);
    expect(await hyper('--set', `@${at('point.json')}`)).toBe(1.5);
    expect(await hyper('--set', `@${at('point.json')}`, '--set', 'a=3')).toBe(3);
  });

  it('refuses a start on the boundary of an open kind', async () => {
    const { code, stderr } = await bilevel(['gradient', at('scalar.bilevel'), '--set', 'a=0']);
    expect(stderr).toContain('BL6019');
    expect(code).toBe(3);
  });

  it('verifies by every strategy and by differences', async () => {
    const { code, stdout } = await bilevel(['gradient', at('scalar.bilevel'), '--verify']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/closed_form .*chosen/u);
    expect(stdout).toMatch(/implicit .*agrees/u);
    expect(stdout).toMatch(/finite_difference .*agrees/u);
    expect(stdout).toContain('All that accept the problem agree.');
    expect(stdout.match(/exact strategies are asked to agree/gu)).toHaveLength(1);
    const { agrees, verify } = (await bilevel(['gradient', at('scalar.bilevel'), '--verify', '--json'])).json() as {
      agrees: boolean;
      verify: { strategy: string; agrees?: boolean }[];
    };
    expect(agrees).toBe(true);
    expect(verify.filter((row) => row.agrees === true).length).toBeGreaterThan(1);
  });

  it('shows that it is at work when that takes a while', async () => {
    const { stderr } = await bilevel(['gradient', at('scalar.bilevel'), '--verify'], {
      columns: 100,
      tick: 40,
      environment: { NO_COLOR: '1' },
    });
    expect(stderr).toMatch(/^\revery strategy, and finite differences {2}elapsed \d+ ms\u001b\[K/u);
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
  });

  it('takes a strategy by name, or says why not', async () => {
    const { json } = await bilevel(['gradient', at('scalar.bilevel'), '--strategy', 'implicit', '--json']);
    expect(json()).toMatchObject({ strategy: 'implicit' });
    const refused = await bilevel(['gradient', at('recipe.bilevel'), '--strategy', 'closed_form']);
    expect(refused.stderr).toContain('BL8009');
    expect(refused.stderr).not.toContain('closed_form: ');
    expect(refused.code).toBe(1);
  });

  it('warns where the error is larger than asked for; with --strict that is no failure of the solver', async () => {
    const { code, stderr, stdout } = await bilevel(['gradient', at('scalar.bilevel'), '--hypergradient-tolerance', '1e-300']);
    expect(stderr).toContain('BL9007');
    expect(stdout).toContain('hypergradient');
    expect(code).toBe(0);
    const fine = await bilevel(['gradient', at('scalar.bilevel'), '--hypergradient-tolerance', '1e-3']);
    expect(fine.stderr).toBe('');
  });
});

describe('data', () => {
  const gradient = (...flags: string[]): Promise<Outcome> => bilevel(['gradient', at('vector.bilevel'), '--json', ...flags]);

  it.each([
    ['none given', [], 'BL6016', 3],
    ['a missing file', ['--data', `y=${at('absent.csv')}`], 'BL6001', 3],
    ['a short column', ['--data', `y=${at('short.csv')}`], 'BL6013', 3],
    ['a text cell', ['--data', `y=${at('bad.csv')}`], 'BL6005', 3],
    ['a name that the problem does not have', ['--data', `y=${at('y.csv')}`, '--data', `z=${at('y.csv')}`], 'BL6017', 2],
  ])('%s is %j', async (_, flags, wanted, exit) => {
    const { code, json } = await gradient(...flags);
    expect((json()['diagnostics'] as { code: string }[]).map((d) => d.code)).toContain(wanted);
    expect(code).toBe(exit);
  });

  it('say file, line and column', async () => {
    const { stderr } = await bilevel(['gradient', at('vector.bilevel'), '--data', `y=${at('bad.csv')}`]);
    expect(stderr).toContain(`${at('bad.csv')}:3:1: error BL6005 (text-cell)`);
    expect(stderr).toMatch(/-->.*vector\.bilevel:4:8\n/u);
  });

  it('come from an array of a file too', async () => {
    const [csv, array] = [await gradient('--data', `y=${at('y.csv')}`), await gradient('--data', `y=${at('arrays.json')}:y`)];
    expect(array.code).toBe(0);
    expect(array.json()['hypergradient']).toEqual(csv.json()['hypergradient']);
  });
});

describe('run', () => {
  it('solves, and says how', async () => {
    const { code, stdout, stderr } = await bilevel(['run', at('scalar.bilevel')]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^scalar\n/u);
    expect(stdout).toMatch(/\n +a +2 → (1|0\.99999\d*|1\.00000\d*)\n/u);
    for (const words of ['criterion', 'twice', 'strategy', 'outer', 'elapsed', 'converged']) expect(stdout).toContain(words);
  });

  it('is a document with history, report and time', async () => {
    const { code, json } = await bilevel(['run', at('scalar.bilevel'), '--json']);
    expect(code).toBe(0);
    const document = json() as {
      outer: number;
      status: string;
      history: { step: number }[];
      report: { twice: number };
      elapsed_ms: number;
      chosen: unknown;
    };
    expect(document.status).toBe('converged');
    expect(document.outer).toBeLessThan(1e-10);
    expect(document.report.twice).toBeCloseTo(1, 4);
    expect(document.history.map((h) => h.step)).toEqual(document.history.map((_, i) => i));
    expect(document.chosen).toEqual({});
    expect(document.elapsed_ms).toBeGreaterThan(0);
  });

  it('writes each step as an event', async () => {
    const { stdout } = await bilevel(['run', at('scalar.bilevel'), '--json=ndjson']);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; history?: unknown[] });
    const steps = events.filter((e) => e.event === 'step');
    expect(steps.length).toBeGreaterThan(1);
    expect(events.at(-1)?.event).toBe('result');
    expect(events.at(-1)?.history).toHaveLength(steps.length);
  });

  it('counts the steps of a recipe, which does not converge', async () => {
    const { stdout } = await bilevel(['run', at('recipe.bilevel')]);
    expect(stdout).toMatch(/inner {2,}exactly \d+ steps, as written, loss/u);
  });

  it('tells a step limit, and fails on it only when strict', async () => {
    const plain = await bilevel(['run', at('slow.bilevel')]);
    expect(plain.code).toBe(0);
    expect(plain.stderr).toContain('warning BL8008 (outer-step-limit)');
    expect(plain.stdout).toContain('step-limit after 40 steps');
    expect((await bilevel(['run', at('slow.bilevel'), '--strict', '--quiet'])).code).toBe(4);
    expect((await bilevel(['run', at('slow.bilevel'), '--quiet'])).stderr).toBe('');
  });

  it('shows its progress in place on a terminal, and on lines elsewhere', async () => {
    const terminal = await bilevel(['run', at('slow.bilevel')], { columns: 100, tick: 60, environment: { NO_COLOR: '1' } });
    expect(terminal.stderr).toMatch(
      /\rstep \d+\/40 {2}criterion 0\.02\d+ {2}gradient \S+ {2}elapsed \d+ ms {2}left at most [\d.]+ s\u001b\[K\r/u,
    );
    expect(terminal.stderr).toContain('\r\u001b[K');
    const lines = await bilevel(['run', at('slow.bilevel')], { tick: 500 });
    const shown = lines.stderr.split('\n').filter((line) => line.startsWith('step '));
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.length).toBeLessThan(20);
    expect((await bilevel(['run', at('slow.bilevel'), '--quiet'], { columns: 100, tick: 500 })).stderr).toBe('');
    expect((await bilevel(['run', at('scalar.bilevel')], { columns: 100 })).stderr).toBe('');
  });

  it('writes what there is when it is interrupted', async () => {
    const text = await bilevel(['run', at('slow.bilevel')], { interruptAfter: 3 });
    expect(text.code).toBe(130);
    expect(text.stdout).toContain('interrupted after 2 steps');
    const data = await bilevel(['run', at('slow.bilevel'), '--json'], { interruptAfter: 3 });
    expect(data.code).toBe(130);
    expect(data.json()).toMatchObject({ status: 'interrupted', problem: 'scalar' });
    expect(data.json()['history']).toHaveLength(3);
  });

  it('fails without a number where there is no minimiser', async () => {
    const { code, stdout, stderr } = await bilevel(['run', at('flat.bilevel')]);
    expect(stderr).toMatch(/error BL[48]\d{3}/u);
    expect(stdout).toBe('');
    expect([1, 4]).toContain(code);
  });
});

describe('plan', () => {
  it('knows sizes where there are data', async () => {
    const { code, stdout, stderr, json } = await bilevel(['plan', at('vector.bilevel'), '--data', `y=${at('y.csv')}`, '--json']);
    expect([code, stderr, stdout.length > 0]).toEqual([0, '', true]);
    const document = json() as {
      sizes: Record<string, number>;
      chosen: string;
      candidates: { id: string; verdict: string; flops?: number; why: string }[];
      stages: { flops?: number }[];
    };
    expect(document.sizes).toMatchObject({ n: 6, d: 2 });
    const verdicts = document.candidates.map((c) => c.verdict);
    expect(verdicts.filter((v) => v === 'chosen')).toHaveLength(1);
    expect(document.candidates.every((c) => c.why !== '')).toBe(true);
    expect(document.candidates.find((c) => c.verdict === 'chosen')?.flops).toBeGreaterThan(0);
    expect(document.stages.length).toBeGreaterThan(0);
  });

  it('starts no GPU for float64', async () => {
    const { stdout } = await bilevel([
      'gradient',
      at('vector.bilevel'),
      '--data',
      `y=${at('y.csv')}`,
      '--backend',
      'auto',
      '--precision',
      'f64',
    ]);
    expect(stdout).toMatch(/wasm in float64 \(all else computes in float32\)/u);
  });

  it('says whose times they are where the backend does not come up', async () => {
    const { stdout } = await bilevel(['plan', at('vector.bilevel'), '--data', `y=${at('y.csv')}`, '--backend', 'tfjs-webgl']);
    expect(stdout.replaceAll(/\s+/gu, ' ')).toContain('by what work usually takes on `wasm`, as `tfjs-webgl` does not come up here');
  });

  it('chooses by itself where --strategy says auto', async () => {
    const by = async (...flags: readonly string[]): Promise<unknown> =>
      (await bilevel(['gradient', at('vector.bilevel'), '--data', `y=${at('y.csv')}`, '--json', ...flags])).json();
    expect(await by('--strategy', 'auto')).toMatchObject({ strategy: ((await by()) as { strategy: string }).strategy });
  });

  it('does without data, in symbols', async () => {
    const { code, stdout, stderr } = await bilevel(['plan', at('vector.bilevel')]);
    expect(code).toBe(0);
    expect(stderr).toContain('BL6016');
    for (const words of ['curvature', 'proved', 'closed_form', 'acts through the inner loss']) expect(stdout).toContain(words);
    expect(stdout).toMatch(/closed_form .*d\S* \+ … flop/u);
  });

  it('says that the interpreter plans no memory', async () => {
    const argv = ['plan', at('vector.bilevel'), '--data', `y=${at('y.csv')}`, '--backend', 'reference'];
    expect((await bilevel(argv)).stdout).toMatch(/\n +memory +n\/a: the backend `reference` does not plan its memory\n/u);
    expect((await bilevel([...argv, '--json'])).json()).toMatchObject({ backend: 'reference', precision: 'f64', memory: null });
  });

  it('says why a candidate is refused, and which is taken', async () => {
    const { stdout } = await bilevel(['plan', at('recipe.bilevel')]);
    expect(stdout).toMatch(/→ +1 +unrolled/u);
    expect(stdout).toMatch(/- +implicit .*refused/u);
    expect(stdout).toMatch(/ implicit {2,}\S.* recipe/u);
    expect(stdout).toContain('recipe: the criterion is evaluated after exactly the steps written');
  });

  it('fits the terminal, a blank line between its sections', async () => {
    const { stdout } = await bilevel(['plan', at('scalar.bilevel')], { columns: 80, environment: { NO_COLOR: '1' } });
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    for (const title of ['hypers', 'candidates', 'why', 'Steps that', 'stages of']) expect(stdout).toContain(`\n\n${title}`);
  });

  it('shows another choice that is asked for', async () => {
    const { stdout } = await bilevel(['plan', at('scalar.bilevel'), '--strategy', 'implicit']);
    expect(stdout).toMatch(/→ +\d +implicit .*chosen/u);
  });
});

describe('--dump', () => {
  it('prints the graph after a pass', async () => {
    const { code, stdout } = await bilevel(['check', at('scalar.bilevel'), '--dump', 'lower']);
    expect(code).toBe(0);
    expect(stdout).toContain('lower');
    expect(stdout.split('\n').length).toBeGreaterThan(4);
  });
});
