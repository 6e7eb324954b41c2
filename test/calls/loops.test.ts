/** Loops on devices that peek, wait or compile: what they give, what they hold while they run, and what is left when they are stopped. */
import { describe, expect, it } from 'vitest';
import { emitCalls } from '../../compiler/emit/calls/candidate.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { number, symbol } from '../../compiler/ir/dims.ts';
import type { Graph, Tensor, Value } from '../../compiler/ir/graph.ts';
import { prepare } from '../../compiler/ir/interpret.ts';
import { iterate, scan } from '../../compiler/ir/loops.ts';
import type { Executor, RunControl } from '../../plan/types.ts';
import type { SizedCall } from '../../runtime/backends/calls/device.ts';
import { callsLink } from '../../runtime/backends/calls/executor.ts';
import { type Manner, referenceDevice, type ReferenceDevice } from '../helpers/reference-device.ts';

const manners: readonly Manner[] = ['peeks', 'waits', 'compiles'];
const n = symbol('n');
const vector = { dtype: 'real', shape: [n] } as const;
const sizes = new Map([['n', 3]]);
const values = (...data: readonly number[]): Tensor => ({ shape: data.length === 1 ? [] : [data.length], data: Float64Array.from(data) });

async function linked(graph: Graph, device: ReferenceDevice): Promise<Executor> {
  const named = { ...graph, outputNames: graph.outputs.map((_, i) => `y${i}`) };
  const calls = emitCalls({ value: { graph: named, inputSlots: graph.inputs.map((_, i) => `x${i}`), fixed: new Map() } }, 'tfjs');
  const answer = await callsLink(() => calls, device)('graph', Object.fromEntries(sizes));
  if (!answer.ok) throw new Error('not linked');
  return answer.executor;
}

async function results(graph: Graph, inputs: readonly Tensor[], device: ReferenceDevice): Promise<readonly Tensor[]> {
  const executor = await linked(graph, device);
  executor.put(Object.fromEntries(inputs.map((tensor, i) => [`x${i}`, tensor])));
  await executor.run('value');
  const tensors = await Promise.all(graph.outputs.map((_, i) => executor.read(`y${i}`)));
  executor.close();
  return tensors;
}

/** Everything that it is asked for, but for the one call of that number. */
function failingAt(device: ReferenceDevice, fatal: number): ReferenceDevice {
  let calls = 0;
  const careful =
    <Operands extends readonly unknown[], Result>(run: (...operands: Operands) => Result) =>
    (...operands: Operands): Result => {
      if (calls++ === fatal) throw new Error('lost');
      return run(...operands);
    };
  const kernels = Object.entries(device.kernels).map(([op, kernel]) => [op, (call: SizedCall) => careful(kernel(call))]);
  return {
    ...device,
    kernels: Object.fromEntries(kernels) as ReferenceDevice['kernels'],
    upload: careful(device.upload),
    share: careful(device.share),
    row: careful(device.row),
    stack: careful(device.stack),
    download: async (...operands) => careful(device.download)(...operands),
  };
}

/** Halves x until its largest element is no more than `end`, and counts. */
function halving(limit: number): Graph {
  const b = new Builder();
  const x = b.input('x', 'state', vector);
  const end = b.input('end', 'state');
  const [halved, steps] = iterate(b, {
    limit,
    states: [x, b.constant(0)],
    test: ([now]) => b.less(end, b.max(now as Value)),
    body: ([now, count]) => [b.scale(now as Value, 0.5), b.add(count as Value, b.constant(1))],
  }) as [Value, Value];
  return b.graph('halving', [x, end], [halved, steps]);
}

/** s ← s + sin(xₜ · s), and the derivative of its end in c, which s begins with; the trail of states is a result, too. */
function unrolled(length: number): Graph {
  const b = new Builder();
  const x = b.input('x', 'state', { dtype: 'real', shape: [number(length), number(2)] });
  const c = b.input('c', 'state', { dtype: 'real', shape: [number(2)] });
  const forward = scan(b, {
    length: number(length),
    states: [c],
    slices: [x],
    body: ([s], [now]) => {
      const [state, row] = [s as Value, now as Value];
      return { states: [b.add(state, b.unary('sin', b.mul(row, state)))], stacked: [state, b.unary('cos', b.mul(row, state))] };
    },
  });
  const [trail, slopes] = forward.stacked as [Value, Value];
  const back = scan(b, {
    length: number(length),
    reversed: true,
    states: [b.full([number(2)], 1)],
    slices: [x, slopes],
    body: ([v], [now, slope]) => ({
      states: [b.add(v as Value, b.mul(b.mul(now as Value, slope as Value), v as Value))],
      stacked: [],
    }),
  });
  return b.graph('unrolled', [x, c], [...forward.states, ...back.states, trail, b.max(slopes)]);
}

/** Steps that ask the host for a factor of what the device has, and stack what it gives. */
function factoring(): Graph {
  const b = new Builder();
  const matrix = b.input('A', 'state', { dtype: 'real', shape: [number(2), number(2)] });
  const more = b.input('more', 'data', { dtype: 'real', shape: [number(3), number(2), number(2)] });
  const { states, stacked } = scan(b, {
    length: number(3),
    states: [matrix],
    slices: [more],
    body: ([now], [own]) => {
      const factor = b.cholesky(b.add(now as Value, own as Value));
      return { states: [b.add(factor, b.transpose(factor, [1, 0]))], stacked: [factor] };
    },
  });
  return b.graph('factoring', [matrix, more], [...states, ...stacked]);
}

const factored: readonly Tensor[] = [
  { shape: [2, 2], data: Float64Array.of(4, 2, 2, 5) },
  { shape: [3, 2, 2], data: new Float64Array(12).fill(0.5) },
];

