/**
 * Tensors of gpu.js: one flat run of elements, on the host or on the device or on both. `webgpu` answers every call by a promise, so a tensor may be
 * pending; whoever takes it in a call holds it until the call has been made.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { isResident } from './library.ts';

export interface GpuTensor {
  /** Never written to. */
  host: Float32Array | undefined;
  /** A texture, a buffer, or a promise of one; while calls are looked at or recorded, what stands for one. */
  resident: unknown;
  readonly length: number;
  /** How many hold it: its owner, those that share it, calls that wait for it. */
  holders: number;
}

/** Of what a kernel gives. */
export function tensorOf(value: unknown, length: number): GpuTensor {
  if (value instanceof Float32Array) return { host: value, resident: undefined, length, holders: 1 };
  const tensor: GpuTensor = { host: undefined, resident: value, length, holders: 1 };
  if (value instanceof Promise)
    void value.then(
      (arrived: unknown) => (tensor.resident = arrived),
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
  const { resident } = tensor;
  if (resident instanceof Promise) void resident.then(remove, () => undefined);
  else remove(resident);
}

function remove(resident: unknown): void {
  if (isResident(resident)) resident.delete();
}

export async function elementsOf(tensor: GpuTensor): Promise<Float32Array> {
  if (tensor.host !== undefined) return tensor.host;
  hold(tensor);
  try {
    const resident: unknown = await tensor.resident;
    const elements: unknown = isResident(resident) ? await resident.toArray() : undefined;
    if (elements instanceof Float32Array && elements.length === tensor.length) return elements;
    throw new InternalError('gpujs', `${String(elements)} came back in the place of ${tensor.length} elements`);
  } finally {
    release(tensor);
  }
}
