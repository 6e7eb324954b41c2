/**
 * The rewrite rules, as named rows. `Builder.emit` asks them before it makes a node, so graphs are simple while they grow.
 * A rule answers with a value of the same type and meaning (to rounding), or not at all. Rules only ever go towards fewer
 * operations, or towards scalars and data standing outside, so that what depends on data alone can be computed once.
 */
import type { Builder } from '../ir/builder.ts';
import { exp, log } from '../../plan/elementary.ts';
import { constantOf, isConstant } from '../ir/attributes.ts';
import { add, literal, multiply, sameDim, sameShape, zero, type Dim, type Shape } from '../ir/dims.ts';
import type { Attributes, Value } from '../ir/graph.ts';
import type { OpName } from '../ops/names.ts';

type Rule = (b: Builder, inputs: readonly Value[], attributes: Attributes) => Value | undefined;

/** Two operands of a pointwise op; absent ones cannot happen behind the shape rule. */
const two = (inputs: readonly Value[]): readonly [Value, Value] | undefined => {
  const [x, y] = inputs;
  return x === undefined || y === undefined ? undefined : [x, y];
};

/** The same where both are real: a product or a quotient of whole numbers is real, and its operands are not. */
const twoReals = (inputs: readonly Value[]): readonly [Value, Value] | undefined => {
  const pair = two(inputs);
  return pair !== undefined && pair.every(real) ? pair : undefined;
};

const filled = (b: Builder, like: Value, value: number): Value => b.full(like.type.shape, value);
const real = (v: Value): boolean => v.type.dtype === 'real';

/** `s` with x = s · rest for a scalar s, read off `mul(broadcast s, rest)`. */
export function scalarFactor(v: Value): { readonly scalar: Value; readonly rest: Value } | undefined {
  if (v.node.op !== 'mul') return undefined;
  const [x, y] = v.node.inputs;
  if (x === undefined || y === undefined) return undefined;
  const s = scalarBehind(x);
  return s === undefined ? undefined : { scalar: s, rest: y };
}

/** The scalar that a broadcast spreads. */
function scalarBehind(v: Value): Value | undefined {
  if (v.type.shape.length === 0) return v;
  const [from] = v.node.inputs;
  return v.node.op === 'broadcast_in_dim' && from?.type.shape.length === 0 ? from : undefined;
}

const times = (b: Builder, scalar: Value, v: Value): Value => b.mul(b.broadcast(scalar, v.type.shape, []), v);

const isEye = (v: Value): boolean => v.node.op === 'eye';

// ---- constants --------------------------------------------------------------------------------------------------------

const foldConstants =
  (f: (...x: number[]) => number): Rule =>
  (b, inputs) => {
    const values: number[] = [];
    for (const v of inputs) {
      const c = constantOf(v);
      if (c === undefined || !real(v)) return undefined;
      values.push(c);
    }
    const result = f(...values);
    const [first] = inputs;
    return Number.isFinite(result) && first !== undefined ? filled(b, first, result) : undefined;
  };

// ---- arithmetic -------------------------------------------------------------------------------------------------------

const addZero: Rule = (_b, inputs) => {
  const pair = two(inputs);
  if (pair === undefined) return undefined;
  const [x, y] = pair;
  return isConstant(x, 0) && x.type.dtype === y.type.dtype ? y : isConstant(y, 0) && x.type.dtype === y.type.dtype ? x : undefined;
};

const addNegative: Rule = (b, inputs) => {
  const pair = two(inputs);
  if (pair === undefined) return undefined;
  const [x, y] = pair;
  const [inside] = y.node.inputs;
  if (y.node.op === 'neg' && inside !== undefined) return b.sub(x, inside);
  const [left] = x.node.inputs;
  return x.node.op === 'neg' && left !== undefined ? b.sub(y, left) : undefined;
};

const addSame: Rule = (b, inputs) => {
  const pair = two(inputs);
  return pair !== undefined && pair[0] === pair[1] && real(pair[0]) ? b.scale(pair[0], 2) : undefined;
};

/** s·x + s·y = s·(x + y), for one scalar s. */
const addCommonFactor: Rule = (b, inputs) => {
  const pair = two(inputs);
  if (pair === undefined) return undefined;
  const [f, g] = [scalarFactor(pair[0]), scalarFactor(pair[1])];
  return f !== undefined && g !== undefined && f.scalar === g.scalar && f.rest.type.shape.length > 0
    ? times(b, f.scalar, b.add(f.rest, g.rest))
    : undefined;
};

