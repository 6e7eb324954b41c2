/** Graphs run as calls on a device of kernels, through the same emitter and the same executor as a problem's stages. */
import { emitCalls } from '../../compiler/emit/calls/candidate.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { libraryBackends, type LibraryBackendName } from '../../plan/backends.ts';
import type { DeviceLibrary, OpenDevice } from '../../runtime/backends/calls/library.ts';
import { runOf, stageOf, type GraphRun } from './graph-stage.ts';

/** A graph as calls, to be run at any sizes on what was opened. */
export function callGraph(graph: Graph, name: LibraryBackendName, opened: OpenDevice): GraphRun {
  const code = emitCalls({ value: stageOf(graph) }, libraryBackends[name].library);
  return runOf(
    graph,
    opened.link(() => code),
  );
}

/** A backend that must come up here. */
export async function openedOr(library: DeviceLibrary, name: LibraryBackendName): Promise<OpenDevice> {
  const opening = await library.open(libraryBackends[name].variant);
  if (!opening.ok) throw new Error(`${name}: ${opening.because}`);
  return opening;
}
