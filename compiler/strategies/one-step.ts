/**
 * The derivative through one step alone, from a point that is held constant: the last step of a recipe, or one more from a minimiser.
 * What earlier steps did is left out, so it is biased: at a minimiser by ρ/(1 − ρ) times ‖∂_θΦ‖ at most, where the step Φ contracts by ρ.
 * Of Φ(x) = x − η∇h(x) it is −η Jᵀ∇f in the place of −Jᵀ H⁻¹ ∇f: it scales with the rate η, which stands for H⁻¹.
 * Source: Bolte, Pauwels & Vaiter (2023), "One-step differentiation of iterative algorithms".
 */
import { errorOfSolves, errorOfSteps, errorPart, leftAfter, leftByDescent } from '../accuracy.ts';
import { given } from '../ir/attributes.ts';
import type { InnerSolver } from '../solvers/solver.ts';
import { gradient } from '../transform/transpose.ts';
import { replaceOne } from '../transform/replace.ts';
import { sum, times } from '../work.ts';
import { innerError, innerOutputs, innerTolerance, solveInner } from './inner-solve.ts';
import { lastPoint, recipeStages, stepCount, stepRoundings } from './recipe.ts';
import { segmentsOf } from './segments.ts';
import {
  hypergradientOutputs,
  isAskedFor,
  withoutLinearSolve,
  type Built,
  type BuiltStages,
  type Strategy,
  type StrategyContext,
} from './strategy.ts';

export const oneStep: Strategy = {
  name: 'one_step',
  accepts: (context) => {
    if (!isAskedFor(context, 'one_step'))
      return {
        ok: false,
        because: 'an approximation, of a recipe as at a minimiser: the page must name it',
      };
    const because = whyNot(context);
    return because === undefined
      ? {
          ok: true,
          why: 'the derivative through the last step alone, the point before it held constant: an approximation, the better the more one step contracts; what goes through the step scales with its `rate`, whatever the minimiser',
        }
      : { ok: false, because };
  },
  build: (context, why) =>
    context.solvers.slice(0, 1).map(({ solver, conditions }) => ({
      strategy: 'one_step',
      solver: solver.name,
      why,
      exact: false,
      checkingOnly: false,
      drive: 'graph',
      conditions,
      tolerances: context.analysis.meaning === 'recipe' ? undefined : innerTolerance(solver, context.innerMethod),
      error: errorOf(context, solver),
      work: () => {
        const { pieces, analysis } = context;
        const solved = analysis.meaning === 'recipe' ? times(stepCount(context), pieces.step) : pieces.solve(solver);
        return sum(solved, pieces.step, pieces.stepTangent, pieces.criterion);
      },
      stages: () => (context.analysis.meaning === 'recipe' ? atRecipe(context, solver) : atMinimiser(context, solver)),
    })),
};

/** A step from a minimiser is one of plain descent, whatever it keeps besides: that is nothing yet. */
function errorOf(context: StrategyContext, solver: InnerSolver): Built['error'] {
  const from = 'what earlier steps would do';
  if (context.analysis.meaning === 'minimiser') return errorOfSolves(errorPart(from, leftByDescent(1)), innerError(context, solver));
  return [errorPart(from, leftAfter(1, solver.steps?.descends?.(context.problem.program))), ...errorOfSteps(stepRoundings(context))];
}

function whyNot({ solvers: [choice], analysis, innerMethod }: StrategyContext): string | undefined {
  const steps = choice?.solver.steps;
  if (steps === undefined) return 'the inner solver is not made of equal steps: write `solve inner with gd(rate = …, tolerance = …)`';
  if (analysis.meaning === 'recipe') return undefined;
  if (steps.normalises) return 'its steps are divided by the sizes of gradients, which vanish at a minimiser: take `gd`';
  return innerMethod?.options.has('rate') === true ? undefined : 'its steps have no length of their own: give it a `rate`';
}

function atRecipe(context: StrategyContext, solver: InnerSolver): BuiltStages {
  const { b, outer, hypers } = context.problem;
  const through = Math.min(1, stepCount(context));
  const x = lastPoint(context, solver, through, segmentsOf(through, 0));
  return recipeStages(context, x, gradient(b, outer.at(x), hypers), false);
}

/** f after one more step from x̃ is f(x̃) as far as x̃ is a minimiser; the criterion is given at x̃ itself. */
function atMinimiser({ problem, innerMethod, inputs }: StrategyContext, solver: InnerSolver): BuiltStages {
  const { b, outer, hypers } = problem;
  const solution = solveInner(problem, solver, innerMethod, inputs);
  const value = innerOutputs(solution, outer.at(solution.x));
  const steps = given(solver.steps, 'the steps of a stepwise solver');
  // The solution depends on the hypers by a loop that is not differentiated: a stand-in does not.
  const held = b.input('held', 'state', solution.x.type);
  const [, next] = steps.advance(problem, steps.begin(problem, held), 1, innerMethod);
  const gradients = gradient(b, outer.at(given(next)), hypers).map((g) => replaceOne(b, g, new Map([[held, solution.x]])));
  return { value, hypergradient: hypergradientOutputs(problem, value, gradients, withoutLinearSolve(problem, solution)), error: {} };
}
