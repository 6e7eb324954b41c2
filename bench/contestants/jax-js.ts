/**
 * jax-js on its Wasm backend, float64 or float32: each step jitted, derivatives by hand; loops are the host's, as it has none.
 * Its functions take ownership of what they are given: `.ref` where an array is used again.
 */
import { type Array as Tensor, defaultDevice, init, jit, lax, nn, numpy as np } from '@jax-js/jax';
import { fileURLToPath } from 'node:url';
import {
  type Contestant,
  type Functions,
  type Input,
  type Options,
  type Precision,
  type Prepare,
  type Work,
  versionOf,
} from '../contestant.ts';
import { add, cholesky, choleskySolve, dot, norm } from './plain/dense.ts';
import { conjugateGradient, minimise } from './plain/solve.ts';

/** The backend is done when numbers are read; a large result is waited for and not copied. */
function work(find: () => Tensor): Work {
  let last: Tensor | undefined;
  return {
    run: async () => {
      last?.dispose();
      last = find();
      await last.blockUntilReady();
    },
    result: () => last?.ref.dataSync() as ArrayLike<number>,
    dispose: () => last?.dispose(),
  };
}

interface Load {
  readonly vector: (name: string) => Tensor;
  readonly matrix: (name: string, rows: number, columns: number) => Tensor;
  /** [columns, rows] of what lies as [rows, columns]. */
  readonly transposed: (name: string, rows: number, columns: number) => Tensor;
  readonly oneHot: (name: string, classes: number) => Tensor;
  readonly of: (values: Float64Array) => Tensor;
}

function loadOf(input: Input, precision: Precision): Load {
  const of = (values: Float64Array): Tensor => np.array(precision === 'float64' ? values : Float32Array.from(values));
  const matrix: Load['matrix'] = (name, rows, columns) => of(input.load(name)).reshape([rows, columns]);
  return {
    of,
    vector: (name) => of(input.load(name)),
    matrix,
    // Through numbers, so that the array lies transposed in memory.
    transposed: (name, rows, columns) => {
      const view = np.transpose(matrix(name, rows, columns));
      return np.array(view.dataSync()).reshape([columns, rows]);
    },
    oneHot: (name, classes) => {
      const labels = input.load(name);
      const hot = new Float64Array(classes * labels.length);
      labels.forEach((label, i) => (hot[label * labels.length + i] = 1));
      return of(hot).reshape([classes, labels.length]);
    },
  };
}

/** X w and Xᵀ r of X [n, d]: float64 is fastest with both X and Xᵀ at hand, float32 with Xᵀ alone. Uses up `w`, `r`. */
interface Design {
  readonly arrays: readonly [Tensor, Tensor];
  readonly times: (arrays: readonly [Tensor, Tensor], w: Tensor) => Tensor;
  readonly transposedTimes: (arrays: readonly [Tensor, Tensor], r: Tensor) => Tensor;
}

function design(load: Load, precision: Precision, name: string, n: number, d: number): Design {
  const XT = load.transposed(name, n, d);
  const transposedTimes: Design['transposedTimes'] = ([, XT], r) => np.dot(XT.ref, r);
  if (precision === 'float32') return { arrays: [XT, XT], times: ([, XT], w) => np.dot(w, XT.ref), transposedTimes };
  return { arrays: [load.matrix(name, n, d), XT], times: ([X], w) => np.dot(X.ref, w), transposedTimes };
}

/** Both arrays for a call, each handed over. */
const handed = ({ arrays: [X, XT] }: Design): [Tensor, Tensor] => [X.ref, XT.ref];

function drop([X, XT]: readonly [Tensor, Tensor]): void {
  X.dispose();
  XT.dispose();
}

