/**
 * Elements of tensors where the host has them: an array of its own on `cpu`, a place in the memory of the library's Wasm on `wasm`. There they are
 * read and written in place, where the library's ways to read them make a copy each.
 */
import type { DataId, NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { InternalError } from '../../../../diagnostics/internal-error.ts';
import { elementsOf, tensorOf, type Tfjs } from '../library.ts';

/** Writes all elements of a result, which are anything before, from those of the operands. */
export type Fill = (out: Float32Array, operands: Elements) => void;

/** Of as many operands as there are: who asks for one knows that it is there. */
type Elements = readonly [Float32Array, Float32Array, Float32Array, ...Float32Array[]];

export interface Memory {
  /** The elements themselves, until something else is made. */
  readonly elements: (tensor: Tensor) => Float32Array;
  /** A new tensor, filled from the elements of others. */
  readonly made: (shape: readonly number[], operands: readonly Tensor[], fill: Fill) => Tensor;
  /** A kernel of the library, on operands seen in other shapes; what it makes has a shape of ours. */
  readonly called: (kernel: string) => Called;
  /** Lets go of a tensor; a small one may be the next of its shape that is made. */
  readonly free: (tensor: Tensor) => void;
  /** Lets go of those that are kept for that. */
  readonly settle: () => void;
}

export type Called = (operands: Readonly<Record<string, TensorInfo>>, attributes: NamedAttrMap, shape: readonly number[]) => Tensor;

/** A result before it is filled. */
interface Blank {
  readonly info: TensorInfo;
  readonly out: Float32Array;
}

/** What the library's own kernels use of the two backends. */
interface CpuBackend {
  readonly refCount: (id: DataId) => number;
  readonly data: { readonly get: (id: DataId) => { readonly values?: unknown } };
  readonly makeTensorInfo: (shape: readonly number[], dtype: 'float32', values: Float32Array) => TensorInfo;
}
interface WasmBackend {
  readonly refCount: (id: DataId) => number;
  readonly disposeData: (id: DataId) => boolean;
  readonly makeOutput: (shape: readonly number[], dtype: 'float32') => TensorInfo;
  readonly typedArrayFromHeap: (info: TensorInfo) => Float32Array;
}

export function memoryOf(tfjs: Tfjs): Memory {
  const { tf, variant } = tfjs;
  const backend: unknown = tf.findBackend(variant);
  const { elements, blank } = variant === 'wasm' ? inWasm(backend as WasmBackend) : inArrays(backend as CpuBackend);
  // The library may keep what it has made of the elements of an operand for as long as there are such.
  const taken = new WeakSet<DataId>();
  const spares = new Spares((id) => taken.has(id) || (backend as CpuBackend | WasmBackend).refCount(id) > 1);
  return {
    elements,
    made: (shape, operands, fill) => {
      const spare = spares.take(shape);
      if (spare !== undefined) {
        fill(elements(spare), operands.map(elements) as unknown as Elements);
        return spare;
      }
      // First: memory that grows for it leaves older views behind.
      const { info, out } = blank([...shape]);
      fill(out, operands.map(elements) as unknown as Elements);
      return tensorOf(tfjs, info);
    },
    free: (tensor) => void (spares.keeps(tensor) || tensor.dispose()),
    settle: () => spares.settle(),
    called: (name) => {
      const { kernelFunc } = tf.getKernel(name, variant);
      return (inputs, attrs, shape) => {
        for (const { dataId } of Object.values(inputs)) taken.add(dataId);
        const found = kernelFunc({ inputs, attrs, backend: tf.backend() });
        const { dataId } = Array.isArray(found) ? (found[0] as TensorInfo) : found;
        return tensorOf(tfjs, { dataId, shape: [...shape], dtype: 'float32' });
      };
    },
  };
}

/** Elements up to which to register a tensor and forget it takes longer than to compute it. */
const mostElements = 1024;
/** More of one shape are seldom needed at once. */
const mostOfShape = 16;

/** Small tensors that nobody holds any more. */
class Spares {
  private readonly byShape = new Map<string, Tensor[]>();
  private readonly isElsewhere: (id: DataId) => boolean;

  /** `isElsewhere`: whether somebody else has or keeps something of the elements. */
  constructor(isElsewhere: (id: DataId) => boolean) {
    this.isElsewhere = isElsewhere;
  }

  take(shape: readonly number[]): Tensor | undefined {
    const spares = this.byShape.get(shape.join());
    for (;;) {
      const spare = spares?.pop();
      // Whoever has the library may have let go of all its tensors.
      if (spare?.isDisposed !== true) return spare;
    }
  }

  keeps(tensor: Tensor): boolean {
    if (tensor.size > mostElements || tensor.isDisposed || this.isElsewhere(tensor.dataId)) return false;
    const shape = tensor.shape.join();
    const spares = this.byShape.get(shape) ?? [];
    if (spares.includes(tensor)) throw new InternalError('tfjs', 'a tensor that nobody holds is let go of');
    if (spares.length >= mostOfShape) return false;
    spares.push(tensor);
    this.byShape.set(shape, spares);
    return true;
  }

  settle(): void {
    for (const spares of this.byShape.values()) for (const spare of spares.splice(0)) spare.dispose();
  }
}

type Access = Pick<Memory, 'elements'> & { readonly blank: (shape: readonly number[]) => Blank };

function inArrays(backend: CpuBackend): Access {
  return {
    elements: ({ dataId }) => backend.data.get(dataId).values as Float32Array,
    blank: (shape) => {
      const out = new Float32Array(elementsOf(shape));
      return { info: backend.makeTensorInfo(shape, 'float32', out), out };
    },
  };
}

function inWasm(backend: WasmBackend): Access {
  return {
    elements: (tensor) => backend.typedArrayFromHeap(tensor),
    blank: (shape) => {
      const info = backend.makeOutput(shape, 'float32');
      const out = backend.typedArrayFromHeap(info);
      if (out.byteOffset > 0 || out.length === 0) return { info, out };
      // Its allocator gives the place 0, where other things are, when there is no more.
      backend.disposeData(info.dataId);
      throw new RangeError(`the memory of the library's Wasm has no ${out.byteLength} bytes left`);
    },
  };
}
