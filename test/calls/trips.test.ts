/** How often host and device wait for each other: what is light beside the host's own work is the host's, and what lasts is read once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitCalls } from '../../compiler/emit/calls/candidate.ts';
import { printCalls } from '../../compiler/emit/calls/print.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { symbol } from '../../compiler/ir/dims.ts';
import type { Graph, Tensor, Value } from '../../compiler/ir/graph.ts';
import { prepare } from '../../compiler/ir/interpret.ts';
import { iterate } from '../../compiler/ir/loops.ts';
import { compile } from '../../compiler/pipeline.ts';
import type { CandidateCalls } from '../../plan/calls.ts';
import type { Executor } from '../../plan/types.ts';
import { callsLink } from '../../runtime/backends/calls/executor.ts';
import { hostText, hostWork } from '../../library/host-work.ts';
import { referenceDevice, type Manner, type ReferenceDevice } from '../helpers/reference-device.ts';
import type { Draw } from '../programs/drawing.ts';
import { another, DrawnGraph, filled, graphOf, type Drawing } from '../programs/drawn-graphs.ts';
import { DrawnLoops } from '../programs/drawn-loops.ts';

const [n, d] = [symbol('n'), symbol('d')];
const matrix = { dtype: 'real', shape: [d, d] } as const;
const vector = { dtype: 'real', shape: [d] } as const;
const sizes = { n: 5, d: 2 };
const scalar = (value: number): Tensor => ({ shape: [], data: Float64Array.of(value) });
const square: Tensor = { shape: [2, 2], data: Float64Array.of(4, 2, 2, 5) };
const pair: Tensor = { shape: [2], data: Float64Array.of(1, -2) };

const listOf = (graph: Graph, slots: readonly string[]): CandidateCalls =>
  emitCalls(
    { value: { graph: { ...graph, outputNames: graph.outputs.map((_, i) => `y${i}`) }, inputSlots: slots, fixed: new Map() } },
    'tfjs',
  );

async function linked(calls: CandidateCalls, device: ReferenceDevice): Promise<Executor> {
  const answer = await callsLink(() => calls, device)('graph', sizes);
  if (!answer.ok) throw new Error('not linked');
  return answer.executor;
}

/** What it gives, as the meaning of the graph says, and how often something was read back meanwhile. */
async function readsOf(graph: Graph, slots: readonly string[], given: readonly Tensor[]): Promise<{ reads: number; counts: number }> {
  const device = referenceDevice('waits');
  const executor = await linked(listOf(graph, slots), device);
  executor.put(Object.fromEntries(slots.map((slot, i) => [slot, given[i] as Tensor])));
  await executor.run('value');
  const found = await Promise.all(graph.outputs.map((_, i) => executor.read(`y${i}`)));
  executor.close();
  const meant = prepare(graph, new Map(Object.entries(sizes)))(given);
  found.forEach((tensor, i) =>
    expect([...tensor.data]).toEqual([...(meant[i]?.data ?? [])].map((value) => expect.closeTo(value, 12) as number)),
  );
  expect(device.alive()).toBe(0);
  return {
    reads: device.reads(),
    counts: [...device.counts].filter(([op]) => op !== 'constant').reduce((sum, [, count]) => sum + count, 0),
  };
}

