/** Rows of the ops that pick and place elements by index, and of running sums. */
import { multiply, number, equalDim, size, type Dim } from '../ir/dims.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Node, Tensor, Value } from '../ir/graph.ts';
import { aroundAxis, elements } from './arrays.ts';
import { opaque, passFacts } from './facts.ts';
import { gatherMatrix, withMatrix } from './matrix-facts.ts';
import type { OpName } from '../../plan/op-names.ts';
import { jumping, moved as movedRadius, totalRadius, unlessDoubted, type RadiusRule } from './radius.ts';
import {
  at,
  attribute,
  badAxis,
  binary,
  costPerElement,
  costPerOperandElement,
  describe,
  followBeside,
  intSize,
  isNumber,
  moveAxis,
  moved,
  needs,
  operand,
  positions,
  range,
  repeated,
  unary,
  unlessAlong,
  wrong,
} from './rules.ts';
import type { OpRow } from './spec.ts';

type Position = Extract<OpName, 'gather' | 'scatter_add' | 'argmax' | 'argsort' | 'cumsum'>;

const two = (operands: readonly Tensor[]): readonly [Tensor, Tensor] => [at(operands, 0), at(operands, 1)];

/**
 * Both operands batched: the batch axis is folded into the indexed one, and every index is moved by its batch's offset.
 * `length` along the folded axis is how many positions there are in each batch; a position outside of its own batch becomes −1,
 * so that it stays outside.
 */
function offsets(b: Builder, indices: Value, length: Dim): Value {
  const shape = indices.type.shape;
  const size = b.broadcast(intSize(b, length), shape, []);
  const moved = b.add(indices, b.mul(positions(b, shape, 0), size));
  const inside = b.and(b.lessEqual(b.integer(0), indices), b.less(indices, size));
  return b.select(inside, moved, b.integer(-1));
}

/** At most all updates meet in one place. */
const scatterRadius: RadiusRule = (b, node, [r, placed]) => {
  const [updates, indices] = [operand(node, 0), operand(node, 1)];
  const scatter = (v: Value): Value => b.one('scatter_add', [v, indices], node.attributes);
  const radius = totalRadius(b, size(indices.type.shape), updates, r, scatter);
  return unlessDoubted(b, [placed], given(radius));
};

const cumulatedRadius: RadiusRule = (b, node, [r]) => {
  const a = operand(node, 0);
  return totalRadius(b, at(a.type.shape, attribute(node, 'axis')), a, r, (v) => b.one('cumsum', [v], node.attributes));
};

/** For each element of a list of a thousand. */
const COMPARISONS = 10;

/** In ascending order, what is not a number last. */
function ascending(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return x < y ? -1 : Number(x > y);
}

