/**
 * Every rewrite rule, on an instance where it fires: what it answers has the type and the numbers of the node that it replaces,
 * evaluated by the op's own row. A rule without an instance is a failing test. Random graphs then look for what nobody thought of.
 */
import { describe, expect, it } from 'vitest';
import { Builder, printAttributes } from '../../compiler/ir/builder.ts';
import { add, evaluate as evaluateDim, number, sameShape, symbol, type Dim } from '../../compiler/ir/dims.ts';
import type { Attributes, Node, Tensor, TensorType, Value } from '../../compiler/ir/graph.ts';
import { interpret } from '../../compiler/ir/interpret.ts';
import type { OpName } from '../../plan/op-names.ts';
import { ops } from '../../compiler/ops/table.ts';
import { rules } from '../../compiler/transform/simplify.ts';
import { randomNumbers } from '../helpers/evaluate.ts';

const sizes = new Map([
  ['n', 3],
  ['m', 2],
  ['k', 4],
]);
const [n, m, k] = [symbol('n'), symbol('m'), symbol('k')];
const d = number;
const type = (...shape: readonly Dim[]): TensorType => ({ dtype: 'real', shape });

interface Case {
  readonly inputs: readonly Value[];
  readonly operands: readonly Value[];
  readonly attributes?: Attributes;
}
type Make = (b: Builder) => Case;

/** The numbers that the un-simplified node has, given numbers for the inputs of its operands. */
function meant(
  b: Builder,
  op: OpName,
  { inputs, operands, attributes = {} }: Case,
  given: readonly Tensor[],
): { type: TensorType; result: Tensor } {
  const types = ops[op].shape(
    operands.map((v) => v.type),
    attributes,
    b.fixed,
  );
  if ('wrong' in types || types[0] === undefined)
    throw new Error(`${op}${printAttributes(attributes, () => '')}: ${'wrong' in types ? types.wrong : 'no result'}`);
  const node: Node = { op, inputs: operands, attributes, outputs: [] };
  const tensors = interpret(b.graph('operands', inputs, operands), given, sizes);
  const context = { sizes, size: (dim: Dim) => evaluateDim(dim, sizes) ?? Number.NaN, run: () => [] };
  const [result] = ops[op].reference(node, tensors, context);
  if (result === undefined) throw new Error(`${op} has no result`);
  return { type: types[0], result };
}

function numbersFor(inputs: readonly Value[], next: () => number): readonly Tensor[] {
  return inputs.map((v) => {
    const shape = v.type.shape.map((dim) => evaluateDim(dim, sizes) ?? Number.NaN);
    const draw = (): number =>
      v.type.dtype === 'real' ? 2 * next() : v.type.dtype === 'int' ? Math.floor(1 + next()) : next() > 0 ? 1 : 0;
    return { shape, data: Float64Array.from({ length: shape.reduce((a, x) => a * x, 1) }, draw) };
  });
}

/** What is wrong with `answer` in the place of the node, or nothing. */
function disagreement(b: Builder, op: OpName, own: Case, answer: Value, given: readonly Tensor[]): string | undefined {
  const expected = meant(b, op, own, given);
  const [got] = interpret(b.graph('answer', own.inputs, [answer]), given, sizes);
  const scale = Math.max(1, ...[...expected.result.data].map(Math.abs).filter(Number.isFinite));
  const fits =
    answer.type.dtype === expected.type.dtype &&
    sameShape(answer.type.shape, expected.type.shape, sizes) &&
    got?.shape.join() === expected.result.shape.join() &&
    expected.result.data.every((x, i) => Object.is(x, got.data[i]) || Math.abs(x - (got.data[i] ?? Number.NaN)) <= 1e-13 * scale);
  if (fits) return undefined;
  const show = (t: TensorType, r: Tensor | undefined): string =>
    `${t.dtype}[${t.shape.map((x) => x.key).join(', ')}] ${r?.shape.join('×')}: ${[...(r?.data ?? [])].join(' ')}`;
  return `${show(expected.type, expected.result)} became ${show(answer.type, got)}`;
}

