/** Symmetric systems, also indefinite ones, by products only. */
import { statusCode } from '../../plan/status.ts';
import { iterateNamed } from '../ir/loops.ts';
import { hypotenuse, isOpen, lanczosPivot, swept, type LinearSolver } from './linear-solver.ts';
import { roundings } from './rounding.ts';
import { RUNNING } from './solver.ts';

/**
 * Solves A v = rhs by minimal residuals: the Lanczos process, its tridiagonal matrix factored by plane rotations as it grows.
 * Shapes: rhs, v `[d]`; `product` maps `[d] → [d]`. Units: `tolerance`, a scalar, is relative to ‖rhs‖.
 * Needs:  A symmetric; it may be indefinite. Where A is singular, rhs must lie in its range.
 * Fails:  returns status `not-positive-definite` where A is singular and rhs not in its range, `stalled` or `step-limit`; `stationary` where
 *         it is solved and A was seen to be indefinite; never throws.
 * Source: Paige & Saunders (1975), §6; the recurrences as in Choi, Paige & Saunders (2011), table 2.
 */
export const minres: LinearSolver = (b, operator, rhs, goal) =>
  swept(b, operator, rhs, goal, {
    name: 'minres',
    sweeps: 4,
    progress: 2,
    from: (from, residual, done, enough) => {
      const zero = b.constant(0);
      const none = b.zeros(rhs.type.shape);
      const size = b.norm(residual);
      return iterateNamed(b, {
        name: 'minres',
        limit: goal.limit,
        states: {
          v: from,
          // βq of this Lanczos step and of the last, with their β.
          r: residual,
          rBefore: none,
          beta: size,
          betaBefore: zero,
          // The directions of the last two steps.
          w: none,
          wBefore: none,
          // What the rotations have left of the next column, the last rotation, and ‖residual‖.
          delta: zero,
          epsilon: zero,
          c: b.constant(-1),
          s: zero,
          phi: size,
          squares: zero,
          pivot: zero,
          steps: done,
          status: b.constant(RUNNING),
        },
        test: ({ phi, status }) => b.and(b.less(enough, phi), isOpen(b, status)),
        body: ({ v, r, rBefore, beta, betaBefore, w, wBefore, delta, epsilon, c, s, phi, squares, pivot, steps, status }) => {
          const q = b.div(r, beta);
          const back = b.select(b.equal(betaBefore, zero), zero, b.div(beta, betaBefore));
          const y = b.sub(operator.product(q), b.mul(back, rBefore));
          const alpha = b.inner(q, y);
          const rNext = b.sub(y, b.mul(b.div(alpha, beta), r));
          const betaNext = b.norm(rNext);
          const above = b.add(b.mul(c, delta), b.mul(s, alpha));
          const gamma = b.sub(b.mul(s, delta), b.mul(c, alpha));
          const deltaNext = b.neg(b.mul(c, betaNext));
          const entries = b.add(b.mul(betaBefore, betaBefore), b.add(b.mul(alpha, alpha), b.mul(betaNext, betaNext)));
          const all = b.add(squares, entries);
          const scale = b.sqrt(all);
          // ‖Ar‖ / ‖r‖: where rounding is left of it beside ‖A‖, the least residual is not zero.
          const singular = b.lessEqual(hypotenuse(b, gamma, deltaNext), b.mul(roundings(b, 4), scale));
          const curved = lanczosPivot(b, alpha, beta, pivot, scale);
          const diagonal = hypotenuse(b, gamma, betaNext);
          const [cNext, sNext] = [b.div(gamma, diagonal), b.div(betaNext, diagonal)];
          const direction = b.div(b.sub(b.sub(q, b.mul(epsilon, wBefore)), b.mul(above, w)), diagonal);
          const seen = b.select(curved.negative, b.constant(statusCode('stationary')), status);
          return {
            v: b.select(singular, v, b.add(v, b.mul(b.mul(cNext, phi), direction))),
            r: rNext,
            rBefore: r,
            beta: betaNext,
            betaBefore: beta,
            w: direction,
            wBefore: w,
            delta: deltaNext,
            epsilon: b.mul(s, betaNext),
            c: cNext,
            s: sNext,
            phi: b.mul(sNext, phi),
            squares: all,
            pivot: curved.pivot,
            steps: b.add(steps, b.constant(1)),
            status: b.select(singular, b.constant(statusCode('not-positive-definite')), seen),
          };
        },
      });
    },
  });
