/** Which recipes are meant to come near a minimiser, so that it is worth a word if they do not. */
import type { Problem } from '../problem.ts';
import type { HyperInfo } from '../program.ts';
import { numberOption } from '../solvers/options.ts';
import { innerSolvers } from '../solvers/table.ts';
import { reach } from '../transform/reach.ts';
import type { Acts } from './acts.ts';

/** So few steps are meant to be few. */
const FEW = 10;

/**
 * More than a few steps, whose sizes follow the gradient, all on one loss, and no hyper in them: where one is, the number of steps is the
 * budget in which it is learned.
 */
export function hasOwnPace({ program }: Problem, acts: ReadonlyMap<HyperInfo, Acts>): boolean {
  const { innerMethod: method, inner, step, batches } = program;
  const isLearned = [...acts.values()].some((ways) => ways.includes('through the solver’s steps'));
  const follows = innerSolvers[method?.name ?? '']?.steps?.normalises !== true;
  const isOneLoss = batches === undefined && !reach([inner.value], [step]).depends(inner.value);
  return (numberOption(method, 'steps') ?? 0) > FEW && follows && isOneLoss && !isLearned;
}
