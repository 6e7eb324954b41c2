/**
 * A quadratic criterion whose second derivative depends on data alone, as a form in x with everything about the data computed
 * once: f(x) = f(c) + g(c)ᵀ(x − c) + ½ (x − c)ᵀH_f(x − c). About its own minimiser c no term is large where f is small, so
 * nothing cancels, as it would about 0.
 */
import { isOne } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { shifted } from '../solvers/assembled.ts';
import { assembledAt, type Split } from '../solvers/blocks.ts';
import { reach } from '../transform/reach.ts';

export interface Criterion {
  /** f at x, a scalar. */
  readonly at: (x: Value) => Value;
  /** ∇_x f at x, `[d]`. */
  readonly gradientAt: (x: Value) => Value;
}

/** The criterion as written. */
export const plainCriterion = (problem: Problem): Criterion => ({
  at: (x) => problem.outer.at(x),
  gradientAt: (x) => problem.outer.gradientAt(x),
});

/** The hoisted form where the criterion is quadratic in x with coefficients of data alone; otherwise as written. */
export function hoistedCriterion(problem: Problem, degree: number, split?: Split): Criterion {
  const { b, outer, params, hypers } = problem;
  if (degree > 2 || isOne(params.dimension)) return plainCriterion(problem);
  const origin = b.zeros([params.dimension]);
  const hessian = assembledAt(b, params, outer, split, origin);
  const { entries } = hessian;
  const slope = outer.gradientAt(origin);
  const moving = reach([entries, slope], hypers);
  if (moving.depends(entries) || moving.depends(slope)) return plainCriterion(problem);
  // A small shift makes the factor exist where a param does not reach the criterion; any centre near the minimiser will do.
  const shift = b.add(b.scale(b.max(b.abs(entries)), 1e-8), b.constant(1e-300));
  const factor = b.cholesky(shifted(b, entries, shift));
  const found = b.neg(hessian.solve(factor, slope));
  // Along a direction in which the criterion is linear the shift alone decides, and sends the centre far away. H annihilates what
  // lies along it, and keeps the rest as it was.
  const kept = hessian.solve(factor, hessian.product(found));
  const centre = b.select(b.isFinite(b.sum(kept)), kept, origin);
  const valueThere = outer.at(centre);
  const slopeThere = outer.gradientAt(centre);
  return {
    at: (x) => {
      const d = b.sub(x, centre);
      return b.add(valueThere, b.add(b.inner(slopeThere, d), b.scale(b.inner(d, hessian.product(d)), 0.5)));
    },
    gradientAt: (x) => b.add(slopeThere, hessian.product(b.sub(x, centre))),
  };
}
