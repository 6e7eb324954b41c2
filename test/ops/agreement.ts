/**
 * Every op of the table on a backend against the reference interpreter, at awkward sizes along every axis.
 * What rounding allows is stated by op: a few units in the last place where each element is computed by itself, `terms · u · Σ|terms|`
 * for sums, the residual for factorisations, solves and eigenvalues.
 */
import { add, evaluate as evaluateDim, namesOf, type Sizes } from '../../compiler/ir/dims.ts';
import { prepare } from '../../compiler/ir/interpret.ts';
import type { Graph, Tensor } from '../../compiler/ir/graph.ts';
import type { OpName } from '../../plan/op-names.ts';
import { ops } from '../../compiler/ops/table.ts';
import type { GraphRun } from '../helpers/graph-stage.ts';
import type { Precision } from '../../plan/kernels.ts';
import { instance, randomFor, type Instance } from './instances.ts';
import { samplesOf, sizes as usualSizes, uniform, type Sample } from './samplers.ts';

/** What is looked at. */
export interface Subject {
  /** Makes a graph ready, to be run at any sizes. */
  readonly compile: (graph: Graph) => GraphRun;
  readonly precision: Precision;
  /** Sizes that dims are given, one after the other. */
  readonly awkward: readonly number[];
  /** Units in the last place by which an element may be off that is computed by itself, where it is more than is usual. */
  readonly lastPlaces?: Readonly<Partial<Record<OpName, number>>>;
  /** Numbers below this may be taken for 0. */
  readonly smallest?: number;
}

export const awkward = [0, 1, 2, 3, 5, 7, 8, 17, 33, 1000] as const;
/** Rounding units. */
const unit = { f64: 2 ** -53, f32: 2 ** -24 } as const;
const smallest = { f64: Number.MIN_VALUE, f32: 2 ** -149 } as const;

/** What an op's rounding is measured against. */
type Rounding = 'exact' | 'last places' | 'sum' | 'residual' | 'spectral' | 'loop';

const rounding = (op: OpName): Rounding => {
  if (op === 'scan' || op === 'iterate') return 'loop';
  if (op === 'cholesky' || op === 'triangular_solve' || op === 'solve') return 'residual';
  if (op === 'eigh') return 'spectral';
  if (op === 'reduce_sum' || op === 'dot_general' || op === 'cumsum' || op === 'scatter_add') return 'sum';
  return ops[op].batch === 'pointwise' ? 'last places' : 'exact';
};

/** Units in the last place: 2 of each side’s own function, and 1 for the rounding of the result. */
export const LAST_PLACES = 5;

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Sizes with one dim changed to each awkward one, as far as the instance has a meaning there. */
function variations(op: OpName, sample: Sample, own: Instance, awkward: readonly number[]): readonly Sizes[] {
  const dims = [...sample.operands.flatMap((t) => t.shape), ...own.outputs.flatMap((v) => v.type.shape)];
  const names = [...new Set(dims.flatMap(namesOf))].filter((name) => name !== 'z');
  const changed = names.flatMap((name) => awkward.map((size) => new Map([...usualSizes, [name, size]])));
  return [usualSizes, ...changed].filter((sizes) => isMeaningful(op, sample, sizes) && isReasonable(op, own, sizes));
}

/** A slice lies within its operand, a padded tensor within the result. */
function isMeaningful(op: OpName, { operands, attributes }: Sample, sizes: Sizes): boolean {
  const { start, length, axis } = attributes;
  const along = axis === undefined ? undefined : operands[0]?.shape[axis];
  if (start === undefined || length === undefined || along === undefined) return true;
  const [inner, outer] = op === 'slice' ? [length, along] : [along, length];
  return (evaluateDim(add(start, inner), sizes) ?? 0) <= (evaluateDim(outer, sizes) ?? 0);
}

/** A test of a second, not of a minute: residuals are computed in plain loops, of one large matrix, or of all of a few small ones. */
function isReasonable(op: OpName, own: Instance, sizes: Sizes): boolean {
  const count = [...own.inputs, ...own.outputs].map((v) => elements(v.type.shape.map((dim) => evaluateDim(dim, sizes) ?? 0)));
  const isPlain = rounding(op) === 'spectral' || (rounding(op) === 'residual' && !isLarge(op, own, sizes));
  return Math.max(...count) <= (isPlain ? 2e4 : 2e6);
}

function isLarge(op: OpName, { inputs }: Instance, sizes: Sizes): boolean {
  const side = inputs[0]?.type.shape.at(-1);
  return rounding(op) === 'residual' && side !== undefined && (evaluateDim(side, sizes) ?? 0) >= 1000;
}

const rounded = (t: Tensor, precision: Precision): Tensor =>
  precision === 'f64' ? t : { shape: t.shape, data: Float64Array.from(t.data, Math.fround) };