const subZero: Rule = (b, inputs) => {
  const pair = two(inputs);
  if (pair === undefined) return undefined;
  const [x, y] = pair;
  if (isConstant(y, 0) && (real(x) || x.type.dtype === y.type.dtype)) return x;
  if (isConstant(x, 0) && real(y)) return b.neg(y);
  return x === y && real(x) ? filled(b, x, 0) : undefined;
};

const subNegative: Rule = (b, inputs) => {
  const pair = two(inputs);
  const [inside] = pair?.[1].node.inputs ?? [];
  return pair !== undefined && pair[1].node.op === 'neg' && inside !== undefined ? b.add(pair[0], inside) : undefined;
};

/** Zero here is structural: it stands where a derivative is identically zero, so it annihilates whatever it meets. */
const mulConstant: Rule = (b, inputs) => {
  const pair = two(inputs);
  if (pair === undefined || !real(pair[0]) || !real(pair[1])) return undefined;
  for (const [c, x] of [pair, [pair[1], pair[0]] as const]) {
    const value = constantOf(c);
    if (value === 0) return filled(b, x, 0);
    if (value === 1) return x;
    if (value === -1) return b.neg(x);
  }
  return undefined;
};

/** A scalar stands on the left, and two scalars become one: s·(t·x) = (s·t)·x. */
const mulScalars: Rule = (b, inputs) => {
  const pair = two(inputs);
  if (pair === undefined || pair[0].type.shape.length === 0) return undefined;
  const [x, y] = pair;
  const left = scalarBehind(x);
  const right = scalarBehind(y);
  if (left !== undefined && right !== undefined) return b.broadcast(b.mul(left, right), x.type.shape, []);
  if (left === undefined && right !== undefined) return b.mul(y, x);
  const inner = scalarFactor(y);
  if (left !== undefined && inner !== undefined) return times(b, b.mul(left, inner.scalar), inner.rest);
  if (left !== undefined) return undefined;
  if (inner !== undefined) return times(b, inner.scalar, b.mul(x, inner.rest));
  const outer = scalarFactor(x);
  return outer === undefined ? undefined : times(b, outer.scalar, b.mul(outer.rest, y));
};

const mulNegative: Rule = (b, inputs) => {
  const pair = two(inputs);
  if (pair === undefined) return undefined;
  const [x, y] = pair;
  const [left] = x.node.inputs;
  const [right] = y.node.inputs;
  if (x.node.op === 'neg' && left !== undefined) return b.neg(b.mul(left, y));
  return y.node.op === 'neg' && right !== undefined ? b.neg(b.mul(x, right)) : undefined;
};

const divOne: Rule = (_b, inputs) => {
  const pair = two(inputs);
  return pair !== undefined && real(pair[0]) && isConstant(pair[1], 1) ? pair[0] : undefined;
};

const zeroOver: Rule = (_b, inputs) => {
  const pair = two(inputs);
  const divisor = pair === undefined ? undefined : constantOf(pair[1]);
  return pair !== undefined && real(pair[0]) && isConstant(pair[0], 0) && divisor !== undefined && divisor !== 0 ? pair[0] : undefined;
};

const negNeg: Rule = (_b, [x]) => (x?.node.op === 'neg' ? x.node.inputs[0] : undefined);

/** Guarding is for partials that can be infinite; a finite constant cannot. */
const guardNothing: Rule = (b, inputs) => {
  const pair = two(inputs);
  if (pair === undefined) return undefined;
  const [x, y] = pair;
  if (isConstant(x, 0)) return x;
  const c = constantOf(x);
  const d = constantOf(y);
  if ((c !== undefined && c !== 0) || d !== undefined) return b.mul(x, y);
  return y.node.op === 'div' && isFinitePartial(y) ? b.mul(x, y) : undefined;
};

/** c / size: finite, a dim being at least 1 where anything is computed from it. */
function isFinitePartial(v: Value): boolean {
  const [top, bottom] = v.node.inputs;
  return top !== undefined && bottom !== undefined && constantOf(top) !== undefined && isSize(bottom);
}

