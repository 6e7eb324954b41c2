/** Sizes up to which dense d × d work is offered. Until the cost model weighs it: a matrix of this size is 128 MB. */
import type { Condition } from '../../plan/types.ts';
import { exprOf } from '../cost.ts';
import { number, type Dim } from '../ir/dims.ts';

const LARGEST_FACTOR = 4000;
/** Below this many params Newton steps with an assembled Hessian beat quasi-Newton steps. */
const LARGEST_NEWTON = 300;
/** From this many params on a Cholesky factor at each λ is dearer, in a run of some dozen steps, than one tridiagonal form. */
const SMALLEST_PENCIL = 64;

export const smallEnoughToFactor = (dimension: Dim): readonly Condition[] => [
  { left: exprOf(dimension), right: LARGEST_FACTOR, because: 'too many params to factor a dense Hessian' },
];

export const smallEnoughForNewton = (dimension: Dim): readonly Condition[] => [
  { left: exprOf(dimension), right: LARGEST_NEWTON, because: 'too many params to assemble and factor the Hessian at every step' },
];

export const largeEnoughForPencil = (dimension: Dim): readonly Condition[] => [
  { left: exprOf(number(SMALLEST_PENCIL)), right: exprOf(dimension), because: 'few params' },
];
