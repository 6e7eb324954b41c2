/**
 * The implicit function theorem at a converged x: H v = ∇_x f by a Cholesky factor of the assembled Hessian, or by products.
 * Source: Bengio (2000), §3.2; Pedregosa (2016).
 */
import type { Candidate, Condition } from '../../plan/types.ts';
import { statusCode, type Status } from '../../plan/status.ts';
import { errorOfSolves, errorPart, leftByDescent, leftByKrylov, leftByShortSteps, leftWithin, type Left } from '../accuracy.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { stepsOf } from '../ops/loops.ts';
import type { Pieces } from '../pieces.ts';
import type { Problem } from '../problem.ts';
import type { MethodInfo } from '../program.ts';
import { dense, factor, relativeResidual } from '../solvers/assembled.ts';
import { conjugateGradient } from '../solvers/conjugate-gradient.ts';
import { gmres } from '../solvers/gmres.ts';
import { hasStatus, type LinearGoal, type LinearSolution, type LinearSolver } from '../solvers/linear-solver.ts';
import { minres } from '../solvers/minres.ts';
import { neumann } from '../solvers/neumann.ts';
import { numberOption, wordOption } from '../solvers/options.ts';
import { nearOf, nearWork, stepsWith, type Near } from '../solvers/preconditioner.ts';
import type { Acceptance, InnerSolver } from '../solvers/solver.ts';
import { tangentOperator, tangentProjection, type SymmetricOperator } from '../solvers/symmetric-operator.ts';
import { denseProducts, factorOf, passes, refinedSolves, sum, times, type Work } from '../work.ts';
import { firstOrderError, implicitGradient, type Judged } from './implicit-gradient.ts';
import { innerError, innerOutputs, innerTolerance, innerUnit, solveInner } from './inner-solve.ts';
import { kinkMargin } from './kink-margin.ts';
import { atLastStep, recipeEnd, recipeOutputs, recipeSolution, stepCount } from './recipe.ts';
import { smallEnoughToFactor } from './limits.ts';
import { refinementOf } from './refinement.ts';
import {
  hypergradientOutputs,
  isAskedFor,
  type Built,
  type BuiltStages,
  type LinearReport,
  type Refinement,
  type SolveInputs,
  type StageOutputs,
  type Strategy,
  type StrategyContext,
} from './strategy.ts';

/** The solves with one operator: what all of them need of it is made once. */
type Solve = (rhs: Value) => Omit<LinearSolution, 'curved'>;

interface Way {
  readonly name: string;
  /** Offered only where the page names it. */
  readonly byName?: true;
  readonly conditions: (problem: Problem) => readonly Condition[];
  /** By steps, until a tolerance. */
  readonly iterates: boolean;
  readonly of: (b: Builder, operator: SymmetricOperator, goal: LinearGoal) => Solve;
  /** Of one solve, and of what is made for it. */
  readonly work: (pieces: Pieces, near?: Near) => Work;
  /** The name by which a page asks for it, where it has one of its own as well. */
  readonly is?: string;
  /** What it preconditions with, and inner solvers too that go by products; offered where there is such a thing. */
  readonly near?: (problem: Problem) => Near | undefined;
  /** What of the adjoint it is predicted to leave. */
  readonly left: (strategy: MethodInfo | undefined) => Left;
}

const byFactor: Way['of'] = (b, operator) => {
  const factored = factor(b, dense(b, operator.matrix()));
  return (rhs) => {
    const v = factored.solve(rhs);
    return { v, residual: relativeResidual(b, factored, v, rhs), steps: b.constant(1), status: factored.status };
  };
};

/** By products: without curvature a solve has the status `otherwise`, unless it failed. */
const byProducts =
  (solve: LinearSolver, otherwise: Status): Way['of'] =>
  (b, operator, goal) =>
  (rhs) => {
    const { curved, ...solution } = solve(b, operator, rhs, goal);
    const doubted = b.and(b.not(curved), hasStatus(b, solution.status, 'converged'));
    return { ...solution, status: b.select(doubted, b.constant(statusCode(otherwise)), solution.status) };
  };

