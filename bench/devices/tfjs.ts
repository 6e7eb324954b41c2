/**
 * TensorFlow.js by hand: what somebody writes who knows the library and the mathematics. First derivatives are those of its tape (`tf.grad`), through whole
 * recipes too; gradients inside of recipes are formulas, because the tape's second derivatives throw or are wrong. Nothing is read
 * back in the midst of a solve but for one test a Newton step.
 */
import * as tf from '@tensorflow/tfjs-core';
import { numberOf, tolerance, type Kind, type Task, type Way } from './kinds.ts';
import type { Numbers } from '../rows.ts';

type ByHand = (task: Task) => Way;

const column = (task: Task, name: string): tf.Tensor2D => {
  const values = task.arrays[name] ?? [];
  return tf.tensor2d(Float32Array.from(values), [1, values.length]);
};
const matrix = ({ arrays, sizes }: Task, name: string, rows: string, columns: string): tf.Tensor2D =>
  tf.tensor2d(Float32Array.from(arrays[name] ?? []), [numberOf(sizes, rows), numberOf(sizes, columns)]);
const oneHot = ({ arrays, sizes }: Task, name: string): tf.Tensor2D =>
  tf.cast(tf.oneHot(tf.tensor1d(Int32Array.from(arrays[name] ?? []), 'int32'), numberOf(sizes, 'classes')), 'float32') as tf.Tensor2D;

const readBack = async (found: tf.Tensor): Promise<readonly number[]> => {
  const values = await found.data();
  found.dispose();
  return Array.from(values);
};

/** `find` in a tidy, with what it found read back. */
const way = (held: readonly tf.Tensor[], find: (at: Numbers) => readonly tf.Tensor[]): Way => ({
  run: (at) => readBack(tf.tidy(() => tf.stack(find(at).map((tensor) => tf.reshape(tensor, []))))),
  close: () => tf.dispose([...held]),
});

const times = (a: tf.Tensor, b: tf.Tensor): tf.Tensor2D => tf.matMul(a, b);
const plus = (a: tf.Tensor, factor: tf.Tensor | number, b: tf.Tensor): tf.Tensor => tf.add(a, tf.mul(b, factor));
const dot = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.sum(tf.mul(a, b));

/** `steps` steps of conjugate gradients from zero, with nothing read back. */
function solved(product: (v: tf.Tensor) => tf.Tensor, right: tf.Tensor, steps: number): tf.Tensor {
  let x: tf.Tensor = tf.zerosLike(right);
  let [r, p] = [right, right];
  let square = dot(r, r);
  for (let step = 0; step < steps; step += 1) {
    const Ap = product(p);
    const length = tf.div(square, dot(p, Ap));
    x = plus(x, length, p);
    r = tf.sub(r, tf.mul(Ap, length));
    const next = dot(r, r);
    p = plus(r, tf.div(next, square), p);
    square = next;
  }
  return x;
}

/** The Gram matrices are there before; no factorisation is in the library. */
const ridgeAgain: ByHand = (task) => {
  const [n, m, d] = ['n', 'm', 'd'].map((size) => numberOf(task.sizes, size)) as [number, number, number];
  const held = tf.tidy(() => {
    const gram = (X: tf.Tensor2D, y: tf.Tensor2D, count: number) => ({
      G: tf.div(tf.matMul(X, X, true), count),
      b: tf.div(tf.matMul(y, X), count),
    });
    return {
      train: gram(matrix(task, 'X', 'n', 'd'), column(task, 'y'), n),
      valid: gram(matrix(task, 'Xv', 'm', 'd'), column(task, 'yv'), m),
    };
  });
  const { train, valid } = held;
  const criterion = tf.grad((w) => tf.sub(dot(w, times(w, valid.G)), tf.mul(2, dot(w, valid.b))));
  // The eigenvalues of G lie within (1 ± √(d/n))²: so many steps leave 1e-6 of the error.
  const ratio = (1 + Math.sqrt(d / n)) / (1 - Math.sqrt(d / n));
  const steps = Math.ceil(Math.log(2e6) / Math.log((ratio + 1) / (ratio - 1)));
  return way([train.G, train.b, valid.G, valid.b], (at) => {
    const penalty = numberOf(at, 'penalty');
    const product = (v: tf.Tensor): tf.Tensor => plus(times(v, train.G), penalty, v);
    const w = solved(product, train.b, steps);
    return [tf.mul(-1, dot(solved(product, criterion(w), steps), w))];
  });
};

/** Xᵀ and X for products with rows, as an op of which the tape knows the derivative: by flags the library’s products are slower. */
function linear(task: Task, name: string, rows: string, columns: string) {
  const X = matrix(task, name, rows, columns);
  const XT = tf.transpose(X);
  return {
    X,
    XT,
    scores: tf.customGrad((w) => ({ value: tf.matMul(w as tf.Tensor2D, XT), gradFunc: (dy) => tf.matMul(dy, X) })),
  };
}

const logisticLoss = (z: tf.Tensor, y: tf.Tensor): tf.Scalar => tf.mean(tf.sub(tf.softplus(z), tf.mul(y, z)));

