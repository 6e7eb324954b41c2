/** Derivatives in one operand while the others stay: what a rule that only ever sees all tangents at once could get wrong. */
import { describe, expect, it } from 'vitest';
import type { Builder } from '../../compiler/ir/builder.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { opNames, type OpName } from '../../plan/op-names.ts';
import { jvp } from '../../compiler/transform/jvp.ts';
import { vjp } from '../../compiler/transform/transpose.ts';
import { difference, draw, drawLike, instance, isReal, plus, randomFor, runner } from './instances.ts';
import { samplesOf, type Sample } from './samplers.ts';

const pushed = (b: Builder, outputs: readonly Value[], along: ReadonlyMap<Value, Value>): readonly Value[] =>
  jvp(b, outputs, along).map((t, i) => t ?? b.zeros(outputs[i]?.type.shape ?? []));

const pulled = (b: Builder, outputs: readonly Value[], weights: readonly Value[], wrt: readonly Value[]): readonly Value[] =>
  vjp(b, outputs, weights, wrt).map((ct, i) => ct ?? b.zeros(wrt[i]?.type.shape ?? []));

function complaints(op: OpName, sample: Sample): readonly string[] {
  const own = instance(op, sample);
  const { b, inputs } = own;
  const outputs = own.outputs.filter(isReal);
  const moving = inputs.filter(isReal);
  if (moving.length < 2 || outputs.length === 0) return [];
  const random = randomFor(`${op} ${sample.label}`);
  const tangents = moving.map((v) => b.input('tangent', 'state', v.type));
  const weights = outputs.map((v) => b.input('weight', 'state', v.type));
  const numbers = [...draw(own, random), ...drawLike(tangents, random), ...drawLike(weights, random)];
  const run = (values: readonly Value[]): readonly Tensor[] => runner(b, [...inputs, ...tangents, ...weights], values)(numbers);

  const together = run(pushed(b, outputs, new Map(moving.map((v, i) => [v, tangents[i] ?? v]))));
  const alone = moving.map((v, i) => run(pushed(b, outputs, new Map([[v, tangents[i] ?? v]]))));
  const summed = together.map(
    (_, k) =>
      alone.map((results) => results[k]).reduce((x, y) => (x === undefined || y === undefined ? undefined : plus(x, y, 1))) ?? {
        shape: [],
        data: new Float64Array(0),
      },
  );
  const gradients = run(pulled(b, outputs, weights, moving));
  const single = moving.flatMap((v) => run(pulled(b, outputs, weights, [v])));
  return [
    ...(difference(summed, together) <= 1e-12 ? [] : [`${sample.label}: tangents one by one do not add up to the tangent of all`]),
    ...(difference(single, gradients) <= 1e-12 ? [] : [`${sample.label}: a cotangent depends on which others are asked for`]),
  ];
}

describe('each operand alone', () => {
  it.each(opNames.filter((op) => op !== 'iterate'))('%s', (op) => {
    const samples = samplesOf(op).filter((sample) => sample.notDifferentiated === undefined);
    expect(samples.flatMap((sample) => complaints(op, sample))).toEqual([]);
  });
});
