/**
 * Mixed precision (decision 030): which candidates are solved in float32 and refined in float64, of which an error is estimated in float64,
 * and under which ids their stages are linked. Compiler and runtime must agree on these.
 */
import type { Candidate, ProblemDescription } from './types.ts';

/** What is linked in float32: `once`, `hypergradient` and `refine`. */
export const refinedId = (candidate: string): string => `${candidate}:refined`;
/** What is linked in float64: the stages of a candidate, but `value`, with `residual`. */
export const checkedId = (candidate: string): string => `${candidate}:checked`;

type Declared = Pick<ProblemDescription, 'meaning' | 'composite'>;
type Offered = Pick<Candidate, 'strategy' | 'drive'>;

/** Why it has no adjoint at a minimiser; undefined: it has. */
function whyNoAdjoint({ meaning }: Declared, { strategy, drive }: Offered): string | undefined {
  if (meaning === 'recipe') return 'a recipe means its steps, and has no equation whose residual could be corrected';
  if (drive === 'differences') return 'differences are taken of values alone, with no adjoint to correct';
  return strategy === 'closed_form' || strategy === 'implicit'
    ? undefined
    : `\`${strategy}\` solves for no adjoint that could be corrected`;
}

/** Why it is not corrected; undefined: it is, unless the page says how many steps the linear solve takes. */
export function whyNotRefined(declared: Declared, candidate: Offered): string | undefined {
  const { composite } = declared;
  const kinks = composite && `the support of a composite problem is not corrected, and this is one: ${composite.join('; ')}`;
  return whyNoAdjoint(declared, candidate) ?? kinks;
}
