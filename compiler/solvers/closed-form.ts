/** A quadratic h: one linear system. */
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { iterate } from '../ir/loops.ts';
import type { Problem } from '../problem.ts';
import { roundings } from './rounding.ts';
import type { InnerSolver, Solution } from './solver.ts';

export interface Factored {
  /** H `[d, d]` and its lower Cholesky factor, NaN if H is not positive definite. */
  readonly hessian: Value;
  readonly factor: Value;
  /** H⁻¹ rhs, with one step of refinement. */
  readonly solve: (rhs: Value) => Value;
}

/**
 * Factors H = R Rᵀ; a solve is two triangular ones, then once more on its residual.
 * Shapes: hessian `[d, d]`, right-hand sides `[d]`.
 * Needs: H symmetric positive definite; otherwise every result is NaN, which `definiteness` turns into a status.
 * Source: Golub & Van Loan (2013), §4.2.3; refinement §3.5.3.
 */
export function factor(b: Builder, hessian: Value): Factored {
  const lower = b.cholesky(hessian);
  const solve = (rhs: Value): Value => {
    const first = b.choleskySolve(lower, rhs);
    const residual = b.sub(rhs, b.matmul(hessian, first));
    return b.add(first, b.choleskySolve(lower, residual));
  };
  return { hessian, factor: lower, solve };
}

/** A quadratic h by its coefficients, h(x) = constant + slopeᵀx + ½ xᵀHx, and its minimiser x* = −H⁻¹ slope. */
export interface Quadratic {
  readonly constant: Value;
  readonly slope: Value;
  readonly factored: Factored;
  readonly minimiser: Value;
}

export function quadraticOf({ b, params, inner }: Problem): Quadratic {
  const origin = b.zeros([params.dimension]);
  const factored = factor(b, inner.hessianAt(origin));
  const slope = inner.gradientAt(origin);
  return { constant: inner.at(origin), slope, factored, minimiser: b.neg(factored.solve(slope)) };
}

/** ‖Hv − rhs‖ / ‖rhs‖; 0 for rhs = 0. */
export function relativeResidual(b: Builder, hessian: Value, v: Value, rhs: Value): Value {
  const size = b.norm(rhs);
  return b.select(b.less(b.constant(0), size), b.div(b.norm(b.sub(b.matmul(hessian, v), rhs)), size), b.constant(0));
}

/**
 * `converged`, or `not-positive-definite`: when there is no factor, or when a pivot is what rounding leaves of zero, judged beside its
 * own diagonal entry so that the scale of a param does not matter.
 * Source: Higham (2002), theorem 10.7: success of the factorisation proves definiteness up to about d·ε of the diagonal.
 */
export function definiteness(b: Builder, { hessian, factor: lower }: Factored): Value {
  const [d] = hessian.type.shape;
  const eye = b.eye(given(d));
  const diagonal = (v: Value): Value => b.sum(b.mul(v, eye), [1]);
  const pivots = diagonal(lower);
  const least = b.neg(b.max(b.neg(b.div(b.mul(pivots, pivots), diagonal(hessian)))));
  const positive = b.less(b.mul(roundings(b, 4), b.dimSize(given(d))), least);
  return b.select(positive, b.constant(statusCode('converged')), b.constant(statusCode('not-positive-definite')));
}

/** How much smaller than its terms a loss may come out of the coefficients before it is computed from the page instead. */
const CANCELLED = 1e-3;

/**
 * The solution of a quadratic h, with loss and gradient from the coefficients, so that data that they were made of are not read again.
 * Where the terms of the loss have cancelled, it is computed as it is written.
 */
export function quadraticSolution(problem: Problem, { constant, slope, factored, minimiser }: Quadratic): Solution {
  const { b, inner } = problem;
  const gradient = b.add(slope, b.matmul(factored.hessian, minimiser));
  const quick = b.add(constant, b.scale(b.inner(minimiser, b.add(slope, gradient)), 0.5));
  const terms = b.add(b.abs(constant), b.abs(b.inner(minimiser, slope)));
  const [loss] = iterate(b, {
    name: 'direct',
    limit: 1,
    states: [quick, minimiser],
    test: ([value]) => b.less(b.abs(given(value)), b.scale(terms, CANCELLED)),
    body: ([, x]) => [inner.at(given(x)), given(x)],
  });
  return { x: minimiser, loss: given(loss), gradientNorm: b.norm(gradient), steps: b.constant(1), status: definiteness(b, factored) };
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
  solve: (problem) => quadraticSolution(problem, quadraticOf(problem)),
};
