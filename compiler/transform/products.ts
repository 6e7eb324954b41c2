/**
 * The forms of a matrix product, by what its operands look like in memory: which axes one stride walks, which axis is the rows of a
 * kernel. Knows strides, no kernel.
 */
import { given } from '../ir/attributes.ts';
import { isOne, literal, type Poly, type Shape } from '../ir/dims.ts';
import type { Attributes } from '../ir/graph.ts';
import { walk, type Access } from './views.ts';

export interface Operand {
  readonly access: Access;
  readonly shape: Shape;
}

/** One axis, or several that one stride walks. */
export interface Walk {
  readonly count: Poly;
  readonly stride: Poly;
}

/**
 * row:    y[i, c] = Σ_p a[i, p] · b[p, c]: row i of the result from row i of `a` and all of `b`. Without `columns`, b is a vector.
 * sum:    c[i, j] = Σ_r a[r, i] · b[r, j]: a sum over rows. Without `left` (`right`), a (b) is one number a row.
 * matrix: a batch of products with any strides.
 * inner:  no axis is free: products, elementwise, and a sum.
 * general: anything else, as one loop nest.
 */
export type ProductForm =
  | {
      readonly form: 'row';
      /** Which operand has the rows, and along which of its axes. */
      readonly rows: 0 | 1;
      readonly rowAxis: number;
      readonly rowStride: Poly;
      readonly depth: Poly;
      /** Between what is summed: in the operand with the rows, in the other. */
      readonly strides: readonly [Poly, Poly];
      readonly columns?: Walk;
    }
  | {
      readonly form: 'sum';
      /** Of each operand, the axis that is summed over. */
      readonly rowAxes: readonly [number, number];
      readonly rowStrides: readonly [Poly, Poly];
      readonly left?: Walk;
      readonly right?: Walk;
    }
  | {
      readonly form: 'matrix';
      readonly batches: Poly;
      readonly batchStrides: readonly [Poly, Poly];
      readonly rows: Walk;
      readonly columns: Walk;
      readonly depth: Poly;
      readonly strides: readonly [Poly, Poly];
    }
  | { readonly form: 'inner' }
  | { readonly form: 'general' };

export interface ProductAxes {
  readonly batch: readonly [readonly number[], readonly number[]];
  readonly contract: readonly [readonly number[], readonly number[]];
  readonly free: readonly [readonly number[], readonly number[]];
}

export function axesOf(attributes: Attributes, left: Shape, right: Shape): ProductAxes {
  const contract = given(attributes.contract);
  const batch = attributes.batch ?? [[], []];
  const free = (side: 0 | 1, shape: Shape): readonly number[] =>
    shape.map((_, i) => i).filter((axis) => !batch[side].includes(axis) && !contract[side].includes(axis));
  // Pairs in the order of the left operand's axes, so that neighbours stay neighbours.
  const order = contract[0].map((_, i) => i).sort((p, q) => given(contract[0][p]) - given(contract[0][q]));
  return {
    batch,
    contract: [order.map((i) => given(contract[0][i])), order.map((i) => given(contract[1][i]))],
    free: [free(0, left), free(1, right)],
  };
}

const stridesOf = ({ access, shape }: Operand): readonly Poly[] | undefined =>
  access.kind === 'memory' ? access.strides : shape.length === 0 ? [] : undefined;

/** Axes of an operand as one walk; none is a walk of one step. */
const axesWalk = (operand: Operand, axes: readonly number[]): Walk | undefined => {
  const strides = stridesOf(operand);
  return strides === undefined ? undefined : walk(operand.shape, strides, axes);
};

export function productForm(attributes: Attributes, operands: readonly [Operand, Operand]): ProductForm {
  const axes = axesOf(attributes, operands[0].shape, operands[1].shape);
  const moving = (side: 0 | 1, which: readonly number[]): readonly number[] =>
    which.filter((axis) => !isOne(given(operands[side].shape[axis])));
  const free = [moving(0, axes.free[0]), moving(1, axes.free[1])] as const;
  if (axes.free[0].length + axes.free[1].length === 0) return { form: 'inner' };
  const contract = [axesWalk(operands[0], axes.contract[0]), axesWalk(operands[1], axes.contract[1])] as const;
  const [left, right] = contract;
  if (left === undefined || right === undefined) return { form: 'general' };
  if (axes.batch[0].length === 0) {
    const sum = sumForm(operands, axes);
    if (sum !== undefined && isSumOfRows(sum, [left, right])) return sum;
    const form = rowForm(operands, axes, [left, right]) ?? sum;
    if (form !== undefined) return form;
  }
  const rows = axesWalk(operands[0], free[0]);
  const columns = axesWalk(operands[1], free[1]);
  const batches = [axesWalk(operands[0], axes.batch[0]), axesWalk(operands[1], axes.batch[1])] as const;
  if (rows === undefined || columns === undefined || batches[0] === undefined || batches[1] === undefined) return { form: 'general' };
  return {
    form: 'matrix',
    batches: batches[0].count,
    batchStrides: [batches[0].stride, batches[1].stride],
    rows,
    columns,
    depth: left.count,
    strides: [left.stride, right.stride],
  };
}

type SumForm = Extract<ProductForm, { form: 'sum' }>;

/** Whether each matrix lies in memory with what is summed over outermost, so that its rows are added up. */
function isSumOfRows({ left, right }: SumForm, contract: readonly [Walk, Walk]): boolean {
  return [left, right].every(
    (free, side) => free === undefined || (literal(free.stride) === 1 && literal(given(contract[side]).stride) !== 1),
  );
}

/** One operand has one free axis, which comes first in the result: it has the rows, the other is read whole. */
function rowForm(operands: readonly [Operand, Operand], axes: ProductAxes, contract: readonly [Walk, Walk]): ProductForm | undefined {
  for (const rows of [0, 1] as const) {
    const other = rows === 0 ? 1 : 0;
    const [rowAxis, ...more] = axes.free[rows];
    // The result's rows come first only if the other operand has no free axes, or comes second.
    if (rowAxis === undefined || more.length > 0 || (rows === 1 && axes.free[0].length > 0)) continue;
    const columns = axesWalk(operands[other], axes.free[other]);
    const rowStride = stridesOf(operands[rows])?.[rowAxis];
    if (columns === undefined || rowStride === undefined) continue;
    return {
      form: 'row',
      rows,
      rowAxis,
      rowStride,
      depth: contract[0].count,
      strides: [contract[rows].stride, contract[other].stride],
      ...(axes.free[other].length > 0 ? { columns } : {}),
    };
  }
  return undefined;
}

/** One axis of each operand is summed over, and nothing else is. */
function sumForm(operands: readonly [Operand, Operand], axes: ProductAxes): SumForm | undefined {
  const [[leftAxis, ...more], [rightAxis]] = axes.contract;
  if (leftAxis === undefined || rightAxis === undefined || more.length > 0) return undefined;
  const left = axesWalk(operands[0], axes.free[0]);
  const right = axesWalk(operands[1], axes.free[1]);
  const rowStrides = [stridesOf(operands[0])?.[leftAxis], stridesOf(operands[1])?.[rightAxis]] as const;
  if (left === undefined || right === undefined || rowStrides[0] === undefined || rowStrides[1] === undefined) return undefined;
  return {
    form: 'sum',
    rowAxes: [leftAxis, rightAxis],
    rowStrides: [rowStrides[0], rowStrides[1]],
    ...(axes.free[0].length > 0 ? { left } : {}),
    ...(axes.free[1].length > 0 ? { right } : {}),
  };
}