/** s ← s + xₜ · c, all states stacked; from either end. */
function summing(reversed: boolean): Graph {
  const b = new Builder();
  const x = b.input('x', 'state', vector);
  const c = b.input('c', 'state');
  const { states, stacked } = scan(b, {
    length: n,
    reversed,
    states: [b.constant(0)],
    slices: [x],
    body: ([sum], [now]) => {
      const next = b.add(sum as Value, b.mul(now as Value, c));
      return { states: [next], stacked: [next, b.neg(sum as Value)] };
    },
  });
  return b.graph('summing', [x, c], [...states, ...stacked]);
}

describe.each(manners)('a device that %s', (manner) => {
  it.each([0, 1, 2, 3, 4, 5, 6, 20, 21, 22, 100])('stops after at most %i steps, and where the test fails', async (limit) => {
    const graph = halving(limit);
    for (const start of [1, 3, 100, 1e6, 1e30]) {
      const inputs = [values(start, -5, 2), values(1.5)];
      const device = referenceDevice(manner);
      expect(await results(graph, inputs, device)).toEqual(prepare(graph, sizes)(inputs));
      expect(device.alive()).toBe(0);
    }
  });

  it.each([true, false])('sums and stacks, reversed: %s', async (reversed) => {
    const graph = summing(reversed);
    const inputs = [values(1, 2, 4), values(10)];
    const device = referenceDevice(manner);
    expect(await results(graph, inputs, device)).toEqual(prepare(graph, sizes)(inputs));
    expect(device.alive()).toBe(0);
  });

  it.each([0, 1, 5, 11, 50])('walks a trail of %i rows there and back', async (length) => {
    const graph = unrolled(length);
    const inputs = [{ shape: [length, 2], data: Float64Array.from({ length: 2 * length }, (_, i) => Math.sin(i)) }, values(0.5, -1)];
    const device = referenceDevice(manner);
    expect(await results(graph, inputs, device)).toEqual(prepare(graph, sizes)(inputs));
    expect(device.alive()).toBe(0);
  });

  it('has rows from the host', async () => {
    const device = referenceDevice(manner);
    expect(await results(factoring(), factored, device)).toEqual(prepare(factoring(), sizes)(factored));
    expect(device.alive()).toBe(0);
  });

  it('holds as many tensors after ten thousand steps as after one', async () => {
    const held = async (limit: number): Promise<number> => {
      const b = new Builder();
      const x = b.input('x', 'state', vector);
      const [last] = iterate(b, {
        limit,
        states: [x],
        test: ([now]) => b.less(b.constant(0), b.max(now as Value)),
        body: ([now]) => [b.unary('sqrt', b.add(now as Value, b.constant(1)))],
      });
      const device = referenceDevice(manner);
      const executor = await linked(b.graph('roots', [x], [last as Value]), device);
      executor.put({ x0: values(1, 2, 3) });
      await executor.run('value');
      return device.alive();
    };
    expect(await held(10_000)).toBe(await held(1));
  });

  it('lets go of everything when it is stopped, and runs again from the beginning', async () => {
    const graph = halving(1000);
    const device = referenceDevice(manner);
    const executor = await linked(graph, device);
    executor.put({ x0: values(1e30, 1, 1), x1: values(1) });
    const told: number[] = [];
    let turns = 0;
    const control: RunControl = {
      due: () => true,
      turn: () => Promise.resolve(++turns > 2),
      progress: (steps) => told.push(steps),
    };
    expect(await executor.run('value', control)).toBe('interrupted');
    expect(told).toHaveLength(3);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(await executor.run('value')).toBe('done');
    expect((await executor.read('y1')).data[0]).toBe(100);
    executor.close();
    expect(device.alive()).toBe(0);
  });

  it.each([
    ['halving', halving(40), [values(1e30, 1, 1), values(1)]],
    ['summing', summing(false), [values(1, 2, 4), values(10)]],
    ['unrolled', unrolled(12), [{ shape: [12, 2], data: new Float64Array(24).fill(0.5) }, values(0.5, -1)]],
    ['factoring', factoring(), factored],
  ] as const)('lets go of everything wherever it fails: %s', async (_, graph, inputs) => {
    let failures = 0;
    for (let fatal = 0, ended = false; !ended; fatal++) {
      const device = failingAt(referenceDevice(manner), fatal);
      const executor = await linked(graph, device);
      executor.put(Object.fromEntries(inputs.map((tensor, i) => [`x${i}`, tensor])));
      ended = await executor.run('value').then(
        () => true,
        (error: unknown) => {
          expect(String(error)).toContain('lost');
          failures++;
          return false;
        },
      );
      executor.close();
      expect(device.alive()).toBe(0);
    }
    expect(failures).toBeGreaterThan(10);
  });
});

describe('a device that waits', () => {
  it('looks at a test seldom', async () => {
    const device = referenceDevice('waits');
    const [, steps] = await results(halving(1000), [values(1e30, 1, 1), values(1)], device);
    expect(steps?.data[0]).toBe(100);
    // Two of them are results.
    expect(device.reads()).toBeLessThan(12);
  });
});

it('what the host computes is not sent to the device where nobody there asks for it', async () => {
  const b = new Builder();
  const matrix = b.input('A', 'data', { dtype: 'real', shape: [number(2), number(2)] });
  const device = referenceDevice('peeks');
  const [lower] = await results(
    b.graph('factor', [matrix], [b.cholesky(matrix)]),
    [{ shape: [2, 2], data: Float64Array.of(4, 2, 2, 5) }],
    device,
  );
  expect([...(lower?.data ?? [])]).toEqual([2, 0, 1, 2]);
  expect([...device.counts.keys()]).toEqual([]);
});
