/** Sizes up to which dense d × d work is offered. Until the cost model weighs it: a matrix of this size is 128 MB. */
import type { Condition } from '../../plan/types.ts';
import { exprOf } from '../cost.ts';
import type { Dim } from '../ir/dims.ts';

const LARGEST_FACTOR = 4000;
/** Below this many params Newton steps with an assembled Hessian beat quasi-Newton steps. */
const LARGEST_NEWTON = 300;

export const smallEnoughToFactor = (dimension: Dim): readonly Condition[] => [
  { left: exprOf(dimension), right: LARGEST_FACTOR, because: 'too many params to factor a dense Hessian' },
];

export const smallEnoughForNewton = (dimension: Dim): readonly Condition[] => [
  { left: exprOf(dimension), right: LARGEST_NEWTON, because: 'too many params to assemble and factor the Hessian at every step' },
];
