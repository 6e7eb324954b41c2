/** The op table: one row an op, exhaustive by type. Rows are written in their families' files. */
import { binaryRows } from './binary.ts';
import { eighRows } from './eigh.ts';
import { formRows } from './form.ts';
import { leafRows } from './leaves.ts';
import { linearAlgebraRows } from './linear-algebra.ts';
import { loopRows } from './loops.ts';
import type { OpName } from '../../plan/op-names.ts';
import { noiseRows } from './noise.ts';
import { positionRows } from './position.ts';
import { reductionRows } from './reduction.ts';
import type { OpRow } from './spec.ts';
import { systemRows } from './systems.ts';
import { unaryRows } from './unary.ts';

export const ops: Readonly<Record<OpName, OpRow>> = {
  ...leafRows,
  ...noiseRows,
  ...unaryRows,
  ...binaryRows,
  ...formRows,
  ...positionRows,
  ...reductionRows,
  ...linearAlgebraRows,
  ...systemRows,
  ...eighRows,
  // A loop costs what its body's ops cost.
  ...loopRows((node) => ops[node.op].cost(node)),
};
