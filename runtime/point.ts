/** Values that a caller gives for hypers, as tensors. Ranges and sizes are judged where the point is packed (`kinds.ts`). */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { malformedTensor, unknownName } from '../diagnostics/data.ts';
import type { ProblemDescription, Tensor } from '../plan/types.ts';
import { closestName } from './tensor.ts';
import type { Point } from './types.ts';
import { type TensorLike, tensorOf } from './values.ts';

export function pointOf(
  { hypers }: ProblemDescription,
  values: Readonly<Record<string, TensorLike | undefined>>,
): { readonly point: Point; readonly diagnostics: readonly Diagnostic[] } {
  const point: Record<string, Tensor> = {};
  const diagnostics: Diagnostic[] = [];
  const known = hypers.map((h) => h.name);
  for (const [name, value] of Object.entries(values)) {
    const hyper = hypers.find((h) => h.name === name);
    if (value === undefined) continue;
    if (hyper === undefined) {
      diagnostics.push(unknownName({}, { what: 'hyper', name, known, closest: closestName(name, known) }));
      continue;
    }
    const made = tensorOf(value);
    if (made.ok) point[name] = made.tensor;
    else diagnostics.push(malformedTensor({ span: hyper.span }, { data: name, reason: made.reason }));
  }
  return { point, diagnostics };
}
