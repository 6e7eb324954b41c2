/** What a drive asks of executors: that they are closed, stopped half-way, refused; and what it sends them. */
import { describe, expect, it } from 'vitest';
import type { Executor, ProblemModule, RunControl, Slots, Tensor } from '../../plan/types.ts';
import { gradient, run, verify } from '../../runtime/drive.ts';
import { turns } from '../../runtime/turn.ts';
import type { DriveOptions, Outcome } from '../../runtime/types.ts';
import { candidate, describeProblem, moduleOf, noData, scalarRidge, scalarRidgeRecipe, scalarTensor, type Recipe } from './modules.ts';

/** A module whose executors can be changed, and how many of them were opened and closed. */
function watched(recipe: Recipe, change: (executor: Executor) => Partial<Executor> = () => ({})) {
  const { module } = moduleOf(recipe);
  const count = { opened: 0, closed: 0 };
  const link: ProblemModule['link'] = async (candidate, sizes) => {
    const linked = await module.link(candidate, sizes);
    if (!linked.ok) return linked;
    count.opened += 1;
    const close = (): void => void (count.closed += 1);
    return { ok: true, executor: { ...linked.executor, ...change(linked.executor), close } };
  };
  return { module: { ...module, link }, count };
}

type Drive = (module: ProblemModule, bound: typeof noData, options?: DriveOptions) => Promise<Outcome<unknown>>;
const drives: readonly (readonly [string, Drive])[] = [
  ['gradient', gradient],
  ['verify', verify],
  ['run', run],
];

describe.each(drives)('the executors of %s', (_, drive) => {
  const fromMinus3 = scalarRidgeRecipe({ start: { lambda: scalarTensor(-3) } });
  const failing = scalarRidgeRecipe({ answer: () => ({ ...scalarRidge(0), status: 'diverged' }) });

  it.each([
    ['it succeeds', fromMinus3, {}, true],
    ['it fails', failing, {}, false],
    ['it is interrupted', fromMinus3, { signal: AbortSignal.abort() }, false],
    ['the start is refused', { ...fromMinus3, start: { lambda: scalarTensor(Number.NaN) } }, {}, false],
  ])('are closed when %s', async (_words, recipe, options, isGood) => {
    const { module, count } = watched(recipe);
    expect((await drive(module, noData, options)).ok).toBe(isGood);
    expect(count.opened).toBeGreaterThan(0);
    expect(count.closed).toBe(count.opened);
  });

  it.each(['once', 'hypers', 'hypergradient'])('are closed when the stage %s breaks', async (broken) => {
    const { module, count } = watched(fromMinus3, (executor) => ({
      run: (stage, control) => (stage === broken ? Promise.reject(new Error('broken')) : executor.run(stage, control)),
    }));
    await expect(drive(module, noData)).rejects.toThrow('broken');
    expect(count.opened).toBeGreaterThan(0);
    expect(count.closed).toBe(count.opened);
  });

  it.each(['once', 'hypers', 'start', 'hypergradient'])('stop half-way through the stage %s', async (long) => {
    const interruption = new AbortController();
    const { module, count } = watched(fromMinus3, (executor) => ({
      run: async (stage, control) => {
        if (stage !== long) return executor.run(stage, control);
        interruption.abort();
        return (await control?.turn()) === true ? 'interrupted' : executor.run(stage, control);
      },
    }));
    const outcome = await drive(module, noData, { signal: interruption.signal });
    expect(outcome).toMatchObject({ ok: false, status: 'interrupted', diagnostics: [] });
    expect(count.closed).toBe(count.opened);
  });

  it('that are refused start nothing', async () => {
    const diagnostics = [{ code: 'BL7003', slug: 's', severity: 'error', message: 'too large', labels: [], hints: [], fixes: [] }] as const;
    const module = { ...moduleOf(fromMinus3).module, link: () => Promise.resolve({ ok: false, diagnostics } as const) };
    expect(await drive(module, noData)).toMatchObject({ ok: false, status: 'not-started', diagnostics });
  });
});

