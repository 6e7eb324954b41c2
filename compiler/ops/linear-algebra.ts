/** Rows of the products and factorisations. */
import { InternalError } from '../../diagnostics/internal-error.ts';
import { multiply, number, equalDim, scale, size, type Dim, type Shape, type Sizes } from '../ir/dims.ts';
import type { Builder } from '../ir/builder.ts';
import type { Attributes, Node, Tensor, TensorType, Value } from '../ir/graph.ts';
import { elements, transposed as transposedTensor } from './arrays.ts';
import { isAffine, opaque, productFacts, unknownFacts } from './facts.ts';
import { dot, multiplyMatrices } from './matrix-product.ts';
import type { OpName } from './names.ts';
import {
  at,
  attribute,
  badAxes,
  binary,
  describe,
  moveAxis,
  moved,
  needs,
  operand,
  positions,
  range,
  repeated,
  result,
  shifted,
  summedOver,
  unary,
  wrong,
} from './rules.ts';
import type { OpRow, ShapeAnswer, Tangent } from './spec.ts';

type LinearAlgebra = Extract<OpName, 'dot_general' | 'cholesky' | 'triangular_solve'>;

// ---- dot_general ------------------------------------------------------------------------------------------------------------

/** The axes of one operand, by what becomes of them. */
interface Side {
  readonly batch: readonly number[];
  readonly contract: readonly number[];
  readonly free: readonly number[];
}

function sides(attributes: Attributes, ranks: readonly [number, number]): readonly [Side, Side] {
  const side = (i: 0 | 1): Side => {
    const batch = attributes.batch?.[i] ?? [];
    const contract = attributes.contract?.[i] ?? [];
    return { batch, contract, free: range(ranks[i]).filter((a) => !batch.includes(a) && !contract.includes(a)) };
  };
  return [side(0), side(1)];
}

const ranksOf = (a: { readonly shape: readonly unknown[] }, b: { readonly shape: readonly unknown[] }): readonly [number, number] => [
  a.shape.length,
  b.shape.length,
];

const pick = <T>(shape: readonly T[], axes: readonly number[]): T[] => axes.map((a) => at(shape, a));

function productShape(a: TensorType, b: TensorType, attributes: Attributes, fixed: Sizes): ShapeAnswer {
  const { contract, batch } = attributes;
  if (contract === undefined || batch === undefined) return needs(contract === undefined ? 'contract' : 'batch');
  if (a.dtype === 'bool' || b.dtype === 'bool') return wrong(`multiplies numbers, got ${describe(a)} and ${describe(b)}`);
  for (const [left, right] of [contract, batch]) {
    if (left.length !== right.length) return wrong('pairs axes of both operands');
    const misfit = left.findIndex((axis, i) => {
      const [d, e] = [a.shape[axis], b.shape[right[i] ?? -1]];
      return d === undefined || e === undefined || !equalDim(d, e, fixed);
    });
    if (misfit >= 0) return wrong(`axis ${left[misfit]} of ${describe(a)} does not fit axis ${right[misfit]} of ${describe(b)}`);
  }
  const bad = badAxes([...batch[0], ...contract[0]], a.shape.length) ?? badAxes([...batch[1], ...contract[1]], b.shape.length);
  if (bad !== undefined) return bad;
  const [left, right] = sides(attributes, ranksOf(a, b));
  return [{ dtype: 'real', shape: [...pick(a.shape, left.batch), ...pick(a.shape, left.free), ...pick(b.shape, right.free)] }];
}

/**
 * The cotangent of one operand: a product of the result's cotangent with the other operand over the other's free axes, its axes
 * then put back in order.
 */
function productTranspose(b: Builder, node: Node, i: number, ct: Value, masked: boolean): Value {
  const [x, y] = [operand(node, 0), operand(node, 1)];
  const both = sides(node.attributes, [x.type.shape.length, y.type.shape.length]);
  const own = at(both, i);
  const other = at(both, 1 - i);
  const batches = range(own.batch.length);
  const leftFree = range(both[0].free.length, batches.length);
  const rightFree = range(both[1].free.length, batches.length + leftFree.length);
  const product =
    masked && other.free.length === 0
      ? guardedOuter(b, ct, operand(node, 1 - i), other)
      : b.dotGeneral(ct, operand(node, 1 - i), [i === 0 ? rightFree : leftFree, other.free], [batches, other.batch]);
  // Its axes: batch, this operand's free axes, then the other's contracted axes in increasing order.
  const contracted = [...other.contract].sort((p, q) => p - q).map((axis) => at(own.contract, other.contract.indexOf(axis)));
  const places = [...own.batch, ...own.free, ...contracted];
  return b.transpose(
    product,
    range(places.length).map((axis) => places.indexOf(axis)),
  );
}

