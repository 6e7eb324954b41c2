/** The inner solve that every strategy at a minimiser shares: from where and as far as the runtime says. */
import type { Candidate, ErrorPart } from '../../plan/types.ts';
import { errorPart } from '../accuracy.ts';
import type { Value } from '../ir/graph.ts';
import { stationarityAt, type Problem } from '../problem.ts';
import type { MethodInfo } from '../program.ts';
import { closedForm } from '../solvers/closed-form.ts';
import { numberOption } from '../solvers/options.ts';
import type { InnerSolver, Solution } from '../solvers/solver.ts';
import type { SolveInputs, StageOutputs } from './strategy.ts';

/** Where the page names none: in float64 and in float32, relative to max(1, ‖∇h(x₀)‖) (language page; `runtime/rounding.ts` has the same). */
const TOLERANCE = [1e-10, 1e-5] as const;
/** A gradient norm at which no well-scaled problem is solved. */
const LOOSE = 1e-6;
const STEP_LIMIT = 1000;
/** First-order steps are cheap, and many are needed. */
const STEPWISE_LIMIT = 100_000;

/** An inner solution, and how far it went in the measure of `tolerance:inner`. */
export interface InnerSolution extends Solution {
  readonly relative: Value;
}

/** What its tolerance is relative to: max(1, ‖∇h(x₀)‖). */
export function innerUnit(problem: Problem, start: Value): Value {
  const { b } = problem;
  const first = b.norm(stationarityAt(problem, start));
  // Relative to an infinite gradient anything would have converged.
  return b.select(b.isFinite(first), b.maximum(b.constant(1), first), b.constant(1));
}

export function solveInner(
  problem: Problem,
  solver: InnerSolver,
  method: MethodInfo | undefined,
  { x, start, tolerance: { inner: tolerance } }: SolveInputs,
): InnerSolution {
  const { b } = problem;
  const named = numberOption(method, 'tolerance');
  const limit = numberOption(method, 'steps') ?? (solver.steps === undefined && solver.proximal !== true ? STEP_LIMIT : STEPWISE_LIMIT);
  const unit = innerUnit(problem, start);
  const solution = solver.solve(problem, {
    from: x,
    target: b.mul(tolerance, unit),
    loose: b.maximum(b.constant(LOOSE), tolerance),
    isLast: b.lessEqual(tolerance, named === undefined ? b.byPrecision(...TOLERANCE) : b.constant(named)),
    polishes: named === undefined,
    limit,
    ...(method === undefined ? {} : { method }),
  });
  return { ...solution, relative: b.div(solution.gradientNorm, unit) };
}

/** How far an inner solve goes in the end, where it stops at a tolerance. */
export function innerTolerance(solver: InnerSolver, method: MethodInfo | undefined): Candidate['tolerances'] {
  const named = numberOption(method, 'tolerance');
  if (solver === closedForm) return undefined;
  return named === undefined ? {} : { inner: named };
}

/** What it is predicted to leave of the way to the minimiser. */
export const innerError = ({ problem }: { readonly problem: Problem }, solver: InnerSolver): ErrorPart =>
  errorPart(`the inner solve by ${solver.name}`, solver.left(problem.program));

export function innerOutputs(solution: Solution & Partial<InnerSolution>, outer: Value): StageOutputs {
  return {
    x: solution.x,
    outer,
    'inner:loss': solution.loss,
    'inner:gradient_norm': solution.gradientNorm,
    'inner:steps': solution.steps,
    'inner:status': solution.status,
    ...(solution.relative === undefined ? {} : { 'inner:relative': solution.relative }),
  };
}
