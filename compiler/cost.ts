/** Costs of graphs, from the op rows, as the plan's arithmetic. */
import type { Expr } from '../plan/types.ts';
import type { Builder } from './ir/builder.ts';
import { add, zero, type Poly } from './ir/dims.ts';
import type { Graph } from './ir/graph.ts';

/** A polynomial as an expression of the plan. */
export function exprOf(p: Poly): Expr {
  const terms = p.terms.map((t): Expr => {
    const factors: Expr[] = [...(t.coefficient === 1 && t.names.length > 0 ? [] : [t.coefficient]), ...t.names];
    const [only, ...rest] = factors;
    return only !== undefined && rest.length === 0 ? only : { op: 'mul', args: factors };
  });
  const [only, ...rest] = terms;
  if (only === undefined) return 0;
  return rest.length === 0 ? only : { op: 'add', args: terms };
}

export const product = (...args: readonly Expr[]): Expr => ({ op: 'mul', args });
export const sum = (...args: readonly Expr[]): Expr => ({ op: 'add', args });
export const least = (...args: readonly Expr[]): Expr => ({ op: 'min', args });
const rootOf = (value: Expr): Expr => ({ op: 'sqrt', args: [value] });
export const root: Expr = rootOf('κ');
/** √ of `κ_near`. */
const rootNear: Expr = rootOf('κ_near');

/** What a linear solve is asked for, of its residual. */
const TOLERANCE = 1e-12;

/**
 * What costs assume of a problem with d params, before any run has measured it: κ, moderate as that of a well-posed problem, and the steps of
 * each loop that stops by a test, by the name of its body. What a preconditioner leaves of κ, `κ_near`, is a number of its own, for it hardly depends on κ:
 * multinomial models took 17 steps of 53, 16 of 55, 19 of 40, 26 of 33 and 24 of 25; logistic ones 7 or 8, whether it was 10 or 267 without. Conjugate gradients take ½√κ ln(2√κ/tol) steps, and no more than d but for
 * rounding; quasi-Newton steps grow as √κ, Newton’s do not.
 * Source of the formula for conjugate gradients: Nocedal & Wright (2006), (5.36).
 */
export function assumptionsOf(d: Expr, isQuadratic: boolean): Readonly<Record<string, Expr>> {
  const krylovBy = (rootOfCondition: Expr): Expr =>
    least(sum(d, 1), product(0.5, rootOfCondition, { op: 'log', args: [product(2 / TOLERANCE, rootOfCondition)] }));
  const krylov = krylovBy(root);
  const quasiNewtonBy = (rootOfCondition: Expr): Expr => least(sum(product(2, d), 3), sum(2, product(8, rootOfCondition)));
  return {
    κ: 4,
    κ_near: 2,
    T_direct: 0,
    T_newton: isQuadratic ? 2 : 7,
    T_backtrack: 0.5,
    T_shift: 0,
    T_lbfgs: quasiNewtonBy(root),
    T_line_search: 1,
    T_polish: isQuadratic ? 1 : 2,
    T_cg: krylov,
    T_cg_restart: 1,
    T_pcg: krylovBy(rootNear),
    T_pcg_restart: 1,
    T_plbfgs: quasiNewtonBy(rootNear),
    T_minres: krylov,
    T_minres_restart: 1,
    T_gmres: krylov,
    T_gmres_restart: 1,
    T_neumann: product('κ', 20),
    T_neumann_restart: 1,
    T_power: 20,
    T_gd: product('κ', 25),
    T_heavy_ball: 300,
    T_nesterov: product(root, 50),
    T_adam: 500,
    T_rmsprop: 1000,
    T_proximal_gradient: product('κ', 10),
    T_fista: product(root, 10),
    T_shorten: 0.2,
    T_support: 2,
    T_threshold: 5,
    T_modulus: 1,
  };
}

export interface GraphCost {
  readonly flops: Poly;
  readonly moved: Poly;
}

export function costOfGraph(b: Builder, graph: Graph): GraphCost {
  const costs = graph.nodes.map((n) => b.row(n.op).cost(n));
  return { flops: add(zero, ...costs.map((c) => c.flops)), moved: add(zero, ...costs.map((c) => c.moved)) };
}
