/** A graph as the one stage of a candidate: what any emitter takes and any link runs. */
import type { Stage } from '../../compiler/stages.ts';
import type { Sizes } from '../../compiler/ir/dims.ts';
import type { Graph, Tensor } from '../../compiler/ir/graph.ts';
import type { ProblemModule } from '../../plan/types.ts';

export type GraphRun = (inputs: readonly Tensor[], sizes: Sizes) => Promise<readonly Tensor[]>;

const input = (_: unknown, i: number): string => `input:${i}`;
const output = (_: unknown, i: number): string => `output:${i}`;

export const stageOf = (graph: Graph, fixed: Sizes = new Map()): Stage => ({
  graph: { ...graph, outputNames: graph.outputs.map(output) },
  inputSlots: graph.inputs.map(input),
  fixed,
});

/** Runs it, linked as the stage `value`, at any sizes. */
export const runOf =
  (graph: Graph, link: ProblemModule['link']): GraphRun =>
  async (inputs, sizes) => {
    const linked = await link('graph', Object.fromEntries(sizes));
    if (!linked.ok) throw new Error(linked.diagnostics.map((d) => d.message).join('; '));
    const { executor } = linked;
    executor.put(Object.fromEntries(inputs.map((tensor, i) => [input(tensor, i), tensor])));
    await executor.run('value');
    const outputs: Tensor[] = [];
    for (const name of graph.outputs.map(output)) outputs.push(await executor.read(name));
    executor.close();
    return outputs;
  };
