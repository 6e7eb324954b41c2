/** Sizes up to which dense matrices are offered: one of 4000 × 4000 is 128 MB. What is quicker within them, the costs say. */
import type { Condition } from '../../plan/types.ts';
import { exprOf } from '../cost.ts';
import { add, evaluate, one, type Dim, type Sizes } from '../ir/dims.ts';
import type { LowRank } from '../solvers/low-rank-form.ts';

const LARGEST_FACTOR = 4000;
/** Fewer params are left to a factor of the whole, which is cheap then: another structure would be looked for in vain. */
const LEAST_PARAMS = 64;

export const smallEnoughToFactor = (dimension: Dim): readonly Condition[] => [
  { left: exprOf(dimension), right: LARGEST_FACTOR, because: 'too many params to factor a dense Hessian' },
];

/** With as many rows as params there is nothing to gain; with more free params than rows the Hessian is singular. */
export const fewEnoughRows = ({ rank, freeSize, size }: LowRank): readonly Condition[] => [
  { left: exprOf(add(rank, one)), right: exprOf(size), because: 'no fewer rows than params' },
  { left: exprOf(rank), right: LARGEST_FACTOR, because: 'too many rows to factor the matrix of their products' },
  { left: exprOf(freeSize), right: exprOf(rank), because: 'more params without a penalty than rows' },
];

/** Known to have too few params for rows to matter. */
export const isSmall = ({ size }: LowRank, fixed: Sizes): boolean => (evaluate(size, fixed) ?? LEAST_PARAMS) < LEAST_PARAMS;
