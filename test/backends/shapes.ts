/** Values that a backend has to make in parts: of more axes than its kernels take, and sums of more terms than float32 adds up in one run. */
import { Builder } from '../../compiler/ir/builder.ts';
import { number } from '../../compiler/ir/dims.ts';
import type { DType, Tensor, Value } from '../../compiler/ir/graph.ts';
import { prepare } from '../../compiler/ir/interpret.ts';
import type { Subject } from '../ops/agreement.ts';
import { fusedExamples } from './fused.ts';

export interface Example {
  readonly operands: readonly (readonly number[])[];
  /** Of the operands from here on: positions in an axis of three. */
  readonly positions?: number;
  readonly make: (b: Builder, x: Value, y: Value) => Value;
}

const dims = (...sizes: readonly number[]) => sizes.map(number);
const wide = [2, 3, 1, 2, 3, 2, 2] as const;

export const examples: Readonly<Record<string, Example>> = {
  'a transposition of six axes': { operands: [[2, 3, 4, 2, 3, 2]], make: (b, x) => b.transpose(x, [5, 3, 1, 0, 4, 2]) },
  'a transposition of seven axes of which neighbours stay together': {
    operands: [wide],
    make: (b, x) => b.transpose(x, [4, 5, 6, 0, 1, 2, 3]),
  },
  'a pointwise op of seven axes': { operands: [wide, wide], make: (b, x, y) => b.sub(x, b.unary('exp', y)) },
  'one that repeats every other axis': {
    operands: [
      [2, 3, 2],
      [3, 2, 2],
    ],
    make: (b, x, y) => {
      const shape = dims(2, 3, 3, 2, 2, 2);
      return b.div(b.broadcast(x, shape, [0, 2, 4]), b.broadcast(y, shape, [1, 3, 5]));
    },
  },
  'a slice, a pad, a join and a reversal of six axes': {
    operands: [[2, 1, 4, 2, 1, 3]],
    make: (b, x) => {
      const part = b.slice(x, 2, number(1), number(2));
      const padded = b.one('pad', [part], { axis: 3, start: number(1), length: number(4) });
      return b.one('reverse', [b.concat([padded, padded], 5)], { axes: [2, 5] });
    },
  },
  'sums and maxima over axes that are apart': {
    operands: [[3, 2, 4, 3, 2]],
    make: (b, x) => b.add(b.sum(x, [0, 2, 4]), b.one('reduce_max', [x], { axes: [0, 2, 4] })),
  },
  'positions in the middle of six axes': { operands: [[2, 2, 3, 2, 1, 2], [4]], positions: 1, make: (b, x, at) => b.gather(x, at, 2) },
  'a sum of a hundred thousand terms': { operands: [[100_003]], make: (b, x) => b.sum(x, [0]) },
  'a product over forty thousand, stored either way': {
    operands: [
      [40_009, 3],
      [3, 40_009],
    ],
    make: (b, x, y) => b.one('dot_general', [x, y], { contract: [[0], [1]], batch: [[], []] }),
  },
  'an inner product of forty thousand': { operands: [[40_000], [40_000]], make: (b, x, y) => b.inner(x, y) },
  ...fusedExamples,
};

/** The largest error, relative to the largest number that is expected. */
export async function exampleError({ operands, positions = operands.length, make }: Example, subject: Subject): Promise<number> {
  const b = new Builder();
  const dtype = (i: number): DType => (i < positions ? 'real' : 'int');
  const inputs = operands.map((shape, i) => b.input(`x${i}`, 'data', { dtype: dtype(i), shape: shape.map(number) }));
  const [x, y] = inputs as [Value, Value];
  const graph = b.graph('example', inputs, [make(b, x, y)]);
  const tensors = operands.map((shape, i): Tensor => {
    const length = shape.reduce((p, q) => p * q, 1);
    // All of one sign and not far from 0.1: what is lost of each adds up.
    return { shape, data: Float64Array.from({ length }, (_, k) => (i < positions ? Math.fround(0.1 + 0.01 * Math.sin(k + i)) : k % 3)) };
  });
  const [expected] = prepare(graph, new Map())(tensors);
  const [found] = await subject.compile(graph)(tensors, new Map());
  if (found === undefined || expected === undefined || found.shape.join() !== expected.shape.join()) return Infinity;
  const largest = expected.data.reduce((most, e) => Math.max(most, Math.abs(e)), 0);
  return expected.data.reduce((worst, e, i) => Math.max(worst, Math.abs(e - (found.data[i] ?? Number.NaN)) / largest), 0);
}
