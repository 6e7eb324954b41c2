/**
 * Dense linear algebra in plain TypeScript: loops over typed arrays, blocked for the caches and unrolled for the registers.
 * Matrices are rows one after another. No array is destructured in a loop: V8 asks an iterator for it. A tile of two by four sums is what V8 keeps in registers; wider ones are no faster.
 */

/** out = X w, X [n, d]. */
export function times(X: Float64Array, n: number, d: number, w: Float64Array, out: Float64Array): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const r0 = i * d;
    const r1 = r0 + d;
    const r2 = r1 + d;
    const r3 = r2 + d;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0; j < d; j += 1) {
      const v = w[j] as number;
      s0 += (X[r0 + j] as number) * v;
      s1 += (X[r1 + j] as number) * v;
      s2 += (X[r2 + j] as number) * v;
      s3 += (X[r3 + j] as number) * v;
    }
    out[i] = s0;
    out[i + 1] = s1;
    out[i + 2] = s2;
    out[i + 3] = s3;
  }
  for (; i < n; i += 1) {
    let s = 0;
    for (let j = 0; j < d; j += 1) s += (X[i * d + j] as number) * (w[j] as number);
    out[i] = s;
  }
}

/** out = Xᵀ r, X [n, d]. */
export function transposedTimes(X: Float64Array, n: number, d: number, r: Float64Array, out: Float64Array): void {
  out.fill(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o0 = i * d;
    const o1 = o0 + d;
    const o2 = o1 + d;
    const o3 = o2 + d;
    const a = r[i] as number;
    const b = r[i + 1] as number;
    const c = r[i + 2] as number;
    const e = r[i + 3] as number;
    for (let j = 0; j < d; j += 1) {
      const sum = a * (X[o0 + j] as number) + b * (X[o1 + j] as number) + c * (X[o2 + j] as number) + e * (X[o3 + j] as number);
      out[j] = (out[j] as number) + sum;
    }
  }
  for (; i < n; i += 1) {
    const a = r[i] as number;
    for (let j = 0; j < d; j += 1) out[j] = (out[j] as number) + a * (X[i * d + j] as number);
  }
}

/** A part of a matrix: its numbers, where it begins, and how far apart its rows are. */
export interface Part {
  readonly data: Float64Array;
  readonly at: number;
  readonly stride: number;
}

export const whole = (data: Float64Array, columns: number): Part => ({ data, at: 0, stride: columns });

/** C += sign · A Bᵀ, A [m, k], B [n, k], C [m, n]: one block, small enough for the caches. */
function addBlock(C: Part, A: Part, B: Part, m: number, n: number, k: number, sign: number): void {
  const c = C.data;
  const a = A.data;
  const b = B.data;
  const lda = A.stride;
  const ldb = B.stride;
  const fullRows = m - (m % 2);
  const fullColumns = n - (n % 4);
  for (let i = 0; i < fullRows; i += 2) {
    const a0 = A.at + i * lda;
    const a1 = a0 + lda;
    for (let j = 0; j < fullColumns; j += 4) {
      const b0 = B.at + j * ldb;
      const b1 = b0 + ldb;
      const b2 = b1 + ldb;
      const b3 = b2 + ldb;
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      for (let p = 0; p < k; p += 1) {
        const x0 = a[a0 + p] as number;
        const x1 = a[a1 + p] as number;
        const y0 = b[b0 + p] as number;
        const y1 = b[b1 + p] as number;
        const y2 = b[b2 + p] as number;
        const y3 = b[b3 + p] as number;
        s00 += x0 * y0;
        s01 += x0 * y1;
        s02 += x0 * y2;
        s03 += x0 * y3;
        s10 += x1 * y0;
        s11 += x1 * y1;
        s12 += x1 * y2;
        s13 += x1 * y3;
      }
      const o = C.at + i * C.stride + j;
      c[o] = (c[o] as number) + sign * s00;
      c[o + 1] = (c[o + 1] as number) + sign * s01;
      c[o + 2] = (c[o + 2] as number) + sign * s02;
      c[o + 3] = (c[o + 3] as number) + sign * s03;
      const q = o + C.stride;
      c[q] = (c[q] as number) + sign * s10;
      c[q + 1] = (c[q + 1] as number) + sign * s11;
      c[q + 2] = (c[q + 2] as number) + sign * s12;
      c[q + 3] = (c[q + 3] as number) + sign * s13;
    }
  }
  for (let i = 0; i < m; i += 1) {
    for (let j = i < fullRows ? fullColumns : 0; j < n; j += 1) {
      let s = 0;
      for (let p = 0; p < k; p += 1) s += (a[A.at + i * A.stride + p] as number) * (b[B.at + j * B.stride + p] as number);
      const o = C.at + i * C.stride + j;
      c[o] = (c[o] as number) + sign * s;
    }
  }
}

