/** Composite problems with answers that are known by hand, and the places where they have none. */
import { afterAll, describe, expect, it } from 'vitest';
import {
  Folder,
  bilevel,
  distance,
  failing,
  flatAll,
  gradient,
  json,
  solve,
  verify,
  type FailureDocument,
  type GradientDocument,
  type VerifyDocument,
} from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const warningsOf = (page: string): Promise<GradientDocument & FailureDocument> => json('gradient', folder.page(page));

describe('one param', () => {
  // (w − 2)² + a|w| is least at w = 2 − a/2 while a < 4, and at 0 beyond.
  const page = (a: number): string => `
    hyper a: positive = ${a}
    hyper c: real = 1
    param w: []
    inner minimize (w - 2)^2 + a * abs(w)
    outer minimize (w - 1)^2 + c^2 * a`;

  it('away from 0', async () => {
    const { param, hypergradient, inner } = await gradient(folder.page(page(0.5)));
    expect(param['w']).toBeCloseTo(1.75, 14);
    expect(hypergradient['a']).toBeCloseTo(-0.75 + 1, 12);
    expect(inner.gradient_norm).toBeLessThanOrEqual(1e-12);
  });
  it('at 0 the direct term is left', async () => {
    const { param, hypergradient, error } = await gradient(folder.page(page(5)));
    expect(param['w']).toBe(0);
    expect(hypergradient).toEqual({ a: 1, c: 10 });
    expect(error.estimate).toBeLessThanOrEqual(1e-12);
  });
  it('where it arrives at 0 a warning says so, with its name', async () => {
    const { param, diagnostics } = await warningsOf(page(4));
    expect(param['w']).toBeCloseTo(0, 12);
    expect(diagnostics.map((d) => [d.code, d.message.includes('`w`')])).toEqual([['BL8020', true]]);
  });
});

describe('bounds', () => {
  it('a multiplier of 0 is told, with its coordinate', async () => {
    const { diagnostics } = await warningsOf(`
      hyper a: real = 0
      param w: nonnegative[2]
      inner minimize sum((w - [2, a])^2)
      outer minimize sum((w - 1)^2)`);
    expect(diagnostics.map((d) => d.code)).toEqual(['BL8020']);
    expect(diagnostics[0]?.message).toContain('`w[1]`');
  });
  it('all coordinates held: nothing moves', async () => {
    const { param, hypergradient } = await gradient(
      folder.page(`
        hyper a: real = 3
        param w: real[2] in [-1, 2]
        inner minimize sum((w - [a, -2])^2)
        outer minimize sum((w - 1)^2)`),
    );
    expect(param['w']).toEqual([2, -1]);
    expect(hypergradient['a']).toBeCloseTo(0, 14);
  });
  it('a face of the simplex', async () => {
    // The projection of (a, 0.8, −1) on the simplex: w = ((a + 0.2) / 2, (1.8 − a) / 2, 0).
    const { param, hypergradient } = await gradient(
      folder.page(`
        hyper a: real = 0.5
        param w: simplex[3]
        inner minimize sum((w - [a, 0.8, -1])^2)
        outer minimize sum([1, 2, 3] * w)`),
    );
    (param['w'] as readonly number[]).forEach((x, i) => expect(x).toBeCloseTo([0.35, 0.65, 0][i] ?? NaN, 14));
    expect(hypergradient['a']).toBeCloseTo(0.5 - 1, 12);
  });
});

it('a group that is out takes no part, one that is in has its curvature', async () => {
  // Of row (3, 4), norm 5: (1 − a/10)·row; row (0.1, 0.1) is out. d/da of Σ w is −7/10.
  const { param, hypergradient } = await gradient(
    folder.page(`
      hyper a: positive = 1
      param w: [2, 2]
      inner minimize sum((w - [[3, 4], [0.1, 0.1]])^2) + a * sum(norm(w, axis = 1))
      outer minimize sum(w)`),
  );
  expect((param['w'] as readonly (readonly number[])[])[1]).toEqual([0, 0]);
  expect((param['w'] as readonly (readonly number[])[])[0]?.[1]).toBeCloseTo(3.6, 13);
  expect(hypergradient['a']).toBeCloseTo(-0.7, 12);
});

