/** Splits with folds or strata: who is held out by which fold. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { foldOfOneClass, foldWithoutRows } from '../../diagnostics/splits.ts';
import { cutIntoFolds, foldCount, partsOf, type Run } from '../../plan/splits.ts';
import type { SplitDescription } from '../../plan/types.ts';
import { cutShares, type CutSpecial } from '../cuts.ts';

export const cutSpecial: CutSpecial = (split, plainOrder, valuesOf) => {
  const classes = valuesOf(split.stratifiedBy);
  const order = classes === undefined ? plainOrder : stratified(plainOrder, classes);
  const { sets, diagnostics } = cutShares(split, order);
  const shared = partsOf(split, order.length).find(({ names }) => names.length === 2);
  const groups = split.folds?.by === 'groups' ? split.folds.data : undefined;
  if (shared === undefined || (groups !== undefined && valuesOf(groups) === undefined)) return { sets, diagnostics };
  const [first = '', second = ''] = shared.names;
  const cut = foldsOf(split, shared, order, valuesOf(groups));
  const all = order.slice(shared.begin, shared.end);
  return {
    sets,
    // Nothing is left to hold out where all is fitted to; what speaks of the second set is not evaluated there.
    folds: { each: cut.map(({ kept, held }) => ({ [first]: kept, [second]: held })), whole: { [first]: all, [second]: all } },
    diagnostics: [...diagnostics, ...checkFolds(split, shared, cut, groups), ...checkClasses(split, cut, [first, second], classes)],
  };
};

/**
 * An order in which the members of each class are spread evenly, so that every run of it has its share of each, to about one position:
 * member r of a class of m stands at (r + ½) / m.
 */
function stratified(order: Float64Array, classes: Float64Array): Float64Array {
  const sizes = new Map<number, number>();
  const ranks = Array.from(order, (position) => {
    const value = classes[position] ?? 0;
    const rank = sizes.get(value) ?? 0;
    sizes.set(value, rank + 1);
    return { position, value, rank };
  });
  const at = ({ value, rank }: { value: number; rank: number }): number => (rank + 0.5) / (sizes.get(value) ?? 1);
  const spread = ranks.sort((a, b) => at(a) - at(b) || a.value - b.value);
  return Float64Array.from(spread, ({ position }) => position);
}

/** A fold holds out some positions, and keeps the others of its run; both in the order of the split. */
interface Fold {
  readonly kept: Float64Array;
  readonly held: Float64Array;
}

function foldsOf(split: SplitDescription, run: Run, order: Float64Array, groups: Float64Array | undefined): readonly Fold[] {
  const members = order.slice(run.begin, run.end);
  if (split.folds?.by === 'groups') {
    if (groups === undefined) return [];
    const groupOf = (position: number): number => groups[position] ?? 0;
    const values = [...new Set(Array.from(members, groupOf))].sort((a, b) => a - b);
    return values.map((value) => ({
      kept: members.filter((position) => groupOf(position) !== value),
      held: members.filter((position) => groupOf(position) === value),
    }));
  }
  const whole = { begin: 0, end: members.length };
  return cutIntoFolds(whole, foldCount(split, whole) ?? 0).map(({ begin, end }) => ({
    kept: members.filter((_, i) => i < begin || i >= end),
    held: members.slice(begin, end),
  }));
}

function checkFolds(
  { dim, span }: SplitDescription,
  { begin, end }: Run,
  cut: readonly Fold[],
  groups: string | undefined,
): readonly Diagnostic[] {
  const isEmpty = cut.length < 2 || cut.some(({ kept, held }) => kept.length === 0 || held.length === 0);
  return isEmpty ? [foldWithoutRows({ span }, { dim, size: end - begin, folds: cut.length, groups })] : [];
}

function checkClasses(
  { span, stratifiedBy: data = '' }: SplitDescription,
  cut: readonly Fold[],
  [first, second]: readonly [string, string],
  classes: Float64Array | undefined,
): readonly Diagnostic[] {
  if (classes === undefined || new Set(classes).size < 2) return [];
  for (const [i, { kept, held }] of cut.entries())
    for (const [set, members] of [[first, kept] as const, [second, held] as const]) {
      const [value, ...others] = new Set(Array.from(members, (position) => classes[position]));
      if (value === undefined || others.length > 0) continue;
      return [foldOfOneClass({ span }, { set, data, fold: i + 1, folds: cut.length, value: String(value) })];
    }
  return [];
}
