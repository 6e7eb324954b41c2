/**
 * Tests of the op table that loop over its rows: a new row is tested as soon as it has a sampler. Derivatives are compared with
 * central differences and with their own transposes, to second order; batching with runs one by one.
 */
import { describe, expect, it } from 'vitest';
import type { Builder } from '../../compiler/ir/builder.ts';
import { evaluate as evaluateDim, namesOf, number, symbol, type Dim } from '../../compiler/ir/dims.ts';
import type { Attributes, Tensor, Value } from '../../compiler/ir/graph.ts';
import { opNames, type OpName } from '../../plan/op-names.ts';
import { ops } from '../../compiler/ops/table.ts';
import { batch } from '../../compiler/transform/batch.ts';
import { jvp } from '../../compiler/transform/jvp.ts';
import { transpose, vjp } from '../../compiler/transform/transpose.ts';
import {
  difference,
  draw,
  drawLike,
  innerProduct,
  instance,
  isReal,
  magnitude,
  part,
  plus,
  randomFor,
  runner,
  shapeOf,
} from './instances.ts';
import { samplesOf, sizes, type Random, type Sample } from './samplers.ts';

/** Every complaint about every instance of an op, each with the instance's name. */
function complaints(op: OpName, check: (sample: Sample, random: Random) => readonly string[]): readonly string[] {
  return samplesOf(op).flatMap((sample) =>
    check(sample, randomFor(`${op} ${sample.label}`)).map((text) => `${op} ${sample.label}: ${text}`),
  );
}

const below = (what: string, value: number, bound: number): readonly string[] => (value <= bound ? [] : [`${what}: ${value} > ${bound}`]);

// ---- shape ------------------------------------------------------------------------------------------------------------

const fitsDType = (dtype: string, x: number): boolean => dtype === 'real' || (dtype === 'int' ? Number.isInteger(x) : x === 0 || x === 1);

function checkShape(op: OpName, sample: Sample, random: Random): readonly string[] {
  const own = instance(op, sample);
  const node = own.outputs[0]?.node;
  if (node?.op !== op) return [`a rewrite rule made ${node?.op ?? 'nothing'} of it`];
  const given = draw(own, random);
  const results = runner(own.b, own.inputs, own.outputs)(given);
  return own.outputs.flatMap((v, i) => {
    const result = results[i];
    if (result === undefined) return [`no result ${i}`];
    const shape = shapeOf(v.type);
    return [
      ...(result.shape.join() === shape.join() && result.data.length === shape.reduce((a, d) => a * d, 1)
        ? []
        : [`result ${i} is [${result.shape.join(', ')}] with ${result.data.length} elements, the rule says [${shape.join(', ')}]`]),
      ...(result.data.every((x) => fitsDType(v.type.dtype, x)) ? [] : [`result ${i} is not ${v.type.dtype}`]),
    ];
  });
}

/** A shape rule answers, whatever it is given. */
function checkTotal(op: OpName, sample: Sample): readonly string[] {
  const { operands, attributes } = sample;
  const scalar = { dtype: 'real', shape: [] } as const;
  const without = (key: string): Attributes => Object.fromEntries(Object.entries(attributes).filter(([other]) => other !== key));
  const lists = [
    operands.slice(1),
    [...operands, scalar],
    operands.map(() => scalar),
    operands.map((t) => ({ dtype: 'bool' as const, shape: [...t.shape, ...t.shape] })),
    [],
  ];
  const tries: readonly (() => unknown)[] = [
    ...lists.map((list) => () => ops[op].shape(list, attributes, sizes)),
    ...Object.keys(attributes).map((key) => () => ops[op].shape(operands, without(key), sizes)),
    () => ops[op].shape(operands, { ...attributes, axis: 9, axes: [9] }, sizes),
  ];
  return tries.flatMap((attempt, i) => {
    try {
      attempt();
      return [];
    } catch (error) {
      return [`mistake ${i} throws ${String(error)}`];
    }
  });
}

function checkCost(op: OpName, sample: Sample): readonly string[] {
  const node = instance(op, sample).outputs[0]?.node;
  if (node === undefined) return ['no node'];
  const { flops, moved } = ops[op].cost(node);
  return [flops, moved].flatMap((cost) => {
    // How many steps a loop takes that stops by a test is a name, too.
    const known = new Map([
      ...namesOf(cost)
        .filter((name) => name.startsWith('T_'))
        .map((name) => [name, 5] as const),
      ...sizes,
    ]);
    const value = evaluateDim(cost, known);
    return value !== undefined && value >= 0 ? [] : [`costs ${cost.key}`];
  });
}

