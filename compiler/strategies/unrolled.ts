/**
 * A recipe: its steps are one `scan`, and the hypergradient is the derivative of that graph like of any other.
 * Source: Griewank & Walther (2008), ch. 3; Franceschi et al. (2017), reverse mode.
 */
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import { numberOption } from '../solvers/options.ts';
import { replace } from '../transform/replace.ts';
import { vjp } from '../transform/transpose.ts';
import { innerOutputs } from './inner-solve.ts';
import { outputsOf, type Strategy } from './strategy.ts';

export const unrolled: Strategy = {
  name: 'unrolled',
  accepts: ({ analysis, solvers }) => {
    if (analysis.meaning !== 'recipe') return { ok: false, because: 'the inner problem means its minimiser, which has no steps to differentiate' };
    return solvers.some((s) => s.solver.steps !== undefined)
      ? { ok: true, why: 'the recipe is a chain of differentiable steps, and unrolling is its exact derivative in every hyper' }
      : { ok: false, because: 'the inner solver is not stepwise' };
  },
  build: ({ problem, solvers, innerMethod }, why) => {
    const { b, inner, outer, hypers, program, declaredStart } = problem;
    const [first] = solvers;
    const count = numberOption(innerMethod, 'steps');
    const steps = first?.solver.steps;
    if (first === undefined || steps === undefined || innerMethod === undefined || count === undefined) return [];
    const x = steps(problem, declaredStart, count, innerMethod);
    const criterion = outer.at(x);
    const { value: loss, gradient } = inner.bothAt(x);
    const last = new Map([[program.step, b.constant(count)]]);
    const [lossThere, gradientThere] = replace(b, [loss, gradient], last);
    const finite = b.isFinite(b.add(b.sum(x), criterion));
    const status = b.select(finite, b.constant(statusCode('converged')), b.constant(statusCode('not-finite')));
    const value = innerOutputs({ x, loss: given(lossThere), gradientNorm: b.norm(given(gradientThere)), steps: b.constant(count), status }, criterion);
    const gradients = vjp(b, [criterion], [b.constant(1)], hypers).map((g, i) => g ?? b.zeros(given(hypers[i]).type.shape));
    const size = b.sqrt(gradients.reduce((sum, g) => b.add(sum, b.inner(g, g)), b.constant(0)));
    return [
      {
        strategy: 'unrolled',
        solver: first.solver.name,
        why,
        exact: true,
        checkingOnly: false,
        drive: 'graph',
        rank: 0,
        conditions: first.conditions,
        value,
        hypergradient: {
          ...value,
          ...outputsOf(program.hypers.map((h) => h.name), gradients),
          'linear:residual': b.constant(0),
          'linear:steps': b.constant(0),
          'linear:status': status,
        },
        // Rounding alone: each step adds about one unit in the last place.
        error: { error: b.scale(size, Number.EPSILON * (16 + count)) },
      },
    ];
  },
};
