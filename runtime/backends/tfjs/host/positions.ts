/** Ops that pick and place by position, and sums and maxima: their axes as one, [outer, length, inner]. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernel, SizedCall } from '../../calls/device.ts';
import { around, elementsOf, type Around, type KernelsOf, type Run } from '../library.ts';
import type { OwnKernels, PositionOp } from './own.ts';

const shapeAt = ({ operands }: SizedCall, i: number): readonly number[] => operands[i]?.shape ?? [];

export function positionKernels(own: OwnKernels): KernelsOf<PositionOp> {
  const reduced =
    (reduce: OwnKernels['sum']): Kernel<Tensor> =>
    (call) => {
      const { size, turn } = gathered(own, shapeAt(call, 0), call.attributes.axes ?? []);
      const run = reduce(size, call.result.shape);
      return turn === undefined ? run : (tensor) => turnedBy(turn, run, tensor);
    };

  return {
    reduce_sum: reduced(own.sum),
    reduce_max: reduced(own.max),
    argmax: (call) => own.argmax(around(shapeAt(call, 0), call.attributes.axis ?? 0), call.result.shape),
    cumsum: (call) => {
      const { axis = 0, reversed = false } = call.attributes;
      return own.cumsum(around(shapeAt(call, 0), axis), reversed, call.result.shape);
    },
    gather: (call) => own.gather(around(shapeAt(call, 0), call.attributes.axis ?? 0), elementsOf(shapeAt(call, 1)), call.result.shape),
    scatter_add: (call) => {
      const size = around(call.result.shape, call.attributes.axis ?? 0);
      return own.scatterAdd(size, elementsOf(shapeAt(call, 1)), call.result.shape);
    },
  };
}

/** Runs on what `turn` makes of an operand, and lets go of that. */
export function turnedBy(turn: Run, run: (tensor: Tensor) => Tensor, operand: Tensor): Tensor {
  const turned = turn(operand);
  const result = run(turned);
  turned.dispose();
  return result;
}

/** Brings the axes beside each other, behind the others where they are not. */
function gathered(
  own: OwnKernels,
  shape: readonly number[],
  axes: readonly number[],
): { readonly size: Around; readonly turn?: Run | undefined } {
  const long = axes.filter((axis) => shape[axis] !== 1).toSorted((a, b) => a - b);
  const [first = 0] = long;
  const last = long.at(-1) ?? -1;
  const between = shape.slice(first, last + 1);
  if (elementsOf(between) === elementsOf(long.map((axis) => shape[axis] ?? 1))) return { size: around(shape, first, last + 1 - first) };
  const kept = shape.map((_, i) => i).filter((i) => !long.includes(i));
  const order = [...kept, ...long];
  const lengths = order.map((axis) => shape[axis] ?? 1);
  return { size: around(lengths, kept.length, long.length), turn: own.turned(shape, order) };
}
