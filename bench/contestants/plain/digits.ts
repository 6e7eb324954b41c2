/**
 * What is learned of digits: hyper-cleaning and the unrolled network. Arrays over samples lie classes (or units) first, [c, n],
 * so that every product is of rows with rows.
 */
import type { Prepare } from '../../contestant.ts';
import { add, addProduct, cholesky, choleskySolve, dot, gram, norm, scale, transposed, whole } from './dense.ts';
import { conjugateGradient } from './solve.ts';

/** A Bᵀ into C, A [m, k], B [n, k]. */
function multiply(C: Float64Array, A: Float64Array, B: Float64Array, m: number, n: number, k: number): void {
  C.fill(0);
  addProduct(whole(C, n), whole(A, k), whole(B, k), m, n, k);
}

/** C += A B, A [m, k], B [k, n] with a long n: four rows of B at a time. */
function addCombination(C: Float64Array, A: Float64Array, B: Float64Array, m: number, k: number, n: number): void {
  const whole = k - (k % 4);
  for (let i = 0; i < m; i += 1) {
    const row = i * n;
    for (let p = 0; p < whole; p += 4) {
      const a0 = A[i * k + p] as number;
      const a1 = A[i * k + p + 1] as number;
      const a2 = A[i * k + p + 2] as number;
      const a3 = A[i * k + p + 3] as number;
      const r0 = p * n;
      const r1 = r0 + n;
      const r2 = r1 + n;
      const r3 = r2 + n;
      for (let j = 0; j < n; j += 1) {
        const sum = a0 * (B[r0 + j] as number) + a1 * (B[r1 + j] as number) + a2 * (B[r2 + j] as number) + a3 * (B[r3 + j] as number);
        C[row + j] = (C[row + j] as number) + sum;
      }
    }
    for (let p = whole; p < k; p += 1) {
      const a0 = A[i * k + p] as number;
      for (let j = 0; j < n; j += 1) C[row + j] = (C[row + j] as number) + a0 * (B[p * n + j] as number);
    }
  }
}

/** Each column of Z [c, n] becomes its softmax, less the one-hot label. */
function softmaxResidual(Z: Float64Array, y: Float64Array, c: number): void {
  const n = y.length;
  for (let i = 0; i < n; i += 1) {
    let top = -Infinity;
    for (let k = 0; k < c; k += 1) top = Math.max(top, Z[k * n + i] as number);
    let sum = 0;
    for (let k = 0; k < c; k += 1) {
      const e = Math.exp((Z[k * n + i] as number) - top);
      Z[k * n + i] = e;
      sum += e;
    }
    for (let k = 0; k < c; k += 1) Z[k * n + i] = (Z[k * n + i] as number) / sum;
    const label = (y[i] as number) * n + i;
    Z[label] = (Z[label] as number) - 1;
  }
}

/** Column by column (diag(p) − ppᵀ) r times a weight, in place, from the residual E = p − one-hot. */
function throughSoftmax(R: Float64Array, E: Float64Array, y: Float64Array, c: number, weight: (i: number) => number): void {
  const n = y.length;
  for (let i = 0; i < n; i += 1) {
    const label = y[i] as number;
    let mean = 0;
    for (let k = 0; k < c; k += 1) mean += ((E[k * n + i] as number) + (k === label ? 1 : 0)) * (R[k * n + i] as number);
    const factor = weight(i);
    for (let k = 0; k < c; k += 1) {
      const p = (E[k * n + i] as number) + (k === label ? 1 : 0);
      R[k * n + i] = factor * p * ((R[k * n + i] as number) - mean);
    }
  }
}