const unary =
  (shape: readonly Dim[], build: (b: Builder, x: Value) => Value, attributes?: Attributes): Make =>
  (b) => {
    const x = b.input('x', 'state', type(...shape));
    return { inputs: [x], operands: [build(b, x)], ...(attributes === undefined ? {} : { attributes }) };
  };
const binary =
  (
    shapes: readonly [readonly Dim[], readonly Dim[]],
    build: (b: Builder, x: Value, y: Value) => readonly Value[],
    attributes?: Attributes,
  ): Make =>
  (b) => {
    const x = b.input('x', 'state', type(...shapes[0]));
    const y = b.input('y', 'state', type(...shapes[1]));
    return { inputs: [x, y], operands: build(b, x, y), ...(attributes === undefined ? {} : { attributes }) };
  };
const constants =
  (...values: readonly number[]): Make =>
  (b) => ({ inputs: [], operands: values.map((v) => b.full([n], v)) });
/** A scalar times a tensor, the scalar being an input. */
const scaled = (b: Builder, shape: readonly Dim[]): { inputs: readonly Value[]; product: Value } => {
  const s = b.input('s', 'state');
  const x = b.input('x', 'state', type(...shape));
  return { inputs: [s, x], product: b.mul(b.broadcast(s, shape, []), x) };
};
const positions = (b: Builder, ...shape: readonly Dim[]): Value => b.input('at', 'data', { dtype: 'int', shape });
const dot = (contract: Attributes['contract'], batch: Attributes['batch'] = [[], []]): Attributes => ({
  contract: contract ?? [[], []],
  batch,
});
const vectors = [[n], [n]] as const;
const square = dot([[1], [0]]);

