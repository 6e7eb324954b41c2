/**
 * Maps a piece of a graph over a new leading axis: comprehensions, Hessians from unit vectors, forward mode over hypers.
 * Knows no op by name: the rule of every op is in its row; pointwise ones are derived here.
 */
import type { Dim } from '../ir/dims.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { reach } from './reach.ts';

/** A value that is the same at every position of the new axis. */
export const spread = (b: Builder, v: Value, size: Dim): Value =>
  b.broadcast(
    v,
    [size, ...v.type.shape],
    v.type.shape.map((_, i) => i + 1),
  );

/**
 * `outputs` for every position of a new leading axis of `size`, where `batched` gives, for some values, a tensor with one
 * slice a position (shape `[size, …shape of the value]`). Results carry the axis in front.
 */
export function batch(b: Builder, outputs: readonly Value[], batched: ReadonlyMap<Value, Value>, size: Dim): readonly Value[] {
  const wide = new Map<Value, Value>(batched);
  for (const node of reach(outputs, batched.keys()).nodes) {
    const rule = b.row(node.op).batch;
    const flags = node.inputs.map((v) => wide.has(v));
    const operands = node.inputs.map((v) => wide.get(v) ?? v);
    const results =
      rule === 'pointwise'
        ? b.emit(
            node.op,
            operands.map((v, i) => (flags[i] === true ? v : spread(b, v, size))),
            node.attributes,
          )
        : rule(b, node, operands, flags, size);
    node.outputs.forEach((o, i) => {
      const result = results[i];
      if (result !== undefined) wide.set(o, result);
    });
  }
  return outputs.map((v) => wide.get(v) ?? spread(b, v, size));
}
