/** What the arithmetic that a problem is computed in leaves uncertain, and what can be asked of it. */
import type { ExecutorDescription } from '../plan/types.ts';

export interface Rounding {
  /** Distance from 1 to the next number. */
  readonly unit: number;
  /** Relative difference of two criteria that rounding and the inner tolerance may hide. */
  readonly criterion: number;
  /** Relative change of a criterion below which it stands still. */
  readonly still: number;
  /** What strategies are asked to agree to, whatever they say of their errors. */
  readonly agreement: number;
  /** What a gradient norm is brought down to, relative to that at the start, unless the page says otherwise. */
  readonly tolerance: number;
  /** How far inner solves go unless the page says otherwise, relative to max(1, ‖∇h(x₀)‖). */
  readonly inner: number;
  /** The same of linear solves, relative to ‖∇_x f‖. */
  readonly linear: number;
}

export const float64: Rounding = {
  unit: Number.EPSILON,
  criterion: 1e-12,
  still: 1e-13,
  agreement: 1e-6,
  tolerance: 1e-8,
  inner: 1e-10,
  linear: 1e-12,
};
export const float32: Rounding = {
  unit: 2 ** -23,
  criterion: 3e-6,
  still: 3e-7,
  agreement: 1e-3,
  tolerance: 1e-4,
  inner: 1e-5,
  linear: 1e-6,
};

export const roundingOf = ({ precision }: Pick<ExecutorDescription, 'precision'>): Rounding => (precision === 'f32' ? float32 : float64);
