/**
 * Products over pairs of axes, as products of matrices [batches, rows, depth] · [batches, depth, columns]. Either operand may be stored the
 * other way round, which the library's kernel is told by a flag; what neither storage fits is transposed first.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernel, SizedCall } from '../calls/device.ts';
import { reshaped, shapesOf, transposed } from './form.ts';
import { elementsOf, isShaded, type Around, type Run, type Tf, type Tfjs, type Variant } from './library.ts';
import type { KernelsOf, OwnKernels } from './own.ts';

interface Size {
  readonly batches: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** How one operand becomes matrices. */
interface Stored {
  readonly axes: readonly number[];
  /** [depth, rows] on the left, [columns, depth] on the right. */
  readonly isTurned: boolean;
  readonly cost: number;
}

interface Way {
  readonly left: Stored;
  readonly right: Stored;
  /** The operands have changed sides: of a product that is a row or a column. */
  readonly isSwapped: boolean;
}

/** float32 sums of more terms than this are taken in blocks. */
const longest = 2 ** 14;
const block = 2 ** 12;

const isInOrder = (axes: readonly number[], shape: readonly number[]): boolean =>
  axes.filter((axis) => shape[axis] !== 1).every((axis, i, all) => i === 0 || axis > (all[i - 1] ?? 0));

const product = (shape: readonly number[], axes: readonly number[]): number => elementsOf(axes.map((axis) => shape[axis] ?? 1));

/**
 * Of the two ways that an operand is stored, the cheaper one. In Wasm only matrices that are stored plainly, and no batch of them, are multiplied
 * in vectors: a transposition is less than what a flag costs there.
 */
function stored(shape: readonly number[], plain: readonly number[], turned: readonly number[], flagCost: number): Stored {
  const ways = [
    { axes: plain, isTurned: false, cost: 0 },
    { axes: turned, isTurned: true, cost: flagCost },
  ].map((way) => ({ ...way, cost: way.cost + (isInOrder(way.axes, shape) ? 0 : 2) }));
  return ways.reduce((best, way) => (way.cost < best.cost ? way : best));
}

/** The cheapest of: pairs in the order of the left operand's axes or the right one's, sides as they are or changed. */
function wayOf(call: SizedCall, size: Size, variant: Variant): Way {
  const [a = [], b = []] = shapesOf(call);
  const [[contractA, contractB], [batchA, batchB]] = [call.attributes.contract ?? [[], []], call.attributes.batch ?? [[], []]];
  const free = (shape: readonly number[], taken: readonly number[]): readonly number[] =>
    shape.map((_, axis) => axis).filter((axis) => !taken.includes(axis));
  const [freeA, freeB] = [free(a, [...contractA, ...batchA]), free(b, [...contractB, ...batchB])];
  const flagCost = variant === 'wasm' && size.batches === 1 ? 3 : 0;
  const orders = [contractA, contractB].map((side) => side.map((_, i) => i).toSorted((i, j) => (side[i] ?? 0) - (side[j] ?? 0)));
  const ways = orders.flatMap((order): readonly Way[] => {
    const [inA, inB] = [order.map((i) => contractA[i] ?? 0), order.map((i) => contractB[i] ?? 0)];
    const rowsFirst = (shape: readonly number[], [batch, rows, depth]: readonly (readonly number[])[], isLeft: boolean): Stored => {
      const [ahead, behind] = [
        [...(batch ?? []), ...(rows ?? []), ...(depth ?? [])],
        [...(batch ?? []), ...(depth ?? []), ...(rows ?? [])],
      ];
      return isLeft ? stored(shape, ahead, behind, flagCost) : stored(shape, behind, ahead, flagCost);
    };
    const [partsA, partsB] = [
      [batchA, freeA, inA],
      [batchB, freeB, inB],
    ];
    const straight = { left: rowsFirst(a, partsA, true), right: rowsFirst(b, partsB, false), isSwapped: false };
    const swapped = { left: rowsFirst(b, partsB, true), right: rowsFirst(a, partsA, false), isSwapped: true };
    // On WebGL a row keeps its place in a texture when it loses an axis, a column does not: rows first.
    if (size.rows === 1) return [straight, swapped];
    if (size.columns === 1) return isShaded(variant) ? [swapped, straight] : [straight, swapped];
    return [straight];
  });
  const costOf = ({ left, right }: Way): number => left.cost + right.cost;
  return ways.reduce((best, way) => (costOf(way) < costOf(best) ? way : best));
}

/** Blocks that a depth is cut into: as many, or somewhat more, than there must be, so that they are all of one length. */
function blocksOf(depth: number): number {
  const least = Math.ceil(depth / block);
  for (let count = least; count < 4 * least; count++) if (depth % count === 0) return count;
  return least;
}

