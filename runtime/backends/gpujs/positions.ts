/**
 * Positions as text. A kernel knows the number of the element that it computes; where several axes are walked with strides of their own, it is
 * taken apart. gpu.js keeps variables in float32, so such numbers must stay below 2^24; loop counters and `this.thread.x` itself are whole numbers.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { literal } from './formulas.ts';

/** An axis, with a stride for each of what is read along it. */
export interface Axis {
  readonly size: number;
  readonly strides: readonly number[];
}

export const elementsIn = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The same positions by as few axes as there can be; none has size 1. */
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

export function rowMajor(sizes: readonly number[]): readonly number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of [...sizes].reverse()) {
    strides.unshift(size === 1 ? 0 : stride);
    stride *= size;
  }
  return strides;
}

/** Up to this many, one rounded quotient is exact; then a second takes what is left. */
const surely = 2 ** 20;
const mostPositions = 2 ** 24;

const rounded = (dividend: string, divisor: number): string => `Math.floor((${dividend} + 0.5) / ${literal(divisor)})`;

/** Statements that declare the coordinates of element `this.thread.x` along axes of these sizes, and what they are called. */
export function coordinates(sizes: readonly number[]): { readonly lines: readonly string[]; readonly names: readonly string[] } {
  if (sizes.length <= 1) return { lines: [], names: sizes.map(() => 'this.thread.x') };
  const count = elementsIn(sizes);
  if (count > mostPositions)
    throw new InternalError('gpujs', `${count} elements are more than the ${mostPositions} whose positions a float32 can tell apart`);
  const lines: string[] = [];
  const names = sizes.map((_, i) => `c${i}`);
  let rest = 'this.thread.x';
  for (let i = sizes.length - 1; i > 0; i--) {
    const size = sizes[i] ?? 1;
    const quotient = i === 1 ? 'c0' : `q${i}`;
    lines.push(`let ${quotient} = ${rounded(rest, size)};`);
    if (count > surely) lines.push(`${quotient} = ${quotient} + ${rounded(`(${rest} - ${quotient} * ${literal(size)})`, size)};`);
    lines.push(`let c${i} = ${rest} - ${quotient} * ${literal(size)};`);
    rest = quotient;
  }
  return { lines, names };
}

/** `offset + Σ name · stride`. */
export function affine(offset: number, terms: readonly (readonly [name: string, stride: number])[]): string {
  const parts = terms.filter(([, stride]) => stride !== 0).map(([name, stride]) => (stride === 1 ? name : `${name} * ${integer(stride)}`));
  if (offset !== 0 || parts.length === 0) parts.push(integer(offset));
  return parts.join(' + ');
}

const integer = (value: number): string => (value < 0 ? `(-${-value})` : String(value));
