/**
 * The implicit function theorem at a converged x: H v = ∇_x f by a Cholesky factor of the assembled Hessian, or by products.
 * Source: Bengio (2000), §3.2; Pedregosa (2016).
 */
import type { Condition } from '../../plan/types.ts';
import { statusCode, type Status } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { dense, factor, relativeResidual } from '../solvers/assembled.ts';
import { conjugateGradient } from '../solvers/conjugate-gradient.ts';
import { gmres } from '../solvers/gmres.ts';
import { hasStatus, probe, type LinearGoal, type LinearSolution, type LinearSolver } from '../solvers/linear-solver.ts';
import { minres } from '../solvers/minres.ts';
import { neumann } from '../solvers/neumann.ts';
import { numberOption, wordOption } from '../solvers/options.ts';
import type { Acceptance, InnerSolver } from '../solvers/solver.ts';
import { tangentOperator, tangentProjection, type SymmetricOperator } from '../solvers/symmetric-operator.ts';
import { firstOrderError, implicitGradient } from './implicit-gradient.ts';
import { innerOutputs, solveInner } from './inner-solve.ts';
import { kinkMargin } from './kink-margin.ts';
import { atLastStep, recipeEnd, recipeOutputs, recipeSolution } from './recipe.ts';
import { smallEnoughForNewton, smallEnoughToFactor } from './limits.ts';
import {
  hypergradientOutputs,
  isAskedFor,
  type Built,
  type BuiltStages,
  type StageOutputs,
  type Strategy,
  type StrategyContext,
} from './strategy.ts';

/** The solves with one operator: what all of them need of it is made once. */
type Solve = (rhs: Value) => LinearSolution;

interface Way {
  readonly name: string;
  readonly rank: number;
  /** Offered only where the page names it. */
  readonly byName?: true;
  readonly conditions: (problem: Problem) => readonly Condition[];
  readonly preferred: (problem: Problem) => readonly Condition[];
  readonly of: (b: Builder, operator: SymmetricOperator, goal: LinearGoal) => Solve;
}

const byFactor: Way['of'] = (b, operator) => {
  const factored = factor(b, dense(b, operator.matrix()));
  return (rhs) => {
    const v = factored.solve(rhs);
    return { v, residual: relativeResidual(b, factored, v, rhs), steps: b.constant(1), status: factored.status };
  };
};

/**
 * By products. A right-hand side of zeros asks nothing of H, so one product in a direction of no symmetry does: without curvature there
 * the solve has the status `otherwise`, unless it failed.
 */
const byProducts =
  (solve: LinearSolver, otherwise: Status): Way['of'] =>
  (b, operator, goal) => {
    const direction = probe(b, operator);
    const curved = b.less(b.constant(0), b.inner(direction, operator.product(direction)));
    return (rhs) => {
      const solution = solve(b, operator, rhs, goal);
      const doubted = b.and(b.not(curved), hasStatus(b, solution.status, 'converged'));
      return { ...solution, status: b.select(doubted, b.constant(statusCode(otherwise)), solution.status) };
    };
  };

const anySize = { conditions: () => [], preferred: () => [] };

const ways: readonly Way[] = [
  {
    name: 'cholesky',
    rank: 10,
    conditions: ({ params }) => smallEnoughToFactor(params.dimension),
    preferred: ({ params }) => smallEnoughForNewton(params.dimension),
    of: byFactor,
  },
  { name: 'cg', rank: 20, ...anySize, of: byProducts(conjugateGradient, 'negative-curvature') },
  { name: 'minres', rank: 30, byName: true, ...anySize, of: byProducts(minres, 'stationary') },
  { name: 'gmres', rank: 30, byName: true, ...anySize, of: byProducts(gmres, 'stationary') },
  { name: 'neumann', rank: 30, byName: true, ...anySize, of: byProducts(neumann, 'negative-curvature') },
];

