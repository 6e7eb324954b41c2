/** What the first-order outer methods share: a projected step along a rule’s direction, a limit of steps, a tolerance. */
import { outerDefaults, resampleDefaults } from '../../plan/defaults.ts';
import { project } from '../kinds.ts';
import { endsOf } from './ends.ts';
import { flagOption, toleranceOption, wholeOption, type Box, type Good, type OptionRule, type Running, type Settings } from './method.ts';

/** What they all may be told; how noise is drawn is the driver's business. */
export const stepOptions: readonly OptionRule[] = [
  wholeOption('steps', outerDefaults.steps, 0),
  toleranceOption(0),
  flagOption('resample', resampleDefaults.resample),
];

/** How far to move, given the gradient and the rule’s memory; the memory that follows. `step` counts from 1, as in Adam’s bias correction. */
export type Rule<Memory> = (
  gradient: Float64Array,
  memory: Memory,
  step: number,
) => { readonly move: Float64Array; readonly memory: Memory };

/** Runs `z ← P(z + move)`. A point that cannot be evaluated ends it, and the last good one stays. */
export function runRule<P, Memory>(first: Good<P>, box: Box, settings: Settings, rule: Rule<Memory>, memory: Memory): Running<P> {
  const endOf = endsOf(first, box, settings);
  const make = (current: Good<P>, step: number, held: Memory, ended = endOf(current, step)): Running<P> => ({
    current,
    step,
    ended,
    async next(evaluate) {
      const { move, memory: following } = rule(current.gradient, held, step + 1);
      const z = project(
        box,
        current.z.map((x, i) => x + (move[i] ?? 0)),
      );
      const trial = await evaluate(z, current);
      if (!trial.ok) return make(current, step, held, { status: trial.status, failure: trial });
      return make(trial, step + 1, following);
    },
    again: (point) => make(point, step, held),
  });
  return make(first, 0, memory);
}