const logisticGradient =
  (precision: Precision): Prepare =>
  (input) => {
    const [n, d, penalty] = [input.number('n'), input.number('d'), input.number('penalty')];
    const load = loadOf(input, precision);
    const X = design(load, precision, 'X', n, d);
    const [y, w] = [load.vector('y'), load.vector('w')];
    const gradient = jit((XX: [Tensor, Tensor], y: Tensor, w: Tensor) => {
      const residual = nn.sigmoid(X.times(XX, w.ref)).sub(y).div(n);
      const found = X.transposedTimes(XX, residual).add(w.mul(penalty));
      drop(XX);
      return found;
    });
    return work(() => gradient(handed(X), y.ref, w.ref));
  };

const hessianProduct =
  (precision: Precision): Prepare =>
  (input) => {
    const [n, d, penalty] = [input.number('n'), input.number('d'), input.number('penalty')];
    const load = loadOf(input, precision);
    const X = design(load, precision, 'X', n, d);
    const [curvature, v] = [load.vector('curvature'), load.vector('v')];
    const product = jit((XX: [Tensor, Tensor], curvature: Tensor, v: Tensor) => {
      const found = X.transposedTimes(XX, X.times(XX, v.ref).mul(curvature).div(n)).add(v.mul(penalty));
      drop(XX);
      return found;
    });
    return work(() => product(handed(X), curvature.ref, v.ref));
  };

const matrixProduct =
  (precision: Precision): Prepare =>
  (input) => {
    const n = input.number('n');
    const load = loadOf(input, precision);
    const [A, B] = [load.matrix('A', n, n), load.matrix('B', n, n)];
    const product = jit((A: Tensor, B: Tensor) => np.matmul(A, B));
    return work(() => product(A.ref, B.ref));
  };

const choleskyFactor =
  (precision: Precision): Prepare =>
  (input) => {
    const n = input.number('n');
    const A = loadOf(input, precision).matrix('A', n, n);
    const factor = jit((A: Tensor) => lax.linalg.cholesky(A));
    return work(() => factor(A.ref));
  };

/** Its triangular solve fails inside `jit`: the factor and the solves are dispatched one by one. */
function solvePositive(A: Tensor): (b: Tensor) => Tensor {
  const L = lax.linalg.cholesky(A);
  return (b) => {
    const half = lax.linalg.triangularSolve(L.ref, b, { leftSide: true, lower: true });
    return lax.linalg.triangularSolve(L.ref, half, { leftSide: true, lower: true, transposeA: true });
  };
}

const gram = jit((XT: Tensor) => np.matmul(XT.ref, np.transpose(XT)));
const moments = jit((XT: Tensor, y: Tensor) => np.matmul(XT, y));

const ridge =
  (precision: Precision, again: boolean): Prepare =>
  (input) => {
    const [n, m, d, penalty] = [input.number('n'), input.number('m'), input.number('d'), input.number('penalty')];
    const load = loadOf(input, precision);
    const [XT, XvT] = [load.transposed('X', n, d), load.transposed('Xv', m, d)];
    const [y, yv] = [load.vector('y').reshape([n, 1]), load.vector('yv').reshape([m, 1])];
    const normal = () => [gram(XT.ref).div(n), moments(XT.ref, y.ref).div(n)] as const;
    const shifted = jit((G: Tensor, penalty: Tensor) => G.add(np.eye(d, d, { dtype: penalty.dtype }).mul(penalty)));
    const throughData = jit((XvT: Tensor, yv: Tensor, w: Tensor) => {
      const residual = np.matmul(np.transpose(XvT.ref), w).sub(yv);
      return np.matmul(XvT, residual).mul(2 / m);
    });
    const throughGram = jit((Gv: Tensor, bv: Tensor, w: Tensor) => np.matmul(Gv, w).sub(bv).mul(2));
    const product = jit((v: Tensor, w: Tensor) => np.sum(v.mul(w)).neg().reshape([1]));

    const hypergradient = (G: Tensor, b: Tensor, penalty: number, criterionGradient: (w: Tensor) => Tensor): Tensor => {
      const solve = solvePositive(shifted(G, load.of(Float64Array.of(penalty))));
      const w = solve(b);
      const v = solve(criterionGradient(w.ref));
      return product(v, w);
    };
    if (!again) {
      return work(() => {
        const [G, b] = normal();
        return hypergradient(G, b, penalty, (w) => throughData(XvT.ref, yv.ref, w));
      });
    }
    const [[G, b], Gv, bv] = [normal(), gram(XvT.ref).div(m), moments(XvT, yv).div(m)];
    const at = (penalty: number): Tensor => hypergradient(G.ref, b.ref, penalty, (w) => throughGram(Gv.ref, bv.ref, w));
    let count = 0;
    const run = async (): Promise<void> => {
      count += 1;
      const found = at(penalty * (1 + 1e-3 * (count % 8)));
      await found.blockUntilReady();
      found.dispose();
    };
    return { run, result: () => at(penalty).dataSync() as ArrayLike<number> };
  };

