/**
 * Instances of every op, for the tests that loop over the op table. An instance says what its operands are and, where a random
 * number in the row's domain will not do, how to make them. Operands are inputs, so that no rewrite rule folds them away.
 */
import { Builder } from '../../compiler/ir/builder.ts';
import { add, number, symbol, type Dim } from '../../compiler/ir/dims.ts';
import type { Attributes, DType, Tensor, TensorType, Value } from '../../compiler/ir/graph.ts';
import { iterate, scan } from '../../compiler/ir/loops.ts';
import type { OpName } from '../../plan/op-names.ts';

/** Uniform numbers in (0, 1). */
export type Random = () => number;

/** Makes an operand of a shape. */
export interface Fill {
  readonly make: (shape: readonly number[], random: Random) => Tensor;
  /** Where the numbers are drawn from, if each is drawn alone. */
  readonly interval?: readonly [number, number];
}

export interface Sample {
  readonly label: string;
  readonly operands: readonly TensorType[];
  readonly attributes: Attributes;
  /** By operand, where it is not drawn from the row's domain. */
  readonly fills?: Readonly<Record<number, Fill>>;
  /** Operands that are a number everywhere, known to the compiler. */
  readonly constants?: Readonly<Record<number, number>>;
  /** Operand 1 is operand 0 itself. */
  readonly same?: boolean;
  /** Why its derivative is not the limit of differences, where it is not. */
  readonly notDifferentiated?: string;
  /** Why its derivative is not looked at. */
  readonly valuesOnly?: string;
}

/** Sizes of the dims that instances are written in. */
export const sizes: ReadonlyMap<string, number> = new Map([
  ['n', 3],
  ['m', 2],
  ['k', 4],
  ['z', 0],
  ['B', 3],
]);

const [n, m, k, z] = [symbol('n'), symbol('m'), symbol('k'), symbol('z')];
const d = number;

const real = (...shape: readonly Dim[]): TensorType => ({ dtype: 'real', shape });
const int = (...shape: readonly Dim[]): TensorType => ({ dtype: 'int', shape });
const bool = (...shape: readonly Dim[]): TensorType => ({ dtype: 'bool', shape });
const typed = (dtype: DType, shape: readonly Dim[]): TensorType => ({ dtype, shape });

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const uniform = (low: number, high: number): Fill => ({
  interval: [low, high],
  make: (shape, random) => ({ shape, data: Float64Array.from({ length: elements(shape) }, () => low + (high - low) * random()) }),
});

/** Whole numbers from `low` to `high − 1`. */
export const whole = (low: number, high: number): Fill => ({
  make: (shape, random) => ({
    shape,
    data: Float64Array.from({ length: elements(shape) }, () => Math.floor(low + (high - low) * random())),
  }),
});

/** M Mᵀ + I over the last two axes. */
const positiveDefinite = (shape: readonly number[], random: Random): Tensor => {
  const size = shape[shape.length - 1] ?? 0;
  const data = new Float64Array(elements(shape));
  for (let from = 0; from < data.length; from += size * size) {
    // I + RRᵀ; of many rows, R has few columns: the test is of the op, not of this loop.
    const rank = Math.min(size, 40);
    const root = Array.from({ length: size * rank }, () => 2 * random() - 1);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let sum = i === j ? 1 : 0;
        for (let l = 0; l < rank; l++) sum += (root[i * rank + l] ?? 0) * (root[j * rank + l] ?? 0);
        data[from + i * size + j] = sum;
      }
    }
  }
  return { shape, data };
};

/** Any matrices with a diagonal away from 0: what is above it must not matter. */
const triangular = (shape: readonly number[], random: Random): Tensor => {
  const size = shape[shape.length - 1] ?? 0;
  const tensor = uniform(-1, 1).make(shape, random);
  tensor.data.forEach((value, at) => {
    if ((at % (size * size || 1)) % (size + 1) === 0) tensor.data[at] = Math.sign(value) * (1 + Math.abs(value));
  });
  return tensor;
};