const absolute = (t: Tensor): Tensor => ({ shape: t.shape, data: t.data.map(Math.abs) });

function drawAt({ inputs, fills }: Instance, sizes: Sizes, label: string, precision: Precision): readonly Tensor[] {
  const random = randomFor(label);
  return inputs.map((v, i) => {
    const shape = v.type.shape.map((dim) => evaluateDim(dim, sizes) ?? 0);
    return rounded((fills[i] ?? uniform(-1, 1)).make(shape, random), precision);
  });
}

/** The largest of an element's error over what it may be; NaN and infinities must be the same. */
function excess(actual: Tensor, expected: Tensor, allowed: (i: number) => number): number {
  if (actual.shape.join() !== expected.shape.join()) return Infinity;
  let worst = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const [a, e] = [actual.data[i] as number, expected.data[i] as number];
    if (Object.is(a, e) || a === e) continue;
    const ratio = Number.isFinite(a) && Number.isFinite(e) ? Math.abs(a - e) / allowed(i) : Infinity;
    worst = Math.max(worst, Number.isNaN(ratio) ? Infinity : ratio);
  }
  return worst;
}

/** The rows of a residual that are looked at: all of a few, and of many some at both ends and in between, at every remainder of a block. */
const isProbed = (row: number, n: number): boolean => n <= 100 || row < 5 || row >= n - 5 || row % 61 === 17;

/** Products of matrices, the leading axes being a batch; the second may lack its last axis. Rows that are not probed are left at 0. */
function multiplied(a: Tensor, b: Tensor, transposed: boolean, size: (x: number, y: number) => number, isTriangle: boolean): Float64Array {
  const n = a.shape.at(-1) ?? 0;
  const columns = b.shape.length === a.shape.length ? (b.shape.at(-1) ?? 0) : 1;
  const out = new Float64Array(b.data.length);
  for (let block = 0; block * n * n < a.data.length; block++)
    for (let i = 0; i < n; i++) {
      if (!isProbed(i, n)) continue;
      const row = block * n * columns + i * columns;
      // Above the diagonal a factor is not read.
      for (let p = isTriangle && transposed ? i : 0; p < (isTriangle && !transposed ? i + 1 : n); p++) {
        const factor = a.data[block * n * n + (transposed ? p * n + i : i * n + p)] as number;
        for (let j = 0; j < columns; j++)
          out[row + j] = (out[row + j] as number) + size(factor, b.data[block * n * columns + p * columns + j] as number);
      }
    }
  return out;
}

const plainProduct = (x: number, y: number): number => x * y;
const absoluteProduct = (x: number, y: number): number => Math.abs(x * y);

/**
 * ‖residual‖ over what rounding allows: |Lx − b| ≤ c·n·u·|L||x|, |LLᵀ − A| ≤ c·n·u·|L||Lᵀ|, and of a matrix whose pivots do not grow
 * |Ax − b| ≤ c·n·u·|A||x|. Source: Higham (2002), §8.1, §9.3, §10.1.
 */
function residualExcess(op: OpName, sample: Sample, inputs: readonly Tensor[], result: Tensor, u: number): number {
  const [first, rhs] = inputs;
  if (first === undefined) return Infinity;
  const n = first.shape.at(-1) ?? 0;
  const [lower, x, target, transposed] =
    op === 'cholesky'
      ? [result, transposedLast(result), symmetric(first), false]
      : [first, result, rhs as Tensor, sample.attributes.transposed === true];
  const product = multiplied(lower, x, transposed, plainProduct, op !== 'solve');
  const scale = multiplied(lower, x, transposed, absoluteProduct, op !== 'solve');
  const columns = x.shape.length === lower.shape.length ? (x.shape.at(-1) ?? 0) : 1;
  const isCompared = (i: number): boolean => isProbed(Math.floor(i / columns) % n, n);
  if (!x.data.every(Number.isFinite)) return Infinity;
  return excess(
    { shape: target.shape, data: product.map((value, i) => (isCompared(i) ? value : (target.data[i] as number))) },
    target,
    (i) => 8 * (n + 1) * u * ((scale[i] as number) + Math.abs(target.data[i] as number)),
  );
}

function transposedLast(a: Tensor): Tensor {
  const n = a.shape.at(-1) ?? 0;
  return {
    shape: a.shape,
    data: a.data.map((_, p) => a.data[Math.floor(p / (n * n)) * n * n + (p % n) * n + (Math.floor(p / n) % n)] as number),
  };
}

function symmetric(a: Tensor): Tensor {
  const other = transposedLast(a);
  return { shape: a.shape, data: a.data.map((x, i) => 0.5 * (x + (other.data[i] as number))) };
}

