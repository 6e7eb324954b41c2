/** Linear algebra. */
import type { Builder } from '../../ir/builder.ts';
import { sameDim, type Dim } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import { matrixProduct } from '../arithmetic.ts';
import { differ, rankOf, reportMismatch } from '../context.ts';
import type { Arguments } from './arguments.ts';
import { needsSquare } from './forms.ts';
import { needed, optional, type LibraryRow, type LibraryTable } from './row.ts';

const diagonal = (b: Builder, A: Value, dim: Dim): Value => b.sum(b.mul(b.eye(dim), A), [1]);

/** ‖aᵢ − bⱼ‖² by differences: exact zeros where rows are equal, and a square that is seen to be one. */
function squaredDistances(a: Arguments): Value | undefined {
  const { b } = a.c;
  if (!a.needsRank('A', [2], 'a matrix, one point a row') || !a.needsRank('B', [2], 'a matrix, one point a row')) return undefined;
  const [n, d] = a.value('A').type.shape as [Dim, Dim];
  const [m, e] = a.value('B').type.shape as [Dim, Dim];
  if (!sameDim(d, e, b.fixed))
    return reportMismatch(a.c, `\`${a.name}\``, a.operand('A'), a.operand('B'), a.call.span, differ(d, e), [d, e]);
  const shape = [n, m, d];
  const difference = b.sub(b.broadcast(a.real('A'), shape, [0, 2]), b.broadcast(a.real('B'), shape, [1, 2]));
  return b.sum(b.mul(difference, difference), [2]);
}

/** exp(−‖aᵢ − bⱼ‖² / (2 length²)). */
function rbf(a: Arguments): Value | undefined {
  const { b } = a.c;
  const distances = squaredDistances(a);
  const length = a.has('length') && a.needsRank('length', [0], 'a number') ? a.real('length') : b.constant(1);
  return distances === undefined ? undefined : b.unary('exp', b.neg(b.div(distances, b.scale(b.mul(length, length), 2))));
}

const square = (name: string, make: (b: Builder, A: Value, dim: Dim) => Value): LibraryRow => ({
  parameters: [needed(name)],
  lower: (a) => {
    if (!needsSquare(a, name)) return undefined;
    const A = a.real(name);
    const [dim] = A.type.shape;
    return dim === undefined ? undefined : make(a.c.b, A, dim);
  },
});

export const matrices: LibraryTable = {
  dot: {
    parameters: [needed('a'), needed('b')],
    lower: (a) => {
      const [x, y] = [a.operand('a'), a.operand('b')];
      if (rankOf(x.value) > 0 && rankOf(y.value) > 0) return matrixProduct(a.c, x, y, a.call.span);
      return a.c.b.mul(a.real('a'), a.real('b'));
    },
  },
  outer: {
    parameters: [needed('a'), needed('b')],
    lower: (a) => {
      if (!a.needsRank('a', [1], 'a vector') || !a.needsRank('b', [1], 'a vector')) return undefined;
      return a.c.b.dotGeneral(a.real('a'), a.real('b'), [[], []]);
    },
  },
  trace: square('A', (b, A, dim) => b.sum(diagonal(b, A, dim))),
  /** The lower triangle L with A = L Lᵀ. */
  cholesky: square('A', (b, A) => b.cholesky(A)),
  /** log det A of a symmetric positive definite matrix, from its Cholesky factor. */
  logdet: square('A', (b, A, dim) => b.scale(b.sum(b.unary('log', diagonal(b, b.cholesky(A), dim))), 2)),
  sqdist: { parameters: [needed('A'), needed('B')], lower: squaredDistances },
  rbf: { parameters: [needed('A'), needed('B'), optional('length')], lower: rbf },
};