/** By op and rule: instances on which the rule fires. */
const instances: Readonly<Record<string, Readonly<Record<string, readonly Make[]>>>> = {
  add: {
    'constants fold': [constants(1.5, 2)],
    'x + 0': [binary(vectors, (b, x) => [x, b.full([n], 0)]), binary(vectors, (b, x) => [b.full([n], 0), x])],
    'x + (−y)': [binary(vectors, (b, x, y) => [x, b.neg(y)]), binary(vectors, (b, x, y) => [b.neg(x), y])],
    'x + x': [binary(vectors, (_b, x) => [x, x])],
    's·x + s·y': [
      (b) => {
        const { inputs, product } = scaled(b, [n]);
        const y = b.input('y', 'state', type(n));
        return { inputs: [...inputs, y], operands: [product, b.mul(b.broadcast(inputs[0] as Value, [n], []), y)] };
      },
    ],
  },
  sub: {
    'constants fold': [constants(1.5, 2)],
    'x − 0': [
      binary(vectors, (b, x) => [x, b.full([n], 0)]),
      binary(vectors, (b, x) => [b.full([n], 0), x]),
      binary(vectors, (_b, x) => [x, x]),
    ],
    'x − (−y)': [binary(vectors, (b, x, y) => [x, b.neg(y)])],
  },
  mul: {
    'constants fold': [constants(1.5, 2)],
    'x · constant': [0, 1, -1].flatMap((c) => [
      binary(vectors, (b, x) => [x, b.full([n], c)]),
      binary(vectors, (b, x) => [b.full([n], c), x]),
    ]),
    '(−x) · y': [binary(vectors, (b, x, y) => [b.neg(x), y]), binary(vectors, (b, x, y) => [x, b.neg(y)])],
    'scalars first': [
      binary([[], []], (b, s, t) => [b.broadcast(s, [n], []), b.broadcast(t, [n], [])]),
      binary([[], [n]], (b, s, x) => [x, b.broadcast(s, [n], [])]),
      (b) => {
        const { inputs, product } = scaled(b, [n]);
        const t = b.input('t', 'state');
        return { inputs: [...inputs, t], operands: [b.broadcast(t, [n], []), product] };
      },
      ...[0, 1].map((place): Make => (b) => {
        const { inputs, product } = scaled(b, [n]);
        const y = b.input('y', 'state', type(n));
        return { inputs: [...inputs, y], operands: place === 0 ? [product, y] : [y, product] };
      }),
    ],
  },
  div: {
    'constants fold': [constants(1.5, 2)],
    'x / 1': [binary(vectors, (b, x) => [x, b.full([n], 1)])],
    '0 / constant, 0 / size': [constants(0, 3), (b) => ({ inputs: [], operands: [b.constant(0), b.dimSize(n)] })],
  },
  neg: { 'constants fold': [constants(1.5)], '−(−x)': [unary([n], (b, x) => b.neg(x))] },
  sqrt: { 'constants fold': [constants(2)] },
  exp: { 'constants fold': [constants(2)] },
  log: { 'constants fold': [constants(2)] },
  maximum: { 'constants fold': [constants(-1, 2)] },
  minimum: { 'constants fold': [constants(-1, 2)] },
  guarded_mul: {
    'nothing to guard': [
      binary(vectors, (b, x) => [b.full([n], 0), x]),
      binary(vectors, (b, x) => [b.full([n], 2), x]),
      binary(vectors, (b, x) => [x, b.full([n], 2)]),
      binary(vectors, (b, x) => [x, b.div(b.full([n], 1), b.broadcast(b.dimSize(n), [n], []))]),
    ],
  },
  select: {
    'condition known': [
      ...[0, 1].map((c) => binary(vectors, (b, x, y) => [b.broadcast(b.one('constant', [], { value: c, dtype: 'bool' }), [n], []), x, y])),
      binary(vectors, (b, x, y) => [b.less(x, y), x, x]),
    ],
  },
  eye: { 'eye(1)': [() => ({ inputs: [], operands: [], attributes: { dim: d(1) } })] },
  broadcast_in_dim: {
    'broadcast to itself': [unary([n, m], (_b, x) => x, { shape: [n, m], axes: [0, 1] })],
    'broadcast twice': [
      unary([], (b, x) => b.broadcast(x, [n], []), { shape: [m, n], axes: [1] }),
      unary([n], (b, x) => b.broadcast(x, [n, m], [0]), { shape: [m, k, n], axes: [2, 0] }),
      unary([d(1), m], (b, x) => b.broadcast(x, [n, m], [0, 1]), { shape: [k, n, m], axes: [1, 2] }),
      unary([d(1)], (b, x) => b.broadcast(x, [d(1), m], [0]), { shape: [n, m], axes: [0, 1] }),
    ],
  },
  reshape: {
    'reshape to itself': [unary([n, m], (_b, x) => x, { shape: [n, m] })],
    'reshape twice': [unary([d(2), n], (b, x) => b.reshape(x, [n, d(2)]), { shape: [d(2), n, d(1)] })],
    'reshape of a spread scalar': [
      unary([], (b, x) => b.broadcast(x, [n, d(2)], []), { shape: [d(2), n] }),
      unary([], (_b, x) => x, { shape: [d(1), d(1)] }),
    ],
  },
  transpose: {
    'transpose to itself': [unary([n, m], (_b, x) => x, { axes: [0, 1] })],
    'transpose twice': [unary([n, m, k], (b, x) => b.transpose(x, [2, 0, 1]), { axes: [0, 2, 1] })],
    'transpose of eye': [(b) => ({ inputs: [], operands: [b.eye(n)], attributes: { axes: [1, 0] } })],
    'transpose of a broadcast': [
      unary([n], (b, x) => b.broadcast(x, [m, n, k], [1]), { axes: [1, 2, 0] }),
      unary([n, d(1)], (b, x) => b.broadcast(x, [n, m], [0, 1]), { axes: [1, 0] }),
    ],
    'factor out': [
      unary([n, m], (b, x) => b.neg(x), { axes: [1, 0] }),
      (b) => {
        const { inputs, product } = scaled(b, [n, m]);
        return { inputs, operands: [product], attributes: { axes: [1, 0] } };
      },
    ],
  },
  slice: {
    'slice of everything': [unary([n, m], (_b, x) => x, { axis: 1, start: d(0), length: m })],
    'slice of a concat': [
      binary(
        [
          [n, m],
          [k, m],
        ],
        (b, x, y) => [b.concat([x, y], 0)],
        { axis: 0, start: d(0), length: n },
      ),
      binary(
        [
          [n, m],
          [k, m],
        ],
        (b, x, y) => [b.concat([x, y], 0)],
        { axis: 0, start: n, length: k },
      ),
    ],
    'slice of a spread scalar': [unary([], (b, x) => b.broadcast(x, [n, k], []), { axis: 1, start: d(1), length: d(2) })],
  },
  concat: {
    'concat of one': [unary([n, m], (_b, x) => x, { axis: 0 })],
    'concat of slices': [
      (b) => {
        const x = b.input('x', 'state', type(m, add(n, k)));
        return { inputs: [x], operands: [b.slice(x, 1, d(0), n), b.slice(x, 1, n, k)], attributes: { axis: 1 } };
      },
    ],
  },
  pad: { 'pad of zeros': [(b) => ({ inputs: [], operands: [b.zeros([m, n])], attributes: { axis: 1, start: d(1), length: d(5) } })] },
  gather: {
    'gather of everything': [
      (b) => {
        const x = b.input('x', 'state', type(m, n));
        return { inputs: [x], operands: [x, b.iota(n)], attributes: { axis: 1 } };
      },
    ],
    'gather of a spread scalar': [
      (b) => {
        const s = b.input('s', 'state');
        const at = positions(b, k, m);
        return { inputs: [s, at], operands: [b.broadcast(s, [m, n], []), at], attributes: { axis: 1 } };
      },
    ],
  },
  scatter_add: {
    'scatter of zeros': [
      (b) => {
        const at = positions(b, k);
        return { inputs: [at], operands: [b.zeros([m, k]), at], attributes: { axis: 1, length: n } };
      },
    ],
  },
  reduce_sum: {
    'sum over nothing': [unary([n], (_b, x) => x, { axes: [] })],
    'sum of a broadcast': [
      unary([n], (b, x) => b.broadcast(x, [m, n, k], [1]), { axes: [0, 2] }),
      unary([n, m], (b, x) => b.broadcast(x, [m, k, n], [2, 0]), { axes: [1] }),
      unary([], (b, x) => b.broadcast(x, [n, m], []), { axes: [0] }),
    ],
    'factor out': [
      unary([n, m], (b, x) => b.neg(x), { axes: [1] }),
      (b) => {
        const { inputs, product } = scaled(b, [n, m]);
        return { inputs, operands: [product], attributes: { axes: [0] } };
      },
    ],
    'sum of a product': [
      binary(
        [
          [n, m],
          [n, m],
        ],
        (b, x, y) => [b.mul(x, y)],
        { axes: [0, 1] },
      ),
      unary([n], (b, x) => b.mul(x, x), { axes: [0] }),
    ],
  },
  dot_general: {
    'product with zero': [
      binary(
        [
          [n, m],
          [m, k],
        ],
        (b, x) => [x, b.zeros([m, k])],
        square,
      ),
      binary(
        [
          [n, m],
          [n, k],
        ],
        (b, _x, y) => [b.zeros([n, m, d(5)]), y],
        dot([[], []], [[0], [0]]),
      ),
    ],
    'product with a scalar': [
      binary([[], [n, m]], (_b, s, x) => [s, x], dot([[], []])),
      binary([[n], []], (_b, x, s) => [x, s], dot([[], []])),
    ],
    'product with eye': [
      binary([[n, m], [m]], (b, x) => [x, b.eye(m)], square),
      binary([[n, m, k], [m]], (b, x) => [x, b.eye(m)], dot([[1], [1]])),
      binary([[n, m, k], [m]], (b, x) => [b.eye(m), x], dot([[0], [1]])),
      binary([[n, m], [m]], (b, x) => [b.eye(n), x], square),
    ],
    'factor out': [
      binary([[n, m], [m]], (b, x, y) => [b.neg(x), y], square),
      binary(
        [
          [n, m],
          [m, k],
        ],
        (b, x, y) => [x, b.neg(y)],
        square,
      ),
      ...[0, 1].map((place): Make => (b) => {
        const { inputs, product } = scaled(b, [n, n]);
        const y = b.input('y', 'state', type(n, n));
        return { inputs: [...inputs, y], operands: place === 0 ? [product, y] : [y, product], attributes: dot([[1], [0]]) };
      }),
      (b) => {
        const { inputs, product } = scaled(b, [n, m]);
        const y = b.input('y', 'state', type(n, m, k));
        return { inputs: [...inputs, y], operands: [product, y], attributes: dot([[1], [1]], [[0], [0]]) };
      },
    ],
    'product with a spread scalar': [
      binary([[], [m, k]], (b, s, x) => [b.broadcast(s, [n, m], []), x], square),
      binary([[], [n, m]], (b, s, x) => [x, b.broadcast(s, [m, k], [])], square),
      binary(
        [[], [n, m, k]],
        (b, s, x) => [b.broadcast(s, [k, n], []), x],
        dot([
          [1, 0],
          [0, 2],
        ]),
      ),
      binary([[], [n]], (b, s, x) => [b.broadcast(s, [m], []), x], dot([[], []])),
    ],
    'product with a repeated operand': [
      binary([[m], [m, k]], (b, v, x) => [b.broadcast(v, [n, m], [1]), x], square),
      binary([[m], [n, m]], (b, v, x) => [x, b.broadcast(v, [m, k], [0])], square),
      // Repeated along a batch axis and a contracted one as well, which stay.
      binary([[m], [k, n]], (b, v, x) => [x, b.broadcast(v, [k, n, m, k], [2])], dot([[1], [1]], [[0], [0]])),
      binary([[m, k], [n]], (b, v, x) => [b.broadcast(v, [m, n, k], [0, 2]), x], dot([[], []])),
    ],
  },
};

