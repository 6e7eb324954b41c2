/**
 * The minimiser of a composite problem to high accuracy: FISTA finds the piece of the penalty on which it lies, Newton's method on that piece
 * finds it. A Newton step goes no further than its piece, and counts only if the loss falls or the generalised gradient of the whole problem
 * is halved, so a wrong piece costs time, nothing else.
 * Source: the identification of the piece after finitely many proximal steps: Liang, Fadili & Peyré (2017), §3.
 */
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Value } from '../ir/graph.ts';
import { iterate } from '../ir/loops.ts';
import { multiply } from '../ir/dims.ts';
import { stepsOf } from '../ops/loops.ts';
import type { Pieces } from '../pieces.ts';
import { stationarityAt, type Problem } from '../problem.ts';
import { factorOf, passes, refinedSolves, sum, times, type Work } from '../work.ts';
import { dense, factor } from './assembled.ts';
import { conjugateGradient } from './conjugate-gradient.ts';
import { leftUnlessNamed } from './newton.ts';
import { descend, descentWork } from './proximal.ts';
import { lossSlack, SUFFICIENT_DECREASE } from './rounding.ts';
import { endedAs, RUNNING, type InnerSolver, type Solution, type SolveRequest } from './solver.ts';
import { tangentOperator, type SymmetricOperator } from './symmetric-operator.ts';

/** Steps that leave the support as it is before Newton's method is tried; doubled each time that it did not help. */
const PATIENCE = 10;
/** Rounds of FISTA and Newton's method, of which the last ones are long. */
const ROUNDS = 200;
/** Rounds in a row that brought nothing. */
const IDLE_ROUNDS = 6;
const NEWTON_STEPS = 30;
/** Products that a Newton step may take: one that is short of its direction is a step all the same. */
const PRODUCTS = 300;
/** How often a Newton step is halved before it is given up. */
const HALVINGS = 6;
const FINEST = [1e-12, 1e-6] as const;

/** v with operator v = rhs; NaN or of no use where that fails, which who takes the step sees. */
type DirectionOf = (problem: Problem, operator: SymmetricOperator, rhs: Value) => Value;

const byFactor: DirectionOf = ({ b }, operator, rhs) => factor(b, dense(b, operator.matrix())).solve(rhs);

const byProducts: DirectionOf = ({ b }, operator, rhs) =>
  conjugateGradient(b, operator, rhs, { tolerance: b.byPrecision(...FINEST), limit: PRODUCTS }).v;

/**
 * Newton steps on the piece at x, as far as the piece goes, while they lower the loss by what its slope promises, or halve ‖G‖ where the loss
 * resolves no decrease any more: x, ‖G‖, steps. `enough`: where to stop in any case.
 */
function newtonOnPiece(problem: Problem, from: Value, norm: Value, enough: Value, direction: DirectionOf): readonly [Value, Value, Value] {
  const { b, inner, composite } = problem;
  const { retract, projectAt } = given(composite, 'a composite problem');
  const zero = b.constant(0);
  const one = b.constant(1);
  const [x, reached, steps] = iterate(b, {
    name: 'newton',
    limit: NEWTON_STEPS,
    states: [from, norm, zero, one],
    test: ([, n, , goesOn]) => b.and(b.less(enough, given(n)), b.less(zero, given(goesOn))),
    body: ([at, n, count]) => {
      const here = given(at);
      const project = projectAt(here);
      const slope = project(inner.gradientAt(here));
      const step = project(direction(problem, tangentOperator(problem, here), slope));
      const loss = inner.at(here);
      const slack = lossSlack(b, loss);
      const promised = b.inner(slope, step);
      const trial = (t: Value): Value => retract(here, b.sub(here, b.mul(t, step)));
      const falls = (t: Value, value: Value): Value => {
        const asked = b.scale(b.mul(t, promised), SUFFICIENT_DECREASE);
        return b.and(b.less(slack, asked), b.lessEqual(value, b.sub(loss, asked)));
      };
      const full = trial(one);
      const halves = b.and(
        b.lessEqual(b.scale(b.norm(stationarityAt(problem, full)), 2), given(n)),
        b.lessEqual(inner.at(full), b.add(loss, b.scale(slack, 1000))),
      );
      const [t] = iterate(b, {
        name: 'backtrack',
        limit: HALVINGS,
        states: [one, inner.at(full)],
        test: ([length, value]) => b.not(b.or(halves, falls(given(length), given(value)))),
        body: ([length]) => {
          const half = b.scale(given(length), 0.5);
          return [half, inner.at(trial(half))];
        },
      });
      const next = trial(given(t));
      const size = b.norm(stationarityAt(problem, next));
      const better = b.and(b.isFinite(size), b.or(halves, falls(given(t), inner.at(next))));
      return [
        b.select(b.broadcast(better, here.type.shape, []), next, here),
        b.select(better, size, given(n)),
        b.select(better, b.add(given(count), one), given(count)),
        b.select(better, one, zero),
      ];
    },
  });
  return [given(x), given(reached), given(steps)];
}

