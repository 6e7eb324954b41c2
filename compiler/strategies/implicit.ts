/**
 * The implicit function theorem at a converged x: H v = ∇_x f by a Cholesky factor of the assembled Hessian, or by conjugate
 * gradients on products. Source: Bengio (2000), §3.2; Pedregosa (2016).
 */
import type { Condition } from '../../plan/types.ts';
import { statusCode } from '../../plan/status.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { conjugateGradient, type LinearSolution } from '../solvers/conjugate-gradient.ts';
import { definiteness, factor, relativeResidual } from '../solvers/closed-form.ts';
import { numberOption, wordOption } from '../solvers/options.ts';
import type { Acceptance, InnerSolver } from '../solvers/solver.ts';
import { hessianOperator, type SymmetricOperator } from '../solvers/symmetric-operator.ts';
import { firstOrderError, implicitGradient } from './implicit-gradient.ts';
import { innerOutputs, solveInner } from './inner-solve.ts';
import { recipeEnd, recipeSolution } from './recipe.ts';
import { smallEnoughForNewton, smallEnoughToFactor } from './limits.ts';
import { isAskedFor, outputsOf, type Built, type BuiltStages, type Strategy, type StrategyContext } from './strategy.ts';

/** A solve with a symmetric operator: `[d] → [d]`. */
type LinearSolver = (rhs: Value) => LinearSolution;

interface Way {
  readonly name: 'cholesky' | 'cg';
  readonly rank: number;
  readonly conditions: (problem: Problem) => readonly Condition[];
  readonly preferred: (problem: Problem) => readonly Condition[];
  /** `tolerance`, a scalar, is relative to the right-hand side. */
  readonly of: (b: Builder, operator: SymmetricOperator, tolerance: Value, limit: number) => LinearSolver;
}

const ways: readonly Way[] = [
  {
    name: 'cholesky',
    rank: 10,
    conditions: ({ params }) => smallEnoughToFactor(params.dimension),
    preferred: ({ params }) => smallEnoughForNewton(params.dimension),
    of: (b, operator) => {
      const factored = factor(b, operator.matrix());
      return (rhs) => {
        const v = factored.solve(rhs);
        return { v, residual: relativeResidual(b, factored.hessian, v, rhs), steps: b.constant(1), status: definiteness(b, factored) };
      };
    },
  },
  {
    name: 'cg',
    rank: 20,
    conditions: () => [],
    preferred: () => [],
    of: (b, { dimension, product }, tolerance, limit) => {
      // A right-hand side of zeros asks nothing of H, so one product in a direction of no symmetry does.
      const probe = b.unary('sin', b.add(b.iota(dimension), b.full([dimension], 1)));
      const curved = b.less(b.constant(0), b.inner(probe, product(probe)));
      return (rhs) => {
        const solution = conjugateGradient(b, product, rhs, tolerance, limit);
        return { ...solution, status: b.select(curved, solution.status, b.constant(statusCode('negative-curvature'))) };
      };
    },
  },
];

/** Relative to ‖∇_x f‖, in float64 and in float32. */
const TOLERANCE = [1e-12, 1e-6] as const;
const STEP_LIMIT = 10_000;

export const implicit: Strategy = {
  name: 'implicit',
  accepts: (context) =>
    context.analysis.meaning === 'recipe'
      ? acceptsRecipe(context)
      : { ok: true, why: 'the inner loss is smooth at its minimiser; the Hessian there is shown nonsingular by the solve' },
  build: (context, why) => {
    const asked = wordOption(context.problem.program.strategy, 'solver');
    return ways
      .filter((w) => asked === undefined || w.name === asked)
      .flatMap((way) => context.solvers.map((s, i) => candidate(context, way, s, i, why)));
  },
};

/** By name alone: what the formula would give if the steps had ended at a minimiser. */
const acceptsRecipe = (context: StrategyContext): Acceptance =>
  isAskedFor(context, 'implicit')
    ? {
        ok: true,
        why: 'the implicit formula where the steps end: an approximation, exact only in the limit of a minimiser, and zero in rates and starts',
      }
    : { ok: false, because: 'the implicit formula is not the derivative of a recipe, which means exactly its steps' };

function candidate(context: StrategyContext, way: Way, choice: StrategyContext['solvers'][number], order: number, why: string): Built {
  return {
    strategy: 'implicit',
    solver: `${way.name}+${choice.solver.name}`,
    innerSolver: choice.solver.name,
    why,
    exact: context.analysis.meaning === 'minimiser',
    checkingOnly: false,
    drive: 'graph',
    rank: way.rank + order,
    conditions: [...way.conditions(context.problem), ...choice.conditions],
    preferred: way.preferred(context.problem),
    stages: () => stages(context, way, choice.solver),
  };
}

function stages(context: StrategyContext, way: Way, solver: InnerSolver): BuiltStages {
  const { problem, analysis, innerMethod, inputs } = context;
  const { b, outer, program } = problem;
  const named = numberOption(program.strategy, 'tolerance');
  const tolerance = named === undefined ? b.byPrecision(...TOLERANCE) : b.constant(named);
  const limit = numberOption(program.strategy, 'steps') ?? STEP_LIMIT;
  const isRecipe = analysis.meaning === 'recipe';
  const solution = isRecipe ? recipeSolution(context, recipeEnd(context, solver)) : solveInner(problem, solver, innerMethod, inputs);
  const adjoint = way.of(b, hessianOperator(problem, solution.x), tolerance, limit)(outer.gradientAt(solution.x));
  const value = innerOutputs(solution, outer.at(solution.x));
  const stopped = b.equal(solution.status, b.constant(statusCode('not-finite')));
  const there = way.of(b, hessianOperator(problem, inputs.x), tolerance, limit);
  return {
    value,
    hypergradient: {
      ...value,
      ...outputsOf(
        program.hypers.map((h) => h.name),
        implicitGradient(problem, solution.x, adjoint.v),
      ),
      v: adjoint.v,
      'linear:residual': adjoint.residual,
      'linear:steps': adjoint.steps,
      'linear:status': b.select(stopped, solution.status, adjoint.status),
    },
    error: isRecipe ? {} : { error: firstOrderError(problem, inputs.x, inputs.v, (rhs) => there(rhs).v) },
  };
}
