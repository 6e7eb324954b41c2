/** Sentences that several tables share: how a solver ended, how large an error is. */
import type { Plan, ProblemDescription } from '../plan/types.ts';
import type { Status } from '../plan/status.ts';
import type { ErrorReport, GradientResult } from '../runtime/types.ts';
import { counted, figure, roughly } from './figures.ts';
import type { Colors } from './session.ts';

export function statusWord(status: Status, colors: Colors): string {
  switch (status) {
    case 'converged':
      return colors.green(status);
    case 'step-limit':
    case 'stalled':
    case 'interrupted':
    case 'stationary':
      return colors.yellow(status);
    case 'diverged':
    case 'not-finite':
    case 'negative-curvature':
    case 'not-positive-definite':
      return colors.red(status);
  }
}

/** A recipe does not converge: it takes its steps. With folds the steps are those of all of them. */
export function innerSentence(
  { inner, computedBy: { folds } }: GradientResult,
  meaning: ProblemDescription['meaning'],
  colors: Colors,
): string {
  const steps = `${counted(inner.steps, 'step')}${folds === undefined ? '' : ` in ${folds} folds`}`;
  const ended =
    meaning === 'recipe' && inner.status === 'converged'
      ? `exactly ${steps}, as written`
      : `${statusWord(inner.status, colors)} after ${steps}`;
  return `${ended}, loss ${figure(inner.loss)}, gradient norm ${roughly(inner.gradientNorm)}`;
}

/** What of the inner problem is not smooth or free; a recipe is differentiated through its steps all the same. */
export const compositeSentence = (found: readonly string[], meaning: ProblemDescription['meaning']): string =>
  `${found.join('; ')}${meaning === 'recipe' ? '' : '; differentiated on the support'}`;

/** What gave the hypergradient, and why it may. */
export function strategySentence({ candidates }: Plan, { candidate, strategy, solver }: GradientResult): string {
  const why = candidates.find((c) => c.id === candidate)?.why;
  return `${strategy}${solver === '' ? '' : ` with ${solver}`}${why === undefined ? '' : `: ${why}`}`;
}

export function errorSentence({ bound, estimate, why }: ErrorReport): string {
  if (bound !== undefined) return `at most ${roughly(bound)}: ${why}`;
  return estimate === undefined ? `not known: ${why}` : `about ${roughly(estimate)}: ${why}`;
}
