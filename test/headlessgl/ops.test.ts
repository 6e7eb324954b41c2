/** Every op of the table on gpu.js' headless OpenGL, at awkward sizes; see `vitest.headlessgl.config.ts`. */
import { describeEveryOp } from '../backends/every-op.ts';
import { deviceOps, gpujsSubject, specialAllowance } from '../backends/gpujs.ts';

// A shader for each op and size is compiled, by a software driver.
describeEveryOp('gpujs-headlessgl', deviceOps, specialAllowance, () => gpujsSubject('gpujs-headlessgl', [0, 1, 33]));
