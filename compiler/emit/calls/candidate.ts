/** The stages of a candidate as calls on a library's kernels, with the code of what the host computes for it (`plan/calls.ts`). */
import type { CandidateCalls, StageCalls } from '../../../plan/calls.ts';
import type { CandidateCode } from '../../../plan/kernels.ts';
import { hostOps, type Library } from '../../../plan/placement.ts';
import type { StageName } from '../../../plan/types.ts';
import { given } from '../../ir/attributes.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Sizes } from '../../ir/dims.ts';
import { printGraph } from '../../ir/print.ts';
import type { Stage } from '../../stages.ts';
import { emitCandidate } from '../wasm/candidate.ts';
import { canonicalOf } from '../../transform/views.ts';
import { emitList } from './list.ts';
import { sidesOf } from './sides.ts';

/** `small`: the host's code as few bytes as can be, as in `emitCandidate`. */
export function emitCalls(
  stages: Readonly<Partial<Record<StageName, Stage>>>,
  library: Library,
  how: { readonly small: boolean } = { small: false },
): CandidateCalls {
  const host: CandidateCode[] = [];
  const numbers = new Map<string, number>();
  const hostCode = (graph: Graph, fixed: Sizes): number => {
    const text = printGraph(graph);
    const known = numbers.get(text);
    if (known !== undefined) return known;
    const inputSlots = graph.inputs.map((_, i) => String(i));
    const number = host.push(emitCandidate({ value: { graph, inputSlots, fixed } }, 'f64', { ...how, constants: 'f32' })) - 1;
    numbers.set(text, number);
    return number;
  };
  const emitted: Partial<Record<StageName, StageCalls>> = {};
  const leftOut: readonly string[] = hostOps[library];
  /** What stages leave on the device, anew in every run. */
  const away = new Set<string>();
  for (const [name, { graph, inputSlots, fixed }] of Object.entries(stages) as [StageName, Stage][]) {
    const sides = sidesOf(graph, {
      isLeftOut: ({ op }) => leftOut.includes(op),
      canonical: canonicalOf(fixed),
      near: graph.inputs.filter((_, i) => !away.has(given(inputSlots[i]))),
      wanted: graph.outputs,
    });
    if (name !== 'once') graph.outputNames.filter((_, i) => !sides.isNear(given(graph.outputs[i]))).forEach((slot) => away.add(slot));
    const list = emitList({ fixed, hostCode: (piece) => hostCode(piece, fixed) }, graph, sides);
    emitted[name] = { ...list, inputSlots, outputSlots: graph.outputNames };
  }
  return { stages: emitted, host };
}
