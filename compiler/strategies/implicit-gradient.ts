/**
 * The one formula behind every strategy at a minimiser, and its error to first order; strategies differ only in how they
 * solve with H.
 */
import { given } from '../ir/attributes.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { roundings } from '../solvers/rounding.ts';
import { jvp } from '../transform/jvp.ts';
import { replaceOne } from '../transform/replace.ts';

/**
 * ∇F = ∇_θ f − Jᵀ v with H v = ∇_x f, at x. One tensor a hyper, in its own space.
 * Shapes: x, v `[d]`. Source: the implicit function theorem; Bengio (2000), §3.
 */
export function implicitGradient(problem: Problem, x: Value, v: Value): readonly Value[] {
  const { b, hypers, inner, outer } = problem;
  const direct = outer.hyperGradientAt(x, hypers);
  const through = inner.crossProduct(x, v, hypers);
  return hypers.map((hyper, i) => {
    const f = direct[i];
    const j = through[i];
    if (f === undefined) return j === undefined ? b.zeros(hyper.type.shape) : b.neg(j);
    return j === undefined ? f : b.sub(f, j);
  });
}

/** What a minimiser and its adjoint would not leave: ∇h and ∇_x f − Hv. All `[d]`. */
export const residualsAt = ({ b, inner, outer }: Problem, x: Value, v: Value): { readonly x: Value; readonly v: Value } => ({
  x: inner.gradientAt(x),
  v: b.sub(outer.gradientAt(x), inner.hessianProduct(x, v)),
});

/** What x* and v* differ from x and v by, to first order: x* ≈ x − Δx, v* ≈ v + Δv. All `[d]`. */
interface Correction {
  readonly x: Value;
  readonly v: Value;
  /** How a value at x and v changes along Δx, to first order. */
  readonly along: (valueOf: (x: Value, v: Value) => Value) => Value;
}

/**
 * The way to the minimiser and its adjoint from what x and v leave, r_x = ∇h(x) and r_v = ∇_x f − Hv: one step of Newton on both,
 *   Δx = H⁻¹ r_x,  Δv = H⁻¹(r_v − D_x(∇_x f)[Δx] + D_x(Hv)[Δx]).
 * Shapes: x, v and what they leave `[d]`; `solve` maps `[d] → [d]`.
 */
export function correctionAt(
  { b, inner, outer }: Problem,
  at: { readonly x: Value; readonly v: Value },
  left: { readonly x: Value; readonly v: Value },
  solve: (rhs: Value) => Value,
): Correction {
  // Stand-ins, so that x and v can move although they are results.
  const x = b.input('x', 'state', at.x.type);
  const v = b.input('v', 'state', at.v.type);
  const here = new Map([
    [x, at.x],
    [v, at.v],
  ]);
  const missing = solve(left.x);
  const along = (valueOf: (x: Value, v: Value) => Value): Value => {
    const value = valueOf(x, v);
    const [t] = jvp(b, [value], new Map([[x, missing]]));
    return t === undefined ? b.zeros(value.type.shape) : replaceOne(b, t, here);
  };
  const slope = along((y) => outer.gradientAt(y));
  const bend = along((y, w) => inner.hessianProduct(y, w));
  return { x: missing, v: solve(b.add(b.sub(left.v, slope), bend)), along };
}

/** A hypergradient judged by what x and v leave. */
export interface Judged {
  /** ‖ĥ − ∇F‖ to first order, a scalar. */
  readonly error: Value;
  /** Where x and v are to first order: an error told from there is of second order. Both `[d]`. */
  readonly corrected: { readonly x: Value; readonly v: Value };
}

/**
 * An estimate of ‖ĥ − ∇F‖ at an inexact x̃ and v: the change of the formula along the way that is left to the minimiser,
 * exact to first order, plus a floor for rounding. Δx = H⁻¹∇h(x̃) is what is left of x, H⁻¹ρ what is left of v:
 *   ĥ − ∇F ≈ D_x(∇_θ f − Jᵀv)[Δx] + Jᵀ H⁻¹(ρ − D_x(∇_x f)[Δx] + D_x(Hv)[Δx]),  ρ = ∇_x f − Hv.
 * Shapes: x, v `[d]`; `solve` maps `[d] → [d]`. An estimate, not a bound: terms of second order are left out.
 * Source: the expansion behind Ehrhardt & Roberts (2021), theorem 9, with operators in the place of norms.
 */
export function firstOrderError(problem: Problem, xAt: Value, vAt: Value, solve: (rhs: Value) => Value): Judged {
  const { b, inner, outer } = problem;
  const { x: xMissing, v: vMissing, along } = correctionAt(problem, { x: xAt, v: vAt }, residualsAt(problem, xAt, vAt), solve);
  const missing = inner.crossProduct(xAt, vMissing, problem.hypers);
  const parts = problem.hypers.map((_, i) => {
    const moved = along((x, v) => given(implicitGradient(problem, x, v)[i]));
    const m = missing[i];
    return m === undefined ? moved : b.add(moved, m);
  });
  const square = (values: readonly Value[]): Value => values.reduce((sum, p) => b.add(sum, b.inner(p, p)), b.constant(0));
  const norm = (tensors: readonly (Value | undefined)[]): Value => b.sqrt(square(tensors.filter((t) => t !== undefined)));
  // What one rounding of each term makes, also where the terms of ∇_x f have cancelled to nothing: at an optimum ∇F is small, its
  // rounding is not.
  const terms = solve(outer.hessianProduct(xAt, xAt));
  const sizes = [
    outer.hyperGradientAt(xAt, problem.hypers),
    inner.crossProduct(xAt, vAt, problem.hypers),
    inner.crossProduct(xAt, terms, problem.hypers),
  ];
  const rounding = sizes.map(norm).reduce((sum, n) => b.add(sum, n));
  return {
    error: b.add(b.sqrt(square(parts)), b.mul(roundings(b, 16), rounding)),
    corrected: { x: b.sub(xAt, xMissing), v: b.add(vAt, vMissing) },
  };
}
