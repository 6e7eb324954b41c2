/** Rows of the elementwise ops of one operand. */
import type { Builder } from '../ir/builder.ts';
import type { Node, Value } from '../ir/graph.ts';
import { erf } from './erf.ts';
import { compose, expFacts, logFacts, negateFacts, opaque, powerFacts, unknownFacts, type Scalar } from './facts.ts';
import { absMatrix, expMatrix, negMatrix, powerMatrix, withMatrix } from './matrix-facts.ts';
import type { UnaryOp } from '../../plan/op-names.ts';
import { logical, map1, numbersOnly, pointwiseShape, toReal, zero, type DTypeRule } from './pointwise.ts';
import { exact, exponential, jumping, kept, lipschitz, logarithm, rootRadius, signRadius, type RadiusRule } from './radius.ts';
import { costPerElement, isNumber, operand, result, wrong } from './rules.ts';
import type { Derivative, Facts, OpRow, Sign, Tangent } from './spec.ts';

const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const partials = (of: (b: Builder, x: Value, y: Value) => Tangent, singular = false): Derivative => ({
  kind: 'pointwise',
  singular,
  partials: (b, node) => [of(b, operand(node, 0), result(node))],
});

interface Row {
  readonly kinked?: true;
  readonly f: (x: number) => number;
  readonly derivative: Derivative;
  readonly facts: OpRow['facts'];
  readonly radius: RadiusRule;
  readonly flops?: number;
  readonly dtype?: DTypeRule;
  readonly domain?: readonly [number, number];
}

const unaryRow = ({ f, derivative, facts, radius, flops = 1, dtype = toReal, domain, kinked }: Row): OpRow => ({
  shape: pointwiseShape(1, dtype),
  derivative,
  batch: 'pointwise',
  facts,
  radius,
  cost: costPerElement(flops),
  reference: map1(f),
  ...(kinked === undefined ? {} : { kinked }),
  ...(domain === undefined ? {} : { domain: [domain] }),
});

const scalarFacts =
  (f: Scalar): OpRow['facts'] =>
  (_node, [a]) =>
    compose(f, a ?? unknownFacts('unknown'));

/** Of a function that keeps the sign of its operand. */
const signedFacts =
  (f: Omit<Scalar, 'sign'>): OpRow['facts'] =>
  (_node, [a]) =>
    compose({ ...f, sign: a?.sign ?? 'unknown' }, a ?? unknownFacts('unknown'));

const absSign = (operands: readonly Facts[]): Sign => (operands[0]?.sign === 'zero' ? 'zero' : 'nonnegative');

function absFacts(_node: Node, [a]: readonly Facts[]): Facts {
  const f = a ?? unknownFacts('unknown');
  const monotone = f.sign === 'nonnegative' || f.sign === 'zero' ? 'increasing' : f.sign === 'nonpositive' ? 'decreasing' : 'no';
  return compose({ curvature: 'convex', monotone, sign: absSign([f]) }, f);
}

/** What the whole does not depend on counts as a number, but not as one that is a polynomial's. */
function heldFacts(node: Node, operands: readonly Facts[]): Facts {
  const facts = opaque((o) => o[0]?.sign ?? 'unknown')(node, operands);
  return node.attributes.shift === true ? { degree: facts.degree, curvature: 'constant', sign: 'unknown' } : facts;
}

