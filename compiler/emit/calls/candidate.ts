/** The stages of a candidate as calls on a library's kernels, with the code of what the host computes for it (`plan/calls.ts`). */
import type { CandidateCalls, StageCalls } from '../../../plan/calls.ts';
import type { CandidateCode } from '../../../plan/kernels.ts';
import type { Library } from '../../../plan/placement.ts';
import type { StageName } from '../../../plan/types.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Sizes } from '../../ir/dims.ts';
import { printGraph } from '../../ir/print.ts';
import type { Stage } from '../../stages.ts';
import { emitCandidate } from '../wasm/candidate.ts';
import { emitList } from './list.ts';

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
    const number = host.push(emitCandidate({ value: { graph, inputSlots, fixed } }, 'f64', how)) - 1;
    numbers.set(text, number);
    return number;
  };
  const emitted: Partial<Record<StageName, StageCalls>> = {};
  for (const [name, { graph, inputSlots, fixed }] of Object.entries(stages) as [StageName, Stage][]) {
    const list = emitList({ library, fixed, hostCode: (piece) => hostCode(piece, fixed) }, graph);
    emitted[name] = { ...list, inputSlots, outputSlots: graph.outputNames };
  }
  return { stages: emitted, host };
}
