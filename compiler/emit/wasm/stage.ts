/** A stage as a WebAssembly module with the table by which the runtime links it to sizes (`plan/kernels.ts`). */
import type { Precision, SlotPlan, StageCode } from '../../../plan/kernels.ts';
import { exprOf } from '../../cost.ts';
import { given } from '../../ir/attributes.ts';
import { size } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import type { Stage } from '../../module.ts';
import { canonicalOf, shapeIn } from '../../transform/views.ts';
import { ModuleBuilder } from './assembler.ts';
import { StageContext, type Location } from './context.ts';
import { emitGraph } from './graph.ts';
import { constant, memory } from './instructions.ts';
import { lanesOf } from './lanes.ts';
import { help } from './share.ts';

export function emitStage(stage: Stage, precision: Precision): StageCode {
  const { graph, inputSlots, fixed } = stage;
  const module = new ModuleBuilder();
  const context = new StageContext(module, lanesOf(precision));
  const shapeOf = shapeIn(canonicalOf(fixed));
  const slotPlan = (slot: string, v: Value): SlotPlan => {
    const elements = size(shapeOf(v));
    return { slot, buffer: context.buffer({ elements, what: `slot ${slot}`, slot }), shape: shapeOf(v).map(exprOf) };
  };
  const inputs = graph.inputs.map((v, i) => slotPlan(given(inputSlots[i]), v));
  const outputs = graph.outputs.map((v, i) => slotPlan(given(graph.outputNames[i]), v));
  // A result is computed in its slot, unless what the slot holds is still to be read.
  const wanted = new Map<Value, Location>();
  graph.outputs.forEach((v, i) => {
    const { slot, buffer } = given(outputs[i]);
    if (!inputSlots.includes(slot) && !graph.inputs.includes(v) && !wanted.has(v)) wanted.set(v, context.place(buffer));
  });
  const emitted = emitGraph(context, { graph, fixed, name: graph.name, inputs: inputs.map((s) => context.place(s.buffer)), wanted });
  const run = module.function('run', [], 'i32', (f) => {
    f.if(f.result(emitted.run), () => f.return(constant.i32(1)));
    const moves = graph.outputs.map((v, i) => ({ v, from: given(emitted.outputs[i]), to: context.place(given(outputs[i]).buffer) }));
    for (const { v, from, to } of moves) {
      if (from.buffer === to.buffer) continue;
      f.do(memory.copy(context.address(to), context.address(from), context.bytes(size(shapeOf(v)))));
    }
    f.return(constant.i32(0));
  });
  const reset = module.function('reset', [], undefined, (f) => {
    for (const mark of context.marks) f.do(mark.set(constant.i32(0)));
  });
  module.export('run', run);
  module.export('reset', reset);
  module.export('help', help(context));
  context.finish();
  const { bytes, memoryFlagsAt } = module.encode();
  const { buffers, kernels, link } = context;
  return { wasm: bytes, memoryFlagsAt, precision, buffers, kernels, link, inputs, outputs };
}
