/** Operators: number kinds, NumPy's rank promotion with our stricter stretching, powers, products of matrices. */
import { certainly } from '../../diagnostics/fix.ts';
import type { Span } from '../../diagnostics/diagnostic.ts';
import { ambiguousStretch, notACondition, wrongRank } from '../../diagnostics/names.ts';
import type { BinaryOperator, Expression } from '../../grammar/ast.ts';
import type { Scope } from '../check/scope.ts';
import { constantOf } from '../ir/builder.ts';
import { isOne, literal, one, printShape, sameDim, type Dim, type Shape } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { intSize } from '../ops/rules.ts';
import { between, differ, rankOf, refuse, reportMismatch, show, type Context, type Operand } from './context.ts';
import { dimOf } from './static.ts';

// ---- kinds of numbers -----------------------------------------------------------------------------------------------

/** A condition counts as 0 or 1; a whole number is a number. */
export function toReal(c: Context, value: Value): Value {
  if (value.type.dtype === 'real') return value;
  if (value.type.dtype === 'bool') return c.b.select(value, c.b.constant(1), c.b.constant(0));
  return c.b.mul(c.b.constant(1), value);
}

/** A condition as 0 or 1, numbers as they are. */
const toNumber = (c: Context, value: Value): Value => (value.type.dtype === 'bool' ? toReal(c, value) : value);

/** The same as a value of kind int, where it is known to be a whole number. */
export function toInt(c: Context, value: Value): Value | undefined {
  if (value.type.dtype === 'int') return value;
  if (rankOf(value) > 0) return undefined;
  const dim = dimOf(value);
  if (dim !== undefined) return intSize(c.b, dim);
  const constant = constantOf(value);
  return constant !== undefined && Number.isInteger(constant) ? c.b.integer(constant) : undefined;
}

/** Sums and products of whole numbers stay whole numbers, so that they can be positions. */
function alike(c: Context, left: Value, right: Value, keepInt: boolean): readonly [Value, Value] {
  const a = toNumber(c, left);
  const b = toNumber(c, right);
  if (keepInt && (a.type.dtype === 'int') !== (b.type.dtype === 'int')) {
    const x = toInt(c, a);
    const y = toInt(c, b);
    if (x !== undefined && y !== undefined) return [x, y];
  }
  return keepInt && a.type.dtype === 'int' && b.type.dtype === 'int' ? [a, b] : [toReal(c, a), toReal(c, b)];
}

// ---- shapes -----------------------------------------------------------------------------------------------------------

/** Of two equal dims the one with a name says more. */
const moreTelling = (a: Dim, b: Dim): Dim => (literal(a) === undefined ? a : b);

/** The shape of an elementwise operation on two operands, aligned at the last axes; `undefined` after a report. */
export function commonShape(c: Context, operation: string, left: Operand, right: Operand, span: Span): Shape | undefined {
  const a = left.value.type.shape;
  const b = right.value.type.shape;
  const rank = Math.max(a.length, b.length);
  const shape: Dim[] = [];
  let stretches = false;
  for (let axis = 1; axis <= rank; axis++) {
    const x = a[a.length - axis];
    const y = b[b.length - axis];
    if (x === undefined || y === undefined) shape.unshift((x ?? y) as Dim);
    else if (sameDim(x, y, c.b.fixed)) shape.unshift(moreTelling(x, y));
    else if (isOne(x) || isOne(y)) {
      stretches = true;
      shape.unshift(isOne(x) ? y : x);
    } else return reportMismatch(c, operation, left, right, span, differ(x, y), [x, y]);
  }
  if (stretches && a.length !== b.length && a.length > 0 && b.length > 0) {
    const labels = [left, right].map((o) => ({ span: o.span, message: `this is ${show(o.value)}` }));
    const [shorter, longer] = a.length < b.length ? [left, right] : [right, left];
    const payload = { operation, left: show(left.value), right: show(right.value), result: printShape(shape) };
    const ways = waysOut(c, [shorter.value.type.shape, longer.value.type.shape]);
    return refuse(c, ambiguousStretch({ span, labels }, { ...payload, ...ways, shorter: shorter.span, longer: longer.span }));
  }
  return shape;
}

/** The shapes that either meaning of a stretch would ask for: the longer operand without its ones, the shorter with all axes. */
function waysOut(c: Context, [shorter, longer]: readonly [Shape, Shape]): { readonly beside?: string; readonly whole: string } {
  const whole = printShape([...longer.slice(shorter.length).map(() => one), ...shorter]);
  const isBeside = c.b.sameShape(
    longer.filter((dim) => !isOne(dim)),
    shorter,
  );
  return isBeside ? { beside: printShape(shorter), whole } : { whole };
}

