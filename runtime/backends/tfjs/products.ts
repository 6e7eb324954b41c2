/**
 * Products over pairs of axes on a GPU: small ones are programs as others are, large ones the library's, of matrices [batches, rows, depth] ·
 * [batches, depth, columns]. Either operand may be stored the other way round, which the library's kernel is told by a flag; what neither storage
 * fits is transposed first.
 */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { CalledOp } from '../../../plan/calls.ts';
import type { Kernel, SizedCall, SizedType } from '../calls/device.ts';
import { isSame, programOf } from '../calls/terms.ts';
import { reshaped, shapesOf, tensorOf, type Run, type Tfjs } from './library.ts';
import { sizeOf, wayOf, type Size, type Stored } from './matrices.ts';
import type { Programs } from './shaders/programs.ts';

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
function multipliedInBlocks(tfjs: Tfjs, size: Size, turns: readonly [boolean, boolean], matMul: Multiply, run: Programs['run']): Run {
  const { tf } = tfjs;
  const { batches, rows, columns, depth } = size;
  const count = blocksOf(depth);
  const length = Math.floor(depth / count);
  const main = count * length;
  const [parts, whole] = [real([batches, count, rows * columns]), real([batches, rows * columns])];
  const total = run(programOf('reduce_sum', { operands: [parts], result: whole, attributes: { axes: [1] } }));
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
    const added = reshaped(tfjs, total(products), [batches, rows, columns]);
    if (main === depth) return added;
    const rest = matMul(part(left, isFirstOnLeft, main, depth - main), part(right, isFirstOnRight, main, depth - main), turns);
    return tf.add(added, rest);
  };
}

/** From so many terms on the library's tiles are quicker than a sum for each element, with what it takes to pack and unpack textures for them. */
const worthTiles = { webgl: 2 ** 18, webgpu: 2 ** 22 } as const;

/** A product of matrices that is the library's. */
export function isLarge({ variant }: Tfjs, op: CalledOp, call: SizedCall): boolean {
  if (op !== 'dot_general' || (variant !== 'webgl' && variant !== 'webgpu')) return false;
  const { batches, rows, columns, depth } = sizeOf(call);
  return Math.min(rows, columns, depth) > 1 && batches * rows * columns * depth >= worthTiles[variant];
}

export function productKernel(tfjs: Tfjs, { run }: Programs): Kernel<Tensor> {
  const matMul = multiplyOf(tfjs);

  const multiplied = (size: Size, turns: readonly [boolean, boolean]): Run =>
    size.depth <= longest ? (a, b) => matMul(a, b, turns) : multipliedInBlocks(tfjs, size, turns, matMul, run);

  return (call) => {
    if (!isLarge(tfjs, 'dot_general', call)) return run(programOf('dot_general', call));
    const [a = [], b = []] = shapesOf(call);
    const { size, left, right } = wayOf(call, 0);
    const { batches, depth } = size;
    const matrices = (shape: readonly number[], { axes }: Stored, view: readonly number[]): Run => {
      const turned = real(axes.map((axis) => shape[axis] ?? 1));
      const turn = programOf('transpose', { operands: [real(shape)], result: turned, attributes: { axes } });
      const turnedOf: Run = isSame(turn) ? (tensor) => tensor : run(turn);
      return (tensor) => reshaped(tfjs, turnedOf(tensor), view);
    };
    const turns = [left.isTurned, right.isTurned] as const;
    const leftOf = matrices(a, left, turns[0] ? [batches, depth, size.rows] : [batches, size.rows, depth]);
    const rightOf = matrices(b, right, turns[1] ? [batches, size.columns, depth] : [batches, depth, size.columns]);
    const product = multiplied(size, turns);
    const { shape } = call.result;
    return (x, y) => unpacked(tfjs, product(leftOf(x), rightOf(y)), shape);
  };
}

const real = (shape: readonly number[]): SizedType => ({ dtype: 'real', shape });

/** On WebGL what comes packed would be unpacked by each of its readers. */
function unpacked(tfjs: Tfjs, tensor: Tensor, shape: readonly number[]): Tensor {
  if (tfjs.variant === 'webgpu') return reshaped(tfjs, tensor, shape);
  const backend = tfjs.tf.backend() as unknown as { readonly unpackTensor: (packed: TensorInfo) => TensorInfo };
  const { dataId, dtype } = tensor;
  const { dataId: own } = backend.unpackTensor({ dataId, dtype, shape: tensor.shape });
  return tensorOf(tfjs, { dataId: own, dtype, shape: [...shape] });
}
