/** Which backend computes a problem soonest, by what a hypergradient is predicted to take on each. Knows no library: what takes how long is handed in. */
import type { LibraryBackendName } from '../plan/backends.ts';
import { figure } from './tensor.ts';

/** What may be quicker than Wasm: all else that a library has computes on the processor, too. */
const gpus: readonly LibraryBackendName[] = ['tfjs-webgpu', 'tfjs-webgl', 'gpujs-webgpu', 'gpujs-webgl2'];

/** Milliseconds of one hypergradient below which starting a GPU is not worth it. */
const worthAGpuMs = 20;

export interface Quickest {
  readonly backend: 'wasm' | LibraryBackendName;
  /** Why it is that one, in words. */
  readonly chosen: string;
}

/**
 * `onWasm`: milliseconds there, why it computes nothing, or undefined where they cannot be predicted. `on`: the same on a GPU, undefined where it is
 * out of the question. Where Wasm is quick no GPU is started; where nothing computes it is Wasm that says so.
 */
export async function quickest(
  onWasm: number | string | undefined,
  on: (gpu: LibraryBackendName) => Promise<number | string | undefined>,
): Promise<Quickest> {
  if (onWasm === undefined) return { backend: 'wasm', chosen: 'what a hypergradient takes elsewhere cannot be predicted' };
  if (typeof onWasm === 'number' && onWasm < worthAGpuMs)
    return { backend: 'wasm', chosen: `predicted to take ${timeText(onWasm)} a hypergradient, for which no GPU is started` };
  const words = (on: string, there: number | string): string => `${on} ${typeof there === 'string' ? there : timeText(there)}`;
  const told = [words('wasm', onWasm)];
  let best: { readonly backend: Quickest['backend']; readonly ms: number } = {
    backend: 'wasm',
    ms: typeof onWasm === 'string' ? Infinity : onWasm,
  };
  for (const gpu of gpus) {
    const there = await on(gpu);
    if (there === undefined) continue;
    told.push(words(gpu, there));
    if (typeof there === 'number' && there < best.ms) best = { backend: gpu, ms: there };
  }
  return { backend: best.backend, chosen: `predicted for a hypergradient: ${told.join(', ')}` };
}

const timeText = (ms: number): string => `${figure(Number(ms.toPrecision(3)))} ms`;
