/**
 * Tidies scans. Those that walk the same way are walked once: two whose states begin and move alike become one that stacks what either
 * stacks; a derivative of a recipe needs its states once for the value and once for the way back. Then what nobody reads is dropped:
 * states, stacked results, slices.
 */
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Node, Value } from '../ir/graph.ts';
import { scan } from '../ir/loops.ts';
import { ancestors, reach } from './reach.ts';
import { replace } from './replace.ts';

/** The same outputs, with scans merged and pruned. */
export const tidyLoops = (b: Builder, outputs: readonly Value[]): readonly Value[] => pruneLoops(b, mergeLoops(b, outputs));

const scansIn = (outputs: readonly Value[]): readonly Node[] =>
  ancestors(outputs).filter((node) => node.attributes.body !== undefined && node.attributes.test === undefined);

/** The same outputs, with equal walks merged. */
export function mergeLoops(b: Builder, outputs: readonly Value[]): readonly Value[] {
  const scans = scansIn(outputs);
  for (const [i, first] of scans.entries())
    for (const second of scans.slice(i + 1)) {
      const merged = mergedScan(b, first, second);
      // What was merged is another graph, in which more may be merged.
      if (merged !== undefined) return mergeLoops(b, replace(b, outputs, merged));
    }
  return outputs;
}

const sameValues = (a: readonly Value[], b: readonly Value[]): boolean => a.length === b.length && a.every((v, i) => v === b[i]);

interface Parts {
  readonly constants: readonly Value[];
  readonly states: readonly Value[];
  readonly slices: readonly Value[];
}

function partsOf({ inputs, attributes }: Node): Parts {
  const c = attributes.constants ?? 0;
  const s = attributes.states ?? 0;
  return { constants: inputs.slice(0, c), states: inputs.slice(c, c + s), slices: inputs.slice(c + s) };
}

/** What every output of both becomes, or `undefined` where they do not walk the same way. */
function mergedScan(b: Builder, first: Node, second: Node): ReadonlyMap<Value, Value> | undefined {
  const [p, q] = [partsOf(first), partsOf(second)];
  const [x, y] = [first.attributes, second.attributes];
  if (x.dim?.key !== y.dim?.key || (x.reversed ?? false) !== (y.reversed ?? false)) return undefined;
  if (!sameValues(p.states, q.states) || !sameValues(p.slices, q.slices)) return undefined;
  const isBehind = (node: Node, other: Node): boolean => reach(node.inputs, other.outputs).nodes.length > 0;
  if (isBehind(second, first) || isBehind(first, second) || !movesAlike(b, first, second)) return undefined;
  const count = p.states.length;
  const result = scan(b, {
    length: given(x.dim),
    reversed: x.reversed ?? false,
    states: p.states,
    slices: p.slices,
    name: given(x.body).name,
    body: (states, slices) => {
      const one = b.call(given(x.body), [...p.constants, ...states, ...slices]);
      const other = b.call(given(y.body), [...q.constants, ...states, ...slices]);
      return { states: one.slice(0, count), stacked: [...one.slice(count), ...other.slice(count)] };
    },
  });
  const stackedByFirst = first.outputs.length - count;
  const map = new Map<Value, Value>();
  const becomes = (v: Value, i: number, stacked: number): void => {
    map.set(v, given(i < count ? result.states[i] : result.stacked[stacked + i - count]));
  };
  first.outputs.forEach((v, i) => becomes(v, i, 0));
  second.outputs.forEach((v, i) => becomes(v, i, stackedByFirst));
  return map;
}

/** Whether one step moves the states of both alike: made side by side from the same values, the new states are the same values. */
function movesAlike(b: Builder, first: Node, second: Node): boolean {
  const side = b.nested();
  const doors = new Map<Value, Value>();
  const door = (v: Value): Value => {
    const known = doors.get(v) ?? side.input('door', 'state', v.type);
    doors.set(v, known);
    return known;
  };
  const { states, slices } = partsOf(first);
  const moving = [...states, ...slices].map((v, i) => {
    const { type } = given(given(first.attributes.body).inputs[(first.attributes.constants ?? 0) + i]);
    return side.input(v.node.attributes.name ?? 'moving', 'state', type);
  });
  const step = (node: Node): readonly Value[] => {
    const results = side.call(given(node.attributes.body), [...partsOf(node).constants.map(door), ...moving]);
    return results.slice(0, states.length);
  };
  return sameValues(step(first), step(second));
}

/** The same outputs, from scans that carry and stack only what is read. */
function pruneLoops(b: Builder, outputs: readonly Value[]): readonly Value[] {
  const read = new Set([...outputs, ...ancestors(outputs).flatMap((n) => n.inputs)]);
  // The last first: what it no longer reads, the ones before it need not stack.
  for (const node of [...scansIn(outputs)].reverse()) {
    const pruned = prunedScan(b, node, read);
    if (pruned !== undefined) return pruneLoops(b, replace(b, outputs, pruned));
  }
  return outputs;
}

function prunedScan(b: Builder, node: Node, read: ReadonlySet<Value>): ReadonlyMap<Value, Value> | undefined {
  const { constants, states, slices } = partsOf(node);
  const body = given(node.attributes.body);
  const count = states.length;
  const stacked = node.outputs.map((_, i) => i).filter((i) => i >= count && read.has(given(node.outputs[i])));
  let kept = states.map((_, i) => i).filter((i) => read.has(given(node.outputs[i])));
  // A state is needed by what it moves.
  for (;;) {
    const wanted = [...kept, ...stacked].map((i) => given(body.outputs[i]));
    const moves = (i: number): boolean => {
      const door = given(body.inputs[constants.length + i]);
      return wanted.some((v) => v === door || reach([v], [door]).depends(v));
    };
    const grown = states.map((_, i) => i).filter((i) => kept.includes(i) || moves(i));
    if (grown.length === kept.length) break;
    kept = grown;
  }
  const wanted = [...kept, ...stacked].map((i) => given(body.outputs[i]));
  const used = slices
    .map((_, i) => i)
    .filter((i) => {
      const door = given(body.inputs[constants.length + count + i]);
      return wanted.some((v) => v === door || reach([v], [door]).depends(v));
    });
  if (kept.length === count && stacked.length === node.outputs.length - count && used.length === slices.length) return undefined;
  const result = scan(b, {
    length: given(node.attributes.dim),
    reversed: node.attributes.reversed ?? false,
    states: kept.map((i) => given(states[i])),
    slices: used.map((i) => given(slices[i])),
    name: body.name,
    body: (now, current) => {
      const zeros = (v: Value): Value => b.zeros(v.type.shape);
      const doors = body.inputs.slice(constants.length);
      const operands = [
        ...constants,
        ...states.map((_, i) => now[kept.indexOf(i)] ?? zeros(given(doors[i]))),
        ...slices.map((_, i) => current[used.indexOf(i)] ?? zeros(given(doors[count + i]))),
      ];
      const results = b.call(body, operands, wanted);
      return { states: results.slice(0, kept.length), stacked: results.slice(kept.length) };
    },
  });
  const map = new Map<Value, Value>();
  kept.forEach((i, k) => map.set(given(node.outputs[i]), given(result.states[k])));
  stacked.forEach((i, k) => map.set(given(node.outputs[i]), given(result.stacked[k])));
  return map;
}
