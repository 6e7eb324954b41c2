/** The table: one kernel for each op, on any backend of the library. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { CalledOp } from '../../../plan/calls.ts';
import type { PointwiseOp } from '../../../plan/op-names.ts';
import type { KernelOp } from '../../../plan/placement.ts';
import { views, type ViewOp } from '../calls/affine.ts';
import type { Kernel, Kernels, SizedCall, SizedType } from '../calls/device.ts';
import { programOf, type TermOp } from '../calls/terms.ts';
import { elementsOf, made, mapValues, type KernelsOf, type Run, type Tfjs } from './library.ts';
import { productKernel } from './products.ts';
import { positionShaders } from './shaders/kernels.ts';
import type { Programs } from './shaders/programs.ts';

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

type LeafOp = 'constant' | 'dim_size' | 'iota' | 'eye';

function leafKernels(tfjs: Tfjs): KernelsOf<LeafOp> {
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

export function gpuKernels(tfjs: Tfjs, programs: Programs): KernelsOf<Exclude<KernelOp<'tfjs'>, LeafOp>> {
  const { run, shaders } = programs;
  const term =
    (op: TermOp): Kernel<Tensor> =>
    (call) =>
      run(programOf(op, call));
  const terms = <Op extends TermOp & CalledOp>(ops: readonly Op[]): KernelsOf<Op> =>
    Object.fromEntries(ops.map((op) => [op, term(op)])) as KernelsOf<Op>;
  const others = {
    ...positionShaders(programs),
    dot_general: productKernel(tfjs, programs),
    concat: concatKernel(run, shaders.mostOperands),
  };
  return {
    ...terms(Object.keys(programs.dialect.formulas) as PointwiseOp[]),
    ...terms(Object.keys(views) as ViewOp[]),
    ...terms(['reduce_sum', 'reduce_max', 'scatter_add', 'pad']),
    ...mapValues(others, (kernel) => (call: SizedCall) => tidied(tfjs, kernel(call))),
  };
}

/** A few at a time. */
const concatKernel =
  (run: Programs['run'], most: number): Kernel<Tensor> =>
  (call) => {
    const { operands, result, attributes } = call;
    if (operands.length <= most) return run(programOf('concat', call));
    const { axis = 0 } = attributes;
    const groups = Array.from({ length: Math.ceil(operands.length / most) }, (_, i) => operands.slice(i * most, (i + 1) * most));
    const together = (types: readonly SizedType[]): SizedType => {
      const length = types.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
      return { ...result, shape: result.shape.map((size, i) => (i === axis ? length : size)) };
    };
    const joins = groups.map((types) => run(programOf('concat', { operands: types, result: together(types), attributes })));
    const last = concatKernel(run, most)({ operands: groups.map(together), result, attributes });
    return (...tensors) => last(...joins.map((join, i) => join(...tensors.slice(i * most, (i + 1) * most))));
  };

/** `others`: of the host or of a GPU. */
export function tfjsKernels(tfjs: Tfjs, others: KernelsOf<Exclude<KernelOp<'tfjs'>, LeafOp>>): Kernels<'tfjs', Tensor> {
  const table: Kernels<'tfjs', Tensor> = { ...leafKernels(tfjs), ...others };
  return mapValues(table, (kernel, op) => ofSome(tfjs, op, kernel));
}
