/**
 * A recipe's derivative in every way: reverse, in segments, forward; through the last steps alone; and what only approximates it.
 * Closed forms are those of w ← w − η (w − a): w_T = a + s^T (w_0 − a) with s = 1 − η.
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import { innermost, segmentsOf, statesKept } from '../../compiler/strategies/segments.ts';
import { evaluate } from '../../plan/evaluate.ts';
import { memoryOf } from '../../runtime/backends/wasm/layout.ts';
import { Folder, bilevel, distance, failing, flatAll, gradient, json, verify } from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

interface Plan {
  readonly chosen: string | null;
  readonly memory: { readonly bytes: number } | null;
  readonly candidates: readonly { readonly id: string; readonly verdict: string; readonly exact?: boolean }[];
}
const plan = (page: string, ...flags: readonly string[]): Promise<Plan> => json('plan', page, ...flags);

/** Penalty, rate, momentum and start are hypers; loss and rate speak of the step. */
const everyHyper = (steps: number, way = ''): string =>
  folder.page(`
    dim d = 3
    hyper penalty: positive[d] = [0.3, 0.2, 0.1]
    hyper eta: positive = 0.2
    hyper mu: unit = 0.6
    hyper s: real = 0.5
    param w: [d] = [s, 1, s^2]
    param c: [] = 0.1
    inner minimize sum(log(1 + exp(w * [1, 2, 3] - c))) + sum(penalty * w^2) + c^2 / (1 + step) + (w[0] - w[1])^4
    outer minimize sum((w - [1, 0, 2])^2) + c^2 + eta * s
    solve inner with heavy_ball(rate = eta / (1 + 0.1 * step), momentum = mu, steps = ${steps})
    ${way}`);

describe('every exact way gives one hypergradient', () => {
  it.each([0, 1, 5, 37])('after %d steps', async (steps) => {
    const document = await verify(everyHyper(steps, 'differentiate with unrolled(memory = 1e9)'));
    expect(document.agrees).toBe(true);
    const exact = document.verify.filter((row) => row.strategy === 'unrolled');
    const levels = [1, 2, 3].filter((again) => 2 ** (again + 1) <= steps);
    expect(exact.map((row) => row.solver).sort()).toEqual(
      ['heavy_ball', 'forward+heavy_ball', ...levels.map((again) => `checkpointed-${again}+heavy_ball`)].sort(),
    );
    for (const { solver, hypergradient } of exact)
      expect(distance(flatAll(hypergradient ?? {}), flatAll(document.hypergradient)), solver).toBeLessThan(1e-14);
  });

  it('where conditions are kept for the way back', async () => {
    const page = folder.page(`
      dim d = 3
      hyper penalty: positive = 0.1
      hyper rate: positive = 0.05
      param w: [d] = [0.5, -1, 2]
      inner minimize sum(if tanh(w * [1, 2, 3]) > 0.3 then (w - 1)^4 else exp(w)) + penalty * sum(w^2)
      outer minimize sum((w - 1)^2)
      solve inner with gd(rate = rate, steps = 12)`);
    expect((await verify(page)).agrees).toBe(true);
    expect((await verify(page, '--backend', 'tfjs-cpu')).agrees).toBe(true);
  });

  it('on the interpreter too', async () => {
    const document = await verify(everyHyper(9, 'differentiate with unrolled(memory = 1e9)'), '--backend', 'reference');
    expect(document.agrees).toBe(true);
    expect(document.verify.filter((row) => row.agrees === true)).toHaveLength(4);
  });

  it('with one param and one hyper, where forward is chosen', async () => {
    const page = folder.page(`
      hyper a: real = 3
      param w: [] = 2
      inner minimize (w - a)^2 / 2
      outer minimize (w - 1)^2 / 2
      solve inner with gd(rate = 0.5, steps = 4)`);
    const { agrees, hypergradient } = await verify(page);
    expect((await plan(page)).chosen).toBe('unrolled+forward+gd');
    const w = 3 - 1 / 16;
    expect(hypergradient['a']).toBeCloseTo((w - 1) * (1 - 1 / 16), 14);
    expect(agrees).toBe(true);
  });

  it.each(['reverse', 'forward'])('the page may ask for %s', async (mode) => {
    const page = everyHyper(6, `differentiate with unrolled(mode = ${mode})`);
    const { chosen, candidates } = await plan(page);
    expect(chosen).toBe(mode === 'reverse' ? 'unrolled+heavy_ball' : 'unrolled+forward+heavy_ball');
    expect(candidates.filter(({ id }) => id.startsWith('unrolled'))).toHaveLength(1);
  });
});

