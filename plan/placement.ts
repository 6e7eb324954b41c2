/** Where each op runs on a library of kernels: on its device, or on the host, by Wasm. Compiler, plan and tables of kernels go by it. */
import type { CalledOp } from './calls.ts';

/** Libraries of kernels. */
export const libraries = ['tfjs', 'gpujs'] as const;
export type Library = (typeof libraries)[number];

/**
 * Ops that a library has no kernel for, or none that is right: factors and solves, whose pivots depend on each other; what needs whole numbers of
 * 32 bits; orders in which ties and NaN have a place.
 */
export const hostOps = {
  tfjs: ['random_uniform', 'argsort', 'cholesky', 'triangular_solve', 'solve', 'eigh'],
  gpujs: ['random_uniform', 'argsort', 'cholesky', 'triangular_solve', 'solve', 'eigh'],
} as const satisfies Readonly<Record<Library, readonly CalledOp[]>>;

/** Ops that a library's table has to have. */
export type KernelOp<L extends Library> = Exclude<CalledOp, (typeof hostOps)[L][number]>;
