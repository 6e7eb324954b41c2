/**
 * Traps of differentiation: terms that are dropped, second derivatives that are wrong, branches not taken that poison the one that
 * is, powers at zero, and values that are not numbers passed off as zero. Each page has a derivative that is known by hand, or is
 * compared with differences of the criterion that the test takes itself.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, distance, failing, flatAll, gradient, uniforms, verify } from '../helpers/cli.ts';
import type { Numbers } from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

describe('the direct derivative of the criterion is kept', () => {
  it('beside the one through the params', async () => {
    // w* = a · b, F = w a + b².
    const { hypergradient } = await gradient(
      folder.page(`
        hyper a: real = 2.0
        hyper b: real = 3.0
        param w: []
        inner minimize (w - a * b)^2
        outer minimize w * a + b^2`),
    );
    expect(hypergradient['a']).toBeCloseTo(12, 12);
    expect(hypergradient['b']).toBeCloseTo(10, 12);
  });

  it('where it is all there is', async () => {
    const { hypergradient } = await gradient(
      folder.page(`
        hyper a: real[2] = [1, 2]
        param w: [2]
        inner minimize sum((w - 1)^2)
        outer minimize sum(w) + sum(a^3)`),
    );
    expect(distance(flatAll(hypergradient), [3, 12])).toBeLessThan(1e-13);
  });

  it('where it cancels the one through the params', async () => {
    const { hypergradient } = await gradient(
      folder.page(`
        hyper a: real = 0.3
        param w: []
        inner minimize (w - sin(a))^2
        outer minimize (w - sin(a))^2 + w - sin(a)`),
    );
    expect(Math.abs(flatAll(hypergradient)[0] ?? Number.NaN)).toBeLessThan(1e-14);
  });
});

describe('second derivatives of cross-entropies', () => {
  const seed = 5;
  const random = uniforms(seed);
  const n = 8;
  folder.csv(
    'X.csv',
    Array.from({ length: n }, () => [random(), random(), random()]),
  );
  folder.csv(
    'signs.csv',
    Array.from({ length: n }, () => (random() > 0 ? 1 : -1)),
  );
  folder.csv(
    'classes.csv',
    Array.from({ length: n }, (_, i) => i % 3),
  );

  const data = `
    dim n, d
    data X: [n, d] from "X.csv"
    data s: [n] from "signs.csv"
    data y: int[n] in [0, 2] from "classes.csv"
    hyper trust: unit[n] = [0.2 + 0.6 * t / n for t in n]
    hyper alpha: real = -2`;
  const binary = 'param w: [d]\nparam b: []\nlet z = X @ w + b';
  const multi = 'param W: [3, d]\nlet Z = X @ W.T';

  // The rows' weights make every entry of ∇²_xθ and of ∇²_xx count.
  it.each([
    ['softplus of a margin', binary, 'softplus(-s * z)', 'w'],
    ['log of sigmoid', binary, '-log(sigmoid(s * z))', 'w'],
    ['log1p of exp', binary, 'log1p(exp(-s * z))', 'w'],
    ['sigmoid and log, both sides', binary, '-(1 + s) / 2 * log(sigmoid(z)) - (1 - s) / 2 * log(1 - sigmoid(z))', 'w'],
    ['tanh', binary, '(tanh(z) - s)^2 / 4 + softplus(-s * z)', 'w'],
    ['logsumexp', multi, 'logsumexp(Z, axis = 1) - sum(one_hot(y, 3) * Z, axis = 1)', 'W'],
    ['log_softmax', multi, '-sum(one_hot(y, 3) * log_softmax(Z, axis = 1), axis = 1)', 'W'],
    ['log of softmax', multi, '-sum(one_hot(y, 3) * log(softmax(Z, axis = 1)), axis = 1)', 'W'],
    [
      'softmax itself',
      multi,
      'sum((softmax(Z, axis = 1) - one_hot(y, 3))^2, axis = 1) + logsumexp(Z, axis = 1) - sum(one_hot(y, 3) * Z, axis = 1)',
      'W',
    ],
  ])('%s', async (_, params, loss, weights) => {
    const page = folder.page(`${data}
      ${params}
      inner minimize mean(trust * (${loss})) + exp(alpha) * sum(${weights}^2)
      outer minimize mean(${loss}) + 0.1 * sum(${weights}^3)`);
    const document = await gradient(page);

    const start = document.hyper['trust'];
    if (start === undefined || typeof start === 'number') throw new Error('no trust');
    const at = async (trust: readonly Numbers[], alpha: number): Promise<number> =>
      (await gradient(page, '--set', `trust=${JSON.stringify(trust)}`, '--set', `alpha=${alpha}`)).outer;
    const central = async (along: (h: number) => Promise<number>): Promise<number> => {
      const slope = async (h: number): Promise<number> => ((await along(h)) - (await along(-h))) / (2 * h);
      return (4 * (await slope(1e-3)) - (await slope(2e-3))) / 3;
    };
    const differences = [
      await central((h) =>
        at(
          start.map((x, j) => (j === 5 ? Number(x) + h : x)),
          -2,
        ),
      ),
      await central((h) => at(start, -2 + h)),
    ];
    const derivatives = [flatAll(document.hypergradient, ['trust'])[5] ?? Number.NaN, ...flatAll(document.hypergradient, ['alpha'])];
    expect(distance(derivatives, differences), `seed ${seed}`).toBeLessThan(1e-7);
  });

  it('logits so large that exp overflows or underflows', async () => {
    const document = await verify(
      folder.page(`
        hyper alpha: real = 0.5
        param w: [2]
        inner minimize softplus(900 * w[0]) / 900 + logsumexp([800 * w[0], 800 * w[1], 0]) / 800 + sum((w - alpha)^2)
        outer minimize softplus(-700 * w[1]) + sum(w^2)`),
    );
    expect(document.agrees).toBe(true);
    expect(flatAll(document.hypergradient).every(Number.isFinite)).toBe(true);
  });
});

describe('a branch that is not taken contributes nothing', () => {
  it.each([
    [-1, 0],
    [0, 0],
    [2, 0.5],
  ])('if w > 0 then log(w) else 0, at w = %d', async (lam, slope) => {
    const { hypergradient, outer } = await gradient(
      folder.page(`
        hyper lam: real = ${lam}
        param w: []
        inner minimize (w - lam)^2
        outer minimize if w > 0 then log(w) else 0`),
    );
    expect(outer).toBeCloseTo(lam > 0 ? Math.log(lam) : 0, 14);
    expect(hypergradient['lam']).toBeCloseTo(slope, 12);
  });

  it('elementwise, and inside the inner loss, where its second derivative counts', async () => {
    const document = await verify(
      folder.page(`
        hyper lam: real[3] = [-1.5, 0.25, 2]
        param w: [3] = 0.5
        inner minimize sum(if lam > 0 then lam * w - sqrt(lam) * log(1 + exp(w)) + log(lam) else w^2 / 3) + sum((w - 1)^2) + sum(exp(w))
        outer minimize sum(if lam > 0 then log(lam) * w else -w)`),
    );
    expect(document.agrees).toBe(true);
    // The element whose branch does not hold lam moves nothing.
    expect(flatAll(document.hypergradient)[0]).toBe(0);
  });

  it.each(['log(lam) * w', 'w / sqrt(lam)', 'sum([log(lam), 1] * w)', '[log(lam), 1] @ [w, 1]'])(
    'nor do its coefficients: %s, at lam = -1',
    async (branch) => {
      // h = (w − 3)² + lam w, so w* = 3 − lam / 2 and F = 2 w*.
      const { outer, hypergradient } = await gradient(
        folder.page(`
        hyper lam: real = -1
        param w: []
        inner minimize (w - 3)^2 + lam * w
        outer minimize if lam > 0 then ${branch} else 2 * w`),
      );
      expect(outer).toBeCloseTo(7, 13);
      expect(hypergradient['lam']).toBeCloseTo(-1, 13);
    },
  );

  it('sqrt, division and powers at their poles', async () => {
    const { hypergradient } = await gradient(
      folder.page(`
        hyper lam: real = 0
        param w: []
        inner minimize (w - lam)^2
        outer minimize (if w > 0 then sqrt(w) else w) + (if w == 0 then 3 * w else 1 / w) + (if w > 0 then w^0.5 else 2 * w)`),
    );
    expect(hypergradient['lam']).toBeCloseTo(6, 12);
  });
});

describe('powers at zero', () => {
  it('w^j for j = 0, 1, 2, 3 at w = 0', async () => {
    const { hypergradient, outer } = await gradient(
      folder.page(`
        hyper lam: real = 0
        param w: []
        inner minimize (w - lam)^2
        outer minimize sum([5, 3, 2, 7] * [w^j for j in 4])`),
    );
    expect(outer).toBe(5);
    expect(hypergradient['lam']).toBeCloseTo(3, 13);
  });

  it('in the inner loss: first and second derivatives, of the base', async () => {
    // h = Σ c_j w^j with c = (5, −2 lam, 2, 1) has its minimiser at 0 for lam = 0; dw*/dlam = 2 / (2 · 2).
    const { hypergradient, param } = await gradient(
      folder.page(`
        hyper lam: real = 0
        param w: [] = 0.1
        inner minimize sum([5, -2 * lam, 2, 1] * [w^j for j in 4]) + w^4
        outer minimize w + w^2`),
    );
    expect(param['w']).toBeCloseTo(0, 10);
    expect(hypergradient['lam']).toBeCloseTo(0.5, 9);
  });

  it('with an exponent that is a hyper', async () => {
    // F = Σ x^p over x = 0, 1, 2 at p = 2: the terms at 0 and 1 do not move.
    const { hypergradient } = await gradient(
      folder.page(`
        hyper p: positive = 2.0
        param w: []
        inner minimize (w - 1)^2
        outer minimize w * sum([t^p for t in 3])`),
    );
    expect(hypergradient['p']).toBeCloseTo(4 * Math.log(2), 12);
  });
});

