/** The instances of a cross-validation, from the index sets of its folds. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { type Cut, type Sets, slotsOf } from '../cuts.ts';
import type { Drawn } from '../draws.ts';
import type { Folds, Instance } from '../types.ts';
import { endsOf, linkFolds } from './executor.ts';
import { reportFolds } from './refit.ts';

/** `sizes`: of all that does not vary. `drawnAt` gives what is drawn, at sizes; what it finds wrong in the first fold is told. */
export function bindFolds(
  { each, whole }: NonNullable<Cut['folds']>,
  sizes: Instance['sizes'],
  drawnAt: (sizes: Instance['sizes']) => Drawn,
): { readonly folds: Folds; readonly diagnostics: readonly Diagnostic[] } {
  const wrong: (readonly Diagnostic[])[] = [];
  const instanceOf = (sets: Sets): Instance => {
    const own = { ...sizes, ...Object.fromEntries(Object.entries(sets).map(([name, { length }]) => [name, length])) };
    const { slots, diagnostics } = drawnAt(own);
    if (diagnostics.length > 0) wrong.push(diagnostics);
    return { slots: { ...slotsOf(sets), ...slots }, sizes: own };
  };
  const folds = { each: each.map(instanceOf), whole: instanceOf(whole), link: linkFolds, ends: endsOf, report: reportFolds };
  return { folds, diagnostics: wrong[0] ?? [] };
}
