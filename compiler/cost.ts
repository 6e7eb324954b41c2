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

/**
 * How many steps costs assume of a loop that stops by a test, by the name of its body, before any run has measured it: what a
 * well-posed problem of moderate condition takes.
 */
export const assumedSteps: Readonly<Record<string, number>> = {
  T_direct: 0,
  T_newton: 6,
  T_backtrack: 0.5,
  T_shift: 0,
  T_lbfgs: 30,
  T_line_search: 0.3,
  T_cg: 25,
  T_cg_restart: 1,
  T_minres: 25,
  T_minres_restart: 1,
  T_gmres: 25,
  T_gmres_restart: 1,
  T_neumann: 100,
  T_neumann_restart: 1,
  T_power: 20,
  T_gd: 1000,
  T_heavy_ball: 300,
  T_proximal_gradient: 1000,
  T_fista: 100,
  T_shorten: 0.2,
  T_support: 2,
  T_threshold: 5,
};

export interface GraphCost {
  readonly flops: Poly;
  readonly moved: Poly;
}

export function costOfGraph(b: Builder, graph: Graph): GraphCost {
  const costs = graph.nodes.map((n) => b.row(n.op).cost(n));
  return { flops: add(zero, ...costs.map((c) => c.flops)), moved: add(zero, ...costs.map((c) => c.moved)) };
}