describe('what is light beside a factor', () => {
  it('is computed where the factor is, ahead of it, between solves and behind them', async () => {
    const b = new Builder();
    const [A, penalty, right] = [b.input('A', 'data', matrix), b.input('penalty', 'hyper'), b.input('right', 'data', vector)];
    const lower = b.cholesky(b.add(A, b.mul(b.broadcast(penalty, [d, d], []), b.eye(d))));
    const first = b.choleskySolve(lower, right);
    const again = b.choleskySolve(lower, b.sub(b.matmul(A, first), right));
    const graph = b.graph('ridge', [A, penalty, right], [b.sum(b.mul(first, again)), b.constant(1), b.less(b.constant(0), b.max(first))]);
    expect(await readsOf(graph, ['data:A', 'hyper:penalty', 'data:right'], [square, scalar(0.5), pair])).toEqual({ reads: 0, counts: 0 });
  });

  it('is not what runs over data', () => {
    const b = new Builder();
    const [A, X, right] = [
      b.input('A', 'data', matrix),
      b.input('X', 'data', { dtype: 'real', shape: [n, d] }),
      b.input('right', 'data', vector),
    ];
    const solved = b.choleskySolve(b.cholesky(A), right);
    const residual = b.matmul(X, solved);
    const { stages } = listOf(b.graph('value', [A, X, right], [b.sum(b.mul(residual, residual)), b.sum(b.mul(solved, solved))]), [
      'A',
      'X',
      'right',
    ]);
    const list = stages.value;
    if (list === undefined) throw new Error('no stage');
    expect(printCalls(list)).toMatchInlineSnapshot(`
      "r0: real[d, d]
      r1: real[n, d]
      r2: real[d]
      r3: real[d], r4: real[] = host 0: cholesky triangular_solve dot_general (r0, r2)
      r5: real[n] = dot_general(r1, r3) contract = [[1], [0]], batch = [[], []]
      r6: real[] = dot_general(r5, r5) contract = [[0], [0]], batch = [[], []]
      give r6, r4"
    `);
  });

  it('is not a product that takes longer than the factor', () => {
    const b = new Builder();
    const [A, B] = [b.input('A', 'data', matrix), b.input('B', 'data', matrix)];
    let product = B;
    for (let i = 0; i < 4; i++) product = b.matmul(product, B);
    const { stages } = listOf(b.graph('value', [A, B], [b.cholesky(b.add(A, product))]), ['A', 'B']);
    const ops = stages.value?.calls.map((call) => (call.is === 'kernel' ? call.op : call.is));
    expect(ops).toContain('dot_general');
    expect(ops?.at(-1)).toBe('host');
  });

  it('stays with the device where the host has to wait for it in any case', async () => {
    const b = new Builder();
    const [X, penalty] = [b.input('X', 'data', { dtype: 'real', shape: [n, d] }), b.input('penalty', 'hyper')];
    const gram = b.matmul(b.transpose(X, [1, 0]), X);
    const shifted = b.add(gram, b.mul(b.broadcast(penalty, [d, d], []), b.eye(d)));
    const graph = b.graph('shifted', [X, penalty], [b.sum(b.cholesky(shifted))]);
    const { reads, counts } = await readsOf(
      graph,
      ['data:X', 'hyper:penalty'],
      [{ shape: [5, 2], data: Float64Array.from({ length: 10 }, (_, i) => Math.sin(i)) }, scalar(0.5)],
    );
    expect(reads).toBe(1);
    expect(counts).toBeGreaterThan(2);
  });

  it('is what says little of much that the host has made', () => {
    const b = new Builder();
    const [A, X, right] = [
      b.input('A', 'data', matrix),
      b.input('X', 'data', { dtype: 'real', shape: [n, d] }),
      b.input('right', 'data', vector),
    ];
    const lower = b.cholesky(A);
    const diagonal = b.sum(b.mul(lower, b.eye(d)));
    const far = b.matmul(X, b.choleskySolve(lower, right));
    const { stages } = listOf(b.graph('value', [A, X, right], [b.mul(b.broadcast(diagonal, [n], []), far)]), ['A', 'X', 'right']);
    const [call] = stages.value?.calls.filter(({ is }) => is === 'host') ?? [];
    expect(call?.results.map(({ shape }) => shape.length).sort()).toEqual([0, 1]);
  });
});

describe('a loop', () => {
  /** A step of the device's, if what the host has solved is not near enough. */
  const corrected = (): Graph => {
    const b = new Builder();
    const [A, X, right, near] = [
      b.input('A', 'data', matrix),
      b.input('X', 'data', { dtype: 'real', shape: [n, d] }),
      b.input('right', 'data', vector),
      b.input('near', 'hyper'),
    ];
    const solved = b.choleskySolve(b.cholesky(A), right);
    const [last] = iterate(b, {
      limit: 3,
      states: [solved],
      test: ([now]) => b.less(near, b.max(now as Value)),
      body: ([now]) => [b.sub(now as Value, b.matmul(b.matmul(X, now as Value), X))],
    });
    return b.graph('corrected', [A, X, right, near], [last as Value]);
  };
  const slots = ['data:A', 'data:X', 'data:right', 'hyper:near'];
  const X: Tensor = { shape: [5, 2], data: Float64Array.from({ length: 10 }, (_, i) => Math.sin(i) / 4) };

  it('that is not entered asks the device nothing', async () => {
    expect(await readsOf(corrected(), slots, [square, X, pair, scalar(100)])).toEqual({ reads: 0, counts: 0 });
  });

  it('that is entered runs there', async () => {
    const { reads, counts } = await readsOf(corrected(), slots, [square, X, pair, scalar(0.1)]);
    expect(reads).toBeGreaterThan(0);
    expect(counts).toBeGreaterThan(0);
  });

  it('whose states the host leaves with itself is no trip a step', async () => {
    const b = new Builder();
    const [A, right, near] = [b.input('A', 'data', matrix), b.input('right', 'data', vector), b.input('near', 'hyper')];
    const lower = b.cholesky(A);
    const [last, count] = iterate(b, {
      limit: 50,
      states: [right, b.constant(0)],
      test: ([now]) => b.less(near, b.max(b.unary('abs', now as Value))),
      body: ([now, steps]) => [b.choleskySolve(lower, b.neg(now as Value)), b.add(steps as Value, b.constant(1))],
    });
    const graph = b.graph('power', [A, right, near], [last as Value, count as Value]);
    expect(await readsOf(graph, ['data:A', 'data:right', 'hyper:near'], [square, pair, scalar(1e-6)])).toEqual({ reads: 0, counts: 0 });
  });
});

