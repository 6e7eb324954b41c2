/** Instances of every op, from which the tests of the op table are made. An op without a sample is a failing test. */
import { evaluate, multiply, number, symbol, type Dim, type Shape } from '../../compiler/ir/dims.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import type { Attributes, DType, Tensor, Value } from '../../compiler/ir/graph.ts';
import { iterate, scan } from '../../compiler/ir/loops.ts';
import { opNames, type OpName } from '../../compiler/ops/names.ts';
import { ops } from '../../compiler/ops/table.ts';
import type { Random } from './random.ts';

export type SizeMap = Readonly<Record<string, number>>;

export interface OperandSample {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Where its elements are drawn from; whole numbers for int, both ends included. */
  readonly range: readonly [number, number];
  /** Overrides the drawing, for matrices with a property. */
  readonly make?: (random: Random, shape: readonly number[]) => Float64Array;
  /** A known constant instead of an operand that varies. */
  readonly constant?: number;
}

export interface Sample {
  readonly op: OpName;
  readonly what: string;
  readonly operands: readonly OperandSample[];
  readonly build: (b: Builder, operands: readonly Value[]) => readonly Value[];
  readonly sizes: readonly SizeMap[];
  /** False where the sample stands on a point at which the op has no derivative. */
  readonly smooth: boolean;
}

export const dim = (text: string): Dim => (/^\d+$/.test(text) ? number(Number(text)) : symbol(text));
/** `'n, 3'` as a shape; `''` is a scalar. */
export const shape = (text: string): Shape => (text === '' ? [] : text.split(',').map((d) => dim(d.trim())));

const usual: readonly SizeMap[] = [
  { n: 3, m: 4, k: 2 },
  { n: 1, m: 1, k: 1 },
  { n: 0, m: 3, k: 2 },
];
/** Where an op needs something in every axis. */
const nonempty: readonly SizeMap[] = [
  { n: 3, m: 4, k: 2 },
  { n: 1, m: 1, k: 1 },
  { n: 2, m: 1, k: 5 },
];

const real = (dims: string, range: readonly [number, number] = [-2, 2]): OperandSample => ({ dtype: 'real', shape: shape(dims), range });
const int = (dims: string, range: readonly [number, number] = [-3, 3]): OperandSample => ({ dtype: 'int', shape: shape(dims), range });
const bool = (dims: string): OperandSample => ({ dtype: 'bool', shape: shape(dims), range: [0, 1] });
const known = (dims: string, constant: number): OperandSample => ({ dtype: 'real', shape: shape(dims), range: [constant, constant], constant });

interface Options {
  readonly sizes?: readonly SizeMap[];
  readonly smooth?: boolean;
}

const of = (op: OpName, what: string, operands: readonly OperandSample[], attributes: Attributes = {}, { sizes = usual, smooth = true }: Options = {}): Sample => ({
  op,
  what,
  operands,
  build: (b, values) => b.emit(op, values, attributes),
  sizes,
  smooth,
});

const drawn = (op: OpName, dims: string, i = 0): OperandSample => real(dims, ops[op].domain?.[i] ?? [-2, 2]);

const unary = (op: OpName, ...more: readonly Sample[]): readonly Sample[] => [of(op, 'of a matrix', [drawn(op, 'n, m')]), of(op, 'of a scalar', [drawn(op, '')]), ...more];
const binary = (op: OpName, ...more: readonly Sample[]): readonly Sample[] => [
  of(op, 'of matrices', [drawn(op, 'n, m'), drawn(op, 'n, m', 1)]),
  of(op, 'of scalars', [drawn(op, ''), drawn(op, '', 1)]),
  ...more,
];
const ofInts = (op: OpName, count: 1 | 2): Sample => of(op, 'of ints', count === 1 ? [int('n')] : [int('n'), int('n')], {}, { smooth: false });

/** BBᵀ + n·I, a little off symmetry, since only the symmetric part counts. */
function positiveDefinite(random: Random, sizes: readonly number[]): Float64Array {
  const n = sizes[sizes.length - 1] ?? 0;
  const data = new Float64Array(sizes.reduce((a, b) => a * b, 1));
  for (let from = 0; from < data.length; from += n * n) {
    const b = Float64Array.from({ length: n * n }, () => random.between(-1, 1));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = i === j ? n : random.between(-0.1, 0.1);
        for (let k = 0; k < n; k++) sum += (b[i * n + k] ?? 0) * (b[j * n + k] ?? 0);
        data[from + i * n + j] = sum;
      }
    }
  }
  return data;
}

