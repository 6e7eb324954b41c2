/**
 * What the way back through a loop reads of the way forth. A value that a step back needs is saved there, or made again here from others
 * that are: the choice that costs least of all is a minimal cut, exactly.
 * Source: Kolmogorov & Zabih (2004), which sums of costs cuts minimise; Griewank & Walther (2008), ch. 12, what reversal saves.
 */
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { evaluate, namesOf, size, type Poly } from '../ir/dims.ts';
import type { Node, Value } from '../ir/graph.ts';
import { fusionRoles } from './fusion-roles.ts';
import { Network } from './minimal-cut.ts';
import { reach } from './reach.ts';

/**
 * Costs, in operations on an element (`cost` of the op rows, where an addition is 1 and `exp` 10). A number that is written, kept and read
 * again: far from the processor, as a loop's steps together are larger than its caches.
 */
export const KEPT = 4;
/** Of a tensor that is there in any case, a state or what a kernel of its own has made: it is only read again. */
const KEPT_ANYWAY = 2;
/** A kernel more, for what would be written nowhere but to be saved, or makes again what no other kernel can: most on a device. */
const KERNEL = 4000;
/** Dims that only data tell are all taken for this long. */
const TYPICAL = 1000;

/** One step back, on values of its own. */
export interface StepBack {
  /** All that it makes of the cotangents that arrive, and these. */
  readonly results: readonly Value[];
  readonly cotangents: readonly Value[];
  /** Before the step, on the way forth; to be saved where they are needed. */
  readonly states: readonly Value[];
  /** What the way back has anyway. */
  readonly slices: readonly Value[];
  /** What the way forth makes of both; nothing else can be saved. */
  readonly forth: readonly Value[];
}

/** The values of the way forth that the way back is to read; all else it makes of them. */
export function savedValues(b: Builder, { results, cotangents, states, slices, forth }: StepBack): readonly Value[] {
  const seeds = [...states, ...slices];
  const back = reach(results, cotangents);
  const varies = reach(results, seeds).depends;
  const isAsked = (v: Value): boolean => varies(v) && !slices.includes(v);
  const read = [...results, ...back.nodes.flatMap((node) => node.inputs)].filter((v) => isAsked(v) && !back.depends(v));
  const isMadeForth = reach(forth, seeds).depends;
  return cheapest(read, {
    nodes: reach(read, seeds).nodes,
    operandsOf: (node) => node.inputs.filter(isAsked),
    saving: (v) => (isMadeForth(v) ? saving(b, v) : Infinity),
    making: (node) => (b.row(node.op).costly === true && node.outputs.every(isMadeForth) ? Infinity : making(b, node)),
  }).sort((v, w) => v.id - w.id);
}

/** Whether it is there as a tensor. What is pointwise is computed where it is read, by the kernel of what reads it, and so are views. */
function isThere({ op }: Node): boolean {
  const role = fusionRoles[op];
  return role !== 'pointwise' && role !== 'view' && role !== 'leaf';
}

function saving(b: Builder, { node, type }: Value): number {
  const elements = typical(b, size(type.shape));
  return isThere(node) ? KEPT_ANYWAY * elements : KERNEL + KEPT * elements;
}

const making = (b: Builder, node: Node): number => (isThere(node) ? KERNEL : 0) + typical(b, b.row(node.op).cost(node).flops);

const typical = ({ fixed }: Builder, p: Poly): number =>
  given(evaluate(p, new Map(namesOf(p).map((name) => [name, fixed.get(name) ?? TYPICAL]))));

export interface Ways {
  readonly nodes: readonly Node[];
  readonly operandsOf: (node: Node) => readonly Value[];
  /** What a value costs that is saved, and a node that makes its results again. */
  readonly saving: (v: Value) => number;
  readonly making: (node: Node) => number;
}

/**
 * The values to be saved so that all that are `read` can be had, at the least cost. `nodes` make them of values that can only be saved.
 *
 * A value on the source’s side is had, a node there makes again. What is had and not made is saved: so much takes the edge from a value to
 * its node. Of a node that makes again the edge to the sink is cut, and its operands are had: edges to them are never cut.
 */
export function cheapest(read: readonly Value[], { nodes, operandsOf, saving, making }: Ways): Value[] {
  const network = new Network();
  const [source, sink] = [network.node(), network.node()];
  const makers = new Map(nodes.map((node) => [node, network.node()]));
  const makerOf = (v: Value): number => makers.get(v.node) ?? sink;
  const places = new Map<Value, number>();
  const place = (v: Value): number => {
    const known = places.get(v);
    if (known !== undefined) return known;
    const added = network.node();
    places.set(v, added);
    network.edge(added, makerOf(v), saving(v));
    return added;
  };
  for (const v of read) network.edge(source, place(v), Infinity);
  for (const [node, maker] of makers) {
    network.edge(maker, sink, making(node));
    for (const v of operandsOf(node)) network.edge(maker, place(v), Infinity);
  }
  const side = network.sourceSide(source, sink);
  return [...places].filter(([v, at]) => side.has(at) && !side.has(makerOf(v))).map(([v]) => v);
}
