/**
 * How many bytes unrolling needs, in the sizes, before anything is built: from above, as what is fused away is counted too.
 */
import { given } from '../ir/attributes.ts';
import { add, multiply, number, scale, size, zero, type Poly } from '../ir/dims.ts';
import type { Node, Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { ancestors } from '../transform/reach.ts';
import { hyperCount } from './forward.ts';
import { innermost, statesOutside, type Segments } from './segments.ts';
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

/** What the innermost way back reads of a step of the way forth, as a derivative in one segment says itself (`transform/saved.ts`). */
function readElements(derivative: readonly Value[]): Poly {
  const stacked = ancestors(derivative).flatMap(({ attributes, outputs }) =>
    attributes.body === undefined ? [] : outputs.slice(attributes.states),
  );
  return add(zero, ...stacked.map((v) => size(v.type.shape.slice(1))));
}

/** `derivative`: the hypergradient in one segment. */
export function reverseBytes(context: StrategyContext, derivative: readonly Value[]): (segments: Segments) => Poly {
  const { problem } = context;
  const always = add(SCRATCH, dataElements(problem), workElements(problem));
  const [state, read] = [stateElements(context), readElements(derivative)];
  return (segments) => {
    const kept = add(scale(state, statesOutside(segments)), scale(read, innermost(segments)));
    return scale(add(always, kept), BYTES);
  };
}

/** Of everything but the data one tangent for every hyper. */
export function forwardBytes(context: StrategyContext): Poly {
  const { problem } = context;
  const once = add(workElements(problem), scale(stateElements(context), 2));
  return scale(add(SCRATCH, dataElements(problem), once, multiply(once, hyperCount(problem))), BYTES);
}
