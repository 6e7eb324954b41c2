/** Limited-memory BFGS: many params, gradients only. */
import { innerMemory } from '../../plan/defaults.ts';
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { number, one as dimOne } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { iterate, scan } from '../ir/loops.ts';
import type { Problem } from '../problem.ts';
import { stepsOf } from '../ops/loops.ts';
import { passes, sum, times } from '../work.ts';
import { leftUnlessNamed, newtonByProducts, polishWork, reachedAt, type Reached } from './newton.ts';
import { lossSlack, SUFFICIENT_DECREASE } from './rounding.ts';
import { endedAs, RUNNING, type InnerSolver, type Solution } from './solver.ts';
import { numberOption } from './options.ts';

const CURVATURE = 0.9;
/** Quasi-Newton steps after which Newton steps by products take over. */
const PATIENCE = 100;

/** The last pairs s = Δx, y = Δ∇h, newest last; ρ = 1/sᵀy, and 0 in a slot that is still empty. */
interface Memory {
  readonly s: Value;
  readonly y: Value;
  readonly rho: Value;
  /** The scale of the initial matrix, sᵀy / yᵀy of the newest pair. */
  readonly scale: Value;
}

/**
 * −B∇h with B the inverse Hessian's limited-memory approximation.
 * Source: Nocedal (1980); Nocedal & Wright (2006), algorithm 7.4.
 */
function direction(b: Builder, memory: Memory, gradient: Value, size: number): Value {
  const length = number(size);
  const slices = [memory.s, memory.y, memory.rho];
  const down = scan(b, {
    name: 'newest_first',
    length,
    reversed: true,
    states: [gradient],
    slices,
    body: ([q], [s, y, rho]) => {
      const alpha = b.mul(given(rho), b.inner(given(s), given(q)));
      return { states: [b.sub(given(q), b.mul(alpha, given(y)))], stacked: [alpha] };
    },
  });
  const up = scan(b, {
    name: 'oldest_first',
    length,
    states: [b.mul(memory.scale, given(down.states[0]))],
    slices: [...slices, given(down.stacked[0])],
    body: ([r], [s, y, rho, alpha]) => {
      const beta = b.mul(given(rho), b.inner(given(y), given(r)));
      return { states: [b.add(given(r), b.mul(b.sub(given(alpha), beta), given(s)))] };
    },
  });
  return b.neg(given(up.states[0]));
}

/** Drops the oldest slot and puts `newest` behind the others. */
function shift(b: Builder, slots: Value, newest: Value, size: number): Value {
  const kept = b.slice(slots, 0, dimOne, number(size - 1));
  return b.concat([kept, b.reshape(newest, [dimOne, ...newest.type.shape])], 0);
}

/**
 * A step length with decrease and curvature, by bisection and doubling; both conditions in their approximate form where the
 * loss no longer resolves a decrease.
 * Source: weak Wolfe by bisection: Lewis & Overton (2013), algorithm 2.6; approximate Wolfe: Hager & Zhang (2005), (4.1).
 */
function lineSearch(problem: Problem, x: Value, loss: Value, gradient: Value, p: Value, first: Value): readonly [Value, Value, Value] {
  const { b, inner } = problem;
  const slope = b.inner(gradient, p);
  const slack = lossSlack(b, loss);
  const at = (t: Value): readonly [Value, Value] => {
    const { value, gradient: g } = inner.bothAt(b.add(x, b.mul(t, p)));
    return [value, g];
  };
  const decreases = (t: Value, f: Value, g: Value): Value => {
    const exact = b.lessEqual(f, b.add(loss, b.scale(b.mul(t, slope), SUFFICIENT_DECREASE)));
    const flat = b.and(b.lessEqual(f, b.add(loss, slack)), b.lessEqual(b.inner(g, p), b.scale(slope, 2 * SUFFICIENT_DECREASE - 1)));
    return b.and(b.isFinite(f), b.or(exact, flat));
  };
  const curves = (g: Value): Value => b.lessEqual(b.scale(slope, CURVATURE), b.inner(g, p));
  const none = b.constant(Number.MAX_VALUE);
  const [f1, g1] = at(first);
  const [t, , , f, g] = iterate(b, {
    name: 'line_search',
    limit: 40,
    states: [first, b.constant(0), none, f1, g1],
    test: ([t0, , , f0, g0]) => b.not(b.and(decreases(given(t0), given(f0), given(g0)), curves(given(g0)))),
    body: ([t0, low, high, f0, g0]) => {
      const fell = decreases(given(t0), given(f0), given(g0));
      const newLow = b.select(fell, given(t0), given(low));
      const newHigh = b.select(fell, given(high), given(t0));
      const next = b.select(b.less(newHigh, none), b.scale(b.add(newLow, newHigh), 0.5), b.scale(newLow, 2));
      const [value, slopeThere] = at(next);
      return [next, newLow, newHigh, value, slopeThere];
    },
  });
  return [given(t), given(f), given(g)];
}

