/**
 * gpu.js by hand: kernels for the way there and back, everything that belongs to an element in the kernel that makes it. What is read back
 * is the result, and in Newton's method the gradient of each step.
 */
import type { Mode } from '../../runtime/backends/gpujs/library.ts';
import { Bench, summed, type Composed, type Value } from './bench-of-gpujs.ts';
import { numberOf, tolerance, type Kind, type Task, type Way } from './kinds.ts';
import { networkByHand } from './gpujs-network.ts';

type ByHand = (task: Task, bench: Bench) => Way['run'];

const x = 'this.thread.x';

/** [rows, columns] as [columns, rows]: threads side by side then read runs. */
export function turned(values: ArrayLike<number>, rows: number): Float32Array {
  const columns = values.length / rows;
  return Float32Array.from({ length: values.length }, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? 0);
}

/** `steps` steps of conjugate gradients from zero. */
function solver(bench: Bench, d: number) {
  const dot = bench.kernel(1, 'a, b', `${summed('sum', 'i', d, 'a[i] * b[i]')} return sum;`);
  const forward = bench.kernel(d, 'a, square, curvature, b', `return a[${x}] + square[0] / curvature[0] * b[${x}];`);
  const back = bench.kernel(d, 'a, square, curvature, b', `return a[${x}] - square[0] / curvature[0] * b[${x}];`);
  return {
    dot,
    solved: (product: (v: Value) => Value, right: Value, zero: Value, steps: number): Value => {
      let [solution, r, p] = [zero, right, right];
      let square = dot(r, r);
      for (let step = 0; step < steps; step += 1) {
        const Ap = product(p);
        const curvature = dot(p, Ap);
        solution = forward(solution, square, curvature, p);
        if (step === steps - 1) break;
        r = back(r, square, curvature, Ap);
        const next = dot(r, r);
        p = forward(r, next, square, p);
        square = next;
      }
      return solution;
    },
  };
}

/** XᵀX / n and Xᵀy / n. */
function gram(X: ArrayLike<number>, y: ArrayLike<number>, d: number): { readonly G: Float32Array; readonly b: Float32Array } {
  const n = y.length;
  const [G, b] = [new Float64Array(d * d), new Float64Array(d)];
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j < d; j += 1) {
      const value = (X[i * d + j] ?? 0) / n;
      b[j] = (b[j] ?? 0) + value * (y[i] ?? 0);
      for (let k = 0; k < d; k += 1) G[j * d + k] = (G[j * d + k] ?? 0) + value * (X[i * d + k] ?? 0);
    }
  return { G: Float32Array.from(G), b: Float32Array.from(b) };
}

const ridgeAgain: ByHand = ({ arrays, sizes }, bench) => {
  const [n, d] = [numberOf(sizes, 'n'), numberOf(sizes, 'd')];
  const given = (name: string): ArrayLike<number> => arrays[name] ?? [];
  const [train, valid] = [gram(given('X'), given('y'), d), gram(given('Xv'), given('yv'), d)];
  const [G, b, Gv, bv, zero] = [train.G, train.b, valid.G, valid.b, new Float32Array(d)].map((values) => bench.lasting(values));
  const { dot, solved } = solver(bench, d);
  const row = summed('sum', 'k', d, `G[${x} * ${d} + k] * v[k]`);
  const product = bench.kernel(d, 'G, v, penalty', `${row} return sum + penalty * v[${x}];`);
  const criterion = bench.kernel(d, 'G, v, b', `${row} return 2.0 * (sum - b[${x}]);`);
  const ratio = (1 + Math.sqrt(d / n)) / (1 - Math.sqrt(d / n));
  const steps = Math.ceil(Math.log(2e6) / Math.log((ratio + 1) / (ratio - 1)));
  const whole = bench.composed((penalty) => {
    const shifted = (v: Value): Value => product(G, v, penalty);
    const w = solved(shifted, b, zero, steps);
    return [dot(solved(shifted, criterion(Gv, w, bv), zero, steps), w)];
  });
  return async (at) => {
    const [[inner = Number.NaN] = []] = await whole(numberOf(at, 'penalty'));
    return [-inner];
  };
};