/** The value in a shape that it stretches to, axes aligned at the end. */
export function stretch(c: Context, value: Value, shape: Shape): Value {
  const own = value.type.shape;
  if (own.length === shape.length && own.every((dim, i) => sameDim(dim, shape[i] as Dim, c.b.fixed))) return value;
  return c.b.broadcast(
    value,
    shape,
    own.map((_, i) => shape.length - own.length + i),
  );
}

/** Both operands in their common shape. */
function aligned(c: Context, operation: string, left: Operand, right: Operand, span: Span): readonly [Value, Value] | undefined {
  const shape = commonShape(c, operation, left, right, span);
  return shape === undefined ? undefined : [stretch(c, left.value, shape), stretch(c, right.value, shape)];
}

/** An elementwise function of two real operands. */
export function pairwise(
  c: Context,
  operation: string,
  left: Operand,
  right: Operand,
  span: Span,
  make: (a: Value, b: Value) => Value,
): Value | undefined {
  const both = aligned(c, operation, { ...left, value: toReal(c, left.value) }, { ...right, value: toReal(c, right.value) }, span);
  return both === undefined ? undefined : make(...both);
}

// ---- operators ----------------------------------------------------------------------------------------------------------

export function elaborateBinary(c: Context, expression: Extract<Expression, { kind: 'binary' }>, scope: Scope): Value | undefined {
  const [leftValue, rightValue] = elaborateBoth(c, expression, scope);
  if (leftValue === undefined || rightValue === undefined) return undefined;
  const left: Operand = { value: leftValue, span: expression.left.span };
  const right: Operand = { value: rightValue, span: expression.right.span };
  return applyBinary(c, expression.operator, left, right, expression.span);
}

/** A name that is not there is looked at last: what it meets says which shape it should have. */
function elaborateBoth(
  c: Context,
  { left, right, operator }: Extract<Expression, { kind: 'binary' }>,
  scope: Scope,
): readonly (Value | undefined)[] {
  const isMissing = (one: Expression): boolean => one.kind === 'name' && scope.lookup(one.name) === undefined;
  if (isMissing(left) === isMissing(right)) return [c.elaborate(left, scope), c.elaborate(right, scope)];
  const [known, missing] = isMissing(left) ? [right, left] : [left, right];
  const value = c.elaborate(known, scope);
  if (value !== undefined) {
    const { shape } = value.type;
    // Beside a matrix, a vector of the axis along which the product sums is the least that fits.
    const least = missing === left ? shape.slice(0, 1) : shape.slice(-1);
    c.expected.set(missing, { shape: operator === '@' ? least : shape });
  }
  const other = c.elaborate(missing, scope);
  return missing === left ? [other, value] : [value, other];
}

export function applyBinary(c: Context, operator: BinaryOperator, left: Operand, right: Operand, span: Span): Value | undefined {
  const operation = `\`${operator}\``;
  switch (operator) {
    case '@':
      return matrixProduct(c, left, right, span);
    case '^':
      return power(c, left, right, span);
    case 'and':
    case 'or': {
      if (!isCondition(c, operation, left) || !isCondition(c, operation, right)) return undefined;
      const both = aligned(c, operation, left, right, span);
      return both === undefined ? undefined : operator === 'and' ? c.b.and(...both) : c.b.or(...both);
    }
    default: {
      const [a, b] = alike(c, left.value, right.value, operator !== '/');
      const both = aligned(c, operation, { ...left, value: a }, { ...right, value: b }, span);
      return both === undefined ? undefined : elementwise(c, operator, ...both);
    }
  }
}

type Elementwise = Exclude<BinaryOperator, '@' | '^' | 'and' | 'or'>;

function elementwise({ b }: Context, operator: Elementwise, x: Value, y: Value): Value {
  switch (operator) {
    case '+':
      return b.add(x, y);
    case '-':
      return b.sub(x, y);
    case '*':
      return b.mul(x, y);
    case '/':
      return b.div(x, y);
    case '<':
      return b.less(x, y);
    case '<=':
      return b.lessEqual(x, y);
    case '>':
      return b.less(y, x);
    case '>=':
      return b.lessEqual(y, x);
    case '==':
      return b.equal(x, y);
    case '!=':
      return b.not(b.equal(x, y));
  }
}

function isCondition(c: Context, operation: string, operand: Operand): boolean {
  if (operand.value.type.dtype === 'bool') return true;
  c.report(notACondition({ span: operand.span }, { operation, is: show(operand.value) }));
  return false;
}

