/**
 * Encloses values: how far what is computed may be from what is meant, over all that the operands may be, rounding included. The radii
 * are values of the same builder, so any backend computes them. Knows no op by name: every rule comes from the op's row.
 * Source: Neumaier (1990), "Interval Methods for Systems of Equations", §1; ball arithmetic as in Rump (1999).
 */
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { OpName } from '../../plan/op-names.ts';
import type { Radius } from '../ops/radius.ts';
import { ancestors } from './reach.ts';

export type Enclosure =
  | { readonly ok: true; readonly radii: readonly Value[] }
  | { readonly ok: false; /** No bound of its result is known. */ readonly op: OpName };

/**
 * The radii of `outputs`, elementwise and of their shapes, where each of `seeds` may be anything within its radius (`undefined`: is exactly
 * what it is). Other inputs are as their rows say.
 */
export function enclose(b: Builder, outputs: readonly Value[], seeds: ReadonlyMap<Value, Radius>): Enclosure {
  const radii = new Map<Value, Radius>(seeds);
  for (const node of ancestors(outputs, new Set(seeds.keys()))) {
    const [output] = node.outputs;
    const { radius } = b.row(node.op);
    if (output === undefined || radius === undefined) return { ok: false, op: node.op };
    const operands = node.inputs.map((v) => radii.get(v));
    radii.set(output, radius(b, node, operands));
  }
  return { ok: true, radii: outputs.map((v) => radii.get(v) ?? b.zeros(v.type.shape)) };
}
