/** Linear operators on R^d at a point: what linear solvers are written against. */
import type { Dim } from '../ir/dims.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { batch } from '../transform/batch.ts';
import type { Preconditioner } from './preconditioner.ts';

export interface LinearOperator {
  /** d. */
  readonly dimension: Dim;
  /** `[d] → [d]`. */
  readonly product: (v: Value) => Value;
  readonly symmetric: boolean;
  /** What is near its inverse, where that is known. */
  readonly near?: Preconditioner | undefined;
}

export interface SymmetricOperator extends LinearOperator {
  readonly symmetric: true;
  /** All of it, `[d, d]`: made when it is asked for. */
  readonly matrix: () => Value;
}

/** H = ∇²_xx h at x, `[d]`; `near`: what is near its inverse, by default what the problem knows at x. */
export const hessianOperator = ({ inner, params, near: known }: Problem, x: Value, near = known?.at(x)): SymmetricOperator => ({
  dimension: params.dimension,
  symmetric: true,
  near,
  product: (v) => inner.hessianProduct(x, v),
  matrix: () => inner.hessianAt(x),
});

/**
 * ΠAΠ + I − Π for a symmetric projection Π: A on the directions that Π leaves, and as regular as A is there. A right-hand side in the range
 * of Π has its solution there.
 */
export function restricted(b: Builder, { dimension, product, matrix }: SymmetricOperator, project: (v: Value) => Value): SymmetricOperator {
  /** Π of every row. */
  const projectRows = (rows: Value): Value => {
    const row = b.input('row', 'state', { dtype: 'real', shape: [dimension] });
    return given(batch(b, [project(row)], new Map([[row, rows]]), dimension)[0]);
  };
  return {
    dimension,
    symmetric: true,
    product: (v) => {
      const along = project(v);
      return b.add(project(product(along)), b.sub(v, along));
    },
    matrix: () => {
      const eye = b.eye(dimension);
      const half = b.transpose(projectRows(matrix()), [1, 0]);
      return b.add(projectRows(half), b.sub(eye, projectRows(eye)));
    },
  };
}

/** H at x, of a composite problem along the directions in which x may move. */
export function tangentOperator(problem: Problem, x: Value, near?: Preconditioner): SymmetricOperator {
  const whole = hessianOperator(problem, x, near);
  return problem.composite === undefined ? whole : restricted(problem.b, whole, problem.composite.projectAt(x));
}

/** The projection onto the directions in which x may move; of a smooth problem, all. */
export const tangentProjection = ({ composite }: Problem, x: Value): ((v: Value) => Value) => composite?.projectAt(x) ?? ((v) => v);
