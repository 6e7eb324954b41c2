/** The parts of the runtime by which some problems are bound, and others do without, by their names in `runtime/api.ts`. */
import type { ProblemDescription } from './types.ts';

export const bindingParts = ({ splits, params, batches, noises, bentByRows, features }: ProblemDescription): readonly string[] => [
  ...(splits.some(({ folds, stratifiedBy }) => folds !== undefined || stratifiedBy !== undefined) ? ['crossValidation'] : []),
  ...(batches !== undefined || noises !== undefined || params.some(({ distribution }) => distribution !== undefined) ? ['drawAll'] : []),
  ...(bentByRows !== undefined || features !== undefined ? ['dataDoubts'] : []),
];
