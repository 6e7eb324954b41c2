/**
 * Which nodes of a graph run on a library's device and which on the host (decision 029), in an order in which neither waits for the other
 * more often than it must. Knows no call.
 */
import type { Graph, Node, Value } from '../../ir/graph.ts';

/** What is next: a node on the device, or nodes that the host computes in one go. */
export type Turn = { readonly on: 'device'; readonly node: Node } | { readonly on: 'host'; readonly nodes: readonly Node[] };

/** Made of nothing that is given: as cheap to make again as to hand over. */
export function staticValues({ nodes }: Graph): ReadonlySet<Value> {
  const found = new Set<Value>();
  for (const node of nodes)
    if (node.op !== 'input' && node.attributes.body === undefined && node.inputs.every((v) => found.has(v)))
      for (const v of node.outputs) found.add(v);
  return found;
}

export function turnsOf(graph: Graph, statics: ReadonlySet<Value>, isHost: (node: Node) => boolean): readonly Turn[] {
  const turns: Turn[] = [];
  const available = new Set<Value>(graph.inputs);
  /** What the host has: it gave it, or was given it. */
  const resident = new Set<Value>();
  const feeding = feedingHost(graph, isHost);
  let rest: readonly Node[] = graph.nodes.filter((node) => node.op !== 'input');
  while (rest.length > 0) {
    const later: Node[] = [];
    for (const node of rest) {
      if (isHost(node) || !node.inputs.every((v) => available.has(v))) later.push(node);
      else {
        turns.push({ on: 'device', node });
        for (const v of node.outputs) available.add(v);
      }
    }
    const nodes = nextPiece(later, { available, resident, feeding, statics, isHost });
    if (nodes.length > 0) turns.push({ on: 'host', nodes });
    for (const node of nodes) {
      for (const v of node.inputs) resident.add(v);
      for (const v of node.outputs) {
        resident.add(v);
        available.add(v);
      }
    }
    const done = new Set(nodes);
    rest = later.filter((node) => !done.has(node));
  }
  return turns;
}

/** Nodes from which a way leads to one that is the host's. */
function feedingHost(graph: Graph, isHost: (node: Node) => boolean): ReadonlySet<Node> {
  const feeding = new Set<Node>();
  for (const node of [...graph.nodes].reverse()) if (isHost(node) || feeding.has(node)) for (const v of node.inputs) feeding.add(v.node);
  return feeding;
}

interface Standing {
  readonly available: ReadonlySet<Value>;
  readonly resident: ReadonlySet<Value>;
  readonly feeding: ReadonlySet<Node>;
  readonly statics: ReadonlySet<Value>;
  readonly isHost: (node: Node) => boolean;
}

/** The host's nodes that can run now, with what stands between them and takes nothing that the host would have to ask for. */
function nextPiece(rest: readonly Node[], { available, resident, feeding, statics, isHost }: Standing): readonly Node[] {
  const onHost = new Set(resident);
  const made = new Set<Value>();
  const joined: Node[] = [];
  for (const node of rest) {
    if (!node.inputs.every((v) => available.has(v) || made.has(v))) continue;
    const isBetween = feeding.has(node) && node.attributes.body === undefined && node.inputs.every((v) => onHost.has(v) || statics.has(v));
    if (!isHost(node) && !isBetween) continue;
    joined.push(node);
    if (isHost(node)) for (const v of node.inputs) onHost.add(v);
    for (const v of node.outputs) {
      made.add(v);
      onHost.add(v);
    }
  }
  // What stands between is of use only where a node of the host's comes after it here.
  const needed = new Set<Value>();
  const piece: Node[] = [];
  for (const node of joined.reverse()) {
    if (!isHost(node) && !node.outputs.some((v) => needed.has(v))) continue;
    piece.push(node);
    for (const v of node.inputs) needed.add(v);
  }
  return piece.reverse();
}
