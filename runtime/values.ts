/** Values that a caller gives in place of a file: numbers, nested lists, tensors; and what is wrong with them. */
import type { Tensor } from '../plan/types.ts';
import { indexText, sizeOf } from './tensor.ts';

/** A number, a regular array of numbers nested to any depth, whose innermost may be typed arrays, or anything with shape and elements. */
export type TensorLike =
  number | ArrayLike<number> | readonly TensorLike[] | { readonly shape: readonly number[]; readonly data: ArrayLike<number> };

type NotATensor = { readonly ok: false; readonly reason: string };

/** The tensor that a value is, or why it is none. Elements may be NaN or infinite: that is for the binding to judge. */
export function tensorOf(value: unknown): { readonly ok: true; readonly tensor: Tensor } | NotATensor {
  if (isTensorShaped(value)) {
    const { shape, data } = value;
    if (shape.some((s) => !Number.isInteger(s) || s < 0)) return { ok: false, reason: `its shape [${shape.join(', ')}] is not one` };
    if (sizeOf(shape) !== data.length)
      return { ok: false, reason: `its shape [${shape.join(', ')}] needs ${sizeOf(shape)} elements, and it has ${data.length}` };
    return { ok: true, tensor: { shape: [...shape], data: Float64Array.from(data) } };
  }
  const shape: number[] = [];
  for (let level: unknown = value; isList(level); level = level[0]) shape.push(level.length);
  const leaves: number[] = [];
  const reason = collect(value, shape, 0, leaves);
  return reason === undefined ? { ok: true, tensor: { shape, data: Float64Array.from(leaves) } } : { ok: false, reason };
}

function isTensorShaped(value: unknown): value is { readonly shape: readonly number[]; readonly data: ArrayLike<number> } {
  return typeof value === 'object' && value !== null && 'shape' in value && 'data' in value && Array.isArray(value.shape);
}

type List = readonly unknown[] | Float64Array;

/** An array, or a typed array of numbers. */
const isList = (value: unknown): value is List =>
  Array.isArray(value) ||
  (ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array));

function collect(value: unknown, shape: readonly number[], depth: number, leaves: number[]): string | undefined {
  const expected = shape[depth];
  const where = leaves.length === 0 ? '' : ` at element ${indexText(leaves.length, shape)}`;
  if (!isList(value)) {
    if (expected !== undefined) return `a single value stands where a list of ${expected} is expected${where}`;
    if (typeof value !== 'number') return `${describe(value)} is no number${where}`;
    leaves.push(value);
    return undefined;
  }
  if (expected === undefined) return `a list stands where a number is expected${where}`;
  if (value.length !== expected) return `a list of ${value.length} stands where one of ${expected} is expected${where}`;
  for (const item of value) {
    const reason = collect(item, shape, depth + 1, leaves);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const describe = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : value === null ? 'null' : `a ${typeof value}`;