it('sparse groups: coordinates shrink first, then their group', async () => {
  // Row (3, 4, 0.1) with c = 0.6: soft-thresholded at 0.3 it is (2.7, 3.7, 0); then shrunk by a/2. Row (0.4, 0.1, 0.2) is out.
  const page = folder.page(`
    hyper a: positive = 1
    hyper c: positive = 0.6
    param w: [2, 3]
    inner minimize sum((w - [[3, 4, 0.1], [0.4, 0.1, 0.2]])^2) + c * sum(abs(w)) + a * sum([norm(w[j]) for j in 2])
    outer minimize sum([1, 2, 3] * w)`);
  const { param, agrees, hypergradient } = await verify(page);
  const size = Math.hypot(2.7, 3.7);
  const [row = [], out] = param['w'] as readonly (readonly number[])[];
  row.forEach((x, i) => expect(x).toBeCloseTo(([2.7, 3.7, 0][i] ?? NaN) * (1 - 0.5 / size), 13));
  expect(out).toEqual([0, 0, 0]);
  expect(hypergradient['a']).toBeCloseTo(-(2.7 + 2 * 3.7) / (2 * size), 11);
  expect(agrees).toBe(true);
});

it('the weight of a group at which it enters is told', async () => {
  // ‖(0.5, 0.5)‖ is left of (0.7, 0.7) after the soft threshold 0.2: the group enters where a/2 is that.
  const { diagnostics } = await warningsOf(`
    hyper a: positive = ${2 * Math.hypot(0.5, 0.5)}
    param w: [1, 2]
    inner minimize sum((w - 0.7)^2) + 0.4 * sum(abs(w)) + a * sum(norm(w, axis = 1))
    outer minimize sum((w - 1)^2)`);
  expect(diagnostics.map((d) => d.code)).toEqual(['BL8020']);
});

it.each([
  ['a kink', 'hyper a: positive = 4', '(w - 2)^2 + a * abs(w)'],
  ['a bound', 'hyper a: real = 0', '(w - a)^2', ': nonnegative'],
])('at %s differences prove nothing, and are not held against it', async (_, hyper, loss, kind = ': []') => {
  const {
    agrees,
    verify: rows,
    diagnostics,
  } = await json<VerifyDocument & FailureDocument>(
    'gradient',
    folder.page(`
      ${hyper}
      param w${kind}
      inner minimize ${loss}
      outer minimize (w - 1)^2`),
    '--verify',
  );
  expect([agrees, diagnostics.map((d) => d.code)]).toEqual([true, ['BL8020']]);
  const differences = rows.filter((row) => row.strategy === 'finite_difference' && row.hypergradient !== undefined);
  expect(differences).not.toEqual([]);
  for (const { agrees: judged, because } of differences) expect([judged, because]).toEqual([undefined, expect.stringContaining('kink')]);
});

it('a start outside of the set of its param is told, where it depends on a hyper', async () => {
  const page = (s: number): string => `
    hyper s: real = ${s}
    param w: nonnegative[2] = [s, 1]
    inner minimize sum((w - 1)^2)
    outer minimize sum((w - 0.4)^2)
    solve inner with proximal_gradient(rate = 0.1, steps = 3)`;
  const outside = await warningsOf(page(-0.5));
  expect(outside.diagnostics.map((d) => [d.code, d.message.includes('`w[0]`')])).toEqual([['BL8021', true]]);
  expect(outside.diagnostics[0]?.message).toContain('by 0.5 ');
  expect(outside.hypergradient['s']).toBe(0);
  expect((await warningsOf(page(0.5))).diagnostics).toEqual([]);
});

