/**
 * Axes along which a linear map mixes no positions: its matrix is block-diagonal, one block a position. Knows no op by name but the
 * broadcast, which makes the same at every position: the rule of every op is in its row.
 */
import type { Builder } from '../ir/builder.ts';
import type { Node, Value } from '../ir/graph.ts';
import { reach } from './reach.ts';

/** Where an operand's axis lies in the result of a node; `undefined` where its positions mix. */
function follow(b: Builder, node: Node, operand: number, axis: number): number | undefined {
  const row = b.row(node.op);
  return row.batch === 'pointwise' ? axis : row.follow?.(node, operand, axis);
}

/** Whether `v` is the same at every position along an axis, as far as can be seen. */
function isConstantAlong(b: Builder, v: Value, axis: number): boolean {
  const sources = sourcesOf(b, v.node, axis);
  return (sources.length > 0 || v.node.op === 'broadcast_in_dim') && sources.every((s) => isConstantAlong(b, s.value, s.axis));
}

/** The operands' axes that become an axis of the result. */
const sourcesOf = (b: Builder, node: Node, axis: number): readonly { readonly value: Value; readonly axis: number }[] =>
  node.inputs.flatMap((value, i) => value.type.shape.flatMap((_, a) => (follow(b, node, i, a) === axis ? [{ value, axis: a }] : [])));

/**
 * Follows an axis of each input of a linear map to its outputs: `undefined` where positions mix; else where it lies in each output (nowhere
 * in one that is `undefined`, which is zero), and whether a coefficient differs from one position to another.
 */
export function followed(
  b: Builder,
  inputs: readonly Value[],
  outputs: readonly (Value | undefined)[],
  axes: readonly number[],
): { readonly axes: readonly (number | undefined)[]; readonly varies: boolean } | undefined {
  const axisOf = new Map(inputs.map((v, i) => [v, axes[i] ?? 0]));
  const live = outputs.filter((v) => v !== undefined);
  let varies = false;
  for (const node of reach(live, inputs).nodes) {
    const places = node.inputs.map((v, i) => {
      const axis = axisOf.get(v);
      return axis === undefined ? undefined : { at: follow(b, node, i, axis) };
    });
    const [place, ...others] = places.filter((p) => p !== undefined).map((p) => p.at);
    const [output, ...more] = node.outputs;
    if (place === undefined || output === undefined || more.length > 0 || others.some((p) => p !== place)) return undefined;
    axisOf.set(output, place);
    varies ||= sourcesOf(b, node, place).some((s) => !axisOf.has(s.value) && !isConstantAlong(b, s.value, s.axis));
  }
  return { axes: outputs.map((v) => (v === undefined ? undefined : axisOf.get(v))), varies };
}

/** The same of a map whose outputs have the axes of its inputs; `undefined` also where an axis of one lies elsewhere in the other. */
export function separableAlong(
  b: Builder,
  inputs: readonly Value[],
  outputs: readonly (Value | undefined)[],
  axes: readonly number[],
): { readonly varies: boolean } | undefined {
  const found = followed(b, inputs, outputs, axes);
  const isAlike = outputs.every((v, i) => v === undefined || found?.axes[i] === axes[i]);
  return found !== undefined && isAlike ? { varies: found.varies } : undefined;
}
