/** Calls that are made into fewer kernels: the same numbers, whatever is put together, and no more together than a device can take. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitCalls } from '../../compiler/emit/calls/candidate.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { given } from '../../compiler/ir/attributes.ts';
import { add, number } from '../../compiler/ir/dims.ts';
import type { Graph, Tensor, Value } from '../../compiler/ir/graph.ts';
import { scan } from '../../compiler/ir/loops.ts';
import { callsLink } from '../../runtime/backends/calls/executor.ts';
import { referenceDevice, type FusingCosts, type ReferenceDevice } from '../helpers/reference-device.ts';
import type { Draw } from '../programs/drawing.ts';
import { d, Drawn, DrawnGraph, filled, graphOf, n, problem } from '../programs/drawn-graphs.ts';
import { DrawnLoops } from '../programs/drawn-loops.ts';

const sizes = { n: 4, d: 3 };
const freely: FusingCosts = { mostOperands: 8, dispatch: Infinity, element: 0, longest: Infinity };

async function ran(graph: Graph, inputs: readonly Tensor[], device: ReferenceDevice): Promise<readonly Tensor[]> {
  const code = emitCalls({ value: { graph, inputSlots: graph.inputs.map((_, i) => `x${i}`), fixed: new Map() } }, 'tfjs');
  const linked = await callsLink(() => code, device)('graph', sizes);
  if (!linked.ok) throw new Error('not linked');
  const { executor } = linked;
  executor.put(Object.fromEntries(inputs.map((tensor, i) => [`x${i}`, tensor])));
  await executor.run('value');
  const tensors: Tensor[] = [];
  for (const name of graph.outputNames) tensors.push(await executor.read(name));
  executor.close();
  expect(device.alive()).toBe(0);
  return tensors;
}

/** How often each kernel runs, once what is fused has given what the calls give one by one. */
async function kernelsOf(b: Builder, inputs: readonly Value[], outputs: readonly Value[], costs = freely): Promise<Record<string, number>> {
  const graph = graphOf(b, inputs, outputs);
  const data = inputs.map((input) => filled(input, sizes));
  const device = referenceDevice('peeks', costs);
  const [own, expected] = [
    await ran(graph, data, { ...device, prefersTurned: () => false }),
    await ran(graph, data, referenceDevice('waits')),
  ];
  own.forEach((tensor, i) => {
    expect(tensor.shape).toEqual(expected[i]?.shape);
    tensor.data.forEach((x, k) => expect(x).toBeCloseTo(expected[i]?.data[k] ?? Number.NaN, 12));
  });
  return Object.fromEntries(device.counts);
}

