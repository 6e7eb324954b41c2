/**
 * Hessians A + s B, where s is one number that depends on hypers, A and B on data alone: one change of basis makes both tridiagonal, once,
 * and a solve at any s is two products with that basis and O(d) between them.
 */
import { factsIn } from '../facts.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { HyperInfo } from '../program.ts';
import { jvp } from '../transform/jvp.ts';
import { reach } from '../transform/reach.ts';
import { replace, replaceOne } from '../transform/replace.ts';
import { definiteByPivots, diagonalOf, refined, type Factored } from './assembled.ts';
import { tridiagonalForm, tridiagonalSolver } from './tridiagonal.ts';

/** A + s B. */
export interface Pencil {
  /** A and B, `[d, d]`. */
  readonly fixed: Value;
  readonly scaled: Value;
  /** s, and its value at the declared starts of the hypers. */
  readonly scalar: Value;
  readonly declared: Value;
}

/** A matrix as a pencil, where it depends on the hypers by one number alone and is affine in that. */
export function pencilOf(b: Builder, matrix: Value, hypers: readonly HyperInfo[]): Pencil | undefined {
  const inputs = hypers.map((h) => h.value);
  const starts = new Map(hypers.map((h) => [h.value, h.init]));
  const between = reach([matrix], inputs).nodes.flatMap((n) => n.outputs);
  // The nearest to the matrix first: whatever it is made of, it is the number that counts.
  for (const scalar of [...inputs, ...between].reverse()) {
    if (scalar.type.shape.length > 0 || scalar.type.dtype !== 'real') continue;
    const s = b.input('s', 'state', scalar.type);
    const moving = replaceOne(b, matrix, new Map([[scalar, s]]));
    if (reach([moving], inputs).depends(moving)) continue;
    const [scaled] = factsIn(b, moving, [s], new Map()).degree === 1 ? jvp(b, [moving], new Map([[s, b.constant(1)]])) : [];
    if (scaled === undefined) return undefined;
    return {
      fixed: replaceOne(b, moving, new Map([[s, b.constant(0)]])),
      scaled,
      scalar,
      declared: given(replace(b, [scalar], starts)[0]),
    };
  }
  return undefined;
}

/**
 * With R Rᵀ = A + c B and C = c R⁻¹ B R⁻ᵀ = Q T Qᵀ, W = R⁻ᵀ Q gives Wᵀ(A + s B)W = I + (s/c − 1) T. The number c balances the traces, so that
 * neither matrix drowns the other; where that is not definite it is the declared start's.
 * Needs: A + s B positive semidefinite wherever the hypers may go; then it is definite at all inner points if it is at one.
 * Source: simultaneous reduction of a definite pencil, Golub & Van Loan (2013), §8.7.1; tridiagonal in the place of diagonal: Eldén (1977).
 */
export function factoredPencil(b: Builder, { fixed, scaled, scalar, declared }: Pencil): Factored {
  const d = given(fixed.type.shape[0]);
  const times = (s: Value, matrix: Value): Value => b.mul(b.broadcast(s, matrix.type.shape, []), matrix);
  const at = (s: Value): Value => b.add(fixed, times(s, scaled));
  const balanced = b.div(b.sum(diagonalOf(b, fixed)), b.sum(diagonalOf(b, scaled)));
  const c = b.select(b.isFinite(b.sum(b.cholesky(at(balanced)))), balanced, declared);
  const lower = b.cholesky(at(c));
  const half = b.triangularSolve(lower, times(c, scaled), false);
  const { basis, diagonal, before } = tridiagonalForm(b, b.triangularSolve(lower, b.transpose(half, [1, 0]), false));
  const w = b.triangularSolve(lower, basis, true);
  const shift = b.sub(b.div(scalar, c), b.constant(1));
  const entries = b.add(b.full([d], 1), times(shift, diagonal));
  const { pivots, solve } = tridiagonalSolver(b, { diagonal: entries, before: times(shift, before) });
  const product = (v: Value): Value => b.add(b.matmul(fixed, v), times(scalar, b.matmul(scaled, v)));
  return {
    product,
    solve: refined(b, product, (rhs) => b.matmul(w, solve(b.matmul(rhs, w)))),
    status: definiteByPivots(b, b.div(pivots, entries), d),
  };
}
