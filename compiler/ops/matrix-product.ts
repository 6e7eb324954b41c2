/** Batched matrix products on row-major arrays, in a fixed order of summation. Each operand may be stored either way round. */

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
  // A vector is stored both ways at once; the way that reads its partner along rows is the fast one.
  const leftByRows = !left.depthFirst || rows === 1 || depth === 1;
  const rightByColumns = right.depthLast || columns === 1 || depth === 1;
  for (let batch = 0; batch < batches; batch++) {
    const l = batch * rows * depth;
    const r = batch * depth * columns;
    const o = batch * rows * columns;
    if (leftByRows && rightByColumns) dots(left.data, l, right.data, r, out, o, size);
    else if (rightByColumns && columns === 1) sumsOfRows(right.data, r, left.data, l, out, o, depth, rows);
    else {
      const rowStep = left.depthFirst ? 1 : depth;
      const depthStep = left.depthFirst ? rows : 1;
      if (right.depthLast && columns !== 1 && depth !== 1) dotsStrided(left.data, l, rowStep, depthStep, right.data, r, out, o, size);
      else rowsOfSums(left.data, l, rowStep, depthStep, right.data, r, out, o, size);
    }
  }
  return out;
}

/** Both operands read along rows: four sums side by side. */
function dots(a: Float64Array, l: number, b: Float64Array, r: number, out: Float64Array, o: number, { rows, columns, depth }: ProductSize): void {
  for (let i = 0; i < rows; i++) {
    const x = l + i * depth;
    for (let j = 0; j < columns; j++) {
      const y = r + j * depth;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let k = 0;
      for (; k + 3 < depth; k += 4) {
        s0 += (a[x + k] as number) * (b[y + k] as number);
        s1 += (a[x + k + 1] as number) * (b[y + k + 1] as number);
        s2 += (a[x + k + 2] as number) * (b[y + k + 2] as number);
        s3 += (a[x + k + 3] as number) * (b[y + k + 3] as number);
      }
      for (; k < depth; k++) s0 += (a[x + k] as number) * (b[y + k] as number);
      out[o + i * columns + j] = s0 + s1 + (s2 + s3);
    }
  }
}

/** vᵀM for M `[depth, width]`: adds up rows of M. */
function sumsOfRows(v: Float64Array, from: number, m: Float64Array, start: number, out: Float64Array, o: number, depth: number, width: number): void {
  for (let k = 0; k < depth; k++) {
    const factor = v[from + k] as number;
    const row = start + k * width;
    for (let j = 0; j < width; j++) out[o + j] = (out[o + j] as number) + factor * (m[row + j] as number);
  }
}

/** Rows of the right operand added up into rows of the result. */
function rowsOfSums(a: Float64Array, l: number, rowStep: number, depthStep: number, b: Float64Array, r: number, out: Float64Array, o: number, { rows, columns, depth }: ProductSize): void {
  for (let i = 0; i < rows; i++) {
    const to = o + i * columns;
    for (let k = 0; k < depth; k++) {
      const factor = a[l + i * rowStep + k * depthStep] as number;
      const row = r + k * columns;
      for (let j = 0; j < columns; j++) out[to + j] = (out[to + j] as number) + factor * (b[row + j] as number);
    }
  }
}

function dotsStrided(a: Float64Array, l: number, rowStep: number, depthStep: number, b: Float64Array, r: number, out: Float64Array, o: number, { rows, columns, depth }: ProductSize): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < depth; k++) sum += (a[l + i * rowStep + k * depthStep] as number) * (b[r + j * depth + k] as number);
      out[o + i * columns + j] = sum;
    }
  }
}
