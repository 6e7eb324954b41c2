/** Sizes up to which dense d × d work is offered. Until the cost model weighs it: a matrix of this size is 128 MB. */
import type { Condition } from '../../plan/types.ts';
import { exprOf } from '../cost.ts';
import { add, evaluate, one, scale, type Dim, type Sizes } from '../ir/dims.ts';
import type { LowRank } from '../solvers/low-rank-form.ts';

const LARGEST_FACTOR = 4000;
/** Fewer params are left to a factor of the whole. */
const LEAST_PARAMS = 64;
/** Below this many params Newton steps with an assembled Hessian beat quasi-Newton steps. */
const LARGEST_NEWTON = 300;

export const smallEnoughToFactor = (dimension: Dim): readonly Condition[] => [
  { left: exprOf(dimension), right: LARGEST_FACTOR, because: 'too many params to factor a dense Hessian' },
];

export const smallEnoughForNewton = (dimension: Dim): readonly Condition[] => [
  { left: exprOf(dimension), right: LARGEST_NEWTON, because: 'too many params to assemble and factor the Hessian at every step' },
];

/** With as many rows as params there is nothing to gain; with more free params than rows the Hessian is singular. */
export const fewEnoughRows = ({ rank, freeSize, size }: LowRank): readonly Condition[] => [
  { left: exprOf(add(rank, one)), right: exprOf(size), because: 'no fewer rows than params' },
  { left: exprOf(rank), right: LARGEST_FACTOR, because: 'too many rows to factor the matrix of their products' },
  { left: exprOf(freeSize), right: exprOf(rank), because: 'more params without a penalty than rows' },
];

/** Known to have too few params for rows to matter. */
export const isSmall = ({ size }: LowRank, fixed: Sizes): boolean => (evaluate(size, fixed) ?? LEAST_PARAMS) < LEAST_PARAMS;

/** A solve reads the rows four times, so a factor of half the size is where it pays; a small one is cheap in any case. */
export const farFewerRows = ({ rank, size }: LowRank): readonly Condition[] => [
  { left: exprOf(scale(rank, 2)), right: exprOf(size), because: 'more than half as many rows as params' },
  { left: LEAST_PARAMS, right: exprOf(size), because: 'few params' },
];