export const unaryRows: Readonly<Record<UnaryOp, OpRow>> = {
  neg: unaryRow({
    radius: kept,
    f: (x) => -x,
    dtype: numbersOnly,
    derivative: { kind: 'linear', transpose: (b, _node, ct) => [b.neg(ct)] },
    facts: withMatrix((_node, [a]) => negateFacts(a ?? unknownFacts('unknown')), negMatrix),
  }),
  abs: unaryRow({
    radius: kept,
    kinked: true,
    f: Math.abs,
    dtype: numbersOnly,
    derivative: partials((b, x) => b.unary('sign', x)),
    facts: withMatrix(absFacts, absMatrix),
    domain: [0.2, 2],
  }),
  sign: unaryRow({
    radius: signRadius,
    kinked: true,
    f: Math.sign,
    dtype: numbersOnly,
    derivative: zero('a sign does not change, but at 0'),
    facts: opaque((o) => o[0]?.sign ?? 'unknown'),
    domain: [0.2, 2],
  }),
  floor: unaryRow({
    radius: jumping,
    kinked: true,
    f: Math.floor,
    dtype: numbersOnly,
    derivative: zero('a whole number does not change, but at a step'),
    facts: opaque(),
    domain: [0.1, 0.9],
  }),
  exp: unaryRow({
    radius: exponential(0),
    f: Math.exp,
    flops: 10,
    derivative: partials((_b, _x, y) => y),
    facts: withMatrix((_node, [a]) => expFacts(a ?? unknownFacts('unknown')), expMatrix),
  }),
  log: unaryRow({
    radius: logarithm(0),
    f: Math.log,
    flops: 10,
    derivative: partials((b, x) => b.div(b.full(x.type.shape, 1), x), true),
    facts: (_node, [a]) => logFacts(a ?? unknownFacts('unknown'), 'unknown'),
    domain: [0.2, 3],
  }),
  log1p: unaryRow({
    radius: logarithm(1),
    f: Math.log1p,
    flops: 10,
    derivative: partials((b, x) => b.div(b.full(x.type.shape, 1), b.add(b.full(x.type.shape, 1), x)), true),
    facts: (_node, [a = unknownFacts('unknown')]) => logFacts(a, a.sign),
    domain: [-0.8, 2],
  }),
  expm1: unaryRow({
    radius: exponential(-1),
    f: Math.expm1,
    flops: 10,
    derivative: partials((b, x, y) => b.add(y, b.full(x.type.shape, 1))),
    facts: signedFacts({ curvature: 'convex', monotone: 'increasing' }),
  }),
  sqrt: unaryRow({
    radius: rootRadius,
    f: Math.sqrt,
    flops: 5,
    derivative: partials((b, x, y) => b.div(b.full(x.type.shape, 0.5), y), true),
    facts: withMatrix(
      (_node, [a]) => powerFacts(a ?? unknownFacts('unknown'), 0.5),
      (_node, [a]) => powerMatrix(a ?? unknownFacts('unknown'), 0.5),
    ),
    domain: [0.2, 3],
  }),
  sin: unaryRow({ radius: lipschitz(1, 2), f: Math.sin, flops: 10, derivative: partials((b, x) => b.unary('cos', x)), facts: opaque() }),
  cos: unaryRow({
    radius: lipschitz(1, 2),
    f: Math.cos,
    flops: 10,
    derivative: partials((b, x) => b.neg(b.unary('sin', x))),
    facts: opaque(),
  }),
  tanh: unaryRow({
    radius: lipschitz(1, 2),
    f: Math.tanh,
    flops: 10,
    derivative: partials((b, x, y) => b.sub(b.full(x.type.shape, 1), b.mul(y, y))),
    facts: opaque((o) => o[0]?.sign ?? 'unknown'),
  }),
  sigmoid: unaryRow({
    radius: lipschitz(0.25, 1),
    f: sigmoid,
    flops: 12,
    derivative: partials((b, x, y) => b.mul(y, b.sub(b.full(x.type.shape, 1), y))),
    facts: opaque('nonnegative'),
  }),
  softplus: unaryRow({
    radius: lipschitz(1),
    f: softplus,
    flops: 20,
    derivative: partials((b, x) => b.unary('sigmoid', x)),
    facts: scalarFacts({ curvature: 'convex', monotone: 'increasing', sign: 'nonnegative' }),
  }),
  erf: unaryRow({
    radius: lipschitz(1.13, 2),
    f: erf,
    flops: 20,
    derivative: partials((b, x) => b.scale(b.unary('exp', b.neg(b.mul(x, x))), 2 / Math.sqrt(Math.PI))),
    facts: opaque((o) => o[0]?.sign ?? 'unknown'),
  }),
  not: unaryRow({
    radius: kept,
    f: (x) => (x === 0 ? 1 : 0),
    dtype: logical,
    derivative: zero('a condition does not change'),
    facts: opaque('nonnegative'),
  }),
  is_finite: unaryRow({
    radius: exact,
    f: (x) => (Number.isFinite(x) ? 1 : 0),
    dtype: (ts) => (ts.every(isNumber) ? 'bool' : wrong('takes numbers')),
    derivative: zero('a condition does not change'),
    facts: opaque('nonnegative'),
  }),
  stop_gradient: unaryRow({
    radius: kept,
    f: (x) => x,
    dtype: numbersOnly,
    derivative: zero('it is held fixed'),
    facts: heldFacts,
  }),
};
