/** Functions of windows that slide over the last two axes: convolution and pooling. A window is a view or a copy; nothing is looped. */
import type { Span } from '../../../diagnostics/diagnostic.ts';
import type { Builder } from '../../ir/builder.ts';
import { add, evaluate, multiply, number, one, sameDim, size, subtract, type Dim } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import { differ, reportMismatch, show } from '../context.ts';
import type { Arguments } from './arguments.ts';
import { named, needed, optional, type LibraryRow, type LibraryTable } from './row.ts';

/** How windows of `size` positions lie along an axis: `count` of them, `stride` apart. */
interface Windows {
  readonly size: number;
  readonly stride: number;
  readonly count: Dim;
}

const range = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);

/** Zeros around an axis, or behind it, so that it is `length` long. */
const padded = (b: Builder, x: Value, axis: number, start: Dim, length: Dim): Value =>
  sameDim(x.type.shape[axis] ?? one, length, b.fixed) ? x : b.one('pad', [x], { axis, start, length });

/** `count` positions from `start`, `stride` apart. The axis must be at least `start + stride · count` long. */
function everyOther(b: Builder, x: Value, axis: number, start: number, { stride, count }: Windows): Value {
  const length = multiply(number(stride), count);
  const part = b.slice(x, axis, number(start), length);
  if (stride === 1) return part;
  const { shape } = part.type;
  const split = b.reshape(part, [...shape.slice(0, axis), count, number(stride), ...shape.slice(axis + 1)]);
  return b.reshape(b.slice(split, axis + 1, number(0), one), [...shape.slice(0, axis), count, ...shape.slice(axis + 1)]);
}

/** Windows along an axis: `[size, …]`, in which position t of the axis holds what window t has at that place. */
function windowsAlong(b: Builder, x: Value, axis: number, windows: Windows): Value {
  const { size: width, stride, count } = windows;
  const { shape } = x.type;
  if (width === stride) {
    // They do not overlap: a view.
    const whole = b.slice(x, axis, number(0), multiply(number(width), count));
    const split = b.reshape(whole, [...shape.slice(0, axis), count, number(width), ...shape.slice(axis + 1)]);
    return b.transpose(split, [axis + 1, ...range(shape.length + 1).filter((i) => i !== axis + 1)]);
  }
  // The last windows may end before their stride does.
  const reach = add(number(width - 1), multiply(number(stride), count));
  const long = stride === 1 ? x : padded(b, x, axis, number(0), longer(b, shape[axis] ?? one, reach));
  const places = range(width).map((start) => everyOther(b, long, axis, start, windows));
  return b.concat(
    places.map((v) => b.reshape(v, [one, ...v.type.shape])),
    0,
  );
}

/** Of two lengths with a value the greater. */
const longer = (b: Builder, x: Dim, y: Dim): Dim => ((evaluate(x, b.fixed) ?? 0) >= (evaluate(y, b.fixed) ?? 0) ? x : y);

/** How many windows fit; `undefined` where the length has no value, and one might not fit or the stride asks for a division. */
function fitting(b: Builder, length: Dim, width: number, stride: number): Dim | undefined {
  const everywhere = subtract(length, number(width - 1));
  if (stride === 1 && everywhere.terms.every((term) => term.coefficient > 0)) return everywhere;
  const known = evaluate(length, b.fixed);
  return known === undefined ? undefined : number(Math.floor((known - width) / stride) + 1);
}

interface Axis {
  readonly argument: string;
  readonly span: Span;
  readonly length: Dim;
  readonly width: number;
  readonly stride: number;
}

/** The windows along an axis of an argument; reports where none fits, or nobody knows how many. */
function windowsOf(a: Arguments, { argument, span, length, width, stride }: Axis): Windows | undefined {
  const { b } = a.c;
  const count = fitting(b, length, width, stride);
  if (count === undefined)
    return a.wrong(
      argument,
      span,
      `an array whose last two axes have known sizes, as in \`dim ${length.key} = 28\``,
      show(a.value(argument)),
    );
  if ((evaluate(count, b.fixed) ?? 1) < 1)
    return a.wrong(argument, span, `at least ${width} long along each of its last two axes`, show(a.value(argument)));
  return { size: width, stride, count };
}

/** A whole number above 0; reports otherwise. */
function count(a: Arguments, name: string, otherwise: number): number | undefined {
  const value = a.integer(name, otherwise);
  return value >= 1 ? value : a.wrong(name, a.spanOf(name), 'a whole number above 0', String(value));
}

// ---- convolution ----------------------------------------------------------------------------------------------------------------