/** L-BFGS from a point to ‖∇h‖ ≤ target. Status: `converged`, `stalled`, `step-limit`, `not-finite`. */
function lbfgsFrom(problem: Problem, from: Reached, target: Value, limit: number, size: number): Solution & Reached {
  const { b, params } = problem;
  const zero = b.constant(0);
  const one = b.constant(1);
  const running = b.constant(RUNNING);
  const n = number(size);
  const code = (name: 'stalled' | 'not-finite'): Value => b.constant(statusCode(name));
  const initial = b.select(b.isFinite(b.add(from.loss, from.gradientNorm)), running, code('not-finite'));
  const empty = b.zeros([n, params.dimension]);
  const [x, loss, gradient, norm, , , , , steps, status] = iterate(b, {
    name: 'lbfgs',
    limit,
    states: [from.x, from.loss, from.gradient, from.gradientNorm, empty, empty, b.zeros([n]), one, zero, initial],
    test: ([, , , norm0, , , , , , state]) => b.and(b.less(target, given(norm0)), b.equal(given(state), running)),
    body: ([x0, f0, g0, norm0, s, y, rho, scale, count]) => {
      const memory = { s: given(s), y: given(y), rho: given(rho), scale: given(scale) };
      const proposed = direction(b, memory, given(g0), size);
      const downhill = b.less(b.inner(proposed, given(g0)), zero);
      const p = b.select(downhill, proposed, b.neg(given(g0)));
      const isFirst = b.equal(given(count), zero);
      const length = b.select(isFirst, b.minimum(one, b.div(one, given(norm0))), one);
      const [t, f1, g1] = lineSearch(problem, given(x0), given(f0), given(g0), p, length);
      const step = b.mul(t, p);
      const change = b.sub(g1, given(g0));
      const sy = b.inner(step, change);
      const yy = b.inner(change, change);
      const curved = b.less(b.scale(b.mul(b.norm(step), b.sqrt(yy)), 1e-12), sy);
      const norm1 = b.norm(g1);
      const finite = b.isFinite(b.add(f1, norm1));
      const fell = b.and(finite, b.or(b.less(f1, given(f0)), b.less(norm1, given(norm0))));
      const keep = (yes: Value, no: Value): Value => b.select(fell, yes, no);
      const learn = b.and(fell, curved);
      const wide = (v: Value): Value => b.broadcast(learn, v.type.shape, []);
      return [
        keep(b.add(given(x0), step), given(x0)),
        keep(f1, given(f0)),
        keep(g1, given(g0)),
        keep(norm1, given(norm0)),
        b.select(wide(memory.s), shift(b, memory.s, step, size), memory.s),
        b.select(wide(memory.y), shift(b, memory.y, change, size), memory.y),
        b.select(wide(memory.rho), shift(b, memory.rho, b.div(one, sy), size), memory.rho),
        b.select(learn, b.div(sy, yy), memory.scale),
        b.add(given(count), one),
        b.select(fell, running, code('stalled')),
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

export const lbfgs: InnerSolver = {
  name: 'lbfgs',
  accepts: () => ({ ok: true, why: 'gradients of the inner loss suffice' }),
  // Quasi-Newton steps are the cheapest. Where many of them have not arrived, where rounding stops them, and for what accuracy lies beyond
  // the target, Newton steps by products go on.
  solve: (problem, request) => {
    const { b } = problem;
    const { from, target, isLast, limit, method, polishes } = request;
    const memory = numberOption(method, 'memory') ?? innerMemory.memory;
    const start = reachedAt(problem, from);
    // A page that limits the steps means steps of this method.
    if (numberOption(method, 'steps') !== undefined) return lbfgsFrom(problem, start, target, limit, memory);
    const nearby = polishes ? b.select(isLast, b.scale(target, 1e4), target) : target;
    const near = lbfgsFrom(problem, start, nearby, Math.min(limit, PATIENCE), memory);
    const finished = newtonByProducts(problem, near, request);
    const rest = lbfgsFrom(problem, finished, target, limit, memory);
    return { ...rest, steps: b.add(b.add(near.steps, finished.steps), rest.steps) };
  },
  left: leftUnlessNamed,
  // Two loops over the memory, each step of which is a sum and what it is used for; and its shift.
  work: (pieces) => {
    const { d, both } = pieces;
    const step = sum(both, passes(d, 20), times(innerMemory.memory, { ...passes(d, 6), kernels: number(4) }));
    return sum(both, times(stepsOf('lbfgs'), step), times(stepsOf('line_search'), both), polishWork(pieces));
  },
};
