/** With folds the numbers of a solve are sums and extremes over them: a diagnostic tells those of one, and which. */
import type { Where8 } from '../diagnostics/numerics.ts';
import type { Status } from '../plan/status.ts';

/** The end that a diagnostic tells of: of `each` fold the first that ended with the status of all, said in `when`; without folds `all`. */
export function endOf<End extends { readonly status: Status }>(
  all: End,
  each: readonly End[] | undefined,
  where8: Where8,
): { readonly end: End; readonly where8: Where8 } {
  const same = (each ?? []).flatMap((end, fold) => (end.status === all.status ? [{ end, fold }] : []));
  const [first] = same;
  if (each === undefined || first === undefined) return { end: all, where8 };
  const more = same.length === 1 ? '' : `, as in ${same.length - 1} more`;
  return { end: first.end, where8: { ...where8, when: `${where8.when}, in fold ${first.fold + 1} of ${each.length}${more}` } };
}