describe('a run', () => {
  it('that is interrupted in a long inner solve keeps what it has', async () => {
    const interruption = new AbortController();
    let solves = 0;
    const { module, count } = watched(scalarRidgeRecipe({ start: { lambda: scalarTensor(-3) } }), (executor) => ({
      run: async (stage, control) => {
        solves += stage === 'hypergradient' ? 1 : 0;
        if (solves === 3 && stage === 'hypergradient') interruption.abort();
        return stage === 'hypergradient' && (await control?.turn()) === true ? 'interrupted' : executor.run(stage, control);
      },
    }));
    const outcome = await run(module, noData, { signal: interruption.signal });
    if (!outcome.ok) throw new Error(outcome.status);
    expect(outcome.value.outerStatus).toBe('interrupted');
    expect(outcome.value.history.length).toBeGreaterThan(0);
    expect(outcome.value.report.twice).toBeCloseTo(2 * (outcome.value.param.w?.data[0] ?? 0), 14);
    expect([solves, count.closed]).toEqual([3, 1]);
  });

  it('sends data once, and of a solution only the tensor that it read', async () => {
    const sent: Slots[] = [];
    const read = new Set<Tensor>();
    const { module } = watched(scalarRidgeRecipe({ start: { lambda: scalarTensor(-3) } }), (executor) => ({
      put: (slots) => {
        sent.push(slots);
        executor.put(slots);
      },
      read: async (slot) => {
        const tensor = await executor.read(slot);
        read.add(tensor);
        return tensor;
      },
    }));
    const data = { 'data:X': scalarTensor(1) };
    expect((await run(module, { ...noData, slots: data })).ok).toBe(true);
    expect(sent.filter((slots) => slots['data:X'] !== undefined)).toEqual([data]);
    expect(sent.flatMap((slots) => (slots.x === undefined ? [] : [slots.x])).every((x) => read.has(x))).toBe(true);
  });

  it('says what computed it', async () => {
    const described = { backend: 'b', precision: 'f32', threads: 3, why: 'so' } as const;
    const { module } = watched(scalarRidgeRecipe(), () => ({ describe: () => described }));
    expect(await run(module, noData)).toMatchObject({ ok: true, value: { computedBy: described } });
  });

  it('tells of inner steps, where the executor does', async () => {
    const told: number[] = [];
    const { module } = watched(scalarRidgeRecipe(), (executor) => ({
      run: (stage, control) => {
        if (stage === 'hypergradient') control?.progress?.(7);
        return executor.run(stage, control);
      },
    }));
    await gradient(module, noData, { onInnerSteps: (steps) => void told.push(steps) });
    expect(told).toEqual([7]);
  });
});

describe('float32', () => {
  const span = { file: 'page.bilevel', start: 3, end: 4 };
  const limit = 2 ** 24;
  const description = describeProblem({
    dims: [{ name: 'n', span }],
    data: [{ name: 'k', kind: 'int', shape: ['n'], span }],
    hypers: scalarRidgeRecipe().description.hypers,
  });
  const { module, count } = watched({ ...scalarRidgeRecipe(), description }, (executor) => ({
    describe: () => ({ ...executor.describe(), precision: 'f32' }),
  }));
  const messages = async (k: number, n: number): Promise<readonly string[]> => {
    const outcome = await gradient(module, { slots: { 'data:k': { shape: [1], data: Float64Array.of(k) } }, sizes: { n } });
    return outcome.ok ? [] : outcome.diagnostics.map((d) => `${d.code} ${d.span?.start}: ${d.message}`);
  };

  it('is asked for as much agreement and as small a gradient as it can give', async () => {
    const inFloat32 = (recipe: Recipe): ProblemModule =>
      watched(recipe, (executor) => ({ describe: () => ({ ...executor.describe(), precision: 'f32' }) })).module;
    const [exact, off] = [candidate('closed_form'), candidate('implicit')];
    const recipe = scalarRidgeRecipe({
      start: { lambda: scalarTensor(-3) },
      candidates: [exact, off],
      answer: ({ lambda }, id) => {
        const answer = scalarRidge(lambda?.[0] ?? 0);
        return id === 'implicit' ? { ...answer, slope: { lambda: [(answer.slope.lambda?.[0] ?? 0) * (1 + 1e-4)] } } : answer;
      },
    });
    expect(await verify(inFloat32(recipe), noData)).toMatchObject({ ok: true, value: { agrees: true } });
    expect(await verify(watched(recipe).module, noData)).toMatchObject({ ok: true, value: { agrees: false } });
    const ends = async (module: ProblemModule): Promise<number> => {
      const outcome = await run(module, noData);
      if (!outcome.ok || outcome.value.outerStatus !== 'converged')
        throw new Error(outcome.ok ? outcome.value.outerStatus : outcome.status);
      return outcome.value.history.at(-1)?.gradientNorm ?? Number.NaN;
    };
    expect(await ends(watched(recipe).module)).toBeLessThan(1e-7);
    const norm = await ends(inFloat32(recipe));
    expect(norm).toBeLessThan(1e-3);
    expect(norm).toBeGreaterThan(1e-7);
  });

  it('refuses labels and dims that it cannot count, and closes what it opened', async () => {
    expect(await messages(limit, limit)).toEqual([]);
    expect(await messages(-limit - 1, limit + 1)).toEqual([
      'BL7004 3: `n` is 16777217, and float32 cannot count beyond 16777216',
      'BL7004 3: `k` holds -16777217, and float32 cannot count beyond 16777216',
    ]);
    expect(count.closed).toBe(count.opened);
  });
});

describe('turns', () => {
  it('are due after some milliseconds, let the event loop run, and say when to stop', async () => {
    const controller = new AbortController();
    const control: RunControl = turns(controller.signal);
    setImmediate(() => controller.abort());
    expect(control.due()).toBe(false);
    expect(await control.turn()).toBe(false);
    const end = performance.now() + 20;
    while (performance.now() < end);
    expect(control.due()).toBe(true);
    expect(await control.turn()).toBe(true);
    expect(control.due()).toBe(false);
  });
});
