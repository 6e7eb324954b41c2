import { describe, expect, it } from 'vitest';
import * as language from '../../compiler/check/methods.ts';
import * as api from '../../runtime/api.ts';
import { adam } from '../../runtime/outer/adam.ts';
import { gd, sgd } from '../../runtime/outer/gd.ts';
import { heavyBall } from '../../runtime/outer/heavy-ball.ts';
import { lbfgs } from '../../runtime/outer/lbfgs.ts';
import { type Box, type Evaluate, type Good, type OuterMethod, type Running, settingsOf, type Trial } from '../../runtime/outer/method.ts';
import { outerMethods } from '../../runtime/outer/methods.ts';
import { nesterov } from '../../runtime/outer/nesterov.ts';
import { rmsprop } from '../../runtime/outer/rmsprop.ts';
import { trustRegion } from '../../runtime/outer/trust-region.ts';
import { span } from './modules.ts';

type Objective = (z: Float64Array) => { readonly value: number; readonly gradient: readonly number[] } | undefined;

const boxOf = (lower: readonly number[], upper: readonly number[]): Box => ({
  lower: Float64Array.from(lower),
  upper: Float64Array.from(upper),
  stepLimit: Float64Array.from(lower, () => Number.POSITIVE_INFINITY),
});
const free = (n: number): Box => boxOf(Array(n).fill(-Infinity) as number[], Array(n).fill(Infinity) as number[]);

async function minimise(
  method: OuterMethod,
  objective: Objective,
  start: readonly number[],
  options: Record<string, number | boolean> = {},
  box = free(start.length),
): Promise<{ running: Running<null>; evaluations: Float64Array[]; path: Float64Array[] }> {
  const { settings, diagnostics } = settingsOf(method, options, span);
  expect(diagnostics).toEqual([]);
  const evaluations: Float64Array[] = [];
  const at = (z: Float64Array): Trial<null> => {
    evaluations.push(z);
    for (const [i, x] of z.entries()) {
      expect(x).toBeGreaterThanOrEqual(box.lower[i] ?? 0);
      expect(x).toBeLessThanOrEqual(box.upper[i] ?? 0);
    }
    const answer = objective(z);
    if (answer === undefined) return { ok: false, status: 'diverged', diagnostics: [] };
    return { ok: true, z, value: answer.value, gradient: Float64Array.from(answer.gradient), payload: null };
  };
  const first = at(Float64Array.from(start));
  if (!first.ok) throw new Error('the start failed');
  const evaluate: Evaluate<null> = (z) => Promise.resolve(at(z));
  let running = method.begin<null>(first satisfies Good<null>, box, settings);
  const path = [running.current.z];
  while (running.ended === undefined) {
    running = await running.next(evaluate);
    path.push(running.current.z);
  }
  return { running, evaluations, path };
}

const quadratic =
  (scales: readonly number[], centre: readonly number[]): Objective =>
  (z) => ({
    value: z.reduce((sum, x, i) => sum + 0.5 * (scales[i] ?? 1) * (x - (centre[i] ?? 0)) ** 2, 0),
    gradient: [...z].map((x, i) => (scales[i] ?? 1) * (x - (centre[i] ?? 0))),
  });

const rosenbrock: Objective = (z) => {
  const n = z.length;
  let value = 0;
  const gradient = Array<number>(n).fill(0);
  for (let i = 0; i + 1 < n; i += 1) {
    const [a = 0, b = 0] = z.slice(i, i + 2);
    value += (1 - a) ** 2 + 100 * (b - a * a) ** 2;
    gradient[i] = (gradient[i] ?? 0) - 2 * (1 - a) - 400 * a * (b - a * a);
    gradient[i + 1] = (gradient[i + 1] ?? 0) + 200 * (b - a * a);
  }
  return { value, gradient };
};

