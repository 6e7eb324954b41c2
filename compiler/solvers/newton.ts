/** Damped Newton: few steps, each a linear solve with the Hessian. */
import { statusCode } from '../../plan/status.ts';
import { leftAt, leftByNewton, type Left } from '../accuracy.ts';
import { given } from '../ir/attributes.ts';
import type { Value } from '../ir/graph.ts';
import { iterate } from '../ir/loops.ts';
import { stepsOf } from '../ops/loops.ts';
import type { Pieces } from '../pieces.ts';
import type { Problem } from '../problem.ts';
import type { Program } from '../program.ts';
import { factorOf, passes, sum, times, triangularSolves, type Work } from '../work.ts';
import { conjugateGradient } from './conjugate-gradient.ts';
import { numberOption } from './options.ts';
import { nearWork, stepsWith, type Near, type Preconditioner } from './preconditioner.ts';
import { lossSlack, SUFFICIENT_DECREASE } from './rounding.ts';
import { endedAs, RUNNING, type InnerSolver, type Solution, type SolveRequest } from './solver.ts';
import { hessianOperator } from './symmetric-operator.ts';

/** How much of a sum of many terms rounding can hide, in float64 and in float32. */
const FLAT = [1e-9, 1e-4] as const;
/** A gradient norm below which nothing more is polished. */
const SMALL = [1e-10, 1e-5] as const;

/** How a Newton direction −H⁻¹g is found; `norm` is ‖g‖. */
type Direction = (x: Value, gradient: Value, norm: Value) => Value;

/** A point of a solve, with what is known there. x and gradient `[d]`, the rest scalars. */
export interface Reached {
  readonly x: Value;
  readonly loss: Value;
  readonly gradient: Value;
  readonly gradientNorm: Value;
}

export function reachedAt(problem: Problem, x: Value): Reached {
  const { value, gradient } = problem.inner.bothAt(x);
  return { x, loss: value, gradient, gradientNorm: problem.b.norm(gradient) };
}

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

/** The least relative residual that is asked of a Newton direction by products, and the largest. */
const FINEST = [1e-10, 1e-5] as const;
const COARSEST = 0.1;

/**
 * By conjugate gradients on products; on negative curvature what was reached so far, or steepest descent. The system is solved as far as
 * the step needs: to a tenth, or so that the next gradient meets the target; to the finest for a step that polishes.
 * Source: Dembo, Eisenstat & Steihaug (1982); Eisenstat & Walker (1996), §2.
 */
export const byProducts =
  (problem: Problem, { target, isLast, polishes }: NewtonGoal, limit: number, near?: Preconditioner): Direction =>
  (x, gradient, norm) => {
    const { b } = problem;
    const enough = b.scale(b.div(target, norm), 0.25);
    const finest = b.byPrecision(...FINEST);
    const coarse = b.minimum(b.constant(COARSEST), b.maximum(finest, enough));
    const tolerance = polishes ? b.select(isLast, finest, coarse) : coarse;
    const { v } = conjugateGradient(b, hessianOperator(problem, x, near), gradient, { tolerance, limit });
    return b.neg(b.select(b.less(b.constant(0), b.inner(v, gradient)), v, gradient));
  };

/** Where Newton's method ends (see `SolveRequest`). */
type NewtonGoal = Pick<SolveRequest, 'target' | 'loose' | 'isLast' | 'polishes' | 'limit'>;

/**
 * Newton's method with backtracking; a step that no longer lowers loss or gradient ends it. `polishes`: once ‖∇h‖ ≤ target, and that is
 * the last one, it takes one step more, which squares the distance that is left.
 * Shapes: x `[d]`. Status: `converged`, `stalled` (no decrease to be had, above the target), `step-limit`, `not-finite`.
 * Source: Nocedal & Wright (2006), §3.3, algorithm 3.2; acceptance near rounding: Hager & Zhang (2005), §2.
 */
