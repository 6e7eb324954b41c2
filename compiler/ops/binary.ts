/** Rows of the elementwise ops of two operands, and of the choice between two. */
import { constantOf, roundingsOf } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Node, Tensor, Value } from '../ir/graph.ts';
import {
  constantFacts,
  joinFacts,
  largestFacts,
  negateFacts,
  opaque,
  powerFacts,
  productFacts,
  quotientFacts,
  squareFacts,
  unknownFacts,
} from './facts.ts';
import { addMatrix, mulMatrix, powerMatrix, quotientMatrix, squareOfElements, subMatrix, withMatrix } from './matrix-facts.ts';
import type { BinaryOp, TernaryOp } from '../../plan/op-names.ts';
import { byLoop, comparison, logical, map2, numbersOnly, pointwiseShape, toReal, zero, type DTypeRule, type Loop2 } from './pointwise.ts';
import {
  boundless,
  choiceRadius,
  comparisonRadius,
  largest,
  powerRadius,
  productRadius,
  quotientRadius,
  sumRadius,
  type RadiusRule,
} from './radius.ts';
import { costPerElement, joined, operand, result, wrong } from './rules.ts';
import type { Derivative, Facts, OpRow, Tangent } from './spec.ts';

/** NaN where either is NaN, as in JAX. */
const maximum = (x: number, y: number): number => (x !== x || y !== y ? Number.NaN : x > y ? x : y);
const minimum = (x: number, y: number): number => (x !== x || y !== y ? Number.NaN : x < y ? x : y);

const loops = {
  add: (x, y, out) => {
    for (let i = 0; i < out.length; i++) out[i] = (x[i] as number) + (y[i] as number);
  },
  sub: (x, y, out) => {
    for (let i = 0; i < out.length; i++) out[i] = (x[i] as number) - (y[i] as number);
  },
  mul: (x, y, out) => {
    for (let i = 0; i < out.length; i++) out[i] = (x[i] as number) * (y[i] as number);
  },
  div: (x, y, out) => {
    for (let i = 0; i < out.length; i++) out[i] = (x[i] as number) / (y[i] as number);
  },
  guarded_mul: (x, y, out) => {
    for (let i = 0; i < out.length; i++) out[i] = x[i] === 0 ? 0 : (x[i] as number) * (y[i] as number);
  },
  equal: (x, y, out) => {
    for (let i = 0; i < out.length; i++) out[i] = x[i] === y[i] ? 1 : 0;
  },
  less: (x, y, out) => {
    for (let i = 0; i < out.length; i++) out[i] = (x[i] as number) < (y[i] as number) ? 1 : 0;
  },
  /** Squares and roots are exact to the last place, and far cheaper than a general power. */
  pow: (x, y, out) => {
    for (let i = 0; i < out.length; i++) {
      const base = x[i] as number;
      const exponent = y[i] as number;
      out[i] = exponent === 2 ? base * base : exponent === 1 ? base : exponent === -1 ? 1 / base : base ** exponent;
    }
  },
} satisfies Readonly<Record<string, Loop2>>;

interface Row {
  readonly kinked?: true;
  readonly masks?: OpRow['masks'];
  readonly f: ((x: number, y: number) => number) | { readonly loop: Loop2 };
  readonly derivative: Derivative;
  readonly facts: OpRow['facts'];
  readonly radius: RadiusRule;
  readonly flops?: number;
  readonly dtype?: DTypeRule;
  readonly domain?: OpRow['domain'];
}

const binaryRow = ({ f, derivative, facts, radius, flops = 1, dtype = numbersOnly, domain, kinked, masks }: Row): OpRow => ({
  shape: pointwiseShape(2, dtype),
  derivative,
  batch: 'pointwise',
  facts,
  radius,
  cost: costPerElement(flops),
  reference: typeof f === 'function' ? map2(f) : byLoop(f.loop),
  ...(masks === undefined ? {} : { masks }),
  ...(kinked === undefined ? {} : { kinked }),
  ...(domain === undefined ? {} : { domain }),
});

const pair = (operands: readonly Facts[]): readonly [Facts, Facts] => [
  operands[0] ?? unknownFacts('unknown'),
  operands[1] ?? unknownFacts('unknown'),
];

const comparisonRow = (f: Row['f']): OpRow =>
  binaryRow({
    f,
    derivative: zero('a comparison does not change'),
    facts: opaque('nonnegative'),
    radius: comparisonRadius,
    dtype: comparison,
  });

const logicalRow = (f: (x: boolean, y: boolean) => boolean): OpRow =>
  binaryRow({
    f: (x, y) => (f(x !== 0, y !== 0) ? 1 : 0),
    derivative: zero('a condition does not change'),
    facts: opaque('nonnegative'),
    radius: largest,
    dtype: logical,
  });

