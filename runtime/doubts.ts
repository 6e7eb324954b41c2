/** Reasons to doubt a solved point that only some problems have: solves in steps, kinks of a composite loss, and approximations. */
import { innerStalled, innerStepLimit, linearSolverShort, nearKink, stalledAtKink, stationaryPoint } from '../diagnostics/numerics.ts';
import { hypergradientApproximate } from '../diagnostics/strategy.ts';
import { approximates } from '../plan/choose.ts';
import { evaluate } from '../plan/evaluate.ts';
import type { Doubt } from './session.ts';
import { indexText, sizeOf } from './tensor.ts';

/** Solvers that ended short of their tolerance. An inner one may have come to rest on a kink, where it finds no minimiser. */
export const shortSolves: Doubt = ({ module: { description } }, { inner, linear }, _, where8) => {
  const where = { span: description.innerSpan };
  const { status, steps, gradientNorm } = inner;
  if (description.kinks.length > 0 && (status === 'stalled' || status === 'step-limit'))
    return [stalledAtKink(where, { ...where8, steps, gradientNorm, kinks: description.kinks })];
  const short = (how: string): Parameters<typeof linearSolverShort>[1] => ({
    ...where8,
    steps: linear?.steps ?? 0,
    residual: linear?.residual ?? Number.NaN,
    how,
  });
  return [
    ...(status === 'step-limit' ? [innerStepLimit(where, { ...where8, steps, gradientNorm })] : []),
    ...(status === 'stalled' ? [innerStalled(where, { ...where8, steps, gradientNorm })] : []),
    ...(linear?.status === 'step-limit' ? [linearSolverShort(where, short('stopped at its limit'))] : []),
    ...(linear?.status === 'stalled' ? [linearSolverShort(where, short('made no more progress'))] : []),
    ...(linear?.status === 'stationary' ? [stationaryPoint(where, where8)] : []),
  ];
};

/** Margins below so many square roots of the unit of rounding cannot be told from none: a minimiser is no better known than that. */
const ROOTS = 16;

/** What the stages say of a composite problem's nearest kink: where the support is about to change, the criterion bends. */
export const nearKinks: Doubt = ({ module, bound, rounding }, _, slots, where8) => {
  const { params, composite = [] } = module.description;
  // With folds there is one of each.
  const margins = [...(slots['kink:margin']?.data ?? [])];
  const nearest = margins.indexOf(Math.min(...margins));
  const margin = margins[nearest];
  if (margin === undefined || margin > ROOTS * Math.sqrt(rounding.unit)) return [];
  let position = slots['kink:position']?.data[nearest] ?? 0;
  for (const { name, shape: declared, span } of params) {
    const shape = declared.map((dim) => evaluate(dim, bound.sizes) ?? 0);
    if (position < sizeOf(shape)) {
      const coordinate = shape.length === 0 ? name : `${name}${indexText(position, shape)}`;
      return [nearKink({ span }, { ...where8, coordinate, margin, composite })];
    }
    position -= sizeOf(shape);
  }
  return [];
};

/** A hypergradient of a strategy that only approximates it. */
export const approximations: Doubt = ({ candidate, module }, { hypergradient }) => {
  if (hypergradient === undefined || !approximates(candidate)) return [];
  const { id, why } = candidate;
  return [hypergradientApproximate({ span: module.description.outerSpan }, { candidate: id, why })];
};

/** For who may be given any problem. */
export const everyDoubt: readonly Doubt[] = [shortSolves, nearKinks, approximations];
