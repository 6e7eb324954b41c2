/**
 * The words in which solvers and strategies say what error they leave in a hypergradient, before anything is run: shares of it, in the
 * condition number κ, the unit roundoff ε and the tolerances that are asked for (`ErrorPart` in `plan/types.ts`). They suppose that every
 * solve reaches its tolerance. The constants that a bound would need (Lipschitz constants, norms of J and ∇f) are taken for one: none of this is a bound.
 * Source: the bound a priori of Ehrhardt & Roberts (2021), theorem 9, in units in which ‖J‖, ‖∇f‖, L_f and ‖x₀ − x*‖ are one.
 */
import type { ErrorPart, Expr } from '../plan/types.ts';
import { product, root, sum } from './cost.ts';

const power = (base: Expr, exponent: Expr): Expr => ({ op: 'pow', args: [base, exponent] });
const most = (...args: readonly Expr[]): Expr => ({ op: 'max', args });

/** What is left of a solution, as a share of the way to it; 0: nothing but rounding; undefined: nobody knows. */
export type Left = Expr | undefined;

/** Of a backward stable solve, and of anything that ends where rounding ends it. Source: Higham (2002), theorem 10.4. */
const rounded: Expr = product('κ', 'ε');

/** ‖∇h(x̃)‖ ≤ τ‖∇h(x₀)‖ leaves ‖x̃ − x*‖ ≤ κτ‖x₀ − x*‖; so does a residual of a linear system. */
export const leftAt = (tolerance: 'τ_inner' | 'τ_linear' | 'τ_newton'): Expr => product('κ', tolerance);

/** Newton’s steps go on as long as they gain much, and one step beyond the tolerance squares what is left there. */
export const leftByNewton: Expr = { op: 'min', args: [power(leftAt('τ_inner'), 2), leftAt('τ_newton')] };

/** Of the way to the minimiser after so many steps of gradient descent at its best rate 2/(L + μ). Source: Nesterov (2018), theorem 2.1.15. */
export const leftByDescent = (steps: number): Expr => power({ op: 'div', args: [sum('κ', -1), sum('κ', 1)] }, steps);

/** After so many steps of a method, whose rate is known where it is one of plain descent. */
export const leftAfter = (steps: number, descends: boolean | undefined): Left => (descends === true ? leftByDescent(steps) : undefined);

/** The same as of descent at its best rate, at the rate 1/L. */
export const leftByShortSteps = (steps: number): Expr => power({ op: 'div', args: [sum('κ', -1), 'κ'] }, steps);

/** The same of conjugate gradients, and of what is no worse. Source: Nocedal & Wright (2006), (5.36). */
export const leftByKrylov = (steps: number): Expr => product(2, root, power({ op: 'div', args: [sum(root, -1), sum(root, 1)] }, steps));

/** A solve that ends at its tolerance, or, where they are limited, after so many steps. */
export const leftWithin = (tolerance: 'τ_inner' | 'τ_linear', limit: number | undefined, after: (steps: number) => Left): Left => {
  if (limit === undefined) return leftAt(tolerance);
  const left = after(limit);
  return left === undefined ? undefined : most(leftAt(tolerance), left);
};

export const errorPart = (from: string, share: Left): ErrorPart => (share === undefined ? { from } : { from, share });

/** Of a hypergradient at a minimiser: what solves have left, beside rounding. */
export const errorOfSolves = (...solves: readonly ErrorPart[]): readonly ErrorPart[] => [
  ...solves.filter(({ share }) => share !== 0),
  errorPart('rounding', rounded),
];

/** Of a derivative that is exact but for the rounding of so many steps, each about a unit in the last place. */
export const errorOfSteps = (count: number): readonly ErrorPart[] => [errorPart('rounding', product(count, 'ε'))];

/** Of central differences at their best step, of values with such errors: h² + noise/h is least where it is noise^⅔. */
export const errorOfDifferences = (noise: readonly ErrorPart[]): readonly ErrorPart[] => {
  const shares = noise.flatMap(({ share }) => (share === undefined ? [] : [share]));
  const from = `differences of values that are off by ${noise.map((part) => part.from).join(' and ')}`;
  return [errorPart(from, shares.length < noise.length ? undefined : power(sum(...shares), { op: 'div', args: [2, 3] }))];
};
