/**
 * The stages of a candidate as compiled kernels, in one module: what `compiler/emit/wasm` makes and `runtime/backends/wasm` links to
 * sizes. JSON but for the bytes.
 *
 * The module imports `env.memory`, `env.poll: () → i32` (1: give control back) and constants `link.0`, `link.1`, … (i32). It exports
 *   `STAGE: () → i32`     runs the stage of that name, or goes on with it; 0: it has ended, 1: it gave control back and is to be run again
 *   `reset: () → ()`      forgets a run that was given up half-way: by the host, by an exception in it, by a trap
 *   `help: (i32) → ()`    on a second thread: takes chunks of kernel number n until none is left
 */
import type { Expr, StageName } from './types.ts';

export type Precision = 'f64' | 'f32';

export interface CandidateCode {
  readonly wasm: Uint8Array;
  /** Where the flags of the memory's import stand in `wasm`: 1 as it is; written over by 3 it takes a shared memory. */
  readonly memoryFlagsAt: number;
  /**
   * Where products are added to sums: `mul`, `local.get`, `add`. Written over by a fused multiply-add, which hosts may lack, they round
   * once instead of twice.
   */
  readonly multiplyAddsAt: readonly number[];
  readonly precision: Precision;
  readonly buffers: readonly BufferPlan[];
  readonly kernels: readonly KernelPlan[];
  /** What each imported constant is. */
  readonly link: readonly LinkValue[];
  /** Those without results are left out. */
  readonly stages: Readonly<Partial<Record<StageName, StageSlots>>>;
}

/** What a stage reads and what it writes. */
export interface StageSlots {
  readonly inputs: readonly SlotPlan[];
  readonly outputs: readonly SlotPlan[];
}

export interface SlotPlan {
  readonly slot: string;
  readonly buffer: number;
  readonly shape: readonly Expr[];
}

/** A run of elements in memory. */
export interface BufferPlan {
  readonly elements: Expr;
  /** The number of a kernel, of which each chunk has so many elements. */
  readonly perChunkOf?: number;
  /** A slot's buffer has a place of its own; its life does not count. */
  readonly slot?: string;
  /**
   * The first and the last step at which it is in use, counted through all stages; buffers whose lives do not meet share memory, and so
   * do those of different stages, as one runs at a time.
   */
  readonly from: number;
  readonly to: number;
  /** What it holds, for people. */
  readonly what: string;
}

/** A loop over rows, in tiles that stay in the nearest cache, in chunks that threads share out. */
export interface KernelPlan {
  readonly rows: Expr;
  /** Elements a row that one tile touches again and again. */
  readonly width: Expr;
  /** Rows below which a tile does not pay, cache or not. */
  readonly leastRows: number;
  /** Elements that each chunk accumulates. */
  readonly accumulated: Expr;
  /** Buffers of one tile: elements a row of each. */
  readonly tileBuffers: readonly Expr[];
  /** Room that a thread needs besides: elements of each. */
  readonly scratch: readonly Expr[];
  /** Arithmetic operations a row. */
  readonly work: Expr;
}

export type LinkValue =
  | { readonly is: 'size'; readonly of: Expr }
  /** The lower and the upper 32 bits of a size that is a number of the computation: it may be larger than memory. */
  | { readonly is: 'low' | 'high'; readonly of: Expr }
  /** So many operations in units of 1024, rounded down, and at least 1. */
  | { readonly is: 'units'; readonly of: Expr }
  /** Address of a buffer. */
  | { readonly is: 'buffer'; readonly buffer: number }
  /** Rows of a tile, rows of a chunk (a multiple of a tile’s), how many chunks; whether threads pay (0 or 1). */
  | { readonly is: 'tileRows' | 'chunkRows' | 'chunks' | 'pays'; readonly kernel: number }
  /** Bytes from the beginning of a thread’s scratch to a tile buffer, to a room. */
  | { readonly is: 'tileBuffer' | 'scratch'; readonly kernel: number; readonly index: number }
  /** Address of the thread’s own scratch: the only constant that differs between threads. */
  | { readonly is: 'thread' }
  /** Address of the control block. */
  | { readonly is: 'control' };

/**
 * Byte offsets in the control block: words of 32 bits, those that threads fight over on cache lines of their own.
 *
 * Sharing out a kernel: the first thread writes `kernel` and `chunks`, zeroes `next` and `finished`, adds 1 to `generation`
 * (now odd: open) and wakes all. Every thread takes chunk numbers by adding 1 to `next`, and adds 1 to `finished` for each it has done.
 * When all are finished the first thread adds 1 to `generation` (even: closed) and waits until `active` is 0. A helper adds 1 to
 * `active`, *then* looks at `generation`: only if it is odd does it read the job and help; it subtracts 1 from `active` at the end.
 * A helper that fails says so in `failed`, for what it had taken will never be finished.
 */
export const controlBlock = {
  /** How many threads there are, the first one included. */
  threads: 4,
  /** Not 0: a helper has failed. */
  failed: 8,
  kernel: 12,
  chunks: 16,
  /** Steps done of the outermost loop that is running. */
  progress: 20,
  /** Not 0: no kernel will be shared out any more, and helpers end. */
  closed: 24,
  generation: 64,
  next: 128,
  finished: 192,
  active: 256,
  bytes: 320,
} as const;
