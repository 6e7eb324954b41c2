/** The ops for which the kernels are ours: made of loops where the host sees the elements (`host/`), of shaders on a GPU (`shaders/`). */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { CalledOp } from '../../../plan/calls.ts';
import type { PointwiseOp } from '../../../plan/op-names.ts';
import type { Kernel } from '../calls/device.ts';
import type { Around, Run } from './library.ts';

/** Shapes of one rank, which may be 1 along an axis where the result has more. */
export interface Spread {
  readonly operands: readonly (readonly number[])[];
  readonly result: readonly number[];
}

/** Kernels of tensors with elements; where one is seen as [outer, length, inner], it has that shape, and so has what is made. */
export interface OwnKernels {
  readonly pointwise: Readonly<Record<PointwiseOp, (spread: Spread) => Run>>;
  /** A copy with every element repeated along the axes that are stretched. */
  readonly repeated: (spread: Spread) => Run;
  readonly sum: (size: Around) => Run;
  readonly max: (size: Around) => Run;
  readonly argmax: (size: Around) => Run;
  readonly cumsum: (size: Around, isReversed: boolean) => Run;
  /** Of [outer, length, inner] by [count]. */
  readonly gather: (size: Around, count: number) => Run;
  /** Of [outer, count, inner] by [count], to the size. */
  readonly scatterAdd: (size: Around, count: number) => Run;
}

export type KernelsOf<Op extends CalledOp> = Readonly<Record<Op, Kernel<Tensor>>>;