/** Any matrices, far from singular, whose greatest elements are not on the diagonal. */
const regular = (shape: readonly number[], random: Random): Tensor => {
  const size = shape[shape.length - 1] ?? 0;
  const tensor = uniform(-1, 1).make(shape, random);
  tensor.data.forEach((value, at) => {
    const [row, column] = [Math.floor(at / size) % size, at % size];
    if ((row + 1) % size === column) tensor.data[at] = Math.sign(value) * (size + Math.abs(value));
  });
  return tensor;
};

/** Matrices that are not symmetric, but whose mean with their transpose is, with eigenvalues that lie apart. */
const apart = (shape: readonly number[], random: Random): Tensor => {
  const size = shape[shape.length - 1] ?? 0;
  const tensor = uniform(-0.4, 0.4).make(shape, random);
  tensor.data.forEach((value, at) => {
    const row = Math.floor(at / size) % size;
    if (row === at % size) tensor.data[at] = value + ((row * 7) % size) - 1;
  });
  return tensor;
};

// ---- elementwise ------------------------------------------------------------------------------------------------------

const shapes: readonly (readonly Dim[])[] = [[], [n], [d(1)], [z], [m, d(3)]];
const label = (dims: readonly Dim[]): string => `[${dims.map((dim) => dim.key).join(', ')}]`;

const unary = (): readonly Sample[] => shapes.map((shape) => ({ label: label(shape), operands: [real(...shape)], attributes: {} }));
const withInts = (samples: readonly Sample[]): readonly Sample[] => [
  ...samples,
  { label: 'ints', operands: samples[1]?.operands.map((t) => typed('int', t.shape)) ?? [], attributes: {} },
];
const binary = (): readonly Sample[] =>
  shapes.map((shape) => ({ label: label(shape), operands: [real(...shape), real(...shape)], attributes: {} }));
const mixed: Sample = { label: 'int and real', operands: [int(n), real(n)], attributes: {} };
const comparison = (): readonly Sample[] => [
  ...withInts(binary()),
  { label: 'conditions', operands: [bool(n), bool(n)], attributes: {} },
  { label: 'near ties', operands: [real(n), int(n)], attributes: {}, fills: { 0: whole(0, 2), 1: whole(0, 2) } },
];
const conditions = (count: number): readonly Sample[] =>
  shapes.map((shape) => ({ label: label(shape), operands: Array.from({ length: count }, () => bool(...shape)), attributes: {} }));
const square: Sample = { label: 'with itself', operands: [real(n), real(n)], attributes: {}, same: true };
const power = (exponent: number, low: number): Sample => ({
  label: `to ${exponent}`,
  operands: [real(n), real(n)],
  attributes: {},
  constants: { 1: exponent },
  fills: { 0: uniform(low, 2) },
});

// ---- loops ------------------------------------------------------------------------------------------------------------

/** The instance that a loop, written as everyone writes it, becomes. */
function loopSample(name: string, make: (b: Builder) => readonly Value[], extra: Partial<Sample> = {}): Sample {
  const [first] = make(new Builder());
  if (first === undefined) throw new Error(`the loop of ${name} has no result`);
  const { inputs, attributes } = first.node;
  return { label: name, operands: inputs.map((v) => v.type), attributes, ...extra };
}