const read = (tensor: Tensor): Float64Array => Float64Array.from(tensor.dataSync() as ArrayLike<number>);

const logistic: Prepare = (input) => {
  const [n, m, d, penalty] = [input.number('n'), input.number('m'), input.number('d'), input.number('penalty')];
  const load = loadOf(input, 'float64');
  const [X, Xv] = [design(load, 'float64', 'X', n, d), design(load, 'float64', 'Xv', m, d)];
  const [y, yv] = [load.vector('y'), load.vector('yv')];
  const gradient = (X: Design, rows: number, penalty: number) =>
    jit((XX: [Tensor, Tensor], y: Tensor, w: Tensor): [Tensor, Tensor] => {
      const s = nn.sigmoid(X.times(XX, w.ref));
      const g = X.transposedTimes(XX, s.ref.sub(y).div(rows)).add(w.mul(2 * penalty));
      drop(XX);
      return [g, s.ref.mul(np.array(1).astype(np.float64).sub(s)).div(rows)];
    });
  const product = jit((XX: [Tensor, Tensor], curvature: Tensor, v: Tensor) => {
    const found = X.transposedTimes(XX, X.times(XX, v.ref).mul(curvature)).add(v.mul(2 * penalty));
    drop(XX);
    return found;
  });
  const [train, valid] = [gradient(X, n, penalty), gradient(Xv, m, 0)];
  let found = 0;
  const run = (): void => {
    let curvature: Tensor | undefined;
    const gradientAt = (w: Float64Array): Float64Array => {
      curvature?.dispose();
      const [g, D] = train(handed(X), y.ref, np.array(w));
      curvature = D;
      return read(g);
    };
    const times = (v: Float64Array): Float64Array => read(product(handed(X), (curvature as Tensor).ref, np.array(v)));
    const w = minimise(d, gradientAt, (g) => dot(g, g) / dot(g, times(g)), 1e-8);
    const [g, unused] = valid(handed(Xv), yv.ref, np.array(w));
    unused.dispose();
    const criterion = read(g);
    const v = conjugateGradient((v, out) => out.set(times(v)), criterion, 1e-8 * norm(criterion));
    curvature?.dispose();
    found = -2 * dot(v, w);
  };
  return { run, result: () => [found], note: 'inner: L-BFGS, from a multiple of the identity, vectors on the host' };
};

