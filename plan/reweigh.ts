/**
 * The plan weighed again by what solves have counted: their steps in the place of those that were assumed, and the condition number that so
 * many steps mean. Knows no method: whose steps they are, and how they grow with κ, is in the plan.
 */
import { choose } from './choose.ts';
import type { Choice } from './decide.ts';
import type { Environment } from './evaluate.ts';
import { environmentOf, namesInCost } from './predict.ts';
import type { Calibration, Candidate, Plan, StepCounts } from './types.ts';

/** Steps of one loop, as solves have counted them, and as the plan assumed. */
export interface CountedSteps {
  readonly counted: number;
  readonly assumed: number;
}

export interface Counted {
  /** By the names of the loops, such as `cg`. */
  readonly steps: Readonly<Record<string, CountedSteps>>;
  /** The condition number that these mean; absent where none of them depends on it. */
  readonly condition?: number;
}

export interface Reweighed extends Counted {
  /** Ids of the candidate that counted, and of the choice by its counts. */
  readonly from: string;
  readonly to: string;
  /** Milliseconds of one hypergradient by either, with what was counted. */
  readonly predicted: { readonly from: number; readonly to: number };
}

/** Steps of a candidate's solves, by the assumptions that they take the place of; of steps that its cost does not depend on nothing. */
export function countsOf({ innerSolver, linearSolver, cost = {} }: Candidate, { inner, linear }: StepCounts): Environment {
  const used = namesInCost(cost);
  const counts = {
    [`T_${innerSolver}`]: inner,
    ...(linear === undefined || linearSolver === undefined ? {} : { [`T_${linearSolver}`]: linear }),
  };
  return Object.fromEntries(Object.entries(counts).filter(([name]) => used.includes(name)));
}

const WORST = 1e16;
const HALVINGS = 60;

/**
 * The least condition number, between 1 and 10¹⁶, at which the plan would have assumed so many steps, or the most that it ever assumes;
 * of several counts the largest. Undefined where none of them depends on it.
 */
export function conditionOf(plan: Plan, sizes: Environment, counted: Environment): number | undefined {
  const found = Object.entries(counted).flatMap(([name, count]) => {
    const at = (κ: number): number => environmentOf(plan, sizes, { κ })[name] ?? Number.NaN;
    const most = at(WORST);
    return at(1) < most ? [leastWith((κ) => at(κ) >= Math.min(count, most))] : [];
  });
  return found.length === 0 ? undefined : Math.max(...found);
}

/** By bisection of its logarithm; `holds` at WORST, and from some number on. */
function leastWith(holds: (κ: number) => boolean): number {
  let [low, high] = [0, Math.log(WORST)];
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (low + high) / 2;
    if (holds(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}

/** Counts beside what was assumed, for people and for `--json`. */
export function countedOf(plan: Plan, sizes: Environment, counts: Environment): Counted {
  const assumed = environmentOf(plan, sizes);
  const steps = Object.entries(counts).map(([name, counted]): [string, CountedSteps] => [
    name.slice(2),
    { counted, assumed: assumed[name] ?? Number.NaN },
  ]);
  const condition = conditionOf(plan, sizes, counts);
  return { steps: Object.fromEntries(steps), ...(condition === undefined ? {} : { condition }) };
}

/** The choice with counts in the place of what was assumed, of all that follows from the condition number that they mean too. */
export const chooseCounted = (plan: Plan, sizes: Environment, counts: Environment, options: ReweighOptions = {}): Choice => {
  const κ = conditionOf(plan, sizes, counts);
  return choose(plan, sizes, { ...options, counted: { ...counts, ...(κ === undefined ? {} : { κ }) } });
};

export interface ReweighOptions {
  /** What was asked for by name: the choice stays among it. */
  readonly only?: string | undefined;
  readonly calibration?: Calibration | undefined;
}

/**
 * The choice by what a candidate has counted. Undefined where that is the candidate itself, and where its counts say nothing of the condition
 * number: then what others would take is no better known than before.
 */
export function reweigh(
  plan: Plan,
  sizes: Environment,
  candidate: Candidate,
  counts: StepCounts,
  options: ReweighOptions = {},
): Reweighed | undefined {
  const own = countsOf(candidate, counts);
  const counted = countedOf(plan, sizes, own);
  const { chosen, verdicts } = chooseCounted(plan, sizes, own, options);
  if (counted.condition === undefined || chosen === undefined || chosen === candidate) return undefined;
  const msOf = (id: string): number => verdicts.find((v) => v.id === id)?.predicted ?? Number.NaN;
  return { from: candidate.id, to: chosen.id, ...counted, predicted: { from: msOf(candidate.id), to: msOf(chosen.id) } };
}
