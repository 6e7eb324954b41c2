/** The instances of a cross-validation, from the index sets of its folds. */
import type { Slots } from '../../plan/types.ts';
import { type Cut, type Sets, slotsOf } from '../cuts.ts';
import type { Instance } from '../types.ts';

/** `sizes`: of all that does not vary. `drawsAt` gives the slots of what is drawn, at sizes. */
export function bindFolds(
  { each, whole }: NonNullable<Cut['folds']>,
  sizes: Instance['sizes'],
  drawsAt: (sizes: Instance['sizes']) => Slots,
): { readonly each: readonly Instance[]; readonly whole: Instance } {
  const instanceOf = (sets: Sets): Instance => {
    const own = { ...sizes, ...Object.fromEntries(Object.entries(sets).map(([name, { length }]) => [name, length])) };
    return { slots: { ...slotsOf(sets), ...drawsAt(own) }, sizes: own };
  };
  return { each: each.map(instanceOf), whole: instanceOf(whole) };
}