const depth = 256;
const width = 64;

const moved = (part: Part, rows: number, columns: number): Part => ({ ...part, at: part.at + rows * part.stride + columns });

/** C += sign · A Bᵀ, A [m, k], B [n, k], C [m, n]. With `lower`, of C only the blocks that touch the lower triangle. */
export function addProduct(C: Part, A: Part, B: Part, m: number, n: number, k: number, sign = 1, lower = false): void {
  for (let p = 0; p < k; p += depth) {
    const kk = Math.min(depth, k - p);
    for (let j = 0; j < n; j += width) {
      const first = lower ? j : 0;
      const jj = Math.min(width, n - j);
      if (first < m) addBlock(moved(C, first, j), moved(A, first, p), moved(B, j, p), m - first, jj, kk, sign);
    }
  }
}

/** [n, d] → [d, n], in squares that stay in the cache. */
export function transposed(X: Float64Array, n: number, d: number, out = new Float64Array(n * d)): Float64Array {
  const square = 32;
  for (let i0 = 0; i0 < n; i0 += square) {
    for (let j0 = 0; j0 < d; j0 += square) {
      const iEnd = Math.min(n, i0 + square);
      const jEnd = Math.min(d, j0 + square);
      for (let i = i0; i < iEnd; i += 1) for (let j = j0; j < jEnd; j += 1) out[j * n + i] = X[i * d + j] as number;
    }
  }
  return out;
}

/** XᵀX times `scale`, X [n, d]: chunks of rows, transposed, into the lower triangle, which is then mirrored. */
export function gram(X: Float64Array, n: number, d: number, scale: number): Float64Array {
  const G = new Float64Array(d * d);
  const chunk = new Float64Array(depth * d);
  for (let i = 0; i < n; i += depth) {
    const rows = Math.min(depth, n - i);
    transposed(X.subarray(i * d, (i + rows) * d), rows, d, chunk);
    addProduct(whole(G, d), whole(chunk, rows), whole(chunk, rows), d, d, rows, scale, true);
  }
  for (let i = 0; i < d; i += 1) for (let j = 0; j < i; j += 1) G[j * d + i] = G[i * d + j] as number;
  return G;
}

/** The lower factor of A, in place; zeros above it. A block of columns at a time: updated by products, then factored. */
export function cholesky(A: Float64Array, n: number): void {
  const block = 32;
  const all = whole(A, n);
  for (let j = 0; j < n; j += block) {
    const columns = Math.min(block, n - j);
    const rows = moved(all, j, 0);
    if (j > 0) addProduct(moved(all, j, j), rows, rows, n - j, columns, j, -1);
    for (let c = j; c < j + columns; c += 1) {
      const pivotRow = c * n;
      let square = A[pivotRow + c] as number;
      for (let p = j; p < c; p += 1) square -= (A[pivotRow + p] as number) ** 2;
      const pivot = Math.sqrt(square);
      A[pivotRow + c] = pivot;
      A.fill(0, pivotRow + c + 1, pivotRow + n);
      for (let i = c + 1; i < n; i += 1) {
        let s = A[i * n + c] as number;
        for (let p = j; p < c; p += 1) s -= (A[i * n + p] as number) * (A[pivotRow + p] as number);
        A[i * n + c] = s / pivot;
      }
    }
  }
}

/** Solves L Lᵀ x = b in place. Both sweeps go along rows of L. */
export function choleskySolve(L: Float64Array, n: number, x: Float64Array): void {
  for (let i = 0; i < n; i += 1) {
    let s = x[i] as number;
    for (let j = 0; j < i; j += 1) s -= (L[i * n + j] as number) * (x[j] as number);
    x[i] = s / (L[i * n + i] as number);
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    const s = (x[i] as number) / (L[i * n + i] as number);
    x[i] = s;
    for (let j = 0; j < i; j += 1) x[j] = (x[j] as number) - s * (L[i * n + j] as number);
  }
}

export function dot(a: Float64Array, b: Float64Array): number {
  let s0 = 0;
  let s1 = 0;
  const even = a.length - (a.length % 2);
  for (let i = 0; i < even; i += 2) {
    s0 += (a[i] as number) * (b[i] as number);
    s1 += (a[i + 1] as number) * (b[i + 1] as number);
  }
  return even < a.length ? s0 + s1 + (a[even] as number) * (b[even] as number) : s0 + s1;
}

export const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

/** y += a x. */
export function add(y: Float64Array, a: number, x: Float64Array): void {
  for (let i = 0; i < y.length; i += 1) y[i] = (y[i] as number) + a * (x[i] as number);
}

export function scale(x: Float64Array, a: number): void {
  for (let i = 0; i < x.length; i += 1) x[i] = (x[i] as number) * a;
}
