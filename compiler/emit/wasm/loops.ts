/**
 * The two loops as functions over the graph of their body. Their states are in memory and the number of steps done is in a global, so
 * that a loop that gave control back goes on where it was.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { controlBlock } from '../../../plan/kernels.ts';
import { given } from '../../ir/attributes.ts';
import { one, size, type Poly } from '../../ir/dims.ts';
import type { Graph, Value } from '../../ir/graph.ts';
import type { Whole } from '../../transform/schedule.ts';
import type { FunctionBuilder } from './assembler.ts';
import type { Location, EmitContext } from './context.ts';
import { constant, i32, type I32 } from './instructions.ts';
import { copy, moveAtOnce, type Move } from './moves.ts';
import type { GraphSite } from './site.ts';

/** The operands of a loop, by part, and where they are. */
interface Parts {
  readonly constants: readonly Location[];
  readonly states: readonly Location[];
  readonly slices: readonly Location[];
}

function partsOf(site: GraphSite, { node, operands }: Whole): Parts {
  const places = operands.map((access) => {
    if (access.kind !== 'memory') throw new InternalError('wasm emitter', 'an operand of a loop is not in memory');
    return site.context.at(site.locate(access.base), access.offset);
  });
  const c = node.attributes.constants ?? 0;
  const s = node.attributes.states ?? 0;
  return { constants: places.slice(0, c), states: places.slice(c, c + s), slices: places.slice(c + s) };
}

/** Work in units of 1024 operations after which a loop asks whether to go on. */
const PATIENCE = 1024;

/** Asks the host now and then, by the work done, whether to give control back: 1 if so. */
const askHost = (context: EmitContext): ReturnType<typeof makeAskHost> => context.module.once('ask', () => makeAskHost(context));
const makeAskHost = (context: EmitContext) =>
  context.module.function('ask', ['i32'], 'i32', (f, work) => {
    const { fuel } = context;
    f.do(fuel.set(i32.sub(fuel.get, work)));
    f.if(i32.gtS(fuel.get, constant.i32(0)), () => f.return(constant.i32(0)));
    f.do(fuel.set(constant.i32(PATIENCE)));
    f.return(f.result(context.poll));
  });

/** States of the loop, its body as a function, and what one step does with the body's results. */
interface Body {
  /** Runs one step's body; if it gave control back, so does the loop. */
  readonly step: (f: FunctionBuilder, index: I32) => void;
  readonly work: Poly;
}

interface LoopRequest {
  readonly site: GraphSite;
  readonly step: Whole;
  readonly body: Graph;
  readonly parts: Parts;
  readonly states: readonly Location[];
}

function emitBody({ site, step, body, parts, states }: LoopRequest, mark: ReturnType<EmitContext['mark']>): Body {
  const { context, fixed, shapeOf } = site;
  const sizeOf = (v: Value): Poly => size(shapeOf(v));
  const count = states.length;
  // A slice moves with the steps: its address is in a cell.
  const cells = parts.slices.map((_, i) => context.buffer({ elements: one, what: `the address of slice ${i} of ${body.name}` }));
  const slices = cells.map((buffer): Location => ({ ...context.place(buffer), through: 'pointer' }));
  const stackedCells = body.outputs
    .slice(count)
    .map((_, i) => context.buffer({ elements: one, what: `the address of result ${i} of ${body.name}` }));
  const stacked = stackedCells.map((buffer): Location => ({ ...context.place(buffer), through: 'pointer' }));
  const wanted = new Map<Value, Location>();
  body.outputs.slice(count).forEach((v, i) => {
    if (!body.inputs.includes(v) && !wanted.has(v)) wanted.set(v, given(stacked[i]));
  });
  const graph = site.emitGraph({
    graph: body,
    fixed,
    name: `${site.name}.${body.name}`,
    inputs: [...parts.constants, ...states, ...slices],
    wanted,
  });
  const run = (f: FunctionBuilder, index: I32): void => {
    const address = (cell: number, base: Location, elements: Poly): void => {
      const from = i32.add(context.address(base), i32.mul(index, context.bytes(elements)));
      f.do(i32.store(context.address(context.place(cell)), from));
    };
    parts.slices.forEach((base, i) =>
      address(given(cells[i]), base, sizeOf(given(body.inputs[body.inputs.length - parts.slices.length + i]))),
    );
    stackedCells.forEach((cell, i) =>
      address(cell, site.locate(given(step.node.outputs[count + i])), sizeOf(given(body.outputs[count + i]))),
    );
    f.if(f.result(graph.run), () => {
      f.do(mark.set(constant.i32(1)));
      f.return(constant.i32(1));
    });
    stacked.forEach((to, i) =>
      copy(context, f, { to, from: given(graph.outputs[count + i]), elements: sizeOf(given(body.outputs[count + i])) }),
    );
    // New states into the old ones' places.
    const moves = states.map((to, i): Move => ({ to, from: given(graph.outputs[i]), elements: sizeOf(given(body.outputs[i])) }));
    moveAtOnce(context, f, moves);
  };
  return { step: run, work: graph.work };
}

