/**
 * The stepwise solvers as recipes: each against its formulas in plain JavaScript, its derivative in every hyper against differences,
 * and both backends against each other; at the edges of their arguments; and to a tolerance.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, bilevel, distance, flat, flatAll, gradient, verify } from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

type Vector = readonly number[];
/** What a method keeps, and x, after one step from them. */
type Step = (
  x: Vector,
  kept: readonly Vector[],
  slope: (x: Vector) => Vector,
  h: Readonly<Record<string, number>>,
  t: number,
) => [Vector, Vector[]];

const zip = (f: (...x: number[]) => number, ...vectors: readonly Vector[]): Vector =>
  (vectors[0] ?? []).map((_, i) => f(...vectors.map((v) => v[i] ?? Number.NaN)));

interface Method {
  readonly name: string;
  /** The hypers that its arguments hold, with values. */
  readonly hypers: Readonly<Record<string, number>>;
  readonly call: string;
  readonly step: Step;
}

const methods: readonly Method[] = [
  {
    name: 'gd with momentum',
    hypers: { rate: 0.1, momentum: 0.6 },
    call: 'gd(rate = rate, momentum = momentum',
    step: (x, [v = []], slope, { rate = 0, momentum = 0 }) => {
      const next = zip((a, g) => momentum * a + g, v, slope(x));
      return [zip((a, b) => a - rate * b, x, next), [next]];
    },
  },
  {
    name: 'heavy_ball',
    hypers: { rate: 0.1, momentum: 0.6 },
    call: 'heavy_ball(rate = rate, momentum = momentum',
    step: (x, [v = []], slope, { rate = 0, momentum = 0 }) => {
      const next = zip((a, g) => momentum * a - rate * g, v, slope(x));
      return [zip((a, b) => a + b, x, next), [next]];
    },
  },
  {
    name: 'nesterov',
    hypers: { rate: 0.1, momentum: 0.6 },
    call: 'nesterov(rate = rate, momentum = momentum',
    step: (x, [v = []], slope, { rate = 0, momentum = 0 }) => {
      const next = zip((a, g) => momentum * a - rate * g, v, slope(zip((a, b) => a + momentum * b, x, v)));
      return [zip((a, b) => a + b, x, next), [next]];
    },
  },
  {
    name: 'adam',
    hypers: { rate: 0.2, beta1: 0.8, beta2: 0.95 },
    call: 'adam(rate = rate, beta1 = beta1, beta2 = beta2, epsilon = 1e-4',
    step: (x, [m = [], v = []], slope, { rate = 0, beta1 = 0, beta2 = 0 }, t) => {
      const g = slope(x);
      const [first, second] = [zip((a, b) => beta1 * a + (1 - beta1) * b, m, g), zip((a, b) => beta2 * a + (1 - beta2) * b * b, v, g)];
      const [c1, c2] = [1 - beta1 ** (t + 1), 1 - beta2 ** (t + 1)];
      return [zip((a, b, c) => a - (rate * b) / c1 / (Math.sqrt(c / c2) + 1e-4), x, first, second), [first, second]];
    },
  },
  {
    name: 'rmsprop',
    hypers: { rate: 0.05, beta2: 0.9, momentum: 0.5 },
    call: 'rmsprop(rate = rate, beta2 = beta2, momentum = momentum, epsilon = 1e-4',
    step: (x, [v = [], u = []], slope, { rate = 0, beta2 = 0, momentum = 0 }) => {
      const g = slope(x);
      const square = zip((a, b) => beta2 * a + (1 - beta2) * b * b, v, g);
      const next = zip((a, b, c) => momentum * a + b / (Math.sqrt(c) + 1e-4), u, g, square);
      return [zip((a, b) => a - rate * b, x, next), [square, next]];
    },
  },
];

/** h = ½ Σ c (w − 1)² + e^p/2 Σ w² + 0.05 Σ w⁴ from s·(2, −1, ½), on three params or on the first one alone. */
const page = ({ hypers, call }: Pick<Method, 'hypers' | 'call'>, more: string, size = 3): string =>
  folder.page(`
    ${Object.entries(hypers)
      .map(([name, value]) => `hyper ${name}: real = ${value}`)
      .join('\n')}
    hyper p: real = -1
    hyper s: real = 1.5
    param w: [${size}] = s * [2, -1, 0.5][0 .. ${size - 1}]
    inner minimize sum([1, 3, 0.2][0 .. ${size - 1}] * (w - 1)^2) / 2 + exp(p) / 2 * sum(w^2) + 0.05 * sum(w^4)
    outer minimize sum((w - 0.7)^2)
    solve inner with ${call}${more})`);

const slope = (x: Vector): Vector => zip((w, c) => c * (w - 1) + Math.exp(-1) * w + 0.2 * w ** 3, x, [1, 3, 0.2].slice(0, x.length));

