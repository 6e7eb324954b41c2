/**
 * What a library of kernels has to have so that calls run on it (decision 029): a table of kernels, exhaustive by a type, and a few ways to
 * handle its tensors. `T` is the library's tensor. Knows no call list.
 */
import type { CallAttributes } from '../../../plan/calls.ts';
import type { KernelOp, Library } from '../../../plan/placement.ts';
import type { Fusing } from './fuse.ts';

/** A type whose dims are numbers. */
export interface SizedType {
  readonly dtype: 'real' | 'int' | 'bool';
  readonly shape: readonly number[];
}

/** The attributes of a call (`plan/calls.ts`), their dims as numbers. */
export interface SizedAttributes extends Omit<CallAttributes, 'dim' | 'start' | 'length'> {
  readonly dim?: number;
  readonly start?: number;
  readonly length?: number;
}

/** A call at its sizes: what a kernel may make ready once. */
export interface SizedCall {
  readonly operands: readonly SizedType[];
  readonly result: SizedType;
  readonly attributes: SizedAttributes;
  /** Of each operand, whether it stays as long as the executor. */
  readonly lasting?: readonly boolean[];
}

/**
 * Makes a call ready for its sizes; what it gives takes the operands and gives the result, a tensor of its own, which may share its
 * elements with an operand. It keeps none of the operands and lets go of everything else that it makes.
 * Of ops without operands it is called once for an executor, and the result is kept.
 */
export type Kernel<T> = (call: SizedCall) => (...operands: readonly T[]) => T;

/** One row an op: a missing one does not compile. */
export type Kernels<L extends Library, T> = Readonly<Record<KernelOp<L>, Kernel<T>>>;

/** Tensors of a library, and what it takes to run loops on them. */
export interface Device<T> {
  /** Before every run of calls that does not wait, of a library whose state the application shares. */
  readonly enter?: () => void;
  readonly kernels: Kernels<Library, T>;
  /** Several calls as one kernel; absent: each is one. */
  readonly fusing?: Fusing<T>;
  readonly upload: (elements: Float64Array, type: SizedType) => T;
  readonly download: (tensor: T, type: SizedType) => Promise<Float64Array>;
  /** The first element at once, without waiting; absent where that is dear, so that loops look at their tests every few steps only. */
  readonly peek?: (tensor: T) => number;
  /** Another tensor of the same elements, let go of on its own. */
  readonly share: (tensor: T) => T;
  readonly free: (tensor: T) => void;
  /** Lets go of what it has kept of what was freed, to use it again: when a run has ended. */
  readonly settle?: () => void;
  /**
   * Whether a product of matrices would rather have this operand with its axes the other way round. Asked of operands that last, which are turned
   * once.
   */
  readonly prefersTurned?: (call: SizedCall, operand: number) => boolean;
  /** Position t along the first axis of a tensor of this type. */
  readonly row: (tensor: T, type: SizedType, t: number) => T;
  /** Tensors of this type side by side along a new first axis. */
  readonly stack: (rows: readonly T[], type: SizedType) => T;
  /**
   * Makes a function of tensors ready to be called often, by a library that compiles such. It is pure, and is run once or more to be looked
   * at, on stand-ins. `run` takes the `fixed` tensors, which last longer than what is made, and then inputs of these types, which alone
   * change from call to call. Absent: functions run as they are.
   */
  readonly compile?: (
    run: (inputs: readonly T[]) => readonly T[],
    fixed: readonly T[],
    inputs: readonly SizedType[],
    outputs: readonly SizedType[],
  ) => Compiled<T>;
  /** With `compile`: how many calls of kernels one function may make, as making it ready costs by the call. */
  readonly mostCalls?: number;
  /** What computes: `webgl`; with the device's own name where it tells one. */
  readonly describe: () => { readonly backend: string; readonly why: string };
}

export interface Compiled<T> {
  readonly call: (inputs: readonly T[]) => Promise<readonly T[]>;
  readonly close: () => void;
}
