/** `A[…]`: positions, ranges, whole axes, index sets and tensors of positions. */
import type { Span } from '../../diagnostics/diagnostic.ts';
import { badIndex, indexOutOfRange, notADim, wrongIndexSet } from '../../diagnostics/names.ts';
import type { Expression, IndexItem, RangeExpression } from '../../grammar/ast.ts';
import type { Scope } from '../check/scope.ts';
import { combineSizes, sizeOfBinding } from '../check/sizes.ts';
import { add, evaluate, literal, number, one, sameDim, subtract, type Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { originLabels, rankOf, refuse, show, type Context } from './context.ts';
import { demandPositions, demandRange } from './demands.ts';
import { dimOf, hintsForRelaxed, staticTensor } from './static.ts';

/** The dim that an expression is: syntactically where it speaks of index sets, else by its value. Reports, and then has none. */
export function sizeOf(c: Context, expression: Expression, scope: Scope): Dim | undefined {
  const size = quietSizeOf(c, expression, scope);
  return size !== undefined && 'hints' in size ? refuse(c, notADim({ span: expression.span, hints: size.hints }, { what: 'this' })) : size;
}

/** What is no size, and ways out. */
interface NoSize {
  readonly hints: readonly string[];
}

function quietSizeOf(c: Context, expression: Expression, scope: Scope): Dim | NoSize | undefined {
  if (expression.kind === 'name') {
    const binding = scope.lookup(expression.name);
    const size = binding === undefined ? undefined : sizeOfBinding(binding);
    if (size !== undefined) return size;
  }
  if (expression.kind === 'binary' && ['+', '-', '*', '^'].includes(expression.operator)) {
    const left = quietSizeOf(c, expression.left, scope);
    const right = quietSizeOf(c, expression.right, scope);
    if (left === undefined || right === undefined) return undefined;
    if ('hints' in left) return left;
    if ('hints' in right) return right;
    return combineSizes(expression.operator, left, right, false) ?? { hints: [] };
  }
  const value = c.elaborate(expression, scope);
  return value === undefined ? undefined : (dimOf(value) ?? { hints: hintsForRelaxed(c, value) });
}

const oneMore = (d: Dim): Dim => add(d, one);

/** A position counted from the front: a negative number counts from the end. */
const fromFront = (position: Dim, dim: Dim): Dim => ((literal(position) ?? 0) < 0 ? add(dim, position) : position);

function outside(c: Context, position: Dim, dim: Dim): boolean {
  const at = evaluate(position, c.b.fixed);
  const size = evaluate(dim, c.b.fixed);
  if (at !== undefined && at < 0) return true;
  if (at !== undefined && size !== undefined) return at >= size;
  const beyond = literal(subtract(position, dim));
  return beyond !== undefined && beyond >= 0;
}

function checkPosition(c: Context, written: Dim, dim: Dim, span: Span): Dim | undefined {
  const position = fromFront(written, dim);
  return outside(c, position, dim) ? refuseOutside(c, written.key, dim, span) : position;
}

function refuseOutside(c: Context, index: string, dim: Dim, span: Span, instead?: string): undefined {
  const size = evaluate(dim, c.b.fixed);
  const [words, last] = size === undefined ? [dim.key, subtract(dim, one).key] : [String(size), String(size - 1)];
  return refuse(c, indexOutOfRange({ span, labels: originLabels(c, [dim]) }, { index, dim: dim.key, size: words, last, instead }));
}

/** The least and the most that an index is, where it is made of loop variables, each standing in it once, and of sizes. */
interface Extent {
  readonly least: Dim;
  readonly most: Dim;
  readonly over: readonly Value[];
  /** It grows with each of them. */
  readonly rises: boolean;
}

function extentOf(c: Context, index: Value): Extent | undefined {
  const run = c.runs.get(index);
  if (run !== undefined) return { least: run.from, most: run.to, over: [index], rises: true };
  const known = dimOf(index);
  if (known !== undefined) return { least: known, most: known, over: [], rises: true };
  const { op, inputs } = index.node;
  const [left, right] = op === 'add' || op === 'sub' ? inputs.map((v) => extentOf(c, v)) : [];
  if (left === undefined || right === undefined || left.over.some((v) => right.over.includes(v))) return undefined;
  const over = [...left.over, ...right.over];
  if (op === 'add')
    return { least: add(left.least, right.least), most: add(left.most, right.most), over, rises: left.rises && right.rises };
  return {
    least: subtract(left.least, right.most),
    most: subtract(left.most, right.least),
    over,
    rises: left.rises && right.over.length === 0,
  };
}

/** A loop variable that leads out of an axis; `undefined` after a report. In a branch it may be held back by the condition. */
function checkExtent(c: Context, index: Value, dim: Dim, span: Span): true | undefined {
  const extent = c.branches.length > 0 ? undefined : extentOf(c, index);
  if (extent === undefined) return true;
  const [variable, ...more] = extent.over.map((v) => c.runs.get(v));
  for (const [reached, by] of [
    [extent.most, add(subtract(extent.most, dim), one)],
    [extent.least, extent.least],
  ] as const) {
    if (!outside(c, reached, dim)) continue;
    if (variable === undefined || more.length > 0 || !extent.rises) return refuseOutside(c, reached.key, dim, span);
    const [from, to] = reached === extent.most ? [variable.from, subtract(variable.to, by)] : [subtract(variable.from, by), variable.to];
    return refuseOutside(c, reached.key, dim, span, `let it run over fewer: \`for ${variable.name} in ${from.key} .. ${to.key}\``);
  }
  demandRange(c, extent.least, extent.most, dim, span);
  return true;
}

/** Positions that are known now; negative ones are outside, as they are in data. */
function checkKnown(c: Context, index: Value, dim: Dim, span: Span): true | undefined {
  const wrong = staticTensor(c.b, index)?.data.find((position) => outside(c, number(position), dim));
  return wrong === undefined ? true : refuseOutside(c, String(wrong), dim, span);
}

/** Whether positions, as far as they are known, are on an axis; `undefined` after a report. */
export const checkPositions = (c: Context, index: Value, dim: Dim, span: Span): true | undefined =>
  checkExtent(c, index, dim, span) && checkKnown(c, index, dim, span);

/** First position and length of a range along an axis; `undefined` after a report. */
function readRange(c: Context, range: RangeExpression, dim: Dim, scope: Scope): { start: Dim; length: Dim } | undefined {
  const from = sizeOf(c, range.from, scope);
  const to = sizeOf(c, range.to, scope);
  if (from === undefined || to === undefined) return undefined;
  const start = checkPosition(c, from, dim, range.from.span);
  const end = checkPosition(c, to, dim, range.to.span);
  if (start === undefined || end === undefined) return undefined;
  const length = oneMore(subtract(end, start));
  const known = evaluate(length, c.b.fixed);
  if (known !== undefined && known < 1) {
    return refuse(
      c,
      badIndex(
        { span: range.span },
        { because: `the range from ${from.key} to ${to.key} is empty`, hint: 'a range names its first and its last position' },
      ),
    );
  }
  demandRange(c, start, end, dim, range.span);
  return { start, length };
}

/** `value` without `axis`, at one position. */
export function at(c: Context, value: Value, axis: number, position: Dim): Value {
  const slice = c.b.slice(value, axis, position, one);
  return c.b.reshape(
    slice,
    value.type.shape.filter((_, i) => i !== axis),
  );
}

export function elaborateIndex(c: Context, expression: Extract<Expression, { kind: 'index' }>, scope: Scope): Value | undefined {
  const target = c.elaborate(expression.target, scope);
  if (target === undefined) {
    for (const item of expression.indices) if (item.kind !== 'range' && item.kind !== 'all') c.elaborate(item, scope);
    return undefined;
  }
  if (expression.indices.length > rankOf(target)) {
    const because =
      rankOf(target) === 0
        ? `${show(target)} has no axis to select from`
        : `${show(target)} has ${rankOf(target)} ${rankOf(target) === 1 ? 'axis' : 'axes'}, and ${expression.indices.length} indexes are given`;
    return refuse(
      c,
      badIndex({ span: expression.span, labels: [{ span: expression.target.span, message: `this is ${show(target)}` }] }, { because }),
    );
  }
  let value: Value | undefined = target;
  let axis = 0;
  let vectors = 0;
  for (const item of expression.indices) {
    if (value === undefined) return undefined;
    const step = selectAlong(c, value, axis, item, scope);
    if (step === undefined) {
      value = undefined;
      continue;
    }
    if (step.isVector && ++vectors > 1) {
      const because = 'two tensors of positions in one index could mean their pairs, or the sub-table of all their combinations';
      const hint = 'pairs: `[A[i[t], j[t]] for t in n]`; the sub-table: `A[i][:, j]`';
      return refuse(c, badIndex({ span: expression.span }, { because, hint }));
    }
    value = step.value;
    axis += step.axes;
  }
  return value;
}

/** Selects along one axis; `axes` is how many axes the selection has put there. */
function selectAlong(
  c: Context,
  value: Value,
  axis: number,
  item: IndexItem,
  scope: Scope,
): { value: Value; axes: number; isVector?: boolean } | undefined {
  const dim = value.type.shape[axis] as Dim;
  if (item.kind === 'all') return { value, axes: 1 };
  if (item.kind === 'range') {
    const range = readRange(c, item, dim, scope);
    return range === undefined ? undefined : { value: c.b.slice(value, axis, range.start, range.length), axes: 1 };
  }
  c.expected.set(item, { positionsIn: dim });
  const index = c.elaborate(item, scope);
  if (index === undefined) return undefined;
  if (index.type.dtype === 'bool') {
    const hint = 'multiply by weights instead: `sum(x * (x > 0))`, `mean(if x > 0 then x else 0)`';
    return refuse(
      c,
      badIndex({ span: item.span }, { because: 'a condition does not select elements: how many would depend on the data', hint }),
    );
  }
  const position = dimOf(index);
  if (position !== undefined) {
    const known = checkPosition(c, position, dim, item.span);
    if (known === undefined) return undefined;
    demandRange(c, known, known, dim, item.span);
    return { value: at(c, value, axis, known), axes: 0 };
  }
  if (index.type.dtype !== 'int') {
    return refuse(
      c,
      badIndex(
        { span: item.span, hints: hintsForRelaxed(c, index) },
        { because: `an index is a whole number, and this is ${show(index)}`, hint: 'labels and positions are data of kind `int`' },
      ),
    );
  }
  if (checkPositions(c, index, dim, item.span) === undefined) return undefined;
  const set = c.sets.get(index);
  if (set !== undefined && !sameDim(set.over, dim, c.b.fixed)) {
    const labels = originLabels(c, [set.over, dim]);
    return refuse(c, wrongIndexSet({ span: item.span, labels }, { set: set.name, over: set.over.key, dim: dim.key }));
  }
  if (set === undefined) demandPositions(c, index, dim, item.span);
  // Of index sets it is the sub-table: `K[valid, train]`.
  return { value: c.b.gather(value, index, axis), axes: rankOf(index), isVector: rankOf(index) > 0 && set === undefined };
}

/** First value and size of `a .. b` as a list of numbers. */
export function readSpan(c: Context, range: RangeExpression, scope: Scope): { from: Dim; size: Dim } | undefined {
  const from = sizeOf(c, range.from, scope);
  const to = sizeOf(c, range.to, scope);
  if (from === undefined || to === undefined) return undefined;
  demandRange(c, from, to, undefined, range.span);
  return { from, size: oneMore(subtract(to, from)) };
}

export const isZero = (dim: Dim): boolean => dim.key === number(0).key;
