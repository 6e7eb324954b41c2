/**
 * The elementwise ops on vectors. Numbers are lanes, conditions are masks; what each op means is its row in `compiler/ops/pointwise.ts`.
 */
import { constantOf } from '../../ir/attributes.ts';
import type { DType, Node } from '../../ir/graph.ts';
import type { OpName } from '../../../plan/op-names.ts';
import { fusionRoles, type OpsWith } from '../../transform/fusion-roles.ts';
import type { FunctionBuilder, ModuleBuilder } from './assembler.ts';
import { v128, type V128 } from './instructions.ts';
import type { Lanes } from './lanes.ts';
import { applyMath, type MathName } from './math/functions.ts';

export interface PointwiseContext {
  readonly module: ModuleBuilder;
  readonly f: FunctionBuilder;
  readonly lanes: Lanes;
  readonly node: Node;
  /** Of each operand. */
  readonly dtypes: readonly DType[];
}

interface PointwiseRule {
  readonly emit: (context: PointwiseContext, a: V128, b: V128, c: V128) => V128;
  /** Arithmetic instructions, roughly: how much room an unrolled loop has, and what a row costs. */
  readonly weight: number;
}

const math = (name: MathName, weight: number): PointwiseRule => ({
  emit: ({ module, f, lanes }, a) => applyMath(module, f, lanes, name, a),
  weight,
});

const simple = (emit: (lanes: Lanes, a: V128, b: V128, c: V128) => V128, weight = 1): PointwiseRule => ({
  emit: ({ lanes }, a, b, c) => emit(lanes, a, b, c),
  weight,
});

/** A comparison of numbers, or of conditions. */
const comparison = (numbers: (lanes: Lanes, a: V128, b: V128) => V128, conditions: (a: V128, b: V128) => V128): PointwiseRule => ({
  emit: ({ lanes, dtypes }, a, b) => (dtypes[0] === 'bool' ? conditions(a, b) : numbers(lanes, a, b)),
  weight: 1,
});

/** Powers whose exponent is a small known number are products, to the last place or two; the rest is the general function. */
function power({ module, f, lanes, node }: PointwiseContext, x: V128, y: V128): V128 {
  const { mul, div } = lanes.arithmetic;
  const [, exponent] = node.inputs;
  const known = exponent === undefined ? undefined : constantOf(exponent);
  const base = (): V128 => f.let(x);
  switch (known) {
    case 1:
      return x;
    case 2: {
      const b = base();
      return mul(b, b);
    }
    case 3: {
      const b = base();
      return mul(mul(b, b), b);
    }
    case -1:
      return div(lanes.constant(1), x);
    case -2: {
      const b = base();
      return div(lanes.constant(1), mul(b, b));
    }
    default:
      return applyMath(module, f, lanes, 'pow', x, y);
  }
}

export const pointwise: Readonly<Record<OpsWith<'pointwise'>, PointwiseRule>> = {
  neg: simple((l, a) => l.arithmetic.neg(a)),
  abs: simple((l, a) => l.arithmetic.abs(a)),
  // ±0 and NaN stay what they are.
  sign: {
    emit: ({ f, lanes }, a) => {
      const { lt } = lanes.arithmetic;
      const [x, zero] = [f.let(a), lanes.constant(0)];
      const negative = v128.bitselect(lanes.constant(-1), x, lt(x, zero));
      return v128.bitselect(lanes.constant(1), negative, lt(zero, x));
    },
    weight: 4,
  },
  floor: simple((l, a) => l.arithmetic.floor(a)),
  exp: math('exp', 20),
  log: math('log', 25),
  log1p: math('log1p', 30),
  expm1: math('expm1', 30),
  sqrt: simple((l, a) => l.arithmetic.sqrt(a), 8),
  sin: math('sin', 40),
  cos: math('cos', 40),
  tanh: math('tanh', 30),
  sigmoid: math('sigmoid', 25),
  softplus: math('softplus', 40),
  erf: math('erf', 60),
  not: simple((_, a) => v128.not(a)),
  is_finite: simple((l, a) => l.arithmetic.lt(l.arithmetic.abs(a), l.constant(Infinity))),
  add: simple((l, a, b) => l.arithmetic.add(a, b)),
  sub: simple((l, a, b) => l.arithmetic.sub(a, b)),
  mul: simple((l, a, b) => l.arithmetic.mul(a, b)),
  div: simple((l, a, b) => l.arithmetic.div(a, b), 6),
  pow: { emit: power, weight: 40 },
  maximum: simple((l, a, b) => l.arithmetic.max(a, b)),
  minimum: simple((l, a, b) => l.arithmetic.min(a, b)),
  guarded_mul: {
    emit: ({ f, lanes }, a, b) => {
      const x = f.let(a);
      return v128.andnot(lanes.arithmetic.mul(x, b), lanes.arithmetic.eq(x, lanes.constant(0)));
    },
    weight: 3,
  },
  equal: comparison(
    (l, a, b) => l.arithmetic.eq(a, b),
    (a, b) => v128.not(v128.xor(a, b)),
  ),
  less: comparison(
    (l, a, b) => l.arithmetic.lt(a, b),
    (a, b) => v128.andnot(b, a),
  ),
  less_equal: comparison(
    (l, a, b) => l.arithmetic.le(a, b),
    (a, b) => v128.or(v128.not(a), b),
  ),
  and: simple((_, a, b) => v128.and(a, b)),
  or: simple((_, a, b) => v128.or(a, b)),
  select: simple((_, c, x, y) => v128.bitselect(x, y, c)),
};

export const pointwiseRule = (op: OpName): PointwiseRule | undefined =>
  fusionRoles[op] === 'pointwise' ? pointwise[op as OpsWith<'pointwise'>] : undefined;
