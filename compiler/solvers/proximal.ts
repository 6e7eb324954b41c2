/**
 * Solvers that take a gradient step on the smooth part of the inner loss and the proximal map of the rest: x⁺ = prox(y − η∇s(y)). One
 * mechanism, with and without momentum: exactly `steps` of them (a recipe, differentiable), or until the generalised gradient is small.
 */
import { fistaDefaults } from '../../plan/defaults.ts';
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { number as dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { iterate, scan } from '../ir/loops.ts';
import type { Objective } from '../objective.ts';
import { stepsOf } from '../ops/loops.ts';
import type { Pieces } from '../pieces.ts';
import { stationarityAt, type Problem } from '../problem.ts';
import type { Program } from '../program.ts';
import { replace } from '../transform/replace.ts';
import { passes, times, type Work } from '../work.ts';
import { flagOption, valueOption } from './options.ts';
import { roundings } from './rounding.ts';
import { endedAs, leftBySteps, RUNNING, type InnerSolver, type SolveRequest, type Solution } from './solver.ts';

/** Whether steps are taken from an extrapolated point, and whether that begins anew where it leads uphill. */
export interface Momentum {
  readonly on: boolean;
  readonly restarts: boolean;
}

/** The last point, where the next step is taken from `[d]`, and the momentum's number (scalar). */
interface Moving {
  readonly x: Value;
  readonly y: Value;
  readonly theta: Value;
}

const smoothPart = ({ inner, composite }: Problem): Objective => composite?.smooth ?? inner;
const proxOf = ({ composite }: Problem, u: Value, step: Value): Value => composite?.prox(u, step) ?? u;

/** From x to `next`, which was reached by a step from y. Source: Beck & Teboulle (2009), (4.2); restart: O'Donoghue & Candès (2015), (13). */
function extrapolate(b: Builder, { on, restarts }: Momentum, { x, y, theta }: Moving, next: Value): Moving {
  if (!on) return { x: next, y: next, theta };
  const one = b.constant(1);
  const moved = b.sub(next, x);
  const uphill = restarts ? b.less(b.constant(0), b.inner(b.sub(y, next), moved)) : undefined;
  const grown = b.scale(b.add(one, b.sqrt(b.add(one, b.scale(b.mul(theta, theta), 4)))), 0.5);
  const share = b.div(b.sub(theta, one), grown);
  return {
    x: next,
    y: b.add(next, b.mul(uphill === undefined ? share : b.select(uphill, b.constant(0), share), moved)),
    theta: uphill === undefined ? grown : b.select(uphill, one, grown),
  };
}

/** A step of a given length. */
const stepFrom = (problem: Problem, y: Value, gradient: Value, rate: Value): Value =>
  proxOf(problem, problem.b.sub(y, problem.b.mul(rate, gradient)), rate);

/** Distances, relative to ‖y‖, below which a change of the gradient is rounding. */
const BLIND = 1024;

/** Without momentum a step may be longer than the last one: where the loss is flatter than at the start, many fewer do. */
const GROWTH = 1.25;

/**
 * The longest of rate, rate/2, … for which ⟨∇s(x⁺) − ∇s(y), x⁺ − y⟩ ≤ ‖x⁺ − y‖² / (2 rate), under which a convex h does not rise; and x⁺.
 * It asks for gradients, whose differences say something where those of the loss have cancelled.
 * Source: the test of Becker, Candès & Grant (2011), §5.3, (5.7).
 */
function backtracked(problem: Problem, y: Value, rate: Value): readonly [Value, Value] {
  const { b } = problem;
  const smooth = smoothPart(problem);
  const gradient = smooth.gradientAt(y);
  const blind = b.mul(roundings(b, BLIND), b.norm(y));
  const enough = (step: Value, next: Value): Value => {
    const moved = b.sub(next, y);
    const change = b.inner(b.sub(smooth.gradientAt(next), gradient), moved);
    const holds = b.lessEqual(b.scale(b.mul(step, change), 2), b.inner(moved, moved));
    return b.or(b.lessEqual(b.norm(moved), blind), holds);
  };
  const [found, next] = iterate(b, {
    name: 'shorten',
    limit: 100,
    states: [rate, stepFrom(problem, y, gradient, rate)],
    test: ([step, reached]) => b.not(enough(given(step), given(reached))),
    body: ([step]) => {
      const half = b.scale(given(step), 0.5);
      return [half, stepFrom(problem, y, gradient, half)];
    },
  });
  return [given(found), given(next)];
}

/** 1 / the curvature of s at x along its gradient, from where backtracking begins; 1 where there is none. */
function firstRate(problem: Problem, x: Value): Value {
  const { b } = problem;
  const smooth = smoothPart(problem);
  const g = smooth.gradientAt(x);
  const rate = b.div(b.inner(g, g), b.inner(g, smooth.hessianProduct(x, g)));
  return b.select(b.and(b.isFinite(rate), b.less(b.constant(0), rate)), rate, b.constant(1));
}

/** Where proximal steps have come to; all but x scalars. */
export interface Descended {
  readonly x: Value;
  /** ‖G(x)‖. */
  readonly norm: Value;
  readonly steps: Value;
  /** A position in `plan/status.ts`, or RUNNING: at the target, the limit, or as `patience` says. */
  readonly status: Value;
}

export interface Descent {
  readonly from: Value;
  readonly target: Value;
  readonly limit: number;
  readonly momentum: Momentum;
  /** The step length; absent: by backtracking. */
  readonly rate?: Value;
  /** Steps in a row that leave the support as it is, after which to stop: a scalar. */
  readonly patience?: Value;
}

/** Proximal steps until ‖G‖ ≤ target, the limit, or a support that has settled. */
export function descend(problem: Problem, { from, target, limit, momentum, rate, patience }: Descent): Descended {
  const { b, composite } = problem;
  const zero = b.constant(0);
  const one = b.constant(1);
  const normAt = (x: Value): Value => b.norm(stationarityAt(problem, x));
  const first = normAt(from);
  const running = b.constant(RUNNING);
  const initial = b.select(b.isFinite(first), running, b.constant(statusCode('not-finite')));
  const states = iterate(b, {
    name: momentum.on ? 'fista' : 'proximal_gradient',
    limit,
    states: [zero, initial, first, zero, rate ?? firstRate(problem, from), from, from, one],
    test: ([, state, norm, settled]) => {
      const goesOn = b.and(b.less(target, given(norm)), b.equal(given(state), running));
      return patience === undefined ? goesOn : b.and(goesOn, b.less(given(settled), patience));
    },
    body: ([t, , , settled, length, x, y, theta]) => {
      const at = { x: given(x), y: given(y), theta: given(theta) };
      const [step, next] =
        rate === undefined
          ? backtracked(problem, at.y, momentum.on ? given(length) : b.scale(given(length), GROWTH))
          : [given(length), stepFrom(problem, at.y, smoothPart(problem).gradientAt(at.y), rate)];
      const moved = extrapolate(b, momentum, at, next);
      const norm = normAt(next);
      // A generalised gradient a million times its first size is not on its way down again.
      const lost = b.or(b.not(b.isFinite(norm)), b.less(b.scale(b.maximum(first, target), 1e6), norm));
      const changed = composite === undefined ? undefined : b.norm(b.sub(composite.freeAt(next), composite.freeAt(at.x)));
      const calm = changed === undefined ? zero : b.select(b.less(zero, changed), zero, b.add(given(settled), one));
      const status = b.select(lost, b.constant(statusCode('diverged')), running);
      return [b.add(given(t), one), status, norm, calm, step, moved.x, moved.y, moved.theta];
    },
  });
  const [steps, status, norm, , , x] = states.map((s) => given(s));
  return { x: given(x), norm: given(norm), steps: given(steps), status: given(status) };
}

export function proximalSolver(name: string, on: boolean): InnerSolver {
  const descends = ({ batches }: Program): boolean => !on && batches === undefined;
  const momentumOf = (method: SolveRequest['method']): Momentum => ({
    on,
    restarts: flagOption(method, 'restart') ?? fistaDefaults.restart,
  });
  return {
    name,
    proximal: true,
    accepts: () => ({ ok: true, why: 'gradients of the smooth part of the inner loss and the proximal map of the rest suffice' }),
    left: leftBySteps(descends),
    steps: {
      descends,
      begin: (problem, start) => {
        const { b, composite } = problem;
        // A drawn start may lie outside of its set.
        const from = composite?.constrained === true ? composite.prox(start, b.constant(0)) : start;
        return [b.integer(0), from, from, b.constant(1)];
      },
      advance: (problem, states, count, method) => {
        const { b, program } = problem;
        const momentum = momentumOf(method);
        const body = ([t, x, y, theta]: readonly Value[]): readonly Value[] => {
          const at = { x: given(x), y: given(y), theta: given(theta) };
          const rate = valueOption(b, method, 'rate', 1);
          const next = stepFrom(problem, at.y, smoothPart(problem).gradientAt(at.y), rate);
          const moved = extrapolate(b, momentum, at, next);
          const atStep = replace(b, [moved.x, moved.y, moved.theta], new Map([[program.step, given(t)]]));
          return [b.add(given(t), b.integer(1)), ...atStep];
        };
        return scan(b, { name, length: dim(count), states, body: (now) => ({ states: body(now) }) }).states;
      },
    },
    solve: (problem, request) => solveBySteps(problem, request, momentumOf(request.method)),
    work: (pieces) => descentWork(pieces, name),
  };
}

/** A step from an extrapolated point, the test of its length, and the generalised gradient where it ends. */
export const descentWork = ({ d, gradient }: Pieces, name: string): Work => times(stepsOf(name), times(3, gradient), passes(d, 30));

function solveBySteps(problem: Problem, { from, target, limit, method }: SolveRequest, momentum: Momentum): Solution {
  const { b } = problem;
  const asked = method?.options.has('rate') === true ? valueOption(b, method, 'rate', 1) : undefined;
  const start = proxOf(problem, from, b.constant(0));
  const { x, norm, steps, status } = descend(problem, {
    from: start,
    target,
    limit,
    momentum,
    ...(asked === undefined ? {} : { rate: asked }),
  });
  return { x, loss: problem.inner.at(x), gradientNorm: norm, steps, status: endedAs(b, norm, target, status) };
}
