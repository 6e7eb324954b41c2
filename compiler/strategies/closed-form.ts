/**
 * A quadratic inner loss: one Cholesky factor serves the minimiser and the adjoint, whatever the number of hypers.
 * Source: Bengio (2000), §3.1.
 */
import { definiteness, factor, relativeResidual } from '../solvers/assembled.ts';
import { assembledAt, splitAs, splitOf, type Split } from '../solvers/blocks.ts';
import { closedForm as closedFormSolver, quadraticOf, quadraticSolution } from '../solvers/closed-form.ts';
import { firstOrderError, implicitGradient } from './implicit-gradient.ts';
import { hoistedCriterion, plainCriterion, type Criterion } from './hoisted-criterion.ts';
import { innerOutputs } from './inner-solve.ts';
import { smallEnoughToFactor } from './limits.ts';
import { hypergradientOutputs, type Built, type BuiltStages, type Strategy, type StrategyContext } from './strategy.ts';

export const closedForm: Strategy = {
  name: 'closed_form',
  accepts: ({ problem, analysis, solvers }) => {
    if (analysis.meaning === 'recipe')
      return { ok: false, because: 'a recipe means its steps, not the minimiser that a closed form would give' };
    const accepted = closedFormSolver.accepts(problem, { innerDegree: analysis.innerFacts.degree });
    if (!accepted.ok) return accepted;
    return solvers.some((s) => s.solver === closedFormSolver) ? accepted : { ok: false, because: 'the page names another inner solver' };
  },
  build: (context, why) => {
    const { b, params, inner } = context.problem;
    const split = splitOf(b, params, inner);
    const whole = (solver: string): Built => candidate(context, { solver, why, rank: 0 });
    return split === undefined ? [whole('closed_form')] : [byBlocks(context, split, why), whole('whole')];
  },
};

/** Never dearer than one factor of the whole, and the same to rounding. */
function byBlocks(context: StrategyContext, split: Split, why: string): Built {
  const count = split.count.key;
  const factors = split.varies ? 'each with its own factor' : 'and one factor serves them all';
  return candidate(context, { solver: 'blocks', why: `${why}; its Hessian falls into ${count} blocks, ${factors}`, rank: -1 }, split);
}

function candidate(context: StrategyContext, own: Pick<Built, 'solver' | 'why' | 'rank'>, split?: Split): Built {
  return {
    ...own,
    strategy: 'closed_form',
    innerSolver: 'closed_form',
    exact: true,
    checkingOnly: false,
    drive: 'graph',
    conditions: smallEnoughToFactor(split?.size ?? context.problem.params.dimension),
    stages: () => stages(context, split),
  };
}

/** The criterion with its own second derivative hoisted, where that splits like the inner loss's, so that nothing of size d² is made. */
function criterionOf({ problem, analysis }: StrategyContext, split: Split | undefined): Criterion {
  const { b, params, outer } = problem;
  const { degree } = analysis.outerFacts;
  if (split === undefined) return hoistedCriterion(problem, degree);
  const own = degree > 2 ? undefined : splitAs(b, params, outer, split);
  return own === undefined ? plainCriterion(problem) : hoistedCriterion(problem, degree, own);
}

function stages(context: StrategyContext, split: Split | undefined): BuiltStages {
  const { problem, inputs } = context;
  const { b, params, inner } = problem;
  const quadratic = quadraticOf(problem, split);
  const { minimiser: x, factored } = quadratic;
  const criterion = criterionOf(context, split);
  const solution = quadraticSolution(problem, quadratic);
  const slope = criterion.gradientAt(x);
  const v = factored.solve(slope);
  const value = innerOutputs(solution, criterion.at(x));
  return {
    value,
    hypergradient: {
      ...hypergradientOutputs(problem, value, implicitGradient(problem, x, v), {
        residual: relativeResidual(b, factored, v, slope),
        steps: b.constant(1),
        status: definiteness(b, factored),
      }),
      v,
    },
    error: { error: firstOrderError(problem, inputs.x, inputs.v, factor(b, assembledAt(b, params, inner, split, inputs.x)).solve) },
  };
}
