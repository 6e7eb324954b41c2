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

/** Units in the last place of what GPUs are allowed to compute loosely; the worst that SwiftShader was seen to do is beside it. */
const shaded: NonNullable<Subject['lastPlaces']> = { pow: 48 };

const isShaded = (name: TfjsName): boolean => name === 'tfjs-webgl' || name === 'tfjs-webgpu';

export type TfjsName = Extract<LibraryBackendName, `tfjs-${string}`>;

export async function tfjsSubject(name: TfjsName, awkward: readonly number[]): Promise<Subject> {
  const opened = await openedOr(tfjsLibrary, name);
  return { compile: (graph) => callGraph(graph, name, opened), precision: 'f32', awkward, lastPlaces: isShaded(name) ? shaded : {} };
}

const normal = 2 ** -126;

export const specialAllowances: Readonly<Record<TfjsName, SpecialAllowance>> = {
  'tfjs-cpu': { largestAngle: Infinity, smallest: normal },
  'tfjs-wasm': { largestAngle: Infinity, smallest: normal },
  'tfjs-webgl': { largestAngle: 1e4, smallest: normal },
  'tfjs-webgpu': { largestAngle: 1e4, smallest: normal },
};
