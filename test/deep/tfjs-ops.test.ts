/** Every op of the table on the backends of tfjs that Node has, WebGPU among them by Dawn, at all awkward sizes. */
import { describeEveryOp } from '../backends/every-op.ts';
import { deviceOps, specialAllowances, tfjsSubject } from '../backends/tfjs.ts';
import { awkward } from '../ops/agreement.ts';

for (const [name, sizes] of [
  ['tfjs-cpu', awkward],
  ['tfjs-wasm', awkward],
  // A shader for each op and size is compiled, by a software driver.
  ['tfjs-webgpu', [0, 1, 33]],
] as const)
  describeEveryOp(name, deviceOps, specialAllowances[name], () => tfjsSubject(name, sizes));
