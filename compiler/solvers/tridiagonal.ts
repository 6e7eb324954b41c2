/** Symmetric matrices in tridiagonal form, and systems of that form. */
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { one, subtract, zero } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { scan } from '../ir/loops.ts';

/** A symmetric tridiagonal matrix of d rows. */
export interface Tridiagonal {
  /** `[d]` */
  readonly diagonal: Value;
  /** `[d]`: beside entry i of the diagonal, in its row, entry i − 1; the first is 0. */
  readonly before: Value;
}

export interface TridiagonalForm extends Tridiagonal {
  /** Q, `[d, d]`, orthogonal: C = Q T Qᵀ. */
  readonly basis: Value;
}

/**
 * C = Q T Qᵀ by one reflection a column, whose product is formed at the end. About 6 d³ operations for the reflections, as each goes over
 * the whole matrix, and 5 d³ for their product.
 * Shapes: C `[d, d]`, symmetric. NaN where C has one.
 * Source: Golub & Van Loan (2013), algorithm 8.3.1; the product of the reflections §5.1.7 (Schreiber & Van Loan, 1989).
 */
export function tridiagonalForm(b: Builder, c: Value): TridiagonalForm {
  const d = given(c.type.shape[0]);
  const positions = b.iota(d);
  const everywhere = (scalar: Value): Value => b.broadcast(scalar, [d], []);
  const nowhere = b.zeros([d]);
  const { stacked } = scan(b, {
    name: 'reflections',
    length: d,
    states: [c],
    slices: [positions],
    body: ([state], [step]) => {
      const [rest, k] = [given(state), given(step)];
      const at = (row: Value, where: Value): Value => b.sum(b.select(where, row, nowhere));
      const row = b.gather(rest, k, 0);
      const here = b.equal(positions, everywhere(k));
      const next = b.equal(positions, everywhere(b.add(k, b.integer(1))));
      const x = b.select(b.less(everywhere(k), positions), row, nowhere);
      const first = at(x, next);
      const left = b.select(next, nowhere, x);
      const tail = b.inner(left, left);
      // What is already 0 below its neighbour is left alone.
      const reflects = b.not(b.equal(tail, b.constant(0)));
      const length = b.sqrt(b.add(tail, b.mul(first, first)));
      const sign = b.select(b.less(first, b.constant(0)), b.constant(-1), b.constant(1));
      const v = b.select(everywhere(reflects), b.select(next, everywhere(b.add(first, b.mul(sign, length))), x), nowhere);
      const factor = b.select(reflects, b.div(b.constant(1), b.mul(length, b.add(length, b.abs(first)))), b.constant(0));
      const p = b.mul(everywhere(factor), b.matmul(rest, v));
      const w = b.sub(p, b.mul(everywhere(b.mul(b.scale(factor, 0.5), b.inner(p, v))), v));
      const outer = (y: Value, z: Value): Value => b.mul(b.broadcast(y, [d, d], [0]), b.broadcast(z, [d, d], [1]));
      return {
        states: [b.sub(rest, b.add(outer(v, w), outer(w, v)))],
        stacked: [v, factor, at(row, here), b.select(reflects, b.neg(b.mul(sign, length)), first)],
      };
    },
  });
  const [reflectors, factors, diagonal, after] = stacked.map((s) => given(s)) as [Value, Value, Value, Value];
  return {
    basis: productOfReflections(b, reflectors, factors),
    diagonal,
    before: b.concat([b.zeros([one]), b.slice(after, 0, zero, subtract(d, one))], 0),
  };
}

/** Π (I − βₖ vₖ vₖᵀ), the first on the left; `[d, d]` from vₖ by rows, and βₖ `[d]`: I − Vᵀ (I + D U)⁻¹ D V, U what VVᵀ has above its diagonal. */
function productOfReflections(b: Builder, reflectors: Value, factors: Value): Value {
  const shape = reflectors.type.shape;
  const d = given(shape[0]);
  const [rows, columns] = [0, 1].map((axis) => b.broadcast(b.iota(d), shape, [axis])) as [Value, Value];
  // The transpose, so that the triangle is a lower one.
  const overlaps = b.mul(b.matmul(reflectors, b.transpose(reflectors, [1, 0])), b.broadcast(factors, shape, [1]));
  const lower = b.add(b.eye(d), b.select(b.less(columns, rows), overlaps, b.zeros(shape)));
  const solved = b.triangularSolve(lower, b.mul(b.broadcast(factors, shape, [0]), reflectors), true);
  return b.sub(b.eye(d), b.matmul(b.transpose(reflectors, [1, 0]), solved));
}

export interface TridiagonalSolver {
  /** What the elimination divides by, `[d]`: all positive if and only if the matrix is positive definite. */
  readonly pivots: Value;
  /** The inverse times rhs, `[d] → [d]`. */
  readonly solve: (rhs: Value) => Value;
}

/**
 * T = L D Lᵀ, with O(d) for the factor and for every solve.
 * Needs: T positive definite; there is no exchange of rows.
 * Source: Golub & Van Loan (2013), algorithm 4.3.6.
 */
export function tridiagonalSolver(b: Builder, { diagonal, before }: Tridiagonal): TridiagonalSolver {
  const length = given(diagonal.type.shape[0]);
  const factored = scan(b, {
    name: 'pivots',
    length,
    states: [b.constant(1)],
    slices: [diagonal, before],
    body: ([last], [entry, beside]) => {
      const multiplier = b.div(given(beside), given(last));
      const pivot = b.sub(given(entry), b.mul(multiplier, given(beside)));
      return { states: [pivot], stacked: [pivot, multiplier] };
    },
  });
  const [pivots, multipliers] = factored.stacked.map((s) => given(s)) as [Value, Value];
  const solve = (rhs: Value): Value => {
    const forward = scan(b, {
      name: 'forward',
      length,
      states: [b.constant(0)],
      slices: [rhs, multipliers],
      body: ([last], [value, multiplier]) => {
        const next = b.sub(given(value), b.mul(given(multiplier), given(last)));
        return { states: [next], stacked: [next] };
      },
    });
    // Each step back needs the multiplier of the row behind it: it hands it on.
    const backward = scan(b, {
      name: 'backward',
      length,
      reversed: true,
      states: [b.constant(0)],
      slices: [b.div(given(forward.stacked[0]), pivots), multipliers],
      body: ([carried], [value, multiplier]) => {
        const x = b.sub(given(value), given(carried));
        return { states: [b.mul(given(multiplier), x)], stacked: [x] };
      },
    });
    return given(backward.stacked[0]);
  };
  return { pivots, solve };
}
