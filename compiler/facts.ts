/** Degree, curvature and sign of values of a lowered page, by the facts of the op rows. */
import type { Builder } from './ir/builder.ts';
import type { Value } from './ir/graph.ts';
import type { Facts } from './ops/spec.ts';
import type { Program } from './program.ts';
import { ancestors } from './transform/reach.ts';

const CONSTANT: Facts = { degree: 0, curvature: 'constant', sign: 'unknown' };
const VARIABLE: Facts = { degree: 1, curvature: 'affine', sign: 'unknown' };

/** Degree, curvature and sign of `output` in `variables` jointly, everything else held fixed; signs of hypers and data from `known`. */
export function factsIn(b: Builder, output: Value, variables: readonly Value[], known: ReadonlyMap<Value, Facts>): Facts {
  const facts = new Map<Value, Facts>(known);
  for (const v of variables) facts.set(v, VARIABLE);
  // Without the fixed leaves there would be no way to know the sign of a penalty.
  const leaves = [...facts.keys()];
  for (const node of ancestors([output])) {
    if (node.op === 'input') continue;
    const row = b.row(node.op);
    const result = row.facts(
      node,
      node.inputs.map((v) => facts.get(v) ?? CONSTANT),
    );
    for (const o of node.outputs) if (!leaves.includes(o)) facts.set(o, result);
  }
  return facts.get(output) ?? CONSTANT;
}

/** A kind's sign, as a fact about its input. */
export function declaredFacts(program: Program): ReadonlyMap<Value, Facts> {
  const positive = new Set(['positive', 'nonnegative', 'unit', 'simplex']);
  const known = new Map<Value, Facts>();
  for (const d of [...program.data, ...program.hypers]) {
    known.set(d.value, { ...CONSTANT, sign: positive.has(d.kind) ? 'nonnegative' : 'unknown' });
  }
  known.set(program.step, { ...CONSTANT, sign: 'nonnegative' });
  return known;
}