const scans = (): readonly Sample[] => [
  loopSample('momentum steps on a fixed matrix', (b) => {
    const matrix = b.input('A', 'data', real(n, n));
    const rate = b.input('rate', 'hyper');
    const x = b.input('x', 'state', real(n));
    const v = b.input('v', 'state', real(n));
    return scan(b, {
      length: d(3),
      states: [x, v],
      body: ([w, u]) => {
        const gradient = b.add(b.matmul(matrix, w as Value), b.unary('tanh', w as Value));
        const velocity = b.sub(b.scale(u as Value, 0.5), b.mul(rate, gradient));
        return { states: [b.add(w as Value, velocity), velocity], stacked: [b.inner(w as Value, velocity)] };
      },
    }).states;
  }),
  loopSample('slices, from the end', (b) => {
    const xs = b.input('xs', 'data', real(k, m));
    const s = b.input('s', 'state', real(m));
    return scan(b, {
      length: k,
      reversed: true,
      states: [s],
      slices: [xs],
      body: ([state], [slice]) => {
        const next = b.unary('sin', b.add(b.mul(state as Value, slice as Value), slice as Value));
        return { states: [next], stacked: [state as Value, b.mul(next, next)] };
      },
    }).states;
  }),
  loopSample('a counter beside a state', (b) => {
    const x = b.input('x', 'state');
    const t = b.input('t', 'state', int());
    return scan(b, {
      length: d(4),
      states: [x, t],
      body: ([state, step]) => ({
        states: [b.mul(b.unary('sigmoid', state as Value), b.add(b.constant(1), step as Value)), b.add(step as Value, b.integer(1))],
        stacked: [step as Value],
      }),
    }).states;
  }),
  loopSample('no steps', (b) => {
    const x = b.input('x', 'state', real(m));
    const result = scan(b, { length: z, states: [x], body: ([s]) => ({ states: [b.unary('exp', s as Value)], stacked: [s as Value] }) });
    return [...result.states, ...result.stacked];
  }),
  loopSample('a state that only waits', (b) => {
    const x = b.input('x', 'state');
    const y = b.input('y', 'state');
    return scan(b, { length: d(3), states: [x, y], body: ([s, u]) => ({ states: [u as Value, b.mul(s as Value, u as Value)] }) }).states;
  }),
  loopSample('a loop in a loop', (b) => {
    const x = b.input('x', 'state', real(m));
    const c = b.input('c', 'hyper');
    return scan(b, {
      length: d(2),
      states: [x],
      body: ([s]) => ({
        states: scan(b, {
          length: d(3),
          states: [s as Value],
          body: ([u]) => ({ states: [b.unary('tanh', b.add(b.mul(c, u as Value), s as Value))] }),
        }).states,
      }),
    }).states;
  }),
];

const iterates = (): readonly Sample[] => [
  loopSample(
    'Newton’s iteration for a root',
    (b) => {
      const a = b.input('a', 'state');
      return iterate(b, {
        limit: 30,
        states: [b.input('x', 'state'), b.input('steps', 'state', int())],
        test: ([x]) => b.less(b.constant(1e-3), b.abs(b.sub(b.mul(x as Value, x as Value), a))),
        body: ([x, steps]) => [b.scale(b.add(x as Value, b.div(a, x as Value)), 0.5), b.add(steps as Value, b.integer(1))],
      });
    },
    {
      fills: { 0: uniform(0.5, 9), 1: uniform(0.5, 2), 2: whole(0, 3) },
      notDifferentiated: 'whoever uses it carries the derivative (decision 001)',
    },
  ),
  loopSample(
    'stopped by its limit',
    (b) => {
      const x = b.input('x', 'state', real(n));
      return iterate(b, {
        limit: 2,
        states: [x],
        test: ([s]) => b.less(b.constant(-1), b.inner(s as Value, s as Value)),
        body: ([s]) => [b.scale(s as Value, 0.5)],
      });
    },
    { notDifferentiated: 'whoever uses it carries the derivative (decision 001)' },
  ),
];

// ---- the table --------------------------------------------------------------------------------------------------------

const dot = (left: TensorType, right: TensorType, contract: Attributes['contract'], batch: Attributes['batch'] = [[], []]): Sample => ({
  label: `${label(left.shape)} · ${label(right.shape)} over ${JSON.stringify(contract)}, batch ${JSON.stringify(batch)}`,
  operands: [left, right],
  attributes: { contract: contract ?? [[], []], batch },
});

const solve = (lower: TensorType, rhs: TensorType, transposed: boolean): Sample => ({
  label: `${label(lower.shape)} \\ ${label(rhs.shape)}${transposed ? ', transposed' : ''}`,
  operands: [lower, rhs],
  attributes: { transposed },
  fills: { 0: { make: triangular } },
});

