/** The kernels of our own on `cpu` and `wasm`: the library's where it is right on both, loops for the rest. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { mapValues, type Run, type Tf, type Tfjs } from '../library.ts';
import type { OwnKernels, PointwiseOp } from '../own.ts';
import { functions } from './functions.ts';
import { loops } from './loops.ts';

type Native = (tf: Tf) => Run;

const unary =
  (op: (tf: Tf) => (x: Tensor) => Tensor): Native =>
  (tf) => {
    const run = op(tf);
    return (...[x]) => run(x as Tensor);
  };
const binary =
  (op: (tf: Tf) => (x: Tensor, y: Tensor) => Tensor): Native =>
  (tf) => {
    const run = op(tf);
    return (...[x, y]) => run(x as Tensor, y as Tensor);
  };

/**
 * What the library computes as it is meant. The others go wrong in its Wasm: `log1p` is log(1 + x), `sin` and `cos` read a table, `maximum` and
 * `minimum` lose a NaN, `sign` a small number, `pow` has 1 where the base is 1 and the exponent no number; comparisons make `bool`.
 */
const natives: Readonly<Partial<Record<PointwiseOp, Native>>> = {
  neg: unary((tf) => tf.neg),
  abs: unary((tf) => tf.abs),
  floor: unary((tf) => tf.floor),
  exp: unary((tf) => tf.exp),
  log: unary((tf) => tf.log),
  expm1: unary((tf) => tf.expm1),
  sqrt: unary((tf) => tf.sqrt),
  tanh: unary((tf) => tf.tanh),
  sigmoid: unary((tf) => tf.sigmoid),
  softplus: unary((tf) => tf.softplus),
  add: binary((tf) => tf.add),
  sub: binary((tf) => tf.sub),
  mul: binary((tf) => tf.mul),
  div: binary((tf) => tf.div),
};

export function hostKernels(tfjs: Tfjs): OwnKernels {
  const { pointwise, ...others } = loops(tfjs);
  return {
    ...others,
    pointwise: mapValues(functions, (f, op) => {
      const native = natives[op]?.(tfjs.tf);
      return native === undefined ? pointwise(f) : () => native;
    }),
  };
}
