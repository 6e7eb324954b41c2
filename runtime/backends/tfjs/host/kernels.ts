/** The kernels of our own on `cpu` and `wasm`: the library's where it is right on both, loops for the rest. */
import type { PointwiseOp } from '../../../../plan/op-names.ts';
import type { Tensor } from '@tensorflow/tfjs-core';
import { mapValues, type Run, type Tfjs } from '../library.ts';
import type { OwnKernels } from '../own.ts';
import { functions } from './functions.ts';
import { loops } from './loops.ts';

/**
 * What the library computes as it is meant, by its names for kernels: called by these, they are not looked at for types first. The others go wrong in its
 * Wasm (`test/backends/tfjs-traps.test.ts`), or make `bool`.
 */
const natives: Readonly<Partial<Record<PointwiseOp, string>>> = {
  neg: 'Neg',
  abs: 'Abs',
  floor: 'Floor',
  exp: 'Exp',
  log: 'Log',
  expm1: 'Expm1',
  sqrt: 'Sqrt',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  softplus: 'Softplus',
  add: 'Add',
  sub: 'Sub',
  mul: 'Multiply',
  div: 'RealDiv',
};

const native =
  ({ tf }: Tfjs, kernel: string): Run =>
  (...[x, y]) =>
    tf.engine().runKernel(kernel, y === undefined ? { x: x as Tensor } : { a: x as Tensor, b: y });

export function hostKernels(tfjs: Tfjs): OwnKernels {
  const { pointwise, ...others } = loops(tfjs);
  return {
    ...others,
    pointwise: mapValues(functions, (f, op) => {
      const kernel = natives[op];
      return kernel === undefined ? pointwise(f) : () => native(tfjs, kernel);
    }),
  };
}