/** 1 where x wins, 0 where it loses, one half at a tie: the derivative of the mean of both orders. */
function share(b: Builder, x: Value, y: Value, wins: (x: Value, y: Value) => Value): Value {
  const one = b.full(x.type.shape, 1);
  const half = b.full(x.type.shape, 0.5);
  return b.select(b.equal(x, y), half, b.select(wins(x, y), one, b.full(x.type.shape, 0)));
}

const extremum = (wins: (b: Builder) => (x: Value, y: Value) => Value): Derivative => ({
  kind: 'pointwise',
  partials: (b, node) => {
    const x = operand(node, 0);
    const y = operand(node, 1);
    return [share(b, x, y, wins(b)), share(b, y, x, wins(b))];
  },
});

/**
 * ∂x^y/∂x = y·x^(y−1), and exactly 0 where y = 0, also at x = 0. ∂x^y/∂y = x^y·log x, and 0 where x = 0 < y.
 */
function powPartials(b: Builder, node: Node): readonly Tangent[] {
  const x = operand(node, 0);
  const y = operand(node, 1);
  const shape = x.type.shape;
  const zeros = b.full(shape, 0);
  const exponent = constantOf(y);
  const inBase =
    exponent === undefined
      ? b.select(b.equal(y, zeros), zeros, b.mul(y, b.pow(x, b.sub(y, b.full(shape, 1)))))
      : exponent === 0
        ? undefined
        : b.mul(y, b.pow(x, b.sub(y, b.full(shape, 1))));
  if (exponent !== undefined || y.type.dtype === 'int') return [inBase, undefined];
  const atZero = b.and(b.equal(x, zeros), b.less(zeros, y));
  const safe = b.select(atZero, b.full(shape, 1), x);
  return [inBase, b.select(atZero, zeros, b.mul(result(node), b.unary('log', safe)))];
}

/** The larger of two: convex in both, increasing in both. */
function maximumFacts(x: Facts, y: Facts): Facts {
  const largest = largestFacts([x, y]);
  const atLeastZero = (f: Facts): boolean => f.sign === 'nonnegative' || f.sign === 'zero';
  return largest.sign !== 'zero' && (atLeastZero(x) || atLeastZero(y)) ? { ...largest, sign: 'nonnegative' } : largest;
}

/** `if 0 < x then x else 0`: the larger of x and 0, with derivative 0 at the kink. */
export function isPositivePart(node: Node): boolean {
  const [condition, then, otherwise] = node.inputs;
  const [low, high] = condition?.node.inputs ?? [];
  return (
    condition?.node.op === 'less' &&
    low !== undefined &&
    constantOf(low) === 0 &&
    high === then &&
    otherwise !== undefined &&
    constantOf(otherwise) === 0
  );
}

/** x² for other spellings of one value, too: `mul(neg x, neg x)` never survives the rewrite rules. Off a diagonal there are zeros. */
const mulFacts: OpRow['facts'] = withMatrix((node, operands) => {
  const [x, y] = pair(operands);
  const square = squareOfElements(node, [x, y]);
  if (square !== undefined) return squareFacts(square.of === 0 ? x : y);
  const cubed = node.inputs.findIndex((v, i) => v.node.op === 'mul' && v.node.inputs.every((w) => w === node.inputs[1 - i]));
  if (cubed >= 0) return powerFacts(cubed === 0 ? y : x, 3);
  for (const [a, b] of [
    [x, y],
    [y, x],
  ] as const)
    if (a.matrix?.isDiagonal === true && b.matrix?.diagonal !== undefined)
      return joinFacts([productFacts(a, b.matrix.diagonal), constantFacts('zero')]);
  return productFacts(x, y);
}, mulMatrix);

/** Where the exponent is no number of the page, only what is computed from exact operands is known. */
const powRadius: RadiusRule = (b, node, radii) => {
  const exponent = constantOf(operand(node, 1));
  const [x] = radii;
  if (exponent !== undefined) return powerRadius(exponent, roundingsOf(operand(node, 1)))(b, node, [x]);
  return radii.every((r) => r === undefined) ? powerRadius(1)(b, node, [x]) : boundless(b, result(node).type.shape);
};