describe('what is not a number is never passed off as one', () => {
  it.each([
    ['a criterion', 'outer minimize log(w - 5)', 'inner minimize (w - lam)^2'],
    ['an infinite criterion', 'outer minimize 1 / (w - lam)', 'inner minimize (w - lam)^2'],
    ['a derivative of the criterion', 'outer minimize sqrt(w - lam)', 'inner minimize (w - lam)^2'],
    ['an inner loss', 'outer minimize w^2', 'inner minimize (w - lam)^2 + log(w - 5)'],
    ['an inner loss that overflows', 'outer minimize w^2', 'inner minimize exp(exp(10 * (w + 1))) + (w - lam)^2'],
    ['a derivative with respect to a hyper', 'outer minimize w^2', 'inner minimize (w - 1)^2 + w * sqrt(lam - 1)'],
  ])('%s: %s, %s', async (_, outer, inner) => {
    const { hypergradient, diagnostics } = await failing(
      4,
      'gradient',
      folder.page(`hyper lam: real = 1\nparam w: [] = 1\n${inner}\n${outer}`),
    );
    expect(hypergradient).toBeUndefined();
    const errors = diagnostics.filter((d) => d.severity === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]?.code).toMatch(/^BL8/u);
    expect(errors[0]?.line).toBeGreaterThan(0);
  });
});
