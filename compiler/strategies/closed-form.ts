/**
 * A quadratic inner loss: one Cholesky factor serves the minimiser and the adjoint, whatever the number of hypers.
 * Source: Bengio (2000), §3.1.
 */
import { closedForm as closedFormSolver, definiteness, factor, quadraticMinimiser, solutionAt } from '../solvers/closed-form.ts';
import { firstOrderError, implicitGradient } from './implicit-gradient.ts';
import { hoistedCriterion } from './hoisted-criterion.ts';
import { innerOutputs } from './inner-solve.ts';
import { smallEnoughToFactor } from './limits.ts';
import { outputsOf, type Strategy } from './strategy.ts';

export const closedForm: Strategy = {
  name: 'closed_form',
  accepts: ({ problem, analysis, solvers }) => {
    if (analysis.meaning === 'recipe') return { ok: false, because: 'a recipe means its steps, not the minimiser that a closed form would give' };
    const accepted = closedFormSolver.accepts(problem, { innerDegree: analysis.innerFacts.degree });
    if (!accepted.ok) return accepted;
    return solvers.some((s) => s.solver === closedFormSolver) ? accepted : { ok: false, because: 'the page names another inner solver' };
  },
  build: ({ problem, analysis, inputs }, why) => {
    const { b, params, program } = problem;
    const { x, factored } = quadraticMinimiser(problem);
    const criterion = hoistedCriterion(problem, analysis.outerFacts.degree);
    const solution = solutionAt(problem, x, b.constant(1), definiteness(b, factored.factor));
    const slope = criterion.gradientAt(x);
    const v = factored.solve(slope);
    const value = innerOutputs(solution, criterion.at(x));
    const residual = b.norm(b.sub(b.matmul(factored.hessian, v), slope));
    const names = program.hypers.map((h) => h.name);
    return [
      {
        strategy: 'closed_form',
        solver: 'closed_form',
        why,
        exact: true,
        checkingOnly: false,
        drive: 'graph',
        rank: 0,
        conditions: smallEnoughToFactor(params.dimension),
        value,
        hypergradient: {
          ...value,
          ...outputsOf(names, implicitGradient(problem, x, v)),
          v,
          'linear:residual': residual,
          'linear:steps': b.constant(1),
          'linear:status': definiteness(b, factored.factor),
        },
        error: { error: firstOrderError(problem, inputs.x, inputs.v, factor(b, problem.inner.hessianAt(inputs.x)).solve) },
      },
    ];
  },
};
