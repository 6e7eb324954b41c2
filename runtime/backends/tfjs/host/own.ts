/** The ops whose kernels are loops of ours, where the host sees the elements. */
import type { CalledOp } from '../../../../plan/calls.ts';
import type { Around, Run } from '../library.ts';

/** Shapes of one rank, which may be 1 along an axis where the result has more. */
export interface Spread {
  readonly operands: readonly (readonly number[])[];
  readonly result: readonly number[];
}

export type FormOp = Extract<CalledOp, 'broadcast_in_dim' | 'reshape' | 'transpose' | 'slice' | 'pad' | 'concat' | 'reverse'>;
export type PositionOp = Extract<CalledOp, 'gather' | 'scatter_add' | 'argmax' | 'cumsum' | 'reduce_sum' | 'reduce_max'>;

/** Makes a kernel that sees its operand as `size`, whatever its shape, and what it makes, of as many elements as the op gives, in the shape `result`. */
type Along<More extends readonly unknown[]> = (size: Around, ...more: [...More, result: readonly number[]]) => Run;

/** Kernels of tensors with elements. */
export interface OwnKernels {
  readonly sum: Along<[]>;
  readonly max: Along<[]>;
  readonly argmax: Along<[]>;
  readonly cumsum: Along<[isReversed: boolean]>;
  /** Of [outer, length, inner] by [count]. */
  readonly gather: Along<[count: number]>;
  /** Of [outer, count, inner] by [count], to the size. */
  readonly scatterAdd: Along<[count: number]>;
  /** Result axis i is operand axis `axes[i]`; undefined: nothing moves. */
  readonly turned: (shape: readonly number[], axes: readonly number[]) => Run | undefined;
}