/** With one product more for the guess, and one for the residual. */
const productsWork =
  (name: string, vectors: number): Way['work'] =>
  ({ d, linearised, product }) =>
    sum(linearised, times(2, product), times(stepsOf(name), product, passes(d, vectors)));

const leftWithinSteps =
  (after: (steps: number, strategy: MethodInfo | undefined) => Left): Way['left'] =>
  (strategy) =>
    leftWithin('τ_linear', numberOption(strategy, 'steps'), (steps) => after(steps, strategy));

/** So many steps are so many products, and what a series adds at the end takes none. */
const leftBySeries = (steps: number, strategy: MethodInfo | undefined): Left =>
  numberOption(strategy, 'rate') === undefined ? leftByShortSteps(steps + 1) : leftByDescent(steps + 1);

const stepwise = { conditions: () => [], iterates: true, left: leftWithinSteps(leftByKrylov) };

const ways: readonly Way[] = [
  {
    name: 'cholesky',
    conditions: ({ params }) => smallEnoughToFactor(params.dimension),
    iterates: false,
    of: byFactor,
    left: () => 0,
    work: ({ d, hessian, hessianOfHypers }) => sum(hessian, hessianOfHypers, factorOf(d), refinedSolves(d, 1), denseProducts(d, d)),
  },
  // Ahead of the plain method where their costs are the same: it bears params that are not alike.
  {
    name: 'pcg',
    is: 'cg',
    ...stepwise,
    near: nearOf,
    conditions: ({ near }) => (near === undefined ? [] : smallEnoughToFactor(near.size)),
    of: byProducts(conjugateGradient, 'negative-curvature'),
    work: (pieces, near) =>
      sum(nearWork(near).fixed(pieces), productsWork('pcg', 10)(pieces), times(stepsWith(near, 'cg'), nearWork(near).each)),
  },
  { name: 'cg', ...stepwise, of: byProducts(conjugateGradient, 'negative-curvature'), work: productsWork('cg', 10) },
  { name: 'minres', byName: true, ...stepwise, of: byProducts(minres, 'stationary'), work: productsWork('minres', 16) },
  { name: 'gmres', byName: true, ...stepwise, of: byProducts(gmres, 'stationary'), work: productsWork('gmres', 60) },
  {
    name: 'neumann',
    byName: true,
    ...stepwise,
    of: byProducts(neumann, 'negative-curvature'),
    work: productsWork('neumann', 10),
    left: leftWithinSteps(leftBySeries),
  },
];

/** Where the page names none: relative to ‖∇_x f‖, in float64 and in float32 (`runtime/rounding.ts` has the same). */
const TOLERANCE = [1e-12, 1e-6] as const;
const STEP_LIMIT = 10_000;

export const implicit: Strategy = {
  name: 'implicit',
  accepts: (context) => {
    const { program } = context.problem;
    if (
      isAskedFor(context, 'implicit') &&
      numberOption(program.strategy, 'rate') !== undefined &&
      wordOption(program.strategy, 'solver') !== 'neumann'
    )
      return { ok: false, because: 'a `rate` is how far each step of a Neumann series goes, `implicit(solver = neumann, rate = …)`' };
    if (context.analysis.meaning === 'recipe') return acceptsRecipe(context);
    const { composite } = context.problem;
    const why =
      composite === undefined
        ? 'the inner loss is smooth at its minimiser; the Hessian there is shown nonsingular by the solve'
        : `differentiated on the support of the minimiser: ${composite.found.join('; ')}; the Hessian there is shown nonsingular by the solve`;
    return { ok: true, why };
  },
  build: (context, why) => {
    const { problem } = context;
    const asked = wordOption(problem.program.strategy, 'solver');
    return ways
      .filter((w) => (asked === undefined ? w.byName !== true : [w.name, w.is].includes(asked)))
      .flatMap((way) => {
        if (way.near === undefined) return context.solvers.map((s) => candidate(context, way, s, why));
        const solvers = context.solvers.filter(({ solver }) => solver.preconditions === true);
        const near = solvers.length > 0 && mayPrecondition(context) ? way.near(problem) : undefined;
        if (near === undefined) return [];
        const prepared = { ...context, problem: { ...problem, near } };
        return solvers.map((s) => candidate(prepared, way, s, `${why}; preconditioned by ${near.why}`));
      });
  },
};

