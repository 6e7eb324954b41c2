/** Graphs run as compiled kernels, through the same emitter and the same linker as a problem's stages. */
import { emitCandidate } from '../../compiler/emit/wasm/candidate.ts';
import type { Sizes } from '../../compiler/ir/dims.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import type { Precision } from '../../plan/kernels.ts';
import { awkward, type Subject } from '../ops/agreement.ts';
import { wasmLink } from '../../runtime/backends/wasm/backend.ts';
import { runOf, stageOf, type GraphRun } from './graph-stage.ts';

/** A graph compiled once, to be run at any sizes. */
export function compileGraph(graph: Graph, precision: Precision, fixed: Sizes = new Map(), threads = 1): GraphRun {
  const code = emitCandidate({ value: stageOf(graph, fixed) }, precision);
  return runOf(
    graph,
    wasmLink(() => code, { threads }),
  );
}

/** The backend as what `test/ops/agreement.ts` looks at. */
export const wasmSubject = (precision: Precision): Subject => ({ compile: (graph) => compileGraph(graph, precision), precision, awkward });
