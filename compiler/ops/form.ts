/** Rows of the ops that only move elements. All are linear; their facts are their operands’. */
import { add, isOne, number, equalDim, sameDim, sameSize, size, zero, type Dim, type Shape } from '../ir/dims.ts';
import type { Builder } from '../ir/builder.ts';
import type { Node, Tensor, Value } from '../ir/graph.ts';
import { elements, stridedCopy, stridesOf, transposed, aroundAxis } from './arrays.ts';
import { joinFacts, passFacts } from './facts.ts';
import { transposeMatrix, withMatrix } from './matrix-facts.ts';
import type { OpName } from '../../plan/op-names.ts';
import { moved as movedRadius } from './radius.ts';
import {
  at,
  attribute,
  badAxes,
  badAxis,
  describe,
  followBeside,
  moved,
  needs,
  operand,
  range,
  repeated,
  shifted,
  surelyExceeds,
  unary,
  unlessAlong,
  wrong,
} from './rules.ts';
import type { Cost, InterpretContext, OpRow, Tangent } from './spec.ts';

type Form = Extract<OpName, 'broadcast_in_dim' | 'reshape' | 'transpose' | 'slice' | 'pad' | 'concat' | 'reverse'>;

const free = (node: Node): Cost => ({ flops: number(0), moved: moved(node) });

const replaced = (shape: Shape, axis: number, dim: Dim): Shape => shape.map((d, i) => (i === axis ? dim : d));

const first = (tensors: readonly Tensor[]): Tensor => at(tensors, 0);

/** Operand axes that a broadcast stretches from 1. */
const stretched = (from: Shape, to: Shape, axes: readonly number[]): readonly number[] =>
  range(from.length).filter((i) => isOne(at(from, i)) && !isOne(at(to, at(axes, i))));

/** Sums what a broadcast had spread: over the axes that were not there, and over stretched ones, which stay with size 1. */
function broadcastTranspose(b: Builder, node: Node, ct: Value): readonly Tangent[] {
  const from = operand(node, 0);
  const axes = attribute(node, 'axes');
  const kept = axes.filter((_, i) => !stretched(from.type.shape, ct.type.shape, axes).includes(i));
  const summed = b.sum(
    ct,
    range(ct.type.shape.length).filter((a) => !kept.includes(a)),
  );
  // Axes are placed in increasing order by everything that makes broadcasts; otherwise they are put back in the operand's.
  const order = [...kept].sort((x, y) => x - y);
  const back = kept.map((a) => order.indexOf(a));
  return [b.reshape(b.transpose(summed, back), from.type.shape)];
}

/** Positions of a block inside a tensor along one axis, for `slice` and `pad`. */
function copyBlock(source: Tensor, axis: number, start: number, length: number): Float64Array {
  const { outer, length: whole, inner } = aroundAxis(source.shape, axis);
  if (outer === 1) return source.data.slice(start * inner, (start + length) * inner);
  const out = new Float64Array(outer * length * inner);
  for (let o = 0; o < outer; o++)
    out.set(source.data.subarray((o * whole + start) * inner, (o * whole + start + length) * inner), o * length * inner);
  return out;
}

function pasteBlock(source: Tensor, shape: readonly number[], axis: number, start: number): Float64Array {
  const { outer, length: whole, inner } = aroundAxis(shape, axis);
  const length = at(source.shape, axis);
  const out = new Float64Array(elements(shape));
  for (let o = 0; o < outer; o++) out.set(source.data.subarray(o * length * inner, (o + 1) * length * inner), (o * whole + start) * inner);
  return out;
}

const sizesOf = (shape: Shape, context: InterpretContext): number[] => shape.map((d) => context.size(d));