/** Of the logistic loss: kernels over the training rows, and the gradient of the criterion. */
function logisticKernels({ arrays, sizes }: Task, bench: Bench) {
  const [n, m, d] = ['n', 'm', 'd'].map((size) => numberOf(sizes, size)) as [number, number, number];
  const given = (name: string): ArrayLike<number> => arrays[name] ?? [];
  const [X, XT, y] = [given('X'), turned(given('X'), n), given('y')].map((values) => bench.lasting(values));
  const [Xv, XvT, yv] = [given('Xv'), turned(given('Xv'), m), given('yv')].map((values) => bench.lasting(values));
  const score = summed('z', 'k', d, `X[${x} * ${d} + k] * w[k]`);
  const sigmoid = `${score} return 1.0 / (1.0 + Math.exp(-z));`;
  const along = bench.kernel(n, 'X, w, s', `${score} return s[${x}] * (1.0 - s[${x}]) * z / ${n}.0;`);
  const residuals = (rows: number): string => summed('sum', 'i', rows, `XT[${x} * ${rows} + i] * (s[i] - y[i])`);
  const [ofTrain, ofValid] = [n, m].map((rows) => bench.kernel(rows, 'X, w', sigmoid)) as [Kernel, Kernel];
  const gradient = bench.kernel(d, 'XT, s, y, w, penalty', `${residuals(n)} return sum / ${n}.0 + 2.0 * penalty * w[${x}];`);
  const criterion = bench.kernel(d, 'XT, s, y', `${residuals(m)} return sum / ${m}.0;`);
  const back = summed('sum', 'i', n, `XT[${x} * ${n} + i] * u[i]`);
  return {
    d,
    sigmoids: (w: Value): Value => ofTrain(X, w),
    gradient: (s: Value, w: Value, penalty: Value): Value => gradient(XT, s, y, w, penalty),
    criterion: (w: Value): Value => criterion(XvT, ofValid(Xv, w), yv),
    /** Of the rows, curved. */
    along: (v: Value, s: Value): Value => along(X, v, s),
    back,
    XT,
  };
}

type Kernel = (...operands: readonly Value[]) => Value;

/** Newton’s method, its steps by conjugate gradients. */
const logistic: ByHand = (task, bench) => {
  const { d, sigmoids, gradient, criterion, along, back, XT } = logisticKernels(task, bench);
  const { dot, solved } = solver(bench, d);
  const zero = bench.lasting(new Float32Array(d));
  const ended = bench.kernel(d, 'XT, u, v, penalty', `${back} return sum + 2.0 * penalty * v[${x}];`);
  const less = bench.kernel(d, 'a, b', `return a[${x}] - b[${x}];`);
  const product =
    (s: Value, penalty: Value) =>
    (v: Value): Value =>
      ended(XT, along(v, s), v, penalty);
  const newton = Array.from({ length: 12 }, (_, step) =>
    bench.composed((w, penalty) => {
      const s = sigmoids(w);
      const g = gradient(s, w, penalty);
      return [less(w, solved(product(s, penalty), g, zero, 3 + 3 * step)), dot(g, g)];
    }),
  );
  const implicit: Composed = bench.composed((w, penalty) => {
    const s = sigmoids(w);
    return [dot(solved(product(s, penalty), criterion(w), zero, 12), w)];
  });
  return async (at) => {
    const penalty = numberOf(at, 'penalty');
    let w = new Float32Array(d);
    let norm = Number.NaN;
    for (const step of newton) {
      const [next, [square = Number.NaN] = []] = await step(w, penalty);
      norm = Math.sqrt(square);
      if (next === undefined || Number.isNaN(norm)) break;
      // What was computed besides is a step further.
      w = Float32Array.from(next);
      if (norm > tolerance) continue;
      const [[inner = Number.NaN] = []] = await implicit(w, penalty);
      return [-2 * inner];
    }
    throw new Error(`the gradient is still ${norm}`);
  };
};

const unrolledLogistic: ByHand = (task, bench) => {
  const { d, sigmoids, gradient, criterion, along, back, XT } = logisticKernels(task, bench);
  const steps = numberOf(task.sizes, 'steps');
  const zero = bench.lasting(new Float32Array(d));
  const nothing = bench.lasting(new Float32Array(2));
  const moved = bench.kernel(d, 'w, g, rate', `return w[${x}] - rate * g[${x}];`);
  const adjoint = bench.kernel(d, 'XT, u, v, penalty, rate', `${back} return v[${x}] - rate * (sum + 2.0 * penalty * v[${x}]);`);
  const ofBoth = summed('inPenalty', 'j', d, 'v[j] * w[j]') + summed('inRate', 'l', d, 'v[l] * g[l]');
  const found = bench.kernel(2, 'before, v, w, g, rate', `${ofBoth} return before[${x}] - (${x} < 1 ? 2.0 * rate * inPenalty : inRate);`);
  const whole = bench.composed((penalty, rate) => {
    let w = zero;
    const trail = Array.from({ length: steps }, () => {
      const at = w;
      const s = sigmoids(at);
      const g = gradient(s, at, penalty);
      w = moved(at, g, rate);
      return { at, s, g };
    });
    let v = criterion(w);
    let derivatives = nothing;
    for (const { at, s, g } of trail.toReversed()) {
      derivatives = found(derivatives, v, at, g, rate);
      v = adjoint(XT, along(v, s), v, penalty, rate);
    }
    return [derivatives];
  });
  return async (at) => {
    const [derivatives = []] = await whole(numberOf(at, 'penalty'), numberOf(at, 'rate'));
    return Array.from(derivatives);
  };
};

const byKind: Readonly<Record<Kind, ByHand>> = {
  'ridge-again': ridgeAgain,
  logistic,
  'unrolled-logistic': unrolledLogistic,
  'unrolled-network': networkByHand,
};

export async function gpujsByHand(task: Task, variant: string): Promise<Way> {
  const bench = await Bench.open(variant as Mode);
  return { run: byKind[task.kind](task, bench), close: () => bench.close() };
}
