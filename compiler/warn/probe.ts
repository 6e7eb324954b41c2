/**
 * Tries an inner loss on numbers: data and hypers of their kinds, the same on every machine, at sizes that are small for params and large
 * for rows. Says nothing where it cannot be sure: kinks, too much to compute, values that are not finite.
 */
import { constantOf, given } from '../ir/attributes.ts';
import { evaluate, namesOf, type Dim } from '../ir/dims.ts';
import type { Node, Tensor, Value } from '../ir/graph.ts';
import { prepare, type Run } from '../ir/interpret.ts';
import type { Problem } from '../problem.ts';
import type { Program } from '../program.ts';
import { ancestors } from '../transform/reach.ts';

/** The size of a dim of params that the page leaves to the data, and how many rows there are at least. */
const FEW = 3;
const LEAST_ROWS = 12;
/** More params or nodes than these are not tried. */
const MOST_PARAMS = 40;
const MOST_NODES = 1500;

type Sizes = ReadonlyMap<string, number>;

/** The product of the Hessian with v at x, and all that it is made of. */
interface Probe {
  readonly x: Value;
  readonly v: Value;
  readonly product: Value;
  readonly inputs: readonly Value[];
}

/** Which params take part in a direction along which the loss has no curvature at two points of its space; `undefined`: none was found. */
export function nullDirection(problem: Problem): readonly boolean[] | undefined {
  const { b, params, inner } = problem;
  const type = { dtype: 'real', shape: [params.dimension] } as const;
  const [x, v] = [b.input('x', 'state', type), b.input('v', 'state', type)];
  const product = inner.hessianProduct(x, v);
  const nodes = ancestors([product]);
  const inputs = nodes.flatMap(({ op, outputs: [leaf] }) => (op === 'input' && leaf !== undefined ? [leaf] : []));
  if (nodes.length > MOST_NODES || nodes.some(compares)) return undefined;
  const probe = { x, v, product, inputs };
  const tried = (turns: number, points: number): Float64Array | undefined => {
    const sizes = sizesFor(problem, turns);
    return nodes.every((node) => fits(node, sizes)) ? nullAt(problem, probe, sizes, points) : undefined;
  };
  // Nearly always few rows and one point are enough to see that there is none; that there is one is to be seen twice.
  const direction = tried(2, 1) && tried(40, 2);
  if (direction === undefined) return undefined;
  let from = 0;
  return params.blocks.map((block) => {
    const length = evaluate(block.size, sizesFor(problem, 0)) ?? 0;
    return direction.slice(from, (from += length)).some((entry) => Math.abs(entry) > 1e-6);
  });
}

function nullAt({ b, program, params }: Problem, probe: Probe, sizes: Sizes, points: number): Float64Array | undefined {
  const { x, v, product, inputs } = probe;
  const d = evaluate(params.dimension, sizes) ?? Number.POSITIVE_INFINITY;
  if (d > MOST_PARAMS) return undefined;
  const numbers = new Numbers();
  const tensors = new Map<Value, Tensor>();
  for (const leaf of inputs.filter((i) => i !== x && i !== v)) {
    const tensor = tensorFor(program, leaf, sizes, numbers);
    if (tensor === undefined) return undefined;
    tensors.set(leaf, tensor);
  }
  const run = prepare(b.graph('probe', inputs, [product], ['product']), sizes);
  const somewhere = (): Tensor => vector(d, () => numbers.next());
  return commonNull(
    Array.from({ length: points }, () => hessianAt(run, probe, tensors, somewhere())),
    d,
  );
}

/** Numbers in (−1, 1) by a linear congruence. */
class Numbers {
  private state = 0x2545f491;
  next(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return this.state / 2 ** 31 - 1;
  }
}

const vector = (length: number, entry: (i: number) => number): Tensor => ({
  shape: [length],
  data: Float64Array.from({ length }, (_, i) => entry(i)),
});

/** `turns` rows for each number of the params. */
function sizesFor({ program: { params, dims, splits }, params: { dimension } }: Problem, turns: number): Sizes {
  const ofParams = new Set(params.flatMap(({ shape }) => shape.flatMap(namesOf)));
  const names = [...dims.map(({ name }) => name), ...splits.flatMap(({ parts }) => parts.map(({ name }) => name))];
  const fixed = new Map(dims.map(({ name, fixed: known }) => [name, known]));
  const sized = (rows: number): Sizes => new Map(names.map((name) => [name, fixed.get(name) ?? (ofParams.has(name) ? FEW : rows)]));
  return sized(Math.max(LEAST_ROWS, turns * (evaluate(dimension, sized(0)) ?? 0)));
}

/** What it answers depends on the units of data, which are not known. */
const compares = ({ inputs, outputs }: Node): boolean =>
  outputs.some(({ type }) => type.dtype === 'bool') && inputs.some((v) => v.type.dtype === 'real' && constantOf(v) === undefined);

/** Whether everything it is made of has a size at these sizes, and no slice goes beyond its end. */
function fits({ inputs, outputs, attributes }: Node, sizes: Sizes): boolean {
  const has = (dim: Dim): boolean => (evaluate(dim, sizes) ?? -1) >= 0;
  const { start, length, axis = 0, body, test } = attributes;
  const own = inputs[0]?.type.shape[axis];
  const [from, to, of] = [start, length, own].map((dim) => (dim === undefined ? undefined : evaluate(dim, sizes)));
  const isWithin = from === undefined || to === undefined || of === undefined || (from >= 0 && from + Math.min(to, of) <= Math.max(to, of));
  const inner = [...(body?.nodes ?? []), ...(test?.nodes ?? [])];
  return isWithin && outputs.every((v) => v.type.shape.every(has)) && inner.every((node) => fits(node, sizes));
}

