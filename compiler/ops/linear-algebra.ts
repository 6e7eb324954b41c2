/** Rows of the product and the Cholesky factorisation. */
import { multiply, equalDim, scale, size, type Dim, type Sizes } from '../ir/dims.ts';
import type { Builder } from '../ir/builder.ts';
import type { Attributes, Node, Tensor, TensorType, Value } from '../ir/graph.ts';
import { elements, transposed as transposedTensor } from './arrays.ts';
import { opaque, pivotFacts, productFacts, squareFacts, unknownFacts } from './facts.ts';
import { cube, lowerTriangle, multiplyLast, squareMatrices, swapLast, symmetricPart } from './matrices.ts';
import { dot, multiplyMatrices } from './matrix-product.ts';
import { productMatrix, squareOfProduct, withMatrix } from './matrix-facts.ts';
import type { OpName } from '../../plan/op-names.ts';
import { productsRadius, sizeOfAxes, type RadiusRule } from './radius.ts';
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
  range,
  result,
  shifted,
  summedOver,
  unary,
  wrong,
} from './rules.ts';
import type { OpRow, ShapeAnswer } from './spec.ts';

type LinearAlgebra = Extract<OpName, 'dot_general' | 'cholesky'>;

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
 * The cotangent of one operand: a product of the result's cotangent with the other operand over the other's free axes, in the order that leaves
 * the operand's own axes as they are, if one does.
 */
function productTranspose(b: Builder, node: Node, i: number, ct: Value, masked: boolean): Value {
  const [x, y] = [operand(node, 0), operand(node, 1)];
  const both = sides(node.attributes, [x.type.shape.length, y.type.shape.length]);
  const own = at(both, i);
  const other = at(both, 1 - i);
  const against = operand(node, 1 - i);
  const batches = range(own.batch.length);
  const leftFree = range(both[0].free.length, batches.length);
  const rightFree = range(both[1].free.length, batches.length + leftFree.length);
  const freeOfOther = i === 0 ? rightFree : leftFree;
  // Of the other operand what was contracted is left, its axes in increasing order.
  const contracted = [...other.contract].sort((p, q) => p - q).map((axis) => at(own.contract, other.contract.indexOf(axis)));
  const contractedFirst = [...own.batch, ...contracted, ...own.free];
  const isGuarded = masked && other.free.length === 0;
  const isInOrder = !isGuarded && contractedFirst.every((axis, place) => axis === place);
  const places = isInOrder ? contractedFirst : [...own.batch, ...own.free, ...contracted];
  const product = isGuarded
    ? guardedOuter(b, ct, against, other)
    : isInOrder
      ? b.dotGeneral(against, ct, [other.free, freeOfOther], [other.batch, batches])
      : b.dotGeneral(ct, against, [freeOfOther, other.free], [batches, other.batch]);
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

const productRadius: RadiusRule = (b, node, [rx, ry]) => {
  const [x, y] = [operand(node, 0), operand(node, 1)];
  const terms = sizeOfAxes(x.type.shape, attribute(node, 'contract')[0]);
  return productsRadius(b, terms, [x, y], [rx, ry], (left, right) => b.one('dot_general', [left, right], node.attributes));
};

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

export const linearAlgebraRows: Readonly<Record<LinearAlgebra, OpRow>> = {
  dot_general: {
    costly: true,
    shape: binary(productShape),
    derivative: { kind: 'multilinear', in: [0, 1], transpose: productTranspose },
    batch: productBatch,
    radius: productRadius,
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
    facts: withMatrix((node, operands) => {
      const pair = [operands[0] ?? unknownFacts('unknown'), operands[1] ?? unknownFacts('unknown')] as const;
      const square = squareOfProduct(node, pair);
      return square === undefined ? productFacts(...pair) : squareFacts(pair[square.of], square.isMixed);
    }, productMatrix),
    cost: (node) => ({ flops: productFlops(node), moved: moved(node), kind: 'product' }),
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
        const half = b.triangularSolve(lower, symmetricPart(b, t), false);
        const both = b.triangularSolve(lower, swapLast(b, half), false);
        return [multiplyLast(b, lower, lowerTriangle(b, both, 0.5))];
      },
    },
    batch: (b, _node, operands) => [b.cholesky(at(operands, 0))],
    // The diagonal of the factor is made of Schur complements, each the least of ⟨u, A u⟩ over some u: concave in A.
    facts: withMatrix(opaque(), (_node, [a]) => ({ diagonal: pivotFacts(a ?? unknownFacts('unknown')) })),
    cost: (node) => ({ flops: scale(cube(result(node).type.shape), 1 / 3), moved: moved(node), kind: 'factor' }),
    reference: (_node, operands) => {
      const a = at(operands, 0);
      const n = a.shape[a.shape.length - 1] ?? 0;
      const data = new Float64Array(a.data.length);
      for (let from = 0; from < a.data.length; from += n * n) choleskyInto(a.data, from, n, data);
      return [{ shape: a.shape, data }];
    },
  },
};
