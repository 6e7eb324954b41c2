/** Every reference problem on a backend of gpu.js: hypergradients to 1e-3, but where float32 cannot. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gpujsLibrary } from '../../runtime/backends/gpujs/load.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { openedOr } from '../helpers/calls.ts';
import { referenceCases } from '../helpers/reference.ts';
import { beyondFloat32, hypergradientError } from './cases.ts';
import type { GpujsName } from './gpujs.ts';

export function describeEveryCase(name: GpujsName): void {
  describe(name, () => {
    it.each(referenceCases)('$case', async ({ case: own, page }) => {
      const opened = await openedOr(gpujsLibrary, name);
      const error = await hypergradientError({ file: page, text: readFileSync(page, 'utf8') }, nodeSources(), 'gpujs', opened);
      if (beyondFloat32[own] === undefined) expect(error).toBeLessThanOrEqual(1e-3);
      else expect(error).toBe(beyondFloat32[own]);
    });
  });
}
