/** Where an axis of an operand lies in the result, by the rows: what changes at one position changes the result there and nowhere else. */
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../compiler/ir/graph.ts';
import { opNames } from '../../plan/op-names.ts';
import { ops } from '../../compiler/ops/table.ts';
import { draw, instance, randomFor, runner } from './instances.ts';
import { samplers, type Sample } from './samplers.ts';

/** The position along an axis of each element. */
function along({ shape, data }: Tensor, axis: number): readonly number[] {
  const inner = shape.slice(axis + 1).reduce((x, y) => x * y, 1);
  return Array.from(data, (_, i) => Math.floor(i / inner) % (shape[axis] ?? 1));
}

/** The positions at which a claim of a row is wrong. */
function wrongAlong(op: (typeof opNames)[number], sample: Sample, random: () => number): readonly string[] {
  const own = instance(op, sample);
  const [output] = own.outputs;
  if (output === undefined || output.node.op !== op) return [];
  const run = runner(own.b, own.inputs, own.outputs);
  const before = draw(own, random);
  const after = draw(own, random);
  return own.inputs.flatMap((input, i) =>
    input.type.shape.flatMap((_, axis) => {
      const operands = output.node.inputs.flatMap((v, k) => (v === input ? [k] : []));
      const claims = operands.map((k) => (ops[op].batch === 'pointwise' ? axis : ops[op].follow?.(output.node, k, axis)));
      const [claim] = claims;
      if (claim === undefined || claims.some((c) => c !== claim)) return [];
      const [x, y] = [before[i], after[i]];
      if (x === undefined || y === undefined) return [];
      const places = along(x, axis);
      const mixed: Tensor = { shape: x.shape, data: x.data.map((v, e) => (places[e] === 0 ? (y.data[e] ?? v) : v)) };
      const [one] = run(before);
      const [other] = run(before.map((t, k) => (k === i ? mixed : t)));
      if (one === undefined || other === undefined) return ['no result'];
      if (one.shape[claim] !== x.shape[axis]) return [`axis ${axis} of operand ${i}: another size`];
      const there = along(one, claim);
      const elsewhere = there.some((p, e) => p !== 0 && !Object.is(one.data[e], other.data[e]));
      return elsewhere ? [`axis ${axis} of operand ${i} is not axis ${claim} of the result`] : [];
    }),
  );
}

describe.each(opNames.filter((op) => ops[op].batch === 'pointwise' || ops[op].follow !== undefined))('%s', (op) => {
  it('keeps positions apart where its row says so', () => {
    expect(samplers[op].flatMap((sample, i) => wrongAlong(op, sample, randomFor(`${op} ${i}`)))).toEqual([]);
  });
});
