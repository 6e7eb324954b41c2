/** Ops that only move elements, on a GPU. Each is seen with few axes, so that any rank will do. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernel } from '../calls/device.ts';
import { around, elementsOf, reshaped, shapesOf, type Run, type Tfjs } from './library.ts';
import type { FormOp, KernelsOf, ShaderKernels, Spread } from './own.ts';

/** Axes that the library's own kernels take on every backend. */
export const mostAxes = 4;

/** Runs on operands of other shapes, of as many elements. */
export const viewed =
  (tfjs: Tfjs, run: Run, operands: readonly (readonly number[])[], result: readonly number[]): Run =>
  (...tensors) =>
    reshaped(tfjs, run(...tensors.map((tensor, i) => reshaped(tfjs, tensor, operands[i] ?? tensor.shape))), result);

/** One axis for each run of axes that all operands have, or repeat, together. */
function merged({ operands, result }: Spread): Spread {
  const patterns = result.map((_, axis) => operands.map((shape) => (shape[axis] ?? 1) === 1).join());
  const starts = result.flatMap((length, axis) => (length === 1 ? [] : [axis]));
  const firsts = starts.filter((axis, i) => i === 0 || patterns[axis] !== patterns[starts[i - 1] ?? 0]);
  const together = (shape: readonly number[]): readonly number[] =>
    firsts.map((axis, i) => elementsOf(shape.slice(axis, firsts[i + 1] ?? shape.length)));
  return { operands: operands.map(together), result: together(result) };
}

/** Kernels of few axes, for any number of them: where too many are left, operands are first repeated, an axis at a time. */
export function anyRank(tfjs: Tfjs, kernel: (spread: Spread) => Run, repeated: ShaderKernels['repeated']): (spread: Spread) => Run {
  return (spread) => {
    if (spread.result.length <= mostAxes) return kernel(spread);
    const { operands, result } = merged(spread);
    if (result.length <= mostAxes) return viewed(tfjs, kernel({ operands, result }), operands, spread.result);
    const flat = [elementsOf(result)];
    const run = kernel({ operands: operands.map(() => flat), result: flat });
    const whole = operands.map((shape) => repeatedByAxes(tfjs, shape, result, repeated));
    return (...tensors) =>
      reshaped(tfjs, run(...tensors.map((tensor, i) => reshaped(tfjs, whole[i]?.(tensor) ?? tensor, flat))), spread.result);
  };
}

function repeatedByAxes(tfjs: Tfjs, from: readonly number[], to: readonly number[], repeated: ShaderKernels['repeated']): Run {
  let shape = from;
  const steps: Run[] = [];
  for (const [axis, length] of to.entries()) {
    if (shape[axis] === length) continue;
    const { outer, inner } = around(shape, axis);
    const [before, after] = [
      [outer, 1, inner],
      [outer, length, inner],
    ];
    steps.push(viewed(tfjs, repeated({ operands: [before], result: after }), [before], after));
    shape = shape.map((own, i) => (i === axis ? length : own));
  }
  return (tensor) => steps.reduce((x, step) => step(x), tensor);
}

/** Result axis i is operand axis `axes[i]`. */
export function transposed(tfjs: Tfjs, shape: readonly number[], axes: readonly number[]): Run {
  const result = axes.map((axis) => shape[axis] ?? 1);
  // Axes of one move nothing; neighbours that stay neighbours move as one.
  const moving = axes.filter((axis) => shape[axis] !== 1);
  const runs = moving.reduce<number[][]>((all, axis) => {
    const last = all.at(-1);
    if (last !== undefined && isNext(last.at(-1) ?? axis, axis, shape)) last.push(axis);
    else all.push([axis]);
    return all;
  }, []);
  const order = runs.map((run) => run[0] ?? 0).toSorted((a, b) => a - b);
  const lengths = order.map((first) => elementsOf((runs.find(([axis]) => axis === first) ?? []).map((axis) => shape[axis] ?? 1)));
  const places = runs.map(([first]) => order.indexOf(first ?? 0));
  if (places.every((place, i) => place === i)) return (tensor) => reshaped(tfjs, tensor, result);
  if (places.length <= mostAxes) return viewed(tfjs, (tensor) => tfjs.tf.transpose(tensor, [...places]), [lengths], result);
  return viewed(tfjs, byMoves(tfjs, lengths, places), [lengths], result);
}

const isNext = (last: number, axis: number, shape: readonly number[]): boolean =>
  axis > last && shape.slice(last + 1, axis).every((length) => length === 1);

