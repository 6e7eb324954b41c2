/** The modes of gpu.js as what `test/ops/agreement.ts` looks at, with what float32 allows each. */
import type { LibraryBackendName } from '../../plan/backends.ts';
import { hostOps } from '../../plan/placement.ts';
import { opNames, type OpName } from '../../plan/op-names.ts';
import { gpujsLibrary } from '../../runtime/backends/gpujs/load.ts';
import { callGraph, openedOr } from '../helpers/calls.ts';
import type { Subject } from '../ops/agreement.ts';

/** Those that have kernels, and the loops. */
export const gpujsOps: readonly OpName[] = opNames.filter((op) => op !== 'input' && !(hostOps.gpujs as readonly string[]).includes(op));

export async function gpujsSubject(name: LibraryBackendName, awkward: readonly number[]): Promise<Subject> {
  const opened = await openedOr(gpujsLibrary, name);
  return { compile: (graph) => callGraph(graph, name, opened), precision: 'f32', awkward };
}