const isSize = (v: Value): boolean =>
  v.node.op === 'dim_size' || (v.node.op === 'broadcast_in_dim' && v.node.inputs[0] !== undefined && isSize(v.node.inputs[0]));

const selectKnown: Rule = (_b, [c, x, y]) => {
  if (c === undefined || x === undefined || y === undefined || x.type.dtype !== y.type.dtype) return undefined;
  const known = constantOf(c);
  return known === undefined ? (x === y ? x : undefined) : known === 0 ? y : x;
};

// ---- form -------------------------------------------------------------------------------------------------------------

const isIdentity = (axes: readonly number[]): boolean => axes.every((a, i) => a === i);

const broadcastNothing: Rule = (b, [x], { shape, axes }) =>
  x !== undefined && shape !== undefined && axes !== undefined && isIdentity(axes) && sameShape(x.type.shape, shape, b.fixed)
    ? x
    : undefined;

const broadcastTwice: Rule = (b, [x], { shape, axes }) => {
  const [from] = x?.node.inputs ?? [];
  const first = x?.node.attributes.axes;
  if (x?.node.op !== 'broadcast_in_dim' || from === undefined || first === undefined || shape === undefined || axes === undefined)
    return undefined;
  return b.broadcast(
    from,
    shape,
    first.map((a) => axes[a] ?? a),
  );
};

const reshapeNothing: Rule = (b, [x], { shape }) =>
  x !== undefined && shape !== undefined && sameShape(x.type.shape, shape, b.fixed) ? x : undefined;

const reshapeTwice: Rule = (b, [x], { shape }) => {
  const [from] = x?.node.inputs ?? [];
  return x?.node.op === 'reshape' && from !== undefined && shape !== undefined ? b.reshape(from, shape) : undefined;
};

const reshapeSpread: Rule = (b, [x], { shape }) => {
  if (x === undefined || shape === undefined) return undefined;
  const scalar = scalarBehind(x);
  return scalar === undefined ? undefined : b.broadcast(scalar, shape, []);
};

/** eye(1) is a one. */
const eyeOfOne: Rule = (b, _inputs, { dim }) => (dim !== undefined && literal(dim) === 1 ? b.full([dim, dim], 1) : undefined);

const transposeNothing: Rule = (_b, [x], { axes }) => (x !== undefined && axes !== undefined && isIdentity(axes) ? x : undefined);

const transposeTwice: Rule = (b, [x], { axes }) => {
  const [from] = x?.node.inputs ?? [];
  const first = x?.node.attributes.axes;
  return x?.node.op === 'transpose' && from !== undefined && first !== undefined && axes !== undefined
    ? b.transpose(
        from,
        axes.map((a) => first[a] ?? a),
      )
    : undefined;
};

const transposeEye: Rule = (_b, [x]) => (x !== undefined && isEye(x) ? x : undefined);

const transposeSpread: Rule = (b, [x], { axes }) => {
  if (x === undefined || axes === undefined || x.node.op !== 'broadcast_in_dim') return undefined;
  const [from] = x.node.inputs;
  const { axes: placed, shape } = x.node.attributes;
  if (from === undefined || placed === undefined || shape === undefined) return undefined;
  return b.broadcast(
    from,
    axes.map((a) => shape[a] as Dim),
    placed.map((p) => axes.indexOf(p)),
  );
};

const sliceWhole: Rule = (b, [x], { axis, start, length }) => {
  const dim = axis === undefined ? undefined : x?.type.shape[axis];
  return dim !== undefined && start !== undefined && length !== undefined && literal(start) === 0 && sameDim(dim, length, b.fixed)
    ? x
    : undefined;
};

/** A slice that is exactly one part of a concatenation. */
const sliceOfConcat: Rule = (b, [x], { axis, start, length }) => {
  if (x?.node.op !== 'concat' || axis === undefined || start === undefined || length === undefined || x.node.attributes.axis !== axis)
    return undefined;
  let offset = zero;
  for (const part of x.node.inputs) {
    const size = part.type.shape[axis];
    if (size === undefined) return undefined;
    if (offset.key === start.key) return sameDim(size, length, b.fixed) ? part : undefined;
    offset = add(offset, size);
  }
  return undefined;
};