export const positionRows: Readonly<Record<Position, OpRow>> = {
  gather: {
    shape: binary((a, indices, { axis }) => {
      if (axis === undefined) return needs('axis');
      const bad = badAxis(axis, a.shape.length);
      if (bad !== undefined) return bad;
      if (indices.dtype !== 'int') return wrong(`picks by int positions, got ${describe(indices)}`);
      return [{ dtype: a.dtype, shape: [...a.shape.slice(0, axis), ...indices.shape, ...a.shape.slice(axis + 1)] }];
    }),
    derivative: {
      kind: 'multilinear',
      in: [0],
      transpose: (b, node, _i, ct) => {
        const axis = attribute(node, 'axis');
        return b.one('scatter_add', [ct, operand(node, 1)], { axis, length: at(operand(node, 0).type.shape, axis) });
      },
    },
    ofMembers: unlessAlong,
    batch: (b, node, [a, indices], [aWide, iWide], length) => {
      if (a === undefined || indices === undefined) return [];
      const axis = attribute(node, 'axis');
      if (iWide !== true) return [b.gather(a, indices, axis + 1)];
      if (aWide !== true) return [moveAxis(b, b.gather(a, indices, axis), axis, 0)];
      // [B, …, n, …] with the indexed axis behind the batch axis, both folded into one.
      const rank = a.type.shape.length;
      const front = moveAxis(b, a, axis + 1, 1);
      const [, n, ...rest] = front.type.shape;
      if (n === undefined) return [];
      const folded = b.one('reshape', [front], { shape: [multiply(length, n), ...rest] });
      const picked = b.gather(folded, offsets(b, indices, n), 0);
      // Result [B, indices…, rest…]; the indices go back to where the axis was.
      const width = indices.type.shape.length - 1;
      const order = [0, ...range(axis, 1 + width), ...range(width, 1), ...range(rank - 2 - axis, 1 + width + axis)];
      return [b.transpose(picked, order)];
    },
    facts: withMatrix(passFacts, gatherMatrix),
    radius: movedRadius((i) => i === 0),
    cost: (node) => ({ flops: number(0), moved: moved(node) }),
    // A position outside of the axis gives NaN, never a neighbour.
    reference: (node, operands) => {
      const [a, indices] = two(operands);
      const axis = attribute(node, 'axis');
      const { outer, length, inner } = aroundAxis(a.shape, axis);
      const count = indices.data.length;
      const data = new Float64Array(outer * count * inner);
      for (let o = 0; o < outer; o++) {
        for (let k = 0; k < count; k++) {
          const i = indices.data[k] as number;
          const to = (o * count + k) * inner;
          if (!(i >= 0 && i < length)) data.fill(Number.NaN, to, to + inner);
          else if (inner === 1) data[to] = a.data[o * length + i] as number;
          else data.set(a.data.subarray((o * length + i) * inner, (o * length + i + 1) * inner), to);
        }
      }
      return [{ shape: [...a.shape.slice(0, axis), ...indices.shape, ...a.shape.slice(axis + 1)], data }];
    },
  },

  scatter_add: {
    shape: binary((updates, indices, { axis, length }, fixed) => {
      if (axis === undefined || length === undefined) return needs(axis === undefined ? 'axis' : 'length');
      if (indices.dtype !== 'int') return wrong(`places by int positions, got ${describe(indices)}`);
      if (!isNumber(updates.dtype)) return wrong(`adds numbers, got ${describe(updates)}`);
      const rank = indices.shape.length;
      const fits = axis + rank <= updates.shape.length && indices.shape.every((d, i) => equalDim(d, at(updates.shape, axis + i), fixed));
      if (!fits) return wrong(`${describe(updates)} has no axes ${describe(indices)} from ${axis}`);
      return [{ dtype: updates.dtype, shape: [...updates.shape.slice(0, axis), length, ...updates.shape.slice(axis + rank)] }];
    }),
    derivative: { kind: 'multilinear', in: [0], transpose: (b, node, _i, ct) => b.gather(ct, operand(node, 1), attribute(node, 'axis')) },
    batch: (b, node, [updates, indices], [uWide, iWide], width) => {
      if (updates === undefined || indices === undefined) return [];
      const axis = attribute(node, 'axis');
      const length = attribute(node, 'length');
      if (iWide !== true) return [b.one('scatter_add', [updates, indices], { axis: axis + 1, length })];
      const wide = uWide === true ? updates : repeated(b, updates, width);
      // [B, head…, indices…, rest…] → [B, indices…, head…, rest…], scattered into [B·length, head…, rest…].
      const count = indices.type.shape.length - 1;
      const rank = wide.type.shape.length;
      const order = [0, ...range(count, 1 + axis), ...range(axis, 1), ...range(rank - 1 - axis - count, 1 + axis + count)];
      const placed = b.one('scatter_add', [b.transpose(wide, order), offsets(b, indices, length)], {
        axis: 0,
        length: multiply(width, length),
      });
      const [, ...rest] = placed.type.shape;
      const split = b.reshape(placed, [width, length, ...rest]);
      return [moveAxis(b, split, 1, axis + 1)];
    },
    facts: passFacts,
    radius: scatterRadius,
    cost: costPerOperandElement(1),
    // A position outside of the axis is dropped.
    reference: (node, operands, context) => {
      const [updates, indices] = two(operands);
      const axis = attribute(node, 'axis');
      const length = context.size(attribute(node, 'length'));
      const shape = [...updates.shape.slice(0, axis), length, ...updates.shape.slice(axis + indices.shape.length)];
      const { outer, inner } = aroundAxis(shape, axis);
      const count = indices.data.length;
      const data = new Float64Array(elements(shape));
      for (let o = 0; o < outer; o++) {
        for (let k = 0; k < count; k++) {
          const i = indices.data[k] as number;
          if (!(i >= 0 && i < length)) continue;
          const from = (o * count + k) * inner;
          const to = (o * length + i) * inner;
          for (let j = 0; j < inner; j++) data[to + j] = (data[to + j] as number) + (updates.data[from + j] as number);
        }
      }
      return [{ shape, data }];
    },
  },

  argmax: {
    shape: unary((a, { axis }) => {
      if (axis === undefined) return needs('axis');
      return badAxis(axis, a.shape.length) ?? [{ dtype: 'int', shape: a.shape.filter((_, i) => i !== axis) }];
    }),
    derivative: { kind: 'zero', because: 'a position does not change, but at a tie' },
    ofMembers: unlessAlong,
    batch: (b, node, operands) => [b.one('argmax', [at(operands, 0)], { axis: attribute(node, 'axis') + 1 })],
    facts: opaque('nonnegative'),
    radius: jumping,
    cost: costPerOperandElement(1),
    // The first of several equal ones.
    reference: (node, operands) => {
      const a = at(operands, 0);
      const axis = attribute(node, 'axis');
      const { outer, length, inner } = aroundAxis(a.shape, axis);
      const data = new Float64Array(outer * inner);
      for (let o = 0; o < outer; o++) {
        for (let j = 0; j < inner; j++) {
          let best = 0;
          for (let k = 1; k < length; k++)
            if ((a.data[(o * length + k) * inner + j] as number) > (a.data[(o * length + best) * inner + j] as number)) best = k;
          data[o * inner + j] = best;
        }
      }
      return [{ shape: a.shape.filter((_, i) => i !== axis), data }];
    },
  },

  argsort: {
    // What is picked by it changes its slope where two elements meet.
    kinked: true,
    shape: unary((a, { axis }) => {
      if (axis === undefined) return needs('axis');
      if (!isNumber(a.dtype)) return wrong(`orders numbers, got ${describe(a)}`);
      return badAxis(axis, a.shape.length) ?? [{ dtype: 'int', shape: a.shape }];
    }),
    derivative: { kind: 'zero', because: 'a position does not change, but at a tie' },
    ofMembers: unlessAlong,
    batch: (b, node, operands) => [b.one('argsort', [at(operands, 0)], { axis: attribute(node, 'axis') + 1 })],
    follow: followBeside,
    facts: opaque('nonnegative'),
    radius: jumping,
    cost: costPerElement(COMPARISONS),
    reference: (node, operands) => {
      const a = at(operands, 0);
      const { outer, length, inner } = aroundAxis(a.shape, attribute(node, 'axis'));
      const data = new Float64Array(a.data.length);
      for (let o = 0; o < outer; o++)
        for (let j = 0; j < inner; j++) {
          const place = (k: number): number => (o * length + k) * inner + j;
          const order = range(length).sort((k, l) => ascending(a.data[place(k)] as number, a.data[place(l)] as number));
          order.forEach((from, k) => (data[place(k)] = from));
        }
      return [{ shape: a.shape, data }];
    },
  },

  cumsum: {
    shape: unary((a, { axis }) => {
      if (axis === undefined) return needs('axis');
      return badAxis(axis, a.shape.length) ?? (isNumber(a.dtype) ? [a] : wrong(`adds numbers, got ${describe(a)}`));
    }),
    derivative: {
      kind: 'linear',
      transpose: (b, node, ct) => [b.one('cumsum', [ct], { axis: attribute(node, 'axis'), reversed: !isReversed(node) })],
    },
    ofMembers: unlessAlong,
    batch: (b, node, operands) => [b.one('cumsum', [at(operands, 0)], { axis: attribute(node, 'axis') + 1, reversed: isReversed(node) })],
    facts: passFacts,
    radius: cumulatedRadius,
    cost: costPerElement(1),
    reference: (node, operands) => {
      const a = at(operands, 0);
      const { outer, length, inner } = aroundAxis(a.shape, attribute(node, 'axis'));
      const data = new Float64Array(a.data.length);
      const backwards = isReversed(node);
      for (let o = 0; o < outer; o++) {
        for (let k = 0; k < length; k++) {
          const row = (o * length + (backwards ? length - 1 - k : k)) * inner;
          const before = backwards ? row + inner : row - inner;
          for (let j = 0; j < inner; j++) data[row + j] = (k === 0 ? 0 : (data[before + j] as number)) + (a.data[row + j] as number);
        }
      }
      return [{ shape: a.shape, data }];
    },
  },
};

function isReversed(node: Node): boolean {
  return node.attributes.reversed === true;
}
