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

export interface GraphCost {
  readonly flops: Poly;
  readonly moved: Poly;
}

export function costOfGraph(b: Builder, graph: Graph): GraphCost {
  const costs = graph.nodes.map((n) => b.row(n.op).cost(n));
  return { flops: add(zero, ...costs.map((c) => c.flops)), moved: add(zero, ...costs.map((c) => c.moved)) };
}