/** An axis at a time is taken to its place behind those that are there already. */
function byMoves(tfjs: Tfjs, shape: readonly number[], axes: readonly number[]): Run {
  let order = shape.map((_, i) => i);
  const moves: Run[] = [];
  for (const [place, axis] of axes.entries()) {
    const from = order.indexOf(axis);
    if (from === place) continue;
    const sizes = order.map((i) => shape[i] ?? 1);
    const view = [
      elementsOf(sizes.slice(0, place)),
      elementsOf(sizes.slice(place, from)),
      sizes[from] ?? 1,
      elementsOf(sizes.slice(from + 1)),
    ];
    moves.push((tensor) => tfjs.tf.transpose(reshaped(tfjs, tensor, view), [0, 2, 1, 3]));
    order = [...order.slice(0, place), axis, ...order.slice(place).filter((i) => i !== axis)];
  }
  return (tensor) => moves.reduce((x, move) => move(x), tensor);
}

export function formKernels(tfjs: Tfjs, { repeated }: ShaderKernels): KernelsOf<FormOp> {
  const { tf } = tfjs;
  const stretched = anyRank(tfjs, repeated, repeated);

  const broadcast: Kernel<Tensor> = ({ operands: [operand], result, attributes: { axes = [] } }) => {
    const from = operand?.shape ?? [];
    // In the order of the result's axes, each at its place.
    const order = from.map((_, i) => i).toSorted((a, b) => (axes[a] ?? 0) - (axes[b] ?? 0));
    const placed = result.shape.map((_, axis) => from[axes.indexOf(axis)] ?? 1);
    const turned = transposed(tfjs, from, order);
    const placedOf: Run = (tensor) => reshaped(tfjs, turned(tensor), placed);
    if (elementsOf(placed) === elementsOf(result.shape)) return placedOf;
    const run = stretched({ operands: [placed], result: result.shape });
    return (tensor) => run(placedOf(tensor));
  };

  /** As [outer, length, inner] about the axis, where there are too many axes for the library. */
  const alongAxis =
    (make: (axis: number, rank: number) => Run): Kernel<Tensor> =>
    (call) => {
      const { attributes, result } = call;
      const axis = attributes.axis ?? 0;
      if (result.shape.length <= mostAxes) return make(axis, result.shape.length);
      const views = shapesOf(call).map((shape) => {
        const { outer, length, inner } = around(shape, axis);
        return [outer, length, inner];
      });
      return viewed(tfjs, make(1, 3), views, result.shape);
    };

  return {
    broadcast_in_dim: broadcast,
    reshape:
      ({ result }) =>
      (tensor) =>
        reshaped(tfjs, tensor, result.shape),
    transpose: ({ operands: [operand], attributes: { axes = [] } }) => transposed(tfjs, operand?.shape ?? [], axes),
    slice: (call) => {
      const { start = 0, length = 0 } = call.attributes;
      return alongAxis((axis, rank) => {
        const begin = Array.from({ length: rank }, (_, i) => (i === axis ? start : 0));
        const size = Array.from({ length: rank }, (_, i) => (i === axis ? length : -1));
        return (tensor) => tf.slice(tensor, begin, size);
      })(call);
    },
    pad: (call) => {
      const {
        operands: [operand],
        attributes: { start = 0, length = 0, axis: own = 0 },
      } = call;
      const after = length - start - (operand?.shape[own] ?? 0);
      return alongAxis((axis, rank) => {
        const around = Array.from({ length: rank }, (_, i): [number, number] => (i === axis ? [start, after] : [0, 0]));
        return (tensor) => tf.pad(tensor, around);
      })(call);
    },
    concat: (call) => {
      const isPart = call.operands.map(({ shape }) => elementsOf(shape) > 0);
      return alongAxis(
        (axis) =>
          (...tensors) =>
            tf.concat(
              tensors.filter((_, i) => isPart[i]),
              axis,
            ),
      )(call);
    },
    reverse: ({ operands: [operand], attributes: { axes = [] } }) => {
      const shape = operand?.shape ?? [];
      if (axes.length === 0) return (tensor) => tensor;
      if (shape.length <= mostAxes) return (tensor) => tf.reverse(tensor, [...axes]);
      const turns = axes.map((axis): Run => {
        const { outer, length, inner } = around(shape, axis);
        return viewed(tfjs, (tensor) => tf.reverse(tensor, [1]), [[outer, length, inner]], shape);
      });
      return (tensor) => turns.reduce((x, turn) => turn(x), tensor);
    },
  };
}
