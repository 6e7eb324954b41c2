/**
 * Forward derivatives: pushes tangents from some values to others, in the same builder, so that the primal part is shared.
 * Knows no op by name: every rule comes from the op's row.
 */
import type { Builder } from '../ir/builder.ts';
import type { Node, Value } from '../ir/graph.ts';
import type { Tangent } from '../ops/spec.ts';
import { reach } from './reach.ts';

/**
 * The derivative of `outputs` along `tangents` (value → its tangent, of the same shape). `undefined` is a symbolic zero.
 * Source: the chain rule, forward; Griewank & Walther (2008), §3.1.
 */
export function jvp(b: Builder, outputs: readonly Value[], tangents: ReadonlyMap<Value, Value>): readonly Tangent[] {
  const tangentOf = new Map<Value, Value>(tangents);
  for (const node of reach(outputs, tangents.keys()).nodes) {
    const operandTangents = node.inputs.map((v) => tangentOf.get(v));
    if (operandTangents.every((t) => t === undefined)) continue;
    push(b, node, operandTangents).forEach((t, i) => {
      const output = node.outputs[i];
      if (t !== undefined && output !== undefined) tangentOf.set(output, t);
    });
  }
  return outputs.map((v) => tangentOf.get(v));
}

function push(b: Builder, node: Node, tangents: readonly Tangent[]): readonly Tangent[] {
  const rule = b.row(node.op).derivative;
  switch (rule.kind) {
    case 'zero':
      return [];
    case 'pointwise': {
      const partials = rule.partials(b, node);
      const times = (t: Value, p: Value): Value => (rule.singular === true ? b.guardedMul(t, p) : b.mul(t, p));
      return [
        sum(
          b,
          tangents.map((t, i) => (t === undefined || partials[i] === undefined ? undefined : times(t, partials[i]))),
        ),
      ];
    }
    case 'linear':
      return b.emit(
        node.op,
        node.inputs.map((v, i) => tangents[i] ?? b.zeros(v.type.shape)),
        node.attributes,
      );
    case 'multilinear':
      return [
        sum(
          b,
          rule.in.map((i) => {
            const t = tangents[i];
            return t === undefined
              ? undefined
              : b.one(
                  node.op,
                  node.inputs.map((v, j) => (j === i ? t : v)),
                  node.attributes,
                );
          }),
        ),
      ];
    case 'custom':
      return rule.jvp(b, node, tangents);
  }
}

export function sum(b: Builder, terms: readonly Tangent[]): Tangent {
  return terms.reduce<Tangent>((total, t) => (total === undefined ? t : t === undefined ? total : b.add(total, t)), undefined);
}

/** The jvp of one value; a zero is made explicit. */
export function directional(b: Builder, output: Value, tangents: ReadonlyMap<Value, Value>): Value {
  return jvp(b, [output], tangents)[0] ?? b.zeros(output.type.shape);
}
