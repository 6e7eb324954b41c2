/** Outer methods that ask for no more accuracy than they need: against the same methods on a criterion whose inexactness is known. */
import { describe, expect, it } from 'vitest';
import { better, following, isEnough, loosest, measured, type Solved, tighter, toTheEnd } from '../../runtime/accuracy.ts';
import { adaptive } from '../../runtime/outer/adaptive.ts';
import { gd } from '../../runtime/outer/gd.ts';
import { lbfgs } from '../../runtime/outer/lbfgs.ts';
import { type Box, type Evaluate, type OuterMethod, type Running, settingsOf, type Trial } from '../../runtime/outer/method.ts';
import { trustRegion } from '../../runtime/outer/trust-region.ts';
import { candidate, describeProblem, span } from './modules.ts';

const box: Box = {
  lower: new Float64Array(2).fill(-Infinity),
  upper: new Float64Array(2).fill(Infinity),
  stepLimit: new Float64Array(2).fill(Infinity),
};
const iterated = { module: { description: describeProblem() }, candidate: candidate('implicit', { tolerances: {} }) } as Parameters<
  typeof adaptive
>[1];

interface Asked {
  readonly accuracy: number | undefined;
  readonly stopped: boolean;
}

/** ½‖z − 1‖² + ¼ z₀⁴, off by so many times the accuracy, in turn to one side and the other; solves go no farther than `floor`. */
function blurred(sensitivity: number, fails: (asked: Asked) => boolean = () => false, floor = 0) {
  const asked: Asked[] = [];
  let sign = 1;
  const at = (z: Float64Array, accuracy: number | undefined, stopped = false): Trial<null> => {
    asked.push({ accuracy, stopped });
    if (asked.length > 1000) throw new Error('it does not end');
    if (stopped && accuracy !== 0) return { ok: false, status: 'interrupted', diagnostics: [] };
    if (fails({ accuracy, stopped })) return { ok: false, status: 'not-positive-definite', diagnostics: [] };
    sign = -sign;
    const reached = Math.max(floor, accuracy ?? 0);
    const [a = 0, b = 0] = z;
    const blur = sign * sensitivity * reached;
    const value = 0.5 * ((a - 1) ** 2 + (b - 1) ** 2) + a ** 4 / 4 + blur * reached;
    const gradient = Float64Array.of(a - 1 + a ** 3 + blur, b - 1 - blur);
    return { ok: true, z, value, slack: sensitivity * reached, gradient, reached, accuracy, payload: null };
  };
  return { asked, at };
}

async function drive(
  method: OuterMethod,
  { at }: ReturnType<typeof blurred>,
  options: Record<string, number>,
  accuracy: 'adaptive' | 'fixed' = 'adaptive',
  stopAfter = Infinity,
): Promise<Running<null>> {
  const { settings, diagnostics } = settingsOf(method, options, span);
  expect(diagnostics).toEqual([]);
  const used = adaptive(method, iterated, settings, { accuracy });
  const first = at(Float64Array.of(3, -2), used.first);
  if (!first.ok) throw new Error('the start failed');
  let calls = 0;
  const evaluate: Evaluate<null> = (z, _, asked) => Promise.resolve(at(z, asked, ++calls > stopAfter));
  let running = used.begin(first, box, settings);
  while (running.ended === undefined) running = await running.next(evaluate);
  return running;
}

const methods = [
  [lbfgs, {}],
  [trustRegion, {}],
  [gd, { rate: 0.2, tolerance: 1e-8, steps: 200 }],
] as const satisfies readonly (readonly [OuterMethod, Record<string, number>])[];

