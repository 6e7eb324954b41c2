/** What a proof asks of vectors and matrices: norms without overflow, and a proved bound of eigenvalues. */
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { number as dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { iterate, scan } from '../ir/loops.ts';
import { least } from '../ops/radius.ts';
import { roundings } from '../solvers/rounding.ts';

/** Steps of inverse iteration, and halvings of λ until H − λI has a factor. */
const [POWER_STEPS, HALVINGS] = [8, 40];

/** Norms along the last axis, with squares that neither vanish nor overflow. `v`: `[…, n]`, `axis`: the number of its last axis. */
export function normAlong(b: Builder, v: Value, axis: number): Value {
  const { shape } = v.type;
  const lead = shape.slice(0, axis);
  const largest = b.max(b.abs(v), [axis]);
  const scale = b.select(b.less(b.zeros(lead), largest), largest, b.full(lead, 1));
  const scaled = b.div(
    v,
    b.broadcast(
      scale,
      shape,
      lead.map((_, i) => i),
    ),
  );
  return b.mul(largest, b.sqrt(b.sum(b.mul(scaled, scaled), [axis])));
}

/**
 * A lower bound of the least eigenvalue of ½(A + Aᵀ), which is what a factorisation reads of a matrix that is symmetric but for rounding:
 * λ such that A − λI has a Cholesky factor, less what the factorisation may have rounded. Not above 0 where there is none. `matrix`: `[d, d]`.
 * Source: Rump (2006), theorem 2.3; Higham (2002), theorem 10.3.
 */
export function modulusOf(b: Builder, matrix: Value): Value {
  const dimension = given(matrix.type.shape[0]);
  const eye = b.eye(dimension);
  const lower = b.cholesky(matrix);
  const begin = b.full([dimension], 1);
  const [, inverse] = scan(b, {
    name: 'inverse_power',
    length: dim(POWER_STEPS),
    states: [begin, b.constant(1)],
    body: ([z]) => {
      const direction = b.div(given(z), b.norm(given(z)));
      const next = b.choleskySolve(lower, direction);
      return { states: [next, b.norm(next)] };
    },
  }).states;
  // Finite where there is a factor.
  const attempt = (shift: Value): Value => b.sum(b.cholesky(b.sub(matrix, b.mul(shift, eye))));
  const first = b.div(b.constant(0.9), given(inverse));
  const [shift, factored] = iterate(b, {
    name: 'modulus',
    limit: HALVINGS,
    states: [first, attempt(first)],
    test: ([, sum]) => b.not(b.isFinite(given(sum))),
    body: ([s]) => {
      const half = b.scale(given(s), 0.5);
      return [half, attempt(half)];
    },
  });
  const trace = b.sum(b.abs(b.mul(matrix, eye)));
  const size = b.add(b.dimSize(dimension), b.constant(8));
  const relative = b.mul(b.mul(roundings(b, 4), size), b.add(trace, b.abs(given(shift))));
  // What is too small for all its digits counts too.
  const margin = b.add(relative, b.mul(least(b), b.mul(size, size)));
  return b.select(b.isFinite(given(factored)), b.sub(given(shift), margin), b.constant(0));
}