function taken({ step, hypers }: Method, steps: number, size: number): Vector {
  let x: Vector = [3, -1.5, 0.75].slice(0, size);
  let kept: Vector[] = [x.map(() => 0), x.map(() => 0)];
  for (let t = 0; t < steps; t += 1) [x, kept] = step(x, kept, slope, hypers, t);
  return x;
}

describe.each(methods)('$name', (method) => {
  it.each([
    [0, 3],
    [1, 1],
    [15, 3],
  ])('%i steps on %i params are what its formulas say', async (steps, size) => {
    const at = page(method, `, steps = ${steps}`, size);
    const { param } = await gradient(at);
    expect(distance(flatAll(param), taken(method, steps, size))).toBeLessThan(1e-13);
  });

  it('is differentiated in every argument, the penalty and the start, alike on both backends', async () => {
    const at = page(method, ', steps = 15');
    const document = await verify(at);
    expect(document.agrees).toBe(true);
    const names = Object.keys(document.hypergradient);
    for (const name of names) expect(Math.abs(flat(document.hypergradient[name] ?? 0)[0] ?? 0), name).toBeGreaterThan(1e-6);
    const reference = await gradient(at, '--backend', 'reference');
    expect(distance(flatAll(document.hypergradient, names), flatAll(reference.hypergradient, names))).toBeLessThan(1e-12);
  });
});

describe('to a tolerance', () => {
  const at = (solver: string): string =>
    folder.page(`
      hyper p: real = -1
      param w: [3]
      inner minimize sum([1, 3, 0.2] * (w - 1)^2) / 2 + exp(p) / 2 * sum(w^2)
      outer minimize sum((w - 0.7)^2)
      solve inner with ${solver}`);

  it.each([
    'nesterov(rate = 0.2, momentum = 0.5, tolerance = 1e-9)',
    'adam(rate = 0.1, tolerance = 1e-9)',
    'rmsprop(rate = 0.01, momentum = 0.5, tolerance = 1e-9)',
  ])('%s finds the minimiser, which is then differentiated as one', async (solver) => {
    const [found, newton] = [await gradient(at(solver)), await gradient(at('newton'))];
    expect([found.status, found.strategy]).toEqual(['converged', 'implicit']);
    expect(distance(flatAll(found.param), flatAll(newton.param))).toBeLessThan(1e-7);
    expect(distance(flatAll(found.hypergradient), flatAll(newton.hypergradient))).toBeLessThan(1e-7);
  });
});

describe('schedules and numbers for each coordinate', () => {
  const recipe = (hypers: string, call: string): string =>
    folder.page(`
      dim T = 4, d = 3
      ${hypers}
      param W: [2, d] = 1.5
      param v: [d] = -1
      inner minimize sum([[1, 3, 0.2], [0.5, 1, 2]] * (W - 1)^2) / 2 + sum(v^4) + sum(W @ v)^2
      outer minimize sum((W - 0.7)^2) + sum(v)
      solve inner with ${call}`);
  const names = ['eta', 'mu'];

  it.each([
    ['gd(rate = eta, momentum = mu, steps = T)', 'gd(rate = eta[step], momentum = mu[step], steps = T)'],
    ['nesterov(rate = eta, momentum = mu, steps = 4)', 'nesterov(rate = eta[step], momentum = mu[step], steps = 4)'],
    [
      'adam(rate = eta, beta1 = mu, beta2 = 0.9, epsilon = 1e-3, steps = T)',
      'adam(rate = eta[step], beta1 = mu[step], beta2 = 0.9, epsilon = 1e-3, steps = T)',
    ],
  ])('%s takes a number for each step', async (call, spelt) => {
    const hypers = 'hyper eta: nonnegative[T] = [0.1, 0.05, 0.2, 0]\nhyper mu: real[T] = [0.3, 0.5, 0.1, 0.4]';
    const [document, other] = [await verify(recipe(hypers, call)), await gradient(recipe(hypers, spelt))];
    expect(document.agrees).toBe(true);
    expect(distance(flatAll(document.hypergradient, names), flatAll(other.hypergradient, names))).toBeLessThan(1e-15);
    expect(flat(document.hypergradient['eta'] ?? []).every((x) => Math.abs(x) > 1e-6)).toBe(true);
  });

  it.each([
    'gd(rate = eta, momentum = mu, steps = T)',
    'adam(rate = eta, beta1 = mu, epsilon = 0.1, steps = T)',
    'rmsprop(rate = eta, momentum = mu, epsilon = 0.1, steps = T)',
  ])('%s takes a number for each coordinate, the same for each param', async (call) => {
    const hypers = 'hyper eta: nonnegative[d] = [0.1, 0.05, 0.2]\nhyper mu: real[d] = [0.3, 0.5, 0.1]';
    const document = await verify(recipe(hypers, call));
    expect(document.agrees).toBe(true);
    const reference = await gradient(recipe(hypers, call), '--backend', 'reference');
    expect(distance(flatAll(document.hypergradient, names), flatAll(reference.hypergradient, names))).toBeLessThan(1e-12);
    // All alike, they are one number.
    const alike = recipe('hyper eta: nonnegative[d] = 0.1\nhyper mu: real[d] = 0.2', call);
    const one = recipe('hyper eta: nonnegative = 0.1\nhyper mu: real = 0.2', call);
    const [spread, single] = [await gradient(alike), await gradient(one)];
    expect(distance(flatAll(spread.param), flatAll(single.param))).toBeLessThan(1e-15);
    const sums = names.map((name) => flat(spread.hypergradient[name] ?? []).reduce((a, b) => a + b, 0));
    expect(distance(sums, flatAll(single.hypergradient, names))).toBeLessThan(1e-13);
  });

  it('a preconditioner serves a solver that goes to a tolerance, too', async () => {
    const at = folder.page(`
      hyper a: positive = 1
      param w: [2]
      inner minimize sum([1, 1000] * (w - 1)^2) / 2 + a * sum(w)
      outer minimize sum(w^2)
      solve inner with gd(rate = [0.5, 0.0005], tolerance = 1e-10)`);
    const { status, inner, param } = await gradient(at);
    expect([status, inner.steps < 100]).toEqual(['converged', true]);
    expect(distance(flatAll(param), [0, 0.999])).toBeLessThan(1e-9);
  });
});

