/**
 * A recipe as a chain of steps, and what every strategy for one gives besides its hypergradient. Knows no way of differentiating it.
 */
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Value } from '../ir/graph.ts';
import { stationarityAt, type Problem } from '../problem.ts';
import { numberOption } from '../solvers/options.ts';
import { roundings } from '../solvers/rounding.ts';
import type { InnerSolver, Solution } from '../solvers/solver.ts';
import { ancestors } from '../transform/reach.ts';
import { replace } from '../transform/replace.ts';
import { innerOutputs } from './inner-solve.ts';
import { segmentsOf, walkSegments, type Segments } from './segments.ts';
import { hypergradientOutputs, withoutLinearSolve, type BuiltStages, type StageOutputs, type StrategyContext } from './strategy.ts';

type RecipeContext = Pick<StrategyContext, 'problem' | 'innerMethod'>;

/** T, the number of steps that the page writes. */
export const stepCount = ({ innerMethod }: RecipeContext): number =>
  given(numberOption(innerMethod, 'steps'), 'the number of steps of a recipe');

/**
 * So many units in the last place the rounding of its steps is taken for: sixteen each, where Adam’s, the worst of the reference problems in
 * float32, take ten.
 */
export const stepRoundings = (context: RecipeContext): number => 16 * (1 + stepCount(context));

/** x_T; where the segments hold fewer steps than the recipe has, what is before them is a constant to every derivative. `[d]` */
export function lastPoint(context: RecipeContext, solver: InnerSolver, through: number, segments: Segments): Value {
  const { problem, innerMethod } = context;
  const { b, declaredStart } = problem;
  const steps = given(solver.steps, 'the steps of a stepwise solver');
  const advance = (states: readonly Value[], count: number): readonly Value[] => steps.advance(problem, states, count, innerMethod);
  const before = stepCount(context) - through;
  const start = steps.begin(problem, declaredStart);
  const hold = (v: Value): Value => (v.type.dtype === 'real' ? b.unary('stop_gradient', v) : v);
  const from = before === 0 ? start : advance(start, before).map(hold);
  return given(walkSegments(b, advance, from, segments)[1]);
}

/** x_T by all steps in one loop. `[d]` */
export function recipeEnd(context: RecipeContext, solver: InnerSolver): Value {
  const count = stepCount(context);
  return lastPoint(context, solver, count, segmentsOf(count, 0));
}

/** Values at the end of a recipe, where the loss may speak of the number of the step: it is that of the last one. */
export function atLastStep(context: RecipeContext, values: readonly Value[]): readonly Value[] {
  const { b, program } = context.problem;
  return replace(b, values, new Map([[program.step, b.integer(Math.max(0, stepCount(context) - 1))]]));
}

/** The recipe's end as a solution: its steps are its meaning, so it has converged unless it left the finite numbers. */
export function recipeSolution(context: RecipeContext, x: Value): Solution {
  const { b, inner, declaredStart } = context.problem;
  const count = stepCount(context);
  const [loss, gradientThere] = atLastStep(context, [inner.at(x), stationarityAt(context.problem, x)]);
  // A start that is not finite, as that of a `positive` param below 0, is no fault of the steps.
  const lost = b.select(b.isFinite(b.sum(declaredStart)), b.constant(statusCode('diverged')), b.constant(statusCode('not-finite')));
  const status = b.select(b.isFinite(b.sum(x)), b.constant(statusCode('converged')), lost);
  return { x, loss: given(loss), gradientNorm: b.norm(given(gradientThere)), steps: b.constant(count), status };
}

/** What a recipe tells of its end, and how far its start lies outside of the sets of the params where data, draws or hypers move it. */
export function recipeOutputs({ b, composite, declaredStart, outer }: Problem, solution: Solution): StageOutputs {
  const value = innerOutputs(solution, outer.at(solution.x));
  const isGiven = ancestors([declaredStart]).some(({ op }) => op === 'input');
  if (composite?.constrained !== true || !isGiven) return value;
  const distances = b.abs(b.sub(declaredStart, composite.prox(declaredStart, b.constant(0))));
  const farthest = b.one('argmax', [distances], { axis: 0 });
  return { ...value, 'start:distance': b.max(distances), 'start:position': b.mul(b.constant(1), farthest) };
}

/** The stages of a recipe that ends at x, given the derivative of f(x, θ) in each hyper. */
export function recipeStages(context: RecipeContext, x: Value, gradients: readonly Value[], isExact: boolean): BuiltStages {
  const { b } = context.problem;
  const solution = recipeSolution(context, x);
  const value = recipeOutputs(context.problem, solution);
  const size = b.sqrt(gradients.reduce((sum, g) => b.add(sum, b.inner(g, g)), b.constant(0)));
  return {
    value,
    hypergradient: hypergradientOutputs(context.problem, value, gradients, withoutLinearSolve(context.problem, solution)),
    error: isExact ? { error: b.mul(roundings(b, stepRoundings(context)), size) } : {},
  };
}
