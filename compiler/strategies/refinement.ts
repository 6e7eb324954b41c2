/**
 * Iterative refinement at a minimiser: what x and v leave, and what it says to correct them by, as stages of their own, so that one may be
 * computed in float64 and the other in float32 (decision 030). Knows no precision.
 * Source: Higham (2002), chapter 12; Carson & Higham (2018), "Accelerating the solution of linear systems by iterative refinement in three
 * precisions".
 */
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { isOpen, type LinearSolution } from '../solvers/linear-solver.ts';
import { correctionAt, implicitGradient, residualsAt } from './implicit-gradient.ts';
import { hypergradientSlots, type Refinement, type SolveInputs, type StageOutputs } from './strategy.ts';

/**
 * At the `x` and `v` that are given. `solve` is with H there, for right-hand sides of any size `[d]`; without it nothing is corrected.
 * `measures`: what a strategy says at a point besides.
 */
export function refinementOf(
  problem: Problem,
  inputs: SolveInputs,
  solve: ((rhs: Value) => Pick<LinearSolution, 'v' | 'status'>) | undefined,
  corrected: { readonly x: Value; readonly v: Value },
  measures: StageOutputs = {},
): Refinement {
  const { b, inner, outer, program } = problem;
  const { x, v } = inputs;
  const left = residualsAt(problem, x, v);
  const slope = b.norm(outer.gradientAt(x));
  return {
    residual: {
      'residual:x': left.x,
      'residual:v': left.v,
      outer: outer.at(x),
      'inner:loss': inner.at(x),
      'inner:gradient_norm': b.norm(left.x),
      ...hypergradientSlots(program, implicitGradient(problem, x, v)),
      'linear:residual': b.select(b.less(b.constant(0), slope), b.div(b.norm(left.v), slope), b.constant(0)),
      ...measures,
    },
    refine: solve === undefined ? {} : correctionOf(problem, inputs, solve),
    corrected: { 'corrected:x': corrected.x, 'corrected:v': corrected.v },
  };
}

function correctionOf(problem: Problem, { x, v }: SolveInputs, solve: (rhs: Value) => Pick<LinearSolution, 'v' | 'status'>): StageOutputs {
  const { b } = problem;
  const left = { x: b.input('residual:x', 'state', x.type), v: b.input('residual:v', 'state', v.type) };
  const statuses: Value[] = [];
  const correction = correctionAt(problem, { x, v }, left, (rhs) => {
    const solution = solve(rhs);
    statuses.push(solution.status);
    return solution.v;
  });
  return {
    'correction:x': correction.x,
    'correction:v': correction.v,
    'refine:status': statuses.reduce((one, next) => b.select(isOpen(b, one), next, one)),
  };
}
