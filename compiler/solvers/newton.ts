/** Damped Newton: few steps, each a linear solve with the Hessian. */
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { iterate } from '../ir/loops.ts';
import type { Problem } from '../problem.ts';
import { conjugateGradient } from './conjugate-gradient.ts';
import { endedAs, RUNNING, type InnerSolver, type Solution, type SolveRequest } from './solver.ts';

/** Armijo's constant, and what rounding may add to a loss that no longer falls: a few units in its last place. */
const SUFFICIENT_DECREASE = 1e-4;
const ROUNDING = 4 * Number.EPSILON;
/** How much of a sum of many terms rounding can hide. */
const FLAT = 1e-9;
/** A gradient norm below which nothing more is polished. */
const SMALL = 1e-10;

/** How a Newton direction −H⁻¹g is found. */
type Direction = (x: Value, gradient: Value) => Value;

/** From the Cholesky factor of H + τI, τ grown from 0 until the factor exists (Nocedal & Wright 2006, algorithm 3.3). */
export const byCholesky =
  (problem: Problem): Direction =>
  (x, gradient) => {
    const { b, inner } = problem;
    const hessian = inner.hessianAt(x);
    const eye = b.eye(problem.params.dimension);
    const [factor] = iterate(b, {
      name: 'shift',
      limit: 60,
      states: [b.cholesky(hessian), b.constant(0)],
      test: ([lower]) => b.not(b.isFinite(b.sum(given(lower)))),
      body: ([, shift]) => {
        const least = b.add(b.scale(b.max(b.abs(hessian)), 1e-3), b.constant(1e-12));
        const grown = b.maximum(b.scale(given(shift), 2), least);
        return [b.cholesky(b.add(hessian, b.mul(grown, eye))), grown];
      },
    });
    return b.neg(b.choleskySolve(given(factor), gradient));
  };

/** By conjugate gradients on products; on negative curvature what was reached so far, or steepest descent. */
export const byProducts =
  (problem: Problem, limit: number): Direction =>
  (x, gradient) => {
    const { b, inner } = problem;
    const { v } = conjugateGradient(b, (p) => inner.hessianProduct(x, p), gradient, 1e-10, limit);
    return b.neg(b.select(b.less(b.constant(0), b.inner(v, gradient)), v, gradient));
  };

/**
 * Newton's method with backtracking. Once ‖∇h‖ ≤ target it takes one step more, because that step costs little and squares
 * the distance that is left; a step that no longer lowers loss or gradient ends it.
 * Shapes: x `[d]`. Status: `converged`, `stalled` (no decrease to be had, above the target), `step-limit`, `not-finite`.
 * Source: Nocedal & Wright (2006), §3.3, algorithm 3.2; acceptance near rounding: Hager & Zhang (2005), §2.
 */
export function newtonFrom(problem: Problem, from: Value, target: Value, limit: number, direction: Direction): Solution {
  const { b, inner } = problem;
  const start = inner.bothAt(from);
  const zero = b.constant(0);
  const one = b.constant(1);
  const code = (name: 'converged' | 'stalled' | 'not-finite'): Value => b.constant(statusCode(name));
  const running = b.constant(RUNNING);
  const [x, loss, , norm, steps, status] = iterate(b, {
    name: 'newton',
    limit,
    states: [
      from,
      start.value,
      start.gradient,
      b.norm(start.gradient),
      zero,
      b.select(b.isFinite(b.add(start.value, b.sum(start.gradient))), running, code('not-finite')),
    ],
    test: ([, , , , , state]) => b.equal(given(state), running),
    body: ([x0, f0, g0, n0, count]) => {
      const xs = given(x0);
      const f = given(f0);
      const g = given(g0);
      const n = given(n0);
      const p = direction(xs, g);
      const slope = b.inner(g, p);
      const slack = b.scale(b.abs(f), ROUNDING);
      const trial = (t: Value): Value => b.add(xs, b.mul(t, p));
      const accepted = (t: Value, value: Value): Value =>
        b.and(b.isFinite(value), b.lessEqual(value, b.add(f, b.add(b.scale(b.mul(t, slope), SUFFICIENT_DECREASE), slack))));
      // Where the loss resolves no decrease any more, the gradient still tells: a full step that halves it, and does not lift the
      // loss by more than its rounding can hide, is taken.
      const full = inner.bothAt(trial(one));
      const halves = b.lessEqual(b.scale(b.norm(full.gradient), 2), n);
      const taken = b.and(halves, b.lessEqual(full.value, b.add(f, b.scale(b.abs(f), FLAT))));
      const [t, value] = iterate(b, {
        name: 'backtrack',
        limit: 50,
        states: [one, full.value],
        test: ([step, reached]) => b.not(b.or(taken, accepted(given(step), given(reached)))),
        body: ([step]) => {
          const half = b.scale(given(step), 0.5);
          return [half, inner.at(trial(half))];
        },
      });
      const next = trial(given(t));
      const gradient = inner.gradientAt(next);
      const size = b.norm(gradient);
      const wasThere = b.lessEqual(n, target);
      // Progress is a smaller gradient, or a loss that falls by more than rounding.
      const better = b.and(
        b.isFinite(size),
        b.or(b.less(size, n), b.and(accepted(given(t), given(value)), b.less(given(value), b.sub(f, slack)))),
      );
      const keep = b.and(better, b.or(b.not(wasThere), b.less(size, n)));
      // A target that is large because the start's gradient was huge may be met far from the minimiser: while steps still halve
      // the gradient, they are taken.
      const goesOn = b.and(b.less(b.constant(SMALL), size), b.lessEqual(b.scale(size, 2), n));
      const ended = b.select(b.and(wasThere, b.not(goesOn)), code('converged'), b.select(better, running, code('stalled')));
      return [
        b.select(keep, next, xs),
        b.select(keep, given(value), f),
        b.select(keep, gradient, g),
        b.select(keep, size, n),
        b.add(given(count), one),
        ended,
      ];
    },
  });
  return {
    x: given(x),
    loss: given(loss),
    gradientNorm: given(norm),
    steps: given(steps),
    status: endedAs(b, given(norm), target, given(status)),
  };
}

export const newton: InnerSolver = {
  name: 'newton',
  accepts: () => ({ ok: true, why: 'the inner loss is twice differentiable where its Hessian is asked for' }),
  solve: (problem: Problem, request: SolveRequest) => newtonFrom(problem, request.from, request.target, request.limit, byCholesky(problem)),
};

/** The last steps of another solver: from a point near the minimiser, with products only. */
export function polish(b: Builder, problem: Problem, near: Solution, target: Value): Solution {
  const end = newtonFrom(problem, near.x, target, 60, byProducts(problem, 1000));
  return { ...end, steps: b.add(near.steps, end.steps) };
}
