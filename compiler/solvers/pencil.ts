/**
 * Hessians A + s B, where s is one number that depends on hypers, A and B on data alone: one change of basis makes both tridiagonal, once,
 * and a solve at any s is two products with that basis and O(d) between them.
 */
import { statusCode } from '../../plan/status.ts';
import { factsIn } from '../facts.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { iterate } from '../ir/loops.ts';
import { jvp } from '../transform/jvp.ts';
import { reach } from '../transform/reach.ts';
import { replaceOne } from '../transform/replace.ts';
import { dense, diagonalOf, factor, refined, type Factored } from './assembled.ts';
import { roundings } from './rounding.ts';
import { tridiagonalForm, tridiagonalSolver } from './tridiagonal.ts';

/** A + s B: A and B `[d, d]`, s a scalar. */
export interface Pencil {
  readonly a: Value;
  readonly b: Value;
  readonly s: Value;
}

/** A matrix as a pencil, where it depends on the hypers by one number alone and is affine in that. */
export function pencilOf(b: Builder, matrix: Value, hypers: readonly Value[]): Pencil | undefined {
  const between = reach([matrix], hypers).nodes.flatMap((n) => n.outputs);
  // The nearest to the matrix first: whatever it is made of, it is the number that counts.
  for (const number of [...hypers, ...between].reverse()) {
    if (number.type.shape.length > 0 || number.type.dtype !== 'real') continue;
    const s = b.input('s', 'state', number.type);
    const moving = replaceOne(b, matrix, new Map([[number, s]]));
    if (reach([moving], hypers).depends(moving)) continue;
    if (factsIn(b, moving, [s], new Map()).degree !== 1) return undefined;
    const [slope] = jvp(b, [moving], new Map([[s, b.constant(1)]]));
    return { a: replaceOne(b, moving, new Map([[s, b.constant(0)]])), b: given(slope), s: number };
  }
  return undefined;
}

/**
 * With R Rᵀ = A + c B and C = c R⁻¹ B R⁻ᵀ = Q T Qᵀ, W = R⁻ᵀ Q gives Wᵀ(A + s B)W = I + (s/c − 1) T. The number c balances the traces, so that
 * neither matrix drowns the other. That sum is exact beside its terms alone: where it has cancelled, or A + c B has no factor, A + s B
 * is factored as it is.
 * Source: simultaneous reduction of a definite pencil, Golub & Van Loan (2013), §8.7.1; tridiagonal in the place of diagonal: Eldén (1977).
 */
export function factoredPencil(b: Builder, { a, b: slope, s }: Pencil): Factored {
  const d = given(a.type.shape[0]);
  const times = (number: Value, matrix: Value): Value => b.mul(b.broadcast(number, matrix.type.shape, []), matrix);
  const at = (number: Value): Value => b.add(a, times(number, slope));
  const c = b.div(b.sum(diagonalOf(b, a)), b.sum(diagonalOf(b, slope)));
  const lower = b.cholesky(at(c));
  const half = b.triangularSolve(lower, times(c, slope), false);
  const { basis, diagonal, before } = tridiagonalForm(b, b.triangularSolve(lower, b.transpose(half, [1, 0]), false));
  const w = b.triangularSolve(lower, basis, true);
  const shift = b.sub(b.div(s, c), b.constant(1));
  const moved = times(shift, diagonal);
  const ones = b.full([d], 1);
  const { pivots, solve } = tridiagonalSolver(b, { diagonal: b.add(ones, moved), before: times(shift, before) });
  const least = b.neg(b.max(b.neg(b.div(pivots, b.add(ones, b.abs(moved))))));
  // What has lost half of its digits, one refinement does not bring back.
  const isSound = b.less(b.mul(b.sqrt(roundings(b, 1)), b.dimSize(d)), least);
  const product = (v: Value): Value => b.add(b.matmul(a, v), times(s, b.matmul(slope, v)));
  const reduced = refined(b, product, (rhs) => b.matmul(w, solve(b.matmul(rhs, w))));
  /** What a factor of A + s B gives, where the reduced form is not sound; made there alone. */
  const otherwise = (quick: Value, ask: (direct: Factored) => Value): Value => {
    const [found] = iterate(b, {
      name: 'direct',
      limit: 1,
      states: [quick, s],
      test: () => b.not(isSound),
      body: ([, number]) => [ask(factor(b, dense(b, at(given(number))))), given(number)],
    });
    return given(found);
  };
  return {
    product,
    solve: (rhs) => otherwise(reduced(rhs), (direct) => direct.solve(rhs)),
    status: otherwise(b.constant(statusCode('converged')), (direct) => direct.status),
  };
}