// Whatever the spelling, a minimiser on a kink that is not solved for is an error, and no number.
it.each([
  'sum(w * sign(w))',
  'sum(if w > 0 then w else -w)',
  'sum(relu(w) + relu(-w))',
  'sum(-minimum(w, -w))',
  'max(abs(w))',
  'abs(abs(w[0]) - 0.3)',
  'sum(log(1 + abs(w)))',
  'sum(abs(w))^2 + exp(sum(abs(w)))',
  'mean(maximum(1 - w, 0)) + maximum(w[0], w[1])',
])('50 times %s', async (penalty) => {
  const { hypergradient, diagnostics } = await failing(
    4,
    'gradient',
    folder.page(`
      hyper a: positive = 50
      param w: [2]
      inner minimize sum((w - [1, 0.7])^2) + a * (${penalty})
      outer minimize sum(w)`),
  );
  expect([hypergradient, diagnostics.map((d) => d.code)]).toEqual([undefined, ['BL8014']]);
});

it('two columns that are the same in the support have no derivative', async () => {
  const page = folder.page(`
    hyper a: positive = 0.1
    param w: [3] = [0.2, 0.1, 0]
    inner minimize mean(([[1, 1, 0.3], [0.2, 0.2, -1], [1, 1, -2]] @ w - [1, 2, 0.5])^2) + a * sum(abs(w))
    outer minimize sum((w - [1, 0, 0.5])^2)`);
  const { status, diagnostics } = await failing(4, 'gradient', page);
  expect(status).toBe('not-positive-definite');
  expect(diagnostics[0]?.message).toContain('on the support');
});

it('many steps of a recipe lead to the minimiser', async () => {
  const page = (method: string): string =>
    folder.page(`
      hyper a: positive = 0.1
      param w: [4] = [0.1, 0.2, -0.3, 0.4]
      inner minimize mean(([[1, 2, 0.3, 1], [0.2, 1, 0, -1], [1, 0.1, -2, 0.3]] @ w - [1, 2, 0.5])^2) + a * sum(abs(w))
      outer minimize sum((w - [1, 0, 0.5, 0.2])^2)
      solve inner with ${method}`);
  const steps = await gradient(page('fista(rate = 0.1, steps = 600)'));
  const minimiser = await gradient(page('fista(tolerance = 1e-12)'));
  expect([steps.strategy, minimiser.strategy]).toEqual(['unrolled', 'implicit']);
  expect(distance(flatAll(steps.param), flatAll(minimiser.param))).toBeLessThanOrEqual(1e-9);
  expect(steps.hypergradient['a']).toBeCloseTo(minimiser.hypergradient['a'] as number, 8);
});

it('too long a step diverges, and says so', async () => {
  const page = folder.page(`
    hyper a: positive = 0.1
    param w: [2] = [1, 2]
    inner minimize sum((w - [1, 3])^2) + a * sum(abs(w))
    outer minimize sum(w^2)
    solve inner with proximal_gradient(rate = 3, tolerance = 1e-9)`);
  expect((await failing(4, 'gradient', page)).status).toBe('diverged');
});

it('run, plan and float32', async () => {
  const page = folder.page(`
    hyper a: positive = 0.5
    param w: [3]
    inner minimize sum((w - [1, 2, 0.1])^2) + a * sum(abs(w))
    outer minimize sum((w - [0.8, 1.8, 0])^2)`);
  const solved = await solve(page);
  expect(solved.hyper['a']).toBeCloseTo(0.4, 6);
  const single = await gradient(page, '--precision', 'f32');
  expect(single.hypergradient['a']).toBeCloseTo(-0.5 * (1 - 0.25 - 0.8 + 2 - 0.25 - 1.8) * 2, 4);
  expect((await bilevel(['plan', page])).stdout).toContain('l1 on `w`, weighted by `a`; differentiated on the support');
});
