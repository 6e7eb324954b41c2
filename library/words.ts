/** Sentences that several tables share: how a solver ended, how large an error is. */
import type { Arithmetic, ExecutorDescription, Plan, ProblemDescription } from '../plan/types.ts';
import type { Status } from '../plan/status.ts';
import type { Counted } from '../plan/reweigh.ts';
import type { ErrorReport, GradientResult, OuterStep, RunResult, Spent } from '../runtime/types.ts';
import type { PlannedCandidate } from './plan-document.ts';
import { counted, duration, figure, memoryText, roughly } from './figures.ts';

/** Whether how a solver ended is what was asked for, less than that, or a failure. */
export type Tone = 'good' | 'doubtful' | 'bad';

export function toneOf(status: Status): Tone {
  switch (status) {
    case 'converged':
      return 'good';
    case 'step-limit':
    case 'stalled':
    case 'interrupted':
    case 'stationary':
      return 'doubtful';
    case 'diverged':
    case 'not-finite':
    case 'negative-curvature':
    case 'not-positive-definite':
      return 'bad';
  }
}

/** How a status is written: in colours on a terminal. */
export type Say = (status: Status) => string;

/** A recipe does not converge: it takes its steps. With folds the steps are those of all of them. */
export function innerSentence(
  { inner, computedBy: { folds } }: GradientResult,
  meaning: ProblemDescription['meaning'],
  say: Say = String,
): string {
  const steps = `${counted(inner.steps, 'step')}${folds === undefined ? '' : ` in ${folds} folds`}`;
  const ended =
    meaning === 'recipe' && inner.status === 'converged' ? `exactly ${steps}, as written` : `${say(inner.status)} after ${steps}`;
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

const arithmeticWords: Readonly<Record<Arithmetic, string>> = {
  f64: 'float64',
  f32: 'float32',
  mixed: 'float32, corrected in float64,',
};

/** `wasm in float64, fused, on 4 threads, one for each core; 1.2 MiB`. */
export function computedText({ backend, precision, chosen, declined, threads, why, fused, bytes, folds }: ExecutorDescription): string {
  const numbers = `${arithmeticWords[precision]}${chosen === undefined || declined !== undefined ? '' : ` (${chosen})`}${fused === true ? ', products fused with sums,' : ''}`;
  return `${backend} in ${numbers} on ${counted(threads, 'thread')}, ${why}${bytes === undefined ? '' : `; ${memoryText(bytes)}${folds === undefined ? '' : ` for ${folds} folds`}`}`;
}

/** Of a run that goes on, the most telling first: `step 12/100`, `criterion 0.5321`, `gradient 1.2e-3`, `elapsed 2.4 s`, `left at most 17.6 s`. */
export function stepWords(step: OuterStep, total: number | undefined, elapsed: number): readonly string[] {
  const done = step.step;
  const left = total === undefined || done === 0 ? undefined : (elapsed / done) * Math.max(0, total - done);
  return [
    ...(step.start === 0 ? [] : [`start ${step.start + 1}`]),
    `step ${done}${total === undefined ? '' : `/${total}`}`,
    `criterion ${figure(step.outer)}`,
    `gradient ${roughly(step.gradientNorm)}`,
    `elapsed ${duration(elapsed)}`,
    ...(left === undefined ? [] : [`left at most ${duration(left)}`]),
  ];
}

/** `newton 7, cg 29`. */
export const countsText = (steps: PlannedCandidate['steps']): string =>
  Object.entries(steps)
    .filter(([name]) => !small.has(name))
    .map(([name, count]) => `${name} ${figure(count, 2)}`)
    .join(', ');

/** Loops inside of others, which say little on their own. */
const small: ReadonlySet<string> = new Set(['backtrack', 'line_search', 'polish']);
