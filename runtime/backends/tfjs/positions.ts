/** Ops that pick and place by position, and sums and maxima: their axes as one, [outer, length, inner]. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernel, SizedCall } from '../calls/device.ts';
import { transposed, viewed } from './form.ts';
import { around, elementsOf, type Around, type Run, type Tfjs } from './library.ts';
import type { KernelsOf, OwnKernels } from './own.ts';

type PositionOp = 'gather' | 'scatter_add' | 'argmax' | 'cumsum' | 'reduce_sum' | 'reduce_max';

const whole = ({ outer, length, inner }: Around): readonly number[] => [outer, length, inner];

const shapeAt = ({ operands }: SizedCall, i: number): readonly number[] => operands[i]?.shape ?? [];

/** Brings the axes beside each other, behind the others where they are not. */
function gathered(tfjs: Tfjs, shape: readonly number[], axes: readonly number[]): { readonly size: Around; readonly turn: Run } {
  const long = axes.filter((axis) => shape[axis] !== 1).toSorted((a, b) => a - b);
  const [first = 0] = long;
  const last = long.at(-1) ?? -1;
  const between = shape.slice(first, last + 1);
  if (elementsOf(between) === elementsOf(long.map((axis) => shape[axis] ?? 1)))
    return { size: around(shape, first, last + 1 - first), turn: (tensor) => tensor };
  const kept = shape.map((_, i) => i).filter((i) => !long.includes(i));
  const order = [...kept, ...long];
  const size = around(
    order.map((axis) => shape[axis] ?? 1),
    kept.length,
    long.length,
  );
  return { size, turn: transposed(tfjs, shape, order) };
}

export function positionKernels(tfjs: Tfjs, own: OwnKernels): KernelsOf<PositionOp> {
  const reduced =
    (reduce: (size: Around) => Run): Kernel<Tensor> =>
    (call) => {
      const { size, turn } = gathered(tfjs, shapeAt(call, 0), call.attributes.axes ?? []);
      const run = viewed(tfjs, reduce(size), [whole(size)], call.result.shape);
      return (tensor) => run(turn(tensor));
    };

  return {
    reduce_sum: reduced(own.sum),
    reduce_max: reduced(own.max),
    argmax: (call) => {
      const size = around(shapeAt(call, 0), call.attributes.axis ?? 0);
      return viewed(tfjs, own.argmax(size), [whole(size)], call.result.shape);
    },
    cumsum: (call) => {
      const { axis = 0, reversed = false } = call.attributes;
      const size = around(shapeAt(call, 0), axis);
      return viewed(tfjs, own.cumsum(size, reversed), [whole(size)], call.result.shape);
    },
    gather: (call) => {
      const size = around(shapeAt(call, 0), call.attributes.axis ?? 0);
      const count = elementsOf(shapeAt(call, 1));
      return viewed(tfjs, own.gather(size, count), [whole(size), [count]], call.result.shape);
    },
    scatter_add: (call) => {
      const size = around(call.result.shape, call.attributes.axis ?? 0);
      const count = elementsOf(shapeAt(call, 1));
      return viewed(tfjs, own.scatterAdd(size, count), [[size.outer, count, size.inner], [count]], call.result.shape);
    },
  };
}
