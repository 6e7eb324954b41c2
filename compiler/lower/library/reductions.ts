/** Reductions: one positional argument, and `axis` by name (a whole number or a list; negative from the end). */
import { elementwiseReduction } from '../../../diagnostics/names.ts';
import type { Builder } from '../../ir/builder.ts';
import { multiply, number, one, size, type Dim, type Shape } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import { scan } from '../../ir/loops.ts';
import { intSize, positions, range } from '../../ops/rules.ts';
import { rankOf } from '../context.ts';
import type { Arguments } from './arguments.ts';
import { named, needed, optional, type LibraryRow, type LibraryTable } from './row.ts';

/** The reduced value with its axes back as dims of 1, stretched over the shape that it came from. */
export function spreadBack(b: Builder, reduced: Value, shape: Shape, axes: readonly number[]): Value {
  return b.broadcast(
    reduced,
    shape,
    shape.map((_, i) => i).filter((i) => !axes.includes(i)),
  );
}

const sizeAlong = (shape: Shape, axes: readonly number[]): Dim => multiply(number(1), ...axes.flatMap((axis) => shape[axis] ?? []));

export function mean(b: Builder, x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : b.div(b.sum(x, axes), b.dimSize(sizeAlong(x.type.shape, axes)));
}

/** The mean of the squared deviations: divided by n, not n − 1. */
export function variance(b: Builder, x: Value, axes: readonly number[]): Value {
  const deviation = b.sub(x, spreadBack(b, mean(b, x, axes), x.type.shape, axes));
  return mean(b, b.mul(deviation, deviation), axes);
}

/** The greatest element, by which exponents are shifted; no derivative sees it, and the result is the same with any other number. */
const shiftOf = (b: Builder, x: Value, axes: readonly number[]): Value => b.one('stop_gradient', [b.max(x, axes)], { shift: true });

/** log Σ exp(x). */
export function logsumexp(b: Builder, x: Value, axes: readonly number[]): Value {
  const greatest = shiftOf(b, x, axes);
  const shifted = b.sub(x, spreadBack(b, greatest, x.type.shape, axes));
  return b.add(b.unary('log', b.sum(b.unary('exp', shifted), axes)), greatest);
}

export const logSoftmax = (b: Builder, x: Value, axis: number): Value =>
  b.sub(x, spreadBack(b, logsumexp(b, x, [axis]), x.type.shape, [axis]));

export function softmax(b: Builder, x: Value, axis: number): Value {
  const greatest = shiftOf(b, x, [axis]);
  const weights = b.unary('exp', b.sub(x, spreadBack(b, greatest, x.type.shape, [axis])));
  return b.div(weights, spreadBack(b, b.sum(weights, [axis]), x.type.shape, [axis]));
}

const moveToFront = (b: Builder, x: Value, axis: number): Value =>
  axis === 0 ? x : b.transpose(x, [axis, ...x.type.shape.map((_, i) => i).filter((i) => i !== axis)]);

/** A product as a recurrence, so that a factor of zero has the right derivative. */
function product(b: Builder, x: Value, axis: number): Value {
  const slices = moveToFront(b, x, axis);
  const [length, ...shape] = slices.type.shape;
  if (length === undefined) return x;
  const start = shape.length === 0 ? b.constant(1) : b.full(shape, 1);
  const { states } = scan(b, {
    length,
    states: [start],
    slices: [slices],
    name: 'product',
    body: ([s], [factor]) => ({ states: s === undefined || factor === undefined ? [] : [b.mul(s, factor)] }),
  });
  return states[0] ?? x;
}

const reduction = (make: (b: Builder, x: Value, axes: readonly number[]) => Value): LibraryRow => ({
  parameters: [needed('x'), named('axis', 'axes')],
  lower: (a) => {
    const x = a.real('x');
    const axes = a.axes('axis', rankOf(x));
    return axes === undefined ? undefined : make(a.c.b, x, axes);
  },
});

