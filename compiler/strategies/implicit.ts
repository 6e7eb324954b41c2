/**
 * The implicit function theorem at a converged x: H v = ∇_x f by a Cholesky factor of the assembled Hessian, or by conjugate
 * gradients on products. Source: Bengio (2000), §3.2; Pedregosa (2016).
 */
import type { Condition } from '../../plan/types.ts';
import { statusCode } from '../../plan/status.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { conjugateGradient } from '../solvers/conjugate-gradient.ts';
import { definiteness, factor } from '../solvers/closed-form.ts';
import { numberOption, wordOption } from '../solvers/options.ts';
import { firstOrderError, implicitGradient } from './implicit-gradient.ts';
import { innerOutputs, solveInner } from './inner-solve.ts';
import { smallEnoughToFactor } from './limits.ts';
import { outputsOf, type Built, type Strategy, type StrategyContext } from './strategy.ts';

/** A way of solving with the Hessian at x, and how it went. */
interface HessianSolve {
  readonly solve: (rhs: Value) => { readonly v: Value; readonly residual: Value; readonly steps: Value; readonly status: Value };
}

interface Way {
  readonly name: 'cholesky' | 'cg';
  readonly rank: number;
  readonly conditions: (problem: Problem) => readonly Condition[];
  readonly at: (problem: Problem, x: Value, tolerance: number, limit: number) => HessianSolve;
}

const ways: readonly Way[] = [
  {
    name: 'cholesky',
    rank: 10,
    conditions: ({ params }) => smallEnoughToFactor(params.dimension),
    at: (problem, x) => {
      const { b } = problem;
      const factored = factor(b, problem.inner.hessianAt(x));
      return {
        solve: (rhs) => {
          const v = factored.solve(rhs);
          const size = b.norm(rhs);
          const residual = b.norm(b.sub(b.matmul(factored.hessian, v), rhs));
          const relative = b.select(b.less(b.constant(0), size), b.div(residual, size), b.constant(0));
          return { v, residual: relative, steps: b.constant(1), status: definiteness(b, factored.factor) };
        },
      };
    },
  },
  {
    name: 'cg',
    rank: 20,
    conditions: () => [],
    at: (problem, x, tolerance, limit) => ({
      solve: (rhs) => conjugateGradient(problem.b, (v) => problem.inner.hessianProduct(x, v), rhs, tolerance, limit),
    }),
  },
];

/** Relative to ‖∇_x f‖. */
const TOLERANCE = 1e-12;
const STEP_LIMIT = 10_000;

export const implicit: Strategy = {
  name: 'implicit',
  accepts: ({ analysis }) =>
    analysis.meaning === 'recipe'
      ? { ok: false, because: 'the implicit formula is not the derivative of a recipe, which means exactly its steps' }
      : { ok: true, why: 'the inner loss is smooth at its minimiser; the Hessian there is shown nonsingular by the solve' },
  build: (context, why) => {
    const asked = wordOption(context.problem.program.strategy, 'solver');
    return ways.filter((w) => asked === undefined || w.name === asked).flatMap((way) => context.solvers.map((s, i) => candidate(context, way, s, i, why)));
  },
};

function candidate(context: StrategyContext, way: Way, { solver, conditions }: StrategyContext['solvers'][number], order: number, why: string): Built {
  const { problem, innerMethod, inputs } = context;
  const { b, outer, program } = problem;
  const tolerance = numberOption(program.strategy, 'tolerance') ?? TOLERANCE;
  const limit = numberOption(program.strategy, 'steps') ?? STEP_LIMIT;
  const solution = solveInner(problem, solver, innerMethod, inputs);
  const system = way.at(problem, solution.x, tolerance, limit);
  const adjoint = system.solve(outer.gradientAt(solution.x));
  const value = innerOutputs(solution, outer.at(solution.x));
  const stopped = b.equal(solution.status, b.constant(statusCode('not-finite')));
  return {
    strategy: 'implicit',
    solver: `${way.name}+${solver.name}`,
    why,
    exact: true,
    checkingOnly: false,
    drive: 'graph',
    rank: way.rank + order,
    conditions: [...way.conditions(problem), ...conditions],
    value,
    hypergradient: {
      ...value,
      ...outputsOf(program.hypers.map((h) => h.name), implicitGradient(problem, solution.x, adjoint.v)),
      v: adjoint.v,
      'linear:residual': adjoint.residual,
      'linear:steps': adjoint.steps,
      'linear:status': b.select(stopped, solution.status, adjoint.status),
    },
    error: { error: firstOrderError(problem, inputs.x, inputs.v, (rhs) => way.at(problem, inputs.x, tolerance, limit).solve(rhs).v) },
  };
}
