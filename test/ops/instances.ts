/** Makes an instance of an op: operands as inputs of a fresh builder, numbers for them, and ways to run and compare. */
import { Builder } from '../../compiler/ir/builder.ts';
import { evaluate as evaluateDim } from '../../compiler/ir/dims.ts';
import type { Tensor, TensorType, Value } from '../../compiler/ir/graph.ts';
import { prepare } from '../../compiler/ir/interpret.ts';
import type { OpName } from '../../plan/op-names.ts';
import { ops } from '../../compiler/ops/table.ts';
import { randomNumbers } from '../helpers/evaluate.ts';
import { sizes, uniform, whole, type Fill, type Random, type Sample } from './samplers.ts';

export interface Instance {
  readonly b: Builder;
  /** The operands that are inputs, each once. */
  readonly inputs: readonly Value[];
  readonly operands: readonly Value[];
  readonly outputs: readonly Value[];
  readonly fills: readonly Fill[];
}

/** A stream for each instance, so that one more of them changes no other. */
export function randomFor(text: string): Random {
  let seed = 7;
  for (const character of text) seed = (Math.imul(seed, 31) + (character.codePointAt(0) ?? 0)) | 0;
  const next = randomNumbers(seed);
  for (let i = 0; i < 10; i++) next();
  return () => (next() + 1) / 2;
}

function fillOf(op: OpName, sample: Sample, i: number, type: TensorType): Fill {
  const own = sample.fills?.[i];
  if (own !== undefined) return own;
  if (type.dtype === 'bool') return whole(0, 2);
  if (type.dtype === 'int') return whole(-3, 4);
  const [low, high] = ops[op].domain?.[i] ?? [-2, 2];
  return uniform(low, high);
}

export function instance(op: OpName, sample: Sample): Instance {
  const b = new Builder();
  const inputs: Value[] = [];
  const fills: Fill[] = [];
  const operands: Value[] = [];
  for (const [i, type] of sample.operands.entries()) {
    const constant = sample.constants?.[i];
    const [first] = operands;
    if (constant !== undefined) operands.push(b.full(type.shape, constant));
    else if (sample.same === true && i === 1 && first !== undefined) operands.push(first);
    else {
      const input = b.input(`x${i}`, 'state', type);
      inputs.push(input);
      fills.push(fillOf(op, sample, i, type));
      operands.push(input);
    }
  }
  return { b, inputs, operands, outputs: b.emit(op, operands, sample.attributes), fills };
}

export const shapeOf = (type: TensorType): readonly number[] => type.shape.map((dim) => evaluateDim(dim, sizes) ?? Number.NaN);

export const draw = ({ inputs, fills }: Instance, random: Random): readonly Tensor[] =>
  inputs.map((v, i) => (fills[i] ?? uniform(-1, 1)).make(shapeOf(v.type), random));

export const drawLike = (values: readonly Value[], random: Random): readonly Tensor[] =>
  values.map((v) => uniform(-1, 1).make(shapeOf(v.type), random));

/** A function of tensors from values to values of one builder. */
export function runner(b: Builder, inputs: readonly Value[], outputs: readonly Value[]): (tensors: readonly Tensor[]) => readonly Tensor[] {
  return prepare(b.graph('test', inputs, outputs), sizes);
}

export const isReal = (v: Value): boolean => v.type.dtype === 'real';

/** x + t·y, elementwise. */
export const plus = (x: Tensor, y: Tensor, t: number): Tensor => ({
  shape: x.shape,
  data: x.data.map((value, i) => value + t * (y.data[i] ?? Number.NaN)),
});

export const magnitude = (tensors: readonly Tensor[]): number =>
  tensors.reduce((most, t) => t.data.reduce((a, x) => Math.max(a, Math.abs(x)), most), 0);

export const innerProduct = (xs: readonly Tensor[], ys: readonly Tensor[]): number =>
  xs.reduce((total, x, i) => x.data.reduce((sum, value, j) => sum + value * (ys[i]?.data[j] ?? Number.NaN), total), 0);

/** The largest difference, relative to the largest number expected (or 1); infinite where only one of two is not a number. */
export function difference(actual: readonly Tensor[], expected: readonly Tensor[]): number {
  if (actual.length !== expected.length) return Infinity;
  const scale = Math.max(1, magnitude(expected.map((t) => ({ shape: t.shape, data: t.data.filter(Number.isFinite) }))));
  let worst = 0;
  for (const [i, t] of expected.entries()) {
    const other = actual[i];
    if (other === undefined || other.shape.join() !== t.shape.join() || other.data.length !== t.data.length) return Infinity;
    for (const [j, x] of t.data.entries()) {
      const y = other.data[j];
      if (y === undefined || (!Object.is(x, y) && !Number.isFinite(x - y))) return Infinity;
      if (x !== y && !Number.isNaN(x)) worst = Math.max(worst, Math.abs(x - y) / scale);
    }
  }
  return worst;
}

/** Position `i` of the leading axis. */
export function part(t: Tensor, i: number): Tensor {
  const shape = t.shape.slice(1);
  const length = shape.reduce((a, d) => a * d, 1);
  return { shape, data: t.data.slice(i * length, (i + 1) * length) };
}
