/** Rules of sums and products. */
import { isConstant } from '../../ir/attributes.ts';
import { multiply, type Dim, type Shape } from '../../ir/dims.ts';
import type { Attributes, Value } from '../../ir/graph.ts';
import { factorOut, isEye, real, scalarBehind, times, two, twoReals, type Rule, type Rules } from './rule.ts';

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

// ---- the table

export const productRules: Rules = {
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