describe('segments', () => {
  const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);

  it('are all the steps, and keep about r T^(1/r) states', () => {
    for (const count of [1, 2, 3, 10, 97, 100, 1000, 1009, 10_000, 10_007])
      for (const again of [0, 1, 2, 3]) {
        const segments = segmentsOf(count, again);
        expect(product(segments.lengths) + segments.rest).toBe(count);
        expect(segments.lengths).toHaveLength(again + 1);
        if (count >= 2 ** (again + 2))
          expect(statesKept(segments), `${count} steps, ${again}`).toBeLessThan(2.5 * (again + 1) * count ** (1 / (again + 1)));
        expect(innermost(segments)).toBeLessThanOrEqual(statesKept(segments));
      }
  });
});

describe('memory', () => {
  const page = (memory: string, steps = 1000): string =>
    folder.page(`
      dim d = 400
      hyper penalty: positive[d] = 0.1
      param w: [d] = 0.5
      inner minimize sum(tanh(w) - w) + sum(penalty * w^2)
      outer minimize sum((w - 1)^2)
      solve inner with gd(rate = 0.1, momentum = 0.5, steps = ${steps})
      differentiate with unrolled(memory = ${memory})`);

  it.each([
    ['7e6', 'unrolled+gd'],
    ['800e3', 'unrolled+checkpointed-1+gd'],
    ['2 * 250e3', 'unrolled+checkpointed-2+gd'],
    ['430e3', 'unrolled+checkpointed-3+gd'],
  ])('of %s bytes is not exceeded, and each step is made again as seldom as that allows', async (memory, candidate) => {
    const { chosen, memory: planned } = await plan(page(memory));
    expect(chosen).toBe(candidate);
    expect(planned?.bytes).toBeLessThanOrEqual(memory.includes('*') ? 500e3 : Number(memory));
  });

  it('a tenth of what all states need gives the same hypergradient', async () => {
    const whole = await plan(page('1e9', 4000));
    const tenth = page(String((whole.memory?.bytes ?? 0) / 10), 4000);
    expect((await plan(tenth)).memory?.bytes).toBeLessThanOrEqual((whole.memory?.bytes ?? 0) / 10);
    const [few, all] = [await gradient(tenth), await gradient(page('1e9', 4000))];
    expect(distance(flatAll(few.hypergradient), flatAll(all.hypergradient))).toBeLessThan(1e-13);
  });

  it('is met alike by a plan and a run, where folds say how large a part is', async () => {
    folder.csv('folds.csv', [1, 2, 3, 4, 5, 6, 7, 8]);
    const page = folder.page(`
      dim n
      data y: [n] from "folds.csv"
      split n into train, valid by 2 folds
      hyper a: positive[3] = 0.1
      param w: [3]
      inner minimize mean((sum(w) - y[train])^2) + sum(a * w^2)
      outer minimize mean((w[0] - y[valid])^2)
      solve inner with gd(rate = 0.1, steps = 900)
      differentiate with unrolled(mode = reverse, memory = 150e3)`);
    const { chosen } = await plan(page);
    expect(chosen).toMatch(/checkpointed/u);
    const { stdout } = await bilevel(['gradient', page]);
    expect(stdout).toContain(`unrolled with ${(chosen ?? '').replace('unrolled+', '')}`);
    expect(stdout).toContain('exactly 1800 steps in 2 folds, as written');
  });

  it('that is too small for all of them is told, with the least that will do', async () => {
    const { diagnostics } = await failing(1, 'gradient', page('1000'));
    expect(diagnostics.map((d) => d.code)).toEqual(['BL5011']);
    const least = /memory = (?<bytes>\d+)/u.exec(diagnostics[0]?.hints[0] ?? '')?.groups?.['bytes'] ?? '';
    expect((await plan(page(least))).chosen).toMatch(/^unrolled/u);
    await failing(1, 'gradient', page(String(Number(least) - 1)));
  });

  it('is counted from above', () => {
    const network = `problem network {
      dim n, d = 4, h = 6
      data X: [n, d]
      data y: [n]
      hyper penalty: positive[h] = 0.1
      hyper rate: positive = 0.1
      param V: [d, h] = 0.5
      param u: [h] = 0.1
      inner minimize mean((tanh(X @ V) @ u - y)^2) + sum(penalty * u^2)
      outer minimize mean((tanh(X @ V) @ u - y)^2)
      solve inner with heavy_ball(rate = rate, steps = 150)
      differentiate with unrolled(memory = 1e9)
    }`;
    for (const [text, sizes] of [
      [network, { n: 5, d: 4, h: 6 }],
      [network, { n: 3000, d: 4, h: 6 }],
      [readFileSync(everyHyper(150, 'differentiate with unrolled(memory = 1e9)'), 'utf8'), { d: 3 }],
      [readFileSync(page('1e9'), 'utf8'), { d: 400 }],
    ] as const) {
      const [problem] = compile(text, 'page.bilevel').value;
      const ways = problem?.module.plan.candidates.filter((c) => c.strategy === 'unrolled') ?? [];
      expect(ways).toHaveLength(5);
      for (const { id, conditions } of ways) {
        const counted = evaluate(conditions.find((c) => c.isMemory === true)?.left ?? 0, sizes);
        const planned = problem === undefined ? undefined : memoryOf(problem.code(id, 'f64'), sizes);
        expect(planned?.bytes, id).toBeLessThanOrEqual(counted ?? 0);
      }
    }
  });

  it.each(['0', '-1', '"64MB"'])('%s is no number of bytes', async (memory) => {
    expect((await failing(1, 'check', page(memory))).diagnostics).toHaveLength(1);
  });
});

