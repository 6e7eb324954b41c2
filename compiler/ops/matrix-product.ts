/**
 * Batched matrix products on row-major arrays. Each operand may be stored either way round. The order of summation depends on
 * the sizes alone, and every element's sum is taken in the same order, so that XᵀX comes out symmetric to the last bit.
 */
import { stridedCopy } from './arrays.ts';

export interface ProductSize {
  readonly batches: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

export interface Left {
  readonly data: Float64Array;
  /** Stored `[depth, rows]` instead of `[rows, depth]`. */
  readonly depthFirst: boolean;
}

export interface Right {
  readonly data: Float64Array;
  /** Stored `[columns, depth]` instead of `[depth, columns]`. */
  readonly depthLast: boolean;
}

/** `[batches, rows, columns]`. */
export function multiplyMatrices(size: ProductSize, left: Left, right: Right): Float64Array {
  const { batches, rows, columns, depth } = size;
  const out = new Float64Array(batches * rows * columns);
  if (out.length === 0 || depth === 0) return out;
  // A vector is stored both ways at once; the way that reads its partner along rows is the fast one.
  const leftByRows = !left.depthFirst || rows === 1 || depth === 1;
  const vector = columns === 1 || depth === 1;
  // Rows of the right operand are what the inner loop runs along.
  const data =
    right.depthLast && !vector && rows > 1 ? stridedCopy(right.data, [batches, depth, columns], [depth * columns, 1, depth]) : right.data;
  for (let batch = 0; batch < batches; batch++) {
    const l = batch * rows * depth;
    const r = batch * depth * columns;
    const o = batch * rows * columns;
    if (leftByRows && columns === 1) {
      for (let i = 0; i < rows; i++) out[o + i] = dot(left.data, l + i * depth, right.data, r, depth);
    } else if (rows === 1 && right.depthLast) {
      for (let j = 0; j < columns; j++) out[o + j] = dot(left.data, l, right.data, r + j * depth, depth);
    } else if (columns === 1) {
      // Mᵀv: rows of M, as many as v is long, added up.
      sumOfRows({ rows: 1, columns: rows, depth, factors: right.data, f: r, rowStep: 0, depthStep: 1, matrix: left.data, m: l, out, o });
    } else {
      const [rowStep, depthStep] = left.depthFirst ? [1, rows] : [depth, 1];
      sumOfRows({ rows, columns, depth, factors: left.data, f: l, rowStep, depthStep, matrix: data, m: r, out, o });
    }
  }
  return out;
}

const dotBlock = 256;

/** Σ a·b over `length` neighbours: four sums side by side in blocks, blocks in pairs. */
export function dot(a: Float64Array, x: number, b: Float64Array, y: number, length: number): number {
  if (length > dotBlock) {
    const half = 4 * Math.ceil(length / 8);
    return dot(a, x, b, y, half) + dot(a, x + half, b, y + half, length - half);
  }
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += (a[x + k] as number) * (b[y + k] as number);
    s1 += (a[x + k + 1] as number) * (b[y + k + 1] as number);
    s2 += (a[x + k + 2] as number) * (b[y + k + 2] as number);
    s3 += (a[x + k + 3] as number) * (b[y + k + 3] as number);
  }
  for (; k < length; k++) s0 += (a[x + k] as number) * (b[y + k] as number);
  return s0 + s1 + (s2 + s3);
}

interface RowSums {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** The factor of row k of the matrix in row i of the result: `factors[f + i·rowStep + k·depthStep]`. */
  readonly factors: Float64Array;
  readonly f: number;
  readonly rowStep: number;
  readonly depthStep: number;
  /** `[depth, columns]` from `m`. */
  readonly matrix: Float64Array;
  readonly m: number;
  readonly out: Float64Array;
  readonly o: number;
}

const depthBlock = 256;
const columnBlock = 512;

/**
 * Each row of the result is a sum of rows of the matrix: four at a time, in blocks that stay in a near cache. The sum over one
 * block is complete before it joins the total, which keeps rounding from growing with the depth.
 */
function sumOfRows(p: RowSums): void {
  const part = new Float64Array(Math.min(columnBlock, p.columns));
  for (let j0 = 0; j0 < p.columns; j0 += columnBlock) {
    const width = Math.min(columnBlock, p.columns - j0);
    for (let k0 = 0; k0 < p.depth; k0 += depthBlock) {
      const k1 = Math.min(p.depth, k0 + depthBlock);
      for (let i = 0; i < p.rows; i++) {
        part.fill(0, 0, width);
        addRows(p, p.f + i * p.rowStep, j0, width, k0, k1, part);
        const to = p.o + i * p.columns + j0;
        for (let j = 0; j < width; j++) p.out[to + j] = (p.out[to + j] as number) + (part[j] as number);
      }
    }
  }
}

function addRows(
  { factors, depthStep, matrix, m, columns }: RowSums,
  f: number,
  j0: number,
  width: number,
  k0: number,
  k1: number,
  part: Float64Array,
): void {
  let k = k0;
  for (; k + 3 < k1; k += 4) {
    const f0 = factors[f + k * depthStep] as number;
    const f1 = factors[f + (k + 1) * depthStep] as number;
    const f2 = factors[f + (k + 2) * depthStep] as number;
    const f3 = factors[f + (k + 3) * depthStep] as number;
    const r0 = m + k * columns + j0;
    const r1 = r0 + columns;
    const r2 = r1 + columns;
    const r3 = r2 + columns;
    for (let j = 0; j < width; j++) {
      part[j] =
        (part[j] as number) +
        (f0 * (matrix[r0 + j] as number) +
          f1 * (matrix[r1 + j] as number) +
          f2 * (matrix[r2 + j] as number) +
          f3 * (matrix[r3 + j] as number));
    }
  }
  for (; k < k1; k++) {
    const factor = factors[f + k * depthStep] as number;
    const row = m + k * columns + j0;
    for (let j = 0; j < width; j++) part[j] = (part[j] as number) + factor * (matrix[row + j] as number);
  }
}
