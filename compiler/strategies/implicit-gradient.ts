/**
 * The one formula behind every strategy at a minimiser, and its error to first order; strategies differ only in how they
 * solve with H.
 */
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

/**
 * An estimate of ‖ĥ − ∇F‖ at an inexact x̃ and v: the change of the formula along the way that is left to the minimiser,
 * exact to first order, plus a floor for rounding. Δx = H⁻¹∇h(x̃) is what is left of x, H⁻¹ρ what is left of v:
 *   ĥ − ∇F ≈ D_x(∇_θ f − Jᵀv)[Δx] + Jᵀ H⁻¹(ρ − D_x(∇_x f)[Δx] + D_x(Hv)[Δx]),  ρ = ∇_x f − Hv.
 * Shapes: x, v `[d]`; `solve` maps `[d] → [d]`. An estimate, not a bound: terms of second order are left out.
 * Source: the expansion behind Ehrhardt & Roberts (2021), theorem 9, with operators in the place of norms.
 */
export function firstOrderError(problem: Problem, xAt: Value, vAt: Value, solve: (rhs: Value) => Value): Value {
  const { b, inner, outer } = problem;
  // Stand-ins, so that x and v can move although they are results.
  const x = b.input('x', 'state', xAt.type);
  const v = b.input('v', 'state', vAt.type);
  const here = new Map([
    [x, xAt],
    [v, vAt],
  ]);
  const at = (value: Value): Value => replaceOne(b, value, here);
  const left = solve(inner.gradientAt(xAt));
  const along = (value: Value): Value => {
    const [t] = jvp(b, [value], new Map([[x, left]]));
    return t === undefined ? b.zeros(value.type.shape) : at(t);
  };
  const residual = at(b.sub(outer.gradientAt(x), inner.hessianProduct(x, v)));
  const vMissing = solve(b.add(b.sub(residual, along(outer.gradientAt(x))), along(inner.hessianProduct(x, v))));
  const formula = implicitGradient(problem, x, v);
  const missing = inner.crossProduct(xAt, vMissing, problem.hypers);
  const parts = formula.map((g, i) => {
    const moved = along(g);
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
  return b.add(b.sqrt(square(parts)), b.mul(roundings(b, 16), rounding));
}
