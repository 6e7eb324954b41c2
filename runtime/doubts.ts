/** Reasons to doubt a solved point that only some problems have: solves in steps, kinks and sets of a composite loss, and approximations. */
import { gaveWay } from '../diagnostics/backend.ts';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import {
  innerStalled,
  innerStepLimit,
  linearSolverShort,
  nearKink,
  stalledAtKink,
  startProjected,
  stationaryPoint,
} from '../diagnostics/numerics.ts';
import { hypergradientApproximate, recipeFallsShort } from '../diagnostics/strategy.ts';
import { log } from '../plan/elementary.ts';
import { approximates } from '../plan/decide.ts';
import { evaluate } from '../plan/evaluate.ts';
import type { ProblemModule } from '../plan/types.ts';
import type { Doubt } from './session.ts';
import { indexText, sizeOf } from './tensor.ts';
import type { BoundProblem, LinearReport } from './types.ts';
import { endOf } from './which-fold.ts';

/** Solvers that ended short of their tolerance. An inner one may have come to rest on a kink, where it finds no minimiser. */
export const shortSolves: Doubt = ({ module: { description }, candidate }, { inner, inners, linear, linears }, _, where8) => {
  const where = { span: description.innerSpan };
  const { end, where8: place } = endOf(inner, inners, where8);
  const { status, steps, gradientNorm } = end;
  const { kinks } = description;
  const isShort = status === 'stalled' || status === 'step-limit';
  if (kinks.length > 0 && isShort) return [stalledAtKink(where, { ...place, steps, gradientNorm, kinks })];
  const solver = circling.has(candidate.innerSolver) ? candidate.innerSolver : undefined;
  return [
    ...(status === 'step-limit' ? [innerStepLimit(where, { ...place, steps, gradientNorm, circling: solver })] : []),
    ...(status === 'stalled' ? [innerStalled(where, { ...place, steps, gradientNorm })] : []),
    ...(linear === undefined ? [] : shortLinear(where, endOf(linear, linears, where8))),
  ];
};

/** Their steps are divided by the sizes of gradients, so at a constant rate they do not shrink as these do. */
const circling: ReadonlySet<string> = new Set(['adam', 'rmsprop']);

function shortLinear(where: { readonly span: Span }, { end, where8 }: ReturnType<typeof endOf<LinearReport>>): readonly Diagnostic[] {
  const { status, steps, residual } = end;
  const short = (how: string): readonly Diagnostic[] => [linearSolverShort(where, { ...where8, steps, residual, how })];
  if (status === 'step-limit') return short('stopped at its limit');
  if (status === 'stalled') return short('made no more progress');
  return status === 'stationary' ? [stationaryPoint(where, where8)] : [];
}

/** Margins below so many square roots of the unit of rounding cannot be told from none: a minimiser is no better known than that. */
const ROOTS = 16;

/** What the stages say of a composite problem's nearest kink: where the support is about to change, the criterion bends. */
export const nearKinks: Doubt = ({ module, bound, rounding }, _, slots, where8) => {
  const { composite = [] } = module.description;
  // With folds there is one of each.
  const margins = [...(slots['kink:margin']?.data ?? [])];
  const nearest = margins.indexOf(Math.min(...margins));
  const margin = margins[nearest];
  if (margin === undefined || margin > ROOTS * Math.sqrt(rounding.unit)) return [];
  const { coordinate, span } = coordinateAt(module, bound, slots['kink:position']?.data[nearest] ?? 0);
  return [nearKink({ span }, { ...where8, coordinate, margin, composite })];
};

/** Units of rounding that the projection onto a set leaves of a point in it. */
const ROUNDINGS = 1000;

/** What the stages say of a recipe whose start lies outside of the sets of its params. */
export const movedStarts: Doubt = ({ module, bound, rounding }, _, slots, where8) => {
  const distances = [...(slots['start:distance']?.data ?? [])];
  const farthest = distances.indexOf(Math.max(...distances));
  const distance = distances[farthest] ?? 0;
  if (distance <= ROUNDINGS * rounding.unit) return [];
  const { coordinate, span } = coordinateAt(module, bound, slots['start:position']?.data[farthest] ?? 0);
  return [startProjected({ span }, { ...where8, coordinate, distance })];
};

/** The name of a position in the vector of all params, and where it is declared. */
function coordinateAt(
  { description }: ProblemModule,
  { sizes }: BoundProblem,
  position: number,
): { coordinate: string; span: Span | undefined } {
  let rest = position;
  for (const { name, shape: declared, span } of description.params) {
    const shape = declared.map((dim) => evaluate(dim, sizes) ?? 0);
    if (rest < sizeOf(shape)) return { coordinate: shape.length === 0 ? name : `${name}${indexText(rest, shape)}`, span };
    rest -= sizeOf(shape);
  }
  return { coordinate: `param ${position}`, span: undefined };
}

/** A hypergradient of a strategy that only approximates it. */
export const approximations: Doubt = ({ candidate, module }, { hypergradient }) => {
  if (hypergradient === undefined || !approximates(candidate)) return [];
  const { id, why } = candidate;
  return [hypergradientApproximate({ span: module.description.outerSpan }, { candidate: id, why })];
};

/** Of the gradient that a recipe begins with: more than this is still far from a minimiser, and so little is near one. */
const [much, little] = [0.1, 0.01];

/** A recipe whose steps end far from a minimiser: at the pace of all of them, so many would lead there. */
export const shortRecipes: Doubt = ({ module: { description }, candidate }, { inner }, slots) => {
  const first = slots['recipe:start']?.data[0] ?? 0;
  const { gradientNorm, steps } = inner;
  const share = gradientNorm / first;
  if (description.mayFallShort === undefined || !(first > 0) || !(share > much)) return [];
  const needed = Math.ceil((steps * log(little)) / log(share));
  return [recipeFallsShort({ span: description.mayFallShort }, { solver: candidate.innerSolver, steps, share, needed })];
};

/** A precision that was asked for and not kept. */
export const givenWay: Doubt = ({ executor }) => {
  const { declined } = executor.describe();
  return declined === undefined ? [] : [gaveWay({}, { how: declined })];
};

/** For who may be given any problem. */
export const everyDoubt: readonly Doubt[] = [shortSolves, nearKinks, movedStarts, approximations, givenWay];
export const everyRemark: readonly Doubt[] = [shortRecipes];
