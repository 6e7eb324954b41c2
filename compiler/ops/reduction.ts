/** Rows of the reductions. */
import type { Shape } from '../ir/dims.ts';
import type { Builder } from '../ir/builder.ts';
import type { Node, Value } from '../ir/graph.ts';
import { maxAxis, reduceAxes, sumAxis } from './arrays.ts';
import { largestFacts, passFacts } from './facts.ts';
import { sumMatrix, withMatrix } from './matrix-facts.ts';
import type { OpName } from '../../plan/op-names.ts';
import { moved, sizeOfAxes, totalRadius } from './radius.ts';
import {
  at,
  attribute,
  badAxes,
  costPerOperandElement,
  describe,
  isNumber,
  needs,
  operand,
  range,
  result,
  shifted,
  summedOver,
  unary,
  wrong,
} from './rules.ts';
import type { Facts, OpRow } from './spec.ts';

type Reduction = Extract<OpName, 'reduce_sum' | 'reduce_max'>;

const kept = (shape: Shape, axes: readonly number[]): readonly number[] => range(shape.length).filter((i) => !axes.includes(i));

const reducedShape = (shape: Shape, axes: readonly number[]): Shape => kept(shape, axes).map((i) => at(shape, i));

/** A reduced value, back on the shape it came from. */
const spreadBack = (b: Builder, v: Value, shape: Shape, axes: readonly number[]): Value => b.broadcast(v, shape, kept(shape, axes));

const shapeRule: OpRow['shape'] = unary((a, { axes }) => {
  if (axes === undefined) return needs('axes');
  if (!isNumber(a.dtype)) return wrong(`reduces numbers, got ${describe(a)}`);
  return badAxes(axes, a.shape.length) ?? [{ dtype: a.dtype, shape: reducedShape(a.shape, axes) }];
});

const batchRule =
  (op: Reduction): OpRow['batch'] =>
  (b, node, operands) => [b.one(op, [at(operands, 0)], { axes: shifted(attribute(node, 'axes')) })];

const follow: OpRow['follow'] = (node, _operand, axis) => {
  const at = kept(operand(node, 0).type.shape, attribute(node, 'axes')).indexOf(axis);
  return at < 0 ? undefined : at;
};

/** 1/k at each of the k largest elements, 0 elsewhere: ties share equally. */
function shares(b: Builder, node: Node): Value {
  const a = operand(node, 0);
  const axes = attribute(node, 'axes');
  const shape = a.type.shape;
  const largest = b.equal(a, spreadBack(b, result(node), shape, axes));
  const hits = b.select(largest, b.full(shape, 1), b.full(shape, 0));
  return b.div(hits, spreadBack(b, b.sum(hits, axes), shape, axes));
}

export const reductionRows: Readonly<Record<Reduction, OpRow>> = {
  reduce_sum: {
    shape: shapeRule,
    derivative: { kind: 'linear', transpose: (b, node, ct) => [spreadBack(b, ct, operand(node, 0).type.shape, attribute(node, 'axes'))] },
    batch: batchRule('reduce_sum'),
    follow,
    ofMembers: summedOver((node) => attribute(node, 'axes')),
    facts: withMatrix(passFacts, sumMatrix),
    radius: (b, node, [r]) => {
      const a = operand(node, 0);
      const axes = attribute(node, 'axes');
      return totalRadius(b, sizeOfAxes(a.type.shape, axes), a, r, (v) => b.sum(v, axes));
    },
    cost: costPerOperandElement(1),
    reference: (node, operands) => [reduceAxes(at(operands, 0), attribute(node, 'axes'), sumAxis)],
  },
  reduce_max: {
    kinked: true,
    shape: shapeRule,
    derivative: {
      kind: 'custom',
      jvp: (b, node, [t]) => (t === undefined ? [undefined] : [b.sum(b.mul(shares(b, node), t), attribute(node, 'axes'))]),
    },
    batch: batchRule('reduce_max'),
    // The largest of several moves no farther than the one that moves farthest.
    radius: moved(),
    follow,
    ofMembers: () => 'each',
    facts: (_node: Node, [a]: readonly Facts[]) => largestFacts(a === undefined ? [] : [a]),
    cost: costPerOperandElement(1),
    reference: (node, operands) => [reduceAxes(at(operands, 0), attribute(node, 'axes'), maxAxis)],
  },
};
