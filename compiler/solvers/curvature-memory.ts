/**
 * What quasi-Newton steps remember: the last pairs s = Δx, y = Δ∇h, and what their inverse Hessian B makes of a vector. The two-loop
 * recursion as products of matrices: α = R⁻¹ S g, q = P⁻¹(g − Yᵀα), Bg = γq + Sᵀ R⁻ᵀ(α − γ Y q), P⁻¹ near the inverse or the identity, where Rᵢⱼ = sᵢᵀyⱼ if pair i is no newer than
 * pair j, else 0, and sᵢᵀyᵢ = 1. What is left of a triangular matrix without its first row and column has the inverse of that matrix without
 * them, so R⁻¹ itself is kept: the oldest pair leaves it, and a new one adds a column.
 * Source: Byrd, Nocedal & Schnabel (1994), theorem 2.2; Nocedal & Wright (2006), algorithm 7.4.
 */
import type { Builder } from '../ir/builder.ts';
import { add, multiply, number, type Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { denseProducts, sum, type Work } from '../work.ts';
import type { Preconditioner } from './preconditioner.ts';

/** A new pair takes the slot of the oldest, so order is in `inverse` alone; what belongs to a slot that is still empty is 0. */
export interface Memory {
  /** `[m, d]`, each pair scaled so that sᵀy = 1: R has entries of moderate size, whatever the units are. */
  readonly s: Value;
  readonly y: Value;
  /** R⁻¹, `[m, m]` */
  readonly inverse: Value;
  /** γ, the scale of the initial matrix: sᵀy / yᵀP⁻¹y of the newest pair. */
  readonly scale: Value;
  /** Which slot the next pair takes. */
  readonly next: Value;
}

export function emptyMemory(b: Builder, size: number, d: Dim): Memory {
  const m = number(size);
  const none = b.zeros([m, d]);
  return { s: none, y: none, inverse: b.zeros([m, m]), scale: b.constant(1), next: b.constant(0) };
}

/** B times a vector `[d]`; while nothing is remembered the vector itself, or what `near` makes of it. */
export function timesInverse(b: Builder, { s, y, inverse, scale }: Memory, near: Preconditioner, vector: Value): Value {
  const alpha = b.matmul(inverse, b.matmul(s, vector));
  const left = near(b.sub(vector, b.matmul(alpha, y)));
  const beta = b.sub(alpha, b.mul(scale, b.matmul(y, left)));
  return b.add(b.mul(scale, left), b.matmul(b.matmul(beta, inverse), s));
}

/** A pair `[d]`, `[d]` with what is known of it, scalars. */
export interface Pair {
  readonly step: Value;
  readonly change: Value;
  /** stepᵀchange and changeᵀP⁻¹change. */
  readonly sy: Value;
  readonly yy: Value;
}

/** With this pair in the place of the oldest, where `learns`; alone, where R⁻¹ would not be finite with it. */
export function remember(b: Builder, { s, y, inverse, scale, next }: Memory, { step, change, sy, yy }: Pair, learns: Value): Memory {
  const [m, d] = s.type.shape as readonly [Dim, Dim];
  const zero = b.constant(0);
  const one = b.constant(1);
  const isNew = b.equal(b.iota(m), b.select(learns, next, b.constant(-1)));
  const rows = (wide: Dim): Value => b.broadcast(isNew, [m, wide], [0]);
  const unit = b.div(one, b.sqrt(sy));
  const inSlot = (slots: Value, vector: Value): Value => b.select(rows(d), b.broadcast(b.mul(unit, vector), [m, d], [1]), slots);
  const above = b.mul(b.neg(unit), b.matmul(inverse, b.matmul(s, change)));
  // Numbers that are none would stay as long as there are pairs: then what was before is forgotten.
  const isTold = b.or(b.not(learns), b.isFinite(b.sum(above)));
  const column = b.select(isNew, one, b.select(isTold, above, zero));
  const following = b.select(b.equal(next, b.sub(b.dimSize(m), one)), zero, b.add(next, one));
  return {
    s: inSlot(s, step),
    y: inSlot(y, change),
    inverse: b.select(
      b.broadcast(isNew, [m, m], [1]),
      b.broadcast(column, [m, m], [0]),
      b.select(rows(m), zero, b.select(isTold, inverse, zero)),
    ),
    scale: b.select(learns, b.div(sy, yy), scale),
    next: b.select(learns, following, next),
  };
}

/** Of a step: five products with the pairs, three of the size of the memory, and what takes the place of the oldest. */
export const memoryWork = (size: number, d: Dim): Work => {
  const m = number(size);
  const replaced = { elements: multiply(m, add(d, d, m)), kernels: number(3) };
  return sum(denseProducts(m, d, 5), denseProducts(m, m, 3), replaced);
};
