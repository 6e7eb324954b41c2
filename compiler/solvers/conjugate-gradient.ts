/** Linear systems H v = rhs with H given by products only. */
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { iterate } from '../ir/loops.ts';
import { RUNNING } from './solver.ts';

export interface LinearSolution {
  readonly v: Value;
  /** ‖Hv − rhs‖ / ‖rhs‖, from one more product, not from the recurrence; 0 for rhs = 0. */
  readonly residual: Value;
  readonly steps: Value;
  readonly status: Value;
}

/**
 * Solves H v = rhs by conjugate gradients; begins again on the true residual when the recurrence has drifted from it.
 * Shapes: rhs, v `[d]`; `product` maps `[d] → [d]`. Units: `tolerance`, a scalar, is relative to ‖rhs‖.
 * Needs:  H symmetric positive definite; negative curvature is detected, not assumed away.
 * Fails:  returns status `negative-curvature` or `step-limit`; never throws.
 * Source: Hestenes & Stiefel (1952), §3; stopping rule: Nocedal & Wright (2006), §5.1.
 */
export function conjugateGradient(b: Builder, product: (v: Value) => Value, rhs: Value, tolerance: Value, limit: number): LinearSolution {
  const size = b.norm(rhs);
  const goal = b.mul(size, tolerance);
  const zero = b.constant(0);
  const running = b.constant(RUNNING);
  const is = (status: Value, code: number): Value => b.equal(status, b.constant(code));
  /** One sweep from v; ends by the recurrence's residual, at the limit, or on negative curvature. */
  const sweep = (v0: Value, r0: Value, steps0: Value): readonly Value[] =>
    iterate(b, {
      name: 'cg',
      limit,
      states: [v0, r0, r0, b.inner(r0, r0), steps0, running],
      test: ([, , , rr, , status]) => b.and(b.less(goal, b.sqrt(given(rr))), is(given(status), RUNNING)),
      body: ([v, r, p, rr, steps, status]) => {
        const hp = product(given(p));
        const curvature = b.inner(given(p), hp);
        const good = b.less(zero, curvature);
        const alpha = b.select(good, b.div(given(rr), curvature), zero);
        const next = b.sub(given(r), b.mul(alpha, hp));
        const nextRr = b.inner(next, next);
        const beta = b.div(nextRr, given(rr));
        return [
          b.add(given(v), b.mul(alpha, given(p))),
          next,
          b.add(next, b.mul(beta, given(p))),
          nextRr,
          b.add(given(steps), b.constant(1)),
          b.select(good, given(status), b.constant(statusCode('negative-curvature'))),
        ];
      },
    });
  const origin = b.zeros(rhs.type.shape);
  const restarts = iterate(b, {
    name: 'cg_restart',
    limit: 4,
    states: [origin, rhs, size, zero, running, b.constant(Number.MAX_VALUE)],
    // Goes on while the true residual is too large and the last sweep halved it.
    test: ([, , norm, , status, before]) =>
      b.and(b.less(goal, given(norm)), b.and(is(given(status), RUNNING), b.less(b.scale(given(norm), 2), given(before)))),
    body: ([v, r, norm, steps]) => {
      const [v1, , , , steps1, status1] = sweep(given(v), given(r), given(steps));
      const residual = b.sub(rhs, product(given(v1)));
      return [given(v1), residual, b.norm(residual), given(steps1), given(status1), given(norm)];
    },
  });
  const [v, , norm, steps, status] = restarts.map((s) => given(s));
  const reached = b.lessEqual(given(norm), goal);
  const ended = b.select(reached, b.constant(statusCode('converged')), b.constant(statusCode('step-limit')));
  return {
    v: given(v),
    residual: b.select(b.less(zero, size), b.div(given(norm), size), zero),
    steps: given(steps),
    status: b.select(is(given(status), RUNNING), ended, given(status)),
  };
}
