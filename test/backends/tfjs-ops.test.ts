/** Every op of the table on the backends of tfjs that Node has. */
import { describeEveryOp } from './every-op.ts';
import { deviceOps, specialAllowances, tfjsSubject } from './tfjs.ts';

for (const name of ['tfjs-cpu', 'tfjs-wasm'] as const)
  describeEveryOp(name, deviceOps, specialAllowances[name], () => tfjsSubject(name, [0, 1, 33]));
