/** The backends of tfjs as what `test/ops/agreement.ts` looks at, with what float32 allows each. */
import type { LibraryBackendName } from '../../plan/backends.ts';
import { hostOps } from '../../plan/placement.ts';
import { opNames, type OpName } from '../../plan/op-names.ts';
import { tfjsLibrary } from '../../runtime/backends/tfjs/load.ts';
import { callGraph, openedOr } from '../helpers/calls.ts';
import type { Subject } from '../ops/agreement.ts';
import type { SpecialAllowance } from '../ops/special-operands.ts';

/** Those that have kernels, and the loops. */
export const deviceOps: readonly OpName[] = opNames.filter((op) => op !== 'input' && !(hostOps.tfjs as readonly string[]).includes(op));

export type TfjsName = Extract<LibraryBackendName, `tfjs-${string}`>;

export async function tfjsSubject(name: TfjsName, awkward: readonly number[]): Promise<Subject> {
  const opened = await openedOr(tfjsLibrary, name);
  return { compile: (graph) => callGraph(graph, name, opened), precision: 'f32', awkward };
}

const normal = 2 ** -126;

export const specialAllowances: Readonly<Record<TfjsName, SpecialAllowance>> = {
  'tfjs-cpu': { lastPlaces: 5, largestAngle: Infinity, smallest: normal },
  'tfjs-wasm': { lastPlaces: 5, largestAngle: Infinity, smallest: normal },
  'tfjs-webgl': { lastPlaces: 20, largestAngle: 1e4, smallest: normal },
  'tfjs-webgpu': { lastPlaces: 20, largestAngle: 1e4, smallest: normal },
};