export const formRows: Readonly<Record<Form, OpRow>> = {
  broadcast_in_dim: {
    shape: unary((a, { shape, axes }, fixed) => {
      if (shape === undefined || axes === undefined) return needs(shape === undefined ? 'shape' : 'axes');
      if (axes.length !== a.shape.length) return wrong(`places ${axes.length} axes of ${describe(a)}`);
      const bad = badAxes(axes, shape.length);
      if (bad !== undefined) return bad;
      const misfit = a.shape.find((d, i) => !isOne(d) && !equalDim(d, at(shape, at(axes, i)), fixed));
      return misfit === undefined ? [{ dtype: a.dtype, shape }] : wrong(`cannot spread ${misfit.key} of ${describe(a)}`);
    }),
    derivative: { kind: 'linear', transpose: broadcastTranspose },
    ofMembers: () => 'each',
    batch: (b, node, operands, _batched, length) => [
      b.broadcast(at(operands, 0), [length, ...attribute(node, 'shape')], [0, ...shifted(attribute(node, 'axes'))]),
    ],
    // An axis that is stretched has one position, which goes everywhere.
    follow: (node, _operand, axis) => {
      const place = at(attribute(node, 'axes'), axis);
      const from = at(operand(node, 0).type.shape, axis);
      return isOne(from) && !isOne(at(attribute(node, 'shape'), place)) ? undefined : place;
    },
    facts: passFacts,
    radius: movedRadius(),
    cost: free,
    reference: (node, operands, context) => {
      const a = first(operands);
      const shape = sizesOf(attribute(node, 'shape'), context);
      const axes = attribute(node, 'axes');
      if (a.data.length === 1) return [{ shape, data: new Float64Array(elements(shape)).fill(a.data[0] as number) }];
      const own = stridesOf(a.shape);
      const strides = shape.map(() => 0);
      axes.forEach((axis, i) => (strides[axis] = at(a.shape, i) === 1 ? 0 : at(own, i)));
      return [{ shape, data: stridedCopy(a.data, shape, strides) }];
    },
  },

  reshape: {
    shape: unary((a, { shape }, fixed) => {
      if (shape === undefined) return needs('shape');
      return sameSize(a.shape, shape, fixed)
        ? [{ dtype: a.dtype, shape }]
        : wrong(`${describe(a)} does not have ${size(shape).key} elements`);
    }),
    derivative: { kind: 'linear', transpose: (b, node, ct) => [b.reshape(ct, operand(node, 0).type.shape)] },
    // Where as many elements stand before them, what belongs to a member stays together.
    ofMembers: (node, isMember) => {
      const before = (shape: Shape): string => size(shape.slice(0, shape.findIndex(isMember))).key;
      return before(operand(node, 0).type.shape) === before(attribute(node, 'shape')) ? 'each' : undefined;
    },
    batch: (b, node, operands, _batched, length) => [b.reshape(at(operands, 0), [length, ...attribute(node, 'shape')])],
    // The same dim behind as many elements.
    follow: (node, _operand, axis) => {
      const from = operand(node, 0).type.shape;
      const to = attribute(node, 'shape');
      const before = size(from.slice(0, axis)).key;
      const found = range(to.length).find((i) => size(to.slice(0, i)).key === before && sameDim(at(to, i), at(from, axis), new Map()));
      return found;
    },
    facts: passFacts,
    radius: movedRadius(),
    cost: () => ({ flops: number(0), moved: number(0) }),
    reference: (node, operands, context) => [{ shape: sizesOf(attribute(node, 'shape'), context), data: first(operands).data }],
  },

  transpose: {
    shape: unary((a, { axes }) => {
      if (axes === undefined) return needs('axes');
      if (axes.length !== a.shape.length) return wrong(`permutes ${axes.length} axes of ${describe(a)}`);
      return badAxes(axes, a.shape.length) ?? [{ dtype: a.dtype, shape: axes.map((axis) => at(a.shape, axis)) }];
    }),
    derivative: {
      kind: 'linear',
      transpose: (b, node, ct) => {
        const axes = attribute(node, 'axes');
        return [
          b.transpose(
            ct,
            range(axes.length).map((i) => axes.indexOf(i)),
          ),
        ];
      },
    },
    batch: (b, node, operands) => [b.transpose(at(operands, 0), [0, ...shifted(attribute(node, 'axes'))])],
    follow: (node, _operand, axis) => attribute(node, 'axes').indexOf(axis),
    ofMembers: () => 'each',
    facts: withMatrix(passFacts, transposeMatrix),
    radius: movedRadius(),
    cost: free,
    reference: (node, operands) => [transposed(first(operands), attribute(node, 'axes'))],
  },

  slice: {
    shape: unary((a, { axis, start, length }, fixed) => {
      if (axis === undefined || start === undefined || length === undefined)
        return needs(axis === undefined ? 'axis' : start === undefined ? 'start' : 'length');
      const bad = badAxis(axis, a.shape.length);
      if (bad !== undefined) return bad;
      if (surelyExceeds(add(start, length), at(a.shape, axis), fixed))
        return wrong(`${start.key} + ${length.key} is beyond ${describe(a)}`);
      return [{ dtype: a.dtype, shape: replaced(a.shape, axis, length) }];
    }),
    derivative: {
      kind: 'linear',
      transpose: (b, node, ct) => {
        const axis = attribute(node, 'axis');
        return [b.one('pad', [ct], { axis, start: attribute(node, 'start'), length: at(operand(node, 0).type.shape, axis) })];
      },
    },
    ofMembers: unlessAlong,
    batch: (b, node, operands) => [
      b.slice(at(operands, 0), attribute(node, 'axis') + 1, attribute(node, 'start'), attribute(node, 'length')),
    ],
    follow: followBeside,
    facts: passFacts,
    radius: movedRadius(),
    cost: free,
    reference: (node, operands, context) => {
      const a = first(operands);
      const axis = attribute(node, 'axis');
      const length = context.size(attribute(node, 'length'));
      return [
        {
          shape: a.shape.map((d, i) => (i === axis ? length : d)),
          data: copyBlock(a, axis, context.size(attribute(node, 'start')), length),
        },
      ];
    },
  },

  pad: {
    shape: unary((a, { axis, start, length }, fixed) => {
      if (axis === undefined || start === undefined || length === undefined)
        return needs(axis === undefined ? 'axis' : start === undefined ? 'start' : 'length');
      const bad = badAxis(axis, a.shape.length);
      if (bad !== undefined) return bad;
      if (a.dtype === 'bool') return wrong('pads numbers with zeros');
      if (surelyExceeds(add(start, at(a.shape, axis)), length, fixed))
        return wrong(`${describe(a)} from ${start.key} is beyond ${length.key}`);
      return [{ dtype: a.dtype, shape: replaced(a.shape, axis, length) }];
    }),
    derivative: {
      kind: 'linear',
      transpose: (b, node, ct) => {
        const axis = attribute(node, 'axis');
        return [b.slice(ct, axis, attribute(node, 'start'), at(operand(node, 0).type.shape, axis))];
      },
    },
    ofMembers: unlessAlong,
    batch: (b, node, operands) => [
      b.one('pad', [at(operands, 0)], {
        axis: attribute(node, 'axis') + 1,
        start: attribute(node, 'start'),
        length: attribute(node, 'length'),
      }),
    ],
    follow: followBeside,
    facts: (_node, [a]) =>
      joinFacts([a ?? { degree: 0, curvature: 'constant', sign: 'unknown' }, { degree: 0, curvature: 'constant', sign: 'zero' }]),
    radius: movedRadius(),
    cost: free,
    reference: (node, operands, context) => {
      const a = first(operands);
      const axis = attribute(node, 'axis');
      const length = context.size(attribute(node, 'length'));
      const shape = a.shape.map((d, i) => (i === axis ? length : d));
      return [{ shape, data: pasteBlock(a, shape, axis, context.size(attribute(node, 'start'))) }];
    },
  },

  concat: {
    shape: (inputs, { axis }, fixed) => {
      const [a] = inputs;
      if (a === undefined) return wrong('takes at least one operand');
      if (axis === undefined) return needs('axis');
      const bad = badAxis(axis, a.shape.length);
      if (bad !== undefined) return bad;
      for (const other of inputs) {
        const fits =
          other.dtype === a.dtype &&
          other.shape.length === a.shape.length &&
          other.shape.every((d, i) => i === axis || equalDim(d, at(a.shape, i), fixed));
        if (!fits) return wrong(`cannot join ${describe(a)} and ${describe(other)} along axis ${axis}`);
      }
      return [{ dtype: a.dtype, shape: replaced(a.shape, axis, add(zero, ...inputs.map((t) => at(t.shape, axis)))) }];
    },
    derivative: {
      kind: 'linear',
      transpose: (b, node, ct) => {
        const axis = attribute(node, 'axis');
        let offset = zero;
        return node.inputs.map((v) => {
          const length = at(v.type.shape, axis);
          const start = offset;
          offset = add(offset, length);
          return b.slice(ct, axis, start, length);
        });
      },
    },
    ofMembers: unlessAlong,
    batch: (b, node, operands, batched, length) => [
      b.concat(
        operands.map((v, i) => (batched[i] === true ? v : repeated(b, v, length))),
        attribute(node, 'axis') + 1,
      ),
    ],
    follow: followBeside,
    facts: (_node, operands) => joinFacts(operands),
    radius: movedRadius(),
    cost: free,
    reference: (node, operands) => {
      const axis = attribute(node, 'axis');
      const a = first(operands);
      const shape = a.shape.map((d, i) => (i === axis ? operands.reduce((sum, t) => sum + at(t.shape, axis), 0) : d));
      const { outer, inner, length: whole } = aroundAxis(shape, axis);
      const data = new Float64Array(elements(shape));
      let offset = 0;
      for (const t of operands) {
        const rows = at(t.shape, axis) * inner;
        for (let o = 0; o < outer; o++) data.set(t.data.subarray(o * rows, (o + 1) * rows), o * whole * inner + offset);
        offset += rows;
      }
      return [{ shape, data }];
    },
  },

  reverse: {
    shape: unary((a, { axes }) => (axes === undefined ? needs('axes') : (badAxes(axes, a.shape.length) ?? [a]))),
    derivative: { kind: 'linear', transpose: (b, node, ct) => [b.one('reverse', [ct], node.attributes)] },
    ofMembers: (node, isMember) =>
      attribute(node, 'axes').some((axis) => isMember(at(operand(node, 0).type.shape, axis))) ? undefined : 'each',
    batch: (b, node, operands) => [b.one('reverse', [at(operands, 0)], { axes: shifted(attribute(node, 'axes')) })],
    facts: passFacts,
    radius: movedRadius(),
    cost: free,
    reference: (node, operands) => {
      const a = first(operands);
      const axes = attribute(node, 'axes');
      const strides = stridesOf(a.shape);
      const offset = axes.reduce((sum, axis) => sum + Math.max(0, at(a.shape, axis) - 1) * at(strides, axis), 0);
      return [
        {
          shape: a.shape,
          data: stridedCopy(
            a.data,
            a.shape,
            strides.map((s, i) => (axes.includes(i) ? -s : s)),
            offset,
          ),
        },
      ];
    },
  },
};
