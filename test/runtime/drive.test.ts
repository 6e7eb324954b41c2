import { describe, expect, it } from 'vitest';
import { gradient, run, verify } from '../../runtime/drive.ts';
import { keyOf, normal } from '../../runtime/random.ts';
import type { Outcome, OuterStep } from '../../runtime/types.ts';
import {
  candidate,
  criterionModule,
  describeProblem,
  differencesCandidate,
  hyper,
  moduleOf,
  noData,
  rosenbrock,
  scalarRidge,
  scalarRidgeRecipe,
  scalarTensor,
  vectorTensor,
} from './modules.ts';

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.status}: ${outcome.diagnostics.map((d) => d.message).join('; ')}`);
  return outcome.value;
}
function failureOf<T>(outcome: Outcome<T>): Extract<Outcome<T>, { ok: false }> {
  if (outcome.ok) throw new Error('it did not fail');
  return outcome;
}

describe('gradient', () => {
  it('gives criterion, hypergradient, params and error of the scalar ridge', async () => {
    const { module, calls } = moduleOf(scalarRidgeRecipe());
    const result = valueOf(await gradient(module, noData, { hyper: { lambda: scalarTensor(-2) } }));
    expect(result.outer).toBeCloseTo(2.7374489653020886, 12);
    expect(result.hypergradient.lambda?.data[0]).toBeCloseTo(-1.074643265715897, 12);
    expect(result.param.w?.data[0]).toBeCloseTo(2.6423912339336475, 12);
    expect(result.status).toBe('converged');
    expect([result.error.certified, result.error.estimate]).toEqual([false, 0]);
    expect(calls.map((c) => c.stage)).toEqual(['once', 'hypers', 'start', 'hypergradient', 'error', 'report']);
    const [, , , at] = calls;
    expect(at?.slots['once:0']?.data[0]).toBe(42);
    expect(at?.slots.start).toBe(at?.slots.x);
  });

  it('passes on the error that the stage estimates', async () => {
    const { module, calls } = moduleOf(scalarRidgeRecipe({ answer: () => ({ ...scalarRidge(0), error: 3e-7 }) }));
    expect(valueOf(await gradient(module, noData)).error.estimate).toBe(3e-7);
    const slots = calls.find((c) => c.stage === 'error')?.slots;
    expect([slots?.x?.data, slots?.v?.data]).toEqual([Float64Array.from(scalarRidge(0).x), Float64Array.of(0.5)]);
    const broken = moduleOf(scalarRidgeRecipe({ answer: () => ({ ...scalarRidge(0), error: Number.NaN }) })).module;
    const { error, warnings } = valueOf(await gradient(broken, noData));
    expect([error.estimate, error.why]).toEqual([undefined, expect.stringContaining('no estimate')]);
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([['BL8016', expect.stringContaining('cannot be told')]]);
  });

  it('gives a recipe neither start nor x, and its last step is no shortfall', async () => {
    const { module, calls } = moduleOf(
      scalarRidgeRecipe({ answer: () => ({ ...scalarRidge(0), status: 'step-limit' }) }, { meaning: 'recipe' }),
    );
    const result = valueOf(await gradient(module, noData));
    expect(result.status).toBe('converged');
    expect(result.inner.status).toBe('converged');
    expect(result.warnings).toEqual([]);
    expect(calls.some((c) => c.stage === 'start')).toBe(false);
    const call = calls.find((c) => c.stage === 'hypergradient');
    expect([call?.slots.start, call?.slots.x]).toEqual([undefined, undefined]);
  });

  it.each([
    ['step-limit', 'BL8004'],
    ['stalled', 'BL8005'],
  ] as const)('an inner solver that ends with %s is a status and a warning', async (status, code) => {
    const { module } = moduleOf(scalarRidgeRecipe({ answer: () => ({ ...scalarRidge(0), status, gradientNorm: 0.5 }) }));
    const result = valueOf(await gradient(module, noData));
    expect(result.status).toBe(status);
    expect(result.warnings.map((d) => [d.code, d.severity])).toEqual([[code, 'warning']]);
    expect(result.warnings[0]?.span).toEqual(module.description.innerSpan);
  });

  it('a linear solve that stops short is a status and a warning', async () => {
    const { module } = moduleOf(scalarRidgeRecipe({ answer: () => ({ ...scalarRidge(0), linearStatus: 'step-limit' }) }));
    const result = valueOf(await gradient(module, noData));
    expect([result.status, result.inner.status, result.warnings[0]?.code]).toEqual(['step-limit', 'converged', 'BL8007']);
  });

  it.each([
    ['an inner solver that diverged', { status: 'diverged' }, 'diverged', 'BL8003'],
    ['a Hessian that is not positive definite', { status: 'not-positive-definite', outer: Number.NaN }, 'not-positive-definite', 'BL8002'],
    ['a direction of negative curvature', { linearStatus: 'negative-curvature' }, 'negative-curvature', 'BL8006'],
    ['a criterion that is NaN', { outer: Number.NaN }, 'not-finite', 'BL8001'],
    ['an inner loss that is infinite', { loss: Number.POSITIVE_INFINITY }, 'not-finite', 'BL8001'],
    ['an inner solution that is NaN', { x: [Number.NaN] }, 'not-finite', 'BL8001'],
    ['a hypergradient that is NaN', { slope: { lambda: [Number.NaN] } }, 'not-finite', 'BL8001'],
  ] as const)('%s is one located diagnostic, never a number', async (_, wrong, status, code) => {
    const { module } = moduleOf(scalarRidgeRecipe({ answer: () => ({ ...scalarRidge(0), ...wrong }) }));
    const failure = failureOf(await gradient(module, noData));
    expect(failure.status).toBe(status);
    expect(failure.diagnostics.map((d) => d.code)).toEqual([code]);
    expect(failure.diagnostics[0]?.span).toBeDefined();
    expect(failure.diagnostics[0]?.message).toContain('lambda = 0');
    expect(failure.diagnostics[0]?.hints.length).toBeGreaterThan(0);
  });

  it('names the three ways out of a Hessian that is not positive definite', async () => {
    const { module } = moduleOf(scalarRidgeRecipe({ answer: () => ({ ...scalarRidge(0), status: 'not-positive-definite' }) }));
    const hints = failureOf(await gradient(module, noData)).diagnostics[0]?.hints.join(' ') ?? '';
    for (const way of ['ridge term', 'recipe', 'bilevel search']) expect(hints).toContain(way);
  });

  it('refuses an unknown hyper, a wrong shape and a start on the boundary before anything runs', async () => {
    const { module } = moduleOf(
      scalarRidgeRecipe({ start: { lambda: scalarTensor(1) } }, { hypers: [hyper('lambda', { kind: 'positive' })] }),
    );
    const codes = async (values: Record<string, ReturnType<typeof scalarTensor>>): Promise<unknown> => {
      const failure = failureOf(await gradient(module, noData, { hyper: values }));
      return [failure.status, failure.diagnostics.map((d) => d.code)];
    };
    expect(await codes({ lamda: scalarTensor(1) })).toEqual(['not-started', ['BL6017']]);
    expect(await codes({ lambda: vectorTensor(1, 2) })).toEqual(['not-started', ['BL6020']]);
    expect(await codes({ lambda: scalarTensor(0) })).toEqual(['not-started', ['BL6019']]);
    expect(await codes({ lambda: scalarTensor(Number.NaN) })).toEqual(['not-started', ['BL6019']]);
  });

  it('a strategy asked for by name that is not there is a diagnostic with the verdicts', async () => {
    const { module } = moduleOf(
      scalarRidgeRecipe({ refusals: [{ strategy: 'unrolled', code: 'BL5001', because: 'the problem is a minimiser' }] }),
    );
    const failure = failureOf(await gradient(module, noData, { candidate: 'unrolled' }));
    expect(failure.diagnostics[0]?.code).toBe('BL8009');
    expect(failure.diagnostics[0]?.message).toContain('the problem is a minimiser');
  });

  it('by differences measures the noise of the criterion, and states an error that covers it', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      let calls = 0;
      const { module } = moduleOf(
        scalarRidgeRecipe({
          answer: ({ lambda }) => {
            const answer = scalarRidge(lambda?.[0] ?? 0);
            return { ...answer, outer: answer.outer + 1e-8 * normal(keyOf(seed, 'noise'), (calls += 1)) };
          },
        }),
      );
      const { hypergradient, error } = valueOf(await gradient(module, noData, { candidate: 'finite_difference' }));
      const miss = Math.abs((hypergradient.lambda?.data[0] ?? Number.NaN) - (scalarRidge(0).slope.lambda?.[0] ?? 0));
      expect(miss).toBeLessThanOrEqual(error.estimate ?? 0);
      expect(error.estimate).toBeLessThan(1e-5);
    }
  });

  it('by differences starts every value from the converged point of the centre', async () => {
    const { module, calls } = moduleOf(scalarRidgeRecipe());
    const result = valueOf(await gradient(module, noData, { candidate: 'finite_difference', hyper: { lambda: scalarTensor(0.7) } }));
    const exact = scalarRidge(0.7).slope.lambda?.[0] ?? Number.NaN;
    const error = result.error.estimate ?? Number.NaN;
    expect(Math.abs((result.hypergradient.lambda?.data[0] ?? Number.NaN) - exact)).toBeLessThanOrEqual(error);
    expect(error).toBeLessThan(1e-8);
    const [first, ...later] = calls.filter((c) => c.stage === 'value');
    expect(first?.slots.x?.data).toEqual(Float64Array.of(0));
    for (const call of later) expect(call.slots.x?.data).toEqual(Float64Array.from(scalarRidge(0.7).x));
    for (const call of later) expect(call.slots.start?.data).toEqual(Float64Array.of(0));
  });
});

describe('verify', () => {
  const both = [candidate('closed_form'), candidate('implicit'), candidate('truncated', { exact: false }), differencesCandidate];

  it('compares every exact candidate, checking-only ones too', async () => {
    const { module } = moduleOf(
      scalarRidgeRecipe({ candidates: both, refusals: [{ strategy: 'unrolled', code: 'BL5001', because: 'a minimiser' }] }),
    );
    const { rows, agrees, chosen } = valueOf(await verify(module, noData, { hyper: { lambda: scalarTensor(3) } }));
    expect(agrees).toBe(true);
    expect(chosen.strategy).toBe('closed_form');
    expect(rows.map((r) => [r.strategy, r.agrees])).toEqual([
      ['closed_form', undefined],
      ['implicit', true],
      ['truncated', undefined],
      ['finite_difference', true],
      ['unrolled', undefined],
    ]);
    expect(rows[1]?.relativeDifference).toBe(0);
    expect(rows[3]?.allowed?.relative).toBeGreaterThanOrEqual(1e-6);
    expect(rows[4]?.because).toBe('a minimiser');
  });

  it('takes differences once, by the solver of the chosen one, and by another where that one fails', async () => {
    const by = (solver: string) => ({ ...differencesCandidate, id: `finite_difference+${solver}`, solver, innerSolver: solver });
    const rowsOf = async (failing: string) => {
      const recipe = scalarRidgeRecipe({
        candidates: [by('other'), by('own'), candidate('implicit', { innerSolver: 'own' })],
        answer: ({ lambda }, id) => ({ ...scalarRidge(lambda?.[0] ?? 0), ...(id.endsWith(failing) ? { outer: Number.NaN } : {}) }),
      });
      const { rows } = valueOf(await verify(moduleOf(recipe).module, noData));
      return rows.map(({ solver, agrees, because = '' }) => [solver, agrees ?? because]);
    };
    const enough = 'differences by one solver are enough';
    expect(await rowsOf('+nothing')).toEqual([
      ['by_hand', ''],
      ['own', true],
      ['other', enough],
    ]);
    expect(await rowsOf('+own')).toEqual([
      ['by_hand', ''],
      ['own', expect.stringContaining('criterion')],
      ['other', true],
    ]);
  });

  it('finds a strategy that is wrong, and allows for an error that it states', async () => {
    const wrong = (error: number) =>
      moduleOf(
        scalarRidgeRecipe({
          candidates: both,
          answer: ({ lambda }, id) => {
            const answer = scalarRidge(lambda?.[0] ?? 0);
            const [slope = 0] = answer.slope.lambda ?? [];
            return id === 'implicit' ? { ...answer, slope: { lambda: [slope * (1 + 1e-4)] }, error } : answer;
          },
        }),
      ).module;
    const silent = valueOf(await verify(wrong(0), noData));
    expect(silent.agrees).toBe(false);
    expect(silent.rows[1]?.relativeDifference).toBeCloseTo(1e-4, 8);
    const honest = valueOf(await verify(wrong(1e-3), noData));
    expect(honest.agrees).toBe(true);
    expect(honest.rows[1]?.allowed?.why).toContain('errors');
  });

  describe('with many hypers', () => {
    const count = 100;
    const many = (wrongBy: number, kind: 'real' | 'nonnegative' = 'real', at = 1) =>
      moduleOf({
        description: describeProblem({ hypers: [hyper('z', { shape: [count], kind })] }),
        start: { z: vectorTensor(...Array<number>(count).fill(at)) },
        answer: ({ z = [] }) => ({
          x: [0],
          outer: z.reduce((sum, t, i) => sum + Math.exp(t / (i + 1)), 0),
          slope: { z: z.map((t, i) => Math.exp(t / (i + 1)) / (i + 1) + (i === 7 ? wrongBy : 0)) },
        }),
      });
    it('takes differences along random directions, and finds a wrong coordinate with them', async () => {
      const { module, calls } = many(0);
      const good = valueOf(await verify(module, noData)).rows[1];
      expect([good?.agrees, good?.result]).toEqual([true, undefined]);
      expect(good?.allowed?.why).toContain('12 random directions, for there are 100 hypers');
      expect(calls.filter((c) => c.stage === 'value').length).toBeLessThan(300);
      const norm = Math.hypot(...Array.from({ length: count }, (_, i) => Math.exp(1 / (i + 1)) / (i + 1)));
      const bad = valueOf(await verify(many(1e-3).module, noData)).rows[1];
      expect(bad?.agrees).toBe(false);
      expect((bad?.relativeDifference ?? 0) / (1e-3 / norm)).toBeCloseTo(1, 3);
    });
    it('takes every coordinate where one stands at its bound', async () => {
      const row = valueOf(await verify(many(0, 'nonnegative', 0).module, noData)).rows[1];
      expect([row?.agrees, row?.result?.hypergradient.z?.shape]).toEqual([true, [count]]);
    });
  });

  it('a candidate that fails is a row that says why', async () => {
    const { module } = moduleOf(
      scalarRidgeRecipe({
        candidates: both,
        answer: ({ lambda }, id) => ({
          ...scalarRidge(lambda?.[0] ?? 0),
          ...(id === 'implicit' ? { linearStatus: 'negative-curvature' as const } : {}),
        }),
      }),
    );
    const row = valueOf(await verify(module, noData)).rows[1];
    expect(row?.because).toContain('negative curvature');
    expect(row?.agrees).toBeUndefined();
  });

  it('a candidate whose conditions fail at these sizes is not run', async () => {
    const late = candidate('small_only', { conditions: [{ left: 'd', right: 10, because: 'd at most 10' }] });
    const { module, calls } = moduleOf(scalarRidgeRecipe({ candidates: [candidate('closed_form'), late] }));
    const { rows } = valueOf(await verify(module, { slots: {}, sizes: { d: 20 } }));
    expect(rows[1]?.because).toContain('d at most 10');
    expect(calls.some((c) => c.candidate === 'small_only')).toBe(false);
  });
});

describe('run', () => {
  it('solves the scalar ridge, reports, and begins each inner solve at the last accepted solution', async () => {
    const { module, calls } = moduleOf(scalarRidgeRecipe({ start: { lambda: scalarTensor(-3) } }));
    const result = valueOf(await run(module, noData));
    expect(result.outerStatus).toBe('converged');
    const best = Array.from({ length: 100001 }, (_, i) => scalarRidge(-5 + i * 1e-4).outer).reduce((a, b) => Math.min(a, b));
    expect(result.outer).toBeLessThanOrEqual(best);
    expect(result.report.twice).toBeCloseTo(2 * (result.param.w?.data[0] ?? 0), 14);
    const solves = calls.filter((c) => c.stage === 'hypergradient');
    expect(solves.length).toBeGreaterThan(3);
    expect(solves[1]?.slots.x?.data).toEqual(Float64Array.from(scalarRidge(-3).x));
    const accepted = new Set(result.history.map((s) => scalarRidge(s.hyper.lambda?.data[0] ?? 0).x[0]));
    for (const call of solves.slice(1)) expect(accepted.has(call.slots.x?.data[0] ?? 0)).toBe(true);
    for (const call of solves) expect(call.slots.start?.data).toEqual(Float64Array.of(0));
  });

  it('keeps a history of falling criteria, and tells each step as it happens', async () => {
    const { module } = moduleOf(scalarRidgeRecipe({ start: { lambda: scalarTensor(-3) } }));
    const seen: OuterStep[] = [];
    const totals = new Set<number | undefined>();
    const { history } = valueOf(await run(module, noData, { onStep: (step, total) => (totals.add(total), void seen.push(step)) }));
    expect(seen).toEqual(history);
    expect([...totals]).toEqual([100]);
    expect(history.map((s) => s.step)).toEqual(history.map((_, i) => i));
    for (const [i, step] of history.entries()) if (i > 0) expect(step.outer).toBeLessThanOrEqual(history[i - 1]?.outer ?? 0);
    expect(history.at(-1)?.gradientNorm).toBeLessThan(1e-7);
  });

  it('maximises by the sign alone', async () => {
    const concave = (theta: Readonly<Record<string, readonly number[]>>) => {
      const [a = 0] = theta.z ?? [];
      return { outer: 5 - (a - 2) ** 2, slope: { z: [-2 * (a - 2)] } };
    };
    const result = valueOf(await run(criterionModule([hyper('z')], { z: scalarTensor(0) }, concave, { direction: 'maximize' }), noData));
    expect(result.outer).toBeCloseTo(5, 12);
    expect(result.hyper.z?.data[0]).toBeCloseTo(2, 6);
  });

  it('finds the best of several starts, drawn by the seed, and says which', async () => {
    // Two valleys: the declared start lies in the shallow one.
    const valleys = (theta: Readonly<Record<string, readonly number[]>>) => {
      const [a = 0] = theta.z ?? [];
      return { outer: (a * a - 4) ** 2 + a, slope: { z: [4 * a * (a * a - 4) + 1] } };
    };
    const make = (starts: number) =>
      criterionModule([hyper('z', { interval: [-4, 4] })], { z: scalarTensor(2) }, valleys, {
        outer: { name: 'lbfgs', options: { starts } },
      });
    const one = valueOf(await run(make(1), noData));
    expect(one.hyper.z?.data[0]).toBeGreaterThan(1);
    const several = valueOf(await run(make(6), noData, { seed: 3 }));
    expect(several.hyper.z?.data[0]).toBeLessThan(-1);
    expect(new Set(several.history.map((s) => s.start)).size).toBe(6);
    const again = valueOf(await run(make(6), noData, { seed: 3 }));
    expect(again.history.map((s) => s.outer)).toEqual(several.history.map((s) => s.outer));
    const other = valueOf(await run(make(6), noData, { seed: 4 }));
    expect(other.history.map((s) => s.outer)).not.toEqual(several.history.map((s) => s.outer));
  });

  it('shortens a step into a region where the problem cannot be solved', async () => {
    const { module } = moduleOf(
      scalarRidgeRecipe({
        start: { lambda: scalarTensor(-3) },
        answer: ({ lambda }) => ({
          ...scalarRidge(lambda?.[0] ?? 0),
          ...((lambda?.[0] ?? 0) > 0.9 ? { status: 'not-positive-definite' as const } : {}),
        }),
      }),
    );
    const result = valueOf(await run(module, noData));
    expect(result.outerStatus).toBe('converged');
    expect(result.hyper.lambda?.data[0]).toBeLessThan(0.9);
  });

  it('fails at a start that cannot be solved, with no last good state', async () => {
    const { module } = moduleOf(scalarRidgeRecipe({ answer: () => ({ ...scalarRidge(0), status: 'diverged' }) }));
    const failure = failureOf(await run(module, noData));
    expect([failure.status, failure.diagnostics[0]?.code, failure.lastGood]).toEqual(['diverged', 'BL8003', undefined]);
  });

  it('gd that steps to where the problem fails gives status, diagnostic and the last good state', async () => {
    const { module } = moduleOf(
      scalarRidgeRecipe(
        {
          start: { lambda: scalarTensor(-3) },
          answer: ({ lambda }) => ({ ...scalarRidge(lambda?.[0] ?? 0), ...((lambda?.[0] ?? 0) > -2 ? { outer: Number.NaN } : {}) }),
        },
        { outer: { name: 'gd', options: { rate: 1, steps: 50 } } },
      ),
    );
    const failure = failureOf(await run(module, noData));
    expect(failure.status).toBe('not-finite');
    expect(failure.diagnostics[0]?.hints.join(' ')).toContain('last good point');
    const last = failure.lastGood;
    expect(Number.isFinite(last?.outer)).toBe(true);
    expect(last?.hyper.lambda?.data[0]).toBeLessThanOrEqual(-2);
    expect(last?.history.at(-1)?.hyper).toEqual(last?.hyper);
    expect(last?.report.twice).toBeDefined();
  });

  it('gives what there is when it is interrupted', async () => {
    const controller = new AbortController();
    const module = criterionModule([hyper('z', { shape: [2] })], { z: vectorTensor(-1.2, 1) }, rosenbrock);
    const outcome = valueOf(
      await run(module, noData, {
        signal: controller.signal,
        onStep: ({ step }) => {
          if (step === 3) controller.abort();
        },
      }),
    );
    expect(outcome.outerStatus).toBe('interrupted');
    expect(outcome.history.map((s) => s.step)).toEqual([0, 1, 2, 3]);
    const early = failureOf(await run(module, noData, { signal: AbortSignal.abort() }));
    expect([early.status, early.diagnostics]).toEqual(['interrupted', []]);
  });

  it('rounds int hypers at the end and solves again', async () => {
    const f = (theta: Readonly<Record<string, readonly number[]>>) => {
      const [a = 0] = theta.k ?? [];
      return { outer: (a - 3.3) ** 2, slope: { k: [2 * (a - 3.3)] } };
    };
    const result = valueOf(
      await run(criterionModule([hyper('k', { kind: 'int', interval: [0, 9] })], { k: scalarTensor(4.5) }, f), noData),
    );
    expect(result.hyper.k?.data[0]).toBeCloseTo(3.3, 6);
    expect(result.outer).toBeCloseTo(0, 12);
    expect(result.chosen).toEqual({ k: 3 });
    expect(result.whole?.outer).toBeCloseTo(0.09, 12);
  });

  it('warns when the steps run out before the tolerance', async () => {
    const module = criterionModule([hyper('z', { shape: [2] })], { z: vectorTensor(-1.2, 1) }, rosenbrock, {
      outer: { name: 'lbfgs', options: { steps: 2 } },
    });
    const result = valueOf(await run(module, noData));
    expect([result.outerStatus, result.warnings.map((d) => d.code)]).toEqual(['step-limit', ['BL8008']]);
  });

  it.each([
    [{ name: 'adam', options: { rat: 0.1 } }, 'does not exist'],
    [{ name: 'adam', options: { rate: -1 } }, 'above 0'],
    [{ name: 'gd', options: {} }, 'must be given'],
    [{ name: 'lbfgs', options: { starts: 1.5 } }, 'whole'],
    [{ name: 'bfgs', options: {} }, 'is not an outer solver'],
  ])('refuses the outer solver %j', async (outer, words) => {
    const failure = failureOf(await run(moduleOf(scalarRidgeRecipe({}, { outer })).module, noData));
    expect(failure.diagnostics.map((d) => d.code)).toEqual(['BL8011']);
    expect(failure.diagnostics[0]?.message).toContain(words);
  });

  it('says why it could not go on where every trial fails', async () => {
    const { module } = moduleOf(
      scalarRidgeRecipe({
        start: { lambda: scalarTensor(-3) },
        answer: ({ lambda }) => ({ ...scalarRidge(lambda?.[0] ?? 0), ...(lambda?.[0] === -3 ? {} : { status: 'diverged' as const }) }),
      }),
    );
    const result = valueOf(await run(module, noData));
    expect([result.outerStatus, result.warnings.map((d) => d.code)]).toEqual(['stalled', ['BL8013']]);
  });
});
