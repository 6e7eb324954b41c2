/** The row of the symmetric eigenvalue problem. */
import type { Builder } from '../ir/builder.ts';
import { scale } from '../ir/dims.ts';
import type { Node, Tensor, Value } from '../ir/graph.ts';
import { opaque } from './facts.ts';
import { cube, multiplyLast, squareMatrices, swapLast, symmetricPart } from './matrices.ts';
import type { OpName } from '../../plan/op-names.ts';
import { at, moved, operand, positions, range, unary } from './rules.ts';
import type { OpRow } from './spec.ts';

/** Passes over all pairs after which a matrix has no eigenvalues that could be found; six to ten are usual. */
export const MOST_SWEEPS = 60;
/** Of what one pass over all pairs costs, and how many there are. */
const FLOPS_OF_SWEEPS = 50;
/** Values that lie closer, in units of rounding of the largest one and for each row, cannot be told apart. */
const TIED = 4;

/** Along the last axis of a tensor `[…, n, n]`, or the one before it: a vector at each position of the other. */
const alongRows = (b: Builder, values: Value, like: Value): Value => {
  const rank = like.type.shape.length;
  return b.broadcast(values, like.type.shape, [...range(rank - 2), rank - 1]);
};
const alongColumns = (b: Builder, values: Value, like: Value): Value =>
  b.broadcast(values, like.type.shape, range(like.type.shape.length - 1));

/** F with F[i, j] = 1 / (λⱼ − λᵢ), 0 on the diagonal, and infinite where two values cannot be told apart. */
function inverseGaps(b: Builder, values: Value, vectors: Value): Value {
  const { shape } = vectors.type;
  const [last, other] = [shape.length - 1, shape.length - 2];
  const gap = b.sub(alongRows(b, values, vectors), alongColumns(b, values, vectors));
  const largest = b.unary('stop_gradient', b.max(b.abs(values), [values.type.shape.length - 1]));
  const unit = b.mul(b.byPrecision(TIED * 2 ** -53, TIED * 2 ** -24), b.dimSize(at(shape, last)));
  const least = b.broadcast(b.mul(unit, largest), shape, range(shape.length - 2));
  const isTied = b.lessEqual(b.abs(gap), least);
  const isSame = b.equal(positions(b, shape, other), positions(b, shape, last));
  const divisor = b.select(isSame, b.full(shape, 1), b.select(isTied, b.zeros(shape), gap));
  return b.select(isSame, b.zeros(shape), b.div(b.full(shape, 1), divisor));
}

/**
 * λ̇ = diag(Vᵀ Ȧ V), which asks nothing of the gaps, and V̇ = V (F ∘ Vᵀ Ȧ V), which does not exist where a gap is 0.
 * Source: Giles (2008), §3.1.
 */
function eighJvp(b: Builder, node: Node, [t]: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  const [values, vectors] = [at(node.outputs, 0), at(node.outputs, 1)];
  if (t === undefined) return [undefined, undefined];
  const pushed = multiplyLast(b, symmetricPart(b, t), vectors);
  const moving = multiplyLast(b, swapLast(b, vectors), pushed);
  const turned = b.guardedMul(moving, inverseGaps(b, values, vectors));
  return [b.sum(b.mul(vectors, pushed), [vectors.type.shape.length - 2]), multiplyLast(b, vectors, turned)];
}

/** Jacobi's rotation that makes the element between two diagonal ones 0. */
function rotation(first: number, between: number, second: number): { readonly t: number; readonly c: number; readonly s: number } {
  const theta = (second - first) / (2 * between);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  return { t, c, s: t * c };
}

/** Turns rows p and q of a matrix. */
function turnRows(a: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[p * n + k] as number, a[q * n + k] as number];
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
  }
}

/** One pass over all pairs; whether anything was left to turn. */
function sweep(a: Float64Array, basis: Float64Array, n: number, negligible: number): boolean {
  let turned = false;
  for (let p = 0; p < n; p++)
    for (let q = p + 1; q < n; q++) {
      const between = a[p * n + q] as number;
      if (Math.abs(between) <= negligible) continue;
      turned = true;
      const [first, second] = [a[p * n + p] as number, a[q * n + q] as number];
      const { t, c, s } = rotation(first, between, second);
      turnRows(a, n, p, q, c, s);
      turnRows(basis, n, p, q, c, s);
      for (let k = 0; k < n; k++) {
        a[k * n + p] = a[p * n + k] as number;
        a[k * n + q] = a[q * n + k] as number;
      }
      a[p * n + p] = first - t * between;
      a[q * n + q] = second + t * between;
      a[p * n + q] = a[q * n + p] = 0;
    }
  return turned;
}

/** Values and, in rows, vectors of a symmetric matrix, which is lost; `undefined` where it has none. */
function jacobi(a: Float64Array, n: number): { readonly values: readonly number[]; readonly basis: Float64Array } | undefined {
  const basis = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  const norm = Math.sqrt(a.reduce((sum, x) => sum + x * x, 0));
  if (!(norm < Infinity)) return undefined;
  for (let sweeps = 0; sweep(a, basis, n, (norm * 2 ** -53) / n); sweeps++) if (sweeps === MOST_SWEEPS) return undefined;
  return { values: Array.from({ length: n }, (_, i) => a[i * n + i] as number), basis };
}

function eighInto(matrix: Float64Array, n: number, values: Float64Array, vectors: Float64Array): void {
  const mean = Float64Array.from(matrix, (x, i) => 0.5 * (x + (matrix[(i % n) * n + Math.floor(i / n)] as number)));
  const found = jacobi(mean, n);
  if (found === undefined) {
    values.fill(Number.NaN);
    vectors.fill(Number.NaN);
    return;
  }
  const order = range(n).sort((i, j) => (found.values[i] as number) - (found.values[j] as number));
  order.forEach((row, j) => {
    values[j] = found.values[row] as number;
    const vector = found.basis.subarray(row * n, (row + 1) * n);
    const largest = vector.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
    vector.forEach((x, i) => (vectors[i * n + j] = largest < 0 ? -x : x));
  });
}

function eighReference(_node: Node, operands: readonly Tensor[]): readonly Tensor[] {
  const { shape, data } = at(operands, 0);
  const n = shape[shape.length - 1] ?? 0;
  const values = new Float64Array(n === 0 ? 0 : data.length / n);
  const vectors = new Float64Array(data.length);
  for (let i = 0; i * n < values.length; i++) {
    const [from, to] = [i * n * n, (i + 1) * n * n];
    eighInto(data.subarray(from, to), n, values.subarray(i * n, (i + 1) * n), vectors.subarray(from, to));
  }
  return [
    { shape: shape.slice(0, -1), data: values },
    { shape, data: vectors },
  ];
}

export const eighRows: Readonly<Record<Extract<OpName, 'eigh'>, OpRow>> = {
  eigh: {
    costly: true,
    // Where values meet, one of them alone has a kink.
    kinked: true,
    shape: unary(
      (a, _attributes, fixed) =>
        squareMatrices(a, fixed) ?? [
          { dtype: 'real', shape: a.shape.slice(0, -1) },
          { dtype: 'real', shape: a.shape },
        ],
    ),
    derivative: { kind: 'custom', jvp: eighJvp },
    batch: (b, node, operands) => b.emit(node.op, operands, node.attributes),
    facts: opaque(),
    cost: (node) => ({ flops: scale(cube(operand(node, 0).type.shape), FLOPS_OF_SWEEPS), moved: moved(node) }),
    reference: eighReference,
  },
};