describe('through the last steps alone', () => {
  const [a, eta, start, steps] = [3, 0.25, 2, 6];
  const s = 1 - eta;
  const w = a + s ** steps * (start - a);
  const page = (way: string): string =>
    folder.page(`
      hyper a: real = ${a}
      hyper eta: positive = ${eta}
      hyper start: real = ${start}
      param w: [] = start
      inner minimize (w - a)^2 / 2
      outer minimize (w - 1)^2 / 2 + 5 * a
      solve inner with gd(rate = eta, steps = ${steps})
      differentiate with ${way}`);
  /** From w_{T−k} held: w_T = a + s^k (w_{T−k} − a). */
  const held = (k: number) => {
    const before = a + s ** (steps - k) * (start - a);
    return { a: (w - 1) * (1 - s ** k) + 5, eta: k === 0 ? 0 : (w - 1) * -k * s ** (k - 1) * (before - a), start: 0 };
  };

  it.each([0, 1, 5])('the last %d', async (k) => {
    for (const mode of ['reverse', 'forward']) {
      const { hypergradient, outer } = await gradient(page(`unrolled(truncate = ${k}, mode = ${mode})`));
      for (const [name, value] of Object.entries(held(k))) expect(hypergradient[name], `${mode} ${name}`).toBeCloseTo(value, 13);
      expect(outer).toBeCloseTo((w - 1) ** 2 / 2 + 5 * a, 13);
    }
  });

  it.each([6, 1000])('as many as there are, or more (%d), are the derivative', async (k) => {
    const { code, stdout, stderr } = await bilevel(['gradient', page(`unrolled(truncate = ${k})`), '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const { hypergradient, error } = JSON.parse(stdout) as Awaited<ReturnType<typeof gradient>>;
    expect(hypergradient['start']).toBeCloseTo((w - 1) * s ** steps, 13);
    expect(error.estimate).toBeLessThan(1e-12);
  });

  it.each(['unrolled(truncate = 2)', 'one_step', 'implicit'])(
    '%s is told as an approximation, in plan, result and comparison',
    async (way) => {
      const { chosen, candidates } = await plan(page(way));
      expect(candidates.find(({ id }) => id === chosen)?.exact).toBe(false);
      const document = await json<Awaited<ReturnType<typeof verify>> & { diagnostics: readonly { code: string; severity: string }[] }>(
        'gradient',
        page(way),
        '--verify',
      );
      expect(document.diagnostics.map((d) => [d.code, d.severity])).toEqual([['BL5010', 'warning']]);
      expect(document.error).toEqual({ certified: false, why: expect.stringContaining('approximation') as string });
      expect(document.verify.filter((row) => row.agrees !== undefined)).toEqual([]);
      const differences = document.verify.find((row) => row.strategy === 'finite_difference');
      expect(differences?.because).toMatch(/distance/u);
    },
  );

  it('one_step of a recipe is its last step', async () => {
    const { hypergradient } = await gradient(page('one_step'));
    for (const [name, value] of Object.entries(held(1))) expect(hypergradient[name]).toBeCloseTo(value, 13);
  });

  it('implicit of a recipe is the formula where the steps end', async () => {
    const { hypergradient } = await gradient(page('implicit'));
    // H = 1, J = −1.
    expect(hypergradient['a']).toBeCloseTo(w - 1 + 5, 13);
    expect([hypergradient['eta'], hypergradient['start']]).toEqual([0, 0]);
  });

  it('implicit of a recipe is along the support, and at the last step of a loss that speaks of it', async () => {
    // A step of 1/2 ends where the loss of that step is least; the last one’s is (w₀ − 3)² + w₁² + a/8 |w|.
    const { hypergradient, param } = await gradient(
      folder.page(`
        hyper a: positive = 1
        param w: [2] = 5
        inner minimize (w[0] - 3)^2 + w[1]^2 + a / (5 + step) * sum(abs(w))
        outer minimize sum(w^2) / 2
        solve inner with proximal_gradient(rate = 0.5, steps = 4)
        differentiate with implicit`),
    );
    expect(param['w']).toEqual([3 - 1 / 16, 0]);
    expect(hypergradient['a']).toBeCloseTo(-(3 - 1 / 16) / 16, 13);
  });

  it('nothing approximates unasked', async () => {
    const { candidates } = await plan(page('auto'));
    expect(candidates.filter(({ exact, verdict }) => exact === false && verdict !== 'refused').map(({ id }) => id)).toEqual([
      'finite_difference+gd',
    ]);
  });
});

describe('one_step at a minimiser', () => {
  const page = (solver: string): string =>
    folder.page(`
      hyper a: real = 3
      param w: [2]
      inner minimize (w[0] - a)^2 / 2 + 2 * (w[1] - a^2)^2
      outer minimize sum(w^2) / 2 + a
      solve inner with ${solver}
      differentiate with one_step`);

  it('is one term of the Neumann series, with the rate for the inverse of the Hessian', async () => {
    const { hypergradient, outer } = await gradient(page('gd(rate = 0.1, tolerance = 1e-12)'));
    // −η Jᵀ ∇_w f with J = (−1, −4 · 2a), at w = (3, 9).
    expect(hypergradient['a']).toBeCloseTo(0.1 * (1 * 3 + 8 * 3 * 9) + 1, 8);
    expect(outer).toBeCloseTo((9 + 81) / 2 + 3, 8);
  });

  it.each(['newton', 'adam(rate = 0.1, tolerance = 1e-8)', 'rmsprop(rate = 0.1, tolerance = 1e-8)', 'fista(tolerance = 1e-8)'])(
    'needs a solver of equal steps, whose length is given: not %s',
    async (solver) => {
      const { diagnostics } = await failing(1, 'gradient', page(solver));
      expect(diagnostics.map((d) => d.code)).toEqual(['BL5001']);
    },
  );
});