/** Zeros around the last two axes so that a kernel fits as often as the stride goes: as many before as behind, or one less. */
function paddedSame(b: Builder, x: Value, axis: number, width: number, stride: number): Value {
  const length = x.type.shape[axis] ?? one;
  const known = evaluate(length, b.fixed);
  if (stride > 1 && known === undefined) return x;
  const short = stride === 1 ? width - 1 : Math.max(0, (Math.ceil((known ?? 0) / stride) - 1) * stride + width - (known ?? 0));
  return padded(b, x, axis, number(Math.floor(short / 2)), add(length, number(short)));
}

/** The sizes of a kernel, which are known; reports. */
function kernelSizes(a: Arguments): readonly [number, number] | undefined {
  const { value, span } = a.operand('k');
  const [height, width] = value.type.shape.slice(2).map((dim) => evaluate(dim, a.c.b.fixed));
  if (height === undefined || width === undefined)
    return a.wrong('k', span, 'a kernel whose height and width have known sizes, as in `k: [8, 1, 3, 3]`', show(value));
  return height < 1 || width < 1 ? a.wrong('k', span, 'a kernel of at least one element', show(value)) : [height, width];
}

/**
 * Σ over channels and positions of the kernel, which is not turned round (as `jax.lax.conv`): the windows of every channel side by side,
 * as one product of matrices with the kernels.
 */
const conv2d: LibraryRow = {
  parameters: [needed('x'), needed('k'), named('stride', 'integer'), { ...named('padding', 'word'), words: ['valid', 'same'] }],
  lower: (a) => {
    const { b } = a.c;
    if (!a.needsRank('x', [4], 'an array [n, channels, height, width]')) return undefined;
    if (!a.needsRank('k', [4], 'an array [kernels, channels, height, width]')) return undefined;
    const [x, k] = [a.real('x'), a.real('k')];
    const [images, channels] = x.type.shape as [Dim, Dim];
    const [kernels, own] = k.type.shape as [Dim, Dim];
    if (!sameDim(channels, own, b.fixed))
      return reportMismatch(a.c, '`conv2d`', a.operand('x'), a.operand('k'), a.call.span, `the channels differ: ${differ(channels, own)}`, [
        channels,
        own,
      ]);
    const sizes = kernelSizes(a);
    const stride = count(a, 'stride', 1);
    if (sizes === undefined || stride === undefined) return undefined;
    // [channels, n, height, width]: what is summed over comes first.
    let patches = b.transpose(x, [1, 0, 2, 3]);
    for (const [i, width] of sizes.entries()) {
      // Each pass puts an axis in front.
      const axis = 2 + 2 * i;
      const around = a.word('padding', 'valid') === 'same' ? paddedSame(b, patches, axis, width, stride) : patches;
      const length = around.type.shape[axis] ?? one;
      const windows = windowsOf(a, { argument: 'x', span: a.operand('x').span, length, width, stride });
      if (windows === undefined) return undefined;
      patches = windowsAlong(b, around, axis, windows);
    }
    return product(b, patches, k, images, kernels);
  },
};

/** Of patches `[kw, kh, channels, n, height, width]` and kernels `[o, channels, kh, kw]`: `[n, o, height, width]`. */
function product(b: Builder, patches: Value, k: Value, images: Dim, kernels: Dim): Value {
  const { shape } = patches.type;
  const depth = size(shape.slice(0, 3));
  const weights = b.reshape(b.transpose(k, [0, 3, 2, 1]), [kernels, depth]);
  const sums = b.matmul(weights, b.reshape(patches, [depth, size(shape.slice(3))]));
  return b.transpose(b.reshape(sums, [kernels, images, ...shape.slice(4)]), [1, 0, 2, 3]);
}

// ---- pooling --------------------------------------------------------------------------------------------------------------------

/** `pool` gets the windows along two new leading axes, and says what becomes of each. */
const pooling = (pool: (b: Builder, windows: Value, size: number) => Value): LibraryRow => ({
  parameters: [needed('x'), needed('size', 'integer'), optional('stride', 'integer')],
  lower: (a) => {
    const { b } = a.c;
    if (!a.needsRank('x', [2, 3, 4, 5, 6], 'an array [… , height, width]')) return undefined;
    const width = count(a, 'size', 1);
    const stride = width === undefined ? undefined : count(a, 'stride', width);
    if (width === undefined || stride === undefined) return undefined;
    let windows = a.real('x');
    const rank = windows.type.shape.length;
    for (const i of [0, 1]) {
      const axis = rank - 2 + 2 * i;
      const length = windows.type.shape[axis] ?? one;
      const along = windowsOf(a, { argument: 'x', span: a.operand('x').span, length, width, stride });
      if (along === undefined) return undefined;
      windows = windowsAlong(b, windows, axis, along);
    }
    return pool(b, windows, width);
  },
});

export const windows = {
  conv2d,
  avg_pool: pooling((b, v, width) => b.scale(b.sum(v, [0, 1]), 1 / width ** 2)),
  max_pool: pooling((b, v) => b.max(v, [0, 1])),
} satisfies LibraryTable;
