/** What the stages say of a composite problem's nearest kink, as a warning: where the support is about to change, the criterion bends. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { nearKink, type Where8 } from '../diagnostics/numerics.ts';
import { evaluate } from '../plan/evaluate.ts';
import type { ProblemDescription, Slots } from '../plan/types.ts';
import { indexText, sizeOf } from './tensor.ts';

/** Margins below so many square roots of the unit of rounding cannot be told from none: a minimiser is no better known than that. */
const ROOTS = 16;

export function nearKinks(
  { params, composite = [] }: ProblemDescription,
  slots: Slots,
  sizes: Readonly<Record<string, number>>,
  unit: number,
  where: Where8,
): readonly Diagnostic[] {
  // With folds there is one of each.
  const margins = [...(slots['kink:margin']?.data ?? [])];
  const nearest = margins.indexOf(Math.min(...margins));
  const margin = margins[nearest];
  if (margin === undefined || margin > ROOTS * Math.sqrt(unit)) return [];
  let position = slots['kink:position']?.data[nearest] ?? 0;
  for (const { name, shape: declared, span } of params) {
    const shape = declared.map((dim) => evaluate(dim, sizes) ?? 0);
    if (position < sizeOf(shape)) {
      const coordinate = shape.length === 0 ? name : `${name}${indexText(position, shape)}`;
      return [nearKink({ span }, { ...where, coordinate, margin, composite })];
    }
    position -= sizeOf(shape);
  }
  return [];
}
