/**
 * Minimal cuts of small networks. Knows nothing of what its nodes stand for.
 * Source: Edmonds & Karp (1972): along shortest ways first, so that it ends whatever the capacities are.
 */
import { InternalError } from '../../diagnostics/internal-error.ts';

interface Edge {
  readonly to: number;
  /** What it can still take. */
  left: number;
  /** The same edge the other way round, which takes back. */
  readonly back: () => Edge;
}

export class Network {
  private readonly edges: Edge[][] = [];

  node(): number {
    return this.edges.push([]) - 1;
  }

  /** May be infinite: then it is never cut. */
  edge(from: number, to: number, capacity: number): void {
    const forth: Edge = { to, left: capacity, back: () => back };
    const back: Edge = { to: from, left: 0, back: () => forth };
    this.edgesOf(from).push(forth);
    this.edgesOf(to).push(back);
  }

  /** Of all sets that hold the source and not the sink, and that edges of the least capacity in all leave, the largest. */
  sourceSide(source: number, sink: number): ReadonlySet<number> {
    for (let way = this.shortestWay(source, sink); way !== undefined; way = this.shortestWay(source, sink)) {
      const most = Math.min(...way.map((edge) => edge.left));
      if (most === Infinity) throw new InternalError('minimal cut', 'no cut is finite');
      for (const edge of way) {
        edge.left -= most;
        edge.back().left += most;
      }
    }
    const behind = this.reaching(sink);
    return new Set(this.edges.flatMap((_, node) => (behind.has(node) ? [] : [node])));
  }

  private shortestWay(source: number, sink: number): readonly Edge[] | undefined {
    const arrivals = new Map<number, Edge>();
    const queue = [source];
    for (const node of queue)
      for (const edge of this.edgesOf(node)) {
        if (edge.left === 0 || edge.to === source || arrivals.has(edge.to)) continue;
        arrivals.set(edge.to, edge);
        queue.push(edge.to);
        if (edge.to === sink) return wayTo(edge, arrivals);
      }
    return undefined;
  }

  /** The nodes from which more could flow into the sink. */
  private reaching(sink: number): ReadonlySet<number> {
    const seen = new Set([sink]);
    for (const node of seen) for (const edge of this.edgesOf(node)) if (edge.back().left > 0) seen.add(edge.to);
    return seen;
  }

  private edgesOf(node: number): Edge[] {
    const edges = this.edges[node];
    if (edges === undefined) throw new InternalError('minimal cut', `no node ${node}`);
    return edges;
  }
}

function wayTo(last: Edge, arrivals: ReadonlyMap<number, Edge>): readonly Edge[] {
  const way = [last];
  for (let edge = arrivals.get(last.back().to); edge !== undefined; edge = arrivals.get(edge.back().to)) way.push(edge);
  return way;
}
