/** Binaryen's own opinion of what the encoder writes: every candidate of every example, in both precisions. */
import { readFileSync } from 'node:fs';
import binaryen from 'binaryen';
import { describe, expect, it } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import { compile } from '../../compiler/pipeline.ts';
import { examples } from '../helpers/examples.ts';

const { SIMD128, Atomics, BulkMemory, BulkMemoryOpt, NontrappingFPToInt } = binaryen.Features;

function isValid(bytes: Uint8Array): boolean {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(SIMD128 | Atomics | BulkMemory | BulkMemoryOpt | NontrappingFPToInt);
  const answer = module.validate();
  module.dispose();
  return answer === 1;
}

describe.each(examples)('the stages of $name', ({ page: file }) => {
  const { value } = compile(readFileSync(file, 'utf8'), file);
  const [problem] = value;
  it.each(['f64', 'f32'] as const)('are valid in %s', (precision) => {
    const { candidates } = problem?.module.plan ?? { candidates: [] };
    expect(candidates.length).toBeGreaterThan(0);
    for (const { id } of candidates) {
      const { wasm, memoryFlagsAt } = given(problem).code(id, precision);
      expect(isValid(wasm), id).toBe(true);
      // The flags that make the memory a shared one, and nothing else, may be changed.
      const shared = wasm.slice();
      expect(shared[memoryFlagsAt]).toBe(1);
      shared[memoryFlagsAt] = 3;
      expect(isValid(shared), `${id}, shared`).toBe(true);
    }
  });
});