describe.each(methods)('$name', (method, options) => {
  it.each([1e-3, 1, 100])(
    'ends where it would with a fixed accuracy, at a point that was solved to the end; sensitivity %f',
    async (sensitivity) => {
      const problem = blurred(sensitivity);
      const { current, ended } = await drive(method, problem, options);
      expect(ended?.status).toBe('converged');
      expect(current.accuracy ?? 0).toBe(0);
      // z₀ + z₀³ = 1; the tolerance is 1e-8 times the gradient at the start, 29.
      expect(current.z[0]).toBeCloseTo(0.6823278038280193, 6);
      expect(current.z[1]).toBeCloseTo(1, 6);
      expect(problem.asked.some(({ accuracy = 0 }) => accuracy >= 1e-3)).toBe(true);
    },
  );

  it('tries to the end what fails before it', async () => {
    const { ended, current } = await drive(
      method,
      blurred(1, ({ accuracy = 0 }) => accuracy > 1e-6),
      options,
    );
    expect(ended?.status).toBe('converged');
    expect(current.z[1]).toBeCloseTo(1, 6);
  });

  it('ends where rounding lets no solve go as far as it needs', async () => {
    const { ended, current } = await drive(
      method,
      blurred(1e-3, () => false, 1e-5),
      options,
    );
    expect(ended?.status).toBe('converged');
    expect(current.accuracy ?? 0).toBe(0);
    expect(current.z[1]).toBeCloseTo(1, 6);
  });

  it('solves its last point to the end where it is interrupted', async () => {
    const problem = blurred(1);
    const { ended, current } = await drive(method, problem, options, 'adaptive', 4);
    expect(ended?.status).toBe('interrupted');
    expect(current.accuracy ?? 0).toBe(0);
    expect(problem.asked.at(-1)).toEqual({ accuracy: 0, stopped: true });
  });

  it('stops at its limit of steps with a point that was solved to the end', async () => {
    const { ended, current, step } = await drive(method, blurred(1), { ...options, steps: 2 });
    expect([ended?.status, step, current.accuracy ?? 0]).toEqual(['step-limit', 2, 0]);
  });

  it('is itself where accuracy is fixed', async () => {
    const problem = blurred(1);
    await drive(method, problem, options, 'fixed');
    expect(problem.asked.every(({ accuracy }) => accuracy === undefined)).toBe(true);
  });
});

it('steps without a tolerance are what is asked for: nothing is adapted', () => {
  const { settings } = settingsOf(gd, { rate: 0.1 }, span);
  expect(adaptive(gd, iterated, settings, {})).toBe(gd);
  const closed = { ...iterated, candidate: candidate('closed_form') };
  expect(adaptive(lbfgs, closed, settingsOf(lbfgs, {}, span).settings, {})).toBe(lbfgs);
});

describe('the schedule', () => {
  const solved = (size: number, reached: number, slack = 0): Solved => ({ gradient: Float64Array.of(size), size, reached, slack });

  it('knows nothing before it has measured', () => {
    expect(isEnough(loosest, solved(1, 1e-5), 1)).toBe(false);
    const known = measured(loosest, solved(1, 1e-2), solved(1.5, 0));
    expect(known.sensitivity).toBeCloseTo(50, 12);
    expect(isEnough(known, solved(1, 1e-3), 1)).toBe(true);
    expect(isEnough(known, solved(1e-2, 1e-3), 1)).toBe(false);
  });

  it('asks for more where the criterion does not show the change', () => {
    const known = { ...loosest, sensitivity: 1e-3 };
    expect(isEnough(known, solved(1, 1e-2, 1e-4), 1e-3)).toBe(true);
    expect(isEnough(known, solved(1, 1e-2, 1e-3), 1e-3)).toBe(false);
  });

  it('only tightens, its sum is finite, and it comes to the end', () => {
    let schedule = loosest;
    let sum = 0;
    for (let step = 0; step < 1000 && schedule.accuracy !== undefined; step += 1) {
      sum += schedule.accuracy;
      schedule = following(schedule, solved(1, 0));
    }
    expect(schedule.accuracy).toBeUndefined();
    expect(sum).toBeLessThan(0.06);
    expect(tighter(loosest).accuracy).toBeCloseTo(1e-3, 15);
    expect(better(loosest, solved(1, 1e-5)).accuracy).toBeCloseTo(1e-6, 15);
    expect(better(loosest, solved(1, 1e-5), 1e-6).accuracy).toBeCloseTo(1e-7, 15);
    expect(better(toTheEnd, solved(1, 0)).accuracy).toBeUndefined();
  });
});