/** Numbers of the kind of what is declared; `undefined` for whole numbers whose range is not. */
function tensorFor(program: Program, leaf: Value, sizes: Sizes, numbers: Numbers): Tensor | undefined {
  const shape = leaf.type.shape.map((dim) => evaluate(dim, sizes) ?? 0);
  const length = shape.reduce((product, n) => product * n, 1);
  const filled = (entry: (i: number) => number): Tensor => ({ ...vector(length, entry), shape });
  if (program.splits.some(({ parts }) => parts.some(({ value }) => value === leaf))) return filled((i) => i);
  const declared = [...program.data, ...program.hypers].find(({ value }) => value === leaf);
  if (declared === undefined) return undefined;
  const [low, high] = (declared.interval ?? []).map((dim) => evaluate(dim, sizes));
  if (declared.kind === 'int') return low === undefined || high === undefined ? undefined : filled(inTurn(low, high, numbers));
  const [least, most] =
    low !== undefined && high !== undefined ? [Math.max(low, -1), Math.min(high, Math.max(low, -1) + 2)] : rangeOf[declared.kind];
  const drawn = filled(() => least + ((most - least) * (numbers.next() + 1)) / 2);
  if (declared.kind !== 'simplex') return drawn;
  const width = shape.at(-1) ?? 1;
  const total = (i: number): number => drawn.data.subarray(i - (i % width), i - (i % width) + width).reduce((a, c) => a + c, 0);
  return { shape, data: drawn.data.map((entry, i) => entry / total(i)) };
}

const rangeOf = {
  real: [-1, 1],
  choice: [-1, 1],
  positive: [0.5, 1.5],
  nonnegative: [0.5, 1.5],
  unit: [0.2, 0.8],
  simplex: [0.5, 1.5],
} as const;

/** All whole numbers of a range, one turn after the other, each in an order of its own. */
function inTurn(low: number, high: number, numbers: Numbers): (i: number) => number {
  const count = high - low + 1;
  let order: readonly number[] = [];
  return (i) => {
    if (i % count === 0)
      order = Array.from({ length: count }, (_, k) => ({ k, key: numbers.next() }))
        .sort((a, c) => a.key - c.key)
        .map(({ k }) => k);
    return low + (order[i % count] ?? 0);
  };
}

type Rows = readonly Float64Array[];

function hessianAt(run: Run, { x, v, inputs }: Probe, tensors: ReadonlyMap<Value, Tensor>, point: Tensor): Rows {
  const d = point.data.length;
  return Array.from({ length: d }, (_, j) => {
    const unit = vector(d, (i) => (i === j ? 1 : 0));
    const [product] = run(inputs.map((leaf) => (leaf === x ? point : leaf === v ? unit : given(tensors.get(leaf)))));
    return given(product).data;
  });
}

const largest = (rows: Rows): number => rows.reduce((most, row) => row.reduce((m, entry) => Math.max(m, Math.abs(entry)), most), 0);

/** Beside the largest entry, below this an entry is rounding. */
const ROUNDING = 1e-14;

/** A direction, its largest entry 1, that all of the matrices `[d, d]` take to nothing but rounding. */
function commonNull(matrices: readonly Rows[], d: number): Float64Array | undefined {
  const scales = matrices.map(largest);
  if (!scales.every((scale) => Number.isFinite(scale) && scale > 0)) return undefined;
  const work = matrices.flatMap((rows, k) => rows.map((row) => row.map((entry) => entry / given(scales[k]))));
  const order = Array.from({ length: d }, (_, i) => i);
  // Elimination with both kinds of pivots: it ends where all that is left is rounding.
  let rank = 0;
  for (; rank < d; rank += 1) {
    let best = { size: 0, row: rank, column: rank };
    for (let row = rank; row < work.length; row += 1)
      for (let column = rank; column < d; column += 1) {
        const entry = Math.abs(given(given(work[row])[given(order[column])]));
        if (entry > best.size) best = { size: entry, row, column };
      }
    if (!(best.size > ROUNDING * d)) break;
    [work[rank], work[best.row]] = [given(work[best.row]), given(work[rank])];
    [order[rank], order[best.column]] = [given(order[best.column]), given(order[rank])];
    const [pivot, at] = [given(work[rank]), given(order[rank])];
    for (const row of work.slice(rank + 1)) {
      const factor = given(row[at]) / given(pivot[at]);
      for (let j = 0; j < d; j += 1) row[j] = given(row[j]) - factor * given(pivot[j]);
    }
  }
  return rank === d ? undefined : nullVector(work, order, rank);
}

/** The last column that has no pivot, and what balances it. */
function nullVector(work: Rows, order: readonly number[], rank: number): Float64Array {
  const direction = new Float64Array(order.length);
  direction[given(order[rank])] = 1;
  for (let i = rank - 1; i >= 0; i -= 1) {
    const row = given(work[i]);
    const rest = order.slice(i + 1).reduce((sum, j) => sum + given(row[j]) * given(direction[j]), 0);
    direction[given(order[i])] = -rest / given(row[given(order[i])]);
  }
  const most = direction.reduce((m, entry) => Math.max(m, Math.abs(entry)), 0);
  return direction.map((entry) => entry / most);
}
