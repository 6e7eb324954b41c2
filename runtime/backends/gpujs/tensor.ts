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
  /** Where it is a run of another's elements, which it holds. */
  readonly part?: Part | undefined;
  /** What has been made of it and goes with it, by name. */
  beside?: Map<string, GpuTensor>;
}

export interface Part {
  readonly of: GpuTensor;
  readonly from: number;
}

/** Of what a kernel gives, which may be more. */
export function tensorOf(given: unknown, length: number): GpuTensor {
  const value = inOneRun(given);
  if (value instanceof Float32Array)
    return { host: value.length === length ? value : value.subarray(0, length), resident: undefined, length, holders: 1 };
  const tensor: GpuTensor = { host: undefined, resident: value, length, holders: 1 };
  if (value instanceof Promise)
    void value.then(
      (arrived: unknown) => (tensor.resident = arrived),
      // Whoever reads the tensor is told.
      () => undefined,
    );
  return tensor;
}

/** What stands in rows, as the run of elements that it is. */
export function inOneRun(given: unknown): unknown {
  if (!Array.isArray(given)) return given;
  const rows: readonly unknown[] = given;
  const [first, last] = [rows[0], rows.at(-1)];
  if (first instanceof Float32Array && last instanceof Float32Array && first.buffer === last.buffer) {
    const length = rows.length * first.length;
    if (last.byteOffset - first.byteOffset === (length - first.length) * first.BYTES_PER_ELEMENT)
      return new Float32Array(first.buffer as ArrayBuffer, first.byteOffset, length);
  }
  throw new InternalError('gpujs', 'rows came back that are no run of elements');
}

export const empty = (): GpuTensor => tensorOf(new Float32Array(0), 0);

export function hold(tensor: GpuTensor): GpuTensor {
  tensor.holders += 1;
  return tensor;
}

/** A run of its elements, without copying them. */
export function partOf(tensor: GpuTensor, from: number, length: number): GpuTensor {
  const { of, from: ahead } = tensor.part ?? { of: tensor, from: 0 };
  return {
    host: tensor.host?.subarray(from, from + length),
    resident: undefined,
    length,
    holders: 1,
    part: { of: hold(of), from: ahead + from },
  };
}

/** Itself, or what it is a part of. */
export const wholeOf = (tensor: GpuTensor): GpuTensor => tensor.part?.of ?? tensor;

/** Made the first time, and held once more. */
export function beside(tensor: GpuTensor, name: string, make: () => GpuTensor): GpuTensor {
  tensor.beside ??= new Map<string, GpuTensor>();
  const made = tensor.beside.get(name) ?? make();
  tensor.beside.set(name, made);
  return hold(made);
}

export function release(tensor: GpuTensor): void {
  tensor.holders -= 1;
  if (tensor.holders > 0) return;
  const { resident, part } = tensor;
  tensor.beside?.forEach(release);
  if (part !== undefined) release(part.of);
  if (resident instanceof Promise) void resident.then(remove, () => undefined);
  else remove(resident);
}

function remove(resident: unknown): void {
  if (isResident(resident)) resident.delete();
}

export async function elementsOf(tensor: GpuTensor): Promise<Float32Array> {
  if (tensor.host !== undefined) return tensor.host;
  const { part } = tensor;
  hold(tensor);
  try {
    if (part !== undefined) {
      part.of.host ??= await elementsOf(part.of);
      return part.of.host.subarray(part.from, part.from + tensor.length);
    }
    const resident: unknown = await tensor.resident;
    const elements: unknown = isResident(resident) ? await resident.toArray() : undefined;
    if (elements instanceof Float32Array && elements.length === tensor.length) return elements;
    throw new InternalError('gpujs', `${String(elements)} came back in the place of ${tensor.length} elements`);
  } finally {
    release(tensor);
  }
}