describe('gd', () => {
  const step: Objective = quadratic([2], [0]);
  it('is z − ηg without momentum', async () => {
    const { path, running } = await minimise(gd, step, [1], { rate: 0.1, steps: 3 });
    expect(path.map((z) => z[0])).toEqual([1, 0.8, 0.64, 0.512].map((x) => expect.closeTo(x, 14) as number));
    expect(running.ended?.status).toBe('step-limit');
  });
  it('keeps a velocity as PyTorch does', async () => {
    // v1 = 2, z1 = 0.8; v2 = 0.5·2 + 1.6 = 2.6, z2 = 0.54
    const { path } = await minimise(gd, step, [1], { rate: 0.1, momentum: 0.5, steps: 2 });
    expect(path.at(-1)?.[0]).toBeCloseTo(0.54, 14);
    // Nesterov: z1 = 1 − 0.1(2 + 0.5·2) = 0.7; v2 = 1 + 1.4 = 2.4, z2 = 0.7 − 0.1(1.4 + 1.2) = 0.44
    const nesterov = await minimise(gd, step, [1], { rate: 0.1, momentum: 0.5, nesterov: true, steps: 2 });
    expect(nesterov.path.at(-1)?.[0]).toBeCloseTo(0.44, 14);
  });
  it('stays in the box, and knows an optimum on its bound', async () => {
    const { running } = await minimise(
      gd,
      quadratic([1, 1], [-3, 0.5]),
      [1, 1],
      { rate: 0.5, steps: 200, tolerance: 1e-9 },
      boxOf([0, 0], [2, 2]),
    );
    expect(running.ended?.status).toBe('converged');
    expect(running.current.z[0]).toBe(0);
    expect(running.current.z[1]).toBeCloseTo(0.5, 8);
  });
  it('no step is no evaluation', async () => {
    const { evaluations, running } = await minimise(gd, step, [1], { rate: 0.1, steps: 0 });
    expect([evaluations.length, running.step]).toEqual([1, 0]);
  });
  it('ends with the failure of a point, at the last good one', async () => {
    const { running } = await minimise(gd, (z) => ((z[0] ?? 0) < 0.7 ? undefined : step(z)), [1], { rate: 0.1, steps: 10 });
    expect(running.ended).toMatchObject({ status: 'diverged', failure: { ok: false } });
    expect(running.current.z[0]).toBeCloseTo(0.8, 14);
  });
});

describe('adam', () => {
  it('takes the published steps', async () => {
    // g = 2z. Step 1 is rate·g/(|g| + ε). Step 2 computed by the formulas, by hand.
    const { path } = await minimise(adam, quadratic([2], [0]), [1], { rate: 0.1, steps: 2 });
    expect(path[1]?.[0]).toBeCloseTo(0.9, 9);
    const [m, v] = [0.1 * 0.9 * 2 + 0.1 * 1.8, 0.001 * 0.999 * 4 + 0.001 * 1.8 ** 2];
    const expected = 0.9 - (0.1 * (m / (1 - 0.81))) / (Math.sqrt(v / (1 - 0.999 ** 2)) + 1e-8);
    expect(path[2]?.[0]).toBeCloseTo(expected, 8);
  });
  it('finds an optimum on a bound', async () => {
    const { running } = await minimise(adam, quadratic([1], [-3]), [1], { steps: 100, tolerance: 1e-12 }, boxOf([0], [2]));
    expect([running.ended?.status, running.current.z[0]]).toEqual(['converged', 0]);
  });
});