describe('graphs with work of the host here and there', () => {
  /** Also what the host solves or puts in order. */
  const next = (b: Builder, draw: Draw, pool: readonly Value[]): Value => {
    const vectors = pool.filter(({ type }) => type.shape.length === 1);
    if (vectors.length === 0 || draw.whole(0, 3) > 0) return another(b, draw, pool);
    const v = draw.pick(vectors);
    const [size = d] = v.type.shape;
    if (draw.pick([true, false])) return b.one('gather', [v, b.one('argsort', [v], { axis: 0 })], { axis: 0 });
    const square = b.mul(b.broadcast(v, [size, size], [0]), b.broadcast(v, [size, size], [1]));
    return b.choleskySolve(
      b.cholesky(b.add(square, b.eye(size))),
      draw.pick(vectors.filter(({ type }) => type.shape[0]?.key === size.key)),
    );
  };
  const meansTheSame = async ({ b, inputs, outputs }: Drawing, manner: Manner): Promise<void> => {
    const graph = graphOf(b, inputs, outputs);
    const given = inputs.map((input) => filled(input, sizes));
    const device = referenceDevice(manner);
    const executor = await linked(
      listOf(
        graph,
        inputs.map((_, i) => `x${i}`),
      ),
      device,
    );
    executor.put(Object.fromEntries(given.map((tensor, i) => [`x${i}`, tensor])));
    const meant = prepare(graph, new Map(Object.entries(sizes)))(given);
    for (let run = 0; run < 2; run++) {
      await executor.run('value');
      for (const [i, { data }] of meant.entries()) {
        const found = await executor.read(`y${i}`);
        const size = data.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
        data.forEach((x, k) => expect(Math.abs(x - (found.data[k] ?? Number.NaN))).toBeLessThanOrEqual(1e-9 * size));
      }
    }
    executor.close();
    expect(device.alive()).toBe(0);
  };

  it.each<[string, DrawnGraph | DrawnLoops, number]>([
    ['without loops', new DrawnGraph(next), 60],
    ['in loops', new DrawnLoops(next), 20],
  ])('mean the same %s', async (_, drawn, numRuns) => {
    await fc.assert(fc.asyncProperty(drawn, fc.constantFrom<Manner[]>('peeks', 'waits', 'compiles'), meansTheSame), { numRuns });
  });
});

describe('ridge', () => {
  const page = `problem ridge {
  dim n, d
  data X: [n, d]
  data y: [n]
  hyper penalty: positive = 0.1
  param w: [d]
  inner minimize mean((X @ w - y)^2) + penalty * sum(w^2)
  outer minimize mean((X @ w - y)^2) + sum(w^2)
}
`;

  it('reads what depends on data alone once, and then nothing', async () => {
    const [compiled] = compile(page, 'ridge.bilevel').value;
    if (compiled === undefined) throw new Error('no problem');
    const device = referenceDevice('compiles');
    const id = 'closed_form+cholesky';
    expect(hostText(hostWork(compiled.calls(id, 'gpujs'), 'gpujs'))).toBe(
      'cholesky, triangular_solve, with light work beside them; no trips, as what it takes is read back once',
    );
    const executor = await linked(compiled.calls(id, 'gpujs'), device);
    const wasm = await compiled.module.link(id, sizes);
    if (!wasm.ok) throw new Error('not linked');
    const data = {
      'data:X': { shape: [5, 2], data: Float64Array.from({ length: 10 }, (_, i) => Math.sin(i)) },
      'data:y': { shape: [5], data: Float64Array.of(1, 2, 3, 5, 8) },
    };
    const reads: number[] = [];
    for (const each of [executor, wasm.executor]) {
      each.put(data);
      await each.run('once');
    }
    for (const penalty of [0.1, 0.2, 0.4]) {
      const found: Tensor[][] = [];
      for (const each of [executor, wasm.executor]) {
        each.put({ 'hyper:penalty': scalar(penalty) });
        await each.run('hypergradient');
        found.push(await Promise.all(wasm.executor.results('hypergradient').map((slot) => each.read(slot))));
      }
      const [own, exact] = found as [Tensor[], Tensor[]];
      own.forEach(({ data: values }, i) => values.forEach((value, k) => expect(value).toBeCloseTo(exact[i]?.data[k] ?? Number.NaN, 10)));
      reads.push(device.reads());
    }
    expect(reads[0]).toBeGreaterThan(0);
    expect(reads).toEqual(reads.map(() => reads[0]));
    for (const each of [executor, wasm.executor]) each.close();
    expect(device.alive()).toBe(0);
  });
});
