/** Rows of the linear systems: `triangular_solve`, and `solve` for any square matrix. They differ in what they read of the matrix. */
import { InternalError } from '../../diagnostics/internal-error.ts';
import type { Builder } from '../ir/builder.ts';
import { add, equalDim, multiply, scale, size, type Dim, type Poly, type Sizes } from '../ir/dims.ts';
import type { Node, Tensor, TensorType, Value } from '../ir/graph.ts';
import { elements } from './arrays.ts';
import { isAffine, opaque } from './facts.ts';
import { cube, lowerTriangle, multiplyLast, squareMatrices, swapLast } from './matrices.ts';
import { solveMatrix, withMatrix, type MatrixRule } from './matrix-facts.ts';
import { dot } from './matrix-product.ts';
import type { OpName } from '../../plan/op-names.ts';
import { at, attribute, binary, describe, moveAxis, moved, needs, operand, repeated, result, wrong } from './rules.ts';
import type { OpRow, ShapeAnswer } from './spec.ts';

type Systems = Extract<OpName, 'triangular_solve' | 'solve'>;

interface System {
  readonly op: Systems;
  /** What its result is of its right-hand side. */
  readonly matrix: MatrixRule;
  /** The part of a matrix that is read. */
  readonly read: (b: Builder, matrix: Value) => Value;
  /** What is done once for each matrix, and for each number of the result. */
  readonly flops: (matrix: TensorType) => { readonly once: Poly; readonly each: Poly };
  /** Solves for k right-hand sides in rows of k, in place; `from`, `to`: where matrix and right-hand sides begin. */
  readonly solve: (matrix: Float64Array, from: number, n: number, x: Float64Array, to: number, k: number, transposed: boolean) => void;
}

const isVectors = (matrix: { readonly shape: readonly unknown[] }, rhs: { readonly shape: readonly unknown[] }): boolean =>
  rhs.shape.length === matrix.shape.length - 1;

function systemShape(matrix: TensorType, rhs: TensorType, fixed: Sizes): ShapeAnswer {
  const bad = squareMatrices(matrix, fixed);
  if (bad !== undefined) return bad;
  const lead = matrix.shape.slice(0, -2);
  const n = at(matrix.shape, matrix.shape.length - 1);
  const expected = [...lead, n];
  const rankFits = rhs.shape.length === matrix.shape.length || isVectors(matrix, rhs);
  const fits = rankFits && expected.every((d, i) => rhs.shape[i] !== undefined && equalDim(d, rhs.shape[i], fixed));
  return fits ? [{ dtype: 'real', shape: rhs.shape }] : wrong(`${describe(rhs)} does not fit the matrix ${describe(matrix)}`);
}

/** One matrix serves all right-hand sides of a batch: they become columns. */
function systemBatch(
  b: Builder,
  node: Node,
  [matrix, rhs]: readonly Value[],
  [mWide, rWide]: readonly boolean[],
  length: Dim,
): readonly Value[] {
  if (matrix === undefined || rhs === undefined) return [];
  const solve = (m: Value, r: Value): Value => b.one(node.op, [m, r], node.attributes);
  if (mWide !== true && matrix.type.shape.length === 2) {
    const [batch, n, ...columns] = rhs.type.shape;
    if (batch === undefined || n === undefined) return [];
    const asColumns = b.reshape(moveAxis(b, rhs, 1, 0), [n, multiply(batch, ...columns)]);
    return [moveAxis(b, b.reshape(solve(matrix, asColumns), [n, batch, ...columns]), 1, 0)];
  }
  return [solve(mWide === true ? matrix : repeated(b, matrix, length), rWide === true ? rhs : repeated(b, rhs, length))];
}

function systemReference({ solve }: System, node: Node, operands: readonly Tensor[]): readonly Tensor[] {
  const [matrix, rhs] = [at(operands, 0), at(operands, 1)];
  const n = matrix.shape[matrix.shape.length - 1] ?? 0;
  const k = isVectors(matrix, rhs) ? 1 : (rhs.shape[rhs.shape.length - 1] ?? 0);
  const data = rhs.data.slice();
  const count = elements(matrix.shape.slice(0, -2));
  for (let i = 0; i < count; i++) solve(matrix.data, i * n * n, n, data, i * n * k, k, attribute(node, 'transposed'));
  return [{ shape: rhs.shape, data }];
}