const unrolledLogistic =
  (precision: Precision): Prepare =>
  (input) => {
    const [n, m, d, steps] = [input.number('n'), input.number('m'), input.number('d'), input.number('steps')];
    const [penalty, rate] = [input.number('penalty'), input.number('rate')];
    const load = loadOf(input, precision);
    const [X, Xv] = [design(load, precision, 'X', n, d), design(load, precision, 'Xv', m, d)];
    const [y, yv] = [load.vector('y'), load.vector('yv')];
    const forward = jit((XX: [Tensor, Tensor], y: Tensor, w: Tensor): [Tensor, Tensor, Tensor] => {
      const s = nn.sigmoid(X.times(XX, w.ref));
      const g = X.transposedTimes(XX, s.ref.sub(y).div(n)).add(w.ref.mul(2 * penalty));
      drop(XX);
      return [w.sub(g.ref.mul(rate)), g, s.ref.sub(s.ref.mul(s)).div(n)];
    });
    const criterion = jit((XX: [Tensor, Tensor], y: Tensor, w: Tensor) => {
      const g = Xv.transposedTimes(XX, nn.sigmoid(Xv.times(XX, w)).sub(y).div(m));
      drop(XX);
      return g;
    });
    type Carried = [Tensor, Tensor, Tensor];
    const reverse = jit((XX: [Tensor, Tensor], [a, inPenalty, inRate]: Carried, [w, g, curvature]: Carried): Carried => {
      const h = X.transposedTimes(XX, X.times(XX, a.ref).mul(curvature)).add(a.ref.mul(2 * penalty));
      drop(XX);
      const penaltyChange = np.sum(a.ref.mul(w)).mul(2 * rate);
      const rateChange = np.sum(a.ref.mul(g));
      return [a.sub(h.mul(rate)), inPenalty.sub(penaltyChange), inRate.sub(rateChange)];
    });
    return work(() => {
      let w = load.of(new Float64Array(d));
      const trail: Carried[] = [];
      for (let t = 0; t < steps; t += 1) {
        const [next, g, curvature] = forward(handed(X), y.ref, w.ref);
        trail.push([w, g, curvature]);
        w = next;
      }
      const zero = load.of(new Float64Array(1));
      let carried: Carried = [criterion(handed(Xv), yv.ref, w), zero.ref, zero];
      for (const step of trail.toReversed()) carried = reverse(handed(X), carried, step);
      const [a, inPenalty, inRate] = carried;
      a.dispose();
      return np.concatenate([inPenalty, inRate]);
    });
  };

/** V [hidden, pixels], c [hidden, 1], U [classes, hidden], e [classes, 1]; samples are columns. */
type Params = [Tensor, Tensor, Tensor, Tensor];
/** tanh, (softmax − label) / count, and what the second layer carries back. */
type State = [Tensor, Tensor, Tensor];

const backPropagation = (X: Tensor, Y: Tensor, [V, c, U, e]: Params, count: number): { g: Params; state: State } => {
  const H = np.tanh(np.matmul(V, X.ref).add(c));
  const E = nn.softmax(np.matmul(U.ref, H.ref).add(e), 0).sub(Y).div(count);
  const back = np.matmul(np.transpose(U), E.ref);
  const slope = back.ref.mul(H.ref.mul(H.ref).neg().add(1));
  const g: Params = [
    np.matmul(slope.ref, np.transpose(X)),
    np.sum(slope, 1, { keepdims: true }),
    np.matmul(E.ref, np.transpose(H.ref)),
    np.sum(E.ref, 1, { keepdims: true }),
  ];
  return { g, state: [H, E, back] };
};

