/** Ops that only move elements, of any rank: each copies boxes of elements, from one place to another. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Device, Kernel } from '../../calls/device.ts';
import { elementsOf, reshaped, type KernelsOf, type Run, type Tfjs } from '../library.ts';
import type { FormOp } from './own.ts';
import type { Memory } from './memory.ts';

/** Where the elements of a box are: its first one, and how far it is to the next along each axis. */
interface Places {
  readonly start: number;
  readonly strides: readonly number[];
}

type Copy = (from: Float32Array, to: Float32Array) => void;

export function stridesOf(shape: readonly number[]): readonly number[] {
  let stride = elementsOf(shape);
  return shape.map((length) => (stride /= length));
}

const all = (shape: readonly number[]): Places => ({ start: 0, strides: stridesOf(shape) });

/** A loop for each axis; neighbours that are one run on both sides are one axis. */
function copyOf(shape: readonly number[], from: Places, to: Places): Copy {
  const axes: Axis[] = [];
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue;
    const [own, there] = [from.strides[axis] ?? 0, to.strides[axis] ?? 0];
    const last = axes.at(-1);
    if (last?.from === own * length && last.to === there * length)
      Object.assign(last, { length: last.length * length, from: own, to: there });
    else axes.push({ length, from: own, to: there });
  }
  const none = { length: 1, from: 0, to: 0 };
  const inner = axes.pop() ?? none;
  const middle = axes.pop() ?? none;
  const isRun = inner.from === 1 && inner.to === 1 && inner.length > shortest;
  const within = (source: Float32Array, target: Float32Array, axis: number, f: number, t: number): void => {
    const outer = axes[axis];
    if (outer === undefined) (isRun ? copyRuns : copyElements)(source, target, f, t, middle, inner);
    else for (let i = 0; i < outer.length; i++) within(source, target, axis + 1, f + i * outer.from, t + i * outer.to);
  };
  return (source, target) => within(source, target, 0, from.start, to.start);
}

interface Axis {
  length: number;
  from: number;
  to: number;
}

/** Of elements beside each other, from which on they are copied as one. */
const shortest = 16;

function copyRuns(source: Float32Array, target: Float32Array, f: number, t: number, middle: Axis, { length }: Axis): void {
  for (let i = 0; i < middle.length; i++, f += middle.from, t += middle.to) target.set(source.subarray(f, f + length), t);
}

function copyElements(source: Float32Array, target: Float32Array, f: number, t: number, middle: Axis, inner: Axis): void {
  const { length, from, to } = inner;
  const { length: count, from: skip, to: leap } = middle;
  for (let i = 0; i < count; i++, f += skip, t += leap)
    for (let k = 0, at = f, place = t; k < length; k++, at += from, place += to) target[place] = source[at] as number;
}

/** Result axis i is operand axis `axes[i]`; undefined: that moves nothing. */
export function turnOf(memory: Memory, shape: readonly number[], axes: readonly number[]): Run | undefined {
  const moving = axes.filter((axis) => shape[axis] !== 1);
  if (moving.every((axis, i) => i === 0 || axis > (moving[i - 1] ?? 0))) return undefined;
  const strides = stridesOf(shape);
  const result = axes.map((axis) => shape[axis] ?? 1);
  const copy = copyOf(result, { start: 0, strides: axes.map((axis) => strides[axis] ?? 0) }, all(result));
  return (tensor) => memory.made(result, [tensor], (out, [x]) => copy(x, out));
}

export function moveKernels(tfjs: Tfjs, memory: Memory): KernelsOf<FormOp> {
  const copied =
    (result: readonly number[], copy: Copy): Run =>
    (tensor) =>
      memory.made(result, [tensor], (out, [x]) => copy(x, out));
  const shared =
    (shape: readonly number[]): Run =>
    (tensor) => {
      const view = reshaped(tfjs, tensor, shape);
      return view === tensor ? tensor.clone() : view;
    };

  const broadcast: Kernel<Tensor> = ({ operands: [operand], result: { shape }, attributes: { axes = [] } }) => {
    const from = operand?.shape ?? [];
    const strides = stridesOf(from);
    const own = shape.map((_, axis) => {
      const place = axes.indexOf(axis);
      return place < 0 || from[place] === 1 ? 0 : (strides[place] ?? 0);
    });
    const isInOrder = axes.every((axis, i) => from[i] === 1 || i === 0 || axis > (axes[i - 1] ?? 0));
    if (isInOrder && elementsOf(from) === elementsOf(shape)) return shared(shape);
    return copied(shape, copyOf(shape, { start: 0, strides: own }, all(shape)));
  };

  return {
    broadcast_in_dim: broadcast,
    reshape: ({ result }) => shared(result.shape),
    transpose: ({ operands: [operand], result, attributes: { axes = [] } }) =>
      turnOf(memory, operand?.shape ?? [], axes) ?? shared(result.shape),
    slice: ({ operands: [operand], result: { shape }, attributes: { axis = 0, start = 0 } }) => {
      const strides = stridesOf(operand?.shape ?? []);
      return copied(shape, copyOf(shape, { start: start * (strides[axis] ?? 0), strides }, all(shape)));
    },
    pad: ({ operands: [operand], result: { shape }, attributes: { axis = 0, start = 0 } }) => {
      const from = operand?.shape ?? [];
      const strides = stridesOf(shape);
      const copy = copyOf(from, all(from), { start: start * (strides[axis] ?? 0), strides });
      return (tensor) =>
        memory.made(shape, [tensor], (out, [x]) => {
          out.fill(0);
          copy(x, out);
        });
    },
    concat: ({ operands, result: { shape }, attributes: { axis = 0 } }) => {
      const strides = stridesOf(shape);
      let start = 0;
      const copies = operands.map((operand) => {
        const to = { start: start * (strides[axis] ?? 0), strides };
        start += operand.shape[axis] ?? 0;
        return elementsOf(operand.shape) === 0 ? undefined : copyOf(operand.shape, all(operand.shape), to);
      });
      return (...tensors) =>
        memory.made(shape, tensors, (out, parts) => copies.forEach((copy, i) => copy?.(parts[i] as Float32Array, out)));
    },
    reverse: ({ operands: [operand], result: { shape }, attributes: { axes = [] } }) => {
      if (axes.length === 0) return shared(shape);
      const strides = stridesOf(operand?.shape ?? []);
      const start = axes.reduce((sum, axis) => sum + ((shape[axis] ?? 1) - 1) * (strides[axis] ?? 0), 0);
      const own = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
      return copied(shape, copyOf(shape, { start, strides: own }, all(shape)));
    },
  };
}

/** How tensors are handled where the host has their elements. */
export function hostTensors({
  made,
  elements,
  free,
  settle,
}: Memory): Pick<Device<Tensor>, 'upload' | 'download' | 'peek' | 'row' | 'stack' | 'free' | 'settle'> {
  return {
    free,
    settle,
    upload: (values, { shape }) => made(shape, [], (out) => out.set(values)),
    download: (tensor) => Promise.resolve(new Float64Array(elements(tensor))),
    peek: (tensor) => elements(tensor)[0] ?? Number.NaN,
    row: (tensor, { shape: [, ...rest] }, t) => {
      const size = elementsOf(rest);
      return made(rest, [tensor], (out, [x]) => out.set(x.subarray(t * size, (t + 1) * size)));
    },
    stack: (rows, { shape }) => {
      const size = elementsOf(shape);
      return made([rows.length, ...shape], rows, (out, parts) => parts.forEach((part, i) => out.set(part, i * size)));
    },
  };
}
