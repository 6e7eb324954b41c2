/** Values whose ops a device may put into one kernel or two: what stands before a sum and behind it, long sums, pieces side by side, many operands, no elements. */
import type { Builder } from '../../compiler/ir/builder.ts';
import { number } from '../../compiler/ir/dims.ts';
import type { Value } from '../../compiler/ir/graph.ts';
import type { Example } from './shapes.ts';

const dims = (...sizes: readonly number[]) => sizes.map(number);

/** 2 where it is infinite, 3 where it is not a number. */
function told(b: Builder, x: Value): Value {
  const { shape } = x.type;
  return b.select(b.equal(x, x), b.select(b.isFinite(x), x, b.full(shape, 2)), b.full(shape, 3));
}

/** Tensors of their own, whatever is fused: running sums are no terms. */
const several = (b: Builder, x: Value, count: number): readonly Value[] =>
  Array.from({ length: count }, (_, i) => b.one('cumsum', [b.scale(x, 1 + i / 8)], { axis: 0, reversed: i % 2 === 1 }));

export const fusedExamples: Readonly<Record<string, Example>> = {
  'a sum with what stands before it and behind': {
    operands: [[37, 5], [5]],
    make: (b, x, y) => b.unary('tanh', b.div(b.sum(b.mul(b.unary('exp', x), b.broadcast(y, dims(37, 5), [1])), [0]), y)),
  },
  'a product with what stands before it and behind': {
    operands: [
      [33, 7],
      [7, 9],
    ],
    make: (b, x, y) => b.unary('sigmoid', b.scale(b.matmul(b.unary('log', x), b.unary('expm1', y)), 0.1)),
  },
  'a product of large matrices, with sums over it': {
    operands: [
      [200, 131],
      [131, 170],
    ],
    make: (b, x, y) => b.sum(b.unary('sqrt', b.matmul(x, b.mul(y, y))), [1]),
  },
  'long sums, and maxima beside them': {
    operands: [[3, 2001], [3]],
    make: (b, x, y) => b.add(b.div(b.sum(b.unary('sigmoid', x), [1]), y), b.mul(b.max(x, [1]), y)),
  },
  'long sums over the first axis': {
    operands: [[1537, 4], [1537]],
    make: (b, x, y) => b.add(b.matmul(y, b.unary('softplus', x)), b.sum(x, [0])),
  },
  'a sum over pieces side by side': {
    operands: [[5], [4]],
    make: (b, x, y) => {
      const beside = b.concat([b.unary('exp', y), x, y], 0);
      const padded = b.one('pad', [x], { axis: 0, start: number(3), length: number(13) });
      return b.add(b.inner(beside, padded), b.sum(b.one('reverse', [padded], { axes: [0] })));
    },
  },
  'more operands than a kernel may read': {
    operands: [[11], [11]],
    make: (b, x, y) => {
      const many = several(b, x, 20);
      return b.concat([many.reduce((sum, own) => b.add(sum, b.mul(own, y))), ...many], 0);
    },
  },
  'a long sum of as many as a kernel may read': {
    operands: [[1301], [1301]],
    make: (b, x, y) => b.sum(several(b, x, 8).reduce((sum, own) => b.add(b.scale(sum, 0.5), own), y)),
  },
  'what is infinite or no number, through sums and maxima': {
    operands: [[3, 601], [601]],
    make: (b, x, y) => {
      const infinite = b.unary('exp', b.scale(x, 1e4));
      const none = b.sub(infinite, b.unary('exp', b.scale(x, 2e4)));
      const row = (of: Value): Value => b.slice(of, 0, number(1), number(1));
      const mixed = b.concat([x, row(none), row(infinite), b.reshape(y, dims(1, 601)), row(b.neg(infinite))], 0);
      return b.concat([told(b, b.max(mixed, [1])), told(b, b.sum(mixed, [1])), told(b, b.max(mixed, [0]))], 0);
    },
  },
  'sums of nothing': { operands: [[0, 3], [3]], make: (b, x, y) => b.add(b.sum(b.unary('exp', x), [0]), b.unary('exp', y)) },
  'one element': { operands: [[1, 1], [1]], make: (b, x, y) => b.unary('exp', b.add(b.sum(b.mul(x, x), [0]), y)) },
};
