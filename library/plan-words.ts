/** Sentences about a problem, as tables of a plan and editors say them. */
import type { HyperDescription, ProblemDescription } from '../plan/types.ts';

export const meaningText = ({ meaning }: Pick<ProblemDescription, 'meaning'>): string =>
  meaning === 'minimiser'
    ? 'minimiser: the criterion is evaluated where the inner loss is least'
    : 'recipe: the criterion is evaluated after exactly the steps written';

const degreeWords = ['constant', 'linear', 'quadratic', 'cubic'];

export const degreeText = (degree: number | null): string =>
  degree === null ? 'not a polynomial' : (degreeWords[degree] ?? `of degree ${degree}`);

/** What of the inner problem is not smooth or free; a recipe is differentiated through its steps all the same. */
export const compositeSentence = (found: readonly string[], meaning: ProblemDescription['meaning']): string =>
  `${found.join('; ')}${meaning === 'recipe' ? '' : '; differentiated on the support'}`;

export const actsText = ({ acts }: Pick<HyperDescription, 'acts'>): string =>
  acts.length === 0 ? 'does not reach the criterion' : `acts ${acts.join(', ')}`;
