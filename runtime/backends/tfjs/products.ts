/**
 * Products over pairs of axes on a GPU, as products of matrices [batches, rows, depth] · [batches, depth, columns]. Either operand may be stored the
 * other way round, which the library's kernel is told by a flag; what neither storage fits is transposed first.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernel } from '../calls/device.ts';
import { transposed } from './form.ts';
import { reshaped, shapesOf, type Run, type Tfjs } from './library.ts';
import { wayOf, type Size, type Stored } from './matrices.ts';
import type { KernelsOf, ShaderKernels } from './own.ts';

/** float32 sums of more terms than this are taken in blocks. */
const longest = 2 ** 14;
const block = 2 ** 12;

/** Blocks that a depth is cut into: as many, or somewhat more, than there must be, so that they are all of one length. */
function blocksOf(depth: number): number {
  const least = Math.ceil(depth / block);
  for (let count = least; count < 4 * least; count++) if (depth % count === 0) return count;
  return least;
}

/** `turns`: which operands are stored the other way round. */
type Multiply = (a: Tensor, b: Tensor, turns: readonly [boolean, boolean]) => Tensor;

const multiplyOf =
  ({ tf }: Tfjs): Multiply =>
  (a, b, [transposeA, transposeB]) =>
    tf.engine().runKernel('BatchMatMul', { a, b }, { transposeA, transposeB });

/** A product whose sums are taken in blocks, which are a batch. */
function multipliedInBlocks(tfjs: Tfjs, size: Size, turns: readonly [boolean, boolean], matMul: Multiply, sum: ShaderKernels['sum']): Run {
  const { tf } = tfjs;
  const { batches, rows, columns, depth } = size;
  const count = blocksOf(depth);
  const length = Math.floor(depth / count);
  const main = count * length;
  const total = sum({ outer: batches, length: count, inner: rows * columns }, [batches, rows, columns]);
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
    const added = total(products);
    if (main === depth) return added;
    const rest = matMul(part(left, isFirstOnLeft, main, depth - main), part(right, isFirstOnRight, main, depth - main), turns);
    return tf.add(added, rest);
  };
}

export function productKernels(tfjs: Tfjs, { sum, pointwise }: ShaderKernels): KernelsOf<'dot_general'> {
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
    return depth <= longest ? (a, b) => matMul(a, b, turns) : multipliedInBlocks(tfjs, size, turns, matMul, sum);
  };

  const dot: Kernel<Tensor> = (call) => {
    const [a = [], b = []] = shapesOf(call);
    const { size, left, right, isSwapped } = wayOf(call, { flagCost: 0, rowsFirst: true });
    const { batches, depth } = size;
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