const unrolledNetwork =
  (precision: Precision): Prepare =>
  (input) => {
    const [n, m, pixels, hidden] = [input.number('n'), input.number('m'), input.number('pixels'), input.number('hidden')];
    const [classes, steps, decay, rate] = [input.number('classes'), input.number('steps'), input.number('decay'), input.number('rate')];
    const load = loadOf(input, precision);
    const [X, Xv] = [load.transposed('X', n, pixels), load.transposed('Xv', m, pixels)];
    const [Y, Yv] = [load.oneHot('y', classes), load.oneHot('yv', classes)];
    const [start1, start2] = [load.transposed('W1', pixels, hidden), load.transposed('W2', hidden, classes)];

    interface Step {
      next: Params;
      g: Params;
      state: State;
    }
    const forward = jit((X: Tensor, Y: Tensor, params: Params): Step & Record<string, Tensor[]> => {
      const [V, c, U, e] = params;
      const { g, state } = backPropagation(X, Y, [V.ref, c.ref, U.ref, e.ref], n);
      const full: Params = [g[0].add(V.ref.mul(decay)), g[1], g[2].add(U.ref.mul(decay)), g[3]];
      const next = params.map((part, k) => part.sub((full[k] as Tensor).ref.mul(rate))) as Params;
      return { next, g: full, state };
    });
    const criterion = jit((Xv: Tensor, Yv: Tensor, params: Params): Tensor[] => {
      const { g, state } = backPropagation(Xv, Yv, params, m);
      for (const array of state) array.dispose();
      return g;
    });
    const reverse = jit(
      (X: Tensor, Y: Tensor, adjoint: Params, sums: [Tensor, Tensor], at: Tensor[], g: Params, state: State): Tensor[] => {
        const [aV, ac, aU, ae] = adjoint;
        const [V, U] = at as [Tensor, Tensor];
        const [H, E, back] = state;
        const inner = (a: Tensor, b: Tensor): Tensor => np.sum(a.mul(b));
        const inDecay = sums[0].sub(inner(aV.ref, V).add(inner(aU.ref, U.ref)).mul(rate));
        const inRate = adjoint.reduce((sum, part, k) => sum.sub(inner(part.ref, g[k] as Tensor)), sums[1]);
        const slope = H.ref.mul(H.ref).neg().add(1);
        // The Hessian times the adjoint: every line of `backPropagation`, differentiated along the adjoint.
        const RH = np.matmul(aV.ref, X.ref).add(ac.ref).mul(slope.ref);
        const RZ = np.matmul(U.ref, RH.ref).add(np.matmul(aU.ref, H.ref)).add(ae.ref);
        const P = E.ref.mul(n).add(Y);
        const mean = np.sum(P.ref.mul(RZ.ref), 0, { keepdims: true });
        const RE = P.mul(RZ.sub(mean)).div(n);
        const RB = np
          .matmul(np.transpose(U), RE.ref)
          .add(np.matmul(np.transpose(aU.ref), E.ref))
          .mul(slope);
        const RS = RB.sub(back.mul(H.ref).mul(RH.ref).mul(2));
        const h: Params = [
          np.matmul(RS.ref, np.transpose(X)).add(aV.ref.mul(decay)),
          np.sum(RS, 1, { keepdims: true }),
          np
            .matmul(E, np.transpose(RH))
            .add(np.matmul(RE.ref, np.transpose(H)))
            .add(aU.ref.mul(decay)),
          np.sum(RE, 1, { keepdims: true }),
        ];
        return [...adjoint.map((part, k) => part.sub((h[k] as Tensor).mul(rate))), inDecay, inRate];
      },
    );

    return work(() => {
      const zeros = (rows: number): Tensor => load.of(new Float64Array(rows)).reshape([rows, 1]);
      let params: Params = [start1.ref, zeros(hidden), start2.ref, zeros(classes)];
      const trail: { at: Tensor[]; g: Params; state: State }[] = [];
      for (let t = 0; t < steps; t += 1) {
        const [V, , U] = params;
        const at = [V.ref, U.ref];
        const { next, g, state } = forward(X.ref, Y.ref, params);
        trail.push({ at, g, state });
        params = next;
      }
      let adjoint = criterion(Xv.ref, Yv.ref, params) as Params;
      const zero = load.of(new Float64Array(1));
      let sums: [Tensor, Tensor] = [zero.ref, zero];
      for (const { at, g, state } of trail.toReversed()) {
        const [aV, ac, aU, ae, inDecay, inRate] = reverse(X.ref, Y.ref, adjoint, sums, at, g, state) as [...Params, Tensor, Tensor];
        adjoint = [aV, ac, aU, ae];
        sums = [inDecay, inRate];
      }
      for (const part of adjoint) part.dispose();
      return np.concatenate(sums);
    });
  };

