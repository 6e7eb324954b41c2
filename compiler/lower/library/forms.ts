/** Functions that make, arrange and select: shapes are given in dims. */
import type { Builder } from '../../ir/builder.ts';
import { evaluate, number, one, sameDim, sameSize, size, subtract, zero, type Dim, type Shape } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import { demandPositions, demandRange, demandSize } from '../demands.ts';
import { differ, rankOf, reportMismatch, show, type Operand } from '../context.ts';
import { toInt, toReal } from '../arithmetic.ts';
import { checkPositions } from '../indexing.ts';
import { stack } from '../loops.ts';
import type { Arguments } from './arguments.ts';
import { named, needed, rest, type LibraryRow, type LibraryTable } from './row.ts';
import { needsAxis } from './reductions.ts';

const filled = (value: number): LibraryRow => ({
  parameters: [{ ...rest('shape', 'shape'), optional: true }],
  lower: (a) => a.c.b.full(a.shape('shape'), value),
});

/** All operands with one kind of number. */
function sameKind(a: Arguments, operands: readonly Operand[]): readonly Operand[] {
  if (operands.every((o) => o.value.type.dtype === 'int')) return operands;
  return operands.map((o) => ({ ...o, value: toReal(a.c, o.value) }));
}

/** Reports where two operands differ along an axis other than `except`. */
function agree(a: Arguments, operands: readonly Operand[], except: number | undefined): boolean {
  const [first, ...others] = operands;
  if (first === undefined) return true;
  const shape = first.value.type.shape;
  for (const other of others) {
    const found = other.value.type.shape;
    if (found.length !== shape.length) {
      reportMismatch(a.c, `\`${a.name}\``, first, other, a.call.span, 'they have different numbers of axes', []);
      return false;
    }
    for (const [axis, dim] of shape.entries()) {
      const actual = found[axis] as Dim;
      if (axis === except || sameDim(dim, actual, a.c.b.fixed)) continue;
      reportMismatch(a.c, `\`${a.name}\``, first, other, a.call.span, differ(dim, actual), [dim, actual]);
      return false;
    }
  }
  return true;
}

const concat: LibraryRow = {
  parameters: [rest('parts'), named('axis', 'integer')],
  lower: (a) => {
    const operands = sameKind(a, a.operands('parts'));
    for (const o of operands)
      if (rankOf(o.value) === 0) return a.wrong('parts', o.span, 'arrays; numbers are put side by side as `[a, b]`', show(o.value));
    const [first] = operands;
    const axis = first === undefined ? undefined : a.axis('axis', rankOf(first.value), 0);
    if (axis === undefined || !agree(a, operands, axis)) return undefined;
    return operands.length === 1
      ? first?.value
      : a.c.b.concat(
          operands.map((o) => o.value),
          axis,
        );
  },
};

const stacked: LibraryRow = {
  parameters: [rest('parts'), named('axis', 'integer')],
  lower: (a) => {
    const operands = sameKind(a, a.operands('parts'));
    const [first] = operands;
    const axis = first === undefined ? undefined : a.axis('axis', rankOf(first.value) + 1, 0);
    return axis === undefined || !agree(a, operands, undefined)
      ? undefined
      : stack(
          a.c,
          operands.map((o) => o.value),
          axis,
        );
  },
};

const reshape: LibraryRow = {
  parameters: [needed('x'), needed('shape', 'shape')],
  lower: (a) => {
    const value = a.value('x');
    const shape = a.shape('shape');
    if (!sameSize(value.type.shape, shape, a.c.b.fixed)) {
      return a.wrong(
        'shape',
        a.call.span,
        `a shape of ${size(value.type.shape).key} elements, like ${show(value)}`,
        `one of ${size(shape).key}`,
      );
    }
    return a.c.b.reshape(value, shape);
  },
};

const expand: LibraryRow = {
  parameters: [needed('x'), { name: 'axis', kind: 'integer', namedOnly: true }],
  lower: (a) => {
    const x = a.value('x');
    const axis = a.axis('axis', rankOf(x) + 1, 0);
    return axis === undefined ? undefined : a.c.b.reshape(x, [...x.type.shape.slice(0, axis), one, ...x.type.shape.slice(axis)]);
  },
};

/** 1 where the position along the new last axis is the label, else 0. */
export function oneHot(b: Builder, labels: Value, classes: Dim): Value {
  const shape: Shape = [...labels.type.shape, classes];
  const last = labels.type.shape.length;
  const at = b.broadcast(b.iota(classes), shape, [last]);
  const label = b.broadcast(
    labels,
    shape,
    labels.type.shape.map((_, i) => i),
  );
  return b.select(b.equal(label, at), b.constant(1), b.constant(0));
}

/** Labels are of kind `int`: reports otherwise. */
export function labelsOf(a: Arguments, name: string): Value | undefined {
  const { value, span } = a.operand(name);
  return toInt(a.c, value) ?? a.wrong(name, span, 'of kind `int`', show(value));
}

const linspace: LibraryRow = {
  parameters: [needed('start'), needed('stop'), needed('num', 'size')],
  lower: (a) => {
    const { b } = a.c;
    if (!a.needsRank('start', [0], 'a number') || !a.needsRank('stop', [0], 'a number')) return undefined;
    const count = a.size('num');
    const known = evaluate(count, b.fixed);
    if (known === 1) return b.broadcast(a.real('start'), [count], []);
    const gaps = known === undefined ? b.maximum(b.dimSize(subtract(count, one)), b.constant(1)) : b.dimSize(subtract(count, one));
    const step = b.div(b.sub(a.real('stop'), a.real('start')), gaps);
    return b.add(a.real('start'), b.mul(step, toReal(a.c, b.iota(count))));
  },
};