export const hyperCleaning: Prepare = (input) => {
  const [n, m, pixels, classes] = [input.number('n'), input.number('m'), input.number('pixels'), input.number('classes')];
  const ridge = input.number('ridge');
  const [X, Xv, y, yv] = [input.load('X'), input.load('Xv'), input.load('noisy'), input.load('yv')];
  const [XT, XvT] = [transposed(X, n, pixels), transposed(Xv, m, pixels)];
  const s = input.load('theta').map((theta) => 1 / (1 + Math.exp(-theta)));
  const size = classes * pixels;
  const [E, R] = [new Float64Array(classes * n), new Float64Array(classes * n)];
  const weight = (i: number): number => (s[i] as number) / n;

  /** Leaves the residual in E. */
  const gradient = (W: Float64Array): Float64Array => {
    multiply(E, W, X, classes, n, pixels);
    softmaxResidual(E, y, classes);
    R.set(E);
    for (let k = 0; k < classes; k += 1) for (let i = 0; i < n; i += 1) R[k * n + i] = (R[k * n + i] as number) * weight(i);
    const g = new Float64Array(size);
    multiply(g, R, XT, classes, pixels, n);
    add(g, ridge, W);
    return g;
  };
  const product = (V: Float64Array, out: Float64Array): void => {
    multiply(R, V, X, classes, n, pixels);
    throughSoftmax(R, E, y, classes, weight);
    multiply(out, R, XT, classes, pixels, n);
    add(out, ridge, V);
  };
  let found = new Float64Array(n);
  const run = (): void => {
    // See peers/numpy_peer.py: every class' block of the Hessian is near this one matrix.
    const weighted = X.map((value, index) => value * Math.sqrt(0.1 * weight(Math.floor(index / pixels))));
    const factor = gram(weighted, n, pixels, 1);
    for (let j = 0; j < pixels; j += 1) factor[j * pixels + j] = (factor[j * pixels + j] as number) + ridge;
    cholesky(factor, pixels);
    const precondition = (r: Float64Array, out: Float64Array): void => {
      out.set(r);
      for (let k = 0; k < classes; k += 1) choleskySolve(factor, pixels, out.subarray(k * pixels, (k + 1) * pixels));
    };
    const W = new Float64Array(size);
    for (;;) {
      const g = gradient(W);
      const length = norm(g);
      if (length <= 1e-8) break;
      add(W, -1, conjugateGradient(product, g, Math.max(length * Math.min(0.3, length), 5e-9), precondition));
    }
    const Ev = new Float64Array(classes * m);
    multiply(Ev, W, Xv, classes, m, pixels);
    softmaxResidual(Ev, yv, classes);
    const criterion = new Float64Array(size);
    multiply(criterion, Ev, XvT, classes, pixels, m);
    scale(criterion, 1 / m);
    const V = conjugateGradient(product, criterion, 1e-8 * norm(criterion), precondition);
    multiply(R, V, X, classes, n, pixels);
    found = found.map((_, i) => {
      let sum = 0;
      for (let k = 0; k < classes; k += 1) sum += (R[k * n + i] as number) * (E[k * n + i] as number);
      return (-(s[i] as number) * (1 - (s[i] as number)) * sum) / n;
    });
  };
  return { run, result: () => found, note: "inner: Newton-CG, preconditioned as NumPy's" };
};

/** V [hidden, pixels], c [hidden], U [classes, hidden], e [classes]. */
type Params = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

function rowSums(out: Float64Array, A: Float64Array, n: number): void {
  for (let k = 0; k < out.length; k += 1) {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += A[k * n + i] as number;
    out[k] = sum;
  }
}

function fillRows(A: Float64Array, values: Float64Array, n: number): void {
  values.forEach((value, k) => A.fill(value, k * n, (k + 1) * n));
}

