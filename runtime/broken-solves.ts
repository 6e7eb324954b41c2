/** How solves that take steps may fail, in diagnostics: handed in where a problem has such. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { innerDiverged, negativeCurvature, type Where8 } from '../diagnostics/numerics.ts';
import type { Evaluation, Session } from './session.ts';
import { endOf } from './which-fold.ts';

/** The first cause of it, where the inner solve diverged, or a solve met negative curvature. */
export function brokenSolve(
  { module: { description } }: Session,
  { inner, inners, linear }: Evaluation,
  where8: Where8,
): Diagnostic | undefined {
  const ended = [inner.status, linear?.status];
  const innerWhere = { span: description.innerSpan };
  if (ended.includes('diverged')) {
    const { end, where8: where } = endOf(inner, inners, where8);
    const { steps, loss, gradientNorm } = end;
    return innerDiverged(innerWhere, { ...where, steps, loss, gradientNorm, recipe: description.meaning === 'recipe' });
  }
  // A factor that fails is the cause of whatever is found after it.
  if (ended.includes('negative-curvature') && !ended.includes('not-positive-definite')) return negativeCurvature(innerWhere, where8);
  return undefined;
}

export type BrokenSolve = typeof brokenSolve;
