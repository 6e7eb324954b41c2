/** How much a kernel does, in elements. */
import type { SizedCall, SizedType } from './device.ts';

/** Each element of the result once for every pair that is summed over, and at the least every element that is read. */
export function elementsOf({ operands, result, attributes: { contract } }: SizedCall): number {
  const summed = (contract?.[0] ?? []).map((axis) => operands[0]?.shape[axis] ?? 1);
  return Math.max(sizeOf(result) * productOf(summed), ...operands.map(sizeOf));
}

const productOf = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const sizeOf = ({ shape }: SizedType): number => productOf(shape);