/** As `reduction`, but a second positional argument is told apart from an axis. */
const extremum = (elementwise: string, make: (b: Builder, x: Value, axes: readonly number[]) => Value): LibraryRow => {
  const row = reduction((b, x, axes) => (axes.length === 0 ? x : make(b, x, axes)));
  return {
    parameters: [needed('x'), { ...optional('other'), refused: true }, ...row.parameters.slice(1)],
    lower: (a) => {
      if (!a.has('other')) return row.lower(a);
      const { callee, positional } = a.call;
      const second = positional[1]?.span ?? a.call.span;
      a.c.report(elementwiseReduction({ span: a.call.span }, { name: a.name, elementwise, callee: callee.span, second }));
      return undefined;
    },
  };
};

/** Along one axis, the last one unless `axis` says otherwise. */
const alongOne = (otherwise: number, make: (b: Builder, x: Value, axis: number) => Value): LibraryRow => ({
  parameters: [needed('x'), named('axis', 'integer')],
  lower: (a) => {
    if (!needsAxis(a)) return undefined;
    const x = a.real('x');
    const axis = a.axis('axis', rankOf(x), otherwise);
    return axis === undefined ? undefined : make(a.c.b, x, axis);
  },
});

/** Reports unless the first argument has an axis. */
export const needsAxis = (a: Arguments): boolean => a.needsRank('x', [1, 2, 3, 4, 5, 6], 'an array');

/** The position of the greatest element: of the whole, flattened, unless `axis` says along which. The first of several. */
const argmax: LibraryRow = {
  parameters: [needed('x'), named('axis', 'integer')],
  lower: (a) => {
    if (!needsAxis(a)) return undefined;
    const { b } = a.c;
    const x = a.real('x');
    if (!a.has('axis')) return b.one('argmax', [b.flatten(x)], { axis: 0 });
    const axis = a.axis('axis', rankOf(x), 0);
    return axis === undefined ? undefined : b.one('argmax', [x], { axis });
  },
};

/** Of elements in rows: the positions that put each row in ascending order, equal ones in their own order. */
const argsort = alongOne(-1, (b, x, axis) => b.one('argsort', [x], { axis }));

const sort: LibraryRow = alongOne(-1, (b, x, axis) => {
  const { shape } = x.type;
  if (shape.length === 1) return b.gather(x, b.one('argsort', [x], { axis: 0 }), 0);
  // Rows, each with its own order, in one list.
  const others = range(shape.length).filter((i) => i !== axis);
  const length = shape[axis] ?? one;
  const rows = size(others.map((i) => shape[i] ?? one));
  const moved = b.reshape(b.transpose(x, [...others, axis]), [rows, length]);
  const begin = b.mul(positions(b, [rows, length], 0), b.broadcast(intSize(b, length), [rows, length], []));
  const sorted = b.gather(b.flatten(moved), b.add(b.one('argsort', [moved], { axis: 1 }), begin), 0);
  const back = b.reshape(sorted, [...others.map((i) => shape[i] ?? one), length]);
  return b.transpose(back, [...range(axis), shape.length - 1, ...range(shape.length - 1 - axis, axis)]);
});

export const reductions = {
  sum: reduction((b, x, axes) => (axes.length === 0 ? x : b.sum(x, axes))),
  mean: reduction(mean),
  var: reduction(variance),
  std: reduction((b, x, axes) => b.sqrt(variance(b, x, axes))),
  prod: reduction((b, x, axes) => [...axes].reverse().reduce((value, axis) => product(b, value, axis), x)),
  max: extremum('maximum', (b, x, axes) => b.max(x, axes)),
  min: extremum('minimum', (b, x, axes) => b.neg(b.max(b.neg(x), axes))),
  logsumexp: reduction((b, x, axes) => (axes.length === 0 ? x : logsumexp(b, x, axes))),
  norm: reduction((b, x, axes) => (axes.length === 0 ? b.abs(x) : b.sqrt(b.sum(b.mul(x, x), axes)))),
  argmax,
  argsort,
  sort,
  softmax: alongOne(-1, softmax),
  log_softmax: alongOne(-1, logSoftmax),
  cumsum: {
    parameters: [needed('x'), named('axis', 'integer')],
    lower: (a) => {
      if (!needsAxis(a)) return undefined;
      const { b } = a.c;
      const x = a.real('x');
      if (!a.has('axis')) return b.one('cumsum', [rankOf(x) === 1 ? x : b.flatten(x)], { axis: 0 });
      const axis = a.axis('axis', rankOf(x), 0);
      return axis === undefined ? undefined : b.one('cumsum', [x], { axis });
    },
  },
} satisfies LibraryTable;
