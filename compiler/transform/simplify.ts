import type { Builder } from '../ir/builder.ts';
import type { Attributes, Value } from '../ir/graph.ts';
import type { OpName } from '../ops/names.ts';
export function rewrite(_b: Builder, _op: OpName, _inputs: readonly Value[], _attributes: Attributes): readonly Value[] | undefined {
  return undefined;
}
