/** Rules of the elementwise ops. */
import { exp, log } from '../../../plan/elementary.ts';
import { constantOf, given, isConstant, isShort, roundingsOf, toldRoundings } from '../../ir/attributes.ts';
import type { Value } from '../../ir/graph.ts';
import { filled, real, scalarBehind, scalarFactor, times, two, type Rule, type Rules } from './rule.ts';

/** How many units of rounding a result is off, where its operands are `off` so many. */
type Off = (result: number, values: readonly number[], off: readonly number[]) => number;

/** Up to so many units their products with each other do not count. */
const MOST_ROUNDINGS = 2 ** 30;
/** Below it a result may lack digits, and above it none. */
const ALL_DIGITS = 2 ** -1000;

const hasDigits = (x: number): boolean => x === 0 || (Math.abs(x) >= ALL_DIGITS && Number.isFinite(x));

/** A constant says how far off it is; where that is far, the operation is left to be computed. */
const foldConstants =
  (f: (...x: number[]) => number, off: Off): Rule =>
  (b, inputs) => {
    const values: number[] = [];
    for (const v of inputs) {
      const c = constantOf(v);
      if (c === undefined || !real(v)) return undefined;
      values.push(c);
    }
    const result = f(...values);
    const [first] = inputs;
    const roundings = Math.ceil(off(result, values, inputs.map(roundingsOf)));
    if (first === undefined || ![result, ...values].every(hasDigits) || !(roundings <= MOST_ROUNDINGS)) return undefined;
    return b.full(first.type.shape, result, toldRoundings(result, roundings));
  };

const absolute = (values: readonly number[], off: readonly number[]): readonly number[] =>
  values.map((x, i) => Math.abs(x) * given(off[i]));
const relative = (error: number, result: number): number => (error === 0 ? 0 : error / Math.abs(result));
const total = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0);
const isPowerOfTwo = (x: number): boolean => 2 ** Math.round(Math.log2(Math.abs(x))) === Math.abs(x);

const ofSum: Off = (result, values, off) => relative(total(absolute(values, off)), result) + (values.every(isShort) ? 0 : 1);
/** Nothing is known of a product that came out as zero. */
const ofProduct: Off = (result, values, off) =>
  result === 0 ? Infinity : total(off) + (values.every(isShort) || values.some(isPowerOfTwo) ? 0 : 1);
const ofQuotient: Off = (result, values, off) => {
  const [x = 0, y = 0] = values;
  if (result === 0) return Infinity;
  const isExact = isPowerOfTwo(y) || ([x, y, result].every(isShort) && result * y === x);
  return total(off) + (isExact ? 0 : 1);
};
const ofLargest: Off = (result, values, off) => relative(Math.max(...absolute(values, off)), result);

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
  // Two constants that are one number may stand for two.
  const isOne = x === y && (constantOf(x) === undefined || roundingsOf(x) === 0);
  return isOne && real(x) ? filled(b, x, 0) : undefined;
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
  if (pair === undefined || !real(pair[0]) || !isConstant(pair[0], 0)) return undefined;
  const divisor = constantOf(pair[1]);
  return (divisor !== undefined && divisor !== 0) || isSize(pair[1]) ? pair[0] : undefined;
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

// ---- the table

export const arithmeticRules: Rules = {
  add: {
    'constants fold': foldConstants((x, y) => x + y, ofSum),
    'x + 0': addZero,
    'x + (−y)': addNegative,
    'x + x': addSame,
    's·x + s·y': addCommonFactor,
  },
  sub: { 'constants fold': foldConstants((x, y) => x - y, ofSum), 'x − 0': subZero, 'x − (−y)': subNegative },
  mul: {
    'constants fold': foldConstants((x, y) => x * y, ofProduct),
    'x · constant': mulConstant,
    '(−x) · y': mulNegative,
    'scalars first': mulScalars,
  },
  div: { 'constants fold': foldConstants((x, y) => x / y, ofQuotient), 'x / 1': divOne, '0 / constant, 0 / size': zeroOver },
  neg: {
    'constants fold': foldConstants(
      (x) => -x,
      (_, __, off) => total(off),
    ),
    '−(−x)': negNeg,
  },
  sqrt: {
    'constants fold': foldConstants(
      (x) => Math.sqrt(x),
      (_, __, off) => total(off) / 2 + 1,
    ),
  },
  exp: { 'constants fold': foldConstants(exp, (y, values, off) => (y === 0 ? Infinity : total(absolute(values, off)) + 2)) },
  log: { 'constants fold': foldConstants(log, (y, _, off) => relative(total(off), y) + 2) },
  maximum: { 'constants fold': foldConstants((x, y) => Math.max(x, y), ofLargest) },
  minimum: { 'constants fold': foldConstants((x, y) => Math.min(x, y), ofLargest) },
  guarded_mul: { 'nothing to guard': guardNothing },
  select: { 'condition known': selectKnown },
};
