/**
 * Row-major arrays for the reference evaluations: strided copies, sums in a fixed order. Knows shapes as numbers only.
 * Operands are never written to; results may share an operand's data where nothing moves.
 */
import type { Tensor } from '../ir/graph.ts';

export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** How far apart neighbours along each axis are, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/** A shape seen as [outer, length, inner] about one axis. */
export interface AroundAxis {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

export const aroundAxis = (shape: readonly number[], axis: number): AroundAxis => ({
  outer: elements(shape.slice(0, axis)),
  length: shape[axis] as number,
  inner: elements(shape.slice(axis + 1)),
});

const tile = 32;

/**
 * A new row-major array of `shape` whose element at index (i…) is `source[offset + Σ iₐ·strides[a]]`; strides may be 0 (stretched
 * axes) or negative (reversed ones).
 */
export function stridedCopy(source: Float64Array, shape: readonly number[], strides: readonly number[], offset = 0): Float64Array {
  const out = new Float64Array(elements(shape));
  if (out.length === 0) return out;
  const [sizes, steps] = merged(shape, strides);
  const rank = sizes.length;
  if (rank === 0) {
    out[0] = source[offset] as number;
    return out;
  }
  const length = sizes[rank - 1] as number;
  const step = steps[rank - 1] as number;
  const tiled = rank >= 2 && step !== 0 && step !== 1;
  const rows = tiled ? (sizes[rank - 2] as number) : 1;
  const rowStep = tiled ? (steps[rank - 2] as number) : 0;
  const outerRank = tiled ? rank - 2 : rank - 1;
  const index = new Array<number>(outerRank).fill(0);
  let from = offset;
  for (let to = 0; to < out.length; to += rows * length) {
    if (tiled) copyTiles(source, from, rowStep, step, out, to, rows, length);
    else copyRow(source, from, step, out, to, length);
    for (let axis = outerRank - 1; axis >= 0; axis--) {
      from += steps[axis] as number;
      const next = (index[axis] as number) + 1;
      if (next < (sizes[axis] as number)) {
        index[axis] = next;
        break;
      }
      from -= next * (steps[axis] as number);
      index[axis] = 0;
    }
  }
  return out;
}

/** Joins neighbouring axes that one stride can walk; drops axes of size 1. */
function merged(shape: readonly number[], strides: readonly number[]): [number[], number[]] {
  const sizes: number[] = [];
  const steps: number[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const length = shape[axis] as number;
    const step = strides[axis] as number;
    if (length === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && steps[last] === step * length) {
      sizes[last] = (sizes[last] as number) * length;
      steps[last] = step;
    } else {
      sizes.push(length);
      steps.push(step);
    }
  }
  return [sizes, steps];
}

function copyRow(source: Float64Array, from: number, step: number, out: Float64Array, to: number, length: number): void {
  if (step === 0) {
    out.fill(source[from] as number, to, to + length);
  } else if (step === 1 && length > 16) {
    out.set(source.subarray(from, from + length), to);
  } else {
    for (let i = 0; i < length; i++) out[to + i] = source[from + i * step] as number;
  }
}

/** In squares, so that both the reads and the writes stay near each other. */
function copyTiles(
  source: Float64Array,
  from: number,
  rowStep: number,
  step: number,
  out: Float64Array,
  to: number,
  rows: number,
  length: number,
): void {
  for (let r0 = 0; r0 < rows; r0 += tile) {
    const r1 = Math.min(rows, r0 + tile);
    for (let c0 = 0; c0 < length; c0 += tile) {
      const c1 = Math.min(length, c0 + tile);
      for (let r = r0; r < r1; r++) {
        const source0 = from + r * rowStep;
        const out0 = to + r * length;
        for (let c = c0; c < c1; c++) out[out0 + c] = source[source0 + c * step] as number;
      }
    }
  }
}

/** Result axis i is operand axis `axes[i]`; shares the data where nothing moves. */
export function transposed(a: Tensor, axes: readonly number[]): Tensor {
  const strides = stridesOf(a.shape);
  const shape = axes.map((axis) => a.shape[axis] as number);
  // Axes of size 1 may move freely.
  const moving = axes.filter((axis) => a.shape[axis] !== 1);
  if (moving.every((axis, i) => i === 0 || (moving[i - 1] as number) < axis)) return { shape, data: a.data };
  return {
    shape,
    data: stridedCopy(
      a.data,
      shape,
      axes.map((axis) => strides[axis] as number),
    ),
  };
}

// ---- reductions over one axis of [outer, length, inner] -----------------------------------------------------------------

const sumBlock = 128;

/** Σ of `length` neighbours: four interleaved sums in blocks, blocks in pairs; the order depends on `length` alone. */
export function pairwiseSum(a: Float64Array, from: number, length: number): number {
  if (length <= sumBlock) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let i = from;
    const end = from + length;
    for (; i + 3 < end; i += 4) {
      s0 += a[i] as number;
      s1 += a[i + 1] as number;
      s2 += a[i + 2] as number;
      s3 += a[i + 3] as number;
    }
    for (; i < end; i++) s0 += a[i] as number;
    return s0 + s1 + (s2 + s3);
  }
  const half = 4 * Math.ceil(length / 8);
  return pairwiseSum(a, from, half) + pairwiseSum(a, from + half, length - half);
}

