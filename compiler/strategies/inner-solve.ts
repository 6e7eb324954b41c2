/** The inner solve that every strategy at a minimiser shares: to the tolerance of the page, from where the runtime says. */
import type { Value } from '../ir/graph.ts';
import { stationarityAt, type Problem } from '../problem.ts';
import type { MethodInfo } from '../program.ts';
import { numberOption } from '../solvers/options.ts';
import type { InnerSolver, Solution } from '../solvers/solver.ts';
import type { SolveInputs, StageOutputs } from './strategy.ts';

/** Default tolerance in float64 and in float32, relative to max(1, ‖∇h(x₀)‖) (language page). */
const TOLERANCE = [1e-10, 1e-5] as const;
/** A gradient norm at which no well-scaled problem is solved. */
const LOOSE = 1e-6;
const STEP_LIMIT = 1000;
/** First-order steps are cheap, and many are needed. */
const STEPWISE_LIMIT = 100_000;

export function solveInner(problem: Problem, solver: InnerSolver, method: MethodInfo | undefined, { x, start }: SolveInputs): Solution {
  const { b } = problem;
  const named = numberOption(method, 'tolerance');
  const tolerance = named === undefined ? b.byPrecision(...TOLERANCE) : b.constant(named);
  const limit = numberOption(method, 'steps') ?? (solver.steps === undefined && solver.proximal !== true ? STEP_LIMIT : STEPWISE_LIMIT);
  const first = b.norm(stationarityAt(problem, start));
  // Relative to an infinite gradient anything would have converged.
  const target = b.mul(tolerance, b.select(b.isFinite(first), b.maximum(b.constant(1), first), b.constant(1)));
  const loose = Math.max(LOOSE, named ?? 0);
  return solver.solve(problem, {
    from: x,
    target,
    loose,
    polishes: named === undefined,
    limit,
    ...(method === undefined ? {} : { method }),
  });
}

export function innerOutputs(solution: Solution, outer: Value): StageOutputs {
  return {
    x: solution.x,
    outer,
    'inner:loss': solution.loss,
    'inner:gradient_norm': solution.gradientNorm,
    'inner:steps': solution.steps,
    'inner:status': solution.status,
  };
}
