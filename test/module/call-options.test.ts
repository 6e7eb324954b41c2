/** What a call of a module may be given besides its data, and the words for what it may not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemError } from '../../runtime/api.ts';
import { folderWith } from '../cli/harness.ts';
import { Project, root, type AnyProblem } from './harness.ts';

const project = new Project();
const folder = folderWith({
  'mean.bilevel': `problem mean {
  dim n
  data y: [n] from "y.csv"
  data w: [n]
  hyper a: positive = 0.5
  param x: []
  inner minimize sum(w * (x - y)^2) / n + a * x^2
  outer minimize (x - 1)^2
}`,
});
const data = { y: [1, 2, 4], w: [1, 1, 2] };
let mean: AnyProblem;
beforeAll(async () => {
  await project.compile(folder.path('mean.bilevel'), 'mean.js');
  mean = await project.load('mean.js');
});
afterAll(() => {
  project.remove();
  folder.remove();
});

async function refusal(call: unknown): Promise<readonly [code: string, message: string]> {
  const error = await Promise.resolve(call).catch((thrown: unknown) => thrown as ProblemError);
  expect(error).toMatchObject({ name: 'ProblemError', status: 'not-started' });
  const { code, message } = error as ProblemError;
  return [code, message];
}

const wrong = [
  [{ onstep: () => undefined }, /no `onstep` in `options`; there is `seed`.*`onStep`.*\(did you mean `onStep`\?\)/u],
  [{ seed: -1 }, /`seed` must be a whole number, 0 or more; it is -1/u],
  [{ seed: 0.5 }, /`seed` must be/u],
  [{ library: { gpu: class {} } }, /no `gpu` in `library`; there is `tf`, `GPU`/u],
  [{ library: { tf: {} } }, /`tf` must be the library itself, .*; it is of type object/u],
  [{ library: { GPU: 3 } }, /`GPU` must be the class `GPU`; it is 3/u],
  [{ threads: 0 }, /`threads` must be a whole number, 1 or more, or `auto`; it is 0/u],
  [{ threads: 'many' }, /`threads` must be .*; it is "many"/u],
  [{ fused: 'yes' }, /`fused` must be `true` or `false`/u],
  [{ strategy: 5 }, /`strategy` must be a text/u],
  [{ signal: {} }, /`signal` must be an AbortSignal; it is of type object/u],
  [{ onStep: true }, /`onStep` must be a function; it is true/u],
  [{ hyper: 3 }, /`hyper` must be an object; it is 3/u],
  [{ budget: 5 }, /`budget` must be an object; it is 5/u],
  [{ budget: { milliseconds: -1 } }, /`milliseconds` must be a number, 0 or more; it is -1/u],
  [{ budget: { steps: 1.5 } }, /`steps` must be a whole number/u],
  [{ budget: { millisecond: 1 } }, /no `millisecond` in `budget`; .*did you mean `milliseconds`/u],
  [null, /`options` must be an object; it is null/u],
] as const;

it('an error that is not asked for is not estimated, and all else is the same', async () => {
  const [whole, bare] = [await mean.hypergradient(data), await mean.hypergradient(data, {}, { error: false })];
  expect(whole.error.estimate).toBeGreaterThanOrEqual(0);
  expect(bare).toEqual({ ...whole, error: { certified: false, why: 'not asked for' } });
});

it('what is evaluated is what the hypergradient belongs to', async () => {
  const { hypergradient: _, error: __, ...rest } = await mean.hypergradient(data);
  expect(await mean.evaluate(data)).toEqual(rest);
});

describe('an option', () => {
  it.each(wrong)('%o is refused', async (options, words) => {
    const [code, message] = await refusal(mean.solve(data, options as never));
    expect(code).toBe('BL9011');
    expect(message).toMatch(words);
  });

  it('of another call is refused', async () => {
    expect(await refusal(mean.bind(data, { onStep: () => undefined } as never))).toEqual(['BL9011', expect.stringMatching(/no `onStep`/u)]);
    expect(await refusal(mean.hypergradient(data, {}, { budget: {} } as never))).toEqual(['BL9011', expect.stringMatching(/no `budget`/u)]);
    expect(await refusal(mean.hypergradient(data, {}, { error: 'no' } as never))).toEqual([
      'BL9011',
      expect.stringMatching(/`error` must be/u),
    ]);
    expect(await refusal(mean.evaluate(data, {}, { error: false } as never))).toEqual(['BL9011', expect.stringMatching(/no `error`/u)]);
    expect(await refusal(mean.evaluate(data, 3 as never))).toEqual(['BL9011', expect.stringMatching(/`hyper` must be an object/u)]);
    expect(await refusal(mean.verify(data, { largest: -3 }))).toEqual([
      'BL9011',
      expect.stringMatching(/1 or more, or `Infinity`; it is -3/u),
    ]);
    const bound = await mean.bind(data);
    expect(await refusal(bound.solve({ strategy: 'implicit' } as never))).toEqual(['BL9011', expect.stringMatching(/no `strategy`/u)]);
    expect(await refusal(bound.evaluate({}, { seed: 1 } as never))).toEqual(['BL9011', expect.stringMatching(/no `seed`/u)]);
    expect(await refusal(bound.verify({ larges: 3 } as never))).toEqual(['BL9011', expect.stringMatching(/did you mean `largest`/u)]);
    bound.close();
  });

  it('is all that is wrong at once', async () => {
    const error: unknown = await mean.solve(data, { seed: -1, threads: 0 }).catch((thrown: unknown) => thrown);
    expect((error as ProblemError).diagnostics.map((d) => d.code)).toEqual(['BL9011', 'BL9011']);
  });

  it('that is undefined is as one that is left out, and a budget may be any time', async () => {
    const { outer } = await mean.solve(data);
    const given = { threads: 1, seed: 0, signal: undefined, budget: { milliseconds: 1e6 + 0.5 } } as never;
    expect((await mean.solve(data, given)).outer).toBe(outer);
    expect((await mean.solve(data, { budget: { milliseconds: Infinity } })).outer).toBe(outer);
  });
});

describe('a strategy', () => {
  it('that there is not is said to be none, with the one that is near', async () => {
    const [code, message] = await refusal(mean.solve(data, { strategy: 'closed_from' }));
    expect(code).toBe('BL8009');
    expect(message).toMatch(
      /there is no strategy `closed_from` for this problem; there is `closed_form.*\(did you mean `closed_form`\?\)/u,
    );
    expect((await refusal(mean.solve(data, { strategy: 'nobody' })))[1]).toContain('no strategy `nobody`');
  });
});

describe('a strategy of another solver', () => {
  it('is refused as the strategy is, or is to be compiled in', async () => {
    expect((await refusal(mean.solve(data, { strategy: 'unrolled+gd' })))[1]).toContain(
      'the strategy `unrolled` does not accept this problem',
    );
    expect((await refusal(mean.solve(data, { strategy: 'implicit+cg+newton' })))[1]).toContain(
      'a module carries what the choice can fall on',
    );
  });
});

describe('sizes', () => {
  it.each([
    [{ q: 3 }, /no `q` in `sizes`; there is `n`/u],
    [{ n: -1 }, /`n` must be a whole number, 0 or more; it is -1/u],
    [7, /`sizes` must be an object; it is 7/u],
  ])('%o are refused', async (sizes, words) => {
    const call = Promise.resolve().then(() => mean.plan(sizes as never));
    expect(await refusal(call)).toEqual(['BL9011', expect.stringMatching(words)]);
  });
});

describe('the sizes of data', () => {
  it('are sizes to plan by, index sets among them', async () => {
    await project.compile(`${root}examples/ridge/ridge.bilevel`, 'ridge.js');
    const ridge = await project.load('ridge.js');
    expect(ridge.plan({ n: 442, train: 265, valid: 88, test: 89 }).chosen).toBe('closed_form+cholesky');
  });
});

describe('data that are not given', () => {
  it('are named, with what reads the file of the page', async () => {
    const error: unknown = await mean.solve({}).catch((thrown: unknown) => thrown);
    const [y, w] = (error as ProblemError).diagnostics;
    expect([y?.code, y?.message]).toEqual(['BL6016', 'no data were given for `y: [n]`']);
    expect(y?.hints).toEqual(['give `y` among the data of the call; `readData` of bilevel/data reads the file that the page names']);
    expect(w?.hints).toEqual(['give `w` among the data of the call']);
  });
});

describe('a precision', () => {
  it('is the one that the module carries, where it carries one', async () => {
    await project.compile(folder.path('mean.bilevel'), 'single.js', '--precision', 'f32');
    const single = await project.load('single.js');
    expect((await single.evaluate(data)).computedBy.precision).toBe('f32');
    expect(await refusal(single.evaluate(data, {}, { precision: 'f64' }))).toEqual([
      'BL7002',
      expect.stringMatching(/the module carries no code in `f64`; it has `f32` \(leave it out, or ask for `f32`\)/u),
    ]);
  });

  it('may be left to the backend', async () => {
    expect((await mean.evaluate(data, {}, { precision: 'auto' })).computedBy.precision).toBe('f64');
  });

  it('is said where it can be had', async () => {
    expect(await refusal(mean.evaluate(data, {}, { precision: 'mixed' }))).toEqual([
      'BL7002',
      expect.stringMatching(/no code in `mixed`/u),
    ]);
    const error: unknown = await mean.evaluate(data, {}, { precision: 'mixed' }).catch((thrown: unknown) => thrown);
    expect((error as ProblemError).diagnostics[0]?.hints).toContain('`bilevel compile --precision mixed` makes a module that has it');
  });
});

describe('a backend that is left to be chosen', () => {
  it('is Wasm, where a module has nothing else', async () => {
    expect((await mean.evaluate(data, {}, { backend: 'auto' })).computedBy).toMatchObject({ backend: 'wasm', precision: 'f64' });
  });

  it('is Wasm where that is quick, and says why', async () => {
    await project.compile(folder.path('mean.bilevel'), 'chosen.js', '--backend', 'tfjs');
    const chosen = await project.load('chosen.js');
    const by = async (options: object) => (await chosen.hypergradient(data, {}, { backend: 'auto', ...options })).computedBy;
    expect(await by({})).toMatchObject({
      backend: 'wasm',
      precision: 'f64',
      chosen: expect.stringMatching(/no GPU is started$/u) as string,
    });
    expect(await by({ precision: 'f64' })).toMatchObject({ backend: 'wasm', chosen: 'all else computes in float32' });
    expect(await refusal(chosen.evaluate(data, {}, { backend: 'auto', precision: 'f16' as never }))).toEqual([
      'BL7002',
      expect.stringMatching(/no code in `f16`/u),
    ]);
  });
});

describe('a backend of a library', () => {
  let both: typeof mean;
  beforeAll(async () => {
    await project.compile(folder.path('mean.bilevel'), 'both.js', '--backend', 'tfjs');
    both = await project.load('both.js');
  });

  it('computes in its precisions', async () => {
    expect(await refusal(both.evaluate(data, {}, { backend: 'tfjs-cpu', precision: 'f16' as never }))).toEqual([
      'BL7002',
      expect.stringMatching(/the backend `tfjs-cpu` does not compute in `f16`; it has `auto`, `mixed`, `f32`/u),
    ]);
  });

  it('computes on one thread', async () => {
    expect(await refusal(both.evaluate(data, {}, { backend: 'tfjs-cpu', threads: 2 }))).toEqual([
      'BL9011',
      expect.stringMatching(/`threads` must be `auto` or 1, as the backend `tfjs-cpu` computes on one thread; it is 2/u),
    ]);
  });

  it('takes the application’s copy of that library', async () => {
    const options = { backend: 'tfjs-cpu', library: { GPU: class {} } };
    expect(await refusal(both.evaluate(data, {}, options))).toEqual([
      'BL9011',
      expect.stringMatching(/`library` must be `\{ tf \}` for the backend `tfjs-cpu`; it is `\{ GPU \}`/u),
    ]);
  });

  it('says what it ran on, in mixed precision too', async () => {
    const { computedBy } = await both.hypergradient(data, {}, { backend: 'tfjs-cpu', threads: 1 });
    expect(computedBy).toMatchObject({ backend: 'tfjs-cpu and wasm', precision: 'mixed', why: 'asked for; tfjs-cpu on plain JavaScript' });
  });
});

it('a call after `close` is refused', async () => {
  const bound = await mean.bind(data);
  bound.close();
  for (const call of [bound.solve, bound.evaluate, bound.hypergradient, bound.verify])
    expect(await refusal(call())).toEqual(['BL9012', expect.stringMatching(/this problem was closed/u)]);
});
