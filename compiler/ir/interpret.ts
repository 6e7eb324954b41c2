/**
 * The reference interpreter: runs any graph in float64, node by node, by the op rows. The oracle of every backend. Knows no op.
 */
import { InternalError } from '../../diagnostics/internal-error.ts';
import type { InterpretContext } from '../ops/spec.ts';
import { ops } from '../ops/table.ts';
import { evaluate, type Poly, type Sizes } from './dims.ts';
import type { Graph, Node, Tensor, Value } from './graph.ts';

export type Run = (inputs: readonly Tensor[]) => readonly Tensor[];

/** A graph made ready for sizes: where each value is kept, and when it can be let go, is settled once. */
interface Ready {
  readonly inputs: readonly number[];
  readonly steps: readonly {
    readonly node: Node;
    readonly operands: readonly number[];
    readonly results: readonly number[];
    readonly done: readonly number[];
  }[];
  readonly outputs: readonly number[];
  readonly places: number;
}

function settle(graph: Graph): Ready {
  const places = new Map<Value, number>();
  const place = (v: Value): number => {
    const known = places.get(v) ?? places.size;
    places.set(v, known);
    return known;
  };
  const inputs = graph.inputs.map(place);
  const kept = new Set(graph.outputs);
  const lastUse = new Map<Value, Node>();
  for (const node of graph.nodes) for (const v of node.inputs) lastUse.set(v, node);
  const steps = graph.nodes.map((node) => ({
    node,
    operands: node.inputs.map(place),
    results: node.outputs.map(place),
    done: [...new Set(node.inputs)].filter((v) => lastUse.get(v) === node && !kept.has(v)).map(place),
  }));
  return { inputs, steps, outputs: graph.outputs.map(place), places: places.size };
}

/**
 * Makes a graph ready to run at these sizes; bodies of loops are made ready once, on first use.
 * Fails: throws `InternalError` on a dim without a size or a missing operand, which the caller had to make sure of.
 */
export function prepare(graph: Graph, sizes: Sizes): Run {
  const ready = new Map<Graph, Ready>();
  const known = new Map<string, number>();
  const context: InterpretContext = {
    sizes,
    size: (dim: Poly): number => {
      const before = known.get(dim.key);
      if (before !== undefined) return before;
      const value = evaluate(dim, sizes);
      if (value === undefined) throw new InternalError('interpret', `no size for ${dim.key}`);
      known.set(dim.key, value);
      return value;
    },
    run: (body, inputs) => {
      const settled = ready.get(body) ?? settle(body);
      ready.set(body, settled);
      return execute(settled, inputs, context, body.name);
    },
  };
  return (inputs) => context.run(graph, inputs);
}

function execute(ready: Ready, inputs: readonly Tensor[], context: InterpretContext, name: string): readonly Tensor[] {
  if (inputs.length !== ready.inputs.length)
    throw new InternalError('interpret', `${name} takes ${ready.inputs.length} inputs, got ${inputs.length}`);
  const tensors = new Array<Tensor | undefined>(ready.places);
  const at = (place: number): Tensor => {
    const tensor = tensors[place];
    if (tensor === undefined) throw new InternalError('interpret', `${name} uses a value that is not there`);
    return tensor;
  };
  ready.inputs.forEach((place, i) => (tensors[place] = inputs[i]));
  for (const { node, operands, results, done } of ready.steps) {
    const values = ops[node.op].reference(node, operands.map(at), context);
    results.forEach((place, i) => (tensors[place] = values[i]));
    for (const place of done) tensors[place] = undefined;
  }
  return ready.outputs.map(at);
}

/** Runs a graph once. */
export const interpret = (graph: Graph, inputs: readonly Tensor[], sizes: Sizes): readonly Tensor[] => prepare(graph, sizes)(inputs);
