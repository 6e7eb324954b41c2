/**
 * Every row's radius holds what it says: all values that a ball of operands can give, and what rounding makes of one, in float32 as its
 * kernel computes it. Loops over the rows: a new one is tested as soon as it has a sampler.
 */
import { describe, expect, it } from 'vitest';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { opNames, type OpName } from '../../plan/op-names.ts';
import { ops } from '../../compiler/ops/table.ts';
import { enclose } from '../../compiler/transform/enclose.ts';
import { compileGraph } from '../helpers/wasm.ts';
import { draw, instance, isReal, randomFor, runner, shapeOf, type Instance } from './instances.ts';
import { samplesOf, sizes, type Random, type Sample } from './samplers.ts';

it('is missing where a bound would have to be an argument of its own, and nowhere else', () => {
  expect(opNames.filter((op) => ops[op].radius === undefined)).toEqual([
    'cholesky',
    'triangular_solve',
    'solve',
    'eigh',
    'scan',
    'iterate',
  ]);
});

const rows = opNames.filter((op) => ops[op].radius !== undefined && op !== 'input' && op !== 'constant');

/** They jump, or nothing is claimed: of an operand that is not exact, nothing is known. */
const jumping: ReadonlySet<OpName> = new Set([
  'sign',
  'floor',
  'argmax',
  'argsort',
  'equal',
  'less',
  'less_equal',
  'is_finite',
  'not',
  'and',
  'or',
]);
const isBoundless = (op: OpName, { constants }: Sample): boolean => jumping.has(op) || (op === 'pow' && constants?.[1] === undefined);

/** Whether the numbers between which an operand may lie stay where the op is defined. */
const fits = (op: OpName, { fills }: Sample, x: readonly Tensor[], r: number): boolean =>
  x.every((t, i) => fills?.[i] !== undefined || (ops[op].domain?.[i]?.[0] ?? -1) <= 0 || t.data.every((value) => value - r > 0));

function radiiOf({ b, outputs }: Instance, seeds: ReadonlyMap<Value, Value | undefined>): readonly Value[] {
  const found = enclose(b, outputs, seeds);
  if (!found.ok) throw new Error(`no radius of ${found.op}`);
  return found.radii;
}

const full = (v: Value, value: number): Tensor => {
  const shape = shapeOf(v.type);
  return { shape, data: new Float64Array(shape.reduce((a, d) => a * d, 1)).fill(value) };
};

/** Where values are farther apart than a radius allows. */
const outside = (
  results: readonly Tensor[],
  centers: readonly Tensor[],
  radii: readonly Tensor[],
  slack: (value: number, r: number) => number,
): readonly string[] =>
  results.flatMap((result, j) =>
    [...result.data].flatMap((value, at) => {
      const center = centers[j]?.data[at] ?? Infinity;
      const r = radii[j]?.data[at] ?? Number.NaN;
      const isHeld = (Number.isNaN(value) && Number.isNaN(center)) || Math.abs(value - center) <= slack(value, r);
      return isHeld ? [] : [`element ${at}: ${value} and ${center} are farther apart than ${r}`];
    }),
  );

/** A point of the ball; every other one a corner, where most is lost. */
function moved(x: readonly Tensor[], inputs: readonly Value[], size: number, isCorner: boolean, random: Random): readonly Tensor[] {
  const step = (): number => (isCorner ? Math.sign(random() - 0.5) : 2 * random() - 1);
  return x.map((t, i) =>
    inputs[i] !== undefined && isReal(inputs[i]) ? { shape: t.shape, data: t.data.map((value) => value + size * step()) } : t,
  );
}

function ballComplaints(op: OpName, sample: Sample): readonly string[] {
  const own = instance(op, sample);
  const { b, inputs, outputs } = own;
  const random = randomFor(`${op} ${sample.label} radius`);
  const real = inputs.filter(isReal);
  const balls = real.map((v) => b.input('ball', 'state', v.type));
  const seeds = new Map<Value, Value | undefined>([
    ...inputs.map((v): [Value, undefined] => [v, undefined]),
    ...real.map((v, i): [Value, Value | undefined] => [v, balls[i]]),
  ]);
  const run = runner(b, inputs, outputs);
  const radiusOf = runner(b, [...inputs, ...balls], radiiOf(own, seeds));
  return [0, 1e-9, 1e-3, 0.1].flatMap((size) => {
    const x = draw(own, random);
    if (!fits(op, sample, x, size)) return [];
    const radii = radiusOf([...x, ...real.map((v) => full(v, size))]);
    const useful = radii.every((r) => r.data.every((value) => value >= 0 && value < 1e3 * (size + 1e-12)));
    const points = Array.from({ length: 20 }, (_, k) => run(moved(x, inputs, size, k % 2 === 0, random)));
    // Where it moves to is rounded, and so is what it is there.
    const slack = (value: number, r: number): number => r * (1 + 1e-9) + 1e-14 * Math.max(1, Math.abs(value));
    return [
      ...(useful || isBoundless(op, sample) ? [] : [`of no use for a ball of ${size}: ${radii.map((r) => r.data.join()).join()}`]),
      ...points.flatMap((results) => outside(results, run(x), radii, slack)),
    ];
  });
}

async function roundingComplaints(op: OpName, sample: Sample): Promise<readonly string[]> {
  const own = instance(op, sample);
  const { b, inputs, outputs } = own;
  const radii = radiiOf(own, new Map(inputs.map((v) => [v, undefined])));
  const compiled = compileGraph(b.graph('radius', inputs, [...outputs, ...radii]), 'f32');
  const random = randomFor(`${op} ${sample.label} rounding`);
  const found: string[] = [];
  for (let k = 0; k < 5; k++) {
    const x = draw(own, random).map(({ shape, data }) => ({ shape, data: Float64Array.from(Float32Array.from(data)) }));
    const results = await compiled(x, sizes);
    const exact = runner(b, inputs, outputs)(x);
    found.push(...outside(results.slice(0, outputs.length), exact, results.slice(outputs.length), (_, r) => 1.25 * r));
  }
  return found;
}

describe.each(rows)('the radius of %s', (op) => {
  it('holds the values of a ball', () => {
    expect(samplesOf(op).flatMap((sample) => ballComplaints(op, sample).map((text) => `${sample.label}, ${text}`))).toEqual([]);
  });
  it('holds what float32 rounds', async () => {
    const found = await Promise.all(
      samplesOf(op).map(async (sample) => (await roundingComplaints(op, sample)).map((text) => `${sample.label}, ${text}`)),
    );
    expect(found.flat()).toEqual([]);
  });
});