describe('the other first-order methods', () => {
  const valley = quadratic([2, 5], [0, 1]);
  it.each([
    [sgd, { momentum: 0.5 }, { momentum: 0.5 }],
    [heavyBall, { momentum: 0.5 }, { momentum: 0.5 }],
    [heavyBall, {}, { momentum: 0.9 }],
    [nesterov, { momentum: 0.5 }, { momentum: 0.5, nesterov: true }],
    [nesterov, {}, { momentum: 0.9, nesterov: true }],
  ])('$name takes the steps of gd with its momentum', async (method, own, as) => {
    const found = await minimise(method, valley, [1, -1], { rate: 0.05, steps: 7, ...own });
    const expected = await minimise(gd, valley, [1, -1], { rate: 0.05, steps: 7, ...as });
    expect(found.path.map((z) => [...z])).toEqual(expected.path.map((z) => [...z]));
  });
  it('rmsprop takes the steps of its formulas', async () => {
    // g = 2z: v₁ = 0.1·4, u₁ = 2/(√0.4 + 0.01), z₁ = 1 − 0.1u₁; then once more.
    const { path } = await minimise(rmsprop, quadratic([2], [0]), [1], { beta2: 0.9, momentum: 0.5, epsilon: 0.01, steps: 2 });
    const u1 = 2 / (Math.sqrt(0.4) + 0.01);
    const z1 = 1 - 0.1 * u1;
    const u2 = 0.5 * u1 + (2 * z1) / (Math.sqrt(0.36 + 0.1 * (2 * z1) ** 2) + 0.01);
    expect(path.map((z) => z[0])).toEqual([1, z1, z1 - 0.1 * u2].map((x) => expect.closeTo(x, 13) as number));
  });
  it('rmsprop leaves a coordinate without a slope where it is', async () => {
    const { running } = await minimise(rmsprop, quadratic([1, 0], [0, 0]), [1, 3], { steps: 5 });
    expect(running.current.z[1]).toBe(3);
  });
});

/** What both quasi-Newton methods must do. */
describe.each([lbfgs, trustRegion])('$name', (method) => {
  it.each([2, 10])('crosses Rosenbrock’s valley in %i dims', async (n) => {
    const start = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1.2 : 1));
    const { running, evaluations } = await minimise(method, rosenbrock, start, { steps: 300 });
    expect(running.ended?.status).toBe('converged');
    for (const x of running.current.z) expect(x).toBeCloseTo(1, 5);
    expect(evaluations.length).toBeLessThan(150);
  });
  it('solves an ill-conditioned quadratic far from its start', async () => {
    const { running } = await minimise(method, quadratic([1e-3, 1, 1e3], [1000, -2, 0.1]), [0, 0, 0]);
    expect(running.ended?.status).toBe('converged');
    expect(running.current.value).toBeLessThan(1e-8);
  });
  it('lengthens a first step that is far too short', async () => {
    const { running, evaluations } = await minimise(method, quadratic([1e-4], [5000]), [0], { tolerance: 1e-9 });
    expect(running.current.z[0]).toBeCloseTo(5000, 3);
    expect(evaluations.length).toBeLessThan(20);
  });
  it('finds an optimum on bounds, and lets go of a bound that does not hold it', async () => {
    // The start is on the lower bound of the second coordinate, whose optimum is inside.
    const { running } = await minimise(method, quadratic([1, 2, 3], [-3, 0.5, 9]), [1, 0, 1], {}, boxOf([0, 0, 0], [2, 2, 2]));
    expect(running.ended?.status).toBe('converged');
    expect([...running.current.z]).toEqual([0, expect.closeTo(0.5, 7), 2]);
  });
  it('crosses the valley along a bound', async () => {
    // min of Rosenbrock with a ≤ 0.5 is at (0.5, 0.25), value 0.25.
    const { running } = await minimise(method, rosenbrock, [-1.2, 1], { steps: 200 }, boxOf([-2, -2], [0.5, 2]));
    expect(running.ended?.status).toBe('converged');
    expect([...running.current.z]).toEqual([0.5, expect.closeTo(0.25, 6)]);
  });
  it('is at an optimum from the start', async () => {
    const { running, evaluations } = await minimise(method, quadratic([1], [0]), [-5], {}, boxOf([-5], [-5]));
    expect([running.ended?.status, evaluations.length]).toEqual(['converged', 1]);
  });
  it('goes around points that cannot be evaluated', async () => {
    // −log has a wall at 0.
    const barrier: Objective = (z) => {
      const [x = 0] = z;
      return x <= 0 ? undefined : { value: x - 1e-3 * Math.log(x), gradient: [1 - 1e-3 / x] };
    };
    const { running } = await minimise(method, barrier, [10]);
    expect(running.ended?.status).toBe('converged');
    expect(running.current.z[0]).toBeCloseTo(1e-3, 8);
  });
  it('stalls, and says what blocked it, where every trial fails', async () => {
    const { running } = await minimise(method, (z) => ((z[0] ?? 0) === 1 ? { value: 1, gradient: [1] } : undefined), [1]);
    expect(running.ended).toMatchObject({ status: 'stalled', blockedBy: { status: 'diverged' } });
    expect(running.current.z[0]).toBe(1);
  });
  it('ends where rounding hides the descent', async () => {
    // A tolerance that no float64 reaches: the criterion’s digits run out.
    const { running, evaluations } = await minimise(
      method,
      (z) => {
        const [x = 0] = z;
        return { value: 1e6 + (x - 1 / 3) ** 2, gradient: [2 * (x - 1 / 3) + 1e-7] };
      },
      [3],
      { tolerance: 1e-14 },
    );
    expect(['stalled', 'converged']).toContain(running.ended?.status);
    expect(evaluations.length).toBeLessThan(300);
    expect(running.current.z[0]).toBeCloseTo(1 / 3, 2);
  });
  it('never accepts a higher criterion', async () => {
    const seen: number[] = [];
    const { path } = await minimise(method, rosenbrock, [-1.2, 1]);
    for (const z of path) seen.push(rosenbrock(z)?.value ?? Number.NaN);
    for (const [i, value] of seen.entries()) if (i > 0) expect(value).toBeLessThanOrEqual((seen[i - 1] ?? 0) * (1 + 1e-12));
  });
  it('moves no coordinate farther than its limit in one step', async () => {
    const box = { ...free(1), stepLimit: Float64Array.of(0.5) };
    const { path } = await minimise(method, quadratic([1], [10]), [0], {}, box);
    for (const [i, z] of path.entries())
      if (i > 0) expect(Math.abs((z[0] ?? 0) - (path[i - 1]?.[0] ?? 0))).toBeLessThanOrEqual(0.5 + 1e-12);
    expect(path.at(-1)?.[0]).toBeCloseTo(10, 6);
  });
});

