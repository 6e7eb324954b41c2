/** The reference problems on the modes of gpu.js that Node has, WebGPU among them by Dawn: hypergradients to 1e-3. */
import { describeEveryCase } from '../backends/every-case.ts';

for (const name of ['gpujs-cpu', 'gpujs-webasm', 'gpujs-webgpu'] as const) describeEveryCase(name);
