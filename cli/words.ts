/** Sentences that several tables share: how a solver ended, how large an error is. */
import type { Plan, ProblemDescription } from '../plan/types.ts';
import type { Status } from '../plan/status.ts';
import type { Counted } from '../plan/reweigh.ts';
import type { ErrorReport, GradientResult, RunResult, Spent } from '../runtime/types.ts';
import { counted, figure, roughly } from '../library/figures.ts';
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

/** What gave the hypergradient, and why it may. */
export function strategySentence({ candidates }: Plan, { candidate, strategy, solver }: GradientResult): string {
  const why = candidates.find((c) => c.id === candidate)?.why;
  return `${strategy}${solver === '' ? '' : ` with ${solver}`}${why === undefined ? '' : `: ${why}`}`;
}

export const spentSentence = ({ evaluations, innerSteps, linearSteps }: Spent): string =>
  `${counted(evaluations, 'evaluation')}, ${counted(innerSteps, 'inner step')}, ${counted(linearSteps, 'step')} of the linear solver in all`;

/** `104 steps of lbfgs where 18 were assumed and 206 of cg where 29 were, as with a condition number of 160 or more`. */
export function countedWords({ steps, condition }: Counted): string {
  const each = Object.entries(steps).map(([loop, { counted: count, assumed }], i) => {
    const [what, were] = i === 0 ? [`steps of ${loop}`, 'were assumed'] : [`of ${loop}`, 'were'];
    return `${figure(count, 3)} ${what} where ${figure(assumed, 2)} ${were}`;
  });
  const last = each.pop() ?? '';
  const all = each.length === 0 ? last : `${each.join(', ')} and ${last}`;
  return condition === undefined ? all : `${all}, as with a condition number of ${figure(condition, 2)} or more`;
}

export function reweighedSentence({ from, to, failed, ...found }: NonNullable<RunResult['reweighed']>): string {
  const end = failed === undefined ? `went on with ${to}` : `${to} was to go on, and could not: ${failed}`;
  return `${from} took ${countedWords(found)}: ${end}`;
}

export function errorSentence({ bound, estimate, certified, why }: ErrorReport): string {
  if (bound !== undefined) return `at most ${roughly(bound)}${certified ? ', proved' : ''}: ${why}`;
  return estimate === undefined ? `not known: ${why}` : `about ${roughly(estimate)}: ${why}`;
}
