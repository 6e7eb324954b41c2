/**
 * The kernels on `cpu` and `wasm`: loops of our own, and the library's where it computes as it is meant and has enough to compute to be the quicker
 * one, which its plain JavaScript never is.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { PointwiseOp } from '../../../../plan/op-names.ts';
import type { Kernel, SizedCall } from '../../calls/device.ts';
import { elementsOf, mapValues, shapesOf, type KernelsOf, type Tfjs } from '../library.ts';
import { sizeOf, wayOf, type Size } from '../matrices.ts';
import type { FormOp, PositionOp, Spread } from './own.ts';
import { positionKernels, turnedBy } from './positions.ts';
import { ownLoop, sharedLoop } from './arithmetic.ts';
import { functions } from './functions.ts';
import { loops } from './loops.ts';
import type { Memory } from './memory.ts';
import { moveKernels, turnOf } from './moves.ts';
import { multiplyOf } from './products.ts';

/**
 * What the library's Wasm computes as it is meant, by its names for kernels, and from how many elements on it is worth the call. The others go wrong
 * (`test/backends/tfjs-traps.test.ts`), or make `bool`.
 */
const natives: Readonly<Partial<Record<PointwiseOp, { readonly kernel: string; readonly from: number }>>> = {
  neg: { kernel: 'Neg', from: 2048 },
  abs: { kernel: 'Abs', from: 2048 },
  floor: { kernel: 'Floor', from: 2048 },
  sqrt: { kernel: 'Sqrt', from: 2048 },
  exp: { kernel: 'Exp', from: 128 },
  log: { kernel: 'Log', from: 128 },
  expm1: { kernel: 'Expm1', from: 128 },
  tanh: { kernel: 'Tanh', from: 128 },
  sigmoid: { kernel: 'Sigmoid', from: 128 },
  softplus: { kernel: 'Softplus', from: 128 },
  add: { kernel: 'Add', from: 2048 },
  sub: { kernel: 'Sub', from: 2048 },
  mul: { kernel: 'Multiply', from: 2048 },
  div: { kernel: 'RealDiv', from: 2048 },
};

/** Terms of a product from which on its vectors are worth the call, and the longest of its sums: they are of float32. */
const productFrom = 2 ** 13;
const longest = 2 ** 15;

function pointwiseKernels({ variant }: Tfjs, { made, called }: Memory): KernelsOf<PointwiseOp> {
  return mapValues(functions, (f, op) => (call: SizedCall) => {
    const spread: Spread = { operands: shapesOf(call), result: call.result.shape };
    const { result } = spread;
    const native = natives[op];
    if (variant === 'wasm' && native !== undefined && elementsOf(result) >= native.from && result.length <= mostAxes) {
      const run = called(native.kernel);
      return (...[x, y]) => run(y === undefined ? { x: x as Tensor } : { a: x as Tensor, b: y }, {}, result);
    }
    const fill = ownLoop(op, spread) ?? sharedLoop(f, spread);
    return (...operands) => made(result, operands, fill);
  });
}

/** Axes that the library's pointwise kernels take. */
const mostAxes = 4;

function productKernel(tfjs: Tfjs, memory: Memory): Kernel<Tensor> {
  const native = tfjs.variant === 'wasm' ? nativeProduct(memory) : undefined;
  return (call) => {
    const [a = [], b = []] = shapesOf(call);
    const { batches, rows, columns, depth } = sizeOf(call);
    const isLarge = batches === 1 && rows * columns * depth >= productFrom && depth <= longest;
    const library = isLarge ? native : undefined;
    // Its vectors take matrices that are stored plainly alone: a transposition is less than what a flag costs there.
    const { size, left, right, isSwapped } = wayOf(call, library === undefined ? 0 : 3);
    // Of depth 1 an operand is stored both ways at once.
    const turns = [left.isTurned && depth > 1, right.isTurned && depth > 1] as const;
    const [turnLeft, turnRight] = [turnOf(memory, isSwapped ? b : a, left.axes), turnOf(memory, isSwapped ? a : b, right.axes)];
    const { shape } = call.result;
    const multiply = library?.(size, turns, shape) ?? looped(memory, size, turns, shape);
    const onRight = (p: Tensor, q: Tensor): Tensor =>
      turnRight === undefined ? multiply(p, q) : turnedBy(turnRight, (turned) => multiply(p, turned), q);
    const onBoth = (p: Tensor, q: Tensor): Tensor =>
      turnLeft === undefined ? onRight(p, q) : turnedBy(turnLeft, (turned) => onRight(turned, q), p);
    return (...[x, y]) => (isSwapped ? onBoth(y as Tensor, x as Tensor) : onBoth(x as Tensor, y as Tensor));
  };
}

type Multiplied = (a: Tensor, b: Tensor) => Tensor;

function looped({ made }: Memory, size: Size, turns: readonly [boolean, boolean], shape: readonly number[]): Multiplied {
  const multiply = multiplyOf(size, turns);
  return (a, b) => made(shape, [a, b], (out, [x, y]) => multiply(out, x, y));
}

/** The library keeps what it has made of a right operand under the operand's elements alone, and takes that for another shape too: those it is given anew. */
function nativeProduct(memory: Memory) {
  const shapes = new WeakMap<object, string>();
  const call = memory.called('BatchMatMul');
  return ({ rows, columns, depth }: Size, [transposeA, transposeB]: readonly [boolean, boolean], result: readonly number[]): Multiplied => {
    const [shapeA, shapeB] = [transposeA ? [1, depth, rows] : [1, rows, depth], transposeB ? [1, columns, depth] : [1, depth, columns]];
    const key = shapeB.join();
    const multiply: Multiplied = (a, b) =>
      call(
        { a: { dataId: a.dataId, shape: shapeA, dtype: 'float32' }, b: { dataId: b.dataId, shape: shapeB, dtype: 'float32' } },
        { transposeA, transposeB },
        result,
      );
    return (a, b) => {
      const known = shapes.get(b.dataId) ?? key;
      shapes.set(b.dataId, known);
      if (known === key) return multiply(a, b);
      const copy = memory.made(shapeB, [b], (out, [x]) => out.set(x));
      const product = multiply(a, copy);
      copy.dispose();
      return product;
    };
  };
}

export function hostKernels(tfjs: Tfjs, memory: Memory): KernelsOf<FormOp | PositionOp | PointwiseOp | 'dot_general'> {
  const positions = positionKernels({ ...loops(memory), turned: (shape, axes) => turnOf(memory, shape, axes) });
  return {
    ...moveKernels(tfjs, memory),
    ...positions,
    ...pointwiseKernels(tfjs, memory),
    dot_general: productKernel(tfjs, memory),
  };
}

/**
 * Whether a matrix that lasts had better be stored the other way round: the library's Wasm wants either as it is multiplied, without a flag, and is
 * quickest with a vector on the left.
 */
export function prefersTurned({ variant }: Tfjs, { operands, attributes }: SizedCall, operand: number): boolean {
  if (variant !== 'wasm') return false;
  const isVector = operands[1 - operand]?.shape.length === 1;
  const summed = attributes.contract?.[operand as 0 | 1][0];
  return summed !== (isVector || operand === 1 ? 0 : 1);
}
