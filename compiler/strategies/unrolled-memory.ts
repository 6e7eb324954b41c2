/**
 * How many bytes unrolling needs, in the sizes, before anything is built: from above, as what is fused away is counted too.
 */
import { given } from '../ir/attributes.ts';
import { add, multiply, number, scale, size, zero, type Poly } from '../ir/dims.ts';
import type { Node } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { ancestors, reach } from '../transform/reach.ts';
import { hyperCount } from './forward.ts';
import { innermost, statesKept, type Segments } from './segments.ts';
import type { StrategyContext } from './strategy.ts';

/** Of a number, in float64. */
const BYTES = 8;

/** What kernels work in, in numbers, whatever the sizes are: tiles that stay in a cache. */
const SCRATCH = number(2 ** 14);

const elements = (nodes: readonly Node[]): Poly => add(zero, ...nodes.flatMap((n) => n.outputs.map((o) => size(o.type.shape))));

/** What one step carries to the next. */
function stateElements({ problem, solvers }: StrategyContext): Poly {
  const steps = given(solvers[0]?.solver.steps, 'the steps of a stepwise solver');
  return add(zero, ...steps.begin(problem, problem.declaredStart).map((v) => size(v.type.shape)));
}

const dataElements = ({ program }: Problem): Poly => add(zero, ...program.data.map((d) => size(d.shape)));

/** Every intermediate of a step and of the criterion, with its derivative’s. */
const workElements = ({ inner, outer }: Problem): Poly => scale(elements(ancestors([...inner.gradientBlocks, outer.value])), 3);

export function reverseBytes(context: StrategyContext, segments: Segments): Poly {
  const { problem } = context;
  // The way back keeps these as well (`ops/loops.ts`).
  const costly = reach(problem.inner.gradientBlocks, problem.params.values).nodes.filter((n) => problem.b.row(n.op).costly === true);
  const kept = add(scale(stateElements(context), statesKept(segments)), scale(elements(costly), innermost(segments)));
  return scale(add(SCRATCH, dataElements(problem), workElements(problem), kept), BYTES);
}

/** Of everything but the data one tangent for every hyper. */
export function forwardBytes(context: StrategyContext): Poly {
  const { problem } = context;
  const once = add(workElements(problem), scale(stateElements(context), 2));
  return scale(add(SCRATCH, dataElements(problem), once, multiply(once, hyperCount(problem))), BYTES);
}
