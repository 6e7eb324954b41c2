/** Rules of the ops that move numbers and compute none. */
import { isConstant } from '../../ir/attributes.ts';
import { add, literal, sameDim, sameShape, zero, type Dim } from '../../ir/dims.ts';
import { factorOut, isEye, real, scalarBehind, type Rule, type Rules } from './rule.ts';

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

// ---- the table

export const formRules: Rules = {
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
};