/** A factor with a safe diagonal; what stands above it must not matter. */
function lowerFactor(random: Random, sizes: readonly number[]): Float64Array {
  const n = sizes[sizes.length - 1] ?? 0;
  const data = new Float64Array(sizes.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) data[i] = Math.floor(i / n) % n === i % n ? random.between(1, 2) : random.between(-1, 1);
  return data;
}

const matrix = (dims: string, make: OperandSample['make']): OperandSample => ({ ...real(dims), ...(make === undefined ? {} : { make }) });

const pow: readonly Sample[] = [0, 1, 2, 3, 4, 0.5, 1.5, -1, -2].map((p) => of('pow', `with exponent ${p}`, [drawn('pow', 'n'), known('n', p)]));

export const samples: Readonly<Record<OpName, readonly Sample[]>> = {
  input: [{ op: 'input', what: 'as it is', operands: [real('n, m')], build: (_b, values) => values, sizes: usual, smooth: true }],
  constant: [of('constant', 'real', [], { value: -2.5, dtype: 'real' }), of('constant', 'int', [], { value: 7, dtype: 'int' }), of('constant', 'bool', [], { value: 1, dtype: 'bool' })],
  dim_size: [of('dim_size', 'real', [], { dim: dim('m') }), of('dim_size', 'int', [], { dim: dim('m'), dtype: 'int' })],
  iota: [of('iota', 'of a dim', [], { dim: dim('n') })],
  eye: [of('eye', 'of a dim', [], { dim: dim('n') })],

  neg: unary('neg', ofInts('neg', 1)),
  abs: unary('abs', ofInts('abs', 1), of('abs', 'of numbers below zero', [real('n', [-2, -0.2])])),
  sign: unary('sign', ofInts('sign', 1)),
  floor: unary('floor'),
  exp: unary('exp'),
  log: unary('log'),
  log1p: unary('log1p'),
  expm1: unary('expm1'),
  sqrt: unary('sqrt'),
  sin: unary('sin'),
  cos: unary('cos'),
  tanh: unary('tanh'),
  sigmoid: unary('sigmoid'),
  softplus: unary('softplus'),
  erf: unary('erf', of('erf', 'far out', [real('n', [1, 5])])),
  not: [of('not', 'of conditions', [bool('n, m')])],
  is_finite: unary('is_finite'),
  stop_gradient: unary('stop_gradient'),

  add: binary('add', ofInts('add', 2), of('add', 'of an int and a real', [int('n'), real('n')])),
  sub: binary('sub', ofInts('sub', 2)),
  mul: binary('mul', ofInts('mul', 2), of('mul', 'of a real and an int', [real('n'), int('n')])),
  div: binary('div', of('div', 'by ints', [real('n'), int('n', [1, 4])])),
  pow: [...binary('pow'), ...pow, of('pow', 'with int exponents', [drawn('pow', 'n'), int('n', [0, 3])])],
  maximum: binary('maximum', ofInts('maximum', 2)),
  minimum: binary('minimum', ofInts('minimum', 2)),
  guarded_mul: binary('guarded_mul'),
  equal: [...binary('equal'), ofInts('equal', 2)],
  less: [...binary('less'), ofInts('less', 2)],
  less_equal: [...binary('less_equal'), ofInts('less_equal', 2)],
  and: [of('and', 'of conditions', [bool('n, m'), bool('n, m')])],
  or: [of('or', 'of conditions', [bool('n, m'), bool('n, m')])],

  select: [
    of('select', 'between reals', [bool('n, m'), real('n, m'), real('n, m')]),
    of('select', 'between scalars', [bool(''), real(''), real('')]),
    of('select', 'between an int and a real', [bool('n'), int('n'), real('n')]),
    of('select', 'between conditions', [bool('n'), bool('n'), bool('n')]),
  ],

  broadcast_in_dim: [
    of('broadcast_in_dim', 'of a scalar', [real('')], { shape: shape('n, m'), axes: [] }),
    of('broadcast_in_dim', 'of a vector as rows', [real('m')], { shape: shape('n, m'), axes: [1] }),
    of('broadcast_in_dim', 'of a vector as columns', [real('n')], { shape: shape('n, m'), axes: [0] }),
    of('broadcast_in_dim', 'with a stretched axis', [real('n, 1')], { shape: shape('n, m, k'), axes: [0, 1] }),
    of('broadcast_in_dim', 'with axes exchanged', [real('n, m')], { shape: shape('m, k, n'), axes: [2, 0] }),
    of('broadcast_in_dim', 'of ints', [int('n')], { shape: shape('m, n'), axes: [1] }),
  ],
  reshape: [
    of('reshape', 'to a vector', [real('n, m')], { shape: [multiply(dim('n'), dim('m'))] }),
    of('reshape', 'to a scalar', [real('1, 1')], { shape: [] }),
    of('reshape', 'with a new axis', [real('n, m')], { shape: shape('n, 1, m') }),
    of('reshape', 'of conditions', [bool('n')], { shape: shape('1, n') }),
  ],
  transpose: [
    of('transpose', 'of a matrix', [real('n, m')], { axes: [1, 0] }),
    of('transpose', 'of three axes', [real('n, m, k')], { axes: [2, 0, 1] }),
    of('transpose', 'of two exchanged axes', [real('n, m, k')], { axes: [0, 2, 1] }, { sizes: [{ n: 2, m: 37, k: 41 }] }),
    of('transpose', 'of conditions', [bool('n, m')], { axes: [1, 0] }),
  ],
  slice: [
    of('slice', 'of rows', [real('5, m')], { axis: 0, start: number(1), length: number(3) }),
    of('slice', 'of columns', [real('n, 5')], { axis: 1, start: number(2), length: number(2) }),
    of('slice', 'of nothing', [real('n, 5')], { axis: 1, start: number(5), length: number(0) }),
    of('slice', 'of ints', [int('5')], { axis: 0, start: number(2), length: number(2) }),
  ],
  pad: [
    of('pad', 'of rows', [real('3, m')], { axis: 0, start: number(1), length: number(5) }),
    of('pad', 'of columns', [real('n, 2')], { axis: 1, start: number(2), length: number(5) }),
    of('pad', 'of ints', [int('2')], { axis: 0, start: number(0), length: number(3) }),
  ],
  concat: [
    of('concat', 'of rows', [real('n, m'), real('2, m')], { axis: 0 }),
    of('concat', 'of columns', [real('n, m'), real('n, 1'), real('n, k')], { axis: 1 }),
    of('concat', 'of conditions', [bool('n'), bool('m')], { axis: 0 }),
  ],
  reverse: [
    of('reverse', 'of rows', [real('n, m')], { axes: [0] }),
    of('reverse', 'of both axes', [real('n, m')], { axes: [0, 1] }),
    of('reverse', 'of the middle axis', [real('n, m, k')], { axes: [1] }),
  ],

  gather: [
    of('gather', 'of rows', [real('5, m'), int('n', [0, 4])], { axis: 0 }),
    of('gather', 'of columns', [real('n, 5, k'), int('m', [0, 4])], { axis: 1 }),
    of('gather', 'by a matrix of positions', [real('k, 4'), int('n, m', [0, 3])], { axis: 1 }),
    of('gather', 'at one position', [real('5, m'), int('', [0, 4])], { axis: 0 }),
    of('gather', 'also outside', [real('n, 3, k'), int('m', [-2, 5])], { axis: 1 }, { smooth: false }),
    of('gather', 'of ints', [int('5'), int('n', [0, 4])], { axis: 0 }),
  ],
  scatter_add: [
    of('scatter_add', 'of rows', [real('n, m'), int('n', [0, 4])], { axis: 0, length: number(5) }),
    of('scatter_add', 'of columns', [real('n, m, k'), int('m', [0, 2])], { axis: 1, length: number(3) }),
    of('scatter_add', 'by a matrix of positions', [real('k, n, m'), int('n, m', [0, 3])], { axis: 1, length: number(4) }),
    of('scatter_add', 'at one position', [real('m, k'), int('', [0, 2])], { axis: 1, length: number(3) }),
    of('scatter_add', 'also outside', [real('n, m'), int('m', [-2, 5])], { axis: 1, length: number(3) }, { smooth: false }),
  ],
  argmax: [of('argmax', 'along rows', [real('n, 4')], { axis: 1 }), of('argmax', 'along columns', [real('3, m')], { axis: 0 }), of('argmax', 'of ints', [int('4')], { axis: 0 })],
  cumsum: [
    of('cumsum', 'down', [real('n, m')], { axis: 0, reversed: false }),
    of('cumsum', 'from the right', [real('n, m')], { axis: 1, reversed: true }),
    of('cumsum', 'of ints', [int('n')], { axis: 0 }, { smooth: false }),
  ],

  reduce_sum: [
    of('reduce_sum', 'of everything', [real('n, m')], { axes: [0, 1] }),
    of('reduce_sum', 'of rows', [real('n, m')], { axes: [1] }),
    of('reduce_sum', 'of columns', [real('n, m')], { axes: [0] }),
    of('reduce_sum', 'of outer axes', [real('n, m, k')], { axes: [0, 2] }),
    of('reduce_sum', 'of many', [real('n, k')], { axes: [0] }, { sizes: [{ n: 1003, k: 2 }] }),
    of('reduce_sum', 'of ints', [int('n, m')], { axes: [1] }, { smooth: false }),
  ],
  reduce_max: [
    of('reduce_max', 'of everything', [real('n, m')], { axes: [0, 1] }, { sizes: nonempty }),
    of('reduce_max', 'of rows', [real('n, m')], { axes: [1] }, { sizes: nonempty }),
    of('reduce_max', 'of outer axes', [real('n, m, k')], { axes: [0, 2] }, { sizes: nonempty }),
    of('reduce_max', 'of ints', [int('n, m')], { axes: [0] }, { sizes: nonempty, smooth: false }),
  ],

  dot_general: [
    of('dot_general', 'of vectors', [real('n'), real('n')], { contract: [[0], [0]], batch: [[], []] }),
    of('dot_general', 'A·v', [real('n, m'), real('m')], { contract: [[1], [0]], batch: [[], []] }),
    of('dot_general', 'Aᵀ·v', [real('n, m'), real('n')], { contract: [[0], [0]], batch: [[], []] }),
    of('dot_general', 'v·A', [real('n'), real('n, m')], { contract: [[0], [0]], batch: [[], []] }),
    of('dot_general', 'A·B', [real('n, m'), real('m, k')], { contract: [[1], [0]], batch: [[], []] }),
    of('dot_general', 'Aᵀ·B', [real('m, n'), real('m, k')], { contract: [[0], [0]], batch: [[], []] }),
    of('dot_general', 'A·Bᵀ', [real('n, m'), real('k, m')], { contract: [[1], [1]], batch: [[], []] }),
    of('dot_general', 'Aᵀ·Bᵀ', [real('m, n'), real('k, m')], { contract: [[0], [1]], batch: [[], []] }),
    of('dot_general', 'outer', [real('n'), real('m')], { contract: [[], []], batch: [[], []] }),
    of('dot_general', 'of matrices, elementwise', [real('n, m'), real('m, n')], { contract: [[0, 1], [1, 0]], batch: [[], []] }),
    of('dot_general', 'in a batch', [real('n, m, k'), real('n, k, m')], { contract: [[2], [1]], batch: [[0], [0]] }),
    of('dot_general', 'in a batch that stands behind', [real('m, k, n'), real('k, n, 2')], { contract: [[1], [0]], batch: [[2], [1]] }),
    of('dot_general', 'over two axes and a batch', [real('k, n, m, 2'), real('2, m, k, n')], { contract: [[0, 2], [2, 1]], batch: [[1], [3]] }),
    of('dot_general', 'of many', [real('n, 2'), real('n, 3')], { contract: [[0], [0]], batch: [[], []] }, { sizes: [{ n: 1003 }] }),
    of('dot_general', 'of a real and an int', [real('n, m'), int('m')], { contract: [[1], [0]], batch: [[], []] }),
  ],
  cholesky: [
    of('cholesky', 'of a matrix', [matrix('n, n', positiveDefinite)]),
    of('cholesky', 'of a batch', [matrix('k, n, n', positiveDefinite)]),
  ],
  triangular_solve: [false, true].flatMap((transposed) => [
    of('triangular_solve', `of a vector, transposed ${transposed}`, [matrix('n, n', lowerFactor), real('n')], { transposed }),
    of('triangular_solve', `of a matrix, transposed ${transposed}`, [matrix('n, n', lowerFactor), real('n, m')], { transposed }),
    of('triangular_solve', `of vectors in a batch, transposed ${transposed}`, [matrix('k, n, n', lowerFactor), real('k, n')], { transposed }),
    of('triangular_solve', `of matrices in a batch, transposed ${transposed}`, [matrix('k, n, n', lowerFactor), real('k, n, m')], { transposed }),
  ]),

  scan: [
    {
      op: 'scan',
      what: 'a nonlinear recurrence',
      operands: [real('m, m', [-0.5, 0.5]), real('m'), real('n, m')],
      build: (b, [a, start, xs]) => {
        if (a === undefined || start === undefined || xs === undefined) return [];
        const loop = scan(b, {
          length: dim('n'),
          states: [start],
          slices: [xs],
          body: ([h], [x]) => {
            if (h === undefined || x === undefined) return { states: [] };
            const next = b.unary('tanh', b.add(b.matmul(a, h), x));
            return { states: [next], stacked: [b.mul(next, x)] };
          },
        });
        return [...loop.states, ...loop.stacked];
      },
      sizes: usual,
      smooth: true,
    },
    {
      op: 'scan',
      what: 'from the end, with a count',
      operands: [real(''), real('n')],
      build: (b, [start, xs]) => {
        if (start === undefined || xs === undefined) return [];
        const loop = scan(b, {
          length: dim('n'),
          reversed: true,
          states: [start, b.constant(0)],
          slices: [xs],
          body: ([h, t], [x]) => {
            if (h === undefined || x === undefined || t === undefined) return { states: [] };
            return { states: [b.add(b.mul(h, x), t), b.add(t, b.constant(1))] };
          },
        });
        return loop.states;
      },
      sizes: usual,
      smooth: true,
    },
  ],
  iterate: [
    {
      op: 'iterate',
      what: 'halves until small',
      operands: [real('n', [0.1, 4]), real('')],
      build: (b, [start, size]) => {
        if (start === undefined || size === undefined) return [];
        return iterate(b, {
          limit: 20,
          states: [start, b.constant(0)],
          test: ([x]) => b.less(b.constant(0.01), b.sum(b.mul(x ?? start, x ?? start))),
          body: ([x, t]) => [b.mul(b.constant(0.5), x ?? start), b.add(t ?? size, b.mul(size, size))],
        });
      },
      sizes: usual,
      smooth: true,
    },
  ],
};