// ---- derivatives --------------------------------------------------------------------------------------------------------

const step = Math.cbrt(Number.EPSILON);

interface Piece {
  readonly b: Builder;
  /** All inputs with their numbers; the derivative is taken in the real ones. */
  readonly inputs: readonly Value[];
  readonly at: readonly Tensor[];
  readonly outputs: readonly Value[];
}

/** jvp against differences, and transpose against jvp. */
function checkDerivative({ b, inputs, at, outputs }: Piece, random: Random): readonly string[] {
  const moving = inputs.filter(isReal);
  const tangents = moving.map((v) => b.input('tangent', 'state', v.type));
  const pushed = jvp(b, outputs, new Map(moving.map((v, i) => [v, tangents[i] ?? v])));
  const whole = outputs.flatMap((v, i) => (!isReal(v) && pushed[i] !== undefined ? [`a ${v.type.dtype} result has a tangent`] : []));
  const kept = outputs.flatMap((v, i) => (isReal(v) ? [{ value: v, tangent: pushed[i] ?? b.zeros(v.type.shape) }] : []));
  if (kept.length === 0 || moving.length === 0) return whole;

  const directions = drawLike(moving, random);
  const linear = runner(
    b,
    [...inputs, ...tangents],
    kept.map((k) => k.tangent),
  );
  const derivative = linear([...at, ...directions]);
  const h = step * Math.max(1, magnitude(at));
  const run = runner(
    b,
    inputs,
    kept.map((k) => k.value),
  );
  const moved = (t: number): readonly Tensor[] =>
    run(
      inputs.map((v, i) => {
        const direction = directions[moving.indexOf(v)];
        const x = at[i];
        if (x === undefined) throw new Error('an input without numbers');
        return direction === undefined ? x : plus(x, direction, t);
      }),
    );
  const [ahead, behind] = [moved(h), moved(-h)];
  const quotients = ahead.map((t, i) => ({
    shape: t.shape,
    data: t.data.map((x, j) => (x - (behind[i]?.data[j] ?? Number.NaN)) / (2 * h)),
  }));

  const cotangents = kept.map((k) => b.input('cotangent', 'state', k.value.type));
  const weights = drawLike(cotangents, random);
  const pulled = transpose(
    b,
    kept.map((k) => k.tangent),
    cotangents,
    tangents,
  ).map((ct, i) => ct ?? b.zeros(moving[i]?.type.shape ?? []));
  const adjoint = runner(b, [...inputs, ...cotangents], pulled)([...at, ...weights]);
  const [left, right] = [innerProduct(weights, derivative), innerProduct(adjoint, directions)];
  const scale = Math.max(1, magnitude(derivative), magnitude(adjoint));
  return [
    ...whole,
    ...below('jvp against differences', difference(derivative, quotients), 1e-6),
    ...below('⟨u, Jv⟩ − ⟨Jᵀu, v⟩', Math.abs(left - right) / scale, 1e-12),
  ];
}

function checkBothOrders(op: OpName, sample: Sample, random: Random): readonly string[] {
  const { b, inputs, outputs, ...own } = instance(op, sample);
  const at = draw({ b, inputs, outputs, ...own }, random);
  const first = checkDerivative({ b, inputs, at, outputs }, random);
  const live = outputs.filter(isReal);
  const weights = live.map((v) => b.input('weight', 'state', v.type));
  const gradients = vjp(b, live, weights, inputs.filter(isReal)).filter((g) => g !== undefined);
  const second = checkDerivative(
    { b, inputs: [...inputs, ...weights], at: [...at, ...drawLike(weights, random)], outputs: gradients },
    random,
  );
  return [
    ...first,
    ...second.map((text) => `second order: ${text}`),
    ...checkTaken({ b, inputs, at, outputs }, random).map((text) => `in a branch: ${text}`),
  ];
}

/** The same behind a choice that takes it everywhere: rules may guard their products there, and must agree. */
function checkTaken({ b, inputs, at, outputs }: Piece, random: Random): readonly string[] {
  const live = outputs.filter(isReal);
  const conditions = live.map((v) => b.input('taken', 'data', { dtype: 'bool', shape: v.type.shape }));
  const chosen = live.map((v, i) => b.select(conditions[i] ?? v, v, b.zeros(v.type.shape)));
  const yes = conditions.map((c): Tensor => {
    const shape = shapeOf(c.type);
    return { shape, data: new Float64Array(shape.reduce((x, y) => x * y, 1)).fill(1) };
  });
  return checkDerivative({ b, inputs: [...inputs, ...conditions], at: [...at, ...yes], outputs: chosen }, random);
}