const sliceSpread: Rule = (b, [x], { axis, length }) => {
  if (x === undefined || axis === undefined || length === undefined) return undefined;
  const scalar = scalarBehind(x);
  return scalar === undefined || x.type.shape.length === 0
    ? undefined
    : b.broadcast(
        scalar,
        x.type.shape.map((d, i) => (i === axis ? length : d)),
        [],
      );
};

const concatOne: Rule = (_b, inputs) => (inputs.length === 1 ? inputs[0] : undefined);

/** Neighbouring slices of one tensor, put together again. */
const concatOfSlices: Rule = (b, inputs, { axis }) => {
  const [first] = inputs;
  const from = first?.node.inputs[0];
  if (first === undefined || from === undefined || axis === undefined) return undefined;
  const dim = from.type.shape[axis];
  let next = first.node.attributes.start;
  if (dim === undefined || next === undefined || literal(next) !== 0) return undefined;
  for (const v of inputs) {
    const { op, attributes } = v.node;
    if (
      op !== 'slice' ||
      v.node.inputs[0] !== from ||
      attributes.axis !== axis ||
      attributes.start?.key !== next.key ||
      attributes.length === undefined
    )
      return undefined;
    next = add(next, attributes.length);
  }
  return sameDim(next, dim, b.fixed) ? from : undefined;
};

const padZeros: Rule = (b, [x], { axis, length }) =>
  x !== undefined && axis !== undefined && length !== undefined && real(x) && isConstant(x, 0)
    ? b.zeros(x.type.shape.map((d, i) => (i === axis ? length : d)))
    : undefined;

const gatherIdentity: Rule = (b, [x, at], { axis }) => {
  const dim = axis === undefined ? undefined : x?.type.shape[axis];
  return dim !== undefined &&
    at?.node.op === 'iota' &&
    at.node.attributes.dim !== undefined &&
    sameDim(at.node.attributes.dim, dim, b.fixed)
    ? x
    : undefined;
};

/** Every position holds the same number, so that one outside is not told from the others here, where it would give NaN. */
const gatherSpread: Rule = (b, [x, at], { axis }) => {
  if (x === undefined || at === undefined || axis === undefined || x.type.shape.length === 0) return undefined;
  const scalar = scalarBehind(x);
  return scalar === undefined
    ? undefined
    : b.broadcast(scalar, [...x.type.shape.slice(0, axis), ...at.type.shape, ...x.type.shape.slice(axis + 1)], []);
};

const scatterZeros: Rule = (b, [x, at], { axis, length }) => {
  if (x === undefined || at === undefined || axis === undefined || length === undefined || !real(x) || !isConstant(x, 0)) return undefined;
  return b.zeros([...x.type.shape.slice(0, axis), length, ...x.type.shape.slice(axis + at.type.shape.length)]);
};

// ---- reductions and products --------------------------------------------------------------------------------------------

const sumNothing: Rule = (_b, [x], { axes }) => (axes?.length === 0 ? x : undefined);

/** A sum along axes over which its operand does not change is a product with their size. */
const sumOfSpread: Rule = (b, [x], { axes }) => {
  if (x?.node.op !== 'broadcast_in_dim' || axes === undefined || !real(x)) return undefined;
  const [from] = x.node.inputs;
  const { axes: placed, shape } = x.node.attributes;
  if (from === undefined || placed === undefined || shape === undefined) return undefined;
  if (axes.some((a) => placed.includes(a))) return undefined;
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const count = b.dimSize(multiply(...axes.map((a) => shape[a] as Dim)));
  return times(
    b,
    count,
    b.broadcast(
      from,
      kept.map((i) => shape[i] as Dim),
      placed.map((p) => kept.indexOf(p)),
    ),
  );
};

const factorOut =
  (op: OpName): Rule =>
  (b, inputs, attributes) => {
    for (const [i, v] of inputs.entries()) {
      const f = scalarFactor(v);
      if (f !== undefined && v.type.shape.length > 0)
        return times(
          b,
          f.scalar,
          b.one(
            op,
            inputs.map((w, j) => (j === i ? f.rest : w)),
            attributes,
          ),
        );
      const [inside] = v.node.inputs;
      if (v.node.op === 'neg' && inside !== undefined)
        return b.neg(
          b.one(
            op,
            inputs.map((w, j) => (j === i ? inside : w)),
            attributes,
          ),
        );
    }
    return undefined;
  };

