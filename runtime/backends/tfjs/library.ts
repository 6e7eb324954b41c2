/** The library as the kernels see it: its functions, which of its backends they run on, and shapes. */
import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { CalledOp } from '../../../plan/calls.ts';
import type { Kernel, SizedCall } from '../calls/device.ts';

export type Tf = typeof tfjs;

/** Backends of the library, by its own names. */
export const variants = ['cpu', 'wasm', 'webgl', 'webgpu'] as const;
export type Variant = (typeof variants)[number];

export interface Tfjs {
  readonly tf: Tf;
  readonly variant: Variant;
}

/** Makes a tensor of its own; the library lets go of what else was made on the way. */
export type Run = (...operands: readonly Tensor[]) => Tensor;

export type KernelsOf<Op extends CalledOp> = Readonly<Record<Op, Kernel<Tensor>>>;

export const elementsOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Everything is float32, whole numbers and conditions (0 and 1) too: int32 would need a cast wherever one meets a real, and holds no more where
 * tensors are textures; of `bool` the library's Wasm reverses and chooses the wrong bytes.
 */
export const made = ({ tf }: Tfjs, elements: Float32Array, shape: readonly number[]): Tensor => tf.tensor(elements, [...shape], 'float32');

/** A tensor of what a kernel of one backend has made, counted by the library as its own are. */
export const tensorOf = ({ tf }: Tfjs, info: TensorInfo): Tensor => tf.engine().makeTensorFromTensorInfo(info);

/** A tensor of its own of the same elements in a shape: no kernel, but on WebGL, where a texture may have to be packed anew. */
export function shared(tfjs: Tfjs, tensor: Tensor, shape: readonly number[]): Tensor {
  const { tf, variant } = tfjs;
  if (variant === 'webgl') return tf.reshape(tensor, [...shape]);
  tf.backend().incRef(tensor.dataId);
  return tensorOf(tfjs, { dataId: tensor.dataId, shape: [...shape], dtype: 'float32' });
}

export const reshaped = (tfjs: Tfjs, tensor: Tensor, shape: readonly number[]): Tensor =>
  tensor.shape.length === shape.length && tensor.shape.every((length, i) => length === shape[i]) ? tensor : shared(tfjs, tensor, shape);

export const shapesOf = ({ operands }: SizedCall): readonly (readonly number[])[] => operands.map(({ shape }) => shape);

/** Sizes before, along and after a run of neighbouring axes. */
export interface Around {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

export const around = (shape: readonly number[], axis: number, count = 1): Around => ({
  outer: elementsOf(shape.slice(0, axis)),
  length: elementsOf(shape.slice(axis, axis + count)),
  inner: elementsOf(shape.slice(axis + count)),
});

/** A table of other values under the same names. */
export function mapValues<Name extends string, From, To>(
  table: Readonly<Record<Name, From>>,
  value: (from: From, name: Name) => To,
): Readonly<Record<Name, To>> {
  const names = Object.keys(table) as Name[];
  return Object.fromEntries(names.map((name) => [name, value(table[name], name)])) as Record<Name, To>;
}
