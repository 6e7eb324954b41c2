/**
 * TensorFlow.js, float32, its backends `cpu` and `wasm`: the same formulas as the other contestants', from its forward ops alone
 * (no `tf.grad`: second derivatives of its own tape throw or are wrong). Both backends have done an op when it returns; the results
 * are read all the same.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Contestant, Input, Options, Prepare, Work } from '../contestant.ts';

const matrix = (input: Input, name: string, rows: number, columns: number): tf.Tensor2D =>
  tf.tensor2d(Float32Array.from(input.load(name)), [rows, columns]);

/** A matrix and its transpose: a product that transposes by a flag leaves the fast kernel of `wasm`. */
const bothWays = (input: Input, name: string, rows: number, columns: number): readonly [tf.Tensor2D, tf.Tensor2D] => {
  const X = matrix(input, name, rows, columns);
  return [X, tf.transpose(X)];
};

/** Vectors are rows: in a product the right factor is what `wasm` keeps packed. */
const row = (input: Input, name: string): tf.Tensor2D => {
  const values = input.load(name);
  return tf.tensor2d(Float32Array.from(values), [1, values.length]);
};

const oneHot = (input: Input, name: string, classes: number): tf.Tensor2D =>
  tf.cast(tf.oneHot(tf.tensor1d(Int32Array.from(input.load(name)), 'int32'), classes), 'float32') as tf.Tensor2D;

/** `find` in a tidy, what it found kept as numbers; what it works on is freed in the end. */
function work(held: readonly tf.Tensor[], find: () => tf.Tensor): Work {
  let last: ArrayLike<number> = [];
  return {
    run: (): void => {
      // Nothing is returned from the tidy: it would look for tensors in every element of the array.
      tf.tidy(() => {
        last = find().dataSync();
      });
    },
    result: () => last,
    dispose: (): void => tf.dispose([...held]),
  };
}

const times = (a: tf.Tensor, b: tf.Tensor): tf.Tensor2D => tf.matMul(a, b);
const plus = (a: tf.Tensor, factor: number, b: tf.Tensor): tf.Tensor => tf.add(a, tf.mul(b, factor));
const dot = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.sum(tf.mul(a, b));

const logisticGradient: Prepare = (input) => {
  const [n, d, penalty] = [input.number('n'), input.number('d'), input.number('penalty')];
  const [X, XT] = bothWays(input, 'X', n, d);
  const [y, w] = [row(input, 'y'), row(input, 'w')];
  return work([X, XT, y, w], () => plus(times(tf.div(tf.sub(tf.sigmoid(times(w, XT)), y), n), X), penalty, w));
};

const hessianProduct: Prepare = (input) => {
  const [n, d, penalty] = [input.number('n'), input.number('d'), input.number('penalty')];
  const [X, XT] = bothWays(input, 'X', n, d);
  const [v, curvature] = [row(input, 'v'), row(input, 'curvature')];
  return work([X, XT, v, curvature], () => plus(times(tf.div(tf.mul(times(v, XT), curvature), n), X), penalty, v));
};

const matrixProduct: Prepare = (input) => {
  const n = input.number('n');
  const [A, B] = [matrix(input, 'A', n, n), matrix(input, 'B', n, n)];
  return work([A, B], () => tf.matMul(A, B));
};

const unrolledLogistic: Prepare = (input) => {
  const [n, m, d, steps] = [input.number('n'), input.number('m'), input.number('d'), input.number('steps')];
  const [penalty, rate] = [input.number('penalty'), input.number('rate')];
  const [X, XT] = bothWays(input, 'X', n, d);
  const [Xv, XvT] = bothWays(input, 'Xv', m, d);
  const [y, yv] = [row(input, 'y'), row(input, 'yv')];
  return work([X, XT, Xv, XvT, y, yv], () => {
    let w: tf.Tensor = tf.zeros([1, d]);
    const trail = Array.from({ length: steps }, () => {
      const point = w;
      const made = tf.tidy(() => {
        const s = tf.sigmoid(times(point, XT));
        const gradient = plus(times(tf.div(tf.sub(s, y), n), X), 2 * penalty, point);
        return { next: plus(point, -rate, gradient), gradient, curvature: tf.div(tf.mul(s, tf.sub(1, s)), n) };
      });
      w = made.next;
      return { point, ...made };
    });
    let adjoint: tf.Tensor = times(tf.div(tf.sub(tf.sigmoid(times(w, XvT)), yv), m), Xv);
    let inPenalty: tf.Tensor = tf.scalar(0);
    let inRate: tf.Tensor = tf.scalar(0);
    for (const { point, gradient, curvature } of trail.toReversed()) {
      const next = tf.tidy(() => {
        const product = plus(times(tf.mul(times(adjoint, XT), curvature), X), 2 * penalty, adjoint);
        return {
          adjoint: plus(adjoint, -rate, product),
          inPenalty: plus(inPenalty, -2 * rate, dot(adjoint, point)),
          inRate: tf.sub(inRate, dot(adjoint, gradient)),
        };
      });
      ({ adjoint, inPenalty, inRate } = next);
    }
    return tf.stack([inPenalty, inRate]);
  });
};

