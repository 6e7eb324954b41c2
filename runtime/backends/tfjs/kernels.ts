/** The table: one kernel for each op, on any backend of the library. */
import type { PointwiseOp } from '../../../plan/op-names.ts';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernel, Kernels, SizedCall } from '../calls/device.ts';
import { anyRank, formKernels, mostAxes } from './form.ts';
import { hostKernels } from './host/kernels.ts';
import { elementsOf, isShaded, made, mapValues, shapesOf, type Run, type Tfjs } from './library.ts';
import type { KernelsOf, ShaderKernels } from './own.ts';
import { positionKernels } from './positions.ts';
import { productKernels } from './products.ts';
import { shaderKernels } from './shaders/kernels.ts';

/** What an op makes of operands without elements, where that is not 0. */
const ofNothing: Readonly<Record<string, number>> = { reduce_max: Number.NEGATIVE_INFINITY, gather: Number.NaN };

/** Lets go of what is made on the way to the result, which is a tensor of its own. */
const tidied =
  ({ tf }: Tfjs, run: Run): Run =>
  (...operands) => {
    const result = tf.tidy(() => run(...operands));
    return operands.includes(result) ? result.clone() : result;
  };

/** Kernels need not think of tensors without elements. */
function ofSome(tfjs: Tfjs, op: string, kernel: Kernel<Tensor>): Kernel<Tensor> {
  return (call) => {
    const { shape } = call.result;
    const size = elementsOf(shape);
    const isEmpty = call.operands.map((operand) => elementsOf(operand.shape) === 0);
    const isOfNothing = isEmpty.length > 0 && (op === 'concat' ? isEmpty.every(Boolean) : isEmpty.some(Boolean));
    if (size > 0 && !isOfNothing) return kernel(call);
    return () => made(tfjs, new Float32Array(size).fill(ofNothing[op] ?? 0), shape);
  };
}

function leafKernels(tfjs: Tfjs): KernelsOf<'constant' | 'dim_size' | 'iota' | 'eye'> {
  const leaf =
    (elements: (call: SizedCall) => Iterable<number>): Kernel<Tensor> =>
    (call) =>
    () =>
      made(tfjs, Float32Array.from(elements(call)), call.result.shape);
  const positions = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);
  return {
    constant: leaf(({ attributes: { value = Number.NaN } }) => [value]),
    dim_size: leaf(({ attributes: { dim = Number.NaN } }) => [dim]),
    iota: leaf(({ attributes: { dim = 0 } }) => positions(dim)),
    eye: leaf(({ attributes: { dim = 0 } }) => positions(dim * dim).map((place) => (place % (dim + 1) === 0 ? 1 : 0))),
  };
}

/** Of few axes there is nothing on the way. */
const pointwiseKernels = (tfjs: Tfjs, { pointwise, repeated }: ShaderKernels): KernelsOf<PointwiseOp> =>
  mapValues(pointwise, (kernel) => {
    const run = anyRank(tfjs, kernel, repeated);
    return (call: SizedCall) => {
      const spread = { operands: shapesOf(call), result: call.result.shape };
      return spread.result.length <= mostAxes ? kernel(spread) : tidied(tfjs, run(spread));
    };
  });

function gpuKernels(tfjs: Tfjs) {
  const own = shaderKernels(tfjs);
  const composed = { ...formKernels(tfjs, own), ...positionKernels(own), ...productKernels(tfjs, own) };
  return { ...pointwiseKernels(tfjs, own), ...mapValues(composed, (kernel) => (call: SizedCall) => tidied(tfjs, kernel(call))) };
}

export function tfjsKernels(tfjs: Tfjs): Kernels<'tfjs', Tensor> {
  const others = isShaded(tfjs.variant) ? gpuKernels(tfjs) : hostKernels(tfjs);
  const table: Kernels<'tfjs', Tensor> = { ...leafKernels(tfjs), ...others };
  return mapValues(table, (kernel, op) => ofSome(tfjs, op, kernel));
}
