/**
 * Elements of tensors where the host has them: an array of its own on `cpu`, a place in the memory of the library's Wasm on `wasm`. There they are
 * read and written in place, where the library's ways to read them make a copy each.
 */
import type { DataId, NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { elementsOf, tensorOf, type Tfjs } from '../library.ts';

/** Writes all elements of a result, which are anything before, from those of the operands. */
export type Fill = (out: Float32Array, operands: Elements) => void;

/** Of as many operands as there are: who asks for one knows that it is there. */
type Elements = readonly [Float32Array, Float32Array, Float32Array, ...Float32Array[]];

export interface Memory {
  /** A new tensor, filled from the elements of others, which are only there while it is. */
  readonly made: (shape: readonly number[], operands: readonly Tensor[], fill: Fill) => Tensor;
  /** One kernel of the library on operands seen in other shapes; what it makes has a shape of ours. Nothing else of the library is run for it. */
  readonly called: (
    kernel: string,
    operands: Readonly<Record<string, TensorInfo>>,
    attributes: NamedAttrMap,
    shape: readonly number[],
  ) => Tensor;
}

/** What the library's own kernels use of the two backends. */
interface CpuBackend {
  readonly data: { readonly get: (id: DataId) => { readonly values?: unknown } };
  readonly makeTensorInfo: (shape: readonly number[], dtype: 'float32', values: Float32Array) => TensorInfo;
}
interface WasmBackend {
  readonly makeOutput: (shape: readonly number[], dtype: 'float32') => TensorInfo;
  readonly typedArrayFromHeap: (info: Pick<TensorInfo, 'dataId' | 'shape' | 'dtype'>) => Float32Array;
}

export function memoryOf(tfjs: Tfjs): Memory {
  const { tf, variant } = tfjs;
  const backend: unknown = tf.findBackend(variant);
  const called: Memory['called'] = (name, inputs, attrs, shape) => {
    const kernel = tf.getKernel(name, variant);
    const found = kernel.kernelFunc({ inputs, attrs, backend: tf.backend() });
    const { dataId } = Array.isArray(found) ? (found[0] as TensorInfo) : found;
    return tensorOf(tfjs, { dataId, shape: [...shape], dtype: 'float32' });
  };
  return { called, made: variant === 'wasm' ? inWasm(tfjs, backend as WasmBackend) : inArrays(tfjs, backend as CpuBackend) };
}

function inArrays(tfjs: Tfjs, backend: CpuBackend): Memory['made'] {
  const elements = ({ dataId }: Tensor): unknown => backend.data.get(dataId).values;
  return (shape, operands, fill) => {
    const out = new Float32Array(elementsOf(shape));
    fill(out, operands.map(elements) as unknown as Elements);
    return tensorOf(tfjs, backend.makeTensorInfo([...shape], 'float32', out));
  };
}

function inWasm(tfjs: Tfjs, backend: WasmBackend): Memory['made'] {
  const elements = (tensor: Tensor): Float32Array => backend.typedArrayFromHeap(tensor);
  return (shape, operands, fill) => {
    // First: memory that grows for it leaves older views behind.
    const info = backend.makeOutput([...shape], 'float32');
    fill(backend.typedArrayFromHeap(info), operands.map(elements) as unknown as Elements);
    return tensorOf(tfjs, info);
  };
}
