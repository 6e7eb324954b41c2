/** Every op of the table on the modes of gpu.js that Node has, WebGPU among them by Dawn, at awkward sizes. */
import { describeEveryOp } from '../backends/every-op.ts';
import { deviceOps, gpujsSubject, specialAllowance } from '../backends/gpujs.ts';

for (const [name, sizes] of [
  ['gpujs-cpu', [0, 1, 33, 1000]],
  ['gpujs-webasm', [1, 33, 1000]],
  // A shader for each op and size is compiled, by a software driver.
  ['gpujs-webgpu', [0, 1, 33]],
] as const)
  describeEveryOp(name, deviceOps, specialAllowance, () => gpujsSubject(name, sizes));
