/**
 * Pointwise ops as loops over elements. What a recipe's steps are made of has a loop of its own, in which nothing is called; the others share one.
 * Operands are seen with two axes, the result's runs of elements and their elements: each is read with a step along either, which may be 0.
 */
import { elementsOf } from '../library.ts';
import type { PointwiseOp } from '../../../../plan/op-names.ts';
import type { Spread } from './own.ts';
import type { Scalar } from './functions.ts';
import type { Fill } from './memory.ts';

/** Runs of the result and elements of a run, with what each operand goes on by. */
export interface Grid {
  readonly outer: number;
  readonly inner: number;
  /** From run to run, and from element to element. */
  readonly steps: readonly (readonly [number, number])[];
}

/** Undefined: it takes more than two axes. */
export function gridOf({ operands, result }: Spread): Grid | undefined {
  const axes: { length: number; steps: number[] }[] = [];
  const strides = operands.map((shape) => {
    let stride = elementsOf(shape);
    return shape.map((length) => {
      stride /= length;
      return length === 1 ? 0 : stride;
    });
  });
  for (const [axis, length] of result.entries()) {
    if (length === 1) continue;
    const steps = strides.map((own) => own[axis] ?? 0);
    const last = axes.at(-1);
    if (last?.steps.every((step, i) => step === (steps[i] ?? 0) * length) === true)
      Object.assign(last, { length: last.length * length, steps });
    else axes.push({ length, steps });
  }
  if (axes.length > 2) return undefined;
  const inner = axes.pop() ?? { length: 1, steps: operands.map(() => 0) };
  const outer = axes.pop() ?? { length: 1, steps: operands.map(() => 0) };
  return { outer: outer.length, inner: inner.length, steps: operands.map((_, i) => [outer.steps[i] ?? 0, inner.steps[i] ?? 0]) };
}

type Steps = readonly [number, number];

/** What each run of a binary op is: where it begins in the result and in the operands. */
type Binary = (
  out: Float32Array,
  to: number,
  end: number,
  x: Float32Array,
  i: number,
  xs: number,
  y: Float32Array,
  j: number,
  ys: number,
) => void;

const binary: Readonly<Partial<Record<PointwiseOp, Binary>>> = {
  add: (out, to, end, x, i, xs, y, j, ys) => {
    for (; to < end; to++, i += xs, j += ys) out[to] = (x[i] as number) + (y[j] as number);
  },
  sub: (out, to, end, x, i, xs, y, j, ys) => {
    for (; to < end; to++, i += xs, j += ys) out[to] = (x[i] as number) - (y[j] as number);
  },
  mul: (out, to, end, x, i, xs, y, j, ys) => {
    for (; to < end; to++, i += xs, j += ys) out[to] = (x[i] as number) * (y[j] as number);
  },
  div: (out, to, end, x, i, xs, y, j, ys) => {
    for (; to < end; to++, i += xs, j += ys) out[to] = (x[i] as number) / (y[j] as number);
  },
  guarded_mul: (out, to, end, x, i, xs, y, j, ys) => {
    for (; to < end; to++, i += xs, j += ys) out[to] = x[i] === 0 ? 0 : (x[i] as number) * (y[j] as number);
  },
};

/** Undefined: the op, or what it is spread over, has no loop of its own. */
export function ownLoop(op: PointwiseOp, spread: Spread): Fill | undefined {
  const [run, grid] = [binary[op], gridOf(spread)];
  if (run === undefined || grid === undefined) return undefined;
  const { outer, inner } = grid;
  const [[xo, xs], [yo, ys]] = grid.steps as readonly [Steps, Steps];
  return (out, [x, y]) => {
    for (let o = 0; o < outer; o++) run(out, o * inner, (o + 1) * inner, x, o * xo, xs, y, o * yo, ys);
  };
}

/** Any op. */
export function sharedLoop(f: Scalar, { operands, result }: Spread): Fill {
  const size = elementsOf(result);
  if (operands.length === 1 && elementsOf(operands[0] ?? []) === size)
    return (out, [x]) => {
      for (let i = 0; i < size; i++) out[i] = f(x[i] as number, 0, 0);
    };
  const [p, q, r] = operands.map((shape) => placesIn(shape, result));
  const at = (elements: Float32Array | undefined, places: Int32Array | undefined, i: number): number =>
    elements === undefined ? 0 : (elements[places === undefined ? i : (places[i] as number)] as number);
  return (out, [x, y, z]: readonly (Float32Array | undefined)[]) => {
    for (let i = 0; i < size; i++) out[i] = f(at(x, p, i), at(y, q, i), at(z, r, i));
  };
}

/** Where each element of the result finds its own in an operand of a shape; nothing where it is the same place. */
function placesIn(shape: readonly number[], result: readonly number[]): Int32Array | undefined {
  if (elementsOf(shape) === elementsOf(result)) return undefined;
  let places = Int32Array.of(0);
  let stride = elementsOf(shape);
  for (const [axis, length] of result.entries()) {
    const own = shape[axis] ?? 1;
    stride /= own;
    const [before, step] = [places, own === 1 ? 0 : stride];
    places = new Int32Array(before.length * length);
    before.forEach((from, i) => {
      for (let k = 0; k < length; k++) places[i * length + k] = from + k * step;
    });
  }
  return places;
}
