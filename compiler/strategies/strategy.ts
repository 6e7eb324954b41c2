/** What a strategy is: one file each. It says yes or why not, and builds the graphs of a hypergradient. */
import type { Candidate, Condition, ErrorPart } from '../../plan/types.ts';
import type { Analysis } from '../analyse.ts';
import { given } from '../ir/attributes.ts';
import type { Value } from '../ir/graph.ts';
import type { Pieces } from '../pieces.ts';
import type { Problem } from '../problem.ts';
import type { MethodInfo, Program } from '../program.ts';
import type { LinearSolution } from '../solvers/linear-solver.ts';
import type { Acceptance, InnerSolver, Solution } from '../solvers/solver.ts';
import type { Work } from '../work.ts';

/** The inputs that the runtime gives to a solve. */
export interface SolveInputs {
  /** Where the inner solver begins, `[d]`. */
  readonly x: Value;
  /** The declared start x₀, `[d]`; the tolerance is relative to ‖∇h(x₀)‖. */
  readonly start: Value;
  /** The adjoint that `hypergradient` found, for the stage `error`. `[d]` */
  readonly v: Value;
  /** Where the linear solve of `hypergradient` begins. `[d]` */
  readonly vStart: Value;
  /** How far the inner solve goes, and the linear one: scalars, relative to max(1, ‖∇h(x₀)‖) and to ‖∇_x f‖. */
  readonly tolerance: { readonly inner: Value; readonly linear: Value };
}

/** Named results of a stage; the names are slots (`plan/types.ts`). */
export type StageOutputs = Readonly<Record<string, Value>>;

export interface Built {
  readonly strategy: string;
  readonly solver: string;
  /** What finds the inner solution, where `solver` names more than that. */
  readonly innerSolver?: string;
  /** What solves for the adjoint, where it takes steps to a tolerance. */
  readonly linearSolver?: string;
  readonly why: string;
  readonly exact: boolean;
  readonly checkingOnly: boolean;
  readonly drive: 'graph' | 'differences';
  readonly conditions: readonly Condition[];
  /** What the page says of the tolerances of its solves (`plan/types.ts`); none: it has no such solve. */
  readonly tolerances?: Candidate['tolerances'] | undefined;
  /** Why it is never chosen by itself, whatever it costs. */
  readonly byNameOnly?: string;
  /** Of one hypergradient, inner solve included: predicted from a few pieces, without its graphs. Asked for where there is a choice. */
  readonly work: () => Work;
  /** What its error is predicted from (`compiler/accuracy.ts`). */
  readonly error: readonly ErrorPart[];
  /** Builds the graphs: asked for when the candidate is linked or its cost is shown, not before. */
  readonly stages: () => BuiltStages;
}

export interface BuiltStages {
  readonly value: StageOutputs;
  readonly hypergradient: StageOutputs;
  /** Slot `error`: an estimate of the hypergradient's error to first order, at the `x` and `v` that `hypergradient` found. */
  readonly error: StageOutputs;
  /** At a minimiser, where there is an adjoint. */
  readonly refinement?: () => Refinement;
}

/** What is left at `x` and `v`, and what it says to correct them by (decision 030). */
export interface Refinement {
  readonly residual: StageOutputs;
  /** Nothing, where they are not to be corrected. */
  readonly refine: StageOutputs;
  /** Slots `corrected:x`, `corrected:v`: where an error is judged again. */
  readonly corrected: StageOutputs;
}

export interface StrategyContext {
  readonly problem: Problem;
  readonly analysis: Analysis;
  /** The solvers that accept the inner problem, in the order in which they are preferred. */
  readonly solvers: readonly { readonly solver: InnerSolver; readonly conditions: readonly Condition[] }[];
  /** The inner solver as the page names it. */
  readonly innerMethod: MethodInfo | undefined;
  readonly inputs: SolveInputs;
  /** What costs are made of. */
  readonly pieces: Pieces;
}

export interface Strategy {
  readonly name: string;
  readonly accepts: (context: StrategyContext) => Acceptance;
  /** One candidate for each way in which it can be done here, in the order of decision. */
  readonly build: (context: StrategyContext, why: string) => readonly Built[];
}

/** Whether the page names the strategy: what only approximates the hypergradient is a candidate there alone. */
export const isAskedFor = ({ problem }: StrategyContext, strategy: string): boolean => problem.program.strategy?.name === strategy;

/** How the linear solve behind a hypergradient went; all scalars. */
export type LinearReport = Pick<LinearSolution, 'residual' | 'steps' | 'status'>;

/** One gradient a hyper, in the order of the hypers. */
export const hypergradientSlots = ({ hypers }: Program, gradients: readonly Value[]): StageOutputs =>
  Object.fromEntries(hypers.map(({ name }, i) => [`hypergradient:${name}`, given(gradients[i], `the gradient of ${name}`)]));

/** The stage `hypergradient`: what the stage `value` gives, one gradient a hyper in the order of the hypers, and how they were solved for. */
export const hypergradientOutputs = (
  { program }: Problem,
  value: StageOutputs,
  gradients: readonly Value[],
  linear: LinearReport,
): StageOutputs => ({
  ...value,
  ...hypergradientSlots(program, gradients),
  'linear:residual': linear.residual,
  'linear:steps': linear.steps,
  'linear:status': linear.status,
});

/** Where there is no linear solve: nothing was left of one, and what kept the inner solve from its end keeps the hypergradient from its own. */
export const withoutLinearSolve = ({ b }: Problem, { status }: Pick<Solution, 'status'>): LinearReport => ({
  residual: b.constant(0),
  steps: b.constant(0),
  status,
});
