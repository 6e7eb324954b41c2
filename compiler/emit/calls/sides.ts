/**
 * Which nodes of a graph are the host's and which the device's (decision 029). The host has what a library has no kernel for; to wait for the
 * device takes far longer than little work, so it also has what is light beside that, where nobody need wait then, or once less. Knows no call.
 */
import { given } from '../../ir/attributes.ts';
import { add, isOutgrown, size, zero, type Poly } from '../../ir/dims.ts';
import type { Graph, Node, Value } from '../../ir/graph.ts';
import { ops } from '../../ops/table.ts';
import type { Canonical } from '../../transform/views.ts';
import { ancestors } from '../../transform/reach.ts';

export interface Standing {
  /** Whether a library has no kernel for it. */
  readonly isLeftOut: (node: Node) => boolean;
  readonly canonical: Canonical;
  /** Inputs that the host has: it was given them, or reads them once and keeps them. */
  readonly near: readonly Value[];
  /** Outputs that the host is going to be asked for. */
  readonly wanted: readonly Value[];
  /** Beside which others are light, where that is not in the graph itself. */
  readonly beside?: Load;
}

/** How much the host does in any case. */
export interface Load {
  /** Operations, and numbers read and written. */
  readonly work: Poly;
  /** Numbers of which it is handed one or more tensors. */
  readonly read: Poly;
}

export interface Sides {
  readonly statics: ReadonlySet<Value>;
  readonly isHost: (node: Node) => boolean;
  /** How often the device has been waited for until a node can run. */
  readonly levelOf: (node: Node) => number;
  /** Whether the host has it without waiting for the device. */
  readonly isNear: (v: Value) => boolean;
  /** Of loops in whose steps the host has a part: of the body, and of the test. */
  readonly loops: ReadonlyMap<Node, LoopSides>;
  /** Loops of the device's where the host says whether they are entered. */
  readonly entered: ReadonlySet<Node>;
}

export interface LoopSides {
  readonly body: Sides;
  readonly test: Sides | undefined;
}

/** Made of nothing that is given: as cheap to make again as to hand over. */
export function staticValues({ nodes }: Graph): ReadonlySet<Value> {
  const found = new Set<Value>();
  for (const node of nodes)
    if (node.op !== 'input' && node.attributes.body === undefined && node.inputs.every((v) => found.has(v)))
      for (const v of node.outputs) found.add(v);
  return found;
}

/** Of a graph that runs on the device alone. */
export const nothingOfHost = (graph: Graph): Sides => ({
  statics: staticValues(graph),
  isHost: () => false,
  levelOf: () => 0,
  isNear: () => false,
  loops: new Map(),
  entered: new Set(),
});

export function sidesOf(graph: Graph, standing: Standing): Sides {
  return new Placing(graph, standing).sides();
}

class Placing {
  private readonly graph: Graph;
  private readonly standing: Standing;
  private readonly statics: ReadonlySet<Value>;
  private readonly near: Set<Value>;
  private readonly levels = new Map<Value, number>();
  private readonly turns = new Map<Node, number>();
  /** What the host could compute without waiting for it. */
  private readonly possible = new Set<Node>();
  /** What the host is handed, or has made, in any case. */
  private readonly there: Set<Value>;
  private readonly loops = new Map<Node, LoopSides>();
  private readonly entered = new Set<Node>();
  private readonly load: Load;
  private spent = zero;

  constructor(graph: Graph, standing: Standing) {
    this.graph = graph;
    this.standing = standing;
    this.statics = staticValues(graph);
    this.near = new Set([...standing.near, ...this.statics]);
    const own = graph.nodes.filter(standing.isLeftOut);
    this.there = new Set(own.flatMap(({ inputs }) => inputs));
    this.load = standing.beside ?? loadOf(own, standing.canonical);
  }

  sides(): Sides {
    const { graph, statics, near, turns, loops, entered } = this;
    for (const node of graph.nodes) if (node.op !== 'input') this.look(node);
    const onHost = this.asked([]);
    this.asked(this.shrunken(onHost)).forEach((node) => onHost.add(node));
    return {
      statics,
      isHost: (node) => onHost.has(node),
      levelOf: (node) => turns.get(node) ?? 0,
      isNear: (v) => near.has(v) && (onHost.has(v.node) || !this.possible.has(v.node)),
      loops,
      entered,
    };
  }