/** ct[batch, own free] · y[batch, contracted], which sums nothing, so that each product can be guarded: `[batch, own free, contracted]`. */
function guardedOuter(b: Builder, ct: Value, y: Value, { batch, contract }: Side): Value {
  const contracted = [...contract].sort((p, q) => p - q);
  const own = ct.type.shape.length;
  const shape = [...ct.type.shape, ...pick(y.type.shape, contracted)];
  const places = range(y.type.shape.length).map((axis) => (batch.includes(axis) ? batch.indexOf(axis) : own + contracted.indexOf(axis)));
  return b.guardedMul(b.broadcast(ct, shape, range(own)), b.broadcast(y, shape, places));
}

function productBatch(b: Builder, node: Node, [x, y]: readonly Value[], [xWide, yWide]: readonly boolean[]): readonly Value[] {
  if (x === undefined || y === undefined) return [];
  const contract = attribute(node, 'contract');
  const batch = attribute(node, 'batch');
  const moveIf = (wide: boolean | undefined, axes: readonly number[]): readonly number[] => (wide === true ? shifted(axes) : axes);
  const inner = [moveIf(xWide, contract[0]), moveIf(yWide, contract[1])] as const;
  const outer = [moveIf(xWide, batch[0]), moveIf(yWide, batch[1])] as const;
  if (xWide === true && yWide === true)
    return [
      b.dotGeneral(x, y, inner, [
        [0, ...outer[0]],
        [0, ...outer[1]],
      ]),
    ];
  // The new axis is the first free one of its operand.
  const before = batch[0].length + (xWide === true ? 0 : x.type.shape.length - batch[0].length - contract[0].length);
  return [moveAxis(b, b.dotGeneral(x, y, inner, outer), before, 0)];
}

function productReference(node: Node, operands: readonly Tensor[]): readonly Tensor[] {
  const [a, b] = [at(operands, 0), at(operands, 1)];
  const [left, right] = sides(node.attributes, ranksOf(a, b));
  const shape = [...pick(a.shape, left.batch), ...pick(a.shape, left.free), ...pick(b.shape, right.free)];
  const batches = elements(pick(a.shape, left.batch));
  const rows = elements(pick(a.shape, left.free));
  const columns = elements(pick(b.shape, right.free));
  const depth = elements(pick(a.shape, left.contract));
  const ordered = (...axes: readonly (readonly number[])[]): boolean => axes.flat().every((axis, i) => axis === i);
  // Both layouts of a matrix serve as they are; anything else is copied into rows.
  const depthFirst = ordered(left.batch, left.contract, left.free);
  const depthLast = ordered(right.batch, right.free, right.contract);
  const l = depthFirst ? a.data : transposedTensor(a, [...left.batch, ...left.free, ...left.contract]).data;
  const r = depthLast ? b.data : transposedTensor(b, [...right.batch, ...right.contract, ...right.free]).data;
  const data = multiplyMatrices({ batches, rows, columns, depth }, { data: l, depthFirst }, { data: r, depthLast });
  return [{ shape, data }];
}

/** The size of what is multiplied: batch · rows · columns · depth. */
function productFlops(node: Node): Dim {
  const x = operand(node, 0).type.shape;
  return scale(multiply(size(result(node).type.shape), ...pick(x, attribute(node, 'contract')[0])), 2);
}

// ---- factorisations -----------------------------------------------------------------------------------------------------------

const swapLast = (b: Builder, v: Value): Value => {
  const rank = v.type.shape.length;
  return b.transpose(v, [...range(rank - 2), rank - 1, rank - 2]);
};

/** A · B over the last two axes, the leading ones being a batch; B may lack the last axis. */
function multiplyLast(b: Builder, x: Value, y: Value): Value {
  const lead = range(x.type.shape.length - 2);
  return b.dotGeneral(x, y, [[lead.length + 1], [lead.length]], [lead, lead]);
}

/** Keeps the lower triangle; the diagonal is multiplied by `diagonal`. */
function lowerTriangle(b: Builder, v: Value, diagonal: number): Value {
  const shape = v.type.shape;
  const rank = shape.length;
  const rows = positions(b, shape, rank - 2);
  const columns = positions(b, shape, rank - 1);
  const below = b.select(b.less(columns, rows), v, b.full(shape, 0));
  return b.select(b.equal(rows, columns), b.scale(v, diagonal), below);
}

function squareMatrices(a: TensorType, fixed: Sizes): { readonly wrong: string } | undefined {
  const [rows, columns] = a.shape.slice(-2);
  if (a.dtype !== 'real') return wrong(`takes real matrices, got ${describe(a)}`);
  return rows !== undefined && columns !== undefined && equalDim(rows, columns, fixed)
    ? undefined
    : wrong(`takes square matrices, got ${describe(a)}`);
}

