/**
 * The few numbers by which results are compared. Up to four numbers stand for themselves; a longer result is its root mean
 * square, its mean with the weights cos(i) times √n, which sees a transposition, and three elements.
 * Kept alike with `fingerprint` in `peers/protocol.py`.
 */
import type { Precision } from './contestant.ts';

export function fingerprint(values: ArrayLike<number>): readonly number[] {
  const n = values.length;
  if (n <= 4) return Array.from(values);
  let squares = 0;
  let weighted = 0;
  for (let i = 0; i < n; i += 1) {
    const value = values[i] ?? NaN;
    squares += value * value;
    weighted += value * Math.cos(i);
  }
  const root = Math.sqrt(n);
  return [Math.sqrt(squares) / root, weighted / root, ...[0, Math.floor(n / 2), n - 1].map((i) => values[i] ?? NaN)];
}

const tolerance: Readonly<Record<Precision, number>> = { float64: 1e-6, float32: 1e-3 };

/** The largest difference, relative to the number itself or, in a long result, to the root mean square if that is larger. */
export function difference(check: readonly number[], reference: readonly number[]): number {
  if (check.length !== reference.length) return Infinity;
  const size = reference.length > 4 ? Math.abs(reference[0] ?? 0) : 0;
  const differences = check.map((value, i) => {
    const expected = reference[i] ?? NaN;
    return value === expected ? 0 : Math.abs(value - expected) / Math.max(Math.abs(expected), size);
  });
  // A NaN agrees with nothing, not even with a NaN.
  return differences.some(Number.isNaN) ? Infinity : Math.max(...differences);
}

export const agrees = (check: readonly number[], reference: readonly number[], precision: Precision): boolean =>
  difference(check, reference) <= tolerance[precision];

/** The middle one of each number, over the float64 contestants: one that computes something else does not move it. */
export function referenceOf(checks: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = checks;
  return first.map((_, i) => {
    const sorted = checks
      .map((check) => check[i] ?? NaN)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    // An element that is there, not a mean of two, of which one may be wrong.
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
  });
}
