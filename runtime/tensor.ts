/** Small helpers on tensors and vectors, and the words in which the runtime speaks of them. */
import type { Expr, Kind, Tensor } from '../plan/types.ts';
import { printExpr } from '../plan/evaluate.ts';

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
export const scalar = (value: number): Tensor => ({ shape: [], data: Float64Array.of(value) });

export const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

/** Euclidean norm, scaled so that it overflows only where the result does. */
export function norm(vector: Iterable<number>): number {
  let largest = 0;
  const values = vector instanceof Float64Array ? vector : [...vector];
  for (const x of values) {
    if (Number.isNaN(x)) return Number.NaN;
    largest = Math.max(largest, Math.abs(x));
  }
  if (largest === 0 || largest === Number.POSITIVE_INFINITY) return largest;
  let sum = 0;
  for (const x of values) sum += (x / largest) * (x / largest);
  return largest * Math.sqrt(sum);
}

/** Euclidean norm over all tensors together. */
export const pointNorm = (point: Readonly<Record<string, Tensor>>): number => norm(Object.values(point).flatMap((t) => [...t.data]));

export const isFiniteTensor = (tensor: Tensor): boolean => tensor.data.every((x) => Number.isFinite(x));

/** A shape as it was declared: `[n, 2*d]`. */
export const printDeclaredShape = (shape: readonly Expr[]): string => `[${shape.map(printExpr).join(', ')}]`;

/** A type as it was declared: `positive[d]`, `int[n] in [0, k - 1]`, `[n, d]`, `positive`. */
export function printType(type: {
  readonly kind: Kind;
  readonly shape: readonly Expr[];
  readonly interval?: readonly [Expr, Expr];
}): string {
  const shape = type.shape.length === 0 ? '' : printDeclaredShape(type.shape);
  const kind = type.kind === 'real' && shape !== '' ? '' : type.kind;
  const interval = type.interval === undefined ? '' : ` in [${printExpr(type.interval[0])}, ${printExpr(type.interval[1])}]`;
  return `${kind}${shape}${interval}`;
}

/** `[3, 1]` of a flat position. */
export function indexText(flat: number, shape: readonly number[]): string {
  const indices: number[] = [];
  let rest = flat;
  for (const size of [...shape].reverse()) {
    indices.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${indices.join(', ')}]`;
}

/** A figure for people: six digits, NaN and infinities by name. */
export const figure = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value));

/** A point in words: scalars by value, tensors by shape and range, never their elements. */
export function describePoint(point: Readonly<Record<string, Tensor>>): string {
  return Object.entries(point)
    .map(([name, { shape, data }]) => {
      if (shape.length === 0) return `${name} = ${figure(data[0] ?? Number.NaN)}`;
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (const x of data) {
        low = Math.min(low, x);
        high = Math.max(high, x);
      }
      return `${name}: [${shape.join(', ')}], ${figure(low)} to ${figure(high)}`;
    })
    .join('; ');
}

/**
 * The known name nearest to what was written, if it is near enough to be a slip: case alone, or a Levenshtein distance of one, or of at
 * most a third of its length. An ending that two files share makes them no nearer.
 */
export function closestName(name: string, known: readonly string[]): string | undefined {
  const ending = /\.[a-z]+$/iu.exec(name)?.[0] ?? '';
  const stemOf = (text: string): string => (ending !== '' && text.endsWith(ending) ? text.slice(0, -ending.length) : text).toLowerCase();
  const wanted = stemOf(name);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, stemOf(candidate));
    // Names that share no letter are no slips of each other.
    if (distance < least && (distance === 0 || distance < wanted.length)) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
