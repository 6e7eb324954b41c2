/** Evaluates an expression elsewhere: the same values with some of them replaced. Emits only what changes. */
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { reach } from './reach.ts';

/** `outputs` with every key of `replacements` replaced by its value; both must have the same type. */
export function replace(b: Builder, outputs: readonly Value[], replacements: ReadonlyMap<Value, Value>): readonly Value[] {
  const map = new Map(replacements);
  const at = (v: Value): Value => map.get(v) ?? v;
  for (const node of reach(outputs, replacements.keys()).nodes) {
    const results = b.emit(node.op, node.inputs.map(at), node.attributes);
    node.outputs.forEach((o, i) => map.set(o, results[i] ?? o));
  }
  return outputs.map(at);
}

export function replaceOne(b: Builder, output: Value, replacements: ReadonlyMap<Value, Value>): Value {
  return replace(b, [output], replacements)[0] ?? output;
}