/**
 * Only where it changes how long a solve takes, and not what it finds: where steps are counted by the page they are those of the plain method,
 * and where the inner loss may have several valleys, another way down may end in another one.
 */
const mayPrecondition = ({ analysis, innerMethod, problem }: StrategyContext): boolean =>
  analysis.meaning === 'minimiser' &&
  analysis.innerFacts.degree > 2 &&
  analysis.innerFacts.curvature === 'convex' &&
  [innerMethod, problem.program.strategy].every((method) => numberOption(method, 'steps') === undefined);

/** By name alone: what the formula would give if the steps had ended at a minimiser. */
const acceptsRecipe = (context: StrategyContext): Acceptance =>
  isAskedFor(context, 'implicit')
    ? {
        ok: true,
        why: 'the implicit formula where the steps end: an approximation, exact only in the limit of a minimiser, and zero in rates and starts',
      }
    : { ok: false, because: 'the implicit formula is not the derivative of a recipe, which means exactly its steps' };

function candidate(context: StrategyContext, way: Way, choice: StrategyContext['solvers'][number], why: string): Built {
  return {
    strategy: 'implicit',
    solver: `${way.name}+${choice.solver.name}`,
    innerSolver: choice.solver.name,
    ...(way.iterates ? { linearSolver: way.name } : {}),
    why,
    exact: context.analysis.meaning === 'minimiser',
    checkingOnly: false,
    drive: 'graph',
    // Both may say that a factor is not too large.
    conditions: way.of === byFactor ? way.conditions(context.problem) : [...way.conditions(context.problem), ...choice.conditions],
    work: () => {
      const {
        pieces,
        problem: { near },
      } = context;
      const solved = context.analysis.meaning === 'recipe' ? times(stepCount(context), pieces.step) : pieces.solve(choice.solver, near);
      const after = pieces.once(way.name, () => sum(way.work(pieces, near), pieces.criterion, pieces.cross, passes(pieces.d, 20)));
      return sum(solved, after);
    },
    error: errorOf(context, way, choice.solver),
    tolerances: tolerancesOf(context, way, choice.solver),
    stages: () => stages(context, way, choice.solver),
  };
}

function errorOf(context: StrategyContext, way: Way, solver: InnerSolver): Built['error'] {
  if (context.analysis.meaning === 'recipe') return [errorPart('what the formula leaves out of a recipe', undefined)];
  const linear = errorPart(`the linear solve by ${way.name}`, way.left(context.problem.program.strategy));
  return errorOfSolves(innerError(context, solver), linear);
}

/** Of the solves that stop at one. */
function tolerancesOf({ problem, analysis, innerMethod }: StrategyContext, way: Way, solver: InnerSolver): Candidate['tolerances'] {
  const inner = analysis.meaning === 'minimiser' ? innerTolerance(solver, innerMethod) : undefined;
  if (!way.iterates) return inner;
  const linear = numberOption(problem.program.strategy, 'tolerance');
  return { ...inner, ...(linear === undefined ? {} : { linear }) };
}

/** On a support with more coordinates than the data determine there is nothing to converge to: no better than v = 0 is singular. */
function solvable({ b, composite }: Problem, { status, residual }: LinearReport): Value {
  if (composite === undefined) return status;
  const short = b.and(b.equal(status, b.constant(statusCode('step-limit'))), b.not(b.less(residual, b.constant(1))));
  return b.select(short, b.constant(statusCode('not-positive-definite')), status);
}

