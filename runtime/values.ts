/** Values that a caller gives in place of a file: numbers, nested lists, tensors; and what is wrong with them. */
import type { Tensor } from '../plan/types.ts';
import { indexText, sizeOf } from './tensor.ts';

/** A number, a regular array of numbers nested to any depth, or a tensor. */
export type TensorLike = number | readonly TensorLike[] | { readonly shape: readonly number[]; readonly data: ArrayLike<number> };

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
  for (let level: unknown = value; Array.isArray(level); level = (level as readonly unknown[])[0]) shape.push(level.length);
  const leaves: number[] = [];
  const reason = collect(value, shape, 0, leaves);
  return reason === undefined ? { ok: true, tensor: { shape, data: Float64Array.from(leaves) } } : { ok: false, reason };
}

function isTensorShaped(value: unknown): value is { readonly shape: readonly number[]; readonly data: ArrayLike<number> } {
  return typeof value === 'object' && value !== null && 'shape' in value && 'data' in value && Array.isArray(value.shape);
}

function collect(value: unknown, shape: readonly number[], depth: number, leaves: number[]): string | undefined {
  const expected = shape[depth];
  const where = leaves.length === 0 ? '' : ` at element ${indexText(leaves.length, shape)}`;
  if (!Array.isArray(value)) {
    if (expected !== undefined) return `a single value stands where a list of ${expected} is expected${where}`;
    if (typeof value !== 'number') return `${describe(value)} is no number${where}`;
    leaves.push(value);
    return undefined;
  }
  if (expected === undefined) return `a list stands where a number is expected${where}`;
  if (value.length !== expected) return `a list of ${value.length} stands where one of ${expected} is expected${where}`;
  for (const item of value as readonly unknown[]) {
    const reason = collect(item, shape, depth + 1, leaves);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const describe = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : value === null ? 'null' : `a ${typeof value}`;
