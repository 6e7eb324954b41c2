/** The table of gpu.js: one kernel for each op that a device computes. */
import type { Kernels, SizedCall } from '../calls/device.ts';
import { argmax, concat, cumsum, gather, pad, scatterAdd } from './moves.ts';
import { dotGeneral, everyPointwise, reduction, sizeOf, view, type GpuKernelOf } from './pointwise.ts';
import { elementsIn, rowMajor } from './positions.ts';
import { hold, type GpuTensor } from './tensor.ts';
import type { Workshop } from './workshop.ts';

export type Upload = (elements: Float64Array) => GpuTensor;

export function kernelTable(shop: Workshop, upload: Upload): Kernels<'gpujs', GpuTensor> {
  const leaf =
    (element: (call: SizedCall, position: number) => number): GpuKernelOf =>
    (call) =>
    () =>
      upload(Float64Array.from({ length: sizeOf(call.result) }, (_, i) => element(call, i)));
  return {
    ...everyPointwise(shop),
    constant: leaf(({ attributes }) => attributes.value ?? Number.NaN),
    dim_size: leaf(({ attributes }) => attributes.dim ?? Number.NaN),
    iota: leaf((_, i) => i),
    eye: leaf(({ result }, i) => (i % ((result.shape.at(-1) ?? 0) + 1) === 0 ? 1 : 0)),
    broadcast_in_dim: view(shop, ({ result, attributes }, operand) => {
      const strides = rowMajor(operand.shape);
      const axes = attributes.axes ?? [];
      return { offset: 0, strides: result.shape.map((_, axis) => (axes.includes(axis) ? (strides[axes.indexOf(axis)] ?? 0) : 0)) };
    }),
    reshape: () => (tensor) => hold(tensor),
    transpose: view(shop, ({ attributes }, operand) => {
      const strides = rowMajor(operand.shape);
      return { offset: 0, strides: (attributes.axes ?? []).map((axis) => strides[axis] ?? 0) };
    }),
    slice: view(shop, ({ attributes: { axis = 0, start = 0 } }, operand) => ({
      offset: start * elementsIn(operand.shape.slice(axis + 1)),
      strides: rowMajor(operand.shape),
    })),
    reverse: view(shop, ({ attributes: { axes = [] } }, operand) => {
      const strides = rowMajor(operand.shape);
      const last = axes.reduce((sum, axis) => sum + ((operand.shape[axis] ?? 1) - 1) * (strides[axis] ?? 0), 0);
      return { offset: last, strides: strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)) };
    }),
    pad: pad(shop),
    concat: concat(shop),
    gather: gather(shop),
    scatter_add: scatterAdd(shop),
    argmax: argmax(shop),
    cumsum: cumsum(shop),
    reduce_sum: reduction(shop, 'sum'),
    reduce_max: reduction(shop, 'max'),
    dot_general: dotGeneral(shop),
  };
}