type Multiply = (a: Tensor, b: Tensor, turns: readonly [boolean, boolean]) => Tensor;

/**
 * The library's Wasm keeps what it has made of a right operand under the operand's elements alone, and takes it for a product of any shape:
 * elements that come back in another shape are copied.
 */
function carefully(tf: Tf, multiply: Multiply): Multiply {
  const shapes = new WeakMap<object, string>();
  return (a, b, turns) => {
    const known = shapes.get(b.dataId);
    if (known === undefined) shapes.set(b.dataId, b.shape.join());
    return multiply(a, known === undefined || known === b.shape.join() ? b : tf.tensor(b.dataSync(), b.shape, 'float32'), turns);
  };
}

function multiplied(
  { tf, variant }: Tfjs,
  size: Size,
  turns: readonly [boolean, boolean],
  { matMul, sum }: { readonly matMul: Multiply; readonly sum: (size: Around) => Run },
): Run {
  const whole: Run = (a, b) => matMul(a, b, turns);
  const { batches, rows, columns, depth } = size;
  // On the cpu the library adds in float64.
  if (depth <= longest || variant === 'cpu') return whole;
  const count = blocksOf(depth);
  const length = Math.floor(depth / count);
  const total = sum({ outer: batches, length: count, inner: rows * columns });
  const rest = depth - count * length;
  const depthFirst = [turns[0], !turns[1]] as const;
  /** [batches, depth, across] or the other way round, in blocks that are a batch. */
  const inBlocks = (x: Tensor, isFirst: boolean, across: number): Tensor => {
    if (isFirst) return reshaped(tf, tf.slice(x, [0, 0, 0], [-1, count * length, -1]), [batches * count, length, across]);
    const cut = reshaped(tf, tf.slice(x, [0, 0, 0], [-1, -1, count * length]), [batches, across, count, length]);
    return reshaped(tf, across === 1 ? cut : tf.transpose(cut, [0, 2, 1, 3]), [batches * count, across, length]);
  };
  const last = (x: Tensor, isFirst: boolean): Tensor =>
    isFirst ? tf.slice(x, [0, count * length, 0]) : tf.slice(x, [0, 0, count * length]);
  return (a, b) => {
    const [left, right] = [a, b];
    const parts = whole(inBlocks(left, depthFirst[0], rows), inBlocks(right, depthFirst[1], columns));
    const main = reshaped(tf, total(reshaped(tf, parts, [batches, count, rows * columns])), [batches, rows, columns]);
    return rest === 0 ? main : tf.add(main, whole(last(left, depthFirst[0]), last(right, depthFirst[1])));
  };
}

export function productKernels(tfjs: Tfjs, { sum, pointwise }: OwnKernels): KernelsOf<'dot_general'> {
  const { tf, variant } = tfjs;
  const plainly: Multiply = (a, b, turns) => tf.matMul(a, b, ...turns);
  const matMul = variant === 'wasm' ? carefully(tf, plainly) : plainly;
  const dot: Kernel<Tensor> = (call) => {
    const [a = [], b = []] = shapesOf(call);
    const [[contractA, contractB], [batchA, batchB]] = [call.attributes.contract ?? [[], []], call.attributes.batch ?? [[], []]];
    const [batches, depth] = [product(a, batchA), product(a, contractA)];
    const [rows, columns] = [elementsOf(a) / (batches * depth), elementsOf(b) / (product(b, batchB) * product(b, contractB))];
    const { left, right, isSwapped } = wayOf(call, { batches, rows, columns, depth }, variant);
    const size = isSwapped ? { batches, depth, rows: columns, columns: rows } : { batches, depth, rows, columns };
    const matrices = (shape: readonly number[], { axes, isTurned }: Stored, across: number, isLeft: boolean): Run => {
      const turned = transposed(tf, shape, axes);
      // Of depth 1 both are the same, and a product of elements.
      const view =
        depth === 1
          ? isLeft
            ? [batches, across, 1]
            : [batches, 1, across]
          : isTurned === isLeft
            ? [batches, depth, across]
            : [batches, across, depth];
      return (tensor) => reshaped(tf, turned(tensor), view);
    };
    const leftOf = matrices(isSwapped ? b : a, left, size.rows, true);
    const rightOf = matrices(isSwapped ? a : b, right, size.columns, false);
    const run =
      depth === 1
        ? pointwise.mul({
            operands: [
              [batches, size.rows, 1],
              [batches, 1, size.columns],
            ],
            result: [batches, size.rows, size.columns],
          })
        : multiplied(tfjs, size, [left.isTurned, right.isTurned], { matMul, sum });
    return (x, y) => {
      const [l, r] = [x, y];
      return reshaped(tf, run(leftOf(isSwapped ? r : l), rightOf(isSwapped ? l : r)), call.result.shape);
    };
  };
  return { dot_general: dot };
}