export const binaryRows: Readonly<Record<BinaryOp | TernaryOp, OpRow>> = {
  add: binaryRow({
    radius: sumRadius,
    f: { loop: loops.add },
    derivative: { kind: 'linear', transpose: (_b, _node, ct) => [ct, ct] },
    facts: withMatrix((_node, operands) => joinFacts(operands), addMatrix),
  }),
  sub: binaryRow({
    radius: sumRadius,
    f: { loop: loops.sub },
    derivative: { kind: 'linear', transpose: (b, _node, ct) => [ct, b.neg(ct)] },
    facts: withMatrix((_node, operands) => {
      const [x, y] = pair(operands);
      return joinFacts([x, negateFacts(y)]);
    }, subMatrix),
  }),
  mul: binaryRow({
    radius: productRadius,
    f: { loop: loops.mul },
    derivative: {
      kind: 'multilinear',
      in: [0, 1],
      transpose: (b, node, i, ct, masked) => (masked ? b.guardedMul(ct, operand(node, 1 - i)) : b.mul(ct, operand(node, 1 - i))),
    },
    facts: mulFacts,
  }),
  guarded_mul: binaryRow({
    radius: productRadius,
    f: { loop: loops.guarded_mul },
    derivative: {
      kind: 'multilinear',
      in: [0, 1],
      // The first operand guards, also where it is what the cotangent is multiplied by.
      transpose: (b, node, i, ct) => (i === 0 ? b.guardedMul(ct, operand(node, 1)) : b.guardedMul(operand(node, 0), ct)),
    },
    facts: mulFacts,
    masks: [1],
  }),
  div: binaryRow({
    radius: quotientRadius,
    f: { loop: loops.div },
    flops: 4,
    dtype: toReal,
    derivative: {
      kind: 'pointwise',
      singular: true,
      partials: (b, node) => {
        const y = operand(node, 1);
        return [b.div(b.full(y.type.shape, 1), y), y.type.dtype === 'int' ? undefined : b.neg(b.div(result(node), y))];
      },
    },
    facts: withMatrix((_node, operands) => quotientFacts(...pair(operands)), quotientMatrix),
    domain: [
      [-2, 2],
      [0.4, 2],
    ],
  }),
  pow: binaryRow({
    radius: powRadius,
    f: { loop: loops.pow },
    flops: 25,
    dtype: toReal,
    derivative: { kind: 'pointwise', singular: true, partials: powPartials },
    facts: withMatrix(
      (node, operands) => {
        const exponent = constantOf(operand(node, 1));
        return exponent === undefined ? opaque()(node, operands) : powerFacts(pair(operands)[0], exponent);
      },
      (node, operands) => {
        const exponent = constantOf(operand(node, 1));
        return exponent === undefined ? undefined : powerMatrix(pair(operands)[0], exponent);
      },
    ),
    domain: [
      [0.3, 2],
      [-2, 2],
    ],
  }),
  maximum: binaryRow({
    radius: largest,
    kinked: true,
    f: maximum,
    derivative: extremum((b) => (x, y) => b.less(y, x)),
    facts: (_node, operands) => maximumFacts(...pair(operands)),
  }),
  minimum: binaryRow({
    radius: largest,
    kinked: true,
    f: minimum,
    derivative: extremum((b) => (x, y) => b.less(x, y)),
    facts: (_node, operands) => {
      const [x, y] = pair(operands);
      return negateFacts(maximumFacts(negateFacts(x), negateFacts(y)));
    },
  }),

  equal: comparisonRow({ loop: loops.equal }),
  less: comparisonRow({ loop: loops.less }),
  less_equal: comparisonRow((x, y) => (x <= y ? 1 : 0)),
  and: logicalRow((x, y) => x && y),
  or: logicalRow((x, y) => x || y),

  select: {
    shape: pointwiseShape(3, ([condition, x, y]) => {
      if (condition !== 'bool') return wrong('chooses by a condition');
      return x === undefined || y === undefined
        ? wrong('takes two branches')
        : (joined(x, y) ?? wrong('branches must both be numbers or both conditions'));
    }),
    derivative: {
      // Linear in its branches together, not in one while the other stays: a branch without a tangent contributes zero.
      kind: 'custom',
      jvp: (b, node, [, x, y]) => {
        const zeros = b.full(result(node).type.shape, 0);
        return [x === undefined && y === undefined ? undefined : b.select(operand(node, 0), x ?? zeros, y ?? zeros)];
      },
      transpose: (b, node, isLinear, [ct]) => {
        if (ct === undefined) return [];
        const condition = operand(node, 0);
        const zeros = b.full(ct.type.shape, 0);
        return [
          undefined,
          isLinear(operand(node, 1)) ? b.select(condition, ct, zeros) : undefined,
          isLinear(operand(node, 2)) ? b.select(condition, zeros, ct) : undefined,
        ];
      },
    },
    batch: 'pointwise',
    radius: choiceRadius,
    kinked: 'by its condition',
    masks: [1, 2],
    facts: (node, [condition, ...branches]) => {
      if (isPositivePart(node)) return maximumFacts(branches[0] ?? unknownFacts('unknown'), constantFacts('zero'));
      const joinedFacts = joinFacts(branches);
      if (condition?.curvature === 'constant') return joinedFacts;
      return unknownFacts(joinedFacts.sign);
    },
    cost: costPerElement(1),
    reference: (_node, [c, x, y]) => {
      if (c === undefined || x === undefined || y === undefined) return [];
      const data = new Float64Array(c.data.length);
      for (let i = 0; i < data.length; i++) data[i] = (c.data[i] !== 0 ? x.data[i] : y.data[i]) as number;
      return [{ shape: c.shape, data } satisfies Tensor];
    },
  },
};
