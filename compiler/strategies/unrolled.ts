/**
 * A recipe: its steps are loops, and the hypergradient is the derivative of that graph like of any other, in reverse or forward.
 * Reverse keeps states, in segments where all of them would be too many (`segments.ts`); forward carries dx/dθ along and keeps none.
 * Source: Griewank & Walther (2008), ch. 3; Franceschi et al. (2017), both modes; Shaban et al. (2019), truncation.
 */
import type { Condition } from '../../plan/types.ts';
import { errorOfSteps, errorPart, leftAfter } from '../accuracy.ts';
import { exprOf } from '../cost.ts';
import { given } from '../ir/attributes.ts';
import { isOne, scale } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { Pieces } from '../pieces.ts';
import { passes, sideBySide, sum, times, type Work } from '../work.ts';
import { numberOption, wordOption } from '../solvers/options.ts';
import type { InnerSolver } from '../solvers/solver.ts';
import { KEPT } from '../transform/saved.ts';
import { gradient } from '../transform/transpose.ts';
import { forwardGradient, hyperCount } from './forward.ts';
import { lastPoint, recipeStages, stepCount, stepRoundings } from './recipe.ts';
import { segmentsOf, statesKept, type Segments } from './segments.ts';
import type { Built, Strategy, StrategyContext } from './strategy.ts';
import { forwardBytes, reverseBytes } from './unrolled-memory.ts';

export const unrolled: Strategy = {
  name: 'unrolled',
  accepts: ({ analysis, solvers }) => {
    if (analysis.meaning !== 'recipe')
      return { ok: false, because: 'the inner problem means its minimiser, which has no steps to differentiate' };
    return solvers.some((s) => s.solver.steps !== undefined)
      ? { ok: true, why: 'the recipe is a chain of differentiable steps, and unrolling is its exact derivative in every hyper' }
      : { ok: false, because: 'the inner solver is not stepwise' };
  },
  build: (context, why) => {
    const asked = wordOption(context.problem.program.strategy, 'mode');
    return waysOf(context)
      .filter(({ mode }) => asked === undefined || mode === asked)
      .flatMap((way) => context.solvers.slice(0, 1).map((choice) => candidate(context, way, choice, why)));
  },
};

/** Where the recipe ends, and the hypergradient there. */
interface Derived {
  readonly x: Value;
  readonly gradients: readonly Value[];
}

/** In reverse. */
function reversed(context: StrategyContext, segments: Segments): Derived {
  const { b, hypers, outer } = context.problem;
  const x = lastPoint(context, solverOf(context), stepsThrough(context), segments);
  return { x, gradients: gradient(b, outer.at(x), hypers) };
}

const solverOf = ({ solvers }: StrategyContext): InnerSolver => given(solvers[0], 'a stepwise solver').solver;

/** One way of differentiating a recipe. */
interface Way {
  readonly mode: 'reverse' | 'forward';
  /** What it is called before the solver’s name; the plain one is called nothing. */
  readonly name: string;
  readonly how: string;
  readonly derived: () => Derived;
  readonly conditions: readonly Condition[];
  /** Of the steps that are differentiated, forth and back. */
  readonly work: (pieces: Pieces) => Work;
}

/** Where the page allows no number of bytes, so many are not exceeded while another way keeps less. */
const COMFORTABLE = 1e9;
/** How often a step may be made again. */
const MOST_AGAIN = 3;

/** Steps that are differentiated through: all, but for a page that truncates. */
export function stepsThrough(context: StrategyContext): number {
  const count = stepCount(context);
  return Math.min(numberOption(context.problem.program.strategy, 'truncate') ?? count, count);
}

/** Of tangents side by side: the kernels of their products were measured to take 1.8 times as long on a small network, 4.5 on a larger one. */
const wide = ({ products, ...rest }: Work): Work => (products === undefined ? rest : { ...rest, products: scale(products, 3) });

function waysOf(context: StrategyContext): readonly Way[] {
  const { problem } = context;
  const through = stepsThrough(context);
  const memory = numberOption(problem.program.strategy, 'memory');
  const fits = (bytes: Condition['left']): readonly Condition[] =>
    memory === undefined ? [] : [{ left: bytes, right: memory, because: 'it keeps more bytes than `memory` allows', isMemory: true }];
  // Unasked, where segments have ten steps and more: shorter ones save little.
  const shortest = memory === undefined ? 10 : 2;
  const offered = Array.from({ length: MOST_AGAIN + 1 }, (_, again) => again).filter((r) => r === 0 || shortest ** (r + 1) <= through);
  // What it keeps is counted where it is built; it is what the plain candidate runs.
  const plain = reversed(context, segmentsOf(through, 0));
  const bytesOf = reverseBytes(context, plain.gradients);
  const reverse = offered.map((again): Way => {
    const segments = segmentsOf(through, again);
    const bytes = exprOf(bytesOf(segments));
    const isLast = again === offered.at(-1);
    return {
      mode: 'reverse',
      name: again === 0 ? '' : `checkpointed-${again}`,
      how:
        again === 0
          ? ''
          : `; it keeps the states of ${statesKept(segments)} of ${through} steps at a time, and makes each step ${again} more ${again === 1 ? 'time' : 'times'}`,
      derived: () => (again === 0 ? plain : reversed(context, segments)),
      conditions:
        isLast || memory !== undefined
          ? fits(bytes)
          : [{ left: bytes, right: COMFORTABLE, because: 'it keeps the states of too many steps' }],
      work: ({ d, step, stepTangent }) => times(through, times(1 + again, step, passes(d, KEPT)), step, stepTangent),
    };
  });
  const forward: Way = {
    mode: 'forward',
    name: 'forward',
    how: '; forward, it keeps no states, and carries a tangent for every hyper along',
    derived: () => {
      const x = lastPoint(context, solverOf(context), through, segmentsOf(through, 0));
      return { x, gradients: forwardGradient(problem, x) };
    },
    conditions: fits(exprOf(forwardBytes(context))),
    work: ({ d, p, step, stepTangent }) => times(through, step, sideBySide(p, sum(wide(stepTangent), passes(d, KEPT)))),
  };
  return isOne(hyperCount(problem)) ? [forward, ...reverse] : [...reverse, forward];
}

function candidate(context: StrategyContext, way: Way, { solver, conditions }: StrategyContext['solvers'][number], why: string): Built {
  const count = stepCount(context);
  const through = stepsThrough(context);
  const isTruncated = through < count;
  const approximates = `the derivative through the last ${through} of ${count} steps alone, those before held constant: an approximation, for what the hypers did there is left out`;
  return {
    strategy: 'unrolled',
    solver: [isTruncated ? 'truncated' : '', way.name, solver.name].filter((part) => part !== '').join('+'),
    innerSolver: solver.name,
    why: `${isTruncated ? approximates : why}${way.how}`,
    exact: !isTruncated,
    checkingOnly: false,
    drive: 'graph',
    conditions: [...conditions, ...way.conditions],
    error: [
      ...(isTruncated ? [errorPart('what earlier steps did', leftAfter(through, solver.steps?.descends?.(context.problem.program)))] : []),
      ...errorOfSteps(stepRoundings(context)),
    ],
    work: () => {
      const { pieces } = context;
      return sum(times(count - through, pieces.step), way.work(pieces), pieces.criterion);
    },
    stages: () => {
      const { x, gradients } = way.derived();
      return recipeStages(context, x, gradients, !isTruncated);
    },
  };
}