/** W1, b1, W2, b2. */
type Params = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
const updated = (params: Params, factor: number, change: Params): Params =>
  params.map((part, k) => plus(part, factor, change[k] as tf.Tensor)) as Params;

/** Of a network's mean cross entropy: the gradient, tanh, (softmax − label) / count, and what the second layer carries back. */
function backPropagation([W1, b1, W2, b2]: Params, X: tf.Tensor, XT: tf.Tensor, Y: tf.Tensor2D) {
  const A = tf.tanh(tf.add(times(X, W1), b1));
  const E = tf.div(tf.sub(tf.softmax(tf.add(times(A, W2), b2)), Y), Y.shape[0]);
  const back = times(E, tf.transpose(W2));
  const slope = tf.mul(back, tf.sub(1, tf.square(A)));
  const gradient: Params = [times(XT, slope), tf.sum(slope, 0), times(tf.transpose(A), E), tf.sum(E, 0)];
  return { gradient, A, E, back };
}

const unrolledNetwork: Prepare = (input) => {
  const [n, m, pixels, hidden] = [input.number('n'), input.number('m'), input.number('pixels'), input.number('hidden')];
  const [classes, steps, decay, rate] = [input.number('classes'), input.number('steps'), input.number('decay'), input.number('rate')];
  const [X, XT] = bothWays(input, 'X', n, pixels);
  const [Xv, XvT] = bothWays(input, 'Xv', m, pixels);
  const [Y, Yv] = [oneHot(input, 'y', classes), oneHot(input, 'yv', classes)];
  const [start1, start2] = [matrix(input, 'W1', pixels, hidden), matrix(input, 'W2', hidden, classes)];

  return work([X, XT, Xv, XvT, Y, Yv, start1, start2], () => {
    let params: Params = [start1, tf.zeros([hidden]), start2, tf.zeros([classes])];
    const trail = Array.from({ length: steps }, () => {
      const at = params;
      const made = tf.tidy(() => {
        const { gradient, ...state } = backPropagation(at, X, XT, Y);
        const full: Params = [plus(gradient[0], decay, at[0]), gradient[1], plus(gradient[2], decay, at[2]), gradient[3]];
        return { next: updated(at, -rate, full), gradient: full, ...state };
      });
      params = made.next;
      return { at, ...made };
    });
    let adjoint: Params = tf.tidy(() => backPropagation(params, Xv, XvT, Yv).gradient);
    let inDecay: tf.Tensor = tf.scalar(0);
    let inRate: tf.Tensor = tf.scalar(0);
    for (const { at, gradient, A, E, back } of trail.toReversed()) {
      const next = tf.tidy(() => {
        const [a1, c1, a2, c2] = adjoint;
        const slope = tf.sub(1, tf.square(A));
        // The Hessian times the adjoint: every line of `backPropagation`, differentiated along the adjoint.
        const RA = tf.mul(tf.add(times(X, a1), c1), slope);
        const RZ = tf.add(tf.add(times(RA, at[2]), times(A, a2)), c2);
        const P = plus(Y, n, E);
        const RE = tf.div(tf.mul(P, tf.sub(RZ, tf.sum(tf.mul(P, RZ), 1, true))), n);
        const RB = tf.mul(tf.add(times(RE, tf.transpose(at[2])), times(E, tf.transpose(a2))), slope);
        const RS = plus(RB, -2, tf.mul(back, tf.mul(A, RA)));
        const h: Params = [
          plus(times(XT, RS), decay, a1),
          tf.sum(RS, 0),
          plus(tf.add(times(tf.transpose(RA), E), times(tf.transpose(A), RE)), decay, a2),
          tf.sum(RE, 0),
        ];
        return {
          adjoint: updated(adjoint, -rate, h),
          inDecay: plus(inDecay, -rate, tf.add(dot(a1, at[0]), dot(a2, at[2]))),
          inRate: adjoint.reduce<tf.Tensor>((sum, part, k) => tf.sub(sum, dot(part, gradient[k] as tf.Tensor)), inRate),
        };
      });
      ({ adjoint, inDecay, inRate } = next);
    }
    return tf.stack([inDecay, inRate]);
  });
};

const noCholesky = 'has no Cholesky factorisation';
const noAccuracy = 'float32 does not reach a gradient norm of 1e-8';

export async function open({ backend = 'cpu' }: Options): Promise<Contestant> {
  const require = createRequire(import.meta.url);
  const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));
  if (backend === 'wasm') setWasmPaths(`${join(folderOf('@tensorflow/tfjs-backend-wasm'), 'dist')}/`);
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} did not start`);
  await tf.ready();
  return {
    versions: { 'tfjs-core': tf.version_core, backend: tf.getBackend() },
    rows: {
      'logistic-gradient': logisticGradient,
      'hessian-product': hessianProduct,
      'matrix-product': matrixProduct,
      cholesky: noCholesky,
      'ridge-first': noCholesky,
      'ridge-again': noCholesky,
      logistic: noAccuracy,
      'unrolled-logistic': unrolledLogistic,
      'unrolled-network': unrolledNetwork,
      'hyper-cleaning': noAccuracy,
    },
  };
}
