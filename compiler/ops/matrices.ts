/** What the rows of factorisations and solves share: matrices are the last two axes, those before them a batch. */
import type { Builder } from '../ir/builder.ts';
import { equalDim, multiply, size, type Dim, type Shape, type Sizes } from '../ir/dims.ts';
import type { TensorType, Value } from '../ir/graph.ts';
import { at, describe, positions, range, wrong } from './rules.ts';

export const swapLast = (b: Builder, v: Value): Value => {
  const rank = v.type.shape.length;
  return b.transpose(v, [...range(rank - 2), rank - 1, rank - 2]);
};

/** A · B over the last two axes, the leading ones being a batch; B may lack the last axis. */
export function multiplyLast(b: Builder, x: Value, y: Value): Value {
  const lead = range(x.type.shape.length - 2);
  return b.dotGeneral(x, y, [[lead.length + 1], [lead.length]], [lead, lead]);
}

/** Keeps the lower triangle; the diagonal is multiplied by `diagonal`. */
export function lowerTriangle(b: Builder, v: Value, diagonal: number): Value {
  const shape = v.type.shape;
  const rank = shape.length;
  const rows = positions(b, shape, rank - 2);
  const columns = positions(b, shape, rank - 1);
  const below = b.select(b.less(columns, rows), v, b.full(shape, 0));
  return b.select(b.equal(rows, columns), b.scale(v, diagonal), below);
}

export function squareMatrices(a: TensorType, fixed: Sizes): { readonly wrong: string } | undefined {
  const [rows, columns] = a.shape.slice(-2);
  if (a.dtype !== 'real') return wrong(`takes real matrices, got ${describe(a)}`);
  return rows !== undefined && columns !== undefined && equalDim(rows, columns, fixed)
    ? undefined
    : wrong(`takes square matrices, got ${describe(a)}`);
}

/** n³ for each matrix. */
export const cube = (shape: Shape): Dim => multiply(size(shape), at(shape, shape.length - 1));

/** ½(A + Aᵀ). */
export const symmetricPart = (b: Builder, v: Value): Value => b.scale(b.add(v, swapLast(b, v)), 0.5);