const named = Object.entries(rules).flatMap(([op, own]) => Object.keys(own).map((name): [OpName, string] => [op as OpName, name]));

describe('rewrite rules', () => {
  it.each(named)('%s: %s', (op, name) => {
    const cases = instances[op]?.[name] ?? [];
    const rule = rules[op]?.[name];
    const next = randomNumbers(11);
    expect(cases.length, 'instances').toBeGreaterThan(0);
    for (const make of cases) {
      const b = new Builder();
      const own = make(b);
      const answer = rule?.(b, own.operands, own.attributes ?? {});
      if (answer === undefined) return expect.fail('does not fire');
      const given = numbersFor(own.inputs, next);
      expect(disagreement(b, op, own, answer, given)).toBeUndefined();
      expect(disagreement(b, op, own, b.one(op, own.operands, own.attributes ?? {}), given)).toBeUndefined();
    }
  });

  it('has no instance of a rule that is not there', () => {
    const known = new Set(named.map(([op, name]) => `${op}: ${name}`));
    const tried = Object.entries(instances).flatMap(([op, own]) => Object.keys(own).map((name) => `${op}: ${name}`));
    expect(tried.filter((name) => !known.has(name))).toEqual([]);
  });
});

// ---- what nobody thought of -------------------------------------------------------------------------------------------

