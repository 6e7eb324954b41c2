/** What is used of the global `WebAssembly`, which the types of Node do not have. */
import type { StageName } from '../../../plan/types.ts';

export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

/** Compiled, and fit to be sent to another thread. */
export type WasmModule = object;

/** Of a module that `plan/kernels.ts` describes. */
export interface CandidateExports extends Readonly<Partial<Record<StageName, () => number>>> {
  readonly reset: () => void;
  readonly help: (kernel: number) => void;
}

interface WasmApi {
  readonly Memory: new (limits: { initial: number; maximum: number; shared?: boolean }) => WasmMemory;
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly compile: (bytes: Uint8Array) => Promise<WasmModule>;
  readonly instantiate: (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => Promise<{ readonly exports: CandidateExports }>;
}

export const wasmApi: WasmApi = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;
