/** Positive definite systems by products only. */
import { statusCode } from '../../plan/status.ts';
import { iterateNamed } from '../ir/loops.ts';
import { hasStatus, swept, type LinearSolver } from './linear-solver.ts';
import { RUNNING } from './solver.ts';

/**
 * Solves A v = rhs by conjugate gradients; begins again on the true residual when the recurrence has drifted from it.
 * Shapes: rhs, v `[d]`; `product` maps `[d] → [d]`. Units: `tolerance`, a scalar, is relative to ‖rhs‖.
 * Needs:  A symmetric positive definite; negative curvature is detected, not assumed away.
 * Fails:  returns status `negative-curvature`, `stalled` or `step-limit`; never throws.
 * Source: Hestenes & Stiefel (1952), §3; stopping rule: Nocedal & Wright (2006), §5.1.
 */
export const conjugateGradient: LinearSolver = (b, operator, rhs, goal) =>
  swept(b, operator, rhs, goal, {
    name: 'cg',
    sweeps: 4,
    progress: 2,
    from: (from, residual, done, enough) =>
      iterateNamed(b, {
        name: 'cg',
        limit: goal.limit,
        states: { v: from, r: residual, p: residual, rr: b.inner(residual, residual), steps: done, status: b.constant(RUNNING) },
        test: ({ rr, status }) => b.and(b.less(enough, b.sqrt(rr)), hasStatus(b, status, RUNNING)),
        body: ({ v, r, p, rr, steps, status }) => {
          const zero = b.constant(0);
          const ap = operator.product(p);
          const curvature = b.inner(p, ap);
          const good = b.less(zero, curvature);
          const alpha = b.select(good, b.div(rr, curvature), zero);
          const next = b.sub(r, b.mul(alpha, ap));
          const nextRr = b.inner(next, next);
          return {
            v: b.add(v, b.mul(alpha, p)),
            r: next,
            p: b.add(next, b.mul(b.div(nextRr, rr), p)),
            rr: nextRr,
            steps: b.add(steps, b.constant(1)),
            status: b.select(good, status, b.constant(statusCode('negative-curvature'))),
          };
        },
      }),
  });
