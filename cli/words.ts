/** Sentences that several tables share: how a solver ended, how large an error is. */
import type { Plan, ProblemDescription } from '../plan/types.ts';
import type { Status } from '../plan/status.ts';
import type { ErrorReport, GradientResult, InnerReport } from '../runtime/types.ts';
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

/** A recipe does not converge: it takes its steps. */
export const innerSentence = (inner: InnerReport, meaning: ProblemDescription['meaning'], colors: Colors): string =>
  `${meaning === 'recipe' && inner.status === 'converged' ? `exactly ${counted(inner.steps, 'step')}, as written` : `${statusWord(inner.status, colors)} after ${counted(inner.steps, 'step')}`}, loss ${figure(inner.loss)}, gradient norm ${roughly(inner.gradientNorm)}`;

/** What gave the hypergradient, and why it may. */
export function strategySentence({ candidates }: Plan, { candidate, strategy, solver }: GradientResult): string {
  const why = candidates.find((c) => c.id === candidate)?.why;
  return `${strategy}${solver === '' ? '' : ` with ${solver}`}${why === undefined ? '' : `: ${why}`}`;
}

export function errorSentence({ bound, estimate, why }: ErrorReport): string {
  if (bound !== undefined) return `at most ${roughly(bound)}: ${why}`;
  return estimate === undefined ? `not known: ${why}` : `about ${roughly(estimate)}: ${why}`;
}