function hasNoDerivative(op: OpName, sample: Sample): boolean {
  const { b, inputs, outputs } = instance(op, sample);
  try {
    return jvp(b, outputs, new Map(inputs.filter(isReal).map((v) => [v, v]))).every((t) => t === undefined);
  } catch {
    return true;
  }
}

// ---- batching -----------------------------------------------------------------------------------------------------------

const subsets = (count: number): readonly (readonly boolean[])[] =>
  Array.from({ length: 2 ** count - 1 }, (_, s) => Array.from({ length: count }, (_, i) => ((s + 1) & (1 << i)) !== 0));

function checkBatch(op: OpName, sample: Sample, random: Random): readonly string[] {
  const widths: readonly Dim[] = [symbol('B'), number(1), number(0)];
  const { inputs } = instance(op, sample);
  return widths.flatMap((width) => subsets(inputs.length).flatMap((flags) => checkBatchOf(op, sample, random, width, flags)));
}

function checkBatchOf(op: OpName, sample: Sample, random: Random, width: Dim, flags: readonly boolean[]): readonly string[] {
  const own = instance(op, sample);
  const { b, inputs, outputs } = own;
  const count = evaluateDim(width, sizes) ?? 0;
  const draws = Array.from({ length: Math.max(1, count) }, () => draw(own, random));
  const narrow = draws[0] ?? [];
  const wide = inputs.map((v, i) =>
    flags[i] === true ? b.input('wide', 'state', { dtype: v.type.dtype, shape: [width, ...v.type.shape] }) : v,
  );
  const stacked = inputs.map((_, i): Tensor => {
    const one = narrow[i] ?? { shape: [], data: new Float64Array(0) };
    if (flags[i] !== true) return one;
    return {
      shape: [count, ...one.shape],
      data: Float64Array.from(draws.slice(0, count).flatMap((tensors) => [...(tensors[i]?.data ?? [])])),
    };
  });
  const batched = new Map(inputs.flatMap((v, i) => (flags[i] === true ? [[v, wide[i] ?? v] as const] : [])));
  const results = runner(b, wide, batch(b, outputs, batched, width))(stacked);
  const alone = runner(b, inputs, outputs);
  const which = `batch of ${width.key} in ${flags.map((f) => (f ? 'x' : '-')).join('')}`;
  const whole = outputs.flatMap((v, i) =>
    results[i]?.shape.join() === [count, ...shapeOf(v.type)].join() ? [] : [`${which}: result ${i} is [${results[i]?.shape.join()}]`],
  );
  const parts = draws.slice(0, count).flatMap((tensors, k) => {
    const expected = alone(inputs.map((_, i) => (flags[i] === true ? tensors[i] : narrow[i]) ?? { shape: [], data: new Float64Array(0) }));
    return below(
      `${which}, position ${k}`,
      difference(
        results.map((t) => part(t, k)),
        expected,
      ),
      1e-13,
    );
  });
  return [...whole, ...parts];
}

// ---- the loop over rows -----------------------------------------------------------------------------------------------------

describe.each(opNames)('%s', (op) => {
  it('has instances', () => {
    expect(samplesOf(op).length).toBeGreaterThan(0);
  });

  it('has results of the shape and dtype that its rule says', () => {
    // An input's numbers come from outside.
    const check = op === 'input' ? (): readonly string[] => [] : (sample: Sample, random: Random) => checkShape(op, sample, random);
    expect(complaints(op, check)).toEqual([]);
  });

  it('has a shape rule that answers to any mistake', () => {
    expect(complaints(op, (sample) => checkTotal(op, sample))).toEqual([]);
  });

  it('has a cost in its own dims', () => {
    expect(complaints(op, (sample) => checkCost(op, sample))).toEqual([]);
  });

  it('has derivatives that agree with differences and with each other, to second order', () => {
    const found = complaints(op, (sample, random) => {
      if (op === 'input' || sample.valuesOnly !== undefined) return [];
      if (sample.notDifferentiated === undefined) return checkBothOrders(op, sample, random);
      return hasNoDerivative(op, sample) ? [] : [`has a derivative, though ${sample.notDifferentiated}`];
    });
    expect(found).toEqual([]);
  });

  it('is batched like single runs', () => {
    expect(complaints(op, (sample, random) => checkBatch(op, sample, random))).toEqual([]);
  });
});
