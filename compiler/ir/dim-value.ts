/** Arithmetic in dims as a value. */
import type { Builder } from './builder.ts';
import { multiply, symbol, type Dim } from './dims.ts';
import type { Value } from './graph.ts';

/** A real scalar. */
export function dimValue(b: Builder, bound: Dim): Value {
  return bound.terms
    .map((t) => (t.names.length === 0 ? b.constant(t.coefficient) : b.scale(b.dimSize(multiply(...t.names.map(symbol))), t.coefficient)))
    .reduce((x, y) => b.add(x, y), b.constant(0));
}