const cube = (shape: Shape): Dim => multiply(size(shape), at(shape, shape.length - 1));

/** The lower factor of ½(A + Aᵀ), row by row; all NaN when a pivot is not positive and finite. */
function choleskyInto(a: Float64Array, from: number, n: number, out: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = from + i * n;
    for (let j = 0; j < i; j++) {
      const other = from + j * n;
      const mean = 0.5 * ((a[row + j] as number) + (a[other + i] as number));
      out[row + j] = (mean - dot(out, row, out, other, j)) / (out[other + j] as number);
    }
    const pivot = (a[row + i] as number) - dot(out, row, out, row, i);
    if (!(pivot > 0 && pivot < Infinity)) {
      out.fill(Number.NaN, from, from + n * n);
      return;
    }
    out[row + i] = Math.sqrt(pivot);
  }
}

/** Solves L x = b or Lᵀ x = b for one right-hand side, in place: by rows of L either way, since its columns are far apart. */
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

/** Solves L x = b or Lᵀ x = b for k right-hand sides in rows of length k, in place. */
function solveInto(lower: Float64Array, from: number, n: number, x: Float64Array, to: number, k: number, transposed: boolean): void {
  for (let step = 0; step < n; step++) {
    const i = transposed ? n - 1 - step : step;
    const pivot = lower[from + i * n + i] as number;
    const row = to + i * k;
    for (let c = 0; c < k; c++) x[row + c] = (x[row + c] as number) / pivot;
    const first = transposed ? 0 : i + 1;
    const last = transposed ? i : n;
    for (let j = first; j < last; j++) {
      const factor = lower[transposed ? from + i * n + j : from + j * n + i] as number;
      const target = to + j * k;
      for (let c = 0; c < k; c++) x[target + c] = (x[target + c] as number) - factor * (x[row + c] as number);
    }
  }
}

const isVectors = (lower: { readonly shape: readonly unknown[] }, rhs: { readonly shape: readonly unknown[] }): boolean =>
  rhs.shape.length === lower.shape.length - 1;

function solveShape(lower: TensorType, rhs: TensorType, fixed: Sizes): ShapeAnswer {
  const bad = squareMatrices(lower, fixed);
  if (bad !== undefined) return bad;
  const lead = lower.shape.slice(0, -2);
  const n = at(lower.shape, lower.shape.length - 1);
  const expected = [...lead, n];
  const rankFits = rhs.shape.length === lower.shape.length || isVectors(lower, rhs);
  const fits = rankFits && expected.every((d, i) => rhs.shape[i] !== undefined && equalDim(d, rhs.shape[i], fixed));
  return fits ? [{ dtype: 'real', shape: rhs.shape }] : wrong(`${describe(rhs)} does not fit the factor ${describe(lower)}`);
}

function solveJvp(b: Builder, node: Node, [tLower, tRhs]: readonly Tangent[]): readonly Tangent[] {
  const lower = operand(node, 0);
  const transposed = attribute(node, 'transposed');
  // ẋ = L⁻¹(ḃ − L̇ x), and with Lᵀ in the place of L.
  const solve = (v: Value): Value => b.triangularSolve(lower, v, transposed);
  if (tLower === undefined) return [tRhs === undefined ? undefined : solve(tRhs)];
  const moving = lowerTriangle(b, tLower, 1);
  const pushed = multiplyLast(b, transposed ? swapLast(b, moving) : moving, result(node));
  return [solve(tRhs === undefined ? b.neg(pushed) : b.sub(tRhs, pushed))];
}

/** One factor serves all right-hand sides of a batch: they become columns. */
function solveBatch(
  b: Builder,
  node: Node,
  [lower, rhs]: readonly Value[],
  [lWide, rWide]: readonly boolean[],
  length: Dim,
): readonly Value[] {
  if (lower === undefined || rhs === undefined) return [];
  const transposed = attribute(node, 'transposed');
  if (lWide !== true && lower.type.shape.length === 2) {
    const [batch, n, ...columns] = rhs.type.shape;
    if (batch === undefined || n === undefined) return [];
    const asColumns = b.reshape(moveAxis(b, rhs, 1, 0), [n, multiply(batch, ...columns)]);
    const solved = b.triangularSolve(lower, asColumns, transposed);
    return [moveAxis(b, b.reshape(solved, [n, batch, ...columns]), 1, 0)];
  }
  const wideLower = lWide === true ? lower : repeated(b, lower, length);
  const wideRhs = rWide === true ? rhs : repeated(b, rhs, length);
  return [b.triangularSolve(wideLower, wideRhs, transposed)];
}

