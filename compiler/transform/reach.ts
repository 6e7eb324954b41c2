/** Which nodes lie between some values and some outputs. The one walk that every transform uses. */
import type { Node, Value } from '../ir/graph.ts';

export interface Reach {
  /** Nodes that the outputs need and that depend on a seed, operands before users. */
  readonly nodes: readonly Node[];
  /** Whether a value is a seed or depends on one. */
  readonly depends: (v: Value) => boolean;
}

/** Every node that `outputs` need, operands before users. */
export function ancestors(outputs: readonly Value[], stopAt: ReadonlySet<Value> = new Set()): readonly Node[] {
  const seen = new Set<Node>();
  const stack = outputs.filter((v) => !stopAt.has(v)).map((v) => v.node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const input of node.inputs) if (!stopAt.has(input) && !seen.has(input.node)) stack.push(input.node);
  }
  return [...seen].sort((a, b) => firstId(a) - firstId(b));
}

const firstId = (node: Node): number => node.outputs[0]?.id ?? 0;

export function reach(outputs: readonly Value[], seeds: Iterable<Value>): Reach {
  const touched = new Set<Value>(seeds);
  const nodes: Node[] = [];
  for (const node of ancestors(outputs, new Set(touched))) {
    if (!node.inputs.some((v) => touched.has(v))) continue;
    nodes.push(node);
    for (const output of node.outputs) touched.add(output);
  }
  return { nodes, depends: (v) => touched.has(v) };
}
