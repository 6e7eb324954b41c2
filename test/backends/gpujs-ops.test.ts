/** Every op of the table on gpu.js in WebAssembly; its other modes are in the deep suite. */
import { describeEveryOp } from './every-op.ts';
import { deviceOps, gpujsSubject, specialAllowance } from './gpujs.ts';

describeEveryOp('gpujs-webasm', deviceOps, specialAllowance, () => gpujsSubject('gpujs-webasm', [0, 7]));