export const unrolledNetwork: Prepare = (input) => {
  const [n, m, pixels] = [input.number('n'), input.number('m'), input.number('pixels')];
  const [hidden, classes, steps] = [input.number('hidden'), input.number('classes'), input.number('steps')];
  const [decay, rate] = [input.number('decay'), input.number('rate')];
  const zeros = (): Params => [
    new Float64Array(hidden * pixels),
    new Float64Array(hidden),
    new Float64Array(classes * hidden),
    new Float64Array(classes),
  ];
  const start = zeros();
  start[0].set(transposed(input.load('W1'), pixels, hidden));
  start[2].set(transposed(input.load('W2'), hidden, classes));

  const samples = (rows: string, labels: string, count: number) => {
    const X = input.load(rows);
    return { X, XT: transposed(X, count, pixels), y: input.load(labels), count };
  };
  type Samples = ReturnType<typeof samples>;
  const [train, valid] = [samples('X', 'y', n), samples('Xv', 'yv', m)];
  const trace = (count: number) => ({
    H: new Float64Array(hidden * count),
    E: new Float64Array(classes * count),
    B: new Float64Array(hidden * count),
  });
  type Trace = ReturnType<typeof trace>;

  /** Of the mean cross entropy: leaves tanh in H, (softmax − label) / count in E, Uᵀ E in B. */
  const gradientInto = ([gV, gc, gU, ge]: Params, [V, c, U, e]: Params, { X, XT, y, count }: Samples, { H, E, B }: Trace): void => {
    fillRows(H, c, count);
    addProduct(whole(H, count), whole(V, pixels), whole(X, pixels), hidden, count, pixels);
    for (let i = 0; i < H.length; i += 1) H[i] = Math.tanh(H[i] as number);
    fillRows(E, e, count);
    addCombination(E, U, H, classes, hidden, count);
    softmaxResidual(E, y, classes);
    scale(E, 1 / count);
    B.fill(0);
    addCombination(B, transposed(U, classes, hidden), E, hidden, classes, count);
    const slope = B.map((value, i) => value * (1 - (H[i] as number) ** 2));
    multiply(gV, slope, XT, hidden, pixels, count);
    rowSums(gc, slope, count);
    multiply(gU, E, H, classes, hidden, count);
    rowSums(ge, E, count);
  };

  const trail = Array.from({ length: steps }, () => ({ params: zeros(), gradient: zeros(), ...trace(n) }));
  const [RH, RE, RB] = [new Float64Array(hidden * n), new Float64Array(classes * n), new Float64Array(hidden * n)];
  let found: readonly number[] = [];

  const run = (): void => {
    const params = start.map((part) => part.slice()) as unknown as Params;
    for (const step of trail) {
      step.params.forEach((part, k) => part.set(params[k] as Float64Array));
      gradientInto(step.gradient, params, train, step);
      add(step.gradient[0], decay, params[0]);
      add(step.gradient[2], decay, params[2]);
      params.forEach((part, k) => add(part, -rate, step.gradient[k] as Float64Array));
    }
    const adjoint = zeros();
    gradientInto(adjoint, params, valid, trace(m));
    const [aV, ac, aU, ae] = adjoint;
    const product = zeros();
    const [hV, hc, hU, he] = product;
    let [inDecay, inRate] = [0, 0];
    for (const { params: at, gradient, H, E, B } of trail.toReversed()) {
      const U = at[2];
      adjoint.forEach((part, k) => (inRate -= dot(part, gradient[k] as Float64Array)));
      inDecay -= rate * (dot(aV, at[0]) + dot(aU, U));
      // The Hessian times the adjoint: every line of `gradientInto`, differentiated along the adjoint.
      fillRows(RH, ac, n);
      addProduct(whole(RH, n), whole(aV, pixels), whole(train.X, pixels), hidden, n, pixels);
      for (let i = 0; i < RH.length; i += 1) RH[i] = (RH[i] as number) * (1 - (H[i] as number) ** 2);
      fillRows(RE, ae, n);
      addCombination(RE, U, RH, classes, hidden, n);
      addCombination(RE, aU, H, classes, hidden, n);
      scale(E, n);
      throughSoftmax(RE, E, train.y, classes, () => 1 / n);
      scale(E, 1 / n);
      RB.fill(0);
      addCombination(RB, transposed(U, classes, hidden), RE, hidden, classes, n);
      addCombination(RB, transposed(aU, classes, hidden), E, hidden, classes, n);
      for (let i = 0; i < RB.length; i += 1) {
        const h = H[i] as number;
        RB[i] = (RB[i] as number) * (1 - h * h) - 2 * h * (RH[i] as number) * (B[i] as number);
      }
      multiply(hV, RB, train.XT, hidden, pixels, n);
      rowSums(hc, RB, n);
      multiply(hU, E, RH, classes, hidden, n);
      addProduct(whole(hU, hidden), whole(RE, n), whole(H, n), classes, hidden, n);
      rowSums(he, RE, n);
      add(hV, decay, aV);
      add(hU, decay, aU);
      adjoint.forEach((part, k) => add(part, -rate, product[k] as Float64Array));
    }
    found = [inDecay, inRate];
  };
  return { run, result: () => found };
};
