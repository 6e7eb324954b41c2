/**
 * Tensors of gpu.js: one flat run of elements, as the mode keeps it. `webgpu` answers every call by a promise, so a tensor may be pending; whoever takes
 * it in a call holds it until the call has been made.
 */
import { isResident } from './library.ts';

export interface GpuTensor {
  /** An array (`cpu`, `webasm`), a texture, a buffer, or a promise of one; while a pipeline is traced, what stands for one. */
  value: unknown;
  readonly length: number;
  /** How many hold it: its owner, those that share it, calls that wait for it. */
  holders: number;
}

export function tensorOf(value: unknown, length: number): GpuTensor {
  const tensor: GpuTensor = { value, length, holders: 1 };
  if (value instanceof Promise)
    void value.then(
      (arrived: unknown) => (tensor.value = arrived),
      // Whoever reads the tensor is told.
      () => undefined,
    );
  return tensor;
}

export const empty = (): GpuTensor => tensorOf(new Float32Array(0), 0);

export function hold(tensor: GpuTensor): GpuTensor {
  tensor.holders += 1;
  return tensor;
}

export function release(tensor: GpuTensor): void {
  tensor.holders -= 1;
  if (tensor.holders > 0) return;
  const { value } = tensor;
  if (value instanceof Promise) void value.then(remove, () => undefined);
  else remove(value);
}

function remove(value: unknown): void {
  if (isResident(value)) value.delete();
}

export async function elementsOf(tensor: GpuTensor): Promise<Float32Array> {
  const value: unknown = await tensor.value;
  const elements: unknown = isResident(value) ? await value.toArray() : value;
  if (elements instanceof Float32Array && elements.length === tensor.length) return elements;
  throw new TypeError(`gpu.js gave ${String(elements)} for ${tensor.length} elements`);
}