describe('calls as fewer kernels', () => {
  it('puts what comes before a sum and behind it into the sum', async () => {
    const { b, X, y, w } = problem();
    const residual = b.sub(b.matmul(X, w), y);
    const loss = b.sum(b.mul(b.unary('softplus', residual), residual));
    expect(await kernelsOf(b, [X, y, w], [b.scale(loss, 0.5)], { ...freely, dispatch: 0 })).toEqual({ fused: 2 });
  });

  it('has two sums over the same in one kernel', async () => {
    const { b, y } = problem();
    expect(await kernelsOf(b, [y], [b.div(b.sum(b.mul(y, y)), b.sum(b.abs(y)))])).toEqual({ fused: 1 });
  });

  it('keeps what is dear to compute again', async () => {
    const { b, y } = problem();
    const dear = b.unary('exp', b.unary('tanh', y));
    const twice = [b.sum(dear), b.add(dear, y)];
    expect(await kernelsOf(b, [y], twice, { ...freely, dispatch: 7 })).toEqual({ fused: 1, reduce_sum: 1, add: 1 });
    expect(await kernelsOf(b, [y], twice, { ...freely, dispatch: 8 })).toEqual({ fused: 2 });
  });

  it('keeps what a product would compute once for each row', async () => {
    const { b, X, w } = problem();
    const product = b.matmul(X, b.unary('exp', w));
    expect(await kernelsOf(b, [X, w], [product], { ...freely, dispatch: sizes.n * sizes.d - sizes.d - 1 })).toEqual({
      exp: 1,
      dot_general: 1,
    });
    expect(await kernelsOf(b, [X, w], [product], { ...freely, dispatch: sizes.n * sizes.d - sizes.d })).toEqual({ fused: 1 });
  });

  it('makes no sum too heavy that few compute', async () => {
    const { b, y } = problem();
    expect(await kernelsOf(b, [y], [b.sum(b.unary('exp', y))], { ...freely, longest: 3 })).toEqual({ exp: 1, reduce_sum: 1 });
    expect(await kernelsOf(b, [y], [b.sum(b.unary('exp', y))], { ...freely, longest: 4 })).toEqual({ fused: 1 });
  });

  it('reads no more tensors than it may', async () => {
    const b = new Builder();
    const inputs = Array.from({ length: 7 }, (_, i) => b.input(`x${i}`, 'data', { dtype: 'real', shape: [n] }));
    const sum = inputs.reduce((a, x) => b.add(a, x));
    expect(await kernelsOf(b, inputs, [sum], { ...freely, mostOperands: 3 })).toEqual({ fused: 3 });
    expect(await kernelsOf(b, inputs, [sum], { ...freely, mostOperands: 7 })).toEqual({ fused: 1 });
  });

  it('leaves to its own kernel what reads more, whatever stands beside it', async () => {
    const b = new Builder();
    const inputs = Array.from({ length: 4 }, (_, i) => b.input(`x${i}`, 'data', { dtype: 'int', shape: [n] }));
    const beside = b.concat([...inputs, b.iota(n)], 0);
    expect(await kernelsOf(b, inputs, [beside], { ...freely, mostOperands: 3 })).toEqual({ iota: 1, concat: 1 });
    expect(await kernelsOf(b, inputs, [beside], { ...freely, mostOperands: 4 })).toEqual({ fused: 1 });
  });

  it('computes nothing that nobody reads, and no number as a tensor', async () => {
    const { b, y } = problem();
    b.unary('exp', y);
    expect(await kernelsOf(b, [y], [b.add(b.scale(y, 3), b.full([n], 2))])).toEqual({ fused: 1 });
  });

  it('has what is put side by side in the kernel that reads it', async () => {
    const { b, y, w } = problem();
    const both = b.concat([b.unary('exp', y), w], 0);
    const padded = b.one('pad', [w], { axis: 0, start: number(2), length: add(n, d) });
    expect(await kernelsOf(b, [y, w], [b.inner(both, padded)])).toEqual({ fused: 1 });
  });

  it('copies where a view is no strides', async () => {
    const { b, X } = problem();
    const turned = b.reshape(b.transpose(X, [1, 0]), [n, d]);
    expect(await kernelsOf(b, [X], [b.unary('exp', turned)])).toEqual({ transpose: 1, fused: 1 });
  });

  const side: FusingCosts = { ...freely, block: 2 };

  it('runs what does not wait for each other as one kernel', async () => {
    const { b, y, w } = problem();
    expect(await kernelsOf(b, [y, w], [b.unary('exp', y), b.unary('tanh', w)], side)).toEqual({ together: 1 });
    expect(await kernelsOf(b, [y, w], [b.unary('exp', y), b.unary('tanh', w)], { ...side, mostOperands: 1 })).toEqual({ exp: 1, tanh: 1 });
  });

  it('does so where little is walked through for nothing', async () => {
    const { b, X, w } = problem();
    const results = [b.unary('exp', X), b.unary('tanh', w)];
    // Each element walks through the other's branch.
    const idle = sizes.n * sizes.d + sizes.d;
    expect(await kernelsOf(b, [X, w], results, { ...side, dispatch: idle - 1 })).toEqual({ exp: 1, tanh: 1 });
    expect(await kernelsOf(b, [X, w], results, { ...side, dispatch: idle })).toEqual({ together: 1 });
  });

  it('computes again what is light rather than waiting for it', async () => {
    const { b, y } = problem();
    const kept = b.unary('abs', y);
    const results = [kept, b.unary('exp', kept)];
    expect(await kernelsOf(b, [y], results, side)).toEqual({ together: 1 });
    expect(await kernelsOf(b, [y], results, { ...side, dispatch: 16 * sizes.n - 1 })).toEqual({ abs: 1, exp: 1 });
  });

  it('takes a long sum in parts, which a kernel of several may leave', async () => {
    const { b, y, w } = problem();
    const results = [b.unary('exp', b.sum(y)), b.unary('tanh', w)];
    expect(await kernelsOf(b, [y, w], results, side)).toEqual({ together: 1, fused: 1 });
  });

  it('keeps what every step of a loop leaves apart from what it does not', async () => {
    const { b, y } = problem();
    const stepped = (stacked: (s: Value) => readonly Value[]): readonly Value[] => {
      const { states, stacked: rows } = scan(b, {
        name: 'steps',
        length: d,
        states: [y],
        body: ([s]) => ({ states: [b.unary('tanh', given(s))], stacked: stacked(given(s)) }),
      });
      return [...states, ...rows];
    };
    const both = (s: Value): readonly Value[] => [b.unary('exp', s), b.unary('abs', s)];
    expect(
      await kernelsOf(
        b,
        [y],
        stepped((s) => both(s).slice(0, 1)),
        side,
      ),
    ).toEqual({ tanh: 3, exp: 3 });
    expect(await kernelsOf(b, [y], stepped(both), side)).toEqual({ tanh: 3, together: 3 });
    // The next step stacks the state.
    expect(
      await kernelsOf(
        b,
        [y],
        stepped((s) => [s, b.unary('exp', s)]),
        side,
      ),
    ).toEqual({ together: 3 });
  });

  it('keeps no more than parts of a whole that every step leaves', async () => {
    type First = (x: Value, count: number) => Value;
    const steps = async (stacked: (first: First, s: Value, next: Value) => readonly Value[]): Promise<Record<string, number>> => {
      const { b, y } = problem();
      const first: First = (x, count) => b.slice(x, 0, number(0), number(count));
      const there = scan(b, {
        name: 'steps',
        length: d,
        states: [y],
        body: ([s]) => {
          const next = b.unary('tanh', given(s));
          return { states: [next], stacked: stacked(first, given(s), next) };
        },
      });
      return kernelsOf(b, [y], [...there.states, ...there.stacked], { ...side, dispatch: 0 });
    };
    expect(await steps((first, _, next) => [first(next, 1)])).toEqual({ tanh: 3, copy: 3 });
    expect(await steps((first, _, next) => [first(next, 2)])).toEqual({ tanh: 3, slice: 3 });
    expect(await steps((first, _, next) => [next, first(next, 1)])).toEqual({ tanh: 3, slice: 3 });
    // A state may have come with others.
    expect(await steps((first, s) => [first(s, 2)])).toEqual({ tanh: 3, copy: 3 });
    expect(await steps((first, s) => [s, first(s, 1)])).toEqual({ tanh: 3, slice: 3 });
  });

  it('gives the same numbers, whatever the graph', async () => {
    await fc.assert(
      fc.asyncProperty(
        new DrawnGraph(),
        new DrawnCosts(),
        async ({ b, inputs, outputs }, costs) => void (await kernelsOf(b, inputs, outputs, costs)),
      ),
      { numRuns: 200 },
    );
  });

  it('gives the same numbers in loops', async () => {
    await fc.assert(
      fc.asyncProperty(
        new DrawnLoops(),
        new DrawnCosts(),
        async ({ b, inputs, outputs }, costs) => void (await kernelsOf(b, inputs, outputs, costs)),
      ),
      { numRuns: 60 },
    );
  });
});

class DrawnCosts extends Drawn<FusingCosts> {
  override draw(draw: Draw): FusingCosts {
    return {
      mostOperands: draw.whole(3, 6),
      dispatch: draw.pick([0, 10, 100, Infinity]),
      element: draw.pick([0, 3]),
      longest: draw.pick([4, Infinity]),
      ...draw.pick([{}, { block: 2 }, { block: 5 }]),
    };
  }

  override show(costs: FusingCosts): string {
    return JSON.stringify(costs);
  }
}