/** Newton’s method, its steps by conjugate gradients. */
const logistic: ByHand = (task) => {
  const [n, d] = [numberOf(task.sizes, 'n'), numberOf(task.sizes, 'd')];
  const { X, XT } = linear(task, 'X', 'n', 'd');
  const valid = linear(task, 'Xv', 'm', 'd');
  const [y, yv] = [column(task, 'y'), column(task, 'yv')];
  const criterion = tf.grad((w) => logisticLoss(valid.scores(w), yv));
  const newtonSteps = 12;
  const atPoint = (w: tf.Tensor, penalty: number) =>
    tf.tidy(() => {
      const s = tf.sigmoid(times(w, XT));
      const gradient = plus(times(tf.div(tf.sub(s, y), n), X), 2 * penalty, w);
      return { gradient, curvature: tf.div(tf.mul(s, tf.sub(1, s)), n), square: dot(gradient, gradient) };
    });
  return {
    run: async (at) => {
      const penalty = numberOf(at, 'penalty');
      let w: tf.Tensor = tf.zeros([1, d]);
      for (let step = 0; ; step += 1) {
        const { gradient, curvature, square } = atPoint(w, penalty);
        const product = (v: tf.Tensor): tf.Tensor => plus(times(tf.mul(times(v, XT), curvature), X), 2 * penalty, v);
        const [norm = Number.NaN] = (await readBack(square)).map(Math.sqrt);
        const isThere = norm <= tolerance;
        if (!isThere && (step === newtonSteps || Number.isNaN(norm))) throw new Error(`the gradient is still ${norm}`);
        const before = w;
        const next = tf.tidy(() =>
          isThere
            ? tf.mul(-2, dot(solved(product, criterion(before), 12), before))
            : tf.sub(before, solved(product, gradient, 3 + 3 * step)),
        );
        tf.dispose([before, gradient, curvature]);
        if (isThere) return readBack(next);
        w = next;
      }
    },
    close: () => tf.dispose([X, XT, valid.X, valid.XT, y, yv]),
  };
};

const unrolledLogistic: ByHand = (task) => {
  const [n, d, steps] = ['n', 'd', 'steps'].map((size) => numberOf(task.sizes, size)) as [number, number, number];
  const train = linear(task, 'X', 'n', 'd');
  const valid = linear(task, 'Xv', 'm', 'd');
  const [y, yv] = [column(task, 'y'), column(task, 'yv')];
  const back = tf.customGrad((r) => ({
    value: tf.matMul(r as tf.Tensor2D, train.X),
    gradFunc: (dy) => tf.matMul(dy, train.XT),
  }));
  const derivatives = tf.grads((penalty, rate) => {
    let w: tf.Tensor = tf.zeros([1, d]);
    for (let step = 0; step < steps; step += 1) {
      const gradient = back(tf.div(tf.sub(tf.sigmoid(train.scores(w)), y), n));
      w = tf.sub(w, tf.mul(rate, plus(gradient, tf.mul(2, penalty), w)));
    }
    return logisticLoss(valid.scores(w), yv);
  });
  return way([train.X, train.XT, valid.X, valid.XT, y, yv], (at) =>
    derivatives([tf.scalar(numberOf(at, 'penalty')), tf.scalar(numberOf(at, 'rate'))]),
  );
};

const unrolledNetwork: ByHand = (task) => {
  const [hidden, classes, steps] = ['hidden', 'classes', 'steps'].map((size) => numberOf(task.sizes, size)) as [number, number, number];
  const [X, Xv] = [matrix(task, 'X', 'n', 'pixels'), matrix(task, 'Xv', 'm', 'pixels')];
  const XT = tf.transpose(X);
  const [Y, Yv] = [oneHot(task, 'y'), oneHot(task, 'yv')];
  const [start1, start2] = [matrix(task, 'W1', 'pixels', 'hidden'), matrix(task, 'W2', 'hidden', 'classes')];
  const forward = tf.customGrad((W) => ({ value: times(X, W as tf.Tensor), gradFunc: (dy) => times(XT, dy) }));
  const back = tf.customGrad((S) => ({ value: times(XT, S as tf.Tensor), gradFunc: (dy) => times(X, dy) }));
  const derivatives = tf.grads((decay, rate) => {
    let [W1, b1, W2, b2]: tf.Tensor[] = [start1, tf.zeros([hidden]), start2, tf.zeros([classes])];
    const moved = (from: tf.Tensor, by: tf.Tensor): tf.Tensor => tf.sub(from, tf.mul(rate, by));
    for (let step = 0; step < steps; step += 1) {
      const A = tf.tanh(tf.add(forward(W1 as tf.Tensor), b1 as tf.Tensor));
      const E = tf.div(tf.sub(tf.softmax(tf.add(times(A, W2 as tf.Tensor), b2 as tf.Tensor)), Y), Y.shape[0]);
      const slope = tf.mul(tf.matMul(E as tf.Tensor2D, W2 as tf.Tensor2D, false, true), tf.sub(1, tf.square(A)));
      const change2 = tf.matMul(A, E, true);
      [W1, b1, W2, b2] = [
        moved(W1 as tf.Tensor, plus(back(slope), decay, W1 as tf.Tensor)),
        moved(b1 as tf.Tensor, tf.sum(slope, 0)),
        moved(W2 as tf.Tensor, plus(change2, decay, W2 as tf.Tensor)),
        moved(b2 as tf.Tensor, tf.sum(E, 0)),
      ];
    }
    const A = tf.tanh(tf.add(times(Xv, W1 as tf.Tensor), b1 as tf.Tensor));
    const L = tf.logSoftmax(tf.add(times(A, W2 as tf.Tensor), b2 as tf.Tensor));
    return tf.neg<tf.Scalar>(tf.div(dot(L, Yv), Yv.shape[0]));
  });
  return way([X, XT, Xv, Y, Yv, start1, start2], (at) => derivatives([tf.scalar(numberOf(at, 'decay')), tf.scalar(numberOf(at, 'rate'))]));
};

const byKind: Readonly<Record<Kind, ByHand>> = {
  'ridge-again': ridgeAgain,
  logistic,
  'unrolled-logistic': unrolledLogistic,
  'unrolled-network': unrolledNetwork,
};

/** On the backend that is up. */
export const tfjsByHand = (task: Task): Way => byKind[task.kind](task);
