/** The one memory of a candidate: taken whole before anything runs, and what stands in it as tensors. */
import { sizeOf } from '../../tensor.ts';
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { Tensor } from '../../../plan/types.ts';
import type { Layout, SlotPlace } from './layout.ts';
import { wasmApi, type WasmMemory } from './wasm-api.ts';

const pageBytes = 2 ** 16;
const mostPages = 2 ** 16;
/** What addresses of 32 bits reach, less a page: the end of the last buffer is an address too. */
export const mostBytes = (mostPages - 1) * pageBytes;

export type Taken = { readonly ok: true; readonly memory: WasmMemory } | { readonly ok: false; readonly refusal: string };

/** Fails where the host does not give so much. */
export function takeMemory(bytes: number, isShared: boolean): Taken {
  const pages = Math.ceil(bytes / pageBytes);
  try {
    // Shared memory is reserved up to its maximum.
    const limits = isShared ? { initial: pages, maximum: pages, shared: true } : { initial: pages, maximum: mostPages };
    return { ok: true, memory: new wasmApi.Memory(limits) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { ok: false, refusal: error.message };
  }
}

type Elements = Float64Array | Float32Array;

const elementsOf = ({ buffer }: WasmMemory, { address, elements }: SlotPlace, bytes: Layout['elementBytes']): Elements =>
  bytes === 8 ? new Float64Array(buffer, address, elements) : new Float32Array(buffer, address, elements);

export function writeTensor(memory: WasmMemory, slot: string, place: SlotPlace, bytes: Layout['elementBytes'], { data }: Tensor): void {
  if (data.length !== place.elements)
    throw new InternalError('wasm executor', `the slot ${slot} takes ${place.elements} elements, and was given ${data.length}`);
  elementsOf(memory, place, bytes).set(data);
}

export function readTensor(memory: WasmMemory, place: SlotPlace, bytes: Layout['elementBytes']): Tensor {
  if (sizeOf(place.shape) !== place.elements) throw new InternalError('wasm executor', 'a slot is not of its shape');
  return { shape: place.shape, data: Float64Array.from(elementsOf(memory, place, bytes)) };
}
