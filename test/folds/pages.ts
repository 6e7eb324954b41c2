/** Pages with folds: inner problems of every kind, and data for them. */

/** Numbers without a pattern, the same at every run. */
function numbers(count: number, seed: number): readonly number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647 - 0.5;
  });
}

export const width = 3;
export function study(rows: number, seed: number): { readonly X: number[][]; readonly y: number[]; readonly c: number[] } {
  const values = numbers(rows * width, seed);
  const X = Array.from({ length: rows }, (_, i) => values.slice(i * width, (i + 1) * width));
  const noise = numbers(rows, seed + 1);
  const y = X.map(([a = 0, b = 0], i) => 2 * a - b + (noise[i] ?? 0));
  return { X, y, c: y.map((v) => (v > 0 ? 1 : 0)) };
}

/** The inner problems that are tried: a declaration of params, a loss of rows and what is added to it, a way of solving. */
export const kinds = {
  'a quadratic loss': {
    loss: '(A @ w + b - t)^2',
    penalty: 'a * sum(w^2)',
    how: '',
  },
  'a smooth loss, by Newton and a factor': {
    loss: 'softplus(A @ w + b) - t * (A @ w + b)',
    penalty: 'a * (sum(w^2) + b^2)',
    how: 'differentiate with implicit(solver = cholesky)',
  },
  'a smooth loss, by L-BFGS and conjugate gradients': {
    loss: 'softplus(A @ w + b) - t * (A @ w + b)',
    penalty: 'a * (sum(w^2) + b^2)',
    how: 'solve inner with lbfgs(tolerance = 1e-12) differentiate with implicit(solver = cg)',
  },
  'a recipe': {
    loss: '(A @ w + b - t)^2',
    penalty: 'a * sum(w^2)',
    how: 'solve inner with heavy_ball(rate = 0.05, momentum = a / 2, steps = 20)',
  },
} as const;

export type KindName = keyof typeof kinds;

export const body = (kind: KindName, train: string, valid: string): string => {
  const { loss, penalty, how } = kinds[kind];
  return `
  hyper a: positive = 0.3
  param w: [d]
  param b: []
  fn loss(A: [k, d], t: [k]): [] = mean(${loss})
  inner minimize loss(${train}) + ${penalty}
  outer minimize loss(${valid})
  ${how}`;
};

export const folded = (kind: KindName, split: string, data = '', reports = ''): string => `problem folded {
  dim n, d
  data X: [n, d]
  data y: [n]
  ${data}
  split n into ${split}
  ${body(kind, 'X[train], y[train]', 'X[valid], y[valid]')}
  ${reports}
}`;
