/**
 * Central differences of the criterion itself, extrapolated by Richardson's scheme: for checking only. The runtime forms them
 * from the stage `value`, with their own error estimate (`runtime/differences.ts`).
 */
import { errorOfDifferences, errorOfSolves, errorOfSteps } from '../accuracy.ts';
import { innerError, innerOutputs, innerTolerance, solveInner } from './inner-solve.ts';
import { scale } from '../ir/dims.ts';
import { times, type Work } from '../work.ts';
import { recipeEnd, recipeOutputs, recipeSolution, stepCount, stepRoundings } from './recipe.ts';
import type { BuiltStages, StageOutputs, Strategy } from './strategy.ts';

/** Of the criterion, for each coordinate: Richardson's scheme on central differences. */
export const VALUES = 10;

export const finiteDifference: Strategy = {
  name: 'finite_difference',
  accepts: () => ({ ok: true, why: 'needs nothing but values of the criterion; for checking' }),
  build: (context, why) => {
    const { problem, analysis, solvers, innerMethod, inputs, pieces } = context;
    const values = (solve: Work): Work => times(scale(pieces.p, VALUES), solve, pieces.criterion);
    const shared = { strategy: 'finite_difference', why, exact: false, checkingOnly: true, drive: 'differences' } as const;
    const only = (value: StageOutputs): BuiltStages => ({ value, hypergradient: {}, error: {} });
    if (analysis.meaning === 'recipe') {
      return solvers.slice(0, 1).map(({ solver, conditions }) => ({
        ...shared,
        solver: solver.name,
        conditions,
        error: errorOfDifferences(errorOfSteps(stepRoundings(context))),
        work: () => values(times(stepCount(context), pieces.step)),
        stages: () => {
          const x = recipeEnd(context, solver);
          return only(recipeOutputs(problem, recipeSolution(context, x)));
        },
      }));
    }
    return solvers.slice(0, 2).map(({ solver, conditions }) => ({
      ...shared,
      solver: solver.name,
      conditions,
      tolerances: innerTolerance(solver, innerMethod),
      error: errorOfDifferences(errorOfSolves(innerError(context, solver))),
      work: () => values(pieces.solve(solver)),
      stages: () => {
        const solution = solveInner(problem, solver, innerMethod, inputs);
        return only(innerOutputs(solution, problem.outer.at(solution.x)));
      },
    }));
  },
};
