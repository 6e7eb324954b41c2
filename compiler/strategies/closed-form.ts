/**
 * A quadratic inner loss: one Cholesky factor serves the minimiser and the adjoint, whatever the number of hypers.
 * Source: Bengio (2000), §3.1.
 */
import {
  closedForm as closedFormSolver,
  definiteness,
  factor,
  quadraticOf,
  quadraticSolution,
  relativeResidual,
} from '../solvers/closed-form.ts';
import { firstOrderError, implicitGradient } from './implicit-gradient.ts';
import { hoistedCriterion } from './hoisted-criterion.ts';
import { innerOutputs } from './inner-solve.ts';
import { smallEnoughToFactor } from './limits.ts';
import { outputsOf, type BuiltStages, type Strategy, type StrategyContext } from './strategy.ts';

export const closedForm: Strategy = {
  name: 'closed_form',
  accepts: ({ problem, analysis, solvers }) => {
    if (analysis.meaning === 'recipe')
      return { ok: false, because: 'a recipe means its steps, not the minimiser that a closed form would give' };
    const accepted = closedFormSolver.accepts(problem, { innerDegree: analysis.innerFacts.degree });
    if (!accepted.ok) return accepted;
    return solvers.some((s) => s.solver === closedFormSolver) ? accepted : { ok: false, because: 'the page names another inner solver' };
  },
  build: (context, why) => [
    {
      strategy: 'closed_form',
      solver: 'closed_form',
      why,
      exact: true,
      checkingOnly: false,
      drive: 'graph',
      rank: 0,
      conditions: smallEnoughToFactor(context.problem.params.dimension),
      stages: () => stages(context),
    },
  ],
};

function stages({ problem, analysis, inputs }: StrategyContext): BuiltStages {
  const { b, program } = problem;
  const quadratic = quadraticOf(problem);
  const { minimiser: x, factored } = quadratic;
  const criterion = hoistedCriterion(problem, analysis.outerFacts.degree);
  const solution = quadraticSolution(problem, quadratic);
  const slope = criterion.gradientAt(x);
  const v = factored.solve(slope);
  const value = innerOutputs(solution, criterion.at(x));
  return {
    value,
    hypergradient: {
      ...value,
      ...outputsOf(
        program.hypers.map((h) => h.name),
        implicitGradient(problem, x, v),
      ),
      v,
      'linear:residual': relativeResidual(b, factored.hessian, v, slope),
      'linear:steps': b.constant(1),
      'linear:status': definiteness(b, factored),
    },
    error: { error: firstOrderError(problem, inputs.x, inputs.v, factor(b, problem.inner.hessianAt(inputs.x)).solve) },
  };
}
