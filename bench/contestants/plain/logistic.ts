/** Logistic regression, two classes: gradient, Hessian products, hypergradients, by hand. */
import type { Input, Prepare } from '../../contestant.ts';
import { add, dot, norm, times, transposedTimes } from './dense.ts';
import { conjugateGradient, minimise } from './solve.ts';

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

interface Data {
  readonly X: Float64Array;
  readonly y: Float64Array;
  readonly n: number;
  readonly d: number;
  /** Of length n, to work in. */
  readonly room: Float64Array;
}

const dataOf = (input: Input, rows: string, labels: string, size: string): Data => {
  const n = input.number(size);
  return { X: input.load(rows), y: input.load(labels), n, d: input.number('d'), room: new Float64Array(n) };
};

/** out = Xᵀ((σ(Xw) − y) / n) + shrink · w; leaves σ(1 − σ) in `curvature`. */
function gradientInto({ X, y, n, d, room }: Data, w: Float64Array, shrink: number, out: Float64Array, curvature?: Float64Array): void {
  times(X, n, d, w, room);
  for (let i = 0; i < n; i += 1) {
    const s = sigmoid(room[i] as number);
    if (curvature !== undefined) curvature[i] = s * (1 - s);
    room[i] = (s - (y[i] as number)) / n;
  }
  transposedTimes(X, n, d, room, out);
  add(out, shrink, w);
}

/** out = Xᵀ(D(Xv)) / n + shrink · v. */
function productInto({ X, n, d, room }: Data, curvature: Float64Array, v: Float64Array, shrink: number, out: Float64Array): void {
  times(X, n, d, v, room);
  for (let i = 0; i < n; i += 1) room[i] = ((room[i] as number) * (curvature[i] as number)) / n;
  transposedTimes(X, n, d, room, out);
  add(out, shrink, v);
}

export const logisticGradient: Prepare = (input) => {
  const data = dataOf(input, 'X', 'y', 'n');
  const w = input.load('w');
  const out = new Float64Array(data.d);
  return { run: () => gradientInto(data, w, input.number('penalty'), out), result: () => out };
};

export const hessianProduct: Prepare = (input) => {
  const data = dataOf(input, 'X', 'y', 'n');
  const [v, curvature] = [input.load('v'), input.load('curvature')];
  const out = new Float64Array(data.d);
  return { run: () => productInto(data, curvature, v, input.number('penalty'), out), result: () => out };
};

export const logistic: Prepare = (input) => {
  const [train, valid] = [dataOf(input, 'X', 'y', 'n'), dataOf(input, 'Xv', 'yv', 'm')];
  const shrink = 2 * input.number('penalty');
  const curvature = new Float64Array(train.n);
  const product = (v: Float64Array, out: Float64Array): void => productInto(train, curvature, v, shrink, out);
  let found = 0;
  const gradient = (w: Float64Array): Float64Array => {
    const g = new Float64Array(train.d);
    gradientInto(train, w, shrink, g, curvature);
    return g;
  };
  const firstScale = (g: Float64Array): number => {
    const along = new Float64Array(train.d);
    product(g, along);
    return dot(g, g) / dot(g, along);
  };
  const run = (): void => {
    const w = minimise(train.d, gradient, firstScale, 1e-8);
    const criterion = new Float64Array(train.d);
    gradientInto(valid, w, 0, criterion);
    found = -2 * dot(conjugateGradient(product, criterion, 1e-8 * norm(criterion)), w);
  };
  return { run, result: () => [found], note: 'inner: L-BFGS, from a multiple of the identity' };
};

export const unrolledLogistic: Prepare = (input) => {
  const [train, valid] = [dataOf(input, 'X', 'y', 'n'), dataOf(input, 'Xv', 'yv', 'm')];
  const [penalty, rate, steps] = [input.number('penalty'), input.number('rate'), input.number('steps')];
  const arrays = (length: number): readonly Float64Array[] => Array.from({ length: steps }, () => new Float64Array(length));
  const [points, gradients, curvatures] = [arrays(train.d), arrays(train.d), arrays(train.n)];
  const product = new Float64Array(train.d);
  let found: readonly number[] = [];
  const run = (): void => {
    const w = new Float64Array(train.d);
    points.forEach((point, t) => {
      point.set(w);
      const g = gradients[t] as Float64Array;
      gradientInto(train, w, 2 * penalty, g, curvatures[t]);
      add(w, -rate, g);
    });
    const adjoint = new Float64Array(train.d);
    gradientInto(valid, w, 0, adjoint);
    let [inPenalty, inRate] = [0, 0];
    for (let t = steps - 1; t >= 0; t -= 1) {
      inRate -= dot(adjoint, gradients[t] as Float64Array);
      inPenalty -= 2 * rate * dot(adjoint, points[t] as Float64Array);
      productInto(train, curvatures[t] as Float64Array, adjoint, 2 * penalty, product);
      add(adjoint, -rate, product);
    }
    found = [inPenalty, inRate];
  };
  return { run, result: () => found };
};