/** Relative to ‖∇_x f‖, in float64 and in float32. */
const TOLERANCE = [1e-12, 1e-6] as const;
const STEP_LIMIT = 10_000;

export const implicit: Strategy = {
  name: 'implicit',
  accepts: (context) => {
    const { program } = context.problem;
    if (
      isAskedFor(context, 'implicit') &&
      numberOption(program.strategy, 'rate') !== undefined &&
      wordOption(program.strategy, 'solver') !== 'neumann'
    )
      return { ok: false, because: 'a `rate` is how far each step of a Neumann series goes, `implicit(solver = neumann, rate = …)`' };
    if (context.analysis.meaning === 'recipe') return acceptsRecipe(context);
    const { composite } = context.problem;
    const why =
      composite === undefined
        ? 'the inner loss is smooth at its minimiser; the Hessian there is shown nonsingular by the solve'
        : `differentiated on the support of the minimiser: ${composite.found.join('; ')}; the Hessian there is shown nonsingular by the solve`;
    return { ok: true, why };
  },
  build: (context, why) => {
    const asked = wordOption(context.problem.program.strategy, 'solver');
    return ways
      .filter((w) => (asked === undefined ? w.byName !== true : w.name === asked))
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

/** On a support with more coordinates than the data determine there is nothing to converge to: no better than v = 0 is singular. */
function solvable({ b, composite }: Problem, { status, residual }: LinearSolution): Value {
  if (composite === undefined) return status;
  const short = b.and(b.equal(status, b.constant(statusCode('step-limit'))), b.not(b.less(residual, b.constant(1))));
  return b.select(short, b.constant(statusCode('not-positive-definite')), status);
}

function atEnd(context: StrategyContext, outputs: StageOutputs): StageOutputs {
  const values = atLastStep(context, Object.values(outputs));
  return Object.fromEntries(Object.keys(outputs).map((slot, i) => [slot, given(values[i])]));
}

function stages(context: StrategyContext, way: Way, solver: InnerSolver): BuiltStages {
  const { problem, analysis, innerMethod, inputs } = context;
  const { b, outer, program } = problem;
  const named = numberOption(program.strategy, 'tolerance');
  const tolerance = named === undefined ? b.byPrecision(...TOLERANCE) : b.constant(named);
  const rate = numberOption(program.strategy, 'rate');
  const goal = {
    tolerance,
    limit: numberOption(program.strategy, 'steps') ?? STEP_LIMIT,
    ...(rate === undefined ? {} : { rate: b.constant(rate) }),
  };
  const isRecipe = analysis.meaning === 'recipe';
  const solution = isRecipe ? recipeSolution(context, recipeEnd(context, solver)) : solveInner(problem, solver, innerMethod, inputs);
  const project = tangentProjection(problem, solution.x);
  const adjoint = way.of(b, tangentOperator(problem, solution.x), goal)(project(outer.gradientAt(solution.x)));
  const value = isRecipe ? recipeOutputs(problem, solution) : innerOutputs(solution, outer.at(solution.x));
  const stopped = b.equal(solution.status, b.constant(statusCode('not-finite')));
  // However short the page lets the solve be: its estimate is worth what it is solved by.
  const there = way.of(b, tangentOperator(problem, inputs.x), { tolerance: b.byPrecision(...TOLERANCE), limit: STEP_LIMIT });
  const along = tangentProjection(problem, inputs.x);
  const hypergradient = {
    ...hypergradientOutputs(problem, value, implicitGradient(problem, solution.x, adjoint.v), {
      ...adjoint,
      status: b.select(stopped, solution.status, solvable(problem, adjoint)),
    }),
    v: adjoint.v,
    ...kinkMargin(problem, solution.x, isRecipe ? problem.declaredStart : inputs.start),
  };
  return {
    value,
    hypergradient: isRecipe ? atEnd(context, hypergradient) : hypergradient,
    error: isRecipe ? {} : { error: firstOrderError(problem, inputs.x, inputs.v, (rhs) => there(along(rhs)).v) },
  };
}