export function emitLoop(site: GraphSite, step: Whole): void {
  const { context, f, shapeOf } = site;
  const { node } = step;
  const body = given(node.attributes.body, 'the body of a loop');
  const { test } = node.attributes;
  const parts = partsOf(site, step);
  // The states are where the loop's results are to be.
  const states = parts.states.map((_, i) => site.locate(given(node.outputs[i])));
  node.outputs.forEach((v) => site.locate(v));
  states.forEach((to, i) => copy(context, f, { to, from: given(parts.states[i]), elements: size(shapeOf(given(node.outputs[i]))) }));
  const done = context.module.global();
  f.do(done.set(constant.i32(0)));
  const limit =
    test === undefined
      ? context.size(given(shapeInDim(site, node.attributes.dim)))
      : constant.i32(Math.min(node.attributes.limit ?? 0, 2 ** 32 - 1));
  const loop = context.loop(() => {
    const isOutermost = context.isOutermostLoop;
    const mark = context.mark();
    const goesOn = test === undefined ? undefined : emitTest(site, test, [...parts.constants, ...states]);
    context.tick();
    const { step: takeStep, work } = emitBody({ site, step, body, parts, states }, mark);
    context.tick();
    return context.module.function(`${site.name}.${body.name}.loop`, [], 'i32', (g) => {
      g.do([0x03, 0x40]);
      // In the middle of a step there is nothing to ask.
      g.if(i32.eqz(mark.get), () => {
        g.if(i32.geU(done.get, limit), () => g.return(constant.i32(0)));
        if (goesOn !== undefined) g.if(i32.eqz(goesOn(g)), () => g.return(constant.i32(0)));
      });
      const index = node.attributes.reversed === true ? i32.sub(i32.sub(limit, constant.i32(1)), done.get) : done.get;
      takeStep(g, index);
      g.do(mark.set(constant.i32(0)));
      g.do(done.set(i32.add(done.get, constant.i32(1))));
      if (isOutermost) g.do(i32.store(context.constant({ is: 'control' }), done.get, controlBlock.progress));
      const units = context.units(work);
      g.if(g.result(askHost(context), units), () => g.return(constant.i32(1)));
      g.do([0x0c, 0, 0x0b]);
      g.return(constant.i32(0));
    });
  });
  site.callResumable(loop);
}

function shapeInDim(site: GraphSite, dim: Poly | undefined): Poly | undefined {
  return dim === undefined ? undefined : site.canonical(dim);
}

/** The test of an `iterate`: a condition as a number. It gives no control back, so it holds no loop. */
function emitTest(site: GraphSite, test: Graph, inputs: readonly Location[]): (f: FunctionBuilder) => I32 {
  const { context, fixed } = site;
  if (test.nodes.some((node) => node.attributes.body !== undefined))
    throw new InternalError('wasm emitter', 'a loop in the test of a loop');
  const { run, outputs } = site.emitGraph({ graph: test, fixed, name: `${site.name}.${test.name}`, inputs });
  const answer = given(outputs[0]);
  return (f) => {
    f.drop(f.result(run));
    return context.lanes.lowToI32(context.lanes.loadOne(context.address(answer)));
  };
}
