/**
 * The stages of a candidate as calls on a table of kernels (decision 029): what `compiler/emit/calls` makes, and what `runtime/backends/calls`
 * runs on any library that has such a table. JSON but for the code of what the host computes.
 *
 * A list of calls is in single assignment: registers are numbered from its inputs on, then result by result. Values have one form:
 * elements in row-major order, except that an operand of a pointwise call may have size 1 along an axis where the result has more, or rank 0:
 * it is the same there.
 */
import type { CandidateCode } from './kernels.ts';
import type { OpName } from './op-names.ts';
import type { Expr, StageName } from './types.ts';

/** `int` and `bool` are whole numbers. */
export interface CallType {
  readonly dtype: 'real' | 'int' | 'bool';
  readonly shape: readonly Expr[];
}

/** The attributes of a graph's node (`compiler/ir/graph.ts`, decision 005), dims as expressions. */
export interface CallAttributes {
  readonly value?: number;
  readonly dim?: Expr;
  readonly axes?: readonly number[];
  readonly axis?: number;
  readonly start?: Expr;
  readonly length?: Expr;
  readonly contract?: readonly [readonly number[], readonly number[]];
  readonly batch?: readonly [readonly number[], readonly number[]];
  readonly transposed?: boolean;
  readonly reversed?: boolean;
}

/** Ops that are called as they are; the others are loops, or no call at all. */
export type CalledOp = Exclude<OpName, 'input' | 'stop_gradient' | 'scan' | 'iterate'>;

interface Step {
  /** Registers. */
  readonly operands: readonly number[];
  /** They take the next registers. */
  readonly results: readonly CallType[];
}

/** One kernel. */
export interface KernelCall extends Step {
  readonly is: 'kernel';
  readonly op: CalledOp;
  readonly attributes: CallAttributes;
}

/** What the library has no kernel for, and light work beside it, computed by Wasm in float64: the stage `value`, slots `0`, `1`, … to `r0`, `r1`, … */
export interface HostCall extends Step {
  readonly is: 'host';
  /** What it computes, for people. */
  readonly ops: readonly OpName[];
  /** Which of the candidate's pieces of code. */
  readonly code: number;
  /** It takes what the device has made in this run, and is read back first. */
  readonly waits: boolean;
}

/** Operands: constants, states, slices; the body's inputs are the same. Results: states, then what is stacked along a new first axis. */
export interface ScanCall extends Step {
  readonly is: 'scan';
  readonly name: string;
  readonly constants: number;
  readonly states: number;
  readonly length: Expr;
  readonly reversed: boolean;
  readonly body: CallList;
}

/**
 * Operands: constants, states, which test and body have as inputs; then the test's answer at the start, where the host has looked. Once the test
 * has failed the states change no more.
 */
export interface IterateCall extends Step {
  readonly is: 'iterate';
  readonly name: string;
  readonly constants: number;
  readonly states: number;
  readonly limit: number;
  readonly test: CallList;
  readonly body: CallList;
}

export type Call = KernelCall | HostCall | ScanCall | IterateCall;

export interface CallList {
  readonly inputs: readonly CallType[];
  readonly calls: readonly Call[];
  /** Registers. */
  readonly outputs: readonly number[];
}

export interface StageCalls extends CallList {
  readonly inputSlots: readonly string[];
  readonly outputSlots: readonly string[];
}

export interface CandidateCalls {
  /** Those without results are left out. */
  readonly stages: Readonly<Partial<Record<StageName, StageCalls>>>;
  /** Of what the host computes, in float64; lists name them by number. */
  readonly host: readonly CandidateCode[];
}
