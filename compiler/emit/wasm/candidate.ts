/** The stages of a candidate as one WebAssembly module with the table by which the runtime links it to sizes (`plan/kernels.ts`). */
import type { CandidateCode, Precision, SlotPlan, StageSlots } from '../../../plan/kernels.ts';
import type { StageName } from '../../../plan/types.ts';
import { exprOf } from '../../cost.ts';
import { given } from '../../ir/attributes.ts';
import { size } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import type { Stage } from '../../stages.ts';
import { canonicalOf, shapeIn } from '../../transform/views.ts';
import { ModuleBuilder } from './assembler.ts';
import { EmitContext, type Location } from './context.ts';
import { emitGraph } from './graph.ts';
import { constant } from './instructions.ts';
import { lanesOf } from './lanes.ts';
import { moveAtOnce, type Move } from './moves.ts';
import { help } from './share.ts';

/**
 * `small`: as few bytes as can be, for what is sent over networks; it computes the same. `constants`: those of which there is one for each
 * precision are those for this one, where what is computed is part of something else.
 */
export function emitCandidate(
  stages: Readonly<Partial<Record<StageName, Stage>>>,
  precision: Precision,
  how: { readonly small: boolean; readonly constants?: Precision } = { small: false },
): CandidateCode {
  const module = new ModuleBuilder();
  const context = new EmitContext(module, lanesOf(precision, how.constants));
  const slots: Partial<Record<StageName, StageSlots>> = {};
  for (const [name, stage] of Object.entries(stages) as [StageName, Stage][]) slots[name] = emitStage(context, name, stage);
  const reset = module.function('reset', [], undefined, (f) => {
    for (const mark of context.marks) f.do(mark.set(constant.i32(0)));
  });
  module.export('reset', reset);
  module.export('help', help(context));
  context.finish();
  const { bytes, memoryFlagsAt, markedAt } = module.encode(how);
  const { buffers, kernels, link } = context;
  return { wasm: bytes, memoryFlagsAt, multiplyAddsAt: markedAt, precision, buffers, kernels, link, stages: slots };
}

function emitStage(context: EmitContext, name: StageName, { graph, inputSlots, fixed }: Stage): StageSlots {
  const { module } = context;
  context.tick();
  const shapeOf = shapeIn(canonicalOf(fixed));
  const slotPlan = (slot: string, v: Value): SlotPlan => ({
    slot,
    buffer: context.slot(slot, size(shapeOf(v))),
    shape: shapeOf(v).map(exprOf),
  });
  const inputs = graph.inputs.map((v, i) => slotPlan(given(inputSlots[i]), v));
  const outputs = graph.outputs.map((v, i) => slotPlan(given(graph.outputNames[i]), v));
  // A result is computed in its slot, unless what the slot holds is still to be read.
  const wanted = new Map<Value, Location>();
  graph.outputs.forEach((v, i) => {
    const { slot, buffer } = given(outputs[i]);
    if (!inputSlots.includes(slot) && !graph.inputs.includes(v) && !wanted.has(v)) wanted.set(v, context.place(buffer));
  });
  const emitted = emitGraph(context, { graph, fixed, name, inputs: inputs.map((s) => context.place(s.buffer)), wanted });
  const run = module.function(`run ${name}`, [], 'i32', (f) => {
    f.if(f.result(emitted.run), () => f.return(constant.i32(1)));
    const moves = graph.outputs.map((v, i): Move => {
      const { buffer } = given(outputs[i]);
      return { to: context.place(buffer), from: given(emitted.outputs[i]), elements: size(shapeOf(v)) };
    });
    moveAtOnce(context, f, moves);
    f.return(constant.i32(0));
  });
  module.export(name, run);
  return { inputs, outputs };
}
