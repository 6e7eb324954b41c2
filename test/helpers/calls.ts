/** Graphs run as calls on a device of kernels, through the same emitter and the same executor as a problem's stages. */
import { emitCalls } from '../../compiler/emit/calls/candidate.ts';
import type { Sizes } from '../../compiler/ir/dims.ts';
import type { Graph, Tensor } from '../../compiler/ir/graph.ts';
import { libraryBackends, type LibraryBackendName } from '../../plan/backends.ts';
import type { DeviceLibrary, OpenDevice } from '../../runtime/backends/calls/library.ts';

export type CallsRun = (inputs: readonly Tensor[], sizes: Sizes) => Promise<readonly Tensor[]>;

/** A graph as calls, to be run at any sizes on what was opened. */
export function callGraph(graph: Graph, name: LibraryBackendName, opened: OpenDevice): CallsRun {
  const named = { ...graph, outputNames: graph.outputs.map((_, i) => `output:${i}`) };
  const stage = { graph: named, inputSlots: graph.inputs.map((_, i) => `input:${i}`), fixed: new Map<string, number>() };
  const code = emitCalls({ value: stage }, libraryBackends[name].library);
  const link = opened.link(() => code);
  return async (inputs, sizes) => {
    const linked = await link('graph', Object.fromEntries(sizes));
    if (!linked.ok) throw new Error(linked.diagnostics.map((d) => d.message).join('; '));
    const { executor } = linked;
    executor.put(Object.fromEntries(inputs.map((tensor, i) => [`input:${i}`, tensor])));
    await executor.run('value');
    const outputs: Tensor[] = [];
    for (const output of named.outputNames) outputs.push(await executor.read(output));
    executor.close();
    return outputs;
  };
}

/** A backend that must come up here. */
export async function openedOr(library: DeviceLibrary, name: LibraryBackendName): Promise<OpenDevice> {
  const opening = await library.open(libraryBackends[name].variant);
  if (!opening.ok) throw new Error(`${name}: ${opening.because}`);
  return opening;
}
