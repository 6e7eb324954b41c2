/** A quadratic h: one linear system. */
import { given } from '../ir/attributes.ts';
import type { Value } from '../ir/graph.ts';
import { iterate } from '../ir/loops.ts';
import type { Problem } from '../problem.ts';
import { factor, type Factored } from './assembled.ts';
import { assembledAt, type Split } from './blocks.ts';
import { denseProducts, factorOf, passes, refinedSolves, sum } from '../work.ts';
import type { InnerSolver, Solution } from './solver.ts';

/** A quadratic h by its coefficients, h(x) = constant + slopeᵀx + ½ xᵀHx, and its minimiser x* = −H⁻¹ slope. */
export interface Quadratic {
  readonly constant: Value;
  readonly slope: Value;
  readonly factored: Factored;
  readonly minimiser: Value;
}

export interface FactoredQuadratic extends Factored {
  /** x*, where there is a better way to it than to solve for the slope. */
  readonly minimiser?: Value;
}

/** The coefficients at the origin, and the minimiser by a factored Hessian. */
export function quadraticOf({ b, params, inner }: Problem, factored: FactoredQuadratic): Quadratic {
  const origin = b.zeros([params.dimension]);
  const slope = inner.gradientAt(origin);
  return { constant: inner.at(origin), slope, factored, minimiser: factored.minimiser ?? b.neg(factored.solve(slope)) };
}

/** The Hessian of a quadratic h, the same at every x, factored as one matrix, or block by block where it splits. */
export const factoredHessian = ({ b, params, inner }: Problem, split?: Split): Factored =>
  factor(b, assembledAt(b, params, inner, split, b.zeros([params.dimension])));

/** How much smaller than its terms a loss may come out of the coefficients before it is computed from the page instead. */
const CANCELLED = 1e-3;

/**
 * The solution of a quadratic h, with loss and gradient from the coefficients, so that data that they were made of are not read again.
 * Where the terms of the loss have cancelled, it is computed as it is written.
 */
export function quadraticSolution(problem: Problem, { constant, slope, factored, minimiser }: Quadratic): Solution {
  const { b, inner } = problem;
  const gradient = b.add(slope, factored.product(minimiser));
  const quick = b.add(constant, b.scale(b.inner(minimiser, b.add(slope, gradient)), 0.5));
  const terms = b.add(b.abs(constant), b.abs(b.inner(minimiser, slope)));
  const [loss] = iterate(b, {
    name: 'direct',
    limit: 1,
    states: [quick, minimiser],
    test: ([value]) => b.less(b.abs(given(value)), b.scale(terms, CANCELLED)),
    body: ([, x]) => [inner.at(given(x)), given(x)],
  });
  return { x: minimiser, loss: given(loss), gradientNorm: b.norm(gradient), steps: b.constant(1), status: factored.status };
}

export const closedForm: InnerSolver = {
  name: 'closed_form',
  accepts: ({ composite }, { innerDegree }) => {
    if (composite !== undefined)
      return { ok: false, because: `the minimiser of a composite problem is no linear system: ${composite.found.join('; ')}` };
    return innerDegree <= 2
      ? { ok: true, why: 'the inner loss is quadratic in all params jointly' }
      : { ok: false, because: 'the inner loss is not quadratic in all params jointly' };
  },
  solve: (problem) => quadraticSolution(problem, quadraticOf(problem, factoredHessian(problem))),
  left: () => 0,
  assembles: true,
  work: ({ d, hessianOfHypers }) => sum(hessianOfHypers, factorOf(d), refinedSolves(d, 1), denseProducts(d, d), passes(d, 4)),
};
