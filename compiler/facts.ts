/** Degree, curvature and sign of values of a lowered page, by the facts of the op rows. */
import type { Kind } from '../plan/types.ts';
import type { Builder } from './ir/builder.ts';
import { literal, type Dim } from './ir/dims.ts';
import type { Value } from './ir/graph.ts';
import type { Facts, Sign } from './ops/spec.ts';
import type { Program } from './program.ts';
import { ancestors } from './transform/reach.ts';

const CONSTANT: Facts = { degree: 0, curvature: 'constant', sign: 'unknown' };
const VARIABLE: Facts = { degree: 1, curvature: 'affine', sign: 'unknown' };

/** Degree, curvature and sign of what `output` needs, in `variables` jointly, everything else held fixed; signs of hypers and data from `known`. */
export function factsOf(b: Builder, output: Value, variables: readonly Value[], known: ReadonlyMap<Value, Facts>): (v: Value) => Facts {
  const facts = new Map<Value, Facts>(known);
  for (const v of variables) facts.set(v, { ...VARIABLE, sign: known.get(v)?.sign ?? 'unknown' });
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
  return (v) => facts.get(v) ?? CONSTANT;
}

/** The facts of `output` alone. */
export const factsIn = (b: Builder, output: Value, variables: readonly Value[], known: ReadonlyMap<Value, Facts>): Facts =>
  factsOf(b, output, variables, known)(output);

const POSITIVE: readonly Kind[] = ['positive', 'unit'];

interface Declared {
  readonly kind: Kind;
  readonly interval?: readonly [Dim, Dim] | undefined;
  readonly value: Value;
}

/** The sign of a kind and an interval, as a fact about an input; with `positive` of those alone that leave zero out. */
export function signsOf(declared: readonly Declared[], least: 'nonnegative' | 'positive' = 'nonnegative'): Map<Value, Facts> {
  const kinds = new Set<Kind>(least === 'positive' ? POSITIVE : [...POSITIVE, 'nonnegative', 'simplex']);
  const signOf = ({ kind, interval }: Declared): Sign => {
    const [low = -Infinity, high = Infinity] = interval?.map(literal) ?? [];
    if (kinds.has(kind) || low > 0 || (low === 0 && least === 'nonnegative')) return 'nonnegative';
    return high < 0 || (high === 0 && least === 'nonnegative') ? 'nonpositive' : 'unknown';
  };
  return new Map(declared.map((one) => [one.value, { ...CONSTANT, sign: signOf(one) }]));
}

/** The signs of all data and hypers, of params that solvers move as they are declared, and that of `step`. */
export function declaredFacts(program: Program, least?: 'nonnegative' | 'positive'): ReadonlyMap<Value, Facts> {
  const known = signsOf([...program.data, ...program.hypers, ...program.params.filter((p) => p.value === p.declared)], least);
  known.set(program.step, { ...CONSTANT, sign: 'nonnegative' });
  return known;
}
