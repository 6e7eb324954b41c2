/**
 * A quadratic inner loss: one linear system, and one way to solve it for each structure that its Hessian may have, serves the minimiser
 * and the adjoint, whatever the number of hypers.
 * Source: Bengio (2000), §3.1.
 */
import type { Condition } from '../../plan/types.ts';
import { isOne } from '../ir/dims.ts';
import { relativeResidual } from '../solvers/assembled.ts';
import { splitAs, splitOf, type Split } from '../solvers/blocks.ts';
import {
  closedForm as closedFormSolver,
  factoredHessian,
  quadraticOf,
  quadraticSolution,
  type FactoredQuadratic,
} from '../solvers/closed-form.ts';
import { lowRankOf } from '../solvers/low-rank-form.ts';
import { factoredLowRank } from '../solvers/low-rank.ts';
import { factoredPencil, pencilOf } from '../solvers/pencil.ts';
import { firstOrderError, implicitGradient } from './implicit-gradient.ts';
import { hoistedCriterion, plainCriterion, type Criterion } from './hoisted-criterion.ts';
import { innerOutputs } from './inner-solve.ts';
import { farFewerRows, fewEnoughRows, isSmall, smallEnoughToFactor } from './limits.ts';
import { hypergradientOutputs, type Built, type BuiltStages, type Strategy, type StrategyContext } from './strategy.ts';

/** What a Hessian may be seen as, so that it can be solved with: a candidate each. */
interface Structure {
  readonly solver: string;
  /** What is added to why the strategy accepts. */
  readonly because?: string;
  readonly rank: number;
  readonly conditions: readonly Condition[];
  readonly preferred?: readonly Condition[];
  readonly factored: () => FactoredQuadratic;
  /** The criterion, with as much of it hoisted as goes with the structure. */
  readonly criterion: () => Criterion;
}

export const closedForm: Strategy = {
  name: 'closed_form',
  accepts: ({ problem, analysis, solvers }) => {
    if (analysis.meaning === 'recipe')
      return { ok: false, because: 'a recipe means its steps, not the minimiser that a closed form would give' };
    const accepted = closedFormSolver.accepts(problem, { innerDegree: analysis.innerFacts.degree });
    if (!accepted.ok) return accepted;
    return solvers.some((s) => s.solver === closedFormSolver) ? accepted : { ok: false, because: 'the page names another inner solver' };
  },
  build: (context, why) => structuresOf(context).map((structure) => candidate(context, structure, why)),
};

function structuresOf(context: StrategyContext): readonly Structure[] {
  const { b, params, inner } = context.problem;
  const split = splitOf(b, params, inner);
  const found = [split === undefined ? undefined : blocks(context, split), lowRank(context, split), pencil(context)];
  return [...found.filter((s) => s !== undefined), whole(context)];
}

const whole = ({ problem, analysis }: StrategyContext): Structure => ({
  solver: 'cholesky',
  rank: 0,
  conditions: smallEnoughToFactor(problem.params.dimension),
  factored: () => factoredHessian(problem),
  criterion: () => hoistedCriterion(problem, analysis.outerFacts.degree),
});

/** Never dearer than one factor of the whole, and the same to rounding. */
function blocks({ problem, analysis }: StrategyContext, split: Split): Structure {
  const factors = split.varies ? 'each with its own factor' : 'and one factor serves them all';
  return {
    solver: 'blocks',
    because: `its Hessian falls into ${split.count.key} blocks, ${factors}`,
    rank: -1,
    conditions: smallEnoughToFactor(split.size),
    factored: () => factoredHessian(problem, split),
    // With its own second derivative hoisted where that splits in the same way, so that nothing of size d² is made.
    criterion: () => {
      const { degree } = analysis.outerFacts;
      const own = degree > 2 ? undefined : splitAs(problem.b, problem.params, problem.outer, split);
      return own === undefined ? plainCriterion(problem) : hoistedCriterion(problem, degree, own);
    },
  };
}

/** Dear once, and then O(d²) for every λ: for paths of many values, so it is asked for by name. */
function pencil({ problem, analysis }: StrategyContext): Structure | undefined {
  const { b, params, inner, hypers } = problem;
  const found = isOne(params.dimension) ? undefined : pencilOf(b, inner.hessianAt(b.zeros([params.dimension])), hypers);
  if (found === undefined) return undefined;
  return {
    solver: 'tridiagonal',
    because: 'its Hessian is A + s B for one number s, and one tridiagonal form serves every s',
    rank: 50,
    conditions: smallEnoughToFactor(params.dimension),
    factored: () => factoredPencil(b, found),
    criterion: () => hoistedCriterion(problem, analysis.outerFacts.degree),
  };
}

/** By as many rows as its params meet in, where these are fewer. Its criterion stays as it is written: nothing of size d² is made. */
function lowRank({ problem }: StrategyContext, split: Split | undefined): Structure | undefined {
  const form = lowRankOf(problem, split);
  if (form === undefined || isSmall(form, problem.b.fixed)) return undefined;
  return {
    solver: 'low_rank',
    because: `its Hessian is a diagonal plus a matrix of rank ${form.rank.key}`,
    rank: -2,
    conditions: fewEnoughRows(form),
    preferred: farFewerRows(form),
    factored: () => factoredLowRank(problem, form),
    criterion: () => plainCriterion(problem),
  };
}

const candidate = (context: StrategyContext, structure: Structure, why: string): Built => ({
  strategy: 'closed_form',
  solver: structure.solver,
  innerSolver: 'closed_form',
  why: structure.because === undefined ? why : `${why}; ${structure.because}`,
  exact: true,
  checkingOnly: false,
  drive: 'graph',
  rank: structure.rank,
  conditions: structure.conditions,
  ...(structure.preferred === undefined ? {} : { preferred: structure.preferred }),
  stages: () => stages(context, structure),
});

function stages({ problem, inputs }: StrategyContext, structure: Structure): BuiltStages {
  const { b } = problem;
  const factored = structure.factored();
  const quadratic = quadraticOf(problem, factored);
  const { minimiser: x } = quadratic;
  const criterion = structure.criterion();
  const slope = criterion.gradientAt(x);
  const v = factored.solve(slope);
  const value = innerOutputs(quadraticSolution(problem, quadratic), criterion.at(x));
  return {
    value,
    hypergradient: {
      ...hypergradientOutputs(problem, value, implicitGradient(problem, x, v), {
        residual: relativeResidual(b, factored, v, slope),
        steps: b.constant(1),
        status: factored.status,
      }),
      v,
    },
    error: {
      error: firstOrderError(problem, inputs.x, inputs.v, factored.solve),
    },
  };
}
