/**
 * Reverse derivatives: carries cotangents backwards through what is linear in given inputs (the output of `jvp`).
 * Knows no op by name: every rule comes from the op's row.
 */
import { InternalError } from '../../diagnostics/internal-error.ts';
import type { Builder } from '../ir/builder.ts';
import type { Node, Value } from '../ir/graph.ts';
import type { Tangent } from '../ops/spec.ts';
import { jvp } from './jvp.ts';
import { reach } from './reach.ts';

/**
 * Given outputs that are linear in `linearInputs`, the cotangents of those inputs.
 * Everything that does not depend on them is used as it stands.
 */
export function transpose(
  b: Builder,
  outputs: readonly Value[],
  cotangents: readonly Tangent[],
  linearInputs: readonly Value[],
): readonly Tangent[] {
  const { nodes, depends } = reach(outputs, linearInputs);
  const cotangentOf = new Map<Value, Value>();
  // Values whose cotangent is 0 where a branch was not taken; what stands before them may be infinite there.
  const masked = new Set<Value>();
  const accumulate = (v: Value, ct: Tangent): void => {
    if (ct === undefined || !depends(v)) return;
    const before = cotangentOf.get(v);
    cotangentOf.set(v, before === undefined ? ct : b.add(before, ct));
  };
  outputs.forEach((v, i) => accumulate(v, cotangents[i]));
  for (const node of [...nodes].reverse()) {
    const arriving = node.outputs.map((o) => cotangentOf.get(o));
    if (arriving.every((ct) => ct === undefined)) continue;
    const { masks } = b.row(node.op);
    const isMasked = node.outputs.some((o) => masked.has(o));
    pull(b, node, arriving, depends, isMasked).forEach((ct, i) => {
      const operand = node.inputs[i];
      if (operand === undefined) return;
      accumulate(operand, ct);
      if (isMasked || masks?.includes(i) === true) masked.add(operand);
    });
  }
  return linearInputs.map((v) => cotangentOf.get(v));
}

function pull(b: Builder, node: Node, arriving: readonly Tangent[], depends: (v: Value) => boolean, masked: boolean): readonly Tangent[] {
  const rule = b.row(node.op).derivative;
  const [ct] = arriving;
  switch (rule.kind) {
    case 'zero':
      return [];
    case 'linear':
      return ct === undefined ? [] : rule.transpose(b, node, ct);
    case 'multilinear': {
      if (ct === undefined) return [];
      const linear = rule.in.filter((i) => node.inputs[i] !== undefined && depends(node.inputs[i]));
      if (linear.length > 1) throw new InternalError('transpose', `${node.op} is linear in each of its operands, not in several at once`);
      return node.inputs.map((_, i) => (linear.includes(i) ? rule.transpose(b, node, i, ct, masked) : undefined));
    }
    case 'custom':
      if (rule.transpose === undefined) throw new InternalError('transpose', `${node.op} has no transpose`);
      return rule.transpose(b, node, depends, arriving);
    case 'pointwise':
      throw new InternalError('transpose', `${node.op} is not linear`);
  }
}

/**
 * ∂⟨outputs, cotangents⟩/∂wrt by reverse mode: jvp along fresh tangents, then its transpose. `undefined` is a zero.
 * Source: Griewank & Walther (2008), §3.2; jvp and transpose as two halves: Radul et al. (2023), "You only linearize once".
 */
export function vjp(b: Builder, outputs: readonly Value[], cotangents: readonly Tangent[], wrt: readonly Value[]): readonly Tangent[] {
  const tangents = wrt.map((v) => b.input('tangent', 'state', v.type));
  const pushed = jvp(b, outputs, new Map(wrt.map((v, i) => [v, tangents[i] ?? v])));
  const live = pushed
    .map((t, i) => (t === undefined ? undefined : { tangent: t, cotangent: cotangents[i] }))
    .filter((x) => x !== undefined);
  return transpose(
    b,
    live.map((x) => x.tangent),
    live.map((x) => x.cotangent),
    tangents,
  );
}

/** The gradient of a scalar, one tensor for each value of `wrt`; zeros are explicit. */
export function gradient(b: Builder, output: Value, wrt: readonly Value[]): readonly Value[] {
  return vjp(b, [output], [b.constant(1)], wrt).map((g, i) => g ?? b.zeros(wrt[i]?.type.shape ?? []));
}