export const linearAlgebraRows: Readonly<Record<LinearAlgebra, OpRow>> = {
  dot_general: {
    costly: true,
    shape: binary(productShape),
    derivative: { kind: 'multilinear', in: [0, 1], transpose: productTranspose },
    batch: productBatch,
    // A batch axis, or a free one; along a contracted one all positions meet.
    follow: (node, i, axis) => {
      const [left, right] = sides(node.attributes, ranksOf(operand(node, 0).type, operand(node, 1).type));
      const side = i === 0 ? left : right;
      const places = [...side.batch, ...(i === 0 ? [] : left.free.map(() => -1)), ...side.free];
      const place = places.indexOf(axis);
      return place < 0 ? undefined : place;
    },
    ofMembers: summedOver((node) => attribute(node, 'contract')[0]),
    // Σ x·x is a square only where every element meets itself.
    facts: (node, operands) => {
      const [a, b] = [operands[0] ?? unknownFacts('unknown'), operands[1] ?? unknownFacts('unknown')];
      const { contract, batch } = node.attributes;
      const itself =
        node.inputs[0] === node.inputs[1] &&
        [contract, batch].every((pairs) => pairs?.[0].every((axis, i) => axis === pairs[1][i]) !== false);
      const whole = itself && (contract?.[0].length ?? 0) + (batch?.[0].length ?? 0) === (node.inputs[0]?.type.shape.length ?? 0);
      return productFacts(a, b, whole);
    },
    cost: (node) => ({ flops: productFlops(node), moved: moved(node) }),
    reference: productReference,
  },

  cholesky: {
    costly: true,
    shape: unary((a, _attributes, fixed) => squareMatrices(a, fixed) ?? [{ dtype: 'real', shape: a.shape }]),
    derivative: {
      // L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ), Φ the lower triangle with halved diagonal. Source: Murray (2016), §3.1.
      kind: 'custom',
      jvp: (b, node, [t]) => {
        if (t === undefined) return [undefined];
        const lower = result(node);
        const symmetric = b.scale(b.add(t, swapLast(b, t)), 0.5);
        const half = b.triangularSolve(lower, symmetric, false);
        const both = b.triangularSolve(lower, swapLast(b, half), false);
        return [multiplyLast(b, lower, lowerTriangle(b, both, 0.5))];
      },
    },
    batch: (b, _node, operands) => [b.cholesky(at(operands, 0))],
    facts: opaque(),
    cost: (node) => ({ flops: scale(cube(result(node).type.shape), 1 / 3), moved: moved(node) }),
    reference: (_node, operands) => {
      const a = at(operands, 0);
      const n = a.shape[a.shape.length - 1] ?? 0;
      const data = new Float64Array(a.data.length);
      for (let from = 0; from < a.data.length; from += n * n) choleskyInto(a.data, from, n, data);
      return [{ shape: a.shape, data }];
    },
  },

  triangular_solve: {
    costly: true,
    shape: binary((lower, rhs, { transposed }, fixed) => (transposed === undefined ? needs('transposed') : solveShape(lower, rhs, fixed))),
    derivative: {
      kind: 'custom',
      jvp: solveJvp,
      transpose: (b, node, isLinear, [ct]) => {
        const lower = operand(node, 0);
        if (isLinear(lower)) throw new InternalError('transpose', 'triangular_solve is linear in its right-hand side only');
        return [undefined, ct === undefined ? undefined : b.triangularSolve(lower, ct, !attribute(node, 'transposed'))];
      },
    },
    batch: solveBatch,
    // With a factor that does not vary it is a linear map of the right-hand side, of unknown sign.
    facts: (node, operands) => {
      const [lower, rhs] = operands;
      if (lower?.curvature !== 'constant' || rhs === undefined || rhs.curvature === 'constant') return opaque()(node, operands);
      return { degree: rhs.degree, curvature: isAffine(rhs.curvature) ? 'affine' : 'unknown', sign: 'unknown' };
    },
    cost: (node) => ({
      flops: multiply(size(result(node).type.shape), at(operand(node, 0).type.shape, operand(node, 0).type.shape.length - 1), number(1)),
      moved: moved(node),
    }),
    reference: (node, operands) => {
      const [lower, rhs] = [at(operands, 0), at(operands, 1)];
      const n = lower.shape[lower.shape.length - 1] ?? 0;
      const k = isVectors(lower, rhs) ? 1 : (rhs.shape[rhs.shape.length - 1] ?? 0);
      const data = rhs.data.slice();
      const count = elements(lower.shape.slice(0, -2));
      const transposed = attribute(node, 'transposed');
      for (let i = 0; i < count; i++) {
        if (k === 1) solveVectorInto(lower.data, i * n * n, n, data, i * n, transposed);
        else solveInto(lower.data, i * n * n, n, data, i * n * k, k, transposed);
      }
      return [{ shape: rhs.shape, data }];
    },
  },
};
