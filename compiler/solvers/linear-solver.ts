/** What a linear solver is: one file each, a graph built from products alone; and what all of them share, the true residual at the end. */
import { statusCode, type Status } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { iterate } from '../ir/loops.ts';
import { roundings } from './rounding.ts';
import { RUNNING } from './solver.ts';
import type { LinearOperator } from './symmetric-operator.ts';

export interface LinearSolution {
  readonly v: Value;
  /** ‖Av − rhs‖ / ‖rhs‖, from one more product, not from a recurrence; 0 for rhs = 0. */
  readonly residual: Value;
  readonly steps: Value;
  readonly status: Value;
  /** Whether A curves upwards along the guess, or along a vector of no symmetry where there is none: rhs = 0 asks nothing else of it. */
  readonly curved: Value;
}

export interface LinearGoal {
  /** A scalar, relative to ‖rhs‖. */
  readonly tolerance: Value;
  /** At most so many steps, each a product. */
  readonly limit: number;
  /** A guess of v, taken where it is better than none; absent: none. `[d]` */
  readonly from?: Value;
  /** How far each step goes, of a method whose steps are all as long: a scalar. */
  readonly rate?: Value;
}

/** Solves A v = rhs, all `[d]`. */
export type LinearSolver = (b: Builder, operator: LinearOperator, rhs: Value, goal: LinearGoal) => LinearSolution;

/** How a method goes from a point with a known residual as far as its recurrence leads. */
export interface Sweep {
  readonly name: string;
  /**
   * From v with residual r, `[d]`, after so many steps, to ‖r‖ ≤ `enough`, as far as the recurrence knows. The status is RUNNING unless
   * the operator is not one that the method can solve with, or was seen not to be positive definite (`stationary`).
   */
  readonly from: (v: Value, r: Value, steps: Value, enough: Value) => { readonly v: Value; readonly steps: Value; readonly status: Value };
  /** At most so many sweeps, each by at least a factor. */
  readonly sweeps: number;
  readonly progress: number;
}

export const hasStatus = (b: Builder, status: Value, name: Status | typeof RUNNING): Value =>
  b.equal(status, b.constant(name === RUNNING ? RUNNING : statusCode(name)));

/** Whether a method may go on, and its result counts. */
export const isOpen = (b: Builder, status: Value): Value => b.or(hasStatus(b, status, RUNNING), hasStatus(b, status, 'stationary'));

/**
 * Sweeps of a method, each from where the true residual is after the one before: a recurrence drifts away from it.
 * Shapes: rhs, v `[d]`. Units: the residual is relative to ‖rhs‖.
 * Fails: `step-limit`, `stalled` where a sweep no longer helps, or the sweep's own status; never throws.
 */
export function swept(b: Builder, operator: LinearOperator, rhs: Value, goalOf: LinearGoal, sweep: Sweep): LinearSolution {
  const { tolerance, limit } = goalOf;
  const { product } = operator;
  const size = b.norm(rhs);
  const goal = b.mul(size, tolerance);
  const zero = b.constant(0);
  const begin = beginning(b, operator, rhs, goalOf);
  const ended = iterate(b, {
    name: `${sweep.name}_restart`,
    limit: sweep.sweeps,
    states: [begin.v, begin.r, b.norm(begin.r), zero, b.constant(RUNNING), b.constant(Number.MAX_VALUE)],
    test: ([, , norm, steps, status, before]) => {
      const helps = b.less(b.scale(given(norm), sweep.progress), given(before));
      const isFar = b.and(b.less(goal, given(norm)), b.less(given(steps), b.constant(limit)));
      return b.and(isFar, b.and(isOpen(b, given(status)), helps));
    },
    body: ([v, r, norm, steps]) => {
      const there = sweep.from(given(v), given(r), given(steps), goal);
      const residual = b.sub(rhs, product(there.v));
      return [there.v, residual, b.norm(residual), there.steps, there.status, given(norm)];
    },
  });
  const [v, , norm, steps, status] = ended.map((s) => given(s));
  const code = (name: Status): Value => b.constant(statusCode(name));
  const reached = b.select(hasStatus(b, given(status), RUNNING), code('converged'), given(status));
  const short = b.select(b.less(given(steps), b.constant(limit)), code('stalled'), code('step-limit'));
  return {
    v: given(v),
    residual: b.select(b.less(zero, size), b.div(given(norm), size), zero),
    steps: given(steps),
    status: b.select(isOpen(b, given(status)), b.select(b.lessEqual(given(norm), goal), reached, short), given(status)),
    curved: begin.curved,
  };
}

/** v with its residual r: the guess where it leaves less than rhs itself, otherwise 0, as for rhs = 0. Both `[d]`. One product serves it and `curved`. */
function beginning(
  b: Builder,
  operator: LinearOperator,
  rhs: Value,
  { from }: LinearGoal,
): { readonly v: Value; readonly r: Value; readonly curved: Value } {
  const wide = (v: Value): Value => b.broadcast(v, rhs.type.shape, []);
  const none = b.zeros(rhs.type.shape);
  const any = probe(b, operator);
  const guessed = from === undefined ? undefined : b.less(b.constant(0), b.norm(from));
  const along = from === undefined || guessed === undefined ? any : b.select(wide(guessed), from, any);
  const image = operator.product(along);
  const curved = b.less(b.constant(0), b.inner(along, image));
  if (guessed === undefined) return { v: none, r: rhs, curved };
  const left = b.sub(rhs, image);
  const helps = wide(b.and(guessed, b.less(b.norm(left), b.norm(rhs))));
  return { v: b.select(helps, along, none), r: b.select(helps, left, rhs), curved };
}

/**
 * The next pivot of the tridiagonal matrix of a Lanczos process, and whether it shows a direction of negative curvature: the matrix is
 * positive definite exactly when all of its pivots are positive. All scalars; `before` is 0 at the first step.
 * Source: Golub & Van Loan (2013), §10.1.3 and §11.3.3: the pivots are conjugate gradients' pᵀAp.
 */
export function lanczosPivot(
  b: Builder,
  alpha: Value,
  beta: Value,
  before: Value,
  scale: Value,
): { readonly pivot: Value; readonly negative: Value } {
  const zero = b.constant(0);
  const pivot = b.sub(alpha, b.select(b.equal(before, zero), zero, b.div(b.mul(beta, beta), before)));
  return { pivot, negative: b.less(pivot, b.neg(b.mul(roundings(b, 16), scale))) };
}

export const hypotenuse = (b: Builder, x: Value, y: Value): Value => b.sqrt(b.add(b.mul(x, x), b.mul(y, y)));

/** A vector of no symmetry, `[d]`: meets every direction. */
export const probe = (b: Builder, { dimension }: LinearOperator): Value => b.unary('sin', b.add(b.iota(dimension), b.full([dimension], 1)));
