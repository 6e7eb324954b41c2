/** The reference problems on the modes of gpu.js that Node has, WebGPU among them by Dawn: hypergradients to 1e-3. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gpujsLibrary } from '../../runtime/backends/gpujs/load.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { beyondFloat32, hypergradientError } from '../backends/cases.ts';
import { openedOr } from '../helpers/calls.ts';
import { referenceCases } from '../helpers/reference.ts';

describe.each(['gpujs-cpu', 'gpujs-webasm', 'gpujs-webgpu'] as const)('%s', (name) => {
  it.each(referenceCases)('$case', async ({ case: own, page }) => {
    const opened = await openedOr(gpujsLibrary, name);
    const error = await hypergradientError({ file: page, text: readFileSync(page, 'utf8') }, nodeSources(), 'gpujs', opened);
    if (beyondFloat32[own] === undefined) expect(error).toBeLessThanOrEqual(1e-3);
    else expect(error).toBe(beyondFloat32[own]);
  });
});
