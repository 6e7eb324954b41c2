/** In which order nodes run on a library's device and on the host (decision 029): neither waits for the other more often than it must. */
import type { Graph, Node, Value } from '../../ir/graph.ts';
import type { Sides } from './sides.ts';

/** What is next: a node on the device, or nodes that the host computes in one go. */
export type Turn = { readonly on: 'device'; readonly node: Node } | { readonly on: 'host'; readonly nodes: readonly Node[] };

/** What the host can do is left until the device asks for it, as it may then be one with what comes later. */
export function turnsOf(graph: Graph, { isHost, levelOf }: Sides): readonly Turn[] {
  const turns: Turn[] = [];
  let pending: Node[] = [];
  const flush = (): void => {
    if (pending.length > 0) turns.push({ on: 'host', nodes: pending });
    pending = [];
  };
  const nodes = graph.nodes.filter((node) => node.op !== 'input');
  const levels = [...new Set(nodes.map(levelOf))].sort((a, b) => a - b);
  for (const level of levels) {
    const here = nodes.filter((node) => levelOf(node) === level);
    pending.push(...here.filter(isHost));
    const onDevice = here.filter((node) => !isHost(node));
    const made = new Set<Value>(pending.flatMap(({ outputs }) => outputs));
    if (onDevice.some(({ inputs }) => inputs.some((v) => made.has(v)))) flush();
    for (const node of onDevice) turns.push({ on: 'device', node });
  }
  flush();
  return turns;
}
