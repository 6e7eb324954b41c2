/**
 * Tidies scans, also those inside scans. Those that walk the same way are walked once: two whose states begin and move alike, as far as the
 * shorter list goes, become one that stacks what either stacks; a derivative of a recipe needs its states for the value, and for the way
 * back or beside its tangents. States that never move are no states. Then what nobody reads is dropped: states, stacked results, slices.
 */
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Node, Value } from '../ir/graph.ts';
import { scan } from '../ir/loops.ts';
import { ancestors, reach } from './reach.ts';
import { replace } from './replace.ts';

/** The same outputs, with scans merged and pruned. */
export const tidyLoops = (b: Builder, outputs: readonly Value[]): readonly Value[] =>
  scansIn(outputs).length === 0 ? outputs : tidyBodies(b, pruneLoops(b, stillLoops(b, mergeLoops(b, outputs))));

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

const beginsWith = (a: readonly Value[], b: readonly Value[]): boolean => b.every((v, i) => v === a[i]);

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
function mergedScan(b: Builder, one: Node, other: Node): ReadonlyMap<Value, Value> | undefined {
  const [large, small] = partsOf(one).states.length >= partsOf(other).states.length ? [one, other] : [other, one];
  const [p, q] = [partsOf(large), partsOf(small)];
  const [x, y] = [large.attributes, small.attributes];
  if (x.dim?.key !== y.dim?.key || (x.reversed ?? false) !== (y.reversed ?? false)) return undefined;
  if (!beginsWith(p.states, q.states) || !beginsWith(p.slices, q.slices)) return undefined;
  const isBehind = (node: Node, before: Node): boolean => reach(node.inputs, before.outputs).nodes.length > 0;
  if (isBehind(small, large) || isBehind(large, small) || !movesAlike(b, large, small)) return undefined;
  const [all, shared] = [p.states.length, q.states.length];
  const result = scan(b, {
    length: given(x.dim),
    reversed: x.reversed ?? false,
    states: p.states,
    slices: p.slices,
    name: given(x.body).name,
    body: (states, slices) => {
      const longer = b.call(given(x.body), [...p.constants, ...states, ...slices]);
      const shorter = b.call(given(y.body), [...q.constants, ...states.slice(0, shared), ...slices.slice(0, q.slices.length)]);
      return { states: longer.slice(0, all), stacked: [...longer.slice(all), ...shorter.slice(shared)] };
    },
  });
  const map = new Map<Value, Value>();
  const becomes = (node: Node, states: number, stacked: number): void =>
    node.outputs.forEach((v, i) => map.set(v, given(i < states ? result.states[i] : result.stacked[stacked + i - states])));
  becomes(large, all, 0);
  becomes(small, shared, large.outputs.length - all);
  return map;
}

/** Whether one step moves the states of the small one as it moves those of the large: made side by side, the new states are the same values. */
function movesAlike(b: Builder, large: Node, small: Node): boolean {
  const side = b.nested();
  const doors = new Map<Value, Value>();
  const door = (v: Value): Value => {
    const known = doors.get(v) ?? side.input('door', 'state', v.type);
    doors.set(v, known);
    return known;
  };
  const body = given(large.attributes.body);
  const moving = body.inputs.slice(partsOf(large).constants.length).map((v) => side.input('moving', 'state', v.type));
  const count = partsOf(large).states.length;
  const [states, slices] = [moving.slice(0, count), moving.slice(count)];
  const step = (node: Node): readonly Value[] => {
    const { constants, ...own } = partsOf(node);
    const operands = [...constants.map(door), ...states.slice(0, own.states.length), ...slices.slice(0, own.slices.length)];
    return side.call(given(node.attributes.body), operands).slice(0, own.states.length);
  };
  return beginsWith(step(large), step(small));
}

/** The same outputs, from scans that carry only states that move: the way back through a recipe begins most of them at 0 and leaves some there. */
function stillLoops(b: Builder, outputs: readonly Value[]): readonly Value[] {
  for (const node of scansIn(outputs)) {
    const still = stillStates(b, node);
    if (still.length > 0) return stillLoops(b, replace(b, outputs, withoutStates(b, node, still)));
  }
  return outputs;
}

/** Positions of states that a step leaves as they began, if all of these are as they began. */
function stillStates(b: Builder, node: Node): readonly number[] {
  const { constants, states, slices } = partsOf(node);
  const body = given(node.attributes.body);
  const side = b.nested();
  const doors = new Map<Value, Value>();
  const door = (v: Value): Value => {
    const known = doors.get(v) ?? sameNumber(side, v) ?? side.input('door', 'state', v.type);
    doors.set(v, known);
    return known;
  };
  const begin = states.map(door);
  const moving = states.map((v) => side.input('moving', 'state', v.type));
  const current = slices.map((_, i) => side.input('current', 'state', given(body.inputs[constants.length + states.length + i]).type));
  let still = states.map((_, i) => i);
  for (let before = -1; before !== still.length && still.length > 0;) {
    before = still.length;
    const operands = begin.map((v, i) => (still.includes(i) ? v : given(moving[i])));
    const after = side.call(body, [...constants.map(door), ...operands, ...current]);
    still = still.filter((i) => after[i] === operands[i]);
  }
  return still;
}

/** A number, the same everywhere, made again; a door would hide that it is one. */
function sameNumber(b: Builder, { node }: Value): Value | undefined {
  if (node.op === 'constant') return b.one('constant', [], node.attributes);
  if (node.op !== 'broadcast_in_dim') return undefined;
  const operand = sameNumber(b, given(node.inputs[0]));
  return operand === undefined ? undefined : b.one('broadcast_in_dim', [operand], node.attributes);
}

