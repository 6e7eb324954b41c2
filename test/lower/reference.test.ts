/** The pages of the reference cases lower without diagnostics, and mean what their problem statements say. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../compiler/ir/graph.ts';
import { evaluate, lower, lowerOne, matrix, scalar, stream, vector } from './harness.ts';

const folder = join(import.meta.dirname, '..', 'reference');
const page = (name: string): string => readFileSync(join(folder, name, `${name}.bilevel`), 'utf8');
const cases = readdirSync(folder, { withFileTypes: true })
  .filter((e) => e.isDirectory())
  .map((e) => e.name);

const random = stream(20261);
const randoms = (count: number): number[] => Array.from({ length: count }, () => random());
const randomRows = (n: number, d: number): number[][] => Array.from({ length: n }, () => randoms(d));
const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, v, i) => sum + v * (y[i] ?? 0), 0);
const total = (xs: readonly number[]): number => xs.reduce((x, y) => x + y, 0);
const mean = (xs: readonly number[]): number => total(xs) / xs.length;
const squares = (xs: readonly number[]): number => dot(xs, xs);
const softplus = (x: number): number => Math.log1p(Math.exp(x));
const lse = (xs: readonly number[]): number => Math.log(total(xs.map((x) => Math.exp(x))));

describe('reference pages', () => {
  it('are all there', () => {
    expect(cases.length).toBeGreaterThanOrEqual(14);
  });
  it.each(cases)('%s lowers without diagnostics', (name) => {
    expect(lower(page(name)).diagnostics).toEqual([]);
  });
});

interface Sample {
  readonly inputs: Record<string, Tensor>;
  readonly sizes: Record<string, number>;
  readonly inner: number;
  readonly outer: number;
}

const [n, m, d] = [5, 4, 3];

function regression(): {
  X: number[][];
  y: number[];
  V: number[][];
  v: number[];
  inputs: Record<string, Tensor>;
  sizes: Record<string, number>;
} {
  const [X, y, V, v] = [randomRows(n, d), randoms(n), randomRows(m, d), randoms(m)];
  const inputs = { 'data:X_train': matrix(X), 'data:y_train': vector(y), 'data:X_valid': matrix(V), 'data:y_valid': vector(v) };
  return { X, y, V, v, inputs, sizes: { n, m, d } };
}

const residuals = (X: readonly number[][], w: readonly number[], y: readonly number[], b = 0): number[] =>
  X.map((row, i) => dot(row, w) + b - (y[i] ?? 0));

const samples: Readonly<Record<string, () => Sample>> = {
  ridge_log_penalty: () => {
    const { X, y, V, v, inputs, sizes } = regression();
    const [alpha, w] = [random(), randoms(d)];
    return {
      inputs: { ...inputs, 'hyper:alpha': scalar(alpha), 'param:w': vector(w) },
      sizes,
      inner: mean(residuals(X, w, y).map((r) => r * r)) / 2 + (Math.exp(alpha) / 2) * squares(w),
      outer: mean(residuals(V, w, v).map((r) => r * r)) / 2,
    };
  },
  ridge_per_feature: () => {
    const { X, y, V, v, inputs, sizes } = regression();
    const [alpha, w] = [randoms(d), randoms(d)];
    return {
      inputs: { ...inputs, 'hyper:alpha': vector(alpha), 'param:w': vector(w) },
      sizes,
      inner: squares(residuals(X, w, y)) / 2 + total(w.map((x, j) => Math.exp(alpha[j] ?? 0) * x * x)) / 2,
      outer: mean(residuals(V, w, v).map((r) => r * r)),
    };
  },
  logistic_l2: () => {
    const { X, V, inputs, sizes } = regression();
    const [y, v] = [X.map((_, i) => (i % 2 === 0 ? 1 : -1)), V.map((_, i) => (i % 3 === 0 ? 1 : -1))];
    const [alpha, w, b] = [random(), randoms(d), random()];
    const loss = (A: readonly number[][], labels: readonly number[]): number =>
      mean(A.map((row, i) => softplus(-(labels[i] ?? 0) * (dot(row, w) + b))));
    return {
      inputs: {
        ...inputs,
        'data:y_train': vector(y),
        'data:y_valid': vector(v),
        'hyper:alpha': scalar(alpha),
        'param:w': vector(w),
        'param:b': scalar(b),
      },
      sizes,
      inner: loss(X, y) + (Math.exp(alpha) / 2) * squares(w),
      outer: loss(V, v),
    };
  },
  pseudo_huber: () => {
    const { X, y, V, v, inputs, sizes } = regression();
    const [logDelta, alpha, w, b] = [random(), random(), randoms(d), random()];
    const delta = Math.exp(logDelta);
    return {
      inputs: { ...inputs, 'hyper:log_delta': scalar(logDelta), 'hyper:alpha': scalar(alpha), 'param:w': vector(w), 'param:b': scalar(b) },
      sizes,
      inner:
        mean(residuals(X, w, y, b).map((r) => delta ** 2 * (Math.sqrt(1 + (r / delta) ** 2) - 1))) + (Math.exp(alpha) / 2) * squares(w),
      outer: mean(residuals(V, w, v, b).map((r) => Math.sqrt(1 + r * r) - 1)),
    };
  },
  kernel_ridge_rbf: () => {
    const { X, y, V, v, inputs, sizes } = regression();
    const [length, noise, c] = [random(), random(), randoms(n)];
    const kernel = (A: readonly number[][], B: readonly number[][]): number[][] =>
      A.map((a) => B.map((b) => Math.exp(-squares(a.map((x, j) => x - (b[j] ?? 0))) / (2 * Math.exp(2 * length)))));
    const K = kernel(X, X);
    return {
      inputs: { ...inputs, 'hyper:log_length': scalar(length), 'hyper:log_noise': scalar(noise), 'param:c': vector(c) },
      sizes,
      inner:
        dot(
          c,
          K.map((row) => dot(row, c)),
        ) /
          2 +
        (Math.exp(noise) / 2) * squares(c) -
        dot(c, y),
      outer: mean(residuals(kernel(V, X), c, v).map((r) => r * r)),
    };
  },
  multinomial_wine: () => {
    const { X, V, inputs, sizes } = regression();
    const [y, v] = [
      [0, 1, 2, 1, 0],
      [2, 2, 0, 1],
    ];
    const [alpha, W] = [randoms(3), randomRows(3, d)];
    const loss = (A: readonly number[][], labels: readonly number[]): number =>
      mean(
        A.map((row, i) => {
          const z = W.map((weights) => dot(weights, row));
          return lse(z) - (z[labels[i] ?? 0] ?? 0);
        }),
      );
    return {
      inputs: { ...inputs, 'data:y_train': vector(y), 'data:y_valid': vector(v), 'hyper:alpha': vector(alpha), 'param:W': matrix(W) },
      sizes,
      inner: loss(X, y) + total(W.map((row, k) => Math.exp(alpha[k] ?? 0) * squares(row))) / 2,
      outer: loss(V, v),
    };
  },
  poisson_exposure: () => {
    const [X, V] = [randomRows(n, 6), randomRows(m, 6)];
    const [e, u] = [randoms(n).map((x) => 2 + x), randoms(m).map((x) => 2 + x)];
    const [y, v] = [
      [0, 3, 1, 2, 7],
      [4, 0, 1, 6],
    ];
    const [alpha, w, b] = [randoms(2), randoms(6), random()];
    const loss = (A: readonly number[][], exposure: readonly number[], counts: readonly number[]): number[] =>
      A.map((row, i) => {
        const eta = dot(row, w) + b;
        const x = exposure[i] ?? 1;
        return x * Math.exp(eta) - (counts[i] ?? 0) * (eta + Math.log(x));
      });
    const logFactorial = (k: number): number => total(Array.from({ length: k }, (_, i) => Math.log(i + 1)));
    const data = {
      'data:X_train': matrix(X),
      'data:exposure_train': vector(e),
      'data:y_train': vector(y),
      'data:X_valid': matrix(V),
      'data:exposure_valid': vector(u),
      'data:y_valid': vector(v),
    };
    return {
      inputs: { ...data, 'hyper:alpha': vector(alpha), 'param:w': vector(w), 'param:b': scalar(b) },
      sizes: { n, m },
      inner: mean(loss(X, e, y)) + total(w.map((x, j) => Math.exp(alpha[j < 3 ? 0 : 1] ?? 0) * x * x)) / 2,
      outer: mean(loss(V, u, v).map((x, i) => x + logFactorial(v[i] ?? 0))),
    };
  },
  quadratic_cond_1e2: () => {
    const [A, B, b, c, e, lam, w] = [randomRows(d, d), randomRows(d, 2), randoms(d), randoms(d), randoms(2), randoms(2), randoms(d)];
    return {
      inputs: {
        'data:A': matrix(A),
        'data:B': matrix(B),
        'data:b': vector(b),
        'data:c': vector(c),
        'data:e': vector(e),
        'hyper:lam': vector(lam),
        'param:w': vector(w),
      },
      sizes: { d, p: 2 },
      inner:
        dot(
          w,
          A.map((row) => dot(row, w)),
        ) /
          2 -
        total(w.map((x, i) => x * ((b[i] ?? 0) + dot(B[i] ?? [], lam)))),
      outer: squares(w.map((x, i) => x - (c[i] ?? 0))) / 2 + 0.1 * dot(e, lam) + 0.05 * squares(lam),
    };
  },
  scalar_ridge: () => {
    const [lam, w] = [random(), random()];
    return {
      inputs: { 'hyper:lam': scalar(lam), 'param:w': scalar(w) },
      sizes: {},
      inner: (w - 3) ** 2 / 2 + (Math.exp(lam) / 2) * w * w,
      outer: (w - 1) ** 2 + 0.01 * lam ** 2,
    };
  },
  scalar_unrolled: () => {
    const [lam, w] = [random(), random()];
    return { inputs: { 'hyper:lam': scalar(lam), 'param:w': scalar(w) }, sizes: {}, inner: (w - lam) ** 2 / 2, outer: (w - 1) ** 2 / 2 };
  },
  heavy_ball_lr_momentum: () => {
    const { X, V, inputs, sizes } = regression();
    const [y, v] = [X.map((_, i) => (i % 2 === 0 ? 1 : -1)), V.map((_, i) => (i % 3 === 0 ? 1 : -1))];
    const [w, b] = [randoms(d), random()];
    const loss = (A: readonly number[][], labels: readonly number[]): number =>
      mean(A.map((row, i) => softplus(-(labels[i] ?? 0) * (dot(row, w) + b))));
    return {
      inputs: { ...inputs, 'data:y_train': vector(y), 'data:y_valid': vector(v), 'param:w': vector(w), 'param:b': scalar(b) },
      sizes,
      inner: loss(X, y) + (0.001 / 2) * squares(w),
      outer: loss(V, v),
    };
  },
  denoise_learn_matrix: () => {
    const [signals, t] = [2, 4];
    const [clean, noisy, U, R] = [randomRows(signals, t), randomRows(signals, t), randomRows(signals, t), randomRows(t, t)];
    const difference = (P: readonly number[][], Q: readonly number[][]): number =>
      total(P.map((row, i) => squares(row.map((x, j) => x - (Q[i]?.[j] ?? 0)))));
    return {
      inputs: { 'data:clean': matrix(clean), 'data:noisy': matrix(noisy), 'param:U': matrix(U), 'hyper:R': matrix(R) },
      sizes: { signals, t },
      inner: difference(U, noisy) / 2 + total(U.map((u) => squares(R.map((row) => dot(row, u))))) / 2,
      outer: difference(U, clean) / (2 * signals),
    };
  },
  hypercleaning_digits: () => {
    const pixels = (rows: number): number[][] => randomRows(rows, 64).map((row) => row.map((x) => Math.round(8 * x + 8)));
    const [X, V] = [pixels(n), pixels(m)];
    const [y, v] = [
      [0, 9, 3, 3, 5],
      [1, 2, 9, 8],
    ];
    const [lam, W] = [randoms(n), randomRows(10, 65)];
    const loss = (A: readonly number[][], labels: readonly number[]): number[] =>
      A.map((row, i) => {
        const z = W.map((weights) => dot([...row.map((x) => x / 16), 1], weights));
        return lse(z) - (z[labels[i] ?? 0] ?? 0);
      });
    return {
      inputs: {
        'data:X_train': matrix(X),
        'data:y_train': vector(y),
        'data:X_valid': matrix(V),
        'data:y_valid': vector(v),
        'hyper:lam': vector(lam),
        'param:W': matrix(W),
      },
      sizes: { n, m },
      inner: mean(loss(X, y).map((x, i) => x / (1 + Math.exp(-(lam[i] ?? 0))))) + (0.01 / 2) * total(W.map(squares)),
      outer: mean(loss(V, v)),
    };
  },
};

describe('what reference pages mean', () => {
  it.each(Object.keys(samples))('%s: both criteria are the formulas of its statement', (name) => {
    const sample = samples[name]?.();
    if (sample === undefined) throw new Error(name);
    const program = lowerOne(page(name));
    for (const level of ['inner', 'outer'] as const) {
      const value = evaluate(program, program[level].value, sample.inputs, sample.sizes).data[0] ?? Number.NaN;
      expect(Math.abs(value - sample[level]) / Math.max(1, Math.abs(sample[level]))).toBeLessThan(1e-12);
    }
  });
});
