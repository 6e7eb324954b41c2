/**
 * Central differences of the criterion itself, extrapolated by Richardson's scheme: for checking only. The runtime forms them
 * from the stage `value`, with their own error estimate (`runtime/differences.ts`).
 */
import { innerOutputs, solveInner } from './inner-solve.ts';
import { recipeEnd, recipeOutputs, recipeSolution } from './recipe.ts';
import type { BuiltStages, StageOutputs, Strategy } from './strategy.ts';

export const finiteDifference: Strategy = {
  name: 'finite_difference',
  accepts: () => ({ ok: true, why: 'needs nothing but values of the criterion; for checking' }),
  build: (context, why) => {
    const { problem, analysis, solvers, innerMethod, inputs } = context;
    const shared = { strategy: 'finite_difference', why, exact: false, checkingOnly: true, drive: 'differences' } as const;
    const only = (value: StageOutputs): BuiltStages => ({ value, hypergradient: {}, error: {} });
    if (analysis.meaning === 'recipe') {
      return solvers.slice(0, 1).map(({ solver, conditions }) => ({
        ...shared,
        solver: solver.name,
        rank: 90,
        conditions,
        stages: () => {
          const x = recipeEnd(context, solver);
          return only(recipeOutputs(problem, recipeSolution(context, x)));
        },
      }));
    }
    return solvers.slice(0, 2).map(({ solver, conditions }, i) => ({
      ...shared,
      solver: solver.name,
      rank: 90 + i,
      conditions,
      stages: () => {
        const solution = solveInner(problem, solver, innerMethod, inputs);
        return only(innerOutputs(solution, problem.outer.at(solution.x)));
      },
    }));
  },
};
