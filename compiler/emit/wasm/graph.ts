/**
 * A graph as a function: its steps one after the other. It gives 1 when it gave control back half-way and is to be called again, 0 when
 * it has ended; how far it came is in a global, everything else in memory.
 */
import { given } from '../../ir/attributes.ts';
import { add, printShape, size, zero } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import { schedule } from '../../transform/fuse.ts';
import { canonicalOf, shapeIn } from '../../transform/views.ts';
import type { FunctionRef } from './assembler.ts';
import type { Location, EmitContext } from './context.ts';
import { emitGroup } from './group.ts';
import { constant } from './instructions.ts';
import type { EmittedGraph, GraphRequest, GraphSite } from './site.ts';
import { emitWhole } from './whole.ts';

export function emitGraph(context: EmitContext, { graph, fixed, name, inputs, wanted = new Map() }: GraphRequest): EmittedGraph {
  const canonical = canonicalOf(fixed);
  const shapeOf = shapeIn(canonical);
  const plan = schedule(graph, fixed);
  const locations = new Map<Value, Location>(graph.inputs.map((v, i) => [v, given(inputs[i])]));
  /** In the `concat` that joins it, where it is wanted, or in a buffer of its own. */
  const place = (v: Value): Location => {
    const home = plan.homes.get(v);
    if (home !== undefined) return context.at(locate(home.into), home.offset);
    const elements = size(shapeOf(v));
    return wanted.get(v) ?? context.place(context.buffer({ elements, what: `${v.node.op} ${printShape(v.type.shape)}` }));
  };
  const locate = (v: Value): Location => {
    const location = locations.get(v) ?? place(v);
    locations.set(v, location);
    context.touch(location.buffer);
    return location;
  };
  const mark = context.mark();
  let work = zero;
  let outputs: readonly Location[] = [];
  const run = context.module.function(name, [], 'i32', (f) => {
    f.resumable(mark.get, (split) => {
      const callResumable = (target: FunctionRef<readonly [], 'i32'>): void => {
        const here = split();
        f.if(f.result(target), () => {
          f.do(mark.set(constant.i32(here)));
          f.return(constant.i32(1));
        });
      };
      const site: GraphSite = {
        context,
        f,
        schedule: plan,
        name,
        fixed,
        canonical,
        shapeOf,
        locate,
        callResumable,
        emitGraph: (inner) => emitGraph(context, inner),
      };
      for (const [index, step] of plan.steps.entries()) {
        context.tick();
        if (step.kind === 'group') work = add(work, emitGroup(site, step, index));
        else emitWhole(site, step);
      }
      context.tick();
      outputs = plan.outputs.map((access) => context.at(locate(access.base), access.offset));
    });
    f.do(mark.set(constant.i32(0)));
    f.return(constant.i32(0));
  });
  return { run, outputs, work };
}
