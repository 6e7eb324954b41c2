/** Factorisations and solves of a thousand rows on the backend `wasm`: their residuals, at probed rows. */
import { describe, expect, it } from 'vitest';
import { wasmSubject } from '../helpers/wasm.ts';
import { disagreements } from '../ops/agreement.ts';

describe.each(['f64', 'f32'] as const)('in %s', (precision) => {
  it.each(['cholesky', 'triangular_solve'] as const)('%s of 1000 rows', async (op) => {
    const { wrong, checked } = await disagreements(op, wasmSubject(precision), 'large factorisations');
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });
});
