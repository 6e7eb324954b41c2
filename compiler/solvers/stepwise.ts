/**
 * Solvers made of equal steps. One mechanism: a method says what it keeps besides x and how one step goes; from that follow
 * both its uses, exactly `steps` steps (a recipe, differentiable) and steps until ‖∇h‖ ≤ target (a minimiser).
 */
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { number as dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { iterate, scan } from '../ir/loops.ts';
import { stepsOf } from '../ops/loops.ts';
import type { Problem } from '../problem.ts';
import type { MethodInfo, Program } from '../program.ts';
import { replaceOne } from '../transform/replace.ts';
import { passes, times } from '../work.ts';
import { endedAs, leftBySteps, RUNNING, type InnerSolver, type SolveRequest, type Solution, type Steps } from './solver.ts';

/** One step: from x, its gradient and what the method keeps (all `[d]`), to the next x and what it keeps then. */
export interface StepRule {
  readonly name: string;
  /** How many vectors `[d]` it keeps besides x; they begin at zero. */
  readonly slots: number;
  readonly normalises?: Steps['normalises'];
  readonly descends?: Steps['descends'];
  /** Where the gradient of a step is taken, if not at x. */
  readonly gradientAt?: (b: Builder, x: Value, kept: readonly Value[], method: MethodInfo | undefined) => Value;
  /** `t` is the number of the step, an int scalar from 0. */
  readonly step: (
    b: Builder,
    x: Value,
    gradient: Value,
    kept: readonly Value[],
    method: MethodInfo | undefined,
    t: Value,
  ) => { readonly x: Value; readonly kept: readonly Value[] };
}

/** Everything that may speak of `step` (loss, arguments), at step number `t`. */
const atStep = (b: Builder, program: Program, v: Value, t: Value): Value => replaceOne(b, v, new Map([[program.step, t]]));

function advance(
  problem: Problem,
  rule: StepRule,
  method: MethodInfo | undefined,
  t: Value,
  x: Value,
  kept: readonly Value[],
): readonly Value[] {
  const { b, program, stepLoss } = problem;
  const at = rule.gradientAt?.(b, x, kept, method) ?? x;
  const next = rule.step(b, x, stepLoss.gradientAt(at), kept, method, t);
  return [next.x, ...next.kept].map((v) => atStep(b, program, v, t));
}

export function stepwise(rule: StepRule): InnerSolver {
  const slots = (problem: Problem): readonly Value[] =>
    Array.from({ length: rule.slots }, () => problem.b.zeros([problem.params.dimension]));
  return {
    name: rule.name,
    accepts: () => ({ ok: true, why: 'gradients of the inner loss suffice' }),
    steps: {
      ...(rule.normalises && { normalises: true }),
      ...(rule.descends && { descends: rule.descends }),
      // The step number is a state, not a slice, so that a reader of the loop sees it count.
      begin: (problem, from) => [problem.b.integer(0), from, ...slots(problem)],
      advance: (problem, states, count, method) => {
        const { b } = problem;
        const body = ([t, x, ...kept]: readonly Value[]): readonly Value[] => [
          b.add(given(t), b.integer(1)),
          ...advance(problem, rule, method, given(t), given(x), kept),
        ];
        return scan(b, { name: rule.name, length: dim(count), states, body: (now) => ({ states: body(now) }) }).states;
      },
    },
    left: leftBySteps(rule.descends),
    solve: (problem, request) => untilConverged(problem, rule, request, slots(problem)),
    work: ({ d, step, gradient }) => times(stepsOf(rule.name), step, gradient, passes(d, 4 + 3 * rule.slots)),
  };
}

function untilConverged(problem: Problem, rule: StepRule, request: SolveRequest, slots: readonly Value[]): Solution {
  const { b, inner } = problem;
  const first = b.norm(inner.gradientAt(request.from));
  const running = b.constant(RUNNING);
  const states = iterate(b, {
    name: rule.name,
    limit: request.limit,
    states: [b.integer(0), b.select(b.isFinite(first), running, b.constant(statusCode('not-finite'))), first, request.from, ...slots],
    test: ([, state, norm]) => b.and(b.less(request.target, given(norm)), b.equal(given(state), running)),
    body: ([t, , , x, ...kept]) => {
      const [next, ...keptNext] = advance(problem, rule, request.method, given(t), given(x), kept);
      const norm = b.norm(inner.gradientAt(given(next)));
      // A gradient a million times its first size is not on its way down again.
      const lost = b.or(b.not(b.isFinite(norm)), b.less(b.scale(b.maximum(first, request.target), 1e6), norm));
      const state = b.select(lost, b.constant(statusCode('diverged')), running);
      return [b.add(given(t), b.integer(1)), state, norm, given(next), ...keptNext];
    },
  });
  const [steps, status, norm, x] = states.map((s) => given(s));
  return {
    x: given(x),
    loss: inner.at(given(x)),
    gradientNorm: given(norm),
    steps: given(steps),
    status: endedAs(b, given(norm), request.target, given(status)),
  };
}