/** ‖AV − VΛ‖ over c·n·u·‖A‖, and ‖VᵀV − I‖ over c·n·u; infinite where the values are not in order. Source: Golub & Van Loan (2013), §8.5. */
function spectralExcess(matrix: Tensor, [values, vectors]: readonly Tensor[], u: number): number {
  if (values === undefined || vectors === undefined) return Infinity;
  const n = matrix.shape.at(-1) ?? 0;
  const a = symmetric(matrix);
  let worst = 0;
  for (let block = 0; block * n < values.data.length; block++) {
    const at = (t: Tensor, i: number, j: number): number => t.data[(block * n + i) * n + j] as number;
    const lambda = values.data.subarray(block * n, (block + 1) * n);
    if (lambda.some((x, i) => i > 0 && !(x >= (lambda[i - 1] as number)))) return Infinity;
    const norm = Math.hypot(...a.data.subarray(block * n * n, (block + 1) * n * n));
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let [residual, product] = [-(lambda[j] as number) * at(vectors, i, j), i === j ? -1 : 0];
        for (let p = 0; p < n; p++) {
          residual += at(a, i, p) * at(vectors, p, j);
          product += at(vectors, p, i) * at(vectors, p, j);
        }
        const allowed = 16 * (n + 1) * u;
        worst = Math.max(worst, Math.abs(residual) / (allowed * norm), Math.abs(product) / allowed);
        if (Number.isNaN(residual + product)) return Infinity;
      }
  }
  return worst;
}

const largestOf = (tensors: readonly Tensor[]): number =>
  Math.max(1, ...tensors.map((t) => t.data.reduce((m, x) => Math.max(m, Math.abs(x)), 0)));

/** How many terms an element of a sum may have. */
const termsOf = (inputs: readonly Tensor[]): number => Math.max(1, ...inputs.map((t) => t.data.length));

function complaint(
  op: OpName,
  sample: Sample,
  graph: Graph,
  sizes: Sizes,
  inputs: readonly Tensor[],
  actual: readonly Tensor[],
  { precision, lastPlaces, smallest: least = smallest[precision] }: Subject,
): string | undefined {
  const u = unit[precision];
  const kind = rounding(op);
  if (kind === 'residual') {
    const ratio = residualExcess(op, sample, inputs, actual[0] as Tensor, u);
    return ratio <= 1 ? undefined : `residual ${ratio} times what is allowed`;
  }
  if (kind === 'spectral') {
    const ratio = spectralExcess(inputs[0] as Tensor, actual, u);
    return ratio <= 1 ? undefined : `residual ${ratio} times what is allowed`;
  }
  const expected = prepare(graph, sizes)(inputs);
  const scales =
    kind === 'sum'
      ? prepare(graph, sizes)(inputs.map((t, i) => (graph.inputs[i]?.type.dtype === 'int' && i > 0 ? t : absolute(t))))
      : undefined;
  const terms = Math.max(1, ...graph.inputs.flatMap((v) => v.type.shape.map((dim) => evaluateDim(dim, sizes) ?? 0)));
  const worst = expected.map((e, j) => {
    const a = actual[j] as Tensor;
    switch (kind) {
      case 'sum':
        return excess(a, e, (i) => (Math.min(termsOf(inputs), 2000) + 2) * u * Math.abs(scales?.[j]?.data[i] as number) + least);
      case 'loop':
        // Steps add up to thousands of terms that are larger than what becomes of them.
        return excess(a, e, () => (1e3 + 10 * terms) * u * largestOf(expected));
      case 'last places':
        return excess(a, e, (i) => 2 * (lastPlaces?.[op] ?? LAST_PLACES) * u * Math.abs(e.data[i] as number) + least);
      case 'exact':
        return excess(a, rounded(e, precision), () => 0);
    }
  });
  const largest = Math.max(0, ...worst);
  return largest <= 1 ? undefined : `${largest} times what is allowed`;
}

/** What is wrong with an op on a backend, at all sizes or at the large factorisations alone; and how many results were looked at. */
export async function disagreements(
  op: OpName,
  subject: Subject,
  which: 'usual' | 'large factorisations' = 'usual',
): Promise<{ readonly wrong: readonly string[]; readonly checked: number }> {
  const wrong: string[] = [];
  let checked = 0;
  for (const sample of samplesOf(op)) {
    const own = instance(op, sample);
    const chosen = variations(op, sample, own, subject.awkward).filter((sizes) => isLarge(op, own, sizes) === (which !== 'usual'));
    if (chosen.length === 0) continue;
    const graph = own.b.graph('op', own.inputs, own.outputs);
    const run = subject.compile(graph);
    for (const sizes of chosen) {
      const at = `${op} ${sample.label} at ${[...sizes].map(([name, size]) => `${name}=${size}`).join(' ')}`;
      const inputs = drawAt(own, sizes, at, subject.precision);
      const problem = complaint(op, sample, graph, sizes, inputs, await run(inputs, sizes), subject);
      if (problem !== undefined) wrong.push(`${at}: ${problem}`);
      checked++;
    }
  }
  return { wrong, checked };
}
