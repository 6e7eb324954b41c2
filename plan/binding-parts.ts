/** The parts of the runtime by which some problems are bound, and others do without, by their names in `runtime/api.ts`. */
import type { ProblemDescription } from './types.ts';

export const bindingParts = ({
  data,
  splits,
  params,
  batches,
  noises,
  bentByRows,
  features,
  demands,
}: ProblemDescription): readonly string[] => [
  ...(splits.some(({ folds, stratifiedBy }) => folds !== undefined || stratifiedBy !== undefined) ? ['crossValidation'] : []),
  ...(batches !== undefined || noises !== undefined || params.some(({ distribution }) => distribution !== undefined) ? ['drawAll'] : []),
  ...(bentByRows !== undefined || features !== undefined ? ['dataDoubts'] : []),
  ...(mayBeText(data) || picksLabels(demands) ? ['labelDoubts'] : []),
  ...(mayBeUnmet(demands) ? ['checkDemands'] : []),
];

/** Text is numbered as `int` data; there is something to doubt where an interval says how many words there are, or there are two of such data. */
function mayBeText(data: ProblemDescription['data']): boolean {
  const labels = data.filter(({ kind }) => kind === 'int');
  return labels.length > 1 || labels.some(({ interval }) => interval !== undefined);
}

type Demands = ProblemDescription['demands'];

/** Of a part of the rows there may be one class only. */
const picksLabels = (demands: Demands): boolean => demands?.positions.some(({ among }) => among !== undefined) === true;

const mayBeUnmet = (demands: Demands): boolean =>
  demands !== undefined && (demands.sizes.length > 0 || demands.positions.some(({ isDeclared }) => isDeclared !== true));
