/** The modes of gpu.js as what `test/ops/agreement.ts` looks at, with what float32 allows each. */
import type { LibraryBackendName } from '../../plan/backends.ts';
import { hostOps } from '../../plan/placement.ts';
import { opNames, type OpName } from '../../plan/op-names.ts';
import { gpujsLibrary } from '../../runtime/backends/gpujs/load.ts';
import { callGraph, openedOr } from '../helpers/calls.ts';
import type { Subject } from '../ops/agreement.ts';
import type { SpecialAllowance } from '../ops/special-operands.ts';

/** Those that have kernels, and the loops. */
export const deviceOps: readonly OpName[] = opNames.filter((op) => op !== 'input' && !(hostOps.gpujs as readonly string[]).includes(op));

export type GpujsName = Extract<LibraryBackendName, `gpujs-${string}`>;

const normal = 2 ** -126;

export async function gpujsSubject(name: GpujsName, awkward: readonly number[]): Promise<Subject> {
  const opened = await openedOr(gpujsLibrary, name);
  return { compile: (graph) => callGraph(graph, name, opened), precision: 'f32', awkward, smallest: normal };
}

/** Every mode computes with the same formulas: all that differs is whether a number next to 0 is kept. */
export const specialAllowance: SpecialAllowance = { largestAngle: 1e4, smallest: normal };
