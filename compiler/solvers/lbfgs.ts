/** Limited-memory BFGS: many params, gradients only. */
import { innerMemory } from '../../plan/defaults.ts';
import { statusCode } from '../../plan/status.ts';
import type { Value } from '../ir/graph.ts';
import { iterateNamed } from '../ir/loops.ts';
import { stepsOf } from '../ops/loops.ts';
import type { Problem } from '../problem.ts';
import { passes, sum, times } from '../work.ts';
import { emptyMemory, memoryWork, remember, timesInverse } from './curvature-memory.ts';
import { leftUnlessNamed, newtonByProducts, polishWork, reachedAt, type Reached } from './newton.ts';
import { lossSlack, SUFFICIENT_DECREASE } from './rounding.ts';
import { endedAs, RUNNING, type InnerSolver, type Solution } from './solver.ts';
import { numberOption } from './options.ts';
import { loopName, nearWork, stepsWith, type Preconditioner } from './preconditioner.ts';

const CURVATURE = 0.9;
/** Quasi-Newton steps after which Newton steps by products take over. */
const PATIENCE = 100;

/** A trial of the line search. Whether the loss fell enough, and whether another trial is needed, are truth values. */
interface Trial {
  readonly loss: Value;
  readonly gradient: Value;
  readonly fell: Value;
  readonly goesOn: Value;
}

/**
 * The length of a step from x along −uphill with decrease and curvature, by bisection and doubling; both conditions in their approximate form
 * where the loss no longer resolves a decrease.
 * Source: weak Wolfe by bisection: Lewis & Overton (2013), algorithm 2.6; approximate Wolfe: Hager & Zhang (2005), (4.1).
 */
function lineSearch(problem: Problem, { x, loss, gradient }: Reached, uphill: Value, first: Value): { readonly t: Value } & Trial {
  const { b, inner } = problem;
  const slope = b.inner(gradient, uphill);
  const flat = b.add(loss, lossSlack(b, loss));
  const at = (t: Value): Trial => {
    const there = inner.bothAt(b.sub(x, b.mul(t, uphill)));
    const { value: f, gradient: g } = there;
    const left = b.div(b.inner(g, uphill), slope);
    const exact = b.lessEqual(f, b.sub(loss, b.scale(b.mul(t, slope), SUFFICIENT_DECREASE)));
    const nearly = b.and(b.lessEqual(f, flat), b.lessEqual(b.constant(2 * SUFFICIENT_DECREASE - 1), left));
    const fell = b.and(b.isFinite(f), b.or(exact, nearly));
    return { loss: f, gradient: g, fell, goesOn: b.not(b.and(fell, b.lessEqual(left, b.constant(CURVATURE)))) };
  };
  const none = b.constant(Number.MAX_VALUE);
  return iterateNamed(b, {
    name: 'line_search',
    limit: 40,
    states: { t: first, low: b.constant(0), high: none, ...at(first) },
    test: ({ goesOn }) => goesOn,
    body: ({ t, low: below, high: above, fell }) => {
      const low = b.select(fell, t, below);
      const high = b.select(fell, above, t);
      const next = b.select(b.less(high, none), b.scale(b.add(low, high), 0.5), b.scale(low, 2));
      return { t: next, low, high, ...at(next) };
    },
  });
}