function newtonFrom(
  problem: Problem,
  from: Reached,
  { target, loose, isLast, polishes, limit }: NewtonGoal,
  direction: Direction,
): NewtonEnd {
  const { b, inner } = problem;
  const zero = b.constant(0);
  const one = b.constant(1);
  const code = (name: 'converged' | 'stalled' | 'not-finite'): Value => b.constant(statusCode(name));
  const running = b.constant(RUNNING);
  const isFinite = b.isFinite(b.add(from.loss, b.sum(from.gradient)));
  const [x, loss, gradient, norm, steps, status] = iterate(b, {
    name: 'newton',
    limit,
    states: [from.x, from.loss, from.gradient, from.gradientNorm, zero, b.select(isFinite, running, code('not-finite'))],
    test: ([, , , reached, , state]) => {
      const isFar = b.less(b.minimum(target, loose), given(reached));
      return b.and(b.equal(given(state), running), polishes ? b.or(isLast, isFar) : isFar);
    },
    body: ([x0, f0, g0, n0, count]) => {
      const xs = given(x0);
      const f = given(f0);
      const g = given(g0);
      const n = given(n0);
      const p = direction(xs, g, n);
      const slope = b.inner(g, p);
      const slack = lossSlack(b, f);
      const trial = (t: Value): Value => b.add(xs, b.mul(t, p));
      const accepted = (t: Value, value: Value): Value =>
        b.and(b.isFinite(value), b.lessEqual(value, b.add(f, b.add(b.scale(b.mul(t, slope), SUFFICIENT_DECREASE), slack))));
      // Where the loss resolves no decrease any more, the gradient still tells: a full step that halves it, and does not lift the
      // loss by more than its rounding can hide, is taken.
      const full = inner.bothAt(trial(one));
      const halves = b.lessEqual(b.scale(b.norm(full.gradient), 2), n);
      const taken = b.and(halves, b.lessEqual(full.value, b.add(f, b.mul(b.byPrecision(...FLAT), b.abs(f)))));
      const [t, value, nextGradient] = iterate(b, {
        name: 'backtrack',
        limit: 50,
        states: [one, full.value, full.gradient],
        test: ([step, reached]) => b.not(b.or(taken, accepted(given(step), given(reached)))),
        body: ([step]) => {
          const half = b.scale(given(step), 0.5);
          const there = inner.bothAt(trial(half));
          return [half, there.value, there.gradient];
        },
      });
      const next = trial(given(t));
      const gradient = given(nextGradient);
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
      const goesOn = b.and(b.less(b.byPrecision(...SMALL), size), b.lessEqual(b.scale(size, 2), n));
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
    gradient: given(gradient),
    gradientNorm: given(norm),
    steps: given(steps),
    status: endedAs(b, given(norm), target, given(status)),
  };
}

type NewtonEnd = Solution & Reached;

export const newton: InnerSolver = {
  name: 'newton',
  accepts: () => ({ ok: true, why: 'the inner loss is twice differentiable where its Hessian is asked for' }),
  solve: (problem: Problem, request: SolveRequest) =>
    newtonFrom(problem, reachedAt(problem, request.from), { ...request, polishes: true }, byCholesky(problem)),
  left: () => leftByNewton,
  assembles: true,
  work: (pieces) => {
    const { d, both, hessian, hessianOfHypers } = pieces;
    const step = sum(hessian, factorOf(d), triangularSolves(d, 2), both, passes(d, 16));
    return sum(hessianOfHypers, both, times(stepsOf('newton'), step), times(stepsOf('backtrack'), both));
  },
};

/** Of a solver whose last steps are Newton’s, unless the page names the tolerance at which it ends. */
export const leftUnlessNamed = ({ innerMethod }: Program): Left =>
  numberOption(innerMethod, 'tolerance') === undefined ? leftByNewton : leftAt('τ_inner');

/** Of Newton’s method by products from where another solver is at its end, and what each of its products takes. */
export const polishWork = ({ d, both, linearised, product }: Pieces, near?: Near): Work =>
  times(stepsOf('polish'), both, linearised, passes(d, 16), times(stepsWith(near, 'cg'), product, passes(d, 10), nearWork(near).each));

/** From where another solver is at its end: Newton steps with products only; `near`: what is near the inverse Hessian all along. */
export function newtonByProducts(problem: Problem, from: Reached, request: SolveRequest, near?: Preconditioner): NewtonEnd {
  const goal = { ...request, limit: 60 };
  return newtonFrom(problem, from, goal, byProducts(problem, goal, 1000, near));
}