  // ---- forwards: what the host could have, and when -----------------------------------------------------------------------

  private look(node: Node): void {
    const { inputs, attributes, outputs } = node;
    const isOwn = this.standing.isLeftOut(node);
    const level = Math.max(0, ...inputs.map((v) => this.level(v) + (isOwn && !this.near.has(v) ? 1 : 0)));
    this.turns.set(node, level);
    if (attributes.body !== undefined) return this.loop(node, level);
    for (const v of outputs) this.levels.set(v, level);
    if (isOwn) this.isThere(node);
    else if (this.isPossible(node, level)) {
      this.possible.add(node);
      this.isThere(node);
    }
  }

  private level(v: Value): number {
    return this.levels.get(v) ?? 0;
  }

  private isThere({ outputs }: Node): void {
    for (const v of outputs) {
      this.near.add(v);
      this.there.add(v);
    }
  }

  /** What it takes the host has, or has when the device has been waited for as often as for the node itself. */
  private isPossible(node: Node, level: number): boolean {
    const { statics, near, there } = this;
    if (node.outputs.some((v) => statics.has(v))) return false;
    if (!node.inputs.every((v) => near.has(v) || this.level(v) < level)) return false;
    return this.isLight(node) || node.inputs.every((v) => there.has(v) || statics.has(v));
  }

  /** All that are light together are no more work than what the host does in any case, as a trip is nothing beside either; nor is it handed more. */
  private isLight(node: Node): boolean {
    const { canonical } = this.standing;
    const { work, read } = this.load;
    if (![...node.inputs, ...node.outputs].every(({ type }) => isOutgrown(canonical(size(type.shape)), read))) return false;
    const sum = add(this.spent, workOf(node, canonical));
    if (!isOutgrown(sum, work)) return false;
    this.spent = sum;
    return true;
  }

  // ---- loops --------------------------------------------------------------------------------------------------------------

  private loop(node: Node, level: number): void {
    const { op, outputs } = node;
    const isShared = hasLeftOut(bodyOf(node), this.standing.isLeftOut);
    // What the host has of it, it has when the loop has ended.
    for (const v of outputs) this.levels.set(v, isShared ? level + 1 : level);
    if (isShared) this.sharedLoop(node);
    else if (op === 'iterate' && this.isLooked(node)) this.entered.add(node);
  }

  /** Its states stay with the host where each step leaves them there if it is given them there; what it keeps is read once. */
  private sharedLoop(node: Node): void {
    const { isLeftOut, canonical } = this.standing;
    const body = bodyOf(node);
    const { constants = 0, states = 0, test, limit } = node.attributes;
    const begin = node.inputs.slice(constants, constants + states).map((v) => this.near.has(v));
    // After the first of several steps they are what the step before has left.
    let stay: readonly boolean[] = limit === 1 ? begin : begin.map(() => true);
    const nearOf = ({ inputs }: Graph): readonly Value[] => inputs.filter((_, i) => i < constants || stay[i - constants] === true);
    const sidesOfBody = (): Sides =>
      sidesOf(body, { isLeftOut, canonical, near: nearOf(body), wanted: body.outputs.filter((_, i) => stay[i] === true) });
    let sides = sidesOfBody();
    for (;;) {
      const still = stay.map((is, i) => is && sides.isNear(given(body.outputs[i])));
      if (still.every((is, i) => is === stay[i])) break;
      stay = still;
      sides = sidesOfBody();
    }
    const beside = loadOf(body.nodes.filter(isLeftOut), canonical);
    const ofTest =
      test === undefined ? undefined : sidesOf(test, { isLeftOut, canonical, near: nearOf(test), wanted: test.outputs, beside });
    this.loops.set(node, { body: sides, test: ofTest });
    node.outputs.forEach((v, i) => {
      if (stay[i] !== true || begin[i] !== true) return;
      this.near.add(v);
      this.there.add(v);
    });
  }

