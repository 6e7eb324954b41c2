/** Kernels of many tiles: four rows are read at once, a quarter of a tile apart, wherever rows and tiles end. */
import { describe, expect, it } from 'vitest';
import { emitCandidate } from '../../compiler/emit/wasm/candidate.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { symbol } from '../../compiler/ir/dims.ts';
import type { Tensor } from '../../plan/types.ts';
import { wasmLink } from '../../runtime/backends/wasm/backend.ts';
import { randomNumbers } from '../helpers/evaluate.ts';

/** Xᵀ(c ⊙ Xv): one kernel that goes through X once. */
function hessianProduct(precision: 'f64' | 'f32') {
  const b = new Builder();
  const [n, d] = [symbol('n'), symbol('d')];
  const X = b.input('X', 'data', { dtype: 'real', shape: [n, d] });
  const c = b.input('c', 'data', { dtype: 'real', shape: [n] });
  const v = b.input('v', 'data', { dtype: 'real', shape: [d] });
  const result = b.dotGeneral(X, b.mul(c, b.matmul(X, v)), [[0], [0]]);
  const graph = b.graph('product', [X, c, v], [result], ['result']);
  return emitCandidate({ value: { graph, inputSlots: ['X', 'c', 'v'], fixed: new Map() } }, precision);
}

const random = randomNumbers(3);
const tensor = (...shape: readonly number[]): Tensor => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((p, q) => p * q, 1) }, () => Math.fround(random())),
});

describe.each([
  ['f64', 1e-13],
  ['f32', 1e-4],
] as const)('in %s', (precision, bound) => {
  // The last row ends where the memory of X does; rows are no whole number of lines, and tiles no whole number of rows.
  it.each([
    [3001, 97],
    [1403, 203],
    [20, 20_001],
  ])('%i × %i', async (n, d) => {
    const code = hessianProduct(precision);
    const sizes = { n, d };
    const [X, c, v] = [tensor(n, d), tensor(n), tensor(d)];
    const found = await Promise.all(
      [1, 2].map(async (threads) => {
        const linked = await wasmLink(() => code, { threads })('product', sizes);
        if (!linked.ok) throw new Error(linked.diagnostics.map(({ message }) => message).join('; '));
        const { executor } = linked;
        executor.put({ X, c, v });
        await executor.run('value');
        const { data } = await executor.read('result');
        executor.close();
        return data;
      }),
    );
    const expected = new Float64Array(d);
    for (let i = 0; i < n; i++) {
      const row = X.data.subarray(i * d, (i + 1) * d);
      const factor = (c.data[i] ?? NaN) * row.reduce((sum, x, j) => sum + x * (v.data[j] ?? NaN), 0);
      for (const [j, x] of row.entries()) expected[j] = (expected[j] ?? NaN) + factor * x;
    }
    const size = Math.hypot(...expected);
    const [one, two] = found;
    expect(Math.hypot(...expected.map((x, j) => x - (one?.[j] ?? NaN)))).toBeLessThanOrEqual(bound * size);
    expect(two).toEqual(one);
  });
});
