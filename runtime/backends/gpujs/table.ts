/** The table of gpu.js: one kernel for each op that a device computes. */
import type { Kernels, SizedCall, SizedType } from '../calls/device.ts';
import { elementsIn, views } from '../calls/affine.ts';
import { programOf, type TermOp } from '../calls/terms.ts';
import { formulas } from './formulas.ts';
import { argmax, concat, cumsum, gather } from './moves.ts';
import { programRun } from './program.ts';
import type { GpuTensor } from './tensor.ts';
import type { Workshop } from './workshop.ts';

export type GpuKernelOf = (call: SizedCall) => (...operands: readonly GpuTensor[]) => GpuTensor;
export type Upload = (elements: Float64Array) => GpuTensor;

export function kernelTable(shop: Workshop, upload: Upload): Kernels<'gpujs', GpuTensor> {
  const term =
    (op: TermOp): GpuKernelOf =>
    (call) => {
      const run = programRun(shop, programOf(op, call));
      return (...operands) => run(operands);
    };
  const terms = <Op extends TermOp>(ops: readonly Op[]): Readonly<Record<Op, GpuKernelOf>> =>
    Object.fromEntries(ops.map((op) => [op, term(op)])) as Record<Op, GpuKernelOf>;
  const leaf =
    (element: (call: SizedCall, position: number) => number): GpuKernelOf =>
    (call) =>
    () =>
      upload(Float64Array.from({ length: sizeOf(call.result) }, (_, i) => element(call, i)));
  return {
    ...terms(Object.keys(formulas) as (keyof typeof formulas)[]),
    ...terms(Object.keys(views) as (keyof typeof views)[]),
    ...terms(['reduce_sum', 'reduce_max', 'dot_general', 'scatter_add', 'pad']),
    constant: leaf(({ attributes }) => attributes.value ?? Number.NaN),
    dim_size: leaf(({ attributes }) => attributes.dim ?? Number.NaN),
    iota: leaf((_, i) => i),
    eye: leaf(({ result }, i) => (i % ((result.shape.at(-1) ?? 0) + 1) === 0 ? 1 : 0)),
    concat: concat(shop),
    gather: gather(shop),
    argmax: argmax(shop),
    cumsum: cumsum(shop),
  };
}

const sizeOf = (type: SizedType): number => elementsIn(type.shape);
