/** Every op of the table on the backend `wasm` against the reference interpreter, at awkward sizes (see `test/ops/agreement.ts`). */
import { describe, expect, it } from 'vitest';
import { opNames } from '../../plan/op-names.ts';
import { wasmSubject } from '../helpers/wasm.ts';
import { disagreements } from '../ops/agreement.ts';

describe.each(['f64', 'f32'] as const)('ops in %s', (precision) => {
  it.each(opNames.filter((op) => op !== 'input'))('%s', async (op) => {
    const { wrong, checked } = await disagreements(op, wasmSubject(precision));
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });
});
