/**
 * Products over pairs of axes, as products of matrices [batches, rows, depth] · [batches, depth, columns]. Either operand may be stored the
 * other way round, which the library's kernel is told by a flag; what neither storage fits is transposed first.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernel, SizedCall } from '../calls/device.ts';
import { shapesOf, transposed } from './form.ts';
import { elementsOf, isShaded, reshaped, type Run, type Tfjs, type Variant } from './library.ts';
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

/** float32 sums of more terms than this are taken in blocks. On the cpu the library adds in float64; in Wasm blocks cost it the vectors. */
const longest: Readonly<Record<Variant, number>> = { cpu: Infinity, wasm: 2 ** 15, webgl: 2 ** 14, webgpu: 2 ** 14 };
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

/**
 * Whether a matrix had better be stored the other way round. A product with a vector is quickest with the matrix on the right and what is summed over
 * ahead, on both backends of the host; of two matrices the Wasm wants either as it is multiplied, without a flag.
 */
export function prefersTurned({ variant }: Tfjs, { operands, attributes }: SizedCall, operand: number): boolean {
  if (isShaded(variant)) return false;
  const isVector = operands[1 - operand]?.shape.length === 1;
  if (!isVector && variant !== 'wasm') return false;
  const summed = attributes.contract?.[operand as 0 | 1][0];
  return summed !== (isVector || operand === 1 ? 0 : 1);
}

/** Blocks that a depth is cut into: as many, or somewhat more, than there must be, so that they are all of one length. */
function blocksOf(depth: number): number {
  const least = Math.ceil(depth / block);
  for (let count = least; count < 4 * least; count++) if (depth % count === 0) return count;
  return least;
}

/** `turns`: which operands are stored the other way round. */
type Multiply = (a: Tensor, b: Tensor, turns: readonly [boolean, boolean]) => Tensor;

/** The library's product; in its Wasm it keeps what it has made of a right operand under the operand's elements alone, and takes that for another shape too. */
function multiplyOf({ tf, variant }: Tfjs): Multiply {
  const multiply: Multiply = (a, b, [transposeA, transposeB]) => tf.engine().runKernel('BatchMatMul', { a, b }, { transposeA, transposeB });
  if (variant !== 'wasm') return multiply;
  const shapes = new WeakMap<object, string>();
  return (a, b, turns) => {
    const shape = b.shape.join();
    const known = shapes.get(b.dataId) ?? shape;
    shapes.set(b.dataId, known);
    return multiply(a, known === shape ? b : tf.tensor(b.dataSync(), b.shape, 'float32'), turns);
  };
}

/** A product whose sums are taken in blocks, which are a batch. */
function multipliedInBlocks(tfjs: Tfjs, size: Size, turns: readonly [boolean, boolean], matMul: Multiply, sum: OwnKernels['sum']): Run {
  const { tf } = tfjs;
  const { batches, rows, columns, depth } = size;
  const count = blocksOf(depth);
  const length = Math.floor(depth / count);
  const main = count * length;
  const total = sum({ outer: batches, length: count, inner: rows * columns });
  const part = (x: Tensor, isDepthFirst: boolean, from: number, many: number): Tensor =>
    many === depth ? x : isDepthFirst ? tf.slice(x, [0, from, 0], [-1, many, -1]) : tf.slice(x, [0, 0, from], [-1, -1, many]);
  const inBlocks = (x: Tensor, isDepthFirst: boolean, across: number): Tensor => {
    const whole = part(x, isDepthFirst, 0, main);
    if (isDepthFirst) return reshaped(tfjs, whole, [batches * count, length, across]);
    const cut = reshaped(tfjs, whole, [batches, across, count, length]);
    return reshaped(tfjs, across === 1 ? cut : tf.transpose(cut, [0, 2, 1, 3]), [batches * count, across, length]);
  };
  const [isFirstOnLeft, isFirstOnRight] = [turns[0], !turns[1]];
  return (left, right) => {
    const products = matMul(inBlocks(left, isFirstOnLeft, rows), inBlocks(right, isFirstOnRight, columns), turns);
    const added = reshaped(tfjs, total(reshaped(tfjs, products, [batches, count, rows * columns])), [batches, rows, columns]);
    if (main === depth) return added;
    const rest = matMul(part(left, isFirstOnLeft, main, depth - main), part(right, isFirstOnRight, main, depth - main), turns);
    return tf.add(added, rest);
  };
}

export function productKernels(tfjs: Tfjs, { sum, pointwise }: OwnKernels): KernelsOf<'dot_general'> {
  const { variant } = tfjs;
  const matMul = multiplyOf(tfjs);

  const multiplied = (size: Size, turns: readonly [boolean, boolean]): Run => {
    const { batches, rows, columns, depth } = size;
    const outer = {
      operands: [
        [batches, rows, 1],
        [batches, 1, columns],
      ],
      result: [batches, rows, columns],
    };
    if (depth === 1) return pointwise.mul(outer);
    return depth <= longest[variant] ? (a, b) => matMul(a, b, turns) : multipliedInBlocks(tfjs, size, turns, matMul, sum);
  };

  const dot: Kernel<Tensor> = (call) => {
    const [a = [], b = []] = shapesOf(call);
    const [[contractA, contractB], [batchA, batchB]] = [call.attributes.contract ?? [[], []], call.attributes.batch ?? [[], []]];
    const [batches, depth] = [product(a, batchA), product(a, contractA)];
    const [rows, columns] = [elementsOf(a) / (batches * depth), elementsOf(b) / (product(b, batchB) * product(b, contractB))];
    const { left, right, isSwapped } = wayOf(call, { batches, rows, columns, depth }, variant);
    const size = isSwapped ? { batches, depth, rows: columns, columns: rows } : { batches, depth, rows, columns };
    const matrices = (shape: readonly number[], { axes }: Stored, view: readonly number[]): Run => {
      const turned = transposed(tfjs, shape, axes);
      return (tensor) => reshaped(tfjs, turned(tensor), view);
    };
    // Of depth 1 an operand is stored both ways at once, and read as it is multiplied.
    const turns = [left.isTurned && depth > 1, right.isTurned && depth > 1] as const;
    const leftOf = matrices(isSwapped ? b : a, left, turns[0] ? [batches, depth, size.rows] : [batches, size.rows, depth]);
    const rightOf = matrices(isSwapped ? a : b, right, turns[1] ? [batches, size.columns, depth] : [batches, depth, size.columns]);
    const run = multiplied(size, turns);
    return (x, y) => reshaped(tfjs, run(leftOf(isSwapped ? y : x), rightOf(isSwapped ? x : y)), call.result.shape);
  };
  return { dot_general: dot };
}