export const allSamples: readonly Sample[] = opNames.flatMap((op) => samples[op]);

// ---- from a sample to numbers -----------------------------------------------------------------------------------------

export interface Built {
  readonly b: Builder;
  readonly sample: Sample;
  /** The operands that are inputs. */
  readonly inputs: readonly Value[];
  /** Their samples, in the same order. */
  readonly drawn: readonly OperandSample[];
  readonly outputs: readonly Value[];
}

export function build(sample: Sample): Built {
  const b = new Builder();
  const inputs: Value[] = [];
  const drawnOperands: OperandSample[] = [];
  const operands = sample.operands.map((operand, i) => {
    if (operand.constant !== undefined) return b.full(operand.shape, operand.constant);
    const input = b.input(`x${i}`, 'state', { dtype: operand.dtype, shape: operand.shape });
    inputs.push(input);
    drawnOperands.push(operand);
    return input;
  });
  return { b, sample, inputs, drawn: drawnOperands, outputs: sample.build(b, operands) };
}

export const sizesOf = (sizes: SizeMap, more: SizeMap = {}): ReadonlyMap<string, number> => new Map(Object.entries({ ...sizes, ...more }));

export function numbersOf(dims: Shape, sizes: ReadonlyMap<string, number>): readonly number[] {
  return dims.map((d) => evaluate(d, sizes) ?? Number.NaN);
}

export function draw(operand: OperandSample, sizes: ReadonlyMap<string, number>, random: Random, lead: readonly number[] = []): Tensor {
  const own = numbersOf(operand.shape, sizes);
  const whole = [...lead, ...own];
  const length = whole.reduce((a, d) => a * d, 1);
  const [low, high] = operand.range;
  if (operand.make !== undefined) {
    const data = new Float64Array(length);
    const one = own.reduce((a, d) => a * d, 1);
    for (let from = 0; one > 0 && from < length; from += one) data.set(operand.make(random, own), from);
    return { shape: whole, data };
  }
  return { shape: whole, data: Float64Array.from({ length }, () => (operand.dtype === 'real' ? random.between(low, high) : random.integer(low, high))) };
}