/** Σ x·x and the like are products: they need no intermediate. */
const sumOfProduct: Rule = (b, [x], { axes }) => {
  if (x?.node.op !== 'mul' || axes === undefined || axes.length !== x.type.shape.length || x.type.shape.length === 0) return undefined;
  const [u, v] = x.node.inputs;
  return u === undefined || v === undefined || !real(u) || !real(v) ? undefined : b.dotGeneral(u, v, [axes, axes]);
};

interface Dot {
  readonly contract: readonly [readonly number[], readonly number[]];
  readonly batch: readonly [readonly number[], readonly number[]];
}
const dot = (attributes: Attributes): Dot => ({ contract: attributes.contract ?? [[], []], batch: attributes.batch ?? [[], []] });

const freeAxes = (v: Value, contracted: readonly number[], batch: readonly number[]): readonly number[] =>
  v.type.shape.map((_, i) => i).filter((i) => !contracted.includes(i) && !batch.includes(i));

function dotShape(inputs: readonly [Value, Value], { contract, batch }: Dot): Shape {
  const [x, y] = inputs;
  return [
    ...batch[0].map((i) => x.type.shape[i] as Dim),
    ...freeAxes(x, contract[0], batch[0]).map((i) => x.type.shape[i] as Dim),
    ...freeAxes(y, contract[1], batch[1]).map((i) => y.type.shape[i] as Dim),
  ];
}

const dotZero: Rule = (b, inputs, attributes) => {
  const pair = two(inputs);
  return pair !== undefined && (isConstant(pair[0], 0) || isConstant(pair[1], 0)) ? b.zeros(dotShape(pair, dot(attributes))) : undefined;
};

/** A product along one axis with an identity matrix only renames that axis. */
const dotEye: Rule = (b, inputs, attributes) => {
  const pair = twoReals(inputs);
  if (pair === undefined) return undefined;
  const { contract, batch } = dot(attributes);
  if (batch[0].length > 0 || contract[0].length !== 1) return undefined;
  const [x, y] = pair;
  const [i] = contract[0];
  const [j] = contract[1];
  if (i === undefined || j === undefined) return undefined;
  if (isEye(y)) {
    const order = [...freeAxes(x, [i], []), i];
    return b.transpose(x, order);
  }
  if (isEye(x)) return b.transpose(y, [j, ...freeAxes(y, [j], [])]);
  return undefined;
};

/** A product with a tensor that is one scalar everywhere is a sum. */
const dotSpread: Rule = (b, inputs, attributes) => {
  const pair = twoReals(inputs);
  if (pair === undefined) return undefined;
  const shape = dot(attributes);
  const { contract, batch } = shape;
  if (batch[0].length > 0) return undefined;
  for (const side of [0, 1] as const) {
    const flat = pair[side];
    const other = pair[1 - side] as Value;
    const scalar = scalarBehind(flat);
    if (scalar === undefined || flat.type.shape.length === 0) continue;
    const summed = b.sum(other, side === 0 ? contract[1] : contract[0]);
    const result = dotShape(pair, shape);
    const kept = summed.type.shape.length;
    const axes = summed.type.shape.map((_, k) => (side === 1 ? k : result.length - kept + k));
    return times(b, scalar, b.broadcast(summed, result, axes));
  }
  return undefined;
};

/** A product with a tensor that is the same all along a free axis is taken once. */
const dotRepeated: Rule = (b, inputs, attributes) => {
  const pair = twoReals(inputs);
  if (pair === undefined) return undefined;
  const shape = dot(attributes);
  const { contract, batch } = shape;
  for (const side of [0, 1] as const) {
    const operand = pair[side];
    const [from] = operand.node.inputs;
    const { axes: placed } = operand.node.attributes;
    if (operand.node.op !== 'broadcast_in_dim' || from === undefined || placed === undefined) continue;
    const free = freeAxes(operand, contract[side], batch[side]);
    const same = free.filter((a) => !placed.includes(a));
    if (same.length === 0) continue;
    const kept = operand.type.shape.map((_, a) => a).filter((a) => !same.includes(a));
    const once = b.broadcast(
      from,
      kept.map((a) => operand.type.shape[a] as Dim),
      placed.map((a) => kept.indexOf(a)),
    );
    const renamed = (pairs: Dot['contract']): Dot['contract'] => {
      const own = pairs[side].map((a) => kept.indexOf(a));
      return side === 0 ? [own, pairs[1]] : [pairs[0], own];
    };
    const product = b.dotGeneral(side === 0 ? once : pair[0], side === 0 ? pair[1] : once, renamed(contract), renamed(batch));
    const before = batch[0].length + (side === 0 ? 0 : freeAxes(pair[0], contract[0], batch[0]).length);
    const repeated = same.map((a) => before + free.indexOf(a));
    const result = dotShape(pair, shape);
    return b.broadcast(
      product,
      result,
      result.map((_, a) => a).filter((a) => !repeated.includes(a)),
    );
  }
  return undefined;
};

