import { describe, expect, it } from 'vitest';
import { adam } from '../../runtime/outer/adam.ts';
import { gd } from '../../runtime/outer/gd.ts';
import { lbfgs } from '../../runtime/outer/lbfgs.ts';
import { type Box, type Evaluate, type Good, type OuterMethod, type Running, settingsOf, type Trial } from '../../runtime/outer/method.ts';
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

describe('lbfgs', () => {
  it.each([2, 10])('crosses Rosenbrock’s valley in %i dims', async (n) => {
    const start = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1.2 : 1));
    const { running, evaluations } = await minimise(lbfgs, rosenbrock, start, { steps: 300 });
    expect(running.ended?.status).toBe('converged');
    for (const x of running.current.z) expect(x).toBeCloseTo(1, 5);
    expect(evaluations.length).toBeLessThan(150);
  });
  it('solves an ill-conditioned quadratic far from its start', async () => {
    const { running } = await minimise(lbfgs, quadratic([1e-3, 1, 1e3], [1000, -2, 0.1]), [0, 0, 0]);
    expect(running.ended?.status).toBe('converged');
    expect(running.current.value).toBeLessThan(1e-8);
  });
  it('lengthens a first step that is far too short', async () => {
    const { running, evaluations } = await minimise(lbfgs, quadratic([1e-4], [5000]), [0], { tolerance: 1e-9 });
    expect(running.current.z[0]).toBeCloseTo(5000, 3);
    expect(evaluations.length).toBeLessThan(20);
  });
  it('finds an optimum on bounds, and lets go of a bound that does not hold it', async () => {
    // The start is on the lower bound of the second coordinate, whose optimum is inside.
    const { running } = await minimise(lbfgs, quadratic([1, 2, 3], [-3, 0.5, 9]), [1, 0, 1], {}, boxOf([0, 0, 0], [2, 2, 2]));
    expect(running.ended?.status).toBe('converged');
    expect([...running.current.z]).toEqual([0, expect.closeTo(0.5, 7), 2]);
  });
  it('crosses the valley along a bound', async () => {
    // min of Rosenbrock with a ≤ 0.5 is at (0.5, 0.25), value 0.25.
    const { running } = await minimise(lbfgs, rosenbrock, [-1.2, 1], { steps: 200 }, boxOf([-2, -2], [0.5, 2]));
    expect(running.ended?.status).toBe('converged');
    expect([...running.current.z]).toEqual([0.5, expect.closeTo(0.25, 6)]);
  });
  it('is at an optimum from the start', async () => {
    const { running, evaluations } = await minimise(lbfgs, quadratic([1], [0]), [-5], {}, boxOf([-5], [-5]));
    expect([running.ended?.status, evaluations.length]).toEqual(['converged', 1]);
  });
  it('goes around points that cannot be evaluated', async () => {
    // −log has a wall at 0.
    const barrier: Objective = (z) => {
      const [x = 0] = z;
      return x <= 0 ? undefined : { value: x - 1e-3 * Math.log(x), gradient: [1 - 1e-3 / x] };
    };
    const { running } = await minimise(lbfgs, barrier, [10]);
    expect(running.ended?.status).toBe('converged');
    expect(running.current.z[0]).toBeCloseTo(1e-3, 8);
  });
  it('stalls, and says what blocked it, where every trial fails', async () => {
    const { running } = await minimise(lbfgs, (z) => ((z[0] ?? 0) === 1 ? { value: 1, gradient: [1] } : undefined), [1]);
    expect(running.ended).toMatchObject({ status: 'stalled', blockedBy: { status: 'diverged' } });
    expect(running.current.z[0]).toBe(1);
  });
  it('ends where rounding hides the descent', async () => {
    // A tolerance that no float64 reaches: the criterion’s digits run out.
    const { running, evaluations } = await minimise(
      lbfgs,
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
    const { path } = await minimise(lbfgs, rosenbrock, [-1.2, 1]);
    for (const z of path) seen.push(rosenbrock(z)?.value ?? Number.NaN);
    for (const [i, value] of seen.entries()) if (i > 0) expect(value).toBeLessThanOrEqual((seen[i - 1] ?? 0) * (1 + 1e-12));
  });
  it('moves no coordinate farther than its limit in one step', async () => {
    const box = { ...free(1), stepLimit: Float64Array.of(0.5) };
    const { path } = await minimise(lbfgs, quadratic([1], [10]), [0], {}, box);
    for (const [i, z] of path.entries())
      if (i > 0) expect(Math.abs((z[0] ?? 0) - (path[i - 1]?.[0] ?? 0))).toBeLessThanOrEqual(0.5 + 1e-12);
    expect(path.at(-1)?.[0]).toBeCloseTo(10, 6);
  });
});