describe('trust_region', () => {
  it('follows negative curvature away from a saddle', async () => {
    // x⁴/4 − x²/2 + y²: a saddle at 0, minima at ±1.
    const saddle: Objective = (z) => {
      const [x = 0, y = 0] = z;
      return { value: x ** 4 / 4 - x ** 2 / 2 + y ** 2, gradient: [x ** 3 - x, 2 * y] };
    };
    const { running } = await minimise(trustRegion, saddle, [1e-3, 1]);
    expect(running.ended?.status).toBe('converged');
    expect([...running.current.z]).toEqual([expect.closeTo(1, 7), expect.closeTo(0, 7)]);
  });
  it('solves a quadratic in about as many steps as it has directions', async () => {
    const { running } = await minimise(trustRegion, quadratic([1, 3, 10, 40], [0.3, -0.2, 0.1, 0.2]), [0, 0, 0, 0], { tolerance: 1e-10 });
    expect(running.ended?.status).toBe('converged');
    expect(running.step).toBeLessThanOrEqual(10);
  });
});

describe('what the language knows of outer solvers', () => {
  const run = Object.entries(language.outerMethods).filter(([, { refused }]) => refused === undefined);
  it('is what there is, and what a module can import by its name', () => {
    const names = outerMethods.map(({ name }) => name).sort();
    expect(run.map(([name]) => name).sort()).toEqual(names);
    for (const method of outerMethods) expect((api as Readonly<Record<string, unknown>>)[method.name]).toBe(method);
  });
  it.each(run)('%s has the same options', (name, { options }) => {
    const own = outerMethods.find((m) => m.name === name)?.options.map((o) => o.name) ?? [];
    const known = Object.keys(options).filter((option) => options[option]?.refused === undefined);
    expect(known.sort()).toEqual([...own, 'starts'].sort());
  });
  it.each(run)('%s begins them alike', (name, { defaults }) => {
    const { settings } = settingsOf(outerMethods.find((m) => m.name === name) ?? lbfgs, { rate: 0.5 }, span);
    // What the page gave, and a tolerance, which the precision decides.
    const { tolerance, ...others } = settings;
    expect(tolerance).toBeDefined();
    expect({ rate: 0.5, ...defaults, ...('rate' in others ? { rate: 0.5 } : {}) }).toEqual({ rate: 0.5, ...others });
  });
});
