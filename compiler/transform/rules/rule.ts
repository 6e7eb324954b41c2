/** What a rewrite rule is, and what several families ask of operands. */
import type { Builder } from '../../ir/builder.ts';
import type { Attributes, Value } from '../../ir/graph.ts';
import type { OpName } from '../../../plan/op-names.ts';

export type Rule = (b: Builder, inputs: readonly Value[], attributes: Attributes) => Value | undefined;

/** Two operands of a pointwise op; absent ones cannot happen behind the shape rule. */
export const two = (inputs: readonly Value[]): readonly [Value, Value] | undefined => {
  const [x, y] = inputs;
  return x === undefined || y === undefined ? undefined : [x, y];
};

/** The same where both are real: a product or a quotient of whole numbers is real, and its operands are not. */
export const twoReals = (inputs: readonly Value[]): readonly [Value, Value] | undefined => {
  const pair = two(inputs);
  return pair !== undefined && pair.every(real) ? pair : undefined;
};

export const filled = (b: Builder, like: Value, value: number): Value => b.full(like.type.shape, value);
export const real = (v: Value): boolean => v.type.dtype === 'real';

/** `s` with x = s · rest for a scalar s, read off `mul(broadcast s, rest)`. */
export function scalarFactor(v: Value): { readonly scalar: Value; readonly rest: Value } | undefined {
  if (v.node.op !== 'mul') return undefined;
  const [x, y] = v.node.inputs;
  if (x === undefined || y === undefined) return undefined;
  const s = scalarBehind(x);
  return s === undefined ? undefined : { scalar: s, rest: y };
}

/** The scalar that a broadcast spreads. */
export function scalarBehind(v: Value): Value | undefined {
  if (v.type.shape.length === 0) return v;
  const [from] = v.node.inputs;
  return v.node.op === 'broadcast_in_dim' && from?.type.shape.length === 0 ? from : undefined;
}

export const times = (b: Builder, scalar: Value, v: Value): Value => b.mul(b.broadcast(scalar, v.type.shape, []), v);

export const isEye = (v: Value): boolean => v.node.op === 'eye';

/** The rules of some ops, by name, in the order in which they are tried. */
export type Rules = Readonly<Partial<Record<OpName, Readonly<Record<string, Rule>>>>>;

/** A scalar factor or a sign of one operand of an op that is linear in each, put outside. */
export const factorOut =
  (op: OpName): Rule =>
  (b, inputs, attributes) => {
    for (const [i, v] of inputs.entries()) {
      const f = scalarFactor(v);
      if (f !== undefined && v.type.shape.length > 0)
        return times(
          b,
          f.scalar,
          b.one(
            op,
            inputs.map((w, j) => (j === i ? f.rest : w)),
            attributes,
          ),
        );
      const [inside] = v.node.inputs;
      if (v.node.op === 'neg' && inside !== undefined)
        return b.neg(
          b.one(
            op,
            inputs.map((w, j) => (j === i ? inside : w)),
            attributes,
          ),
        );
    }
    return undefined;
  };