function withoutStates(b: Builder, node: Node, still: readonly number[]): ReadonlyMap<Value, Value> {
  const { states, slices } = partsOf(node);
  const all = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);
  const left = all(0, states.length).filter((i) => !still.includes(i));
  const kept = { states: left, stacked: all(states.length, node.outputs.length), slices: all(0, slices.length) };
  const map = scanOf(b, node, kept, (start) => start);
  return new Map([...map, ...still.map((i) => [given(node.outputs[i]), given(states[i])] as const)]);
}

/** Positions among the states, the outputs, and the slices. */
interface Kept {
  readonly states: readonly number[];
  readonly stacked: readonly number[];
  readonly slices: readonly number[];
}

/** The scan with these alone, and what its outputs become. `instead`: of what a state that it does not carry begins as, what stands in its place. */
function scanOf(
  b: Builder,
  node: Node,
  { states: kept, stacked, slices: used }: Kept,
  instead: (start: Value) => Value,
): ReadonlyMap<Value, Value> {
  const { constants, states, slices } = partsOf(node);
  const body = given(node.attributes.body);
  const wanted = [...kept, ...stacked].map((i) => given(body.outputs[i]));
  const result = scan(b, {
    length: given(node.attributes.dim),
    reversed: node.attributes.reversed ?? false,
    states: kept.map((i) => given(states[i])),
    slices: used.map((i) => given(slices[i])),
    name: body.name,
    body: (now, current) => {
      const doors = body.inputs.slice(constants.length + states.length);
      const operands = [
        ...constants,
        ...states.map((v, i) => now[kept.indexOf(i)] ?? instead(v)),
        ...slices.map((_, i) => current[used.indexOf(i)] ?? b.zerosOf(given(doors[i]).type)),
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

/** The same outputs, from scans that carry and stack only what is read. */
function pruneLoops(b: Builder, outputs: readonly Value[]): readonly Value[] {
  const read = neededBy(outputs);
  // The last first: what it no longer reads, the ones before it need not stack.
  for (const node of [...scansIn(outputs)].reverse()) {
    const pruned = prunedScan(b, node, read);
    if (pruned === undefined) continue;
    const after = replace(b, outputs, pruned);
    // A scan that only a dead operand of another one speaks of has nothing that is read.
    if (!beginsWith(after, outputs)) return pruneLoops(b, after);
  }
  return outputs;
}

/** The values that `outputs` come from; of a scan, only what comes into the results that are read. */
function neededBy(outputs: readonly Value[]): ReadonlySet<Value> {
  const needed = new Set(outputs);
  for (const node of [...ancestors(outputs)].reverse()) {
    const isRead = (i: number): boolean => needed.has(given(node.outputs[i]));
    if (!node.outputs.some((_, i) => isRead(i))) continue;
    const isScan = node.attributes.body !== undefined && node.attributes.test === undefined;
    const live = isScan ? liveParts(node, isRead).operands : node.inputs;
    live.forEach((v) => needed.add(v));
  }
  return needed;
}

interface LiveParts extends Kept {
  readonly operands: readonly Value[];
}

/** What of a scan comes into the results that are read: a state is needed by what it moves. */
function liveParts(node: Node, isRead: (output: number) => boolean): LiveParts {
  const { constants, states, slices } = partsOf(node);
  const body = given(node.attributes.body);
  const stacked = node.outputs.map((_, i) => i).filter((i) => i >= states.length && isRead(i));
  let live = states.map((_, i) => i).filter(isRead);
  for (;;) {
    const needed = neededBy([...live, ...stacked].map((i) => given(body.outputs[i])));
    const isNeeded = (operand: number): boolean => needed.has(given(body.inputs[operand]));
    const grown = states.map((_, i) => i).filter((i) => live.includes(i) || isNeeded(constants.length + i));
    if (grown.length === live.length) {
      const used = slices.map((_, i) => i).filter((i) => isNeeded(constants.length + states.length + i));
      const operands = [
        ...constants.filter((_, i) => isNeeded(i)),
        ...live.map((i) => given(states[i])),
        ...used.map((i) => given(slices[i])),
      ];
      return { states: live, stacked, slices: used, operands };
    }
    live = grown;
  }
}

function prunedScan(b: Builder, node: Node, read: ReadonlySet<Value>): ReadonlyMap<Value, Value> | undefined {
  const { states, slices } = partsOf(node);
  const live = liveParts(node, (i) => read.has(given(node.outputs[i])));
  const isWhole =
    live.states.length === states.length &&
    live.stacked.length === node.outputs.length - states.length &&
    live.slices.length === slices.length;
  // What reads them is dropped, too.
  return isWhole ? undefined : scanOf(b, node, live, (start) => b.zerosOf(start.type));
}

/** The same outputs, from scans whose bodies are tidy, where these hold loops themselves. */
function tidyBodies(b: Builder, outputs: readonly Value[]): readonly Value[] {
  const tidy = new Map<Value, Value>();
  for (const node of scansIn(outputs)) {
    const body = given(node.attributes.body);
    if (!body.nodes.some((inner) => inner.attributes.body !== undefined)) continue;
    const side = b.nested();
    const inputs = body.inputs.map((v) => side.input(v.node.attributes.name ?? 'operand', 'state', v.type));
    const before = side.call(body, inputs);
    const after = tidyLoops(side, before);
    if (beginsWith(after, before)) continue;
    const results = b.emit(node.op, replace(b, node.inputs, tidy), { ...node.attributes, body: side.graph(body.name, inputs, after) });
    node.outputs.forEach((v, i) => tidy.set(v, given(results[i])));
  }
  return tidy.size === 0 ? outputs : replace(b, outputs, tidy);
}
