/** Positive definite systems by products only. */
import { statusCode } from '../../plan/status.ts';
import type { Value } from '../ir/graph.ts';
import { iterateNamed } from '../ir/loops.ts';
import { hasStatus, swept, type LinearSolver } from './linear-solver.ts';
import { loopName } from './preconditioner.ts';
import { RUNNING } from './solver.ts';

/**
 * Solves A v = rhs by conjugate gradients, preconditioned where the operator knows what is near its inverse; begins again on the true residual when
 * the recurrence has drifted from it.
 * Shapes: rhs, v `[d]`; `product` maps `[d] → [d]`. Units: `tolerance`, a scalar, is relative to ‖rhs‖.
 * Needs:  A symmetric positive definite; negative curvature is detected, not assumed away.
 * Fails:  returns status `negative-curvature`, `stalled` or `step-limit`; never throws.
 * Source: Hestenes & Stiefel (1952), §3; stopping rule and preconditioning: Nocedal & Wright (2006), §5.1.
 */
export const conjugateGradient: LinearSolver = (b, operator, rhs, goal) => {
  const { near } = operator;
  const name = loopName('cg', near);
  /** P⁻¹r, and r along it. */
  const towards = (r: Value): { readonly z: Value; readonly rz: Value } => {
    const z = near?.(r) ?? r;
    return { z, rz: b.inner(r, z) };
  };
  return swept(b, operator, rhs, goal, {
    name,
    sweeps: 4,
    progress: 2,
    from: (from, residual, done, enough) => {
      const first = towards(residual);
      const norm = b.norm(residual);
      return iterateNamed(b, {
        name,
        limit: goal.limit,
        states: { v: from, r: residual, p: first.z, rz: first.rz, norm, steps: done, status: b.constant(RUNNING) },
        test: ({ norm, status }) => b.and(b.less(enough, norm), hasStatus(b, status, RUNNING)),
        body: ({ v, r, p, rz, steps, status }) => {
          const zero = b.constant(0);
          const ap = operator.product(p);
          const curvature = b.inner(p, ap);
          const good = b.less(zero, curvature);
          const alpha = b.select(good, b.div(rz, curvature), zero);
          const next = b.sub(r, b.mul(alpha, ap));
          const there = towards(next);
          return {
            v: b.add(v, b.mul(alpha, p)),
            r: next,
            p: b.add(there.z, b.mul(b.div(there.rz, rz), p)),
            rz: there.rz,
            norm: b.norm(next),
            steps: b.add(steps, b.constant(1)),
            status: b.select(good, status, b.constant(statusCode('negative-curvature'))),
          };
        },
      });
    },
  });
};