const hyperCleaning: Prepare = (input) => {
  const [n, m, pixels, classes] = [input.number('n'), input.number('m'), input.number('pixels'), input.number('classes')];
  const ridgeWeight = input.number('ridge');
  const load = loadOf(input, 'float64');
  const [X, Xv] = [load.transposed('X', n, pixels), load.transposed('Xv', m, pixels)];
  const [Y, Yv] = [load.oneHot('noisy', classes), load.oneHot('yv', classes)];
  const s = input.load('theta').map((theta) => 1 / (1 + Math.exp(-theta)));
  const weights = load.of(s.map((value) => value / n));
  const even = load.of(new Float64Array(m).fill(1 / m));
  const slopes = load.of(s.map((value) => (-value * (1 - value)) / n));

  const shaped = (values: Float64Array): Tensor => np.array(values.slice()).reshape([classes, pixels]);
  const gradient = jit((X: Tensor, Y: Tensor, weights: Tensor, W: Tensor): [Tensor, Tensor] => {
    const P = nn.softmax(np.matmul(W, X.ref), 0);
    return [np.matmul(P.ref.sub(Y).mul(weights), np.transpose(X)), P];
  });
  const product = jit((X: Tensor, weights: Tensor, P: Tensor, V: Tensor) => {
    const R = np.matmul(V, X.ref);
    const mean = np.sum(P.ref.mul(R.ref), 0, { keepdims: true });
    return np.matmul(P.mul(weights).mul(R.sub(mean)), np.transpose(X));
  });
  const cross = jit((X: Tensor, Y: Tensor, slopes: Tensor, P: Tensor, V: Tensor) => np.sum(np.matmul(V, X).mul(P.sub(Y)), 0).mul(slopes));
  const around = jit((X: Tensor, weights: Tensor) => np.matmul(X.ref.mul(weights.mul(0.1)), np.transpose(X)));

  let found: Float64Array = new Float64Array(n);
  const run = (): void => {
    // See peers/numpy_peer.py: every class' block of the Hessian is near this one matrix.
    const factor = read(around(X.ref, weights.ref));
    for (let j = 0; j < pixels; j += 1) factor[j * pixels + j] = (factor[j * pixels + j] as number) + ridgeWeight;
    cholesky(factor, pixels);
    const precondition = (r: Float64Array, out: Float64Array): void => {
      out.set(r);
      for (let k = 0; k < classes; k += 1) choleskySolve(factor, pixels, out.subarray(k * pixels, (k + 1) * pixels));
    };
    const W = new Float64Array(classes * pixels);
    const products = (P: Tensor) => (V: Float64Array, out: Float64Array) => {
      out.set(read(product(X.ref, weights.ref, P.ref, shaped(V))));
      add(out, ridgeWeight, V);
    };
    for (;;) {
      const [tensor, P] = gradient(X.ref, Y.ref, weights.ref, shaped(W));
      const g = read(tensor);
      add(g, ridgeWeight, W);
      const size = norm(g);
      if (size > 1e-8) {
        add(W, -1, conjugateGradient(products(P), g, Math.max(size * Math.min(0.3, size), 5e-9), precondition));
        P.dispose();
        continue;
      }
      const [criterionTensor, unused] = gradient(Xv.ref, Yv.ref, even.ref, shaped(W));
      unused.dispose();
      const criterion = read(criterionTensor);
      const V = conjugateGradient(products(P), criterion, 1e-8 * norm(criterion), precondition);
      found = read(cross(X.ref, Y.ref, slopes.ref, P, shaped(V)));
      return;
    }
  };
  return { run, result: () => found, note: "inner: Newton-CG, preconditioned as NumPy's, vectors on the host" };
};

const noAccuracy = 'float32 does not reach a gradient norm of 1e-8';

const functions = (precision: Precision): Functions => ({
  'logistic-gradient': logisticGradient(precision),
  'hessian-product': hessianProduct(precision),
  'matrix-product': matrixProduct(precision),
  cholesky: choleskyFactor(precision),
  'ridge-first': ridge(precision, false),
  'ridge-again': ridge(precision, true),
  logistic: precision === 'float64' ? logistic : noAccuracy,
  'unrolled-logistic': unrolledLogistic(precision),
  'unrolled-network': unrolledNetwork(precision),
  'hyper-cleaning': precision === 'float64' ? hyperCleaning : noAccuracy,
});

export async function open({ precision }: Options): Promise<Contestant> {
  const devices = await init('wasm');
  if (!devices.includes('wasm')) throw new Error('its Wasm backend did not start');
  defaultDevice('wasm');
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  return { versions: { 'jax-js': versionOf('@jax-js/jax', root), node: process.version }, rows: functions(precision) };
}
