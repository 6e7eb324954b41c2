/** How close the minimiser of a composite problem is to where its support changes: there the criterion has two slopes, or none. */
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import type { StageOutputs } from './strategy.ts';

/** The least margin of all coordinates of x, and its position. `start` is the declared one; both `[d]`. Nothing for a smooth problem. */
export function kinkMargin({ b, composite }: Problem, x: Value, start: Value): StageOutputs {
  if (composite === undefined) return {};
  const nearness = b.neg(composite.marginAt(x, start));
  const position = b.one('argmax', [nearness], { axis: 0 });
  return { 'kink:margin': b.neg(b.max(nearness)), 'kink:position': b.mul(b.constant(1), position) };
}
