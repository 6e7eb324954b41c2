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
import type { InnerSolver } from '../solvers/solver.ts';
import { tangentOperator, tangentProjection, type SymmetricOperator } from '../solvers/symmetric-operator.ts';
import { firstOrderError, implicitGradient } from './implicit-gradient.ts';
import { innerOutputs, solveInner } from './inner-solve.ts';
import { kinkMargin } from './kink-margin.ts';
import { smallEnoughForNewton, smallEnoughToFactor } from './limits.ts';
import { outputsOf, type Built, type BuiltStages, type Strategy, type StrategyContext } from './strategy.ts';

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
  accepts: ({ analysis, problem: { composite } }) => {
    if (analysis.meaning === 'recipe')
      return { ok: false, because: 'the implicit formula is not the derivative of a recipe, which means exactly its steps' };
    const why =
      composite === undefined
        ? 'the inner loss is smooth at its minimiser; the Hessian there is shown nonsingular by the solve'
        : `differentiated on the support of the minimiser: ${composite.found.join('; ')}; the Hessian there is shown nonsingular by the solve`;
    return { ok: true, why };
  },
  build: (context, why) => {
    const asked = wordOption(context.problem.program.strategy, 'solver');
    return ways
      .filter((w) => asked === undefined || w.name === asked)
      .flatMap((way) => context.solvers.map((s, i) => candidate(context, way, s, i, why)));
  },
};

function candidate(context: StrategyContext, way: Way, choice: StrategyContext['solvers'][number], order: number, why: string): Built {
  return {
    strategy: 'implicit',
    solver: `${way.name}+${choice.solver.name}`,
    innerSolver: choice.solver.name,
    why,
    exact: true,
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

function stages({ problem, innerMethod, inputs }: StrategyContext, way: Way, solver: InnerSolver): BuiltStages {
  const { b, outer, program } = problem;
  const named = numberOption(program.strategy, 'tolerance');
  const tolerance = named === undefined ? b.byPrecision(...TOLERANCE) : b.constant(named);
  const limit = numberOption(program.strategy, 'steps') ?? STEP_LIMIT;
  const solution = solveInner(problem, solver, innerMethod, inputs);
  const project = tangentProjection(problem, solution.x);
  const adjoint = way.of(b, tangentOperator(problem, solution.x), tolerance, limit)(project(outer.gradientAt(solution.x)));
  const value = innerOutputs(solution, outer.at(solution.x));
  const stopped = b.equal(solution.status, b.constant(statusCode('not-finite')));
  const there = way.of(b, tangentOperator(problem, inputs.x), tolerance, limit);
  const along = tangentProjection(problem, inputs.x);
  return {
    value,
    hypergradient: {
      ...value,
      ...outputsOf(
        program.hypers.map((h) => h.name),
        implicitGradient(problem, solution.x, adjoint.v),
      ),
      v: adjoint.v,
      ...kinkMargin(problem, solution.x, inputs.start),
      'linear:residual': adjoint.residual,
      'linear:steps': adjoint.steps,
      'linear:status': b.select(stopped, solution.status, solvable(problem, adjoint)),
    },
    error: { error: firstOrderError(problem, inputs.x, inputs.v, (rhs) => there(along(rhs)).v) },
  };
}
