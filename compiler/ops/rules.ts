/**
 * What the rows of the op table share: checks of operands and attributes, costs, axes. Knows nothing of any one op.
 */
import { InternalError } from '../../diagnostics/internal-error.ts';
import type { Builder } from '../ir/builder.ts';
import { add, evaluate, literal, number, printShape, equalShape, scale, size, type Dim, type Shape, type Sizes } from '../ir/dims.ts';
import type { Attributes, DType, Node, TensorType, Value } from '../ir/graph.ts';
import type { Cost, Derivative, OpRow, ShapeAnswer } from './spec.ts';

type ShapeRule = OpRow['shape'];

export const wrong = (text: string): { readonly wrong: string } => ({ wrong: text });

// ---- shape rules: total, so that a missing operand is an answer ------------------------------------------------------

const count = (expected: number, got: number): ShapeAnswer => wrong(`takes ${expected} operand${expected === 1 ? '' : 's'}, got ${got}`);

export const nullary =
  (rule: (attributes: Attributes) => ShapeAnswer): ShapeRule =>
  (inputs, attributes) =>
    inputs.length === 0 ? rule(attributes) : count(0, inputs.length);

export const unary =
  (rule: (a: TensorType, attributes: Attributes, fixed: Sizes) => ShapeAnswer): ShapeRule =>
  (inputs, attributes, fixed) => {
    const [a] = inputs;
    return a !== undefined && inputs.length === 1 ? rule(a, attributes, fixed) : count(1, inputs.length);
  };

export const binary =
  (rule: (a: TensorType, b: TensorType, attributes: Attributes, fixed: Sizes) => ShapeAnswer): ShapeRule =>
  (inputs, attributes, fixed) => {
    const [a, b] = inputs;
    return a !== undefined && b !== undefined && inputs.length === 2 ? rule(a, b, attributes, fixed) : count(2, inputs.length);
  };

export const describe = (type: TensorType): string => `${type.dtype}${printShape(type.shape)}`;

/** What is wrong with operands that must have one shape, or `undefined`. */
export function differentShapes(a: TensorType, b: TensorType, fixed: Sizes): { readonly wrong: string } | undefined {
  return equalShape(a.shape, b.shape, fixed) ? undefined : wrong(`operands must have one shape, got ${describe(a)} and ${describe(b)}`);
}

export const isNumber = (dtype: DType): boolean => dtype !== 'bool';

/** The dtype that holds values of both; `undefined` where a condition meets a number. */
export function joined(a: DType, b: DType): DType | undefined {
  if (a === b) return a;
  return isNumber(a) && isNumber(b) ? 'real' : undefined;
}

export const needs = (name: keyof Attributes): { readonly wrong: string } => wrong(`needs the attribute '${name}'`);

/** What is wrong with an axis of a tensor of this rank, or `undefined`. */
export const badAxis = (axis: number, rank: number): { readonly wrong: string } | undefined =>
  Number.isInteger(axis) && axis >= 0 && axis < rank ? undefined : wrong(`has no axis ${axis} (rank ${rank})`);

/** What is wrong with a set of axes, or `undefined`; each at most once. */
export function badAxes(axes: readonly number[], rank: number): { readonly wrong: string } | undefined {
  for (const axis of axes) {
    const bad = badAxis(axis, rank);
    if (bad !== undefined) return bad;
  }
  return new Set(axes).size === axes.length ? undefined : wrong(`names an axis twice: [${axes.join(', ')}]`);
}

/** Whether `a ≤ b` is known to be false. */
export function surelyExceeds(a: Dim, b: Dim, fixed: Sizes): boolean {
  const x = evaluate(a, fixed);
  const y = evaluate(b, fixed);
  return x !== undefined && y !== undefined && x > y;
}

// ---- access to a node that the shape rule has accepted -----------------------------------------------------------------

export function operand(node: Node, index: number): Value {
  const value = node.inputs[index];
  if (value === undefined) throw new InternalError('ops', `${node.op} has no operand ${index}`);
  return value;
}