/** A product that contracts nothing with a scalar operand is a multiplication. */
const dotScalar: Rule = (b, inputs) => {
  const pair = twoReals(inputs);
  if (pair === undefined) return undefined;
  const [x, y] = pair;
  if (x.type.shape.length === 0) return times(b, x, y);
  return y.type.shape.length === 0 ? times(b, y, x) : undefined;
};

// ---- the table ------------------------------------------------------------------------------------------------------------

/** In the order in which they are tried. */
export const rules: Readonly<Partial<Record<OpName, Readonly<Record<string, Rule>>>>> = {
  add: {
    'constants fold': foldConstants((x, y) => x + y),
    'x + 0': addZero,
    'x + (−y)': addNegative,
    'x + x': addSame,
    's·x + s·y': addCommonFactor,
  },
  sub: { 'constants fold': foldConstants((x, y) => x - y), 'x − 0': subZero, 'x − (−y)': subNegative },
  mul: {
    'constants fold': foldConstants((x, y) => x * y),
    'x · constant': mulConstant,
    '(−x) · y': mulNegative,
    'scalars first': mulScalars,
  },
  div: { 'constants fold': foldConstants((x, y) => x / y), 'x / 1': divOne, '0 / constant': zeroOver },
  neg: { 'constants fold': foldConstants((x) => -x), '−(−x)': negNeg },
  sqrt: { 'constants fold': foldConstants((x) => Math.sqrt(x)) },
  exp: { 'constants fold': foldConstants(exp) },
  log: { 'constants fold': foldConstants(log) },
  maximum: { 'constants fold': foldConstants((x, y) => Math.max(x, y)) },
  minimum: { 'constants fold': foldConstants((x, y) => Math.min(x, y)) },
  guarded_mul: { 'nothing to guard': guardNothing },
  select: { 'condition known': selectKnown },
  eye: { 'eye(1)': eyeOfOne },
  broadcast_in_dim: { 'broadcast to itself': broadcastNothing, 'broadcast twice': broadcastTwice },
  reshape: { 'reshape to itself': reshapeNothing, 'reshape twice': reshapeTwice, 'reshape of a spread scalar': reshapeSpread },
  transpose: {
    'transpose to itself': transposeNothing,
    'transpose twice': transposeTwice,
    'transpose of eye': transposeEye,
    'transpose of a broadcast': transposeSpread,
    'factor out': factorOut('transpose'),
  },
  slice: { 'slice of everything': sliceWhole, 'slice of a concat': sliceOfConcat, 'slice of a spread scalar': sliceSpread },
  concat: { 'concat of one': concatOne, 'concat of slices': concatOfSlices },
  pad: { 'pad of zeros': padZeros },
  gather: { 'gather of everything': gatherIdentity, 'gather of a spread scalar': gatherSpread },
  scatter_add: { 'scatter of zeros': scatterZeros },
  reduce_sum: {
    'sum over nothing': sumNothing,
    'sum of a broadcast': sumOfSpread,
    'factor out': factorOut('reduce_sum'),
    'sum of a product': sumOfProduct,
  },
  dot_general: {
    'product with zero': dotZero,
    'product with a scalar': dotScalar,
    'product with eye': dotEye,
    'factor out': factorOut('dot_general'),
    'product with a spread scalar': dotSpread,
    'product with a repeated operand': dotRepeated,
  },
};

/** The simpler value that a node would be, if a rule knows one. */
export function rewrite(b: Builder, op: OpName, inputs: readonly Value[], attributes: Attributes): readonly Value[] | undefined {
  for (const rule of Object.values(rules[op] ?? {})) {
    const simpler = rule(b, inputs, attributes);
    if (simpler !== undefined) return [simpler];
  }
  return undefined;
}
