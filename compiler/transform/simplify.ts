/**
 * The rewrite rules, as named rows. `Builder.emit` asks them before it makes a node, so graphs are simple while they grow.
 * A rule answers with a value of the same type and meaning (to rounding), or not at all. Rules only ever go towards fewer
 * operations, or towards scalars and data standing outside, so that what depends on data alone can be computed once.
 */
import type { Builder } from '../ir/builder.ts';
import type { Attributes, Value } from '../ir/graph.ts';
import type { OpName } from '../../plan/op-names.ts';
import { arithmeticRules } from './rules/arithmetic.ts';
import { formRules } from './rules/form.ts';
import { productRules } from './rules/products.ts';
import type { Rules } from './rules/rule.ts';

/** By op; one family's file a row. */
export const rules: Rules = { ...arithmeticRules, ...formRules, ...productRules };

/** The simpler value that a node would be, if a rule knows one. */
export function rewrite(b: Builder, op: OpName, inputs: readonly Value[], attributes: Attributes): readonly Value[] | undefined {
  for (const rule of Object.values(rules[op] ?? {})) {
    const simpler = rule(b, inputs, attributes);
    if (simpler !== undefined) return [simpler];
  }
  return undefined;
}
