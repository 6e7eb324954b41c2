/** The index sets of splits, bound: who is in which part. How large the parts are is `plan/splits.ts`; folds and strata are `folds/cut.ts`. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { emptyIndexSet } from '../diagnostics/splits.ts';
import { partsOf } from '../plan/splits.ts';
import type { Slots, SplitDescription } from '../plan/types.ts';
import type { DataArray } from './data/array.ts';
import { keyOf, shuffled } from './random.ts';

/** Index sets by name. */
export type Sets = Readonly<Record<string, Float64Array>>;

export interface Cut {
  /** The sets that are the same for all folds. */
  readonly sets: Sets;
  /** The sets that vary, in each fold, and where all that the folds share out is fitted to. */
  readonly folds?: { readonly each: readonly Sets[]; readonly whole: Sets } | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Cuts an order by a split with folds or strata; `valuesOf` gives an int data of the split's dim. Handed in where a problem has such. */
export type CutSpecial = (
  split: SplitDescription,
  order: Float64Array,
  valuesOf: (data: string | undefined) => Float64Array | undefined,
) => Cut;

/** `arrays` holds data that could be read; `sizes` those of dims. Without `special` what needs it is left uncut. */
export function cutAll(
  splits: readonly SplitDescription[],
  sizes: Readonly<Record<string, number>>,
  arrays: ReadonlyMap<string, DataArray>,
  special: CutSpecial | undefined,
): Cut {
  const cuts = splits.flatMap((split) => {
    const n = sizes[split.dim];
    if (n === undefined) return [];
    // Shuffled by the split’s own seed, so that no other change moves it.
    const order = split.shuffled ? shuffled(keyOf(split.seed, `split:${split.dim}`), n) : Float64Array.from({ length: n }, (_, i) => i);
    if (split.folds === undefined && split.stratifiedBy === undefined) return [cutShares(split, order)];
    const valuesOf = (data: string | undefined): Float64Array | undefined => {
      const values = data === undefined ? undefined : arrays.get(data)?.tensor.data;
      // Data of another size are told of where shapes are checked.
      return values?.length === n ? values : undefined;
    };
    return special === undefined ? [] : [special(split, order, valuesOf)];
  });
  return {
    sets: Object.fromEntries(cuts.flatMap((cut) => Object.entries(cut.sets))),
    folds: cuts.find((cut) => cut.folds !== undefined)?.folds,
    diagnostics: cuts.flatMap((cut) => cut.diagnostics),
  };
}

/** The parts that have a share. */
export function cutShares(split: SplitDescription, order: Float64Array): Cut {
  const { dim, span } = split;
  const parts = partsOf(split, order.length).filter(({ names }) => names.length === 1);
  return {
    sets: Object.fromEntries(parts.map(({ names: [name = ''], begin, end }) => [name, order.slice(begin, end)])),
    diagnostics: parts.flatMap(({ names: [set = ''], begin, end, percent }) =>
      begin < end ? [] : [emptyIndexSet({ span }, { set, dim, size: order.length, percent })],
    ),
  };
}

export const slotsOf = (sets: Sets): Slots =>
  Object.fromEntries(Object.entries(sets).map(([name, data]) => [`index:${name}`, { shape: [data.length], data }]));
