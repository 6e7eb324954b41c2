/**
 * Writes loops. A body is a function on values of the same builder; what it makes that does not depend on the loop's state
 * stays outside (so nothing invariant ever runs in a loop), the rest becomes the closed graph of the loop's op.
 */
import { ancestors, reach } from '../transform/reach.ts';
import type { Builder } from './builder.ts';
import type { Dim } from './dims.ts';
import type { Graph, Node, TensorType, Value } from './graph.ts';

interface Closure {
  readonly graph: Graph;
  readonly captured: readonly Value[];
}

/** Cheaper to make again than to hand over: leaves, and broadcasts of them. */
function isTrivial(v: Value): boolean {
  const { op, inputs } = v.node;
  if (op === 'constant' || op === 'dim_size' || op === 'iota' || op === 'eye') return true;
  return op === 'broadcast_in_dim' && inputs.every(isTrivial);
}

/** What is worth handing over instead of `v`: a broadcast is made again inside, from its operand. */
const source = (v: Value): Value => (v.node.op === 'broadcast_in_dim' && v.node.inputs[0] !== undefined ? source(v.node.inputs[0]) : v);

/** Closes each piece's outputs over `parameters`: one graph a piece, all with the same inputs: captured values, then parameters. */
function close(
  b: Builder,
  parameters: readonly Value[],
  pieces: readonly { name: string; outputs: readonly Value[] }[],
): readonly Closure[] {
  const all = pieces.flatMap((p) => p.outputs);
  const { nodes, depends } = reach(all, parameters);
  const captured: Value[] = [];
  const need = (v: Value): void => {
    const from = source(v);
    if (!depends(v) && !isTrivial(from) && !captured.includes(from)) captured.push(from);
  };
  for (const node of nodes) node.inputs.forEach(need);
  all.forEach(need);
  return pieces.map(({ name, outputs }) => {
    const inside = b.nested();
    const map = new Map<Value, Value>();
    const enter = (v: Value): Value => {
      const input = inside.input(v.node.attributes.name ?? `v${v.id}`, 'state', v.type);
      map.set(v, input);
      return input;
    };
    const inputs = [...captured, ...parameters].map(enter);
    const make = (node: Node): void => {
      const results = inside.emit(node.op, node.inputs.map(at), node.attributes);
      node.outputs.forEach((o, i) => map.set(o, results[i] ?? o));
    };
    const at = (v: Value): Value => {
      if (!map.has(v)) make(v.node);
      return map.get(v) ?? v;
    };
    for (const node of ancestors(outputs, new Set([...captured, ...parameters]))) make(node);
    return { graph: inside.graph(name, inputs, outputs.map(at)), captured };
  });
}

const placeholder = (b: Builder, name: string, type: TensorType): Value => b.input(name, 'state', type);

export interface ScanLoop {
  readonly length: Dim;
  readonly reversed?: boolean;
  readonly states: readonly Value[];
  /** Tensors `[length, …]`, of which step t sees slice t. */
  readonly slices?: readonly Value[];
  readonly body: (
    states: readonly Value[],
    slices: readonly Value[],
  ) => { readonly states: readonly Value[]; readonly stacked?: readonly Value[] };
  readonly name?: string;
}

/** A loop whose number of steps is known on entry. `stacked` results of step t end up in slice t of tensors `[length, …]`. */
export function scan(b: Builder, loop: ScanLoop): { states: readonly Value[]; stacked: readonly Value[] } {
  const slices = loop.slices ?? [];
  const states = loop.states.map((v, i) => placeholder(b, `s${i}`, v.type));
  const current = slices.map((v, i) => placeholder(b, `x${i}`, { dtype: v.type.dtype, shape: v.type.shape.slice(1) }));
  const result = loop.body(states, current);
  const [closure] = close(
    b,
    [...states, ...current],
    [{ name: loop.name ?? 'step', outputs: [...result.states, ...(result.stacked ?? [])] }],
  );
  if (closure === undefined) return { states: [], stacked: [] };
  const outputs = b.emit('scan', [...closure.captured, ...loop.states, ...slices], {
    body: closure.graph,
    constants: closure.captured.length,
    states: states.length,
    dim: loop.length,
    reversed: loop.reversed ?? false,
  });
  return { states: outputs.slice(0, states.length), stacked: outputs.slice(states.length) };
}

export interface IterateLoop {
  readonly limit: number;
  readonly states: readonly Value[];
  /** A bool scalar: whether to take another step. */
  readonly test: (states: readonly Value[]) => Value;
  readonly body: (states: readonly Value[]) => readonly Value[];
  readonly name?: string;
}

/** A loop that stops by a test, after at most `limit` steps; it is not differentiated. */
export function iterate(b: Builder, loop: IterateLoop): readonly Value[] {
  const states = loop.states.map((v, i) => placeholder(b, `s${i}`, v.type));
  const [body, test] = close(b, states, [
    { name: loop.name ?? 'step', outputs: loop.body(states) },
    { name: 'continue', outputs: [loop.test(states)] },
  ]);
  if (body === undefined || test === undefined) return [];
  return b.emit('iterate', [...body.captured, ...loop.states], {
    body: body.graph,
    test: test.graph,
    constants: body.captured.length,
    states: states.length,
    limit: loop.limit,
  });
}

/** `iterate` with its states by name. */
export function iterateNamed<Name extends string>(
  b: Builder,
  loop: {
    readonly name: string;
    readonly limit: number;
    readonly states: Readonly<Record<Name, Value>>;
    readonly test: (states: Readonly<Record<Name, Value>>) => Value;
    readonly body: (states: Readonly<Record<Name, Value>>) => Readonly<Record<Name, Value>>;
  },
): Readonly<Record<Name, Value>> {
  const names = Object.keys(loop.states) as Name[];
  const named = (values: readonly Value[]): Record<Name, Value> =>
    Object.fromEntries(names.map((name, i) => [name, values[i]])) as Record<Name, Value>;
  const listed = (states: Readonly<Record<Name, Value>>): readonly Value[] => names.map((name) => states[name]);
  return named(
    iterate(b, {
      name: loop.name,
      limit: loop.limit,
      states: listed(loop.states),
      test: (states) => loop.test(named(states)),
      body: (states) => listed(loop.body(named(states))),
    }),
  );
}
