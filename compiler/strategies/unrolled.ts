/**
 * A recipe: its steps are one `scan`, and the hypergradient is the derivative of that graph like of any other.
 * Source: Griewank & Walther (2008), ch. 3; Franceschi et al. (2017), reverse mode.
 */
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import { numberOption } from '../solvers/options.ts';
import { roundings } from '../solvers/rounding.ts';
import type { InnerSolver } from '../solvers/solver.ts';
import { stationarityAt } from '../problem.ts';
import { replace } from '../transform/replace.ts';
import { vjp } from '../transform/transpose.ts';
import { innerOutputs } from './inner-solve.ts';
import { outputsOf, type BuiltStages, type Strategy, type StrategyContext } from './strategy.ts';

export const unrolled: Strategy = {
  name: 'unrolled',
  accepts: ({ analysis, solvers }) => {
    if (analysis.meaning !== 'recipe')
      return { ok: false, because: 'the inner problem means its minimiser, which has no steps to differentiate' };
    return solvers.some((s) => s.solver.steps !== undefined)
      ? { ok: true, why: 'the recipe is a chain of differentiable steps, and unrolling is its exact derivative in every hyper' }
      : { ok: false, because: 'the inner solver is not stepwise' };
  },
  build: (context, why) =>
    context.solvers.slice(0, 1).map(({ solver, conditions }) => ({
      strategy: 'unrolled',
      solver: solver.name,
      why,
      exact: true,
      checkingOnly: false,
      drive: 'graph',
      rank: 0,
      conditions,
      stages: () => stages(context, solver),
    })),
};

function stages({ problem, innerMethod }: StrategyContext, solver: InnerSolver): BuiltStages {
  const { b, inner, outer, hypers, program, declaredStart } = problem;
  const method = given(innerMethod, 'the method of a recipe');
  const count = given(numberOption(method, 'steps'), 'the number of steps');
  const x = given(solver.steps, 'the steps of a stepwise solver')(problem, declaredStart, count, method);
  const criterion = outer.at(x);
  const [lossThere, gradientThere] = replace(b, [inner.at(x), stationarityAt(problem, x)], new Map([[program.step, b.constant(count)]]));
  const status = b.select(b.isFinite(b.sum(x)), b.constant(statusCode('converged')), b.constant(statusCode('diverged')));
  const value = innerOutputs(
    { x, loss: given(lossThere), gradientNorm: b.norm(given(gradientThere)), steps: b.constant(count), status },
    criterion,
  );
  const gradients = vjp(b, [criterion], [b.constant(1)], hypers).map((g, i) => g ?? b.zeros(given(hypers[i]).type.shape));
  const size = b.sqrt(gradients.reduce((sum, g) => b.add(sum, b.inner(g, g)), b.constant(0)));
  return {
    value,
    hypergradient: {
      ...value,
      ...outputsOf(
        program.hypers.map((h) => h.name),
        gradients,
      ),
      'linear:residual': b.constant(0),
      'linear:steps': b.constant(0),
      'linear:status': status,
    },
    // Rounding alone: each step adds about one unit in the last place.
    error: { error: b.mul(roundings(b, 16 + count), size) },
  };
}
