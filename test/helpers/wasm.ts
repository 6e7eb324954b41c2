/** Graphs run as compiled kernels, through the same emitter and the same linker as a problem's stages. */
import { emitCandidate } from '../../compiler/emit/wasm/candidate.ts';
import type { Sizes } from '../../compiler/ir/dims.ts';
import type { Graph, Tensor } from '../../compiler/ir/graph.ts';
import type { Precision } from '../../plan/kernels.ts';
import { awkward, type Subject } from '../ops/agreement.ts';
import { wasmLink } from '../../runtime/backends/wasm/backend.ts';

export type WasmRun = (inputs: readonly Tensor[], sizes: Sizes) => Promise<readonly Tensor[]>;

/** A graph compiled once, to be run at any sizes. */
export function compileGraph(graph: Graph, precision: Precision, fixed: Sizes = new Map(), threads = 1): WasmRun {
  const named = { ...graph, outputNames: graph.outputs.map((_, i) => `output:${i}`) };
  const code = emitCandidate({ value: { graph: named, inputSlots: graph.inputs.map((_, i) => `input:${i}`), fixed } }, precision);
  const link = wasmLink(() => code, { threads });
  return async (inputs, sizes) => {
    const linked = await link('graph', Object.fromEntries(sizes));
    if (!linked.ok) throw new Error(linked.diagnostics.map((d) => d.message).join('; '));
    const { executor } = linked;
    executor.put(Object.fromEntries(inputs.map((tensor, i) => [`input:${i}`, tensor])));
    await executor.run('value');
    const outputs: Tensor[] = [];
    for (const name of named.outputNames) outputs.push(await executor.read(name));
    executor.close();
    return outputs;
  };
}

/** The backend as what `test/ops/agreement.ts` looks at. */
export const wasmSubject = (precision: Precision): Subject => ({ compile: (graph) => compileGraph(graph, precision), precision, awkward });
