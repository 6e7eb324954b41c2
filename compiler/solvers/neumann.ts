/** Positive definite systems by a power series: unrolled gradient descent, truncated. */
import { statusCode } from '../../plan/status.ts';
import type { Builder } from '../ir/builder.ts';
import { given } from '../ir/attributes.ts';
import type { Value } from '../ir/graph.ts';
import { iterate, iterateNamed } from '../ir/loops.ts';
import { hasStatus, probe, swept, type LinearSolver } from './linear-solver.ts';
import { roundings } from './rounding.ts';
import { RUNNING } from './solver.ts';
import type { LinearOperator } from './symmetric-operator.ts';

const POWER_STEPS = 20;

/** ‖A‖ from below, by so many steps of the power method: a series that steps by its inverse converges where it is more than half of it. */
function spectralNorm(b: Builder, operator: LinearOperator): Value {
  const first = operator.product(probe(b, operator));
  const [, norm] = iterate(b, {
    name: 'power',
    limit: POWER_STEPS,
    states: [first, b.div(b.norm(first), b.norm(probe(b, operator)))],
    test: ([, norm]) => b.less(b.constant(0), given(norm)),
    body: ([u]) => {
      const next = operator.product(b.div(given(u), b.norm(given(u))));
      return [next, b.norm(next)];
    },
  });
  return given(norm);
}

/**
 * Solves A v = rhs by the Neumann series v_K = η Σ_{k≤K} (I − ηA)^k rhs, with η as given, or 1/‖A‖ with the norm by the power method; `limit` is K.
 * Shapes: rhs, v `[d]`; `product` maps `[d] → [d]`. Units: `tolerance`, a scalar, is relative to ‖rhs‖.
 * Needs:  A symmetric positive definite.
 * Fails:  returns status `negative-curvature` or `stalled` where the residual grows, `step-limit` after K products; never throws.
 * Source: Lorraine, Vicol & Duvenaud (2020), §3.
 */
export const neumann: LinearSolver = (b, operator, rhs, goal) => {
  const norm = spectralNorm(b, operator);
  const zero = b.constant(0);
  const rate = goal.rate ?? b.select(b.less(zero, norm), b.div(b.constant(1), norm), zero);
  const code = (name: 'negative-curvature' | 'stalled'): Value => b.constant(statusCode(name));
  return swept(b, operator, rhs, goal, {
    name: 'neumann',
    sweeps: 4,
    progress: 2,
    from: (from, residual, done, enough) => {
      const first = b.norm(residual);
      const { v, r, steps, status } = iterateNamed(b, {
        name: 'neumann',
        limit: goal.limit,
        states: { v: from, r: residual, size: first, steps: done, status: b.constant(RUNNING) },
        test: ({ size, status }) => b.and(b.less(enough, size), hasStatus(b, status, RUNNING)),
        body: ({ v, r, size, steps, status }) => {
          const ar = operator.product(r);
          const next = b.sub(r, b.mul(rate, ar));
          const nextSize = b.norm(next);
          // Along r there is no curvature but what rounding makes, or the step is too long for the largest one.
          const flat = b.lessEqual(b.inner(r, ar), b.mul(b.mul(roundings(b, 16), norm), b.mul(size, size)));
          const lost = b.select(b.less(b.scale(first, 2), nextSize), code('stalled'), status);
          return {
            v: b.add(v, b.mul(rate, r)),
            r: next,
            size: nextSize,
            steps: b.add(steps, b.constant(1)),
            status: b.select(flat, code('negative-curvature'), lost),
          };
        },
      });
      // The last term needs no product.
      return { v: b.add(v, b.mul(rate, r)), steps, status };
    },
  });
};
