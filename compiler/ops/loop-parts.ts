/** What the rules of the two loop ops share: their operands by part, doors into a body, and what a step touches. */
import { InternalError } from '../../diagnostics/internal-error.ts';
import type { Builder } from '../ir/builder.ts';
import { zero, type Dim } from '../ir/dims.ts';
import type { Attributes, Graph, TensorType, Value } from '../ir/graph.ts';
import { reach } from '../transform/reach.ts';
import { replace } from '../transform/replace.ts';
import type { Tangent } from './spec.ts';

/** The operands of a loop, by part. */
export interface Parts<T> {
  readonly constants: readonly T[];
  readonly states: readonly T[];
  readonly slices: readonly T[];
}

export function parts<T>(attributes: Attributes, operands: readonly T[]): Parts<T> {
  const c = attributes.constants ?? 0;
  const s = attributes.states ?? 0;
  return { constants: operands.slice(0, c), states: operands.slice(c, c + s), slices: operands.slice(c + s) };
}

export function bodyOf(attributes: Attributes): Graph {
  if (attributes.body === undefined) throw new InternalError('loops', 'a loop without a body');
  return attributes.body;
}

export const lengthOf = (attributes: Attributes): Dim => attributes.dim ?? zero;

/** Positions where `flags` is true. */
export const where = (flags: readonly boolean[]): readonly number[] => flags.flatMap((f, i) => (f ? [i] : []));

export const present = (t: Tangent): boolean => t !== undefined;

export const at = <T>(list: readonly T[], i: number): T => {
  const value = list[i];
  if (value === undefined) throw new InternalError('loops', `no operand ${i}`);
  return value;
};

/**
 * Grows `flags` over the states until nothing changes: a state is touched when its start is, or when one step makes it so.
 * `stepTouches(flags)` says which body outputs one step touches, given which states are.
 */
export function settle(
  start: readonly boolean[],
  stepTouches: (states: readonly boolean[]) => readonly boolean[],
): { states: readonly boolean[]; outputs: readonly boolean[] } {
  let states = start;
  for (;;) {
    const outputs = stepTouches(states);
    const grown = states.map((f, i) => f || outputs[i] === true);
    if (grown.every((f, i) => f === states[i])) return { states, outputs };
    states = grown;
  }
}

/** Which outputs of a body depend on its flagged inputs. */
export function touched({ inputs, outputs }: Graph, flags: readonly boolean[]): readonly boolean[] {
  const { depends } = reach(
    outputs,
    where(flags).map((i) => at(inputs, i)),
  );
  return outputs.map(depends);
}

export function fresh(b: Builder, types: readonly TensorType[], name: string): readonly Value[] {
  return types.map((t, i) => b.input(`${name}${i}`, 'state', t));
}

export const sliceType = (v: Value): TensorType => ({ dtype: v.type.dtype, shape: v.type.shape.slice(1) });

export function replaceTangents(b: Builder, values: readonly Tangent[], from: readonly Value[], to: readonly Value[]): readonly Tangent[] {
  const live = values.filter((v) => v !== undefined);
  const replaced = replace(b, live, new Map(from.map((v, i) => [v, at(to, i)])));
  let next = 0;
  return values.map((v) => (v === undefined ? undefined : replaced[next++]));
}