function solve(problem: Problem, { from, target, loose, isLast, polishes, limit }: SolveRequest, direction: DirectionOf): Solution {
  const { b, inner, composite } = problem;
  const zero = b.constant(0);
  const one = b.constant(1);
  const start = given(composite, 'a composite problem').prox(from, zero);
  const first = b.norm(stationarityAt(problem, start));
  const goal = b.minimum(target, loose);
  const last = b.select(isLast, one, zero);
  const finest = polishes ? b.select(isLast, zero, goal) : goal;
  const initial = b.select(b.isFinite(first), b.constant(RUNNING), b.constant(statusCode('not-finite')));
  const states = iterate(b, {
    name: 'support',
    limit: ROUNDS,
    states: [start, first, zero, initial, b.constant(PATIENCE), zero, last],
    test: ([, norm, steps, status, , , unpolished]) => {
      const far = b.or(b.less(goal, given(norm)), b.less(zero, given(unpolished)));
      return b.and(b.and(far, b.equal(given(status), b.constant(RUNNING))), b.less(given(steps), b.constant(limit)));
    },
    body: ([x, norm, steps, , patience, idle]) => {
      const [near, reached, newtonSteps] = newtonOnPiece(problem, given(x), given(norm), finest, direction);
      const helped = b.less(zero, newtonSteps);
      const patient = b.select(helped, b.constant(PATIENCE), given(patience));
      const run = descend(problem, {
        from: near,
        target: goal,
        limit,
        momentum: { on: true, restarts: true },
        patience: patient,
      });
      const better = b.or(helped, b.less(run.norm, b.scale(given(norm), 0.99)));
      const idleNow = b.select(better, zero, b.add(given(idle), one));
      const stalled = b.less(b.constant(IDLE_ROUNDS), idleNow);
      const there = b.lessEqual(run.norm, goal);
      const status = b.select(
        b.and(stalled, b.and(b.not(there), b.equal(run.status, b.constant(RUNNING)))),
        b.constant(statusCode('stalled')),
        run.status,
      );
      // Where Newton's method has ended at the goal, there is nothing left to gain.
      const unpolished = b.select(b.lessEqual(reached, goal), zero, polishes ? last : zero);
      return [run.x, run.norm, b.add(given(steps), b.add(newtonSteps, run.steps)), status, b.scale(patient, 2), idleNow, unpolished];
    },
  });
  const [x, norm, steps, status] = states.map((s) => given(s));
  return {
    x: given(x),
    loss: inner.at(given(x)),
    gradientNorm: given(norm),
    steps: given(steps),
    status: endedAs(b, given(norm), target, given(status)),
  };
}

const solver = (name: string, direction: DirectionOf, directionWork: (pieces: Pieces) => Work): InnerSolver => ({
  name,
  proximal: true,
  accepts: ({ composite }) =>
    composite === undefined
      ? { ok: false, because: 'the inner loss is smooth and its params are free: there is no support to find' }
      : { ok: true, why: 'FISTA finds the support, Newton steps on it the minimiser' },
  left: leftUnlessNamed,
  solve: (problem, request) => solve(problem, request, direction),
  work: (pieces) => {
    const { d, both, gradient } = pieces;
    const step = sum(both, gradient, passes(d, 40), directionWork(pieces));
    return sum(pieces.hessianOfHypers, descentWork(pieces, 'fista'), times(stepsOf('support'), step));
  },
});

/** With the Hessian on the support assembled and factored. */
export const supportNewton: InnerSolver = {
  ...solver('support_newton', byFactor, ({ d, hessian }) => sum(hessian, passes(multiply(d, d), 4), factorOf(d), refinedSolves(d, 1))),
  assembles: true,
};

/** With products only. */
export const supportNewtonByProducts = solver('support_newton_cg', byProducts, ({ d, linearised, product }) =>
  sum(linearised, times(stepsOf('cg'), product, passes(d, 14))),
);
