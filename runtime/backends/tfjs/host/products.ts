/**
 * Products of matrices [rows, depth] · [depth, columns], as loops: sums are in float64 and rounded once, and either operand may be stored the other
 * way round.
 */

export interface Product {
  readonly batches: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** Writes the product of two operands, each a batch of matrices, to the first argument. */
export type Multiply = (out: Float32Array, a: Float32Array, b: Float32Array) => void;

/** How far it is to the next element: of rows or columns, and of what is summed over. */
interface Steps {
  readonly across: number;
  readonly deep: number;
}

/** Of a tile of the result: so many rows, and so many columns. */
const [HIGH, WIDE] = [2, 4] as const;

/** `turns`: stored as [depth, rows], and as [columns, depth]. */
export function multiplyOf({ batches, rows, columns, depth }: Product, turns: readonly [boolean, boolean]): Multiply {
  const left: Steps = turns[0] ? { across: 1, deep: rows } : { across: depth, deep: 1 };
  const right: Steps = turns[1] ? { across: depth, deep: 1 } : { across: 1, deep: columns };
  const one = ofOne(rows, columns, depth, left, right);
  if (batches === 1) return one;
  const [sizeOut, sizeA, sizeB] = [rows * columns, rows * depth, depth * columns];
  return (out, a, b) => {
    for (let i = 0; i < batches; i++)
      one(out.subarray(i * sizeOut, (i + 1) * sizeOut), a.subarray(i * sizeA, (i + 1) * sizeA), b.subarray(i * sizeB, (i + 1) * sizeB));
  };
}

function ofOne(rows: number, columns: number, depth: number, left: Steps, right: Steps): Multiply {
  if (columns === 1) return ofVector(rows, depth, left);
  if (rows === 1) {
    const turned = ofVector(columns, depth, right);
    return (out, a, b) => turned(out, b, a);
  }
  return ofMatrices(rows, columns, depth, left, right);
}

/** A matrix [count, depth] with a vector [depth]. */
function ofVector(count: number, depth: number, { across, deep }: Steps): Multiply {
  if (deep === 1)
    return (out, matrix, v) => {
      for (let i = 0; i < count; i++) out[i] = dot(matrix, i * across, v, depth);
    };
  const totals = new Float64Array(count);
  return (out, matrix, v) => {
    totals.fill(0);
    let k = 0;
    for (; k + 4 <= depth; k += 4) {
      const a = v[k] as number;
      const b = v[k + 1] as number;
      const c = v[k + 2] as number;
      const d = v[k + 3] as number;
      let from = k * deep;
      for (let i = 0; i < count; i++, from += across)
        totals[i] =
          (totals[i] as number) +
          a * (matrix[from] as number) +
          b * (matrix[from + deep] as number) +
          c * (matrix[from + 2 * deep] as number) +
          d * (matrix[from + 3 * deep] as number);
    }
    for (; k < depth; k++) {
      const factor = v[k] as number;
      for (let i = 0, from = k * deep; i < count; i++, from += across)
        totals[i] = (totals[i] as number) + factor * (matrix[from] as number);
    }
    for (let i = 0; i < count; i++) out[i] = totals[i] as number;
  };
}

/** Four sums at once, which do not wait for each other. */
function dot(x: Float32Array, from: number, y: Float32Array, length: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    a += (x[from + i] as number) * (y[i] as number);
    b += (x[from + i + 1] as number) * (y[i + 1] as number);
    c += (x[from + i + 2] as number) * (y[i + 2] as number);
    d += (x[from + i + 3] as number) * (y[i + 3] as number);
  }
  for (; i < length; i++) a += (x[from + i] as number) * (y[i] as number);
  return a + b + (c + d);
}

/** Both operands are first laid out as tiles read them, beside what they are multiplied with, in float64; what lies over the edge is 0. */
function ofMatrices(rows: number, columns: number, depth: number, left: Steps, right: Steps): Multiply {
  const high = packing(rows, depth, left, HIGH);
  const wide = packing(columns, depth, right, WIDE);
  const sums = new Float64Array(HIGH * WIDE);
  return (out, a, b) => {
    const A = high(a);
    const B = wide(b);
    for (let i = 0; i < rows; i += HIGH) {
      const bottom = Math.min(HIGH, rows - i);
      for (let j = 0; j < columns; j += WIDE) {
        tile(A, i * depth, B, j * depth, depth, sums);
        const right = Math.min(WIDE, columns - j);
        for (let y = 0; y < bottom; y++) for (let x = 0; x < right; x++) out[(i + y) * columns + j + x] = sums[y * WIDE + x] as number;
      }
    }
  };
}

/** Strips of `width` rows or columns, each with its `width` elements side by side for every position of the depth. */
function packing(count: number, depth: number, { across, deep }: Steps, width: number): (from: Float32Array) => Float64Array {
  const packed = new Float64Array(Math.ceil(count / width) * width * depth);
  return (from) => {
    for (let i = 0; i < count; i++) {
      const strip = Math.floor(i / width) * width;
      let to = strip * depth + (i - strip);
      for (let k = 0, at = i * across; k < depth; k++, at += deep, to += width) packed[to] = from[at] as number;
    }
    return packed;
  };
}

function tile(A: Float64Array, atA: number, B: Float64Array, atB: number, depth: number, sums: Float64Array): void {
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  for (let k = 0; k < depth; k++, atA += HIGH, atB += WIDE) {
    const x = A[atA] as number;
    const y = A[atA + 1] as number;
    const p = B[atB] as number;
    const q = B[atB + 1] as number;
    const r = B[atB + 2] as number;
    const s = B[atB + 3] as number;
    a0 += x * p;
    a1 += x * q;
    a2 += x * r;
    a3 += x * s;
    b0 += y * p;
    b1 += y * q;
    b2 += y * r;
    b3 += y * s;
  }
  sums[0] = a0;
  sums[1] = a1;
  sums[2] = a2;
  sums[3] = a3;
  sums[4] = b0;
  sums[5] = b1;
  sums[6] = b2;
  sums[7] = b3;
}