export function elaborateUnary(c: Context, expression: Extract<Expression, { kind: 'unary' }>, scope: Scope): Value | undefined {
  const value = c.elaborate(expression.operand, scope);
  if (value === undefined) return undefined;
  if (expression.operator === 'not') {
    return isCondition(c, '`not`', { value, span: expression.operand.span }) ? c.b.not(value) : undefined;
  }
  const number = toNumber(c, value);
  if (expression.operator === '+') return number;
  const constant = number.node.op === 'constant' ? number.node.attributes.value : undefined;
  return constant === undefined ? c.b.neg(number) : number.type.dtype === 'int' ? c.b.integer(-constant) : c.b.constant(-constant);
}

export function elaborateIf(c: Context, expression: Extract<Expression, { kind: 'if' }>, scope: Scope): Value | undefined {
  const condition = c.elaborate(expression.condition, scope);
  const then = c.elaborate(expression.then, scope);
  const otherwise = c.elaborate(expression.otherwise, scope);
  if (condition === undefined || then === undefined || otherwise === undefined) return undefined;
  const test: Operand = { value: condition, span: expression.condition.span };
  if (!isCondition(c, '`if`', test)) return undefined;
  const logical = then.type.dtype === 'bool' && otherwise.type.dtype === 'bool';
  const [a, b] = logical ? [then, otherwise] : alike(c, then, otherwise, true);
  const yes: Operand = { value: a, span: expression.then.span };
  const no: Operand = { value: b, span: expression.otherwise.span };
  const branches = commonShape(c, '`if`', yes, no, expression.span);
  if (branches === undefined) return undefined;
  const result: Operand = { value: stretch(c, a, branches), span: expression.then.span };
  const shape = commonShape(c, '`if`', test, result, expression.span);
  if (shape === undefined) return undefined;
  const [p, x, y] = [stretch(c, condition, shape), stretch(c, result.value, shape), stretch(c, stretch(c, b, branches), shape)];
  // Of two conditions: (p and x) or (not p and y), so that `select` is about numbers only.
  return logical ? c.b.or(c.b.and(p, x), c.b.and(c.b.not(p), y)) : c.b.select(p, x, y);
}

// ---- powers ---------------------------------------------------------------------------------------------------------------

/** x², x³, … as products, so that a square is seen to be one. */
export function wholePower(c: Context, x: Value, exponent: number): Value {
  if (exponent === 0) return stretch(c, c.b.constant(1), x.type.shape);
  if (exponent < 0) return c.b.div(c.b.constant(1), wholePower(c, x, -exponent));
  if (exponent === 1) return x;
  const half = wholePower(c, x, Math.floor(exponent / 2));
  const square = c.b.mul(half, half);
  return exponent % 2 === 0 ? square : c.b.mul(square, x);
}

const greatestProduct = 8;

function power(c: Context, left: Operand, right: Operand, span: Span): Value | undefined {
  const base = toReal(c, left.value);
  const exponent = rankOf(right.value) === 0 ? (constantOf(right.value) ?? negatedConstant(right.value)) : undefined;
  if (exponent !== undefined && Number.isInteger(exponent) && Math.abs(exponent) <= greatestProduct) {
    return wholePower(c, base, exponent);
  }
  if (exponent === 0.5) return c.b.sqrt(base);
  return pairwise(c, '`^`', left, right, span, (x, y) => c.b.pow(x, y));
}

function negatedConstant(value: Value): number | undefined {
  const [operand] = value.node.inputs;
  const constant = value.node.op === 'neg' && operand !== undefined ? constantOf(operand) : undefined;
  return constant === undefined ? undefined : -constant;
}

// ---- products of vectors and matrices -------------------------------------------------------------------------------------

/** `[n, k] @ [k, m]`, and vectors on either side, as in NumPy. */
export function matrixProduct(c: Context, left: Operand, right: Operand, span: Span): Value | undefined {
  for (const operand of [left, right]) {
    const rank = rankOf(operand.value);
    if (rank === 1 || rank === 2) continue;
    const label = { span: operand.span, message: `this is ${show(operand.value)}` };
    const hints = rank === 0 ? [certainly('to multiply by a number, write `*`', between(left, right, '*'))] : [];
    return refuse(
      c,
      wrongRank({ span, labels: [label], hints }, { operation: '`@`', needs: 'vectors and matrices', is: show(operand.value) }),
    );
  }
  const a = left.value.type.shape[rankOf(left.value) - 1] as Dim;
  const b = right.value.type.shape[0] as Dim;
  if (!sameDim(a, b, c.b.fixed))
    return reportMismatch(c, '`@`', left, right, span, `it sums along \`${a.key}\` on the left and \`${b.key}\` on the right`, [a, b]);
  return c.b.matmul(toReal(c, left.value), toReal(c, right.value));
}
