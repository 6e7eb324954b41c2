/**
 * A quadratic inner loss: one linear system, and one way to solve it for each structure that its Hessian may have, serves the minimiser
 * and the adjoint, whatever the number of hypers.
 * Source: Bengio (2000), §3.1.
 */
import type { Condition } from '../../plan/types.ts';
import { errorOfSolves, errorPart } from '../accuracy.ts';
import { isOne, number, one, scale, type Dim } from '../ir/dims.ts';
import { relativeResidual } from '../solvers/assembled.ts';
import { assembledAt, splitAs, splitOf, type Split } from '../solvers/blocks.ts';
import {
  closedForm as closedFormSolver,
  factoredHessian,
  quadraticOf,
  quadraticSolution,
  type FactoredQuadratic,
} from '../solvers/closed-form.ts';
import { lowRankOf } from '../solvers/low-rank-form.ts';
import { factoredLowRank, lowRankWork } from '../solvers/low-rank.ts';
import { factoredPencil, pencilOf } from '../solvers/pencil.ts';
import { denseProducts, factorOf, passes, refinedSolves, sideBySide, sum, times, type Work } from '../work.ts';
import { firstOrderError, implicitGradient } from './implicit-gradient.ts';
import { hoistedCriterion, plainCriterion, type Criterion } from './hoisted-criterion.ts';
import { innerOutputs } from './inner-solve.ts';
import { fewEnoughRows, isSmall, smallEnoughToFactor } from './limits.ts';
import { refinementOf } from './refinement.ts';
import { hypergradientOutputs, type Built, type BuiltStages, type Strategy, type StrategyContext } from './strategy.ts';

/** What a Hessian may be seen as, so that it can be solved with: a candidate each. */
interface Structure {
  readonly solver: string;
  /** What is added to why the strategy accepts. */
  readonly because?: string;
  readonly byNameOnly?: string;
  readonly conditions: readonly Condition[];
  readonly factored: () => FactoredQuadratic;
  /** The criterion, with as much of it hoisted as goes with the structure. */
  readonly criterion: () => Criterion;
  /** Of the factor, and of solves with it for the minimiser and the adjoint. */
  readonly work: () => Work;
  /** Of the criterion at one point. */
  readonly criterionWork: () => Work;
  /** Why nobody knows beforehand how many digits it keeps; absent: as many as a backward stable solve. */
  readonly loses?: string;
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
  const found = [split && blocks(context, split), whole(context), lowRank(context, split), pencil(context)];
  return found.filter((s) => s !== undefined);
}

/** A criterion that is hoisted is two products with its own Hessian, of so many blocks. */
const hoistedWork = ({ analysis, pieces }: StrategyContext, size: Dim, count: Dim = one): Work =>
  analysis.outerFacts.degree > 2 ? pieces.criterion : denseProducts(size, size, scale(count, 2));

const whole = (context: StrategyContext): Structure => {
  const { problem, analysis, pieces } = context;
  const { d } = pieces;
  return {
    solver: 'cholesky',
    conditions: smallEnoughToFactor(d),
    factored: () => factoredHessian(problem),
    criterion: () => hoistedCriterion(problem, analysis.outerFacts.degree),
    work: () => sum(pieces.hessianOfHypers, factorOf(d), refinedSolves(d, 2), denseProducts(d, d, 2)),
    criterionWork: () => hoistedWork(context, d),
  };
};

/** Never dearer than one factor of the whole, and the same to rounding. */
function blocks(context: StrategyContext, split: Split): Structure {
  const { problem, analysis, pieces } = context;
  const { b, params, inner } = problem;
  const { count, size } = split;
  const factors = split.varies ? 'each with its own factor' : 'and one factor serves them all';
  return {
    solver: 'blocks',
    because: `its Hessian falls into ${split.count.key} blocks, ${factors}`,
    conditions: smallEnoughToFactor(size),
    factored: () => factoredHessian(problem, split),
    // With its own second derivative hoisted where that splits in the same way, so that nothing of size d² is made.
    criterion: () => {
      const { degree } = analysis.outerFacts;
      const own = degree > 2 ? undefined : splitAs(problem.b, problem.params, problem.outer, split);
      return own === undefined ? plainCriterion(problem) : hoistedCriterion(problem, degree, own);
    },
    work: () => {
      const { entries } = assembledAt(b, params, inner, split, b.zeros([params.dimension]));
      const own = times(split.varies ? count : 1, factorOf(size));
      return sum(pieces.ofHypers([entries]), own, sideBySide(count, sum(refinedSolves(size, 2), denseProducts(size, size, 2))));
    },
    criterionWork: () => hoistedWork(context, size, count),
  };
}

/** Dear once, and then O(d²) for every λ: for paths of many values, so it is asked for by name. */
function pencil(context: StrategyContext): Structure | undefined {
  const { problem, analysis, pieces } = context;
  const { b, params, inner, hypers } = problem;
  const { d } = pieces;
  const found = isOne(params.dimension) ? undefined : pencilOf(b, inner.hessianAt(b.zeros([params.dimension])), hypers);
  if (found === undefined) return undefined;
  return {
    solver: 'tridiagonal',
    because: 'its Hessian is A + s B for one number s, and one tridiagonal form serves every s',
    loses: 'the reduction of two matrices to one tridiagonal form, by how different they are in size',
    byNameOnly: 'it loses digits where the two matrices are of very different size, and is made once for far more than one factor takes',
    conditions: smallEnoughToFactor(d),
    factored: () => factoredPencil(b, found),
    criterion: () => hoistedCriterion(problem, analysis.outerFacts.degree),
    // A solve is two products with the basis and O(d) between them, which goes on row by row.
    work: () => sum(denseProducts(d, d, 14), times(d, { elements: number(40) }), passes(d, 20)),
    criterionWork: () => hoistedWork(context, d),
  };
}

/** By as many rows as its params meet in, where these are fewer. Its criterion stays as it is written: nothing of size d² is made. */
function lowRank({ problem, pieces }: StrategyContext, split: Split | undefined): Structure | undefined {
  const form = lowRankOf(problem, split);
  if (form === undefined || isSmall(form, problem.b.fixed)) return undefined;
  return {
    solver: 'low_rank',
    because: `its Hessian is a diagonal plus a matrix of rank ${form.rank.key}`,
    conditions: fewEnoughRows(form),
    factored: () => factoredLowRank(problem, form),
    criterion: () => plainCriterion(problem),
    work: () => lowRankWork(form, pieces),
    criterionWork: () => pieces.criterion,
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
  conditions: structure.conditions,
  ...(structure.byNameOnly === undefined ? {} : { byNameOnly: structure.byNameOnly }),
  error: errorOfSolves(errorPart(structure.loses ?? '', structure.loses === undefined ? 0 : undefined)),
  work: () => {
    const { cross, d } = context.pieces;
    return sum(structure.work(), structure.criterionWork(), cross, passes(d, 20));
  },
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
  const judged = firstOrderError(problem, inputs.x, inputs.v, factored.solve);
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
    error: { error: judged.error },
    refinement: () => refinementOf(problem, inputs, (rhs) => ({ v: factored.solve(rhs), status: factored.status }), judged.corrected),
  };
}