const systemRow = (system: System): OpRow => ({
  costly: true,
  shape: binary((matrix, rhs, { transposed }, fixed) => (transposed === undefined ? needs('transposed') : systemShape(matrix, rhs, fixed))),
  derivative: {
    kind: 'custom',
    // ẋ = A⁻¹(ḃ − Ȧ x), and with Aᵀ in the place of A.
    jvp: (b, node, [tMatrix, tRhs]) => {
      const transposed = attribute(node, 'transposed');
      const solve = (v: Value): Value => b.one(system.op, [operand(node, 0), v], { transposed });
      if (tMatrix === undefined) return [tRhs === undefined ? undefined : solve(tRhs)];
      const moving = system.read(b, tMatrix);
      const pushed = multiplyLast(b, transposed ? swapLast(b, moving) : moving, result(node));
      return [solve(tRhs === undefined ? b.neg(pushed) : b.sub(tRhs, pushed))];
    },
    transpose: (b, node, isLinear, [ct]) => {
      const matrix = operand(node, 0);
      if (isLinear(matrix)) throw new InternalError('transpose', `${system.op} is linear in its right-hand side only`);
      return [undefined, ct === undefined ? undefined : b.one(system.op, [matrix, ct], { transposed: !attribute(node, 'transposed') })];
    },
  },
  batch: systemBatch,
  // With a matrix that does not vary it is a linear map of the right-hand side, of unknown sign.
  facts: withMatrix((node, operands) => {
    const [matrix, rhs] = operands;
    if (matrix?.curvature !== 'constant' || rhs === undefined || rhs.curvature === 'constant') return opaque()(node, operands);
    return { degree: rhs.degree, curvature: isAffine(rhs.curvature) ? 'affine' : 'unknown', sign: 'unknown' };
  }, system.matrix),
  cost: (node) => {
    const { once, each } = system.flops(operand(node, 0).type);
    return { flops: add(once, multiply(size(result(node).type.shape), each)), moved: moved(node), kind: 'factor' };
  },
  reference: (node, operands) => systemReference(system, node, operands),
});

// ---- a triangle ---------------------------------------------------------------------------------------------------------------

/** One right-hand side: by rows of L either way, since its columns are far apart. */
function solveVectorInto(lower: Float64Array, from: number, n: number, x: Float64Array, to: number, transposed: boolean): void {
  if (!transposed) {
    for (let i = 0; i < n; i++)
      x[to + i] = ((x[to + i] as number) - dot(lower, from + i * n, x, to, i)) / (lower[from + i * n + i] as number);
    return;
  }
  for (let i = n - 1; i >= 0; i--) {
    const row = from + i * n;
    const value = (x[to + i] as number) / (lower[row + i] as number);
    x[to + i] = value;
    for (let j = 0; j < i; j++) x[to + j] = (x[to + j] as number) - (lower[row + j] as number) * value;
  }
}

const solveTriangle: System['solve'] = (lower, from, n, x, to, k, transposed) => {
  if (k === 1) return solveVectorInto(lower, from, n, x, to, transposed);
  for (let step = 0; step < n; step++) {
    const i = transposed ? n - 1 - step : step;
    const pivot = lower[from + i * n + i] as number;
    const row = to + i * k;
    for (let c = 0; c < k; c++) x[row + c] = (x[row + c] as number) / pivot;
    const first = transposed ? 0 : i + 1;
    const last = transposed ? i : n;
    for (let j = first; j < last; j++)
      subtractRow(x, row, to + j * k, k, lower[transposed ? from + i * n + j : from + j * n + i] as number);
  }
};

// ---- any square matrix --------------------------------------------------------------------------------------------------------

/** Row at `to` −= factor · row at `from`. */
function subtractRow(x: Float64Array, from: number, to: number, count: number, factor: number): void {
  for (let c = 0; c < count; c++) x[to + c] = (x[to + c] as number) - factor * (x[from + c] as number);
}

function swapRows(x: Float64Array, a: number, b: number, count: number): void {
  for (let c = 0; c < count; c++) [x[a + c], x[b + c]] = [x[b + c] as number, x[a + c] as number];
}

/**
 * Gaussian elimination with partial pivoting; all NaN where no pivot is left that is not 0 and finite.
 * Source: Golub & Van Loan (2013), algorithm 3.4.1.
 */
const eliminate: System['solve'] = (matrix, from, n, x, to, k, transposed) => {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j] = matrix[from + (transposed ? j * n + i : i * n + j)] as number;
  for (let p = 0; p < n; p++) {
    let best = p;
    for (let i = p + 1; i < n; i++) if (Math.abs(a[i * n + p] as number) > Math.abs(a[best * n + p] as number)) best = i;
    if (best !== p) {
      swapRows(a, p * n, best * n, n);
      swapRows(x, to + p * k, to + best * k, k);
    }
    const pivot = a[p * n + p] as number;
    if (!(Math.abs(pivot) > 0 && Math.abs(pivot) < Infinity)) {
      x.fill(Number.NaN, to, to + n * k);
      return;
    }
    for (let i = p + 1; i < n; i++) {
      const factor = (a[i * n + p] as number) / pivot;
      subtractRow(a, p * n + p + 1, i * n + p + 1, n - p - 1, factor);
      subtractRow(x, to + p * k, to + i * k, k, factor);
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) subtractRow(x, to + j * k, to + i * k, k, a[i * n + j] as number);
    for (let c = 0; c < k; c++) x[to + i * k + c] = (x[to + i * k + c] as number) / (a[i * n + i] as number);
  }
};

const side = (matrix: TensorType): Dim => at(matrix.shape, matrix.shape.length - 1);

export const systemRows: Readonly<Record<Systems, OpRow>> = {
  triangular_solve: systemRow({
    op: 'triangular_solve',
    matrix: () => undefined,
    read: (b, matrix) => lowerTriangle(b, matrix, 1),
    flops: (matrix) => ({ once: scale(cube(matrix.shape), 0), each: side(matrix) }),
    solve: solveTriangle,
  }),
  solve: systemRow({
    op: 'solve',
    matrix: solveMatrix,
    read: (_b, matrix) => matrix,
    flops: (matrix) => ({ once: scale(cube(matrix.shape), 2 / 3), each: scale(side(matrix), 2) }),
    solve: eliminate,
  }),
};
