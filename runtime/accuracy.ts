/**
 * How accurate the solves behind a hypergradient have to be on the way to an optimum: a schedule, a state that is followed by another.
 * The error of a gradient is taken to be proportional to how far the solves went, by a number that is measured wherever a point is evaluated
 * twice. Knows no solver and no outer method.
 * Source: Pedregosa (2016), theorem 2 (tolerances whose sum is finite); Salehi, Mukherjee, Roberts & Ehrhardt (2024), algorithm 3.2 (an
 * error of at most a share of the gradient, and less where a search fails).
 */
import { norm } from './tensor.ts';

export interface Schedule {
  /** What is asked of solves, in the measure of their tolerances; undefined: to go to the end. */
  readonly accuracy: number | undefined;
  /** ‖error of the gradient‖ by how far the solves went, as it was measured last; undefined: it was not yet. */
  readonly sensitivity?: number;
}

/** A point as the schedule sees it. */
export interface Solved {
  readonly gradient: Float64Array;
  /** Norm of the gradient, without what points out of the box. */
  readonly size: number;
  /** How far the solves went. */
  readonly reached: number;
  /** What that leaves uncertain in the criterion. */
  readonly slack: number;
}

/** The first point is shown, and tolerances are relative to its gradient: it is solved to so many digits. */
export const first = 1e-9;
export const loosest: Schedule = { accuracy: 1e-2 };
export const toTheEnd: Schedule = { accuracy: undefined };

/** The share of the gradient that its error may be. */
const SHARE = 0.07;
/** The share of a change of the criterion that may be uncertain. */
const CLEAR = 0.7;
/** Each step asks for at least this much more than the one before, so that the sum of all is finite. */
const DECAY = 0.8;
const TIGHTER = 0.1;

/** How far solves must go where the gradient is so large; 0 while that is not known. */
const needed = ({ sensitivity = Infinity }: Schedule, { size }: Solved): number => (SHARE * size) / sensitivity;

const to = (schedule: Schedule, accuracy: number): Schedule => ({ ...schedule, accuracy: accuracy > first ? accuracy : undefined });

/** Whether a point is solved well enough for its gradient, and for what its criterion shows: it differs by `change` from that of a step before. */
export const isEnough = (schedule: Schedule, solved: Solved, change: number): boolean =>
  solved.reached <= needed(schedule, solved) && solved.slack <= CLEAR * Math.abs(change);

/**
 * For a point that is not: as far as is needed, as far as that is known, and in any case farther than it went, and than was asked of it:
 * rounding may let no solve go farther.
 */
export const better = (schedule: Schedule, solved: Solved, asked = Infinity): Schedule =>
  to(schedule, Math.min(TIGHTER * solved.reached, TIGHTER * asked, needed(schedule, solved) || Infinity));

/** After a search that found nothing. */
export const tighter = (schedule: Schedule): Schedule => to(schedule, TIGHTER * (schedule.accuracy ?? 0));

/** After a step to a point. */
export const following = (schedule: Schedule, solved: Solved): Schedule =>
  to(schedule, Math.min(DECAY * (schedule.accuracy ?? 0), needed(schedule, solved) || Infinity));

/** After two evaluations of one point. */
export function measured(schedule: Schedule, loose: Solved, tight: Solved): Schedule {
  const nearer = loose.reached - tight.reached;
  if (!(nearer > 0)) return schedule;
  const change = norm(loose.gradient.map((g, i) => g - (tight.gradient[i] ?? 0)));
  return { ...schedule, sensitivity: change / nearer };
}