function atEnd(context: StrategyContext, outputs: StageOutputs): StageOutputs {
  const values = atLastStep(context, Object.values(outputs));
  return Object.fromEntries(Object.keys(outputs).map((slot, i) => [slot, given(values[i])]));
}

/** f(x) − vᵀ∇h(x): the criterion without what an inexact x adds to it, to first order. */
const correctedAt = ({ b, inner, outer }: Problem, x: Value, v: Value): Value => b.sub(outer.at(x), b.inner(v, inner.gradientAt(x)));

/** An error that is told by solves with H; without an end where these see nothing of some direction. */
const asFarAsResolved = ({ b, near }: Problem, x: Value, error: Value): Value =>
  near === undefined ? error : b.select(near.isResolved(x), error, b.constant(Infinity));

/** `solve`: with H at x, unless so many steps as the page names are what it asks for. */
function refinement(problem: Problem, inputs: SolveInputs, solve: Solve | undefined, corrected: Judged['corrected']): Refinement {
  const { b, inner } = problem;
  const { x, v, start } = inputs;
  return refinementOf(problem, inputs, solve, corrected, {
    'inner:relative': b.div(b.norm(inner.gradientAt(x)), innerUnit(problem, start)),
    'outer:corrected': correctedAt(problem, x, v),
  });
}

function stages(context: StrategyContext, way: Way, solver: InnerSolver): BuiltStages {
  const { problem, analysis, innerMethod, inputs } = context;
  const { b, outer, program } = problem;
  const isRecipe = analysis.meaning === 'recipe';
  const solution = isRecipe ? recipeSolution(context, recipeEnd(context, solver)) : solveInner(problem, solver, innerMethod, inputs);
  const project = tangentProjection(problem, solution.x);
  const rate = numberOption(program.strategy, 'rate');
  const steps = numberOption(program.strategy, 'steps');
  const goal = {
    tolerance: inputs.tolerance.linear,
    limit: steps ?? STEP_LIMIT,
    // So many steps as the page names mean these, from 0.
    ...(steps === undefined && !isRecipe ? { from: project(inputs.vStart) } : {}),
    ...(rate === undefined ? {} : { rate: b.constant(rate) }),
  };
  const adjoint = way.of(b, tangentOperator(problem, solution.x, solution.near), goal)(project(outer.gradientAt(solution.x)));
  const value = isRecipe ? recipeOutputs(problem, solution) : innerOutputs(solution, outer.at(solution.x));
  const stopped = b.equal(solution.status, b.constant(statusCode('not-finite')));
  // However short the page lets the solve be: its estimate is worth what it is solved by.
  const there = way.of(b, tangentOperator(problem, inputs.x), { tolerance: b.byPrecision(...TOLERANCE), limit: STEP_LIMIT });
  const along = tangentProjection(problem, inputs.x);
  const judged = isRecipe ? undefined : firstOrderError(problem, inputs.x, inputs.v, (rhs) => there(along(rhs)).v);
  const hypergradient = {
    ...hypergradientOutputs(problem, value, implicitGradient(problem, solution.x, adjoint.v), {
      ...adjoint,
      status: b.select(stopped, solution.status, solvable(problem, adjoint)),
    }),
    v: adjoint.v,
    ...(isRecipe ? {} : { 'outer:corrected': correctedAt(problem, solution.x, adjoint.v) }),
    ...kinkMargin(problem, solution.x, isRecipe ? problem.declaredStart : inputs.start),
  };
  return {
    value,
    hypergradient: isRecipe ? atEnd(context, hypergradient) : hypergradient,
    error: judged === undefined ? {} : { error: asFarAsResolved(problem, inputs.x, judged.error) },
    ...(judged === undefined
      ? {}
      : {
          refinement: () => refinement(problem, inputs, steps === undefined ? there : undefined, judged.corrected),
        }),
  };
}
