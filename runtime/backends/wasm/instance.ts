/** A module, compiled and bound to its memory and its constants. Knows no slot. */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { CandidateCode } from '../../../plan/kernels.ts';
import type { StageName } from '../../../plan/types.ts';
import { fuse } from './multiply-add.ts';
import { wasmApi, type CandidateExports, type WasmMemory, type WasmModule } from './wasm-api.ts';

/** The flags of an imported memory that is shared. */
const sharedMemory = 3;

export interface CompileOptions {
  readonly isShared: boolean;
  readonly isFused: boolean;
}

/** A candidate's code, compiled once for all instances that run it alike. */
export interface Compiler {
  readonly code: CandidateCode;
  readonly module: (options: CompileOptions) => Promise<WasmModule>;
}

export function compilerOf(code: CandidateCode): Compiler {
  const modules = new Map<string, Promise<WasmModule>>();
  const module = (options: CompileOptions): Promise<WasmModule> => {
    const key = JSON.stringify(options);
    const compiled = modules.get(key) ?? compileCode(code, options);
    modules.set(key, compiled);
    // What a host refused once is asked of it again.
    compiled.catch(() => modules.delete(key));
    return compiled;
  };
  return { code, module };
}

function compileCode({ wasm, memoryFlagsAt, multiplyAddsAt }: CandidateCode, { isShared, isFused }: CompileOptions): Promise<WasmModule> {
  const bytes = wasm.slice();
  if (isShared) bytes[memoryFlagsAt] = sharedMemory;
  if (isFused) fuse(bytes, multiplyAddsAt);
  return wasmApi.compile(bytes);
}

export async function instantiate(
  module: WasmModule,
  memory: WasmMemory,
  constants: readonly number[],
  poll: () => number,
): Promise<CandidateExports> {
  const link = Object.fromEntries(constants.map((value, i) => [String(i), value]));
  const { exports } = await wasmApi.instantiate(module, { env: { memory, poll }, link });
  return exports;
}

/** Runs or goes on with a stage; true: it gave control back. A trap is our mistake. */
export function runStage(exports: CandidateExports, stage: StageName): boolean {
  try {
    return exports[stage]?.() !== 0;
  } catch (error) {
    throw new InternalError('wasm', `the stage ${stage} trapped: ${error instanceof Error ? error.message : String(error)}`);
  }
}
