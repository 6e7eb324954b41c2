/** Linear operators on R^d at a point: what linear solvers are written against. */
import type { Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';

export interface LinearOperator {
  /** d. */
  readonly dimension: Dim;
  /** `[d] → [d]`. */
  readonly product: (v: Value) => Value;
  readonly symmetric: boolean;
}

export interface SymmetricOperator extends LinearOperator {
  readonly symmetric: true;
  /** All of it, `[d, d]`: made when it is asked for. */
  readonly matrix: () => Value;
}

/** H = ∇²_xx h at x, `[d]`. */
export const hessianOperator = ({ inner, params }: Problem, x: Value): SymmetricOperator => ({
  dimension: params.dimension,
  symmetric: true,
  product: (v) => inner.hessianProduct(x, v),
  matrix: () => inner.hessianAt(x),
});
