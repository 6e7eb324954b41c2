/** Linear algebra. */
import { given } from '../../ir/attributes.ts';
import type { Builder } from '../../ir/builder.ts';
import { sameDim, type Dim } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import { matrixProduct } from '../arithmetic.ts';
import { differ, rankOf, reportMismatch } from '../context.ts';
import type { Arguments } from './arguments.ts';
import { needsSquare } from './forms.ts';
import { needed, type LibraryRow, type LibraryTable, type SeveralRow } from './row.ts';

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

const square = (name: string, make: (b: Builder, A: Value, dim: Dim) => Value): LibraryRow => ({
  parameters: [needed(name)],
  lower: (a) => {
    if (!needsSquare(a, name)) return undefined;
    const A = a.real(name);
    const [dim] = A.type.shape;
    return dim === undefined ? undefined : make(a.c.b, A, dim);
  },
});

/** x with A x = b, for a vector or the columns of a matrix. */
function solve(a: Arguments): Value | undefined {
  if (!needsSquare(a, 'A') || !a.needsRank('b', [1, 2], 'a vector or a matrix, one right-hand side a column')) return undefined;
  const { b } = a.c;
  const [n] = a.value('A').type.shape as [Dim];
  const [rows] = a.value('b').type.shape as [Dim];
  if (!sameDim(n, rows, b.fixed))
    return reportMismatch(a.c, '`solve`', a.operand('A'), a.operand('b'), a.call.span, differ(n, rows), [n, rows]);
  return b.one('solve', [a.real('A'), a.real('b')], { transposed: false });
}

const eigh: SeveralRow = {
  parameters: [needed('A')],
  results: ['values', 'vectors'],
  lower: (a) => (needsSquare(a, 'A') ? a.c.b.emit('eigh', [a.real('A')]) : undefined),
};

/** Functions with several results. */
export const decompositions = {
  /** Eigenvalues of ½(A + Aᵀ), ascending, and its eigenvectors in columns. */
  eigh,
} satisfies Readonly<Record<string, SeveralRow>>;

export const matrices = {
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
  solve: { parameters: [needed('A'), needed('b')], lower: solve },
  /** Eigenvalues of ½(A + Aᵀ), ascending. */
  eigvalsh: square('A', (b, A) => given(b.emit('eigh', [A])[0])),
  sqdist: { parameters: [needed('A'), needed('B')], lower: squaredDistances },
} satisfies LibraryTable;