  /** Whether the host can say at the start if a loop is entered, of what it has by then. */
  private isLooked(node: Node): boolean {
    const { isLeftOut, canonical } = this.standing;
    const test = given(node.attributes.test, 'the test of a loop');
    const near = test.inputs.filter((_, i) => this.near.has(given(node.inputs[i])));
    const sides = sidesOf(test, { isLeftOut, canonical, near, wanted: test.outputs, beside: this.load });
    return (
      test.outputs.every(({ node: last }) => sides.isHost(last)) && usedInputs(test).every((i) => near.includes(given(test.inputs[i])))
    );
  }

  // ---- backwards: what the host is asked for --------------------------------------------------------------------------------

  private asked(besides: readonly Value[]): Set<Node> {
    const { graph, standing, possible } = this;
    const asked = new Set<Value>([...standing.wanted, ...besides]);
    const onHost = new Set<Node>();
    for (const node of [...graph.nodes].reverse()) {
      for (const v of this.askedByLoop(node)) asked.add(v);
      if (!standing.isLeftOut(node) && !(possible.has(node) && node.outputs.some((v) => asked.has(v)))) continue;
      onHost.add(node);
      for (const v of node.inputs) asked.add(v);
    }
    return onHost;
  }

  /** Little that is made of much which the host has made, and the device has no other use for: it would be sent for nothing. */
  private shrunken(onHost: ReadonlySet<Node>): readonly Value[] {
    const { graph, possible } = this;
    const staysWith = (node: Node): boolean => onHost.has(node) || possible.has(node);
    const onDevice = new Set(graph.nodes.filter((node) => !staysWith(node)).flatMap(({ inputs }) => inputs));
    const fromHost = new Set<Value>();
    const found: Value[] = [];
    for (const node of graph.nodes.filter(staysWith)) {
      const sources = node.inputs.filter((v) => fromHost.has(v));
      if (!onHost.has(node) && sources.length === 0) continue;
      for (const v of node.outputs) if (!onDevice.has(v)) fromHost.add(v);
      if (sources.some((v) => node.outputs.every((output) => isLess(output, v)))) found.push(...node.outputs);
    }
    return found;
  }

  private askedByLoop(node: Node): readonly Value[] {
    const { test } = node.attributes;
    const shared = this.loops.get(node);
    const positions = [
      ...(shared === undefined ? [] : takenByHost(bodyOf(node), shared.body)),
      ...(test === undefined || shared?.test === undefined ? [] : takenByHost(test, shared.test)),
      ...(test === undefined || !this.entered.has(node) ? [] : usedInputs(test)),
    ];
    return positions.map((i) => given(node.inputs[i]));
  }
}

/** Whether one has less elements than another once sizes are large. */
const isLess = (one: Value, other: Value): boolean => {
  const [a, b] = [size(one.type.shape), size(other.type.shape)];
  return isOutgrown(a, b) && !isOutgrown(b, a);
};

const bodyOf = ({ attributes }: Node): Graph => given(attributes.body, 'the body of a loop');

const hasLeftOut = ({ nodes }: Graph, isLeftOut: Standing['isLeftOut']): boolean =>
  nodes.some(
    (node) =>
      isLeftOut(node) || [node.attributes.body, node.attributes.test].some((inner) => inner !== undefined && hasLeftOut(inner, isLeftOut)),
  );

/** Which inputs its outputs are made of. */
export function usedInputs({ inputs, outputs }: Graph): readonly number[] {
  const read = new Set([...outputs, ...ancestors(outputs, new Set(inputs)).flatMap((node) => node.inputs)]);
  return inputs.flatMap((v, i) => (read.has(v) ? [i] : []));
}

function takenByHost({ inputs, nodes }: Graph, { isHost }: Sides): readonly number[] {
  const read = new Set(nodes.filter(isHost).flatMap((node) => node.inputs));
  return inputs.flatMap((v, i) => (read.has(v) ? [i] : []));
}

function workOf(node: Node, canonical: Canonical): Poly {
  const { flops, moved } = ops[node.op].cost(node);
  return canonical(add(flops, moved));
}

const loadOf = (own: readonly Node[], canonical: Canonical): Load => ({
  work: add(zero, ...own.map((node) => workOf(node, canonical))),
  read: add(zero, ...own.flatMap(({ inputs }) => inputs.map(({ type }) => canonical(size(type.shape))))),
});
