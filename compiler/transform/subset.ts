/**
 * A value on some members of a set in place of all: everything that runs along the set's dim runs along the chosen members instead, and
 * a sum over it is scaled by how many there are to how many were chosen, so that a mean stays a mean. Knows no op by name: what an op
 * does with the members is in its row.
 */
import type { Builder } from '../ir/builder.ts';
import { namesOf, number, sameDim, substitute, symbol, type Dim, type Shape } from '../ir/dims.ts';
import type { Attributes, Node, Value } from '../ir/graph.ts';
import { ancestors } from './reach.ts';

export interface Subset {
  /** The dim of the set. */
  readonly dim: string;
  /** Which members: int `[size]`, positions in the set. */
  readonly positions: Value;
  readonly size: number;
}

export type OnSubset = { readonly ok: true; readonly value: Value; readonly reached: boolean } | { readonly ok: false; readonly at: Node };

/** `output` on the subset; `reached`: whether it depends on the set at all. Not where an op mixes its members with anything else. */
export function onSubset(b: Builder, output: Value, subset: Subset): OnSubset {
  const map = new Map<Value, Value>();
  for (const node of ancestors([output])) {
    const made = moved(b, node, subset, map);
    if (made === 'mixed') return { ok: false, at: node };
    made?.forEach((v, i) => map.set(node.outputs[i] as Value, v));
  }
  return { ok: true, value: map.get(output) ?? output, reached: map.has(output) };
}

/** The node's results on the subset; `undefined` where they are the same. */
function moved(
  b: Builder,
  node: Node,
  { dim, positions, size }: Subset,
  map: ReadonlyMap<Value, Value>,
): readonly Value[] | 'mixed' | undefined {
  const isMember = (d: Dim): boolean => namesOf(d).includes(dim);
  const along = node.outputs.map((v) => v.type.shape.filter(isMember));
  // The size of the set stays a number: by it the sums over it are scaled.
  if (!node.inputs.some((v) => map.has(v)) && along.every((dims) => dims.length === 0)) return undefined;
  if (along.some((dims) => dims.length > 1 || dims.some((d) => d.key !== dim))) return 'mixed';
  const row = b.row(node.op);
  const axis = node.outputs[0]?.type.shape.findIndex(isMember) ?? -1;
  if (row.pick !== undefined && axis >= 0) return node.inputs.some((v) => map.has(v)) ? 'mixed' : [row.pick(b, node, positions, axis)];
  const isAmong = [...node.inputs, ...node.outputs].some((v) => v.type.shape.some(isMember));
  const does = row.batch === 'pointwise' || !isAmong ? 'each' : row.ofMembers?.(node, isMember);
  if (does === undefined) return 'mixed';
  const smaller = new Map([[dim, number(size)]]);
  const shrink = (shape: Shape): Shape => shape.map((d) => substitute(d, smaller));
  const inputs = node.inputs.map((v) => map.get(v) ?? v);
  const attributes: Attributes = { ...node.attributes, ...(node.attributes.shape && { shape: shrink(node.attributes.shape) }) };
  const types = row.shape(
    inputs.map((v) => v.type),
    attributes,
    b.fixed,
  );
  if ('wrong' in types) return 'mixed';
  const fits = node.outputs.every((v, i) => {
    const expected = shrink(v.type.shape);
    const found = types[i]?.shape ?? [];
    return found.length === expected.length && found.every((d, axis) => sameDim(d, expected[axis] as Dim, b.fixed));
  });
  if (!fits) return 'mixed';
  const results = b.emit(node.op, inputs, attributes);
  if (does === 'each') return results;
  const share = b.div(b.dimSize(symbol(dim)), b.constant(size));
  return results.map((v) => b.mul(share, v));
}
