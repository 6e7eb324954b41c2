/**
 * A proved bound of a hypergradient's error. The inner problem is solved once more, to rounding, at y; a ball around y is shown to hold
 * exactly one minimiser; and the hypergradient, enclosed over that ball, holds the true one. Whatever the strategy and however short its
 * solves: the bound is the distance of what it reported to all of that.
 *   ε = ‖∇h(y)‖ / μ ≥ ‖x* − y‖,   η = sup ‖∇_x f(x) − H(x) w‖ / μ ≥ ‖v* − w‖ over the ball,
 * where μ bounds the eigenvalues of H from below over the ball: those of H(y) by a Cholesky factor of H(y) − λI, less what H may change.
 * Source: the a posteriori bound of Ehrhardt & Roberts (2021), theorem 9, with enclosures in the place of Lipschitz constants; Rump (2006),
 * "Verification of positive definiteness".
 */
import type { Condition } from '../../plan/types.ts';
import { exprOf } from '../cost.ts';
import { given } from '../ir/attributes.ts';
import { add, size as sizeOf, zero, type Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { jumps, kinksIn } from '../kinks.ts';
import type { OpName } from '../../plan/op-names.ts';
import type { Radius } from '../ops/radius.ts';
import type { Problem } from '../problem.ts';
import { dense, factor } from '../solvers/assembled.ts';
import { newton } from '../solvers/newton.ts';
import { batch } from '../transform/batch.ts';
import { enclose } from '../transform/enclose.ts';
import { reach } from '../transform/reach.ts';
import { replace } from '../transform/replace.ts';
import { gradient } from '../transform/transpose.ts';
import { implicitGradient } from './implicit-gradient.ts';
import { modulusOf, normAlong } from './proved-norms.ts';
import type { StageOutputs } from './strategy.ts';

/** A factor of the Hessian, its enclosure and a few more matrices of its size. */
const MOST_PARAMS = 2000;
/** Two adjoints and a pass over the data for each. */
const MOST_WEIGHED = 64;

/** The ids of all ways. */
export const CERTIFICATES = ['certificate+adjoints', 'certificate+direct'] as const;

/** One way of proving, and the sizes at which it can be. */
export interface Proof {
  readonly id: (typeof CERTIFICATES)[number];
  readonly conditions: readonly Condition[];
  readonly outputs: () => StageOutputs;
}

/** In the order in which they are preferred. */
export type Certificate = { readonly ok: true; readonly ways: readonly Proof[] } | { readonly ok: false; readonly because: string };

/** How far the arithmetic of the radii may round them, as a factor: they are sums of nonnegative terms (`ops/radius.ts`). */
const INFLATION = [1 + 2 ** -20, 1.25] as const;

/**
 * Slots, for the stage `error`: `bound`, a bound of ‖ĥ − ∇F‖, not finite where it is of no use; `bound:modulus`, μ, which is not above 0
 * where the Hessian is not shown positive definite over the ball; `bound:radius`, ε.
 * `x`, `[d]`: where the solve ended; `reported`, one tensor a hyper: what it gave.
 */
export function certificate(problem: Problem, x: Value, reported: readonly Value[]): Certificate {
  const { composite, hypers, params } = problem;
  if (composite !== undefined) return { ok: false, because: `the inner problem is not smooth: ${composite.found.join('; ')}` };
  const claims = new Claims(problem);
  const [direct, weighed] = [directly(claims, reported), byAdjoints(claims, reported)];
  const ball = uniqueMinimiser(claims, x);
  const [op] = claims.refused;
  if (op !== undefined) return { ok: false, because: `no bound is known of what \`${op}\` computes` };
  const small: Condition = {
    left: exprOf(params.dimension),
    right: MOST_PARAMS,
    because: 'too many params to factor the Hessian for a proof',
  };
  const count = add(zero, ...hypers.map((h) => sizeOf(h.type.shape)));
  const few: Condition = { left: exprOf(count), right: MOST_WEIGHED, because: 'too many hypers for adjoints of each' };
  const outputs = (distance: Distance) => (): StageOutputs => {
    const found = ball();
    return { bound: distance(found), 'bound:modulus': found.modulus, 'bound:radius': found.epsilon };
  };
  const plain: Proof = { id: 'certificate+direct', conditions: [small], outputs: outputs(direct) };
  if (weighed === undefined) return { ok: true, ways: [plain] };
  return { ok: true, ways: [{ id: 'certificate+adjoints', conditions: [small, few], outputs: outputs(weighed) }, plain] };
}

/** What is known of the minimiser and its adjoint: they lie in two balls. Vectors `[d]`, the rest scalars. */
interface Ball {
  readonly y: Value;
  readonly w: Value;
  readonly epsilon: Value;
  readonly eta: Value;
  readonly modulus: Value;
  /** H(y)⁻¹ of columns, `[d, q]`: as exact as one factor makes it. */
  readonly solve: (rhs: Value) => Value;
}

/** How far ĥ may be from ∇F, given the balls. */
type Distance = (ball: Ball) => Value;

/**
 * Functions of a point and an adjoint, written at stand-ins, with their enclosures: what is computed at a point is enclosed as it is there,
 * and not with all that led to the point.
 */
class Claims {
  readonly problem: Problem;
  readonly y: Value;
  readonly w: Value;
  readonly refused: OpName[] = [];
  private readonly epsilon: Value;
  private readonly eta: Value;

  constructor(problem: Problem) {
    const { b, params } = problem;
    const vector = { dtype: 'real', shape: [params.dimension] } as const;
    this.problem = problem;
    this.y = b.input('y', 'state', vector);
    this.w = b.input('w', 'state', vector);
    this.epsilon = b.input('epsilon', 'state');
    this.eta = b.input('eta', 'state');
  }

  /** The radii of values of y and w, over the balls or at the two points alone; `exact`: other stand-ins in them. */
  radii(values: readonly Value[], over: 'points' | 'ball of y' | 'balls', exact: readonly Value[] = []): readonly Value[] {
    const { b } = this.problem;
    const wide = (r: Value): Value => b.broadcast(r, this.y.type.shape, []);
    const seeds = new Map<Value, Radius>([
      [this.y, over === 'points' ? undefined : wide(this.epsilon)],
      [this.w, over === 'balls' ? wide(this.eta) : undefined],
      ...exact.map((v): [Value, undefined] => [v, undefined]),
    ]);
    const found = enclose(b, values, seeds);
    if (found.ok) return found.radii;
    this.refused.push(found.op);
    return [];
  }

  /** Above zero where something that the values are made of may jump in the ball of y. */
  jumps(values: readonly Value[]): Value {
    const { b } = this.problem;
    const { nodes } = reach(values, [this.y]);
    const jumping = nodes.filter((node) => jumps(b, node)).flatMap(({ outputs }) => outputs);
    return this.radii(jumping, 'ball of y').reduce((sum, r) => b.add(sum, b.sum(r)), b.constant(0));
  }

  /** The same values where the points and balls are. */
  at(values: readonly Value[], { y, w, epsilon, eta }: Partial<Ball>, others: ReadonlyMap<Value, Value> = new Map()): readonly Value[] {
    const here = new Map<Value, Value>(others);
    const put = (stand: Value, value: Value | undefined): void => void (value === undefined ? undefined : here.set(stand, value));
    put(this.y, y);
    put(this.w, w);
    put(this.epsilon, epsilon);
    put(this.eta, eta);
    return replace(this.problem.b, values, here);
  }

  /** What the arithmetic of nonnegative terms may have rounded down. */
  inflated(v: Value): Value {
    const { b } = this.problem;
    return b.mul(b.byPrecision(...INFLATION), v);
  }

  /** ‖·‖ of all of them: a scalar. */
  norm(tensors: readonly Value[]): Value {
    const { b } = this.problem;
    return normAlong(
      b,
      b.concat(
        tensors.map((t) => b.flatten(t)),
        0,
      ),
      0,
    );
  }

  /** ∇_x f − H v at the stand-ins: zero at the adjoint. `[d]` */
  get misfit(): Value {
    const { b, inner, outer } = this.problem;
    return b.sub(outer.gradientAt(this.y), inner.hessianProduct(this.y, this.w));
  }
}

/** The balls around the minimiser that is solved for from x, and around its adjoint. */
function uniqueMinimiser(claims: Claims, x: Value): () => Ball {
  const { problem, misfit } = claims;
  const { b, inner, outer } = problem;
  const slope = inner.gradientAt(claims.y);
  const hessian = inner.hessianAt(claims.y);
  const jumps = claims.jumps([inner.at(claims.y), slope]);
  const radii = {
    slope: claims.radii([slope], 'points'),
    hessian: claims.radii([hessian], 'ball of y'),
    misfit: claims.radii([misfit], 'ball of y'),
  };
  return () => {
    const none = b.constant(0);
    const y = newton.solve(problem, {
      from: x,
      target: none,
      loose: none,
      isLast: b.less(b.constant(0), b.constant(1)),
      polishes: true,
      limit: 100,
    }).x;
    const left = claims.inflated(b.add(claims.norm(claims.at([slope], { y })), claims.norm(claims.at(radii.slope, { y }))));
    const matrix = given(claims.at([hessian], { y })[0]);
    const there = modulusOf(b, matrix);
    // Twice what is needed if the Hessian did not change: half of the modulus may be lost on the way.
    const reached = b.div(b.scale(left, 2), there);
    const change = given(claims.at(radii.hessian, { y, epsilon: reached })[0]);
    const lost = claims.inflated(b.max(b.sum(b.maximum(change, b.transpose(change, [1, 0])), [1])));
    const kept = b.sub(there, lost);
    const isSmooth = b.lessEqual(given(claims.at([jumps], { y, epsilon: reached })[0]), b.constant(0));
    const proved = b.and(isSmooth, b.and(b.less(b.constant(0), there), b.lessEqual(b.scale(there, 0.5), kept)));
    const modulus = b.select(proved, kept, b.constant(0));
    const epsilon = b.div(left, modulus);
    const factored = factor(b, dense(b, matrix));
    const w = factored.solve(given(claims.at([outer.gradientAt(claims.y)], { y })[0]));
    const near = { y, w, epsilon };
    const residual = claims.inflated(b.add(claims.norm(claims.at([misfit], near)), claims.norm(claims.at(radii.misfit, near))));
    const lower = b.cholesky(matrix);
    return { ...near, eta: b.div(residual, modulus), modulus, solve: (rhs) => b.choleskySolve(lower, rhs) };
  };
}

/** The formula itself, enclosed over both balls. What the balls lose is multiplied by the condition of H twice. */
function directly(claims: Claims, reported: readonly Value[]): Distance {
  const { problem } = claims;
  const { b } = problem;
  const gradients = implicitGradient(problem, claims.y, claims.w);
  const radii = claims.radii(gradients, 'balls');
  return (ball) => {
    const differences = claims.at(gradients, ball).map((g, i) => b.sub(g, given(reported[i])));
    return claims.inflated(b.add(claims.norm(differences), claims.norm(claims.at(radii, ball))));
  };
}

/**
 * Each component by its Lagrangian L = g − aᵀ∇h − cᵀ(∇_x f − Hv), which is ∂F at the minimiser whatever a and c are, and with the adjoints
 * a and c stands still there: what the balls lose is of second order, and the rounding of ∇h and of the misfit counts as much as the
 * component depends on it, and no more.
 * Not where L may jump: a Hessian that jumps has no mean value.
 * Source: dual-weighted residuals, Becker & Rannacher (2001), §2; here with a proved remainder.
 */
function byAdjoints(claims: Claims, reported: readonly Value[]): Distance | undefined {
  const { problem, y, w } = claims;
  const { b, hypers, inner, params } = problem;
  const count = add(zero, ...hypers.map((h) => sizeOf(h.type.shape)));
  const sizes = [count, params.dimension];
  const [a, c] = ['a', 'c'].map((name) => b.input(name, 'state', y.type)) as [Value, Value];
  const [rowsOfA, rowsOfC] = ['A', 'C'].map((name) => b.input(name, 'state', { dtype: 'real', shape: sizes })) as [Value, Value];
  const weights = hypers.map((h) => b.input('weight', 'state', h.type));
  const weighted = implicitGradient(problem, y, w).map((g, i) => b.inner(g, given(weights[i])));
  const lagrangian = [b.neg(b.inner(a, inner.gradientAt(y))), b.neg(b.inner(c, claims.misfit))].reduce(
    (sum, term) => b.add(sum, term),
    weighted.reduce((sum, term) => b.add(sum, term)),
  );
  if (kinksIn(b, lagrangian, [y, w]).length > 0) return undefined;
  const each = new Map<Value, Value>([
    [a, rowsOfA],
    [c, rowsOfC],
    ...unitsOf(problem, count).map((u, i): [Value, Value] => [given(weights[i]), u]),
  ]);
  const [value, ...slopes] = batch(b, [lagrangian, ...gradient(b, lagrangian, [y, w])], each, count);
  const exact = [rowsOfA, rowsOfC];
  const rounding = claims.radii([given(value)], 'points', exact);
  const changes = claims.radii(slopes, 'balls', exact);
  return (ball) => {
    const zeros = b.zeros(sizes);
    const at = (values: readonly Value[], rows: readonly [Value, Value]): readonly Value[] =>
      claims.at(
        values,
        ball,
        new Map([
          [rowsOfA, rows[0]],
          [rowsOfC, rows[1]],
        ]),
      );
    const solved = (rows: Value | undefined): Value => b.transpose(ball.solve(b.transpose(given(rows), [1, 0])), [1, 0]);
    // ∂L/∂v = −J + H c, and ∂L/∂x = … − H a.
    const adjointC = b.neg(solved(at(slopes, [zeros, zeros])[1]));
    const adjointA = solved(at(slopes, [zeros, adjointC])[0]);
    const rows = [adjointA, adjointC] as const;
    const norms = (values: Value | undefined): Value => normAlong(b, given(values), 1);
    const steepest = at(slopes, rows).map((s, i) => b.add(norms(s), norms(at(changes, rows)[i])));
    const remainder = [ball.epsilon, ball.eta].map((r, i) => b.mul(r, given(steepest[i])));
    const flat = b.concat(
      reported.map((g) => b.flatten(g)),
      0,
    );
    const miss = b.abs(b.sub(given(at([given(value)], rows)[0]), flat));
    const bounds = [miss, ...at(rounding, rows), ...remainder].reduce((sum, term) => b.add(sum, term));
    return claims.inflated(claims.norm([bounds]));
  };
}

/** For each hyper its unit vectors among the coordinates of all of them, `[count, …shape]`. */
function unitsOf({ b, hypers }: Problem, count: Dim): readonly Value[] {
  let offset: Dim = zero;
  return hypers.map((h) => {
    const own = sizeOf(h.type.shape);
    const units = b.reshape(b.slice(b.eye(count), 1, offset, own), [count, ...h.type.shape]);
    offset = add(offset, own);
    return units;
  });
}