/** L-BFGS from a point to ‖∇h‖ ≤ target. Status: `converged`, `stalled`, `step-limit`, `not-finite`. */
function lbfgsFrom(
  problem: Problem,
  from: Reached,
  {
    target,
    limit,
    size,
    near,
  }: { readonly target: Value; readonly limit: number; readonly size: number; readonly near: Preconditioner | undefined },
): Solution & Reached {
  const { b, params } = problem;
  const zero = b.constant(0);
  const one = b.constant(1);
  const running = b.constant(RUNNING);
  const code = (name: 'stalled' | 'not-finite'): Value => b.constant(statusCode(name));
  const towards: Preconditioner = near ?? ((v) => v);
  const end = iterateNamed(b, {
    name: loopName('lbfgs', near),
    limit,
    states: {
      ...from,
      ...emptyMemory(b, size, params.dimension),
      // Where no preconditioner is asked for a measure of the params' scale, the first step is as long as that of a loss whose slope is 1.
      length: near === undefined ? b.minimum(one, b.div(one, from.gradientNorm)) : one,
      steps: zero,
      status: b.select(b.isFinite(b.add(from.loss, from.gradientNorm)), running, code('not-finite')),
    },
    test: ({ gradientNorm, status }) => b.and(b.less(target, gradientNorm), b.equal(status, running)),
    body: ({ length, steps, ...state }) => {
      const { x, loss, gradient, gradientNorm } = state;
      const proposed = timesInverse(b, state, towards, gradient);
      const uphill = b.select(b.less(zero, b.inner(proposed, gradient)), proposed, gradient);
      const there = lineSearch(problem, state, uphill, length);
      const norm = b.norm(there.gradient);
      const finite = b.isFinite(b.add(there.loss, norm));
      const fell = b.and(finite, b.or(b.less(there.loss, loss), b.less(norm, gradientNorm)));
      const keep = (yes: Value, no: Value): Value => b.select(fell, yes, no);
      // Both backwards, which is the same pair.
      const step = b.mul(there.t, uphill);
      const change = b.sub(gradient, there.gradient);
      const sy = b.mul(there.t, b.inner(uphill, change));
      const yy = b.inner(change, towards(change));
      const curved = b.less(b.mul(there.t, b.scale(b.mul(b.norm(uphill), b.norm(change)), 1e-12)), sy);
      return {
        x: keep(b.sub(x, step), x),
        loss: keep(there.loss, loss),
        gradient: keep(there.gradient, gradient),
        gradientNorm: keep(norm, gradientNorm),
        ...remember(b, state, { step, change, sy, yy }, b.and(fell, curved)),
        length: one,
        steps: b.add(steps, one),
        status: b.select(fell, running, code('stalled')),
      };
    },
  });
  const { x, loss, gradient, gradientNorm, steps } = end;
  return { x, loss, gradient, gradientNorm, steps, status: endedAs(b, gradientNorm, target, end.status) };
}

export const lbfgs: InnerSolver = {
  name: 'lbfgs',
  preconditions: true,
  accepts: () => ({ ok: true, why: 'gradients of the inner loss suffice' }),
  // Quasi-Newton steps are the cheapest. Where many of them have not arrived, where rounding stops them, and for what accuracy lies beyond
  // the target, Newton steps by products go on.
  solve: (problem, request) => {
    const { b } = problem;
    const { from, target, isLast, limit, method, polishes } = request;
    const size = numberOption(method, 'memory') ?? innerMemory.memory;
    const start = reachedAt(problem, from);
    // A page that limits the steps means steps of this method.
    const near = problem.near?.at(from);
    const goal = { target, limit, size, near };
    if (numberOption(method, 'steps') !== undefined) return lbfgsFrom(problem, start, goal);
    const close = polishes ? b.select(isLast, b.scale(target, 1e4), target) : target;
    const first = lbfgsFrom(problem, start, { ...goal, target: close, limit: Math.min(limit, PATIENCE) });
    const finished = newtonByProducts(problem, first, request, near);
    const rest = lbfgsFrom(problem, finished, goal);
    return { ...rest, steps: b.add(b.add(first.steps, finished.steps), rest.steps), ...(near === undefined ? {} : { near }) };
  },
  left: leftUnlessNamed,
  work: (pieces, near) => {
    const { d, both } = pieces;
    const step = sum(both, passes(d, 20), memoryWork(innerMemory.memory, d), times(2, nearWork(near).each));
    const steps = times(stepsWith(near, 'lbfgs'), step);
    return sum(both, nearWork(near).first(pieces), steps, times(stepsOf('line_search'), both), polishWork(pieces, near));
  },
};
