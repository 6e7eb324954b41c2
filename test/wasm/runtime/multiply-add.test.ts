/** Fused multiply-add: one rounding where there were two, and nothing else. */
import { describe, expect, it } from 'vitest';
import { allowFusedMultiplyAdd } from '../../../cli/host.ts';
import { Builder } from '../../../compiler/ir/builder.ts';
import { number } from '../../../compiler/ir/dims.ts';
import { emitCandidate } from '../../../compiler/emit/wasm/candidate.ts';
import type { CandidateCode, Precision } from '../../../plan/kernels.ts';
import { wasmLink } from '../../../runtime/backends/wasm/backend.ts';
import { fuse, hasFusedMultiplyAdd } from '../../../runtime/backends/wasm/multiply-add.ts';

/** Σ_k A[i, k] · B[k, j] with m, k, n rows and columns. */
function product(precision: Precision, m: number, k: number, n: number): CandidateCode {
  const b = new Builder();
  const matrix = (name: string, rows: number, columns: number) =>
    b.input(name, 'data', { dtype: 'real', shape: [number(rows), number(columns)] });
  const [left, right] = [matrix('A', m, k), matrix('B', k, n)];
  const graph = b.graph('product', [left, right], [b.matmul(left, right)], ['C']);
  return emitCandidate({ value: { graph, inputSlots: ['A', 'B'], fixed: new Map() } }, precision);
}

async function run(code: CandidateCode, fused: boolean, m: number, k: number, n: number, A: Float64Array, B: Float64Array) {
  const linked = await wasmLink(() => code, { threads: 1, fused })('product', {});
  if (!linked.ok) throw new Error('it fits');
  const { executor } = linked;
  executor.put({ A: { shape: [m, k], data: A }, B: { shape: [k, n], data: B } });
  await executor.run('value');
  const { data } = await executor.read('C');
  const { fused: isFused } = executor.describe();
  executor.close();
  return { data, isFused };
}

allowFusedMultiplyAdd();

describe('a product of sums', () => {
  it('can be fused on the hosts that the tests run on', () => {
    expect(hasFusedMultiplyAdd()).toBe(true);
  });

  it.each([
    ['f64', 2 ** -30],
    ['f32', 2 ** -14],
  ] as const)('is rounded once where it is fused, twice where it is not, in %s', async (precision, e) => {
    // −1 · 1 + (1 + e)(1 − e) = −e², which the rounded product 1 hides. One column: dots; eight: a matrix product.
    for (const n of [1, 8]) {
      const code = product(precision, 1, 4, n);
      const A = Float64Array.of(-1, 0, 1 + e, 0);
      const B = Float64Array.from({ length: 4 * n }, (_, i) => [1, 0, 1 - e, 0][Math.floor(i / n)] ?? 0);
      const once = await run(code, true, 1, 4, n, A, B);
      const twice = await run(code, false, 1, 4, n, A, B);
      expect([once.isFused, twice.isFused]).toEqual([true, false]);
      expect([...twice.data]).toEqual(Array.from({ length: n }, () => 0));
      // With several accumulators the two terms may not meet in one.
      if (n > 1) expect([...once.data]).toEqual(Array.from({ length: n }, () => -(e * e)));
    }
  });

  it.each(['f64', 'f32'] as const)('is the same to rounding in %s, at every remainder', async (precision) => {
    const unit = precision === 'f64' ? 2 ** -53 : 2 ** -24;
    for (const [m, k, n] of [
      [1, 1, 1],
      [3, 7, 2],
      [5, 9, 5],
      [17, 33, 10],
      [8, 300, 12],
      [33, 5, 1],
    ] as const) {
      const A = Float64Array.from({ length: m * k }, (_, i) => Math.fround(Math.sin(3 * i + 1)));
      const B = Float64Array.from({ length: k * n }, (_, i) => Math.fround(Math.cos(2 * i)));
      const code = product(precision, m, k, n);
      const once = await run(code, true, m, k, n, A, B);
      const twice = await run(code, false, m, k, n, A, B);
      for (const [i, value] of once.data.entries()) expect(Math.abs(value - (twice.data[i] ?? NaN))).toBeLessThanOrEqual(2 * k * k * unit);
    }
  });

  it('is fused only where there is a product', () => {
    const { wasm, multiplyAddsAt } = product('f64', 2, 3, 4);
    expect(multiplyAddsAt.length).toBeGreaterThan(0);
    expect(() =>
      fuse(
        wasm.slice(),
        multiplyAddsAt.map((at) => at + 1),
      ),
    ).toThrow('there is no product to fuse');
  });
});
