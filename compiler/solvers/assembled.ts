/** Hessians that have been assembled, and their factors: one matrix, or equal blocks down its diagonal. */
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { roundings } from './rounding.ts';

/** A symmetric matrix of R^d. */
export interface Assembled {
  /** Its entries: `[q, q]`, once for all blocks, or `[blocks, q, q]`. */
  readonly entries: Value;
  /** `[d] → [d]`. */
  readonly product: (v: Value) => Value;
  /** `[d] → [d]`, by the factor of these entries. */
  readonly solve: (factor: Value, rhs: Value) => Value;
}

/** A symmetric matrix that can be solved with. */
export interface Factored {
  /** `[d] → [d]`. */
  readonly product: (v: Value) => Value;
  /** The inverse times rhs, with one step of refinement: `[d] → [d]`. It means something where the status is `converged`. */
  readonly solve: (rhs: Value) => Value;
  /** `converged`, or `not-positive-definite`. */
  readonly status: Value;
}

/** One matrix `[d, d]`. */
export const dense = (b: Builder, entries: Value): Assembled => ({
  entries,
  product: (v) => b.matmul(entries, v),
  solve: (factor, rhs) => b.choleskySolve(factor, rhs),
});

/**
 * Factors H = R Rᵀ; a solve is two triangular ones, then once more on its residual.
 * Shapes: right-hand sides `[d]`.
 * Needs: H symmetric positive definite; otherwise every result is NaN, and the status says why.
 * Source: Golub & Van Loan (2013), §4.2.3.
 */
export function factor(b: Builder, matrix: Assembled): Factored {
  const lower = b.cholesky(matrix.entries);
  const solve = refined(b, matrix.product, (rhs) => matrix.solve(lower, rhs));
  return { product: matrix.product, solve, status: definiteness(b, matrix.entries, lower) };
}

/** A solve, and once more on what it has left. Source: Golub & Van Loan (2013), §3.5.3. */
export const refined =
  (b: Builder, product: Factored['product'], solve: Factored['solve']): Factored['solve'] =>
  (rhs) => {
    const first = solve(rhs);
    return b.add(first, solve(b.sub(rhs, product(first))));
  };

/** The entries with a multiple of the identity added. */
export const shifted = (b: Builder, entries: Value, shift: Value): Value => {
  const { shape } = entries.type;
  const rank = shape.length;
  return b.add(entries, b.mul(shift, b.broadcast(b.eye(given(shape[rank - 1])), shape, [rank - 2, rank - 1])));
};

/** Of a matrix, or of each of a batch of them. */
export function diagonalOf(b: Builder, entries: Value): Value {
  const { shape } = entries.type;
  const rank = shape.length;
  return b.sum(b.mul(entries, b.broadcast(b.eye(given(shape[rank - 1])), shape, [rank - 2, rank - 1])), [rank - 1]);
}

/** ‖Hv − rhs‖ / ‖rhs‖; 0 for rhs = 0. */
export function relativeResidual(b: Builder, { product }: Factored, v: Value, rhs: Value): Value {
  const size = b.norm(rhs);
  return b.select(b.less(b.constant(0), size), b.div(b.norm(b.sub(product(v), rhs)), size), b.constant(0));
}

/**
 * `converged`, or `not-positive-definite`: when there is no factor, or when a pivot is what rounding leaves of zero, judged beside its
 * own diagonal entry so that the scale of a param does not matter.
 * Source: Higham (2002), theorem 10.7: success of the factorisation proves definiteness up to about d·ε of the diagonal.
 */
export function definiteness(b: Builder, entries: Value, lower: Value): Value {
  const [pivots, diagonal] = [lower, entries].map((v) => diagonalOf(b, v)) as [Value, Value];
  return definiteByPivots(b, b.div(b.mul(pivots, pivots), diagonal), given(diagonal.type.shape.at(-1)));
}

/** From pivots beside what they were before the elimination, of a matrix of so many rows. */
export function definiteByPivots(b: Builder, pivots: Value, rows: Dim): Value {
  const least = b.neg(b.max(b.neg(pivots)));
  const positive = b.less(b.mul(roundings(b, 4), b.dimSize(rows)), least);
  return b.select(positive, b.constant(statusCode('converged')), b.constant(statusCode('not-positive-definite')));
}
