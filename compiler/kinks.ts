/** Where a value's derivative may jump. */
import type { Builder } from './ir/builder.ts';
import type { Node, Value } from './ir/graph.ts';
import { isPositivePart } from './ops/binary.ts';
import type { OpName } from '../plan/op-names.ts';
import { reach } from './transform/reach.ts';

/** How a page writes an op, where that is not its name. */
const kinkWords: Readonly<Partial<Record<OpName, (node: Node) => string>>> = {
  select: (node) => (isPositivePart(node) ? 'relu' : 'if'),
  reduce_max: () => 'max',
  argsort: () => 'sort',
};

/** Kinked ops through which a value depends on some variables with a derivative, as a page writes them. */
export function kinksIn(b: Builder, value: Value, variables: readonly Value[]): readonly string[] {
  const { depends } = reach([value], variables);
  const found = new Set<string>();
  const seen = new Set<Value>();
  const stack = [value];
  for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
    if (seen.has(v) || !depends(v)) continue;
    seen.add(v);
    const row = b.row(v.node.op);
    const [condition] = v.node.inputs;
    if (row.kinked === true || (row.kinked !== undefined && condition !== undefined && depends(condition)))
      found.add(kinkWords[v.node.op]?.(v.node) ?? v.node.op);
    // What is held fixed (the shift of a logsumexp) brings no kink with it.
    if (row.derivative.kind === 'zero') continue;
    stack.push(...v.node.inputs);
  }
  return [...found].sort();
}

/** Whether what a node gives is constant but where it jumps: conditions, positions, signs, whole parts. */
export const jumps = (b: Builder, { op, outputs }: Node): boolean => {
  const { kinked, derivative } = b.row(op);
  return (kinked === true && derivative.kind === 'zero') || outputs.some((v) => v.type.dtype !== 'real');
};