/** Adds rows `first … first + count − 1` of length `inner` (the first at `from`) into `out[to …]`, in pairs. */
function addRows(a: Float64Array, from: number, count: number, inner: number, out: Float64Array, to: number): void {
  if (count <= sumBlock) {
    for (let k = 0; k < count; k++) {
      const row = from + k * inner;
      for (let j = 0; j < inner; j++) out[to + j] = (out[to + j] as number) + (a[row + j] as number);
    }
    return;
  }
  const half = count >> 1;
  for (const [first, rows] of [
    [0, half],
    [half, count - half],
  ] as const) {
    const part = new Float64Array(inner);
    addRows(a, from + first * inner, rows, inner, part, 0);
    for (let j = 0; j < inner; j++) out[to + j] = (out[to + j] as number) + (part[j] as number);
  }
}

export function sumAxis(a: Float64Array, { outer, length, inner }: AroundAxis): Float64Array {
  const out = new Float64Array(outer * inner);
  for (let o = 0; o < outer; o++) {
    if (inner === 1) out[o] = pairwiseSum(a, o * length, length);
    else addRows(a, o * length * inner, length, inner, out, o * inner);
  }
  return out;
}

/** NaN where any element is NaN; −∞ of no elements. */
export function maxAxis(a: Float64Array, { outer, length, inner }: AroundAxis): Float64Array {
  const out = new Float64Array(outer * inner).fill(-Infinity);
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < length; k++) {
      const row = (o * length + k) * inner;
      for (let j = 0; j < inner; j++) {
        const value = a[row + j] as number;
        const best = out[o * inner + j] as number;
        if (value > best || value !== value) out[o * inner + j] = value;
      }
    }
  }
  return out;
}

/** Reduces a set of axes, the last run of neighbours first: one pass a run, in a fixed order. */
export function reduceAxes(a: Tensor, axes: readonly number[], reduce: (data: Float64Array, around: AroundAxis) => Float64Array): Tensor {
  const reduced = new Set(axes);
  let data = a.data;
  let shape = [...a.shape];
  for (let end = shape.length; end > 0;) {
    let start = end;
    while (start > 0 && reduced.has(start - 1)) start--;
    if (start === end) {
      end--;
      continue;
    }
    data = reduce(data, {
      outer: elements(shape.slice(0, start)),
      length: elements(shape.slice(start, end)),
      inner: elements(shape.slice(end)),
    });
    shape = [...shape.slice(0, start), ...shape.slice(end)];
    end = start;
  }
  return { shape, data };
}
