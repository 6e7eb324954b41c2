/** What the tests of the op table do with numbers. */
import { expect } from 'vitest';
import type { Builder } from '../../compiler/ir/builder.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { prepare, type Run } from '../../compiler/ir/interpret.ts';
import type { Tangent } from '../../compiler/ops/spec.ts';
import { jvp } from '../../compiler/transform/jvp.ts';
import { transpose } from '../../compiler/transform/transpose.ts';
import type { Random } from './random.ts';

export type Sizes = ReadonlyMap<string, number>;

export const runner = (b: Builder, inputs: readonly Value[], outputs: readonly Value[], sizes: Sizes): Run => prepare(b.graph('check', inputs, outputs), sizes);

export const randomLike = (t: Tensor, random: Random): Tensor => ({ shape: t.shape, data: t.data.map(() => random.between(-1, 1)) });

const moved = (x: Tensor, v: Tensor, step: number): Tensor => ({ shape: x.shape, data: x.data.map((value, i) => value + step * (v.data[i] ?? 0)) });

export const inner = (a: readonly Tensor[], b: readonly Tensor[]): number => a.reduce((sum, t, i) => sum + t.data.reduce((s, x, j) => s + x * (b[i]?.data[j] ?? 0), 0), 0);
const innerSize = (a: readonly Tensor[], b: readonly Tensor[]): number => a.reduce((sum, t, i) => sum + t.data.reduce((s, x, j) => s + Math.abs(x * (b[i]?.data[j] ?? 0)), 0), 0);

/** Equal to `tolerance`, relative to the largest element; NaN only where the other has it. */
export function expectClose(got: Tensor, want: Tensor, tolerance: number, what: string): void {
  expect(got.shape, what).toEqual(want.shape);
  const size = want.data.reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 1);
  for (let i = 0; i < want.data.length; i++) {
    const [x, y] = [got.data[i] ?? 0, want.data[i] ?? 0];
    if (Object.is(x, y) || x === y) continue;
    if (!(Math.abs(x - y) <= tolerance * size)) expect.fail(`${what}: element ${i} is ${x}, expected ${y}`);
  }
}

export interface Checked {
  /** Cotangents of the inputs as values, and the inputs that stand for the cotangents of the outputs. */
  readonly pulled: readonly Value[];
  readonly cotangents: readonly Value[];
}

/**
 * jvp against central differences, and transpose against jvp, of `outputs` (real) in `wrt` (real inputs). `others` are inputs that
 * stay. Answers with Jᵀu for a second round.
 */
export function checkDerivative(
  b: Builder,
  outputs: readonly Value[],
  wrt: readonly Value[],
  others: readonly Value[],
  point: { readonly wrt: readonly Tensor[]; readonly others: readonly Tensor[] },
  sizes: Sizes,
  random: Random,
): Checked {
  const tangents = wrt.map((v, i) => b.input(`t${i}`, 'state', v.type));
  const pushed = jvp(b, outputs, new Map(wrt.map((v, i) => [v, tangents[i] ?? v])));
  const along = point.wrt.map((t) => randomLike(t, random));
  const explicit = pushed.map((t, i) => t ?? b.zeros(outputs[i]?.type.shape ?? []));
  pushed.forEach((t, i) => t !== undefined && expect(t.type, 'type of the tangent').toEqual(outputs[i]?.type));

  // Forward: the tangent against differences.
  const got = runner(b, [...wrt, ...others, ...tangents], explicit, sizes)([...point.wrt, ...point.others, ...along]);
  const size = Math.max(1, ...point.wrt.flatMap((t) => [...t.data].map(Math.abs)));
  const step = Math.cbrt(Number.EPSILON) * size;
  const f = runner(b, [...wrt, ...others], outputs, sizes);
  const ahead = f([...point.wrt.map((x, i) => moved(x, along[i] ?? x, step)), ...point.others]);
  const behind = f([...point.wrt.map((x, i) => moved(x, along[i] ?? x, -step)), ...point.others]);
  got.forEach((t, i) => {
    const difference = { shape: t.shape, data: t.data.map((_, j) => ((ahead[i]?.data[j] ?? 0) - (behind[i]?.data[j] ?? 0)) / (2 * step)) };
    expectClose(t, difference, 1e-6, `tangent ${i} against differences`);
  });

  // Backward: ⟨u, Jv⟩ = ⟨Jᵀu, v⟩.
  const cotangents = outputs.map((v, i) => b.input(`u${i}`, 'state', v.type));
  const live = pushed.flatMap((t, i): { t: Value; u: Value }[] => (t === undefined ? [] : [{ t, u: cotangents[i] ?? t }]));
  const pulled: Tangent[] = [...transpose(b, live.map((x) => x.t), live.map((x) => x.u), tangents)];
  pulled.forEach((t, i) => t !== undefined && expect(t.type, 'type of the cotangent').toEqual(wrt[i]?.type));
  const full = pulled.map((t, i) => t ?? b.zeros(wrt[i]?.type.shape ?? []));
  const weights = got.map((t) => randomLike(t, random));
  const back = runner(b, [...wrt, ...others, ...cotangents], full, sizes)([...point.wrt, ...point.others, ...weights]);
  const [left, right] = [inner(weights, got), inner(back, along)];
  const bound = 1e-12 * Math.max(1, innerSize(weights, got), innerSize(back, along));
  if (!(Math.abs(left - right) <= bound)) expect.fail(`⟨u, Jv⟩ = ${left}, ⟨Jᵀu, v⟩ = ${right}`);
  return { pulled: full, cotangents };
}