const take: LibraryRow = {
  parameters: [needed('x'), needed('indices'), named('axis', 'integer')],
  lower: (a) => {
    if (!needsAxis(a)) return undefined;
    const { b } = a.c;
    const indices = labelsOf(a, 'indices');
    const x = a.value('x');
    const axis = a.has('axis') ? a.axis('axis', rankOf(x), 0) : 0;
    if (indices === undefined || axis === undefined) return undefined;
    const from = a.has('axis') ? x : b.flatten(x);
    const dim = from.type.shape[axis] ?? one;
    const { span } = a.operand('indices');
    if (checkPositions(a.c, indices, dim, span) === undefined) return undefined;
    demandPositions(a.c, indices, dim, span);
    return b.gather(from, indices, axis);
  },
};

/** Moves every element `shift` places on, the last ones coming in at the front. */
function rolled({ c, call }: Arguments, x: Value, shift: number, axis: number): Value {
  const { b } = c;
  const dim = x.type.shape[axis] ?? one;
  const known = evaluate(dim, b.fixed);
  const places = known === undefined ? shift : shift - known * Math.floor(shift / known);
  if (places === 0) return x;
  // Once round at most, where only the data say how long it is.
  const last = number(Math.abs(places) - 1);
  if (known === undefined) demandRange(c, last, last, dim, call.span);
  const split = places > 0 ? subtract(dim, number(places)) : number(-places);
  return b.concat([b.slice(x, axis, split, subtract(dim, split)), b.slice(x, axis, zero, split)], axis);
}

const roll: LibraryRow = {
  parameters: [needed('x'), needed('shift', 'integer'), named('axis', 'integer')],
  lower: (a) => {
    if (!needsAxis(a)) return undefined;
    const { b } = a.c;
    const x = a.value('x');
    const shift = a.integer('shift', 0);
    if (!a.has('axis')) return b.reshape(rolled(a, b.flatten(x), shift, 0), x.type.shape);
    const axis = a.axis('axis', rankOf(x), 0);
    return axis === undefined ? undefined : rolled(a, x, shift, axis);
  },
};

const diff: LibraryRow = {
  parameters: [needed('x'), named('axis', 'integer')],
  lower: (a) => {
    if (!needsAxis(a)) return undefined;
    const { b } = a.c;
    const x = a.real('x');
    const axis = a.axis('axis', rankOf(x), -1);
    if (axis === undefined) return undefined;
    const dim = x.type.shape[axis] ?? one;
    if ((evaluate(dim, b.fixed) ?? 2) < 2) return a.wrong('x', a.operand('x').span, 'at least 2 long', show(x));
    const length = subtract(dim, one);
    demandSize(a.c, length, a.call.span);
    return b.sub(b.slice(x, axis, one, length), b.slice(x, axis, zero, length));
  },
};

const sizeRow: LibraryRow = {
  parameters: [needed('x'), named('axis', 'integer')],
  lower: (a) => {
    const { shape } = a.value('x').type;
    if (!a.has('axis')) return a.c.b.dimSize(size(shape));
    const axis = a.axis('axis', shape.length, 0);
    return axis === undefined ? undefined : a.c.b.dimSize(shape[axis] ?? one);
  },
};

/** Reports unless a matrix has as many rows as columns. */
export function needsSquare(a: Arguments, name: string): boolean {
  if (!a.needsRank(name, [2], 'a matrix')) return false;
  const { value, span } = a.operand(name);
  const [rows, columns] = value.type.shape;
  if (rows !== undefined && columns !== undefined && sameDim(rows, columns, a.c.b.fixed)) return true;
  a.wrong(name, span, 'a square matrix', show(value));
  return false;
}

/** The diagonal of a square matrix, or the matrix that has a vector as its diagonal. */
const diag: LibraryRow = {
  parameters: [needed('x')],
  lower: (a) => {
    const { b } = a.c;
    const x = a.real('x');
    const [dim] = x.type.shape;
    if (rankOf(x) === 1 && dim !== undefined) return b.mul(b.eye(dim), b.broadcast(x, [dim, dim], [0]));
    if (!a.needsRank('x', [1, 2], 'a vector or a square matrix') || !needsSquare(a, 'x') || dim === undefined) return undefined;
    return b.sum(b.mul(b.eye(dim), x), [1]);
  },
};

export const forms = {
  reshape,
  concat,
  stack: stacked,
  expand,
  zeros: filled(0),
  ones: filled(1),
  full: {
    parameters: [needed('shape', 'shape'), needed('value')],
    lower: (a) => (a.needsRank('value', [0], 'a number') ? a.c.b.broadcast(a.real('value'), a.shape('shape'), []) : undefined),
  },
  eye: { parameters: [needed('n', 'size')], lower: (a) => a.c.b.eye(a.size('n')) },
  linspace,
  one_hot: {
    parameters: [needed('labels'), needed('classes', 'size')],
    lower: (a) => {
      const labels = labelsOf(a, 'labels');
      if (labels === undefined) return undefined;
      const classes = a.size('classes');
      const { b } = a.c;
      // What cannot be asked of the data is seen in the numbers: a row that there is not is NaN, where zeros would pass for a class.
      return demandPositions(a.c, labels, classes, a.operand('labels').span)
        ? oneHot(b, labels, classes)
        : b.gather(b.eye(classes), labels, 0);
    },
  },
  take,
  roll,
  diff,
  size: sizeRow,
  diag,
} satisfies LibraryTable;