const system = (matrix: TensorType, rhs: TensorType, transposed: boolean): Sample => ({
  ...solve(matrix, rhs, transposed),
  fills: { 0: { make: regular } },
});

const noSamples: readonly Sample[] = [];

export const samplers: Readonly<Record<OpName, readonly Sample[]>> = {
  input: [{ label: 'a matrix', operands: [], attributes: { name: 'X', role: 'data', shape: [n, m], dtype: 'real' } }],
  constant: (['real', 'int', 'bool'] as const).map((dtype) => ({ label: dtype, operands: [], attributes: { value: 1, dtype } })),
  dim_size: [
    { label: 'a name', operands: [], attributes: { dim: n } },
    { label: 'a polynomial', operands: [], attributes: { dim: add(n, m, d(1)), dtype: 'int' } },
  ],
  iota: [n, d(1), z].map((dim) => ({ label: dim.key, operands: [], attributes: { dim } })),
  eye: [n, d(2), z].map((dim) => ({ label: dim.key, operands: [], attributes: { dim } })),

  random_uniform: [
    { label: 'a matrix', shape: [n, m], draws: [] },
    { label: 'a number', shape: [], draws: [] },
    { label: 'nothing', shape: [z, n], draws: [] },
    { label: 'rows', shape: [k], draws: [n] },
    { label: 'many draws', shape: [], draws: [m, n] },
  ].map(({ label, shape, draws }) => ({
    label,
    operands: [int(...draws, d(4)), int(...draws), int(...draws)],
    attributes: { shape },
    fills: { 0: whole(0, 2 ** 16), 1: whole(0, 1000), 2: whole(0, 1000) },
  })),

  neg: withInts(unary()),
  abs: [...withInts(unary()), { label: 'negative', operands: [real(n)], attributes: {}, fills: { 0: uniform(-2, -0.2) } }],
  sign: [...withInts(unary()), { label: 'negative', operands: [real(n)], attributes: {}, fills: { 0: uniform(-2, -0.2) } }],
  floor: withInts(unary()),
  exp: unary(),
  log: unary(),
  log1p: unary(),
  expm1: unary(),
  sqrt: unary(),
  sin: unary(),
  cos: unary(),
  tanh: unary(),
  sigmoid: unary(),
  softplus: unary(),
  erf: unary(),
  not: conditions(1),
  is_finite: withInts(unary()),
  stop_gradient: unary().map((sample) => ({ ...sample, notDifferentiated: 'to have no derivative is its meaning' })),

  add: [...withInts(binary()), mixed],
  sub: [...withInts(binary()), mixed],
  mul: [...withInts(binary()), mixed, square],
  div: [
    ...binary(),
    { label: 'by a negative', operands: [real(n), real(n)], attributes: {}, fills: { 1: uniform(-2, -0.4) } },
    { ...mixed, fills: { 0: whole(-3, 4) } },
  ],
  pow: [
    ...binary(),
    ...[-2, -1, -0.5, 0.5, 1, 1.5, 3.7].map((p) => power(p, 0.3)),
    ...[0, 1, 2, 3, 4].map((p) => power(p, -2)),
    { label: 'whole exponents', operands: [real(n), int(n)], attributes: {}, fills: { 0: uniform(-2, 2), 1: whole(0, 4) } },
  ],
  maximum: [...withInts(binary()), mixed],
  minimum: [...withInts(binary()), mixed],
  guarded_mul: [...withInts(binary()), mixed, square],
  equal: comparison(),
  less: comparison(),
  less_equal: comparison(),
  and: conditions(2),
  or: conditions(2),
  select: [
    ...shapes.map((shape) => ({ label: label(shape), operands: [bool(...shape), real(...shape), real(...shape)], attributes: {} })),
    { label: 'ints', operands: [bool(n), int(n), int(n)], attributes: {} },
    { label: 'conditions', operands: [bool(n), bool(n), bool(n)], attributes: {} },
  ],

  broadcast_in_dim: [
    { label: 'a scalar', operands: [real()], attributes: { shape: [n, m], axes: [] } },
    { label: 'new axes around', operands: [real(n)], attributes: { shape: [m, n, k], axes: [1] } },
    { label: 'a stretched axis', operands: [real(n, d(1))], attributes: { shape: [n, m], axes: [0, 1] } },
    { label: 'stretched, and a new axis', operands: [real(d(1), n)], attributes: { shape: [m, k, n], axes: [1, 2] } },
    { label: 'crossed axes', operands: [real(n, m)], attributes: { shape: [m, k, n], axes: [2, 0] } },
    { label: '1 stays 1', operands: [real(d(1))], attributes: { shape: [n, d(1)], axes: [1] } },
    { label: 'to nothing', operands: [real(n)], attributes: { shape: [z, n], axes: [1] } },
    { label: 'conditions', operands: [bool(n)], attributes: { shape: [m, n], axes: [1] } },
    { label: 'ints', operands: [int(n)], attributes: { shape: [n, m], axes: [0] } },
  ],
  reshape: [
    { label: 'flat', operands: [real(d(2), d(3))], attributes: { shape: [d(6)] } },
    { label: 'named dims', operands: [real(n, d(2))], attributes: { shape: [d(2), n] } },
    { label: 'a scalar to [1, 1]', operands: [real(d(1))], attributes: { shape: [d(1), d(1)] } },
    { label: 'nothing', operands: [real(z, n)], attributes: { shape: [n, z] } },
    { label: 'ints', operands: [int(d(4))], attributes: { shape: [d(2), d(2)] } },
  ],
  transpose: [
    { label: 'a matrix', operands: [real(n, m)], attributes: { axes: [1, 0] } },
    { label: 'a cycle', operands: [real(n, m, k)], attributes: { axes: [2, 0, 1] } },
    { label: 'with an axis of 1', operands: [real(d(1), n, m)], attributes: { axes: [1, 0, 2] } },
    { label: 'ints', operands: [int(z, m)], attributes: { axes: [1, 0] } },
  ],
  slice: [
    { label: 'first axis', operands: [real(k, m)], attributes: { axis: 0, start: d(1), length: d(2) } },
    { label: 'last axis', operands: [real(m, k)], attributes: { axis: 1, start: d(0), length: d(3) } },
    { label: 'middle axis', operands: [real(m, k, m)], attributes: { axis: 1, start: d(3), length: d(1) } },
    { label: 'of nothing', operands: [int(k)], attributes: { axis: 0, start: d(2), length: z } },
    { label: 'of a block', operands: [real(add(n, m))], attributes: { axis: 0, start: n, length: m } },
  ],
  pad: [
    { label: 'first axis', operands: [real(m, n)], attributes: { axis: 0, start: d(1), length: k } },
    { label: 'last axis', operands: [real(n, m)], attributes: { axis: 1, start: d(0), length: d(5) } },
    { label: 'middle axis', operands: [int(m, d(1), m)], attributes: { axis: 1, start: d(2), length: d(3) } },
    { label: 'nothing', operands: [real(z)], attributes: { axis: 0, start: d(0), length: d(2) } },
  ],
  concat: [
    { label: 'first axis', operands: [real(n, m), real(d(1), m), real(k, m)], attributes: { axis: 0 } },
    { label: 'last axis', operands: [real(m, n), real(m, n)], attributes: { axis: 1 } },
    { label: 'middle axis, one part empty', operands: [real(m, n, m), real(m, z, m)], attributes: { axis: 1 } },
    { label: 'ints', operands: [int(n), int(n)], attributes: { axis: 0 } },
  ],
  reverse: [
    { label: 'one axis', operands: [real(n)], attributes: { axes: [0] } },
    { label: 'two of three axes', operands: [real(n, m, k)], attributes: { axes: [0, 2] } },
    { label: 'no axis', operands: [real(n)], attributes: { axes: [] } },
    { label: 'nothing', operands: [int(z, m)], attributes: { axes: [0] } },
  ],

  gather: [
    { label: 'rows', operands: [real(k, m), int(n)], attributes: { axis: 0 }, fills: { 1: whole(0, 4) } },
    { label: 'columns by a matrix', operands: [real(m, k), int(n, m)], attributes: { axis: 1 }, fills: { 1: whole(0, 4) } },
    { label: 'in the middle', operands: [real(m, k, n), int(m)], attributes: { axis: 1 }, fills: { 1: whole(0, 4) } },
    { label: 'one position', operands: [real(k, m), int()], attributes: { axis: 0 }, fills: { 1: whole(0, 4) } },
    { label: 'one position, last axis', operands: [real(m, n, k), int()], attributes: { axis: 2 }, fills: { 1: whole(0, 4) } },
    { label: 'nothing', operands: [real(k), int(z)], attributes: { axis: 0 } },
    { label: 'of one', operands: [int(d(1)), int(n)], attributes: { axis: 0 }, fills: { 1: whole(0, 1) } },
  ],
  scatter_add: [
    { label: 'rows', operands: [real(n, m), int(n)], attributes: { axis: 0, length: k }, fills: { 1: whole(0, 4) } },
    { label: 'columns by a matrix', operands: [real(m, n, m), int(n, m)], attributes: { axis: 1, length: k }, fills: { 1: whole(0, 4) } },
    { label: 'in the middle', operands: [real(m, n, k), int(n)], attributes: { axis: 1, length: d(2) }, fills: { 1: whole(0, 2) } },
    { label: 'one position', operands: [real(m), int()], attributes: { axis: 0, length: k }, fills: { 1: whole(0, 4) } },
    { label: 'one position, last axis', operands: [real(m, n), int()], attributes: { axis: 2, length: k }, fills: { 1: whole(0, 4) } },
    {
      label: 'some outside',
      operands: [real(k), int(k)],
      attributes: { axis: 0, length: d(2) },
      fills: { 1: whole(-1, 4) },
      valuesOnly: 'what is read back from outside is NaN, as `gather` has it',
    },
    { label: 'nothing', operands: [int(z), int(z)], attributes: { axis: 0, length: n } },
  ],
  argmax: [
    { label: 'first axis', operands: [real(n, m)], attributes: { axis: 0 } },
    { label: 'last axis', operands: [real(n, m)], attributes: { axis: 1 } },
    { label: 'ties', operands: [int(k)], attributes: { axis: 0 }, fills: { 0: whole(0, 2) } },
    { label: 'of one', operands: [real(d(1))], attributes: { axis: 0 } },
  ],
  argsort: [
    { label: 'a vector', operands: [real(k)], attributes: { axis: 0 } },
    { label: 'first axis', operands: [real(n, m)], attributes: { axis: 0 } },
    { label: 'last axis', operands: [real(m, n)], attributes: { axis: 1 } },
    { label: 'ties', operands: [int(k)], attributes: { axis: 0 }, fills: { 0: whole(0, 2) } },
    { label: 'of one', operands: [real(d(1))], attributes: { axis: 0 } },
    { label: 'nothing', operands: [real(z)], attributes: { axis: 0 } },
  ],
  cumsum: [
    { label: 'a vector', operands: [real(k)], attributes: { axis: 0 } },
    { label: 'from the end', operands: [real(n, k)], attributes: { axis: 1, reversed: true } },
    { label: 'first axis', operands: [real(n, m)], attributes: { axis: 0, reversed: false } },
    { label: 'nothing', operands: [int(z)], attributes: { axis: 0 } },
  ],

  reduce_sum: [
    { label: 'a vector', operands: [real(n)], attributes: { axes: [0] } },
    { label: 'outer axes', operands: [real(n, m, k)], attributes: { axes: [0, 2] } },
    { label: 'all axes', operands: [real(n, m)], attributes: { axes: [0, 1] } },
    { label: 'of one', operands: [real(d(1), n)], attributes: { axes: [0] } },
    { label: 'a last axis of one', operands: [real(n, d(1))], attributes: { axes: [1] } },
    { label: 'of none', operands: [real(z, m)], attributes: { axes: [0] } },
    { label: 'ints', operands: [int(n, m)], attributes: { axes: [1] } },
  ],
  reduce_max: [
    { label: 'a vector', operands: [real(k)], attributes: { axes: [0] } },
    { label: 'outer axes', operands: [real(n, m, k)], attributes: { axes: [0, 2] } },
    { label: 'all axes', operands: [real(n, m)], attributes: { axes: [0, 1] } },
    { label: 'of one', operands: [real(d(1))], attributes: { axes: [0] } },
    { label: 'a last axis of one', operands: [real(n, d(1))], attributes: { axes: [1] } },
    { label: 'ints', operands: [int(n, m)], attributes: { axes: [1] } },
  ],

  dot_general: [
    dot(real(n), real(n), [[0], [0]]),
    dot(real(n, m), real(m), [[1], [0]]),
    dot(real(n, m), real(m, k), [[1], [0]]),
    dot(real(m, n), real(k, m), [[0], [1]]),
    dot(real(n, m), real(k), [[], []]),
    dot(real(n, m, k), real(k, n), [
      [2, 0],
      [0, 1],
    ]),
    dot(real(n, m, k), real(n, k, m), [[2], [1]], [[0], [0]]),
    dot(real(m, n, k), real(k, m, n), [[2], [0]], [[1], [2]]),
    dot(real(n), real(n), [[], []], [[0], [0]]),
    dot(real(n, d(1)), real(d(1), m), [[1], [0]]),
    dot(real(n, z), real(z, m), [[1], [0]]),
    dot(real(z, n), real(n), [[1], [0]]),
    dot(int(n, m), real(m), [[1], [0]]),
    {
      ...dot(real(n, m), real(n, m), [
        [0, 1],
        [0, 1],
      ]),
      label: 'Σ x·x',
      same: true,
    },
    { ...dot(real(n, m), real(n, m), [[1], [1]], [[0], [0]]), label: 'Σ x·x of each row', same: true },
    { ...dot(real(n, m), real(n, m), [[0], [0]]), label: 'XᵀX', same: true },
    {
      ...dot(real(n, n), real(n, n), [
        [0, 1],
        [1, 0],
      ]),
      label: 'tr(X X)',
      same: true,
    },
  ],
  cholesky: [
    [n, n],
    [d(1), d(1)],
    [z, z],
    [m, n, n],
  ].map((shape) => ({
    label: label(shape),
    operands: [real(...shape)],
    attributes: {},
    fills: { 0: { make: positiveDefinite } },
  })),
  triangular_solve: [false, true].flatMap((transposed) => [
    solve(real(n, n), real(n), transposed),
    solve(real(n, n), real(n, m), transposed),
    solve(real(m, n, n), real(m, n), transposed),
    solve(real(m, n, n), real(m, n, k), transposed),
    solve(real(d(1), d(1)), real(d(1)), transposed),
    solve(real(z, z), real(z, m), transposed),
  ]),

  solve: [false, true].flatMap((transposed) => [
    system(real(n, n), real(n), transposed),
    system(real(n, n), real(n, m), transposed),
    system(real(m, n, n), real(m, n), transposed),
    system(real(m, n, n), real(m, n, k), transposed),
    system(real(d(1), d(1)), real(d(1)), transposed),
    system(real(z, z), real(z, m), transposed),
  ]),
  eigh: [
    [n, n],
    [d(1), d(1)],
    [z, z],
    [m, n, n],
  ].map((shape) => ({ label: label(shape), operands: [real(...shape)], attributes: {}, fills: { 0: { make: apart } } })),

  scan: scans(),
  iterate: iterates(),
};

/** What a newly added op has until someone writes it a sampler. */
export const samplesOf = (op: OpName): readonly Sample[] => samplers[op] ?? noSamples;
