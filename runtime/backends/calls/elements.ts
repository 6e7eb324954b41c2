/** How much a kernel does: how often it looks at elements, and at the least what it computes. */
import type { CalledOp } from '../../../plan/calls.ts';
import { elementsIn } from './affine.ts';
import type { SizedCall } from './device.ts';
import { isView } from './terms.ts';

/** Each element of the result once for every pair, or position, that is summed over. */
export function elementsOf(op: CalledOp, { operands, result, attributes }: SizedCall): number {
  const own = elementsIn(result.shape);
  const [first, second] = operands;
  if (op === 'dot_general') return own * elementsIn((attributes.contract?.[0] ?? []).map((axis) => first?.shape[axis] ?? 1));
  if (op === 'scatter_add') return own * elementsIn(second?.shape ?? []);
  return isView(op) ? own : Math.max(own, ...operands.map(({ shape }) => elementsIn(shape)));
}