describe('at the edges', () => {
  const recipe = (hypers: string, call: string, loss = '(w - 1)^2', size = '[]'): string =>
    folder.page(`
      ${hypers}
      param w: ${size}
      inner minimize sum(${loss}) + 0 * rate
      outer minimize sum((w - 3)^2)
      solve inner with ${call}`);

  it.each([1, 2, 5])('decay rates of 0 after %i steps: Adam is the sign of the gradient, and its derivative finite', async (steps) => {
    const at = recipe(
      'hyper rate: real = 0.1\nhyper beta1: real = 0\nhyper beta2: real = 0',
      `adam(rate = rate, beta1 = beta1, beta2 = beta2, steps = ${steps})`,
    );
    const { param, hypergradient, outer } = await gradient(at);
    expect(param['w']).toBeCloseTo(0.1 * steps, 7);
    // dw/dβ₁ and dw/dβ₂ by differences from the right: nothing lies to the left of 0.
    const h = 1e-6;
    for (const name of ['beta1', 'beta2']) {
      const moved = await gradient(at, '--set', `${name}=${h}`);
      expect(Math.abs((moved.outer - outer) / h - Number(hypergradient[name])), name).toBeLessThan(1e-4);
    }
  });

  it.each([
    ['adam', 'adam(rate = rate, beta1 = beta, beta2 = beta, steps = 4)'],
    ['rmsprop', 'rmsprop(rate = rate, beta2 = beta, momentum = beta, steps = 4)'],
  ])('%s: a coordinate whose gradient is always 0 stays, and contributes nothing', async (_, call) => {
    const still = recipe('hyper rate: real = 0.1\nhyper beta: real = 0.5', call, '[1, 0] * (w - 1)^2', '[2]');
    const alone = recipe('hyper rate: real = 0.1\nhyper beta: real = 0.5', call, '[1] * (w - 1)^2', '[1]');
    const [two, one] = [await verify(still), await verify(alone)];
    expect(flat(two.param['w'] ?? [])).toEqual([...flat(one.param['w'] ?? []), 0]);
    expect(distance(flatAll(two.hypergradient, ['rate', 'beta']), flatAll(one.hypergradient, ['rate', 'beta']))).toBeLessThan(1e-15);
    expect(two.agrees).toBe(true);
  });

  it('adam: where the gradient begins at 0 and a hyper moves it, the derivative is that of g / (|g| + ε)', async () => {
    // One step from w = c at g = 2 (w − c): w₁ = w₀ − η g / (|g| + ε), so dw₁/dc = 2 η / ε at g = 0.
    const at = folder.page(`
      hyper c: real = 1
      param w: [] = 1
      inner minimize (w - c)^2
      outer minimize w
      solve inner with adam(rate = 0.1, epsilon = 0.5, steps = 1)`);
    const { hypergradient } = await gradient(at);
    expect(hypergradient['c']).toBeCloseTo((2 * 0.1) / 0.5, 14);
  });

  it.each(['adam(rate = 0.1, beta1 = 1, steps = 2)', 'rmsprop(rate = 0.1, beta2 = 1.5, steps = 2)'])(
    '%s: a decay rate of 1 or more is refused',
    async (call) => {
      const { stdout } = await bilevel(['check', recipe('hyper rate: real = 0.1', call), '--json']);
      expect(stdout).toMatch(/BL3011/u);
    },
  );
});
