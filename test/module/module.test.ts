/**
 * Emitted modules, as an application meets them: every example compiles, loads beside the package, and gives to the last bit what
 * `bilevel run` gives; the text is the same each time.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import { compile } from '../../compiler/pipeline.ts';
import { pack } from '../../compiler/emit/module/pack.ts';
import { carriedCode } from '../../compiler/emit/module/request.ts';
import { moduleOf } from '../../library/module.ts';
import type { Precision } from '../../plan/kernels.ts';
import { unpack, type ProblemError } from '../../runtime/api.ts';
import { quickTravellers, travellingExamples } from '../helpers/examples.ts';
import { referenceCases } from '../helpers/reference.ts';
import { bilevel, folderWith } from '../cli/harness.ts';
import { dataOf, expectSameBits, Project, root, type AnyProblem } from './harness.ts';

const project = new Project();
const pages = folderWith({
  'small.bilevel': `
/// A mean that is drawn to a target.
problem small {
  dim n
  /// What was measured.
  data y: [n]
  data w: nonnegative[n]
  data k: int[n] in [0, 3]
  hyper a: positive = 0.5
  hyper b: [2] = [1, 2]
  param x: []
  param z: [2]
  inner minimize sum(w * (x - y)^2) / n + a * x^2 + sum((z - b)^2)
  outer minimize (x - 1)^2 + sum(z^2) + sum(k) * 0
  report twice = 2 * x
  report both = z
}`,
  'limited.bilevel': `
problem limited {
  dim n
  data y: [n]
  hyper a: positive = 0.5
  param x: []
  inner minimize sum((x - y)^2) + a * x^2
  outer minimize (x - 1)^2
  solve outer with gd(rate = 1e-3, steps = 2)
}`,
});
afterAll(() => {
  project.remove();
  pages.remove();
});

const small = { y: [1, 2, 4], w: [1, 1, 2], k: [0, 1, 3] };

describe.each(quickTravellers)('the module of $name', ({ name, page }) => {
  it('gives to the last bit what the command line gives', async () => {
    await project.compile(page, `${name}.js`);
    const problem = await project.load(`${name}.js`);
    await expectSameBits(await problem.solve(await dataOf(problem, page)), page);
  });
});

describe('a standalone module', () => {
  const alone = new Project('alone');
  afterAll(() => alone.remove());
  const page = `${root}examples/ridge/ridge.bilevel`;

  it('gives the same bits where no package is', async () => {
    await alone.compile(page, 'ridge.js', '--standalone');
    expect(readFileSync(alone.path('ridge.js'), 'utf8')).not.toMatch(/^import\b/mu);
    const problem = await alone.load('ridge.js');
    await expectSameBits(await problem.solve(await dataOf(problem, page)), page);
    expect((await problem.verify(await dataOf(problem, page))).agrees).toBe(true);
    await expect(problem.solve({})).rejects.toMatchObject({ name: 'ProblemError', code: 'BL6016' });
  });

  it('computes in all precisions that it has, and says what became of them', async () => {
    writeFileSync(
      alone.path('steps.bilevel'),
      'problem steps {\n  hyper a: positive = 0.5\n  param x: []\n  inner minimize (10000 + x - a)^2 + a * x^2\n' +
        '  outer minimize (10000 + x - 1)^2\n  solve inner with gd(rate = 0.1, steps = 9)\n}\n',
    );
    await alone.compile(alone.path('steps.bilevel'), 'steps.js', '--standalone', '--precision', 'f64,f32,mixed');
    const steps = await alone.load('steps.js');
    const [double, single, mixed, auto] = await Promise.all(
      (['f64', 'f32', 'mixed', 'auto'] as const).map((precision) => steps.hypergradient({}, {}, { precision, backend: 'auto' })),
    );
    const error = Math.abs(Number(single?.hypergradient['a']) - Number(double?.hypergradient['a']));
    expect(error).toBeGreaterThan(0);
    expect(single?.error.estimate).toBeGreaterThanOrEqual(error);
    expect(mixed?.hypergradient).toEqual(double?.hypergradient);
    expect(mixed?.computedBy).toMatchObject({ precision: 'f64', declined: expect.stringContaining('a recipe means its steps') as string });
    expect(mixed?.warnings.map(({ code }) => code)).toEqual(['BL7006']);
    expect(auto?.hypergradient).toEqual(double?.hypergradient);
  });

  it('has what makes relaxed hypers whole, where there are such', async () => {
    writeFileSync(
      alone.path('relaxed.bilevel'),
      `problem relaxed {
        hyper act: choice(steep, quadratic) = [0, 1]
        hyper k: int in [0, 4]
        param w: []
        fn steep(u: []): [] = 2 * u^2
        fn quadratic(u: []): [] = u^2
        inner minimize act(w - k) + w^2
        outer minimize (w - 1)^2 + 1
      }`,
    );
    await alone.compile(alone.path('relaxed.bilevel'), 'relaxed.js', '--standalone');
    const { chosen, whole } = await (await alone.load('relaxed.js')).solve({});
    expect(chosen).toEqual({ act: 'quadratic', k: 2 });
    expect(whole?.outer).toBeCloseTo(1, 12);
  });

  it('is JavaScript', async () => {
    for (const flags of [
      ['-o', 'x.ts'],
      ['--target', 'ts'],
    ]) {
      const outcome = await bilevel(['compile', page, '--standalone', ...flags, '--json']);
      expect(outcome.json()['diagnostics']).toMatchObject([{ code: 'BL9003' }]);
    }
    const { code, stdout } = await bilevel(['compile', page, '--standalone']);
    expect([code, stdout.includes('export interface')]).toEqual([0, false]);
  });
});

describe('the text of a module', () => {
  it('is the same each time, and reads as its page does', async () => {
    await project.compile(`${root}examples/ridge/ridge.bilevel`, 'first.ts');
    await project.compile(`${root}examples/ridge/ridge.bilevel`, 'second.ts');
    expect(readFileSync(project.path('first.ts'), 'utf8')).not.toContain(root);
    const [first, second] = ['first', 'second'].map((name) =>
      readFileSync(project.path(`${name}.ts`), 'utf8').replace(/\/\/# source.*\n$/u, ''),
    );
    expect(second).toBe(first);
    await expect(first?.replaceAll(/(?<=const kernels\d = ').*(?=')/gu, '…')).toMatchFileSnapshot('ridge.ts.txt');
  });

  it('has kernels that unpack to what was packed', async () => {
    const [problem] = compile(readFileSync(`${root}examples/ridge/ridge.bilevel`, 'utf8'), 'ridge.bilevel').value;
    const code = given(problem).code('closed_form+cholesky', 'f64');
    const text = pack(code);
    expect(await unpack(text)).toEqual(code);
  });

  it('has a map back into the page', async () => {
    await project.compile(pages.path('small.bilevel'), 'mapped.js');
    const text = readFileSync(project.path('mapped.d.ts'), 'utf8');
    const map = JSON.parse(readFileSync(project.path('mapped.d.ts.map'), 'utf8')) as {
      mappings: string;
      sourcesContent: string[];
      sources: string[];
    };
    expect(map.mappings.split(';')).toHaveLength(text.split('\n').length - 1);
    expect(map.sourcesContent).toEqual([readFileSync(pages.path('small.bilevel'), 'utf8')]);
    const line = text.split('\n').findIndex((l) => l.includes('readonly y: Vector'));
    // Sums of the differences before it: the third and fourth numbers of each segment.
    let [row, column] = [0, 0];
    for (const segment of map.mappings.split(';').slice(0, line + 1)) {
      const [, , rows = 0, columns = 0] = segment === '' ? [] : decode(segment);
      row += rows;
      column += columns;
    }
    const source = given(map.sourcesContent[0]).split('\n')[row] ?? '';
    expect(source.slice(column)).toMatch(/^y: \[n\]|^data y: \[n\]/u);
  });
});

function decode(segment: string): number[] {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const character of segment) {
    const digit = digits.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

describe('a module', () => {
  const load = async (): Promise<AnyProblem> => {
    await project.compile(pages.path('small.bilevel'), 'small.js');
    return project.load('small.js');
  };

  it('takes lists, typed arrays and anything with shape and data alike', async () => {
    const problem = await load();
    const lists = await problem.hypergradient(small);
    const typed = await problem.hypergradient({
      ...small,
      y: Float64Array.from(small.y),
      w: { shape: [3], data: Float32Array.from(small.w) },
    });
    expect(typed.hypergradient).toEqual(lists.hypergradient);
    expect(lists.hypergradient['b']).toMatchObject({ shape: [2] });
    expect(typeof lists.hypergradient['a']).toBe('number');
    expect(lists.report['both']).toMatchObject({ shape: [2] });
  });

  it('keeps a copy of its data while it is bound', async () => {
    const problem = await load();
    const y = Float64Array.from(small.y);
    const bound = await problem.bind({ ...small, y });
    const before = await bound.hypergradient();
    y.fill(100);
    const after = await bound.hypergradient();
    expect(after.outer).toBe(before.outer);
    const [again, moved] = await Promise.all([bound.hypergradient(), bound.evaluate({ a: 2, b: [0, 0] })]);
    expect(again.outer).toBe(before.outer);
    expect(moved.outer).not.toBe(before.outer);
    expect(moved).not.toHaveProperty('hypergradient');
    const waiting = bound.evaluate();
    bound.close();
    await expect(bound.hypergradient()).rejects.toThrow('closed');
    expect((await waiting).outer).toBe(before.outer);
    const stopped = await problem.bind(small);
    await expect(stopped.hypergradient({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ status: 'interrupted' });
    expect((await stopped.hypergradient()).outer).toBe(before.outer);
    stopped.close();
  });

  it('verifies itself by differences', async () => {
    const { agrees, rows, sizes } = await (await load()).verify(small);
    expect(sizes).toEqual({ n: 3 });
    expect(agrees).toBe(true);
    expect(rows.map((row) => row.strategy)).toEqual(expect.arrayContaining(['closed_form', 'finite_difference']));
  });

  it('verifies itself on few of many rows, unless it is to take all', async () => {
    const problem = await load();
    const n = 1000;
    const many = {
      y: Array.from({ length: n }, (_, i) => i / n),
      w: Array.from({ length: n }, () => 1),
      k: Array.from({ length: n }, () => 0),
    };
    expect(await problem.verify(many)).toMatchObject({ agrees: true, sizes: { n: 64 } });
    const bound = await problem.bind(many);
    expect(await bound.verify({ largest: 10 })).toMatchObject({ agrees: true, sizes: { n: 10 } });
    expect(await bound.verify({ largest: Infinity })).toMatchObject({ agrees: true, sizes: { n } });
    bound.close();
  });

  it('says what it is and what it would choose', async () => {
    const problem = await load();
    expect(problem.describe).toMatchObject({ name: 'small', compiler: '0.1.0', source: { file: 'small.bilevel' } });
    expect(problem.describe.source.sha256).toMatch(/^[0-9a-f]{64}$/u);
    expect(problem.plan({ n: 3 }).chosen).toBe('closed_form+cholesky');
  });

  it.each([
    [{ y: [1, 2], w: small.w, k: small.k }, 'BL6013', /small\.bilevel:\d+:\d+: /u],
    [{ w: small.w, k: small.k }, 'BL6016', /`y: \[n\]`/u],
    [{ ...small, y: [1, Number.NaN, 3] }, 'BL6008', /element \[1\]/u],
    [{ ...small, w: [1, -1, 2] }, 'BL6015', /element \[1\]/u],
    [{ ...small, k: [0, 1.5, 3] }, 'BL6015', /element \[\d\]/u],
    [{ ...small, k: [0, 1, 9] }, 'BL6015', /element \[\d\]/u],
    [{ ...small, y: [[1], [2], [3]] }, 'BL6011', /small\.bilevel:6:8/u],
    [{ ...small, z: [1] }, 'BL6017', /`z`/u],
    [undefined, 'BL6016', /`y: \[n\]`/u],
  ])('refuses %o with a place and a code', async (data, code, words) => {
    const error: unknown = await (await load()).solve(data as never).catch((thrown: unknown) => thrown);
    expect((error as ProblemError).name).toBe('ProblemError');
    expect((error as ProblemError).message).toMatch(words);
    expect([(error as ProblemError).status, (error as ProblemError).code]).toEqual(['not-started', code]);
  });

  it('refuses options and hypers that it does not have', async () => {
    const problem = await load();
    await expect(problem.solve(small, { backend: 'tfjs' })).rejects.toMatchObject({ code: 'BL7001' });
    await expect(problem.solve(small, { precision: 'f32' })).rejects.toMatchObject({ code: 'BL7002' });
    await expect(problem.hypergradient(small, { c: 1 })).rejects.toMatchObject({ code: 'BL6017' });
    await expect(problem.hypergradient(small, { a: -1 })).rejects.toMatchObject({ status: 'not-started' });
    await expect(problem.solve(small, { strategy: 'implicit' })).rejects.toMatchObject({ status: 'not-started' });
  });

  it('stops at a signal, with its reason, and at a budget, with what there is', async () => {
    const problem = await load();
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(problem.solve(small, { signal: aborted })).rejects.toMatchObject({ status: 'interrupted', cause: { message: 'enough' } });
    const controller = new AbortController();
    const error: unknown = await problem
      .solve(small, { signal: controller.signal, onStep: ({ step }) => void (step === 1 && controller.abort()) })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 'interrupted', lastGood: { outerStatus: 'interrupted' } });
    await expect(problem.hypergradient(small, {}, { signal: aborted })).rejects.toMatchObject({ status: 'interrupted' });
    const solution = await problem.solve(small, { budget: { steps: 1 } });
    expect(solution.outerStatus).toBe('step-limit');
  });
});

it.each([...travellingExamples, ...referenceCases.map(({ case: name, page }) => ({ name, page }))])(
  'every module of $name verifies itself by differences, whatever it carries',
  ({ page }) => {
    const [problem] = compile(readFileSync(page, 'utf8'), 'page.bilevel').value;
    const { plan, code } = given(carriedCode(given(problem), { precisions: ['f64'], sizes: {} }));
    const checks = plan.candidates.filter((c) => c.checkingOnly);
    expect(checks.length).toBeGreaterThan(0);
    for (const { id } of checks) expect(code.some(({ candidates }) => candidates.includes(id))).toBe(true);
  },
);

it('a budget is no more than the page allows', async () => {
  await project.compile(pages.path('limited.bilevel'), 'limited.js');
  const problem = await project.load('limited.js');
  const stepsOf = async (steps: number): Promise<number | undefined> =>
    (await problem.solve({ y: [1, 2, 3] }, { budget: { steps } })).history.at(-1)?.step;
  expect([await stepsOf(1), await stepsOf(50)]).toEqual([1, 2]);
});

it('a bound problem is compiled once, and solves to the same bits after other calls', async () => {
  await project.compile(pages.path('small.bilevel'), 'kept.js');
  const problem = await project.load('kept.js');
  const { WebAssembly: host } = globalThis as unknown as { WebAssembly: { compile: () => Promise<unknown> } };
  const fresh = await problem.solve(small, { threads: 1 });
  const compiled = vi.spyOn(host, 'compile');
  const bound = await problem.bind(small, { threads: 1 });
  await bound.hypergradient({ a: 3, b: [5, 6] });
  const outer = (solution: typeof fresh): readonly number[] => solution.history.map((step) => step.outer);
  for (let i = 0; i < 2; i++) expect(outer(await bound.solve())).toEqual(outer(fresh));
  expect(compiled).toHaveBeenCalledTimes(1);
  bound.close();
  compiled.mockRestore();
});

it('a bound problem is opened again where the host refused the first time', async () => {
  const page = pages.path('small.bilevel');
  await project.compile(page, 'again.js');
  const bound = await (await project.load('again.js')).bind(small, { threads: 1 });
  const { WebAssembly: host } = globalThis as unknown as { WebAssembly: { compile: () => Promise<unknown> } };
  const refused = vi.spyOn(host, 'compile').mockRejectedValueOnce(new Error('refused'));
  await expect(bound.evaluate()).rejects.toThrow('refused');
  expect((await bound.evaluate()).status).toBe('converged');
  bound.close();
  refused.mockRestore();
});

describe('bilevel compile', () => {
  it('carries what can be chosen, less where sizes are known or a strategy is named', async () => {
    const page = `${root}examples/ridge/ridge.bilevel`;
    const [problem] = compile(readFileSync(page, 'utf8'), 'ridge.bilevel').value;
    const carried = (sizes: Readonly<Record<string, number>>, strategy?: string): readonly string[] =>
      given(carriedCode(given(problem), { precisions: ['f64'], sizes, strategy })).code.flatMap(({ candidates: [id = ''] }) => id);
    const all = carried({});
    const known = carried({ d: 10 });
    expect(all.length).toBeGreaterThan(known.length);
    expect(known).toHaveLength(1);
    expect(carried({}, 'implicit+cg+lbfgs')).toEqual(['implicit+cg+lbfgs']);
    expect(carried({}, 'auto')).toEqual(all);
    // Of so many params a factor is not made at any size.
    expect(carried({ d: 5000 })).not.toContain('closed_form+cholesky');
    const outcome = await bilevel(['compile', page, '-o', project.path('carried.js'), '--json', '--sizes', 'd=10']);
    expect(outcome.json()['candidates']).toEqual(known);
  });

  it('carries both precisions where both are asked for', async () => {
    await project.compile(pages.path('small.bilevel'), 'both.js', '--precision', 'f64,f32');
    const problem = await project.load('both.js');
    const [double, single] = [await problem.evaluate(small), await problem.evaluate(small, {}, { precision: 'f32' })];
    expect(single.computedBy.precision).toBe('f32');
    expect(single.outer).not.toBe(double.outer);
    expect(Math.abs(single.outer - double.outer)).toBeLessThan(1e-5 * double.outer);
  });

  it.each([
    [['-o', 'x.txt'], 'BL9003'],
    [['--target', 'php'], 'BL9003'],
    [['-o', 'x.js', '--target', 'ts'], 'BL9003'],
    [['--precision', 'f16'], 'BL7002'],
    [['--sizes', 'm=3'], 'BL9003'],
    [['--sizes', 'n=x'], 'BL9003'],
    [['-o', 'no-such-folder/x.ts'], 'BL9009'],
    [['--strategy', 'unrolled'], 'BL8009'],
  ])('refuses %o', async (flags, code) => {
    const outcome = await bilevel(['compile', pages.path('small.bilevel'), ...flags, '--json']);
    expect(outcome.code).toBeGreaterThan(0);
    expect((outcome.json()['diagnostics'] as { code: string }[]).map((d) => d.code)).toContain(code);
  });

  it('prints the text where no file is named', async () => {
    const { code, stdout } = await bilevel(['compile', pages.path('small.bilevel')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\/\*\*\n \* A mean that is drawn to a target\./u);
    expect(stdout).toContain('export interface Data {');
  });
});

describe('the parts of the runtime that a module hands in', () => {
  const page = (rest: string): string => `
problem parts {
  dim n
  data y: [n]
  hyper a: positive = 0.5
  param x: []
  inner minimize sum((x - y)^2) + a * x^2
  outer minimize (x - 1)^2
  ${rest}
}`;
  const composite = page('').replace('a * x^2', 'a * x^2 + a * abs(x)');
  const parts = ['approximations', 'byDifferences', 'drawnStart', 'nearKinks', 'shortOfMemory', 'shortSolves', 'inFloat32'];
  const partsOf = (text: string, precisions: readonly Precision[]): readonly string[] => {
    const [problem] = compile(text, 'parts.bilevel').value;
    const files =
      problem && moduleOf(problem, { name: 'parts.bilevel', text }, { target: 'js', precisions, sizes: {}, strategy: undefined })?.files;
    const [imported = ''] = /^import \{[^}]*\}/mu.exec(files?.[0]?.text ?? '') ?? [];
    expect(imported).toContain('lbfgs');
    return parts.filter((part) => new RegExp(`\\b${part}\\b`, 'u').test(imported));
  };
  const recipe = 'solve inner with gd(rate = 0.01, steps = 9)';

  it.each<[string, string, readonly Precision[], readonly string[]]>([
    ['a closed form', page(''), ['f64'], []],
    ['float32', page(''), ['f64', 'f32'], ['inFloat32']],
    ['several starts', page('solve outer with lbfgs(starts = 3)'), ['f64'], ['drawnStart']],
    ['a solver in steps', page('solve inner with newton'), ['f64'], ['shortSolves']],
    ['a composite loss', composite, ['f64'], ['nearKinks', 'shortSolves']],
    ['an approximation', page(`${recipe}\n  differentiate with one_step`), ['f64'], ['approximations', 'shortSolves']],
    ['a limit of bytes', page(`${recipe}\n  differentiate with unrolled(memory = 1e9)`), ['f64'], ['shortOfMemory', 'shortSolves']],
    ['differences', page('differentiate with finite_difference'), ['f64'], ['byDifferences']],
  ])('%s', (_, text, precisions, expected) => {
    expect(partsOf(text, precisions)).toEqual(expected);
  });
});
