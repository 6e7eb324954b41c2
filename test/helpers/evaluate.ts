/** Runs values of a builder on numbers, by the reference interpreter. */
import type { Builder } from '../../compiler/ir/builder.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { interpret } from '../../compiler/ir/interpret.ts';

export const scalar = (x: number): Tensor => ({ shape: [], data: Float64Array.of(x) });
export const vector = (...x: readonly number[]): Tensor => ({ shape: [x.length], data: Float64Array.from(x) });
export const matrix = (rows: readonly (readonly number[])[]): Tensor => ({
  shape: [rows.length, rows[0]?.length ?? 0],
  data: Float64Array.from(rows.flat()),
});

/** The numbers of `outputs` when the inputs are as given. */
export function evaluate(
  b: Builder,
  outputs: readonly Value[],
  inputs: ReadonlyMap<Value, Tensor>,
  sizes: Readonly<Record<string, number>> = {},
): readonly Tensor[] {
  const graph = b.graph('test', [...inputs.keys()], outputs);
  return interpret(graph, [...inputs.values()], new Map(Object.entries(sizes)));
}

export const numbers = (t: Tensor | undefined): readonly number[] => [...(t?.data ?? [])];

/** Uniform numbers in (−1, 1) from a seed: xorshift, good enough for tests. */
export function randomNumbers(seed: number): () => number {
  let state = seed === 0 ? 1 : seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  };
}