export function result(node: Node): Value {
  const [value] = node.outputs;
  if (value === undefined) throw new InternalError('ops', `${node.op} has no result`);
  return value;
}

export function attribute<Key extends keyof Attributes>(node: Node, key: Key): NonNullable<Attributes[Key]> {
  const value = node.attributes[key];
  if (value === undefined) throw new InternalError('ops', `${node.op} has no attribute ${key}`);
  return value;
}

export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new InternalError('ops', `position ${index} of ${list.length}`);
  return item;
}

// ---- costs ----------------------------------------------------------------------------------------------------------------

/** Numbers read and written by a node. */
export const moved = (node: Node): Dim => add(...[...node.inputs, ...node.outputs].map((v) => size(v.type.shape)), number(0));

/** `perElement` operations for each element of the result. */
export const costPerElement =
  (perElement: number) =>
  (node: Node): Cost => ({ flops: scale(size(result(node).type.shape), perElement), moved: moved(node) });

/** `perElement` operations for each element of the first operand. */
export const costPerOperandElement =
  (perElement: number) =>
  (node: Node): Cost => ({ flops: scale(size(operand(node, 0).type.shape), perElement), moved: moved(node) });

// ---- axes -------------------------------------------------------------------------------------------------------------------

export const range = (length: number, start = 0): number[] => Array.from({ length }, (_, i) => start + i);
export const shifted = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1);
export const isIdentity = (axes: readonly number[]): boolean => axes.every((axis, i) => axis === i);

/** `transpose`, or the value itself where nothing would move. */
export const permuted = (b: Builder, value: Value, axes: readonly number[]): Value => (isIdentity(axes) ? value : b.transpose(value, axes));

/** Moves one axis of a value; the others keep their order. */
export function moveAxis(b: Builder, value: Value, from: number, to: number): Value {
  const axes = range(value.type.shape.length).filter((axis) => axis !== from);
  axes.splice(to, 0, from);
  return permuted(b, value, axes);
}

/** The same value at each position of a new leading axis. */
export const repeated = (b: Builder, value: Value, length: Dim): Value =>
  b.broadcast(value, [length, ...value.type.shape], range(value.type.shape.length, 1));

/** A dim's size as an int scalar, for arithmetic with positions. */
export function intSize(b: Builder, dim: Dim): Value {
  const known = literal(dim) ?? evaluate(dim, b.fixed);
  return known === undefined ? b.one('dim_size', [], { dim, dtype: 'int' }) : b.integer(known);
}

/** An int tensor of `shape` that holds each position's index along `axis`. */
export const positions = (b: Builder, shape: Shape, axis: number): Value => b.broadcast(b.iota(at(shape, axis)), shape, [axis]);

export const withoutOperands: Derivative = { kind: 'zero', because: 'it has no operands' };

/** Of ops that work along one axis: the same to each member of a set, unless that is where the members are. */
export const unlessAlong: NonNullable<OpRow['ofMembers']> = (node, isMember) =>
  isMember(at(operand(node, 0).type.shape, attribute(node, 'axis'))) ? undefined : 'each';

/** Of sums over `axes` of the first operand: a sum over the members of a set that stands there. */
export const summedOver =
  (axes: (node: Node) => readonly number[]): NonNullable<OpRow['ofMembers']> =>
  (node, isMember) =>
    axes(node).some((axis) => isMember(at(operand(node, 0).type.shape, axis))) ? 'sum' : 'each';

/** A leaf holds the same at each position of a batch. */
export const batchLeaf: OpRow['batch'] = (b, node, _operands, _batched, length) => node.outputs.map((value) => repeated(b, value, length));

/** Positions along an axis of what is there as a whole. */
export const gathered: NonNullable<OpRow['pick']> = (b, node, positions, axis) => b.gather(result(node), positions, axis);

/** Follows an axis through an op that works along the axis of its attribute alone, and leaves the others where they are. */
export const followBeside: NonNullable<OpRow['follow']> = (node, _operand, axis) => (axis === attribute(node, 'axis') ? undefined : axis);
