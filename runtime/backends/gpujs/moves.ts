/** Ops whose elements are found by more than strides: side by side, by positions that are data, running sums. */
import { assertTold, elementsIn } from '../calls/affine.ts';
import type { SizedCall, SizedType } from '../calls/device.ts';
import { allOrNone } from '../calls/held.ts';
import { programOf } from '../calls/terms.ts';
import { notANumber } from './formulas.ts';
import { coordinates } from './positions.ts';
import { filled, programRun } from './program.ts';
import type { GpuKernelOf } from './table.ts';
import { empty, hold, release, type GpuTensor } from './tensor.ts';
import { mostOperands, type Run, type Workshop } from './workshop.ts';

/** A shape as what lies before an axis, along it, and behind it. */
interface Around {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

const around = (shape: readonly number[], axis: number): Around => ({
  outer: elementsIn(shape.slice(0, axis)),
  length: shape[axis] ?? 1,
  inner: elementsIn(shape.slice(axis + 1)),
});

const sizeOf = (type: SizedType): number => elementsIn(type.shape);
const operandAt = (call: SizedCall, i: number): SizedType => call.operands[i] ?? call.result;
const axisOf = (call: SizedCall): number => call.attributes.axis ?? 0;

/** Coordinates before, along and behind the axis; those that can only be 0 are said to be. */
function place({ outer, length, inner }: Around): { readonly lines: readonly string[]; readonly names: readonly [string, string, string] } {
  const sizes = [outer, length, inner];
  const moving = sizes.filter((size) => size !== 1);
  const { lines, names } = coordinates(moving);
  const left = [...names];
  const [o = '0', l = '0', i = '0'] = sizes.map((size) => (size === 1 ? '0' : left.shift()));
  return { lines, names: [o, l, i] };
}

/** What is read at places that are reckoned in variables. */
function assertFound({ isJavaScript }: Workshop, ...counts: readonly number[]): void {
  if (!isJavaScript) counts.forEach(assertTold);
}

/** One behind the other, no more than a kernel may read. */
function joined(shop: Workshop, outer: number, inner: number, lengths: readonly number[]): Run {
  const typeOf = (length: number): SizedType => ({ dtype: 'real', shape: [outer, length, inner] });
  const result = typeOf(lengths.reduce((a, b) => a + b, 0));
  return programRun(shop, programOf('concat', { operands: lengths.map(typeOf), result, attributes: { axis: 1 } }));
}

/** Side by side along an axis, a few at a time. */
export function sideBySide(shop: Workshop, outer: number, inner: number, lengths: readonly number[]): Run {
  const present = lengths.map((length, i) => ({ length, i })).filter(({ length }) => outer * length * inner > 0);
  if (present.length === 0) return empty;
  if (present.length === 1) return (operands) => hold(operands[present[0]?.i ?? 0] as GpuTensor);
  const groups: { readonly i: number; readonly length: number }[][] = [];
  const size = Math.max(mostOperands, Math.ceil(present.length / mostOperands));
  for (let from = 0; from < present.length; from += size) groups.push(present.slice(from, from + size));
  const runs = groups.map((group) => {
    const own = group.map(({ length }) => length);
    return group.length > mostOperands ? sideBySide(shop, outer, inner, own) : joined(shop, outer, inner, own);
  });
  const results = groups.map(
    (group, g) => (operands: readonly GpuTensor[]) => runs[g]?.(group.map(({ i }) => operands[i] as GpuTensor)) as GpuTensor,
  );
  if (groups.length === 1) return (operands) => results[0]?.(operands) as GpuTensor;
  const join = sideBySide(
    shop,
    outer,
    inner,
    groups.map((group) => group.reduce((sum, { length }) => sum + length, 0)),
  );
  return (operands) => {
    const parts = allOrNone(results, (result) => result(operands), release);
    try {
      return join(parts);
    } finally {
      parts.forEach(release);
    }
  };
}

export const concat =
  (shop: Workshop): GpuKernelOf =>
  (call) => {
    const { outer, inner } = around(call.result.shape, axisOf(call));
    const run = sideBySide(
      shop,
      outer,
      inner,
      call.operands.map((type) => type.shape[axisOf(call)] ?? 0),
    );
    return (...operands) => run(operands);
  };

const constantly =
  (run: Run): ReturnType<GpuKernelOf> =>
  () =>
    run([]);

/** A position outside gives NaN. */
export const gather =
  (shop: Workshop): GpuKernelOf =>
  (call) => {
    const [operand, positions] = [operandAt(call, 0), operandAt(call, 1)];
    const { outer, length, inner } = around(operand.shape, axisOf(call));
    const count = sizeOf(call.result);
    if (count === 0) return empty;
    if (length === 0) return constantly(filled(shop, count, Number.NaN));
    assertFound(shop, sizeOf(operand));
    const at = place({ outer, length: sizeOf(positions), inner });
    const [o, l, i] = at.names;
    const run = shop.kernel({
      body: [
        ...at.lines,
        `let at1 = a1[${l}];`,
        `let isInside = (at1 >= 0.0 && at1 < ${length} ? 1.0 : 0.0);`,
        'let held = (isInside > 0.5 ? at1 : 0.0);',
        `let value = a0[(${o} * ${length} + held) * ${inner} + ${i}];`,
        `return (isInside > 0.5 ? value : ${notANumber});`,
      ].join('\n'),
      length: count,
      operands: [sizeOf(operand), sizeOf(positions)],
    });
    return (...operands) => run(operands);
  };

/** The first of several; a NaN is greater than nothing. */
export const argmax =
  (shop: Workshop): GpuKernelOf =>
  (call) => {
    const operand = operandAt(call, 0);
    const { outer, length, inner } = around(operand.shape, axisOf(call));
    const count = sizeOf(call.result);
    if (count === 0) return empty;
    if (length === 0) return constantly(filled(shop, count, 0));
    assertFound(shop, sizeOf(operand));
    const at = place({ outer, length: 1, inner });
    const [o, , i] = at.names;
    const element = (k: string): string => `a0[(${o} * ${length} + ${k}) * ${inner} + ${i}]`;
    const run = shop.kernel({
      body: [
        ...at.lines,
        `let best = ${element('0')};`,
        'let found = 0.0;',
        `for (let k = 1; k < ${length}; k++) {`,
        `let value = ${element('k')};`,
        'let here = k;',
        'found = (value > best ? here : found);',
        'best = (value > best ? value : best);',
        '}',
        'return found;',
      ].join('\n'),
      length: count,
      operands: [sizeOf(operand)],
    });
    return (...operands) => run(operands);
  };

/** Terms that one thread adds up. */
const stretch = 64;

/** Running sums: those of stretches, and on top of them those of all stretches before. */
function runningSums(shop: Workshop, { outer, length, inner }: Around, isReversed: boolean): Run {
  const count = outer * length * inner;
  if (count === 0) return empty;
  assertFound(shop, count);
  const stretches = Math.ceil(length / stretch);
  const at = place({ outer, length, inner });
  const [o, l, i] = at.names;
  const far = `(${isReversed ? `${length - 1} - ${l}` : l})`;
  const within = [
    ...at.lines,
    `let far = ${far} * 1.0;`,
    `let stretch = Math.floor((far + 0.5) / ${stretch});`,
    `let from = stretch * ${stretch};`,
    'let sum = 0.0;',
    `for (let k = 0; k < ${Math.min(stretch, length)}; k++) {`,
    'let is = (from + k <= far ? 1.0 : 0.0);',
    `let place = (is > 0.5 ? ${isReversed ? `${length - 1} - (from + k)` : 'from + k'} : ${isReversed ? length - 1 : 0});`,
    `let value = a0[(${o} * ${length} + place) * ${inner} + ${i}];`,
    'sum = sum + (is > 0.5 ? value : 0.0);',
    '}',
  ];
  if (stretches === 1) return shop.kernel({ body: [...within, 'return sum;'].join('\n'), length: count, operands: [count] });
  const before = [
    `let earlier = (stretch > 0.5 ? stretch - 1.0 : 0.0);`,
    `let carried = a1[(${o} * ${stretches} + earlier) * ${inner} + ${i}];`,
    'return (stretch > 0.5 ? carried + sum : sum);',
  ];
  const totals = stretchTotals(shop, { outer, length, inner }, stretches, isReversed);
  const carry = runningSums(shop, { outer, length: stretches, inner }, false);
  const last = shop.kernel({ body: [...within, ...before].join('\n'), length: count, operands: [count, outer * stretches * inner] });
  return (operands) => {
    const carried = taken(totals(operands), (sums) => carry([sums]));
    return taken(carried, () => last([operands[0] as GpuTensor, carried]));
  };
}

/** What is made of a tensor, which is let go of. */
function taken(tensor: GpuTensor, make: (tensor: GpuTensor) => GpuTensor): GpuTensor {
  try {
    return make(tensor);
  } finally {
    release(tensor);
  }
}

/** The sum of each stretch, the first being the one at the end where the sums begin. */
function stretchTotals(shop: Workshop, { outer, length, inner }: Around, stretches: number, isReversed: boolean): Run {
  const at = place({ outer, length: stretches, inner });
  const [o, l, i] = at.names;
  return shop.kernel({
    body: [
      ...at.lines,
      'let sum = 0.0;',
      `for (let k = 0; k < ${stretch}; k++) {`,
      `let far = ${l} * ${stretch} + k;`,
      `let is = (far < ${length} ? 1.0 : 0.0);`,
      `let place = (is > 0.5 ? ${isReversed ? `${length - 1} - far` : 'far'} : 0);`,
      `let value = a0[(${o} * ${length} + place) * ${inner} + ${i}];`,
      'sum = sum + (is > 0.5 ? value : 0.0);',
      '}',
      'return sum;',
    ].join('\n'),
    length: outer * stretches * inner,
    operands: [outer * length * inner],
  });
}

export const cumsum =
  (shop: Workshop): GpuKernelOf =>
  (call) => {
    const run = runningSums(shop, around(call.result.shape, axisOf(call)), call.attributes.reversed === true);
    return (...operands) => run(operands);
  };
