/**
 * How many bytes unrolling needs, in the sizes, before anything is built: from above, as what is fused away is counted too.
 */
import { given } from '../ir/attributes.ts';
import { add, multiply, scale, size, zero, type Poly } from '../ir/dims.ts';
import type { Node } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { ancestors, reach } from '../transform/reach.ts';
import { hyperCount } from './forward.ts';
import { innermost, statesKept, type Segments } from './segments.ts';
import type { StrategyContext } from './strategy.ts';

/** Of a number, in float64. */
const BYTES = 8;

const elements = (nodes: readonly Node[]): Poly => add(zero, ...nodes.flatMap((n) => n.outputs.map((o) => size(o.type.shape))));

/** What one step carries to the next. */
function stateElements({ problem, solvers }: StrategyContext): Poly {
  const steps = given(solvers[0]?.solver.steps, 'the steps of a stepwise solver');
  return add(zero, ...steps.begin(problem, problem.declaredStart).map((v) => size(v.type.shape)));
}

/** Data, and every intermediate of a step and of the criterion, with its derivative’s. */
function stepElements({ inner, outer, program }: Problem): Poly {
  const data = add(zero, ...program.data.map((d) => size(d.shape)));
  return add(data, scale(elements(ancestors([...inner.gradientBlocks, outer.value])), 3));
}

export function reverseBytes(context: StrategyContext, segments: Segments): Poly {
  const { b, inner, params } = context.problem;
  // The way back keeps these as well (`ops/loops.ts`).
  const costly = reach(inner.gradientBlocks, params.values).nodes.filter((n) => b.row(n.op).costly === true);
  const kept = add(scale(stateElements(context), statesKept(segments)), scale(elements(costly), innermost(segments)));
  return scale(add(stepElements(context.problem), kept), BYTES);
}

/** One tangent of everything for every hyper. */
export function forwardBytes(context: StrategyContext): Poly {
  const { problem } = context;
  const once = add(stepElements(problem), scale(stateElements(context), 2));
  return scale(add(once, multiply(once, hyperCount(problem))), BYTES);
}
