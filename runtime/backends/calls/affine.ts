/** Positions in row-major elements as `offset + Σ coordinate · stride`, and what views make of them (decision 033). Arithmetic alone. */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { SizedCall } from './device.ts';

export interface Affine {
  readonly offset: number;
  readonly strides: readonly number[];
}

export const elementsIn = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** More elements than a kernel can tell apart: sizes that a device cannot compute at. */
export class UntoldPositions extends InternalError {
  readonly count: number;
  constructor(count: number) {
    super('calls', `${count} elements are more than the ${mostPositions} whose positions a float32 can tell apart`);
    this.count = count;
  }
}

/** Where positions are reckoned in float32. */
export const mostPositions = 2 ** 24;

/** Whether a float32 can tell so many apart. */
export const areTold = (count: number): boolean => count <= mostPositions;

export function assertTold(count: number): void {
  if (!areTold(count)) throw new UntoldPositions(count);
}

/** Strides of a row-major tensor; 0 along axes of size 1, which are the same everywhere. */
export function rowMajor(sizes: readonly number[]): readonly number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of [...sizes].reverse()) {
    strides.unshift(size === 1 ? 0 : stride);
    stride *= size;
  }
  return strides;
}

/** Axes with what steps along them, as few as can be: those of size 1 are left out, neighbours that are walked by one stride are one. */
export interface Axis {
  readonly size: number;
  /** One for each of what is read along it. */
  readonly strides: readonly number[];
}

export function collapsed(axes: readonly Axis[]): readonly Axis[] {
  const kept: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const outer = kept.at(-1);
    if (outer !== undefined && outer.strides.every((stride, i) => stride === (axis.strides[i] ?? 0) * axis.size))
      kept[kept.length - 1] = { size: outer.size * axis.size, strides: axis.strides };
    else kept.push(axis);
  }
  return kept;
}

const at = (numbers: readonly number[], i: number): number => numbers[i] ?? 0;

/** Where an element of a view's result lies, by where those of its operand do; undefined where that is no affine map. */
export const views = {
  broadcast_in_dim: ({ offset, strides }, { result, attributes: { axes = [] } }) => ({
    offset,
    strides: result.shape.map((_, axis) => at(strides, axes.indexOf(axis))),
  }),
  transpose: ({ offset, strides }, { attributes: { axes = [] } }) => ({ offset, strides: axes.map((axis) => at(strides, axis)) }),
  slice: ({ offset, strides }, { attributes: { axis = 0, start = 0 } }) => ({ offset: offset + start * at(strides, axis), strides }),
  reverse: ({ offset, strides }, { operands, attributes: { axes = [] } }) => {
    const last = axes.map((axis) => (at(operands[0]?.shape ?? [], axis) - 1) * at(strides, axis));
    return {
      offset: last.reduce((a, b) => a + b, offset),
      strides: strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
    };
  },
  reshape: ({ offset, strides }, { operands, result }) => {
    const reshaped = reshapedStrides(operands[0]?.shape ?? [], strides, result.shape);
    return reshaped === undefined ? undefined : { offset, strides: reshaped };
  },
} as const satisfies Readonly<Record<string, (of: Affine, call: SizedCall) => Affine | undefined>>;

export type ViewOp = keyof typeof views;

/** Each of the result's axes is walked within one run of the operand's that a single stride walks. */
function reshapedStrides(from: readonly number[], strides: readonly number[], to: readonly number[]): readonly number[] | undefined {
  const runs = [...collapsed(from.map((size, i) => ({ size, strides: [at(strides, i)] })))];
  const result = to.map(() => 0);
  if (elementsIn(to) === 0) return result;
  let left = 1;
  let stride = 0;
  for (let axis = to.length - 1; axis >= 0; axis--) {
    const size = at(to, axis);
    if (size === 1) continue;
    if (left === 1) {
      const run = runs.pop();
      if (run === undefined) return undefined;
      left = run.size;
      stride = at(run.strides, 0);
    }
    if (left % size !== 0) return undefined;
    result[axis] = stride;
    stride *= size;
    left /= size;
  }
  return result;
}