/** A random node on values that are there, whose operands may be anything that a rule looks for. */
function randomCase(
  b: Builder,
  pool: readonly Value[],
  next: () => number,
): { readonly op: OpName; readonly operands: readonly Value[]; readonly attributes: Attributes } | undefined {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(((next() + 1) / 2) * list.length)] as T;
  const v = pick(pool);
  const rank = v.type.shape.length;
  const alike = pool.filter((w) => w.type.dtype === v.type.dtype && b.sameShape(w.type.shape, v.type.shape));
  const axes = v.type.shape.map((_, i) => i);
  const order = [...axes].sort(() => next());
  const axis = Math.floor(((next() + 1) / 2) * rank);
  const dim = v.type.shape[axis];
  const other = pick(pool);
  const kinds: readonly (() => { op: OpName; operands: readonly Value[]; attributes?: Attributes } | undefined)[] = [
    () => ({ op: pick(['add', 'sub', 'mul', 'maximum', 'minimum', 'guarded_mul'] as const), operands: [v, pick(alike)] }),
    () => ({ op: pick(['neg', 'neg', 'sin', 'abs'] as const), operands: [v] }),
    () => ({ op: 'select', operands: [b.less(v, pick(alike)), pick(alike), pick(alike)] }),
    () => ({ op: 'transpose', operands: [v], attributes: { axes: order } }),
    () =>
      rank > 2
        ? undefined
        : {
            op: 'broadcast_in_dim',
            operands: [v],
            attributes:
              next() > 0
                ? { shape: [k, ...v.type.shape], axes: axes.map((a) => a + 1) }
                : { shape: [...order.map((a) => v.type.shape[a] as Dim), m], axes: axes.map((a) => order.indexOf(a)) },
          },
    () => ({ op: 'reduce_sum', operands: [v], attributes: { axes: axes.filter(() => next() > 0) } }),
    () =>
      dim === undefined ? undefined : { op: 'slice', operands: [v], attributes: { axis, start: d(0), length: next() > 0 ? dim : d(2) } },
    () => (dim === undefined ? undefined : { op: 'concat', operands: [v, pick(alike)], attributes: { axis } }),
    () => (dim === undefined ? undefined : { op: 'pad', operands: [v], attributes: { axis, start: d(1), length: add(dim, d(2)) } }),
    () => (dim === undefined ? undefined : { op: 'gather', operands: [v, b.iota(dim)], attributes: { axis } }),
    () => ({ op: 'reshape', operands: [v], attributes: { shape: next() > 0 ? v.type.shape : [d(1), ...v.type.shape] } }),
    () => {
      const shared = v.type.shape.flatMap((s, i) => other.type.shape.flatMap((t, j) => (s.key === t.key ? [[i, j] as const] : [])));
      const [pair] = shared.length === 0 ? [] : [pick(shared)];
      if (pair === undefined || rank + other.type.shape.length > 5)
        return { op: 'dot_general', operands: [v, b.dimSize(n)], attributes: dot([[], []]) };
      return {
        op: 'dot_general',
        operands: [v, other],
        attributes: next() > 0 ? dot([[pair[0]], [pair[1]]]) : dot([[], []], [[pair[0]], [pair[1]]]),
      };
    },
  ];
  const made = pick(kinds)();
  if (made === undefined) return undefined;
  const attributes = made.attributes ?? {};
  const types = ops[made.op].shape(
    made.operands.map((w) => w.type),
    attributes,
    sizes,
  );
  return 'wrong' in types ? undefined : { op: made.op, operands: made.operands, attributes };
}

describe('random graphs', () => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed + 1))('mean what they would mean without rules, seed %d', (seed) => {
    const next = randomNumbers(seed * 7919);
    const b = new Builder(sizes);
    const inputs = [[], [n], [n, m], [m, n], [d(1), m], [n, m, k]].map((shape, i) => b.input(`x${i}`, 'state', type(...shape)));
    const given = numbersFor(inputs, next);
    const pool: Value[] = [
      ...inputs,
      b.full([n], 0),
      b.full([n], 1),
      b.full([n, m], -1),
      b.eye(n),
      b.eye(m),
      b.broadcast(inputs[0] as Value, [n, m], []),
      b.constant(2),
    ];
    let tried = 0;
    for (let i = 0; i < 120; i++) {
      const own = randomCase(b, pool, next);
      if (own === undefined) continue;
      const answer = b.one(own.op, own.operands, own.attributes);
      expect(
        disagreement(b, own.op, { inputs, ...own }, answer, given),
        `${own.op}${printAttributes(own.attributes, () => '')}`,
      ).toBeUndefined();
      tried++;
      if (answer.type.shape.length <= 4 && pool.length < 60) pool.push(answer);
    }
    expect(tried).toBeGreaterThan(50);
  });
});
