/** What steps and graph functions see of each other while a stage is emitted. */
import type { Poly, Shape, Sizes } from '../../ir/dims.ts';
import type { Graph, Value } from '../../ir/graph.ts';
import type { Schedule } from '../../transform/schedule.ts';
import type { Canonical } from '../../transform/views.ts';
import type { FunctionBuilder, FunctionRef } from './assembler.ts';
import type { Location, EmitContext } from './context.ts';

/** What a group sees of the graph function that it stands in. */
export interface GroupSite {
  readonly context: EmitContext;
  readonly f: FunctionBuilder;
  readonly schedule: Schedule;
  readonly name: string;
  readonly shapeOf: (v: Value) => Shape;
  /** Where a value is kept, or will be. */
  readonly locate: (v: Value) => Location;
}

/** What a step sees of the graph function that it stands in. */
export interface GraphSite extends GroupSite {
  readonly fixed: Sizes;
  readonly canonical: Canonical;
  /** Calls a function that may give control back; what follows runs when it has ended. */
  readonly callResumable: (target: FunctionRef<readonly [], 'i32'>) => void;
  /** The body of a loop as a function. */
  readonly emitGraph: (request: GraphRequest) => EmittedGraph;
}

export interface EmittedGraph {
  readonly run: FunctionRef<readonly [], 'i32'>;
  /** Where the outputs are when it has ended. */
  readonly outputs: readonly Location[];
  /** Operations of one run, those of its loops left out. */
  readonly work: Poly;
}

export interface GraphRequest {
  readonly graph: Graph;
  readonly fixed: Sizes;
  readonly name: string;
  /** Where its inputs are. */
  readonly inputs: readonly Location[];
  /** Where some of its values are wanted: they are computed there. */
  readonly wanted?: ReadonlyMap<Value, Location>;
}
