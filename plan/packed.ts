/**
 * The table of compiled kernels as modules carry it (`compiler/emit/module/pack.ts`, `runtime/unpack.ts`): columns instead of rows, each
 * expression once, places as differences to those before. What is alike lies side by side, so that it packs well. JSON.
 */
import type { CandidateCalls } from './calls.ts';
import type { CandidateCode, KernelPlan, LinkValue } from './kernels.ts';
import type { Expr, StageName } from './types.ts';

/** The number of an expression in `expressions`. */
type ExprNumber = number;

export interface PackedTable extends Pick<CandidateCode, 'precision' | 'memoryFlagsAt'> {
  readonly expressions: readonly Expr[];
  /** Differences. */
  readonly multiplyAddsAt: readonly number[];
  /** Columns. A slot's `what` follows from its name: it is left empty. */
  readonly buffers: {
    readonly elements: readonly ExprNumber[];
    /** 0 for none, else the kernel's number plus 1. */
    readonly perChunkOf: readonly number[];
    /** Empty for none. */
    readonly slot: readonly string[];
    /** Differences. */
    readonly from: readonly number[];
    /** Beyond `from`. */
    readonly life: readonly number[];
    readonly what: readonly string[];
  };
  readonly kernels: readonly {
    readonly [Key in keyof KernelPlan]: KernelPlan[Key] extends Expr
      ? Expr extends KernelPlan[Key]
        ? ExprNumber
        : KernelPlan[Key]
      : KernelPlan[Key] extends readonly Expr[]
        ? readonly ExprNumber[]
        : KernelPlan[Key];
  }[];
  /** Columns: what it is, as a number of `kinds`; of which expression, buffer or kernel; which of its tile buffers or rooms. */
  readonly link: {
    readonly kinds: readonly LinkValue['is'][];
    readonly is: readonly number[];
    readonly of: readonly number[];
    readonly index: readonly number[];
  };
  /** By stage: the buffers of inputs and of outputs, with their shapes. */
  readonly stages: Readonly<Partial<Record<StageName, readonly [inputs: readonly PackedSlot[], outputs: readonly PackedSlot[]]>>>;
}

/** Calls with the host's code as text. */
export interface PackedCalls extends Pick<CandidateCalls, 'stages'> {
  readonly host: readonly string[];
}

export type PackedSlot = readonly [buffer: number, shape: readonly ExprNumber[]];
