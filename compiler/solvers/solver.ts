/** What an inner solver is: one file each, a graph built from h alone. */
import { statusCode } from '../../plan/status.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { leftAfter, leftWithin, type Left } from '../accuracy.ts';
import type { Problem } from '../problem.ts';
import type { MethodInfo, Program } from '../program.ts';
import type { Pieces } from '../pieces.ts';
import type { Work } from '../work.ts';
import { numberOption } from './options.ts';
import type { Near, Preconditioner } from './preconditioner.ts';

/** Where a solver begins and how far it goes; all scalars but the points. */
export interface SolveRequest {
  /** Where it begins: the declared start, or a warm one. `[d]` */
  readonly from: Value;
  /** ‖∇h‖ (of a composite problem, of the generalised gradient) at which it may stop. */
  readonly target: Value;
  /** ‖∇h‖ above which it does not stop while steps still help, whatever the target: one that a huge start made large is met far away. */
  readonly loose: Value;
  /** Whether the target is what is wanted in the end, not one on the way there: a truth value. */
  readonly isLast: Value;
  /** Whether to take, at the last target, what accuracy is cheap beyond it: the page names no tolerance. */
  readonly polishes: boolean;
  /** At most so many steps. */
  readonly limit: number;
  /** The method as the page names it, if it does. */
  readonly method?: MethodInfo;
}

export interface Solution {
  /** `[d]` */
  readonly x: Value;
  readonly loss: Value;
  readonly gradientNorm: Value;
  readonly steps: Value;
  /** A position in `plan/status.ts`, as a scalar. */
  readonly status: Value;
  /** What it has preconditioned with, near the inverse Hessian where it began. */
  readonly near?: Preconditioner;
}

/** The status, inside a loop, of a solve that has not ended: no position in `plan/status.ts`. */
export const RUNNING = -1;

/**
 * How a solve ended: `converged` at ‖∇h‖ ≤ target, whatever stopped the loop; `step-limit` if nothing had; else the loop's own status.
 * All are scalars; `status` is a position in `plan/status.ts`, or RUNNING.
 */
export function endedAs(b: Builder, gradientNorm: Value, target: Value, status: Value): Value {
  const short = b.select(b.equal(status, b.constant(RUNNING)), b.constant(statusCode('step-limit')), status);
  return b.select(b.lessEqual(gradientNorm, target), b.constant(statusCode('converged')), short);
}

export type Acceptance = { readonly ok: true; readonly why: string } | { readonly ok: false; readonly because: string };

export interface InnerSolver {
  readonly name: string;
  /** It takes the proximal map of what is not smooth, and stays in the sets of the params. */
  readonly proximal?: true;
  readonly accepts: (problem: Problem, analysis: SolverFacts) => Acceptance;
  readonly solve: (problem: Problem, request: SolveRequest) => Solution;
  /** Of one solve from the declared start, in what it is made of; counts of steps are names (`stepsOf`). `near`: of the problem that has it. */
  readonly work: (pieces: Pieces, near?: Near) => Work;
  /** It goes by products, and takes fewer with a preconditioner. */
  readonly preconditions?: true;
  /** What of the way to the minimiser it is predicted to leave. */
  readonly left: (program: Program) => Left;
  /** It makes a matrix of all params. */
  readonly assembles?: true;
  /** A stepwise solver also gives its steps: exactly so many of them are a recipe, and differentiating them is unrolling. */
  readonly steps?: Steps;
}

/** The steps of a stepwise solver. Their states are the number of the next step, x, and what the method keeps besides. */
export interface Steps {
  /** A step is divided by the sizes of gradients, which vanish at a minimiser: one from there is like none that led to it. */
  readonly normalises?: true;
  /** Whether its steps are those of plain descent, whose distance to a minimiser shrinks by a factor that is known. */
  readonly descends?: (program: Program) => boolean;
  /** The states before the first step. */
  readonly begin: (problem: Problem, from: Value) => readonly Value[];
  /** The states `count` steps later. */
  readonly advance: (problem: Problem, states: readonly Value[], count: number, method: MethodInfo | undefined) => readonly Value[];
}

/** Of steps to a tolerance, or of as many as the page allows. */
export const leftBySteps =
  (descends: Steps['descends']): InnerSolver['left'] =>
  (program) =>
    leftWithin('τ_inner', numberOption(program.innerMethod, 'steps'), (steps) => leftAfter(steps, descends?.(program)));

/** What a solver may ask about the inner loss. */
export interface SolverFacts {
  /** Degree of h in all params jointly; Infinity when it is no polynomial of degree at most 2. */
  readonly innerDegree: number;
}
