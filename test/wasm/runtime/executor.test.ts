import { describe, expect, it } from 'vitest';
import type { Executor, Linked, RunControl, Tensor } from '../../../plan/types.ts';
import { wasmLink, type WasmOptions } from '../../../runtime/backends/wasm/backend.ts';
import { chooseThreads, hostHere } from '../../../runtime/backends/wasm/threads.ts';
import { scalarTensor, vectorTensor } from '../../runtime/modules.ts';
import { candidateOf } from './code.ts';
import type { Precision } from '../../../plan/kernels.ts';

const rows = 4096;
const chunks = 64;
const data: Tensor = { shape: [rows], data: Float64Array.from({ length: rows }, (_, i) => Math.sin(i) * 2 ** (i % 40)) };

const link = (precision: Precision, options: WasmOptions): Promise<Linked> =>
  wasmLink(() => candidateOf(precision, chunks), options)('any', { n: rows });

async function executorOf(precision: Precision = 'f64', options: WasmOptions = { threads: 1 }): Promise<Executor> {
  const linked = await link(precision, options);
  if (!linked.ok) throw new Error(linked.diagnostics.map((d) => d.message).join());
  return linked.executor;
}

const numbers = async (executor: Executor, slot: string): Promise<readonly number[]> => [...(await executor.read(slot)).data];

/** The sums as the kernel adds them: within a chunk in order, then the chunks. */
function expectedSums(): readonly number[] {
  const totals = [0, 0];
  const chunkRows = rows / chunks;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const own = [0, 0];
    for (const x of data.data.slice(chunk * chunkRows, (chunk + 1) * chunkRows)) {
      own[0] = (own[0] ?? 0) + x;
      own[1] = (own[1] ?? 0) + x * x;
    }
    totals[0] = (totals[0] ?? 0) + (own[0] ?? 0);
    totals[1] = (totals[1] ?? 0) + (own[1] ?? 0);
  }
  return totals;
}

/** Gives control back at every step, and stops after so many turns. */
function stopping(after: number): { readonly control: RunControl; readonly progress: number[] } {
  const progress: number[] = [];
  let turns = 0;
  const turn = (): Promise<boolean> => Promise.resolve((turns += 1) >= after);
  return { control: { due: () => true, turn, progress: (steps) => void progress.push(steps) }, progress };
}

describe('the slots of an executor', () => {
  it('pass from one stage to another, and from what is put to what is read', async () => {
    const executor = await executorOf();
    executor.put({ 'data:X': data, 'hyper:a': scalarTensor(3), x: vectorTensor(5, 6), 'of no stage': vectorTensor(1, 2, 3) });
    expect(await executor.run('once')).toBe('done');
    expect(await numbers(executor, 'once:0')).toEqual(expectedSums());
    expect(await executor.run('value')).toBe('done');
    expect(await executor.read('outer')).toEqual(scalarTensor(3 * (expectedSums()[0] ?? 0)));
    expect(await executor.read('x')).toEqual(vectorTensor(6, 7));
    executor.close();
  });

  it('are not written again for the tensor that they hold, and are for any other', async () => {
    const executor = await executorOf();
    const start = vectorTensor(5, 6);
    executor.put({ 'data:X': data, 'hyper:a': scalarTensor(1), x: start });
    await executor.run('once');
    await executor.run('value');
    const found = await executor.read('x');
    executor.put({ x: found });
    await executor.run('value');
    expect(await numbers(executor, 'x')).toEqual([7, 8]);
    // The stage has changed it since it was put.
    executor.put({ x: start });
    await executor.run('value');
    expect(await numbers(executor, 'x')).toEqual([6, 7]);
    // Changed behind its back, which the contract forbids: this shows that it was not sent.
    found.data[0] = 100;
    executor.put({ x: found });
    await executor.run('value');
    executor.put({ 'once:0': vectorTensor(2, 0) });
    await executor.run('value');
    expect(await numbers(executor, 'outer')).toEqual([2]);
    executor.close();
  });

  it('are named when something is missing, of the wrong size, or used after the end', async () => {
    const executor = await executorOf();
    await expect(executor.run('value')).rejects.toThrow('the stage value needs the slot once:0');
    await expect(executor.read('outer')).rejects.toThrow('nothing is in the slot outer');
    expect(() => executor.put({ x: vectorTensor(1) })).toThrow('the slot x takes 2 elements, and was given 1');
    expect(executor.results('value')).toEqual(['outer', 'x']);
    expect(executor.results('error')).toEqual([]);
    expect(await executor.run('error')).toBe('done');
    executor.close();
    executor.close();
    expect(() => executor.put({})).toThrow('closed');
    await expect(executor.run('once')).rejects.toThrow('closed');
  });

  it('hold float32 where that was asked for', async () => {
    const executor = await executorOf('f32');
    executor.put({ 'hyper:a': scalarTensor(0.1), 'once:0': vectorTensor(1, 0), x: vectorTensor(1 / 3, 2 ** 24) });
    await executor.run('value');
    expect(await numbers(executor, 'outer')).toEqual([Math.fround(0.1)]);
    expect(await numbers(executor, 'x')).toEqual([Math.fround(Math.fround(1 / 3) + 1), 2 ** 24]);
    expect(executor.describe()).toMatchObject({ backend: 'wasm', precision: 'f32', threads: 1, why: 'asked for' });
    executor.close();
  });
});

describe('a run', () => {
  it('gives control back and goes on, telling how far it came', async () => {
    const executor = await executorOf();
    executor.put({ 'hyper:a': scalarTensor(5) });
    const { control, progress } = stopping(100);
    expect(await executor.run('hypergradient', control)).toBe('done');
    expect(progress).toEqual([1, 2, 3, 4, 5]);
    expect(await numbers(executor, 'inner:steps')).toEqual([5]);
    executor.close();
  });

  it('is interrupted half-way, forgets it, and can be run again', async () => {
    const executor = await executorOf();
    executor.put({ 'hyper:a': scalarTensor(1000) });
    const { control, progress } = stopping(3);
    expect(await executor.run('hypergradient', control)).toBe('interrupted');
    expect(progress).toEqual([1, 2, 3]);
    await expect(executor.read('inner:steps')).rejects.toThrow('nothing is in the slot');
    executor.put({ 'hyper:a': scalarTensor(4) });
    expect(await executor.run('hypergradient')).toBe('done');
    expect(await numbers(executor, 'inner:steps')).toEqual([4]);
    executor.close();
  });

  const due = (): boolean => true;
  const throwing: readonly (readonly [string, RunControl])[] = [
    ['turn', { due, turn: () => Promise.reject(new Error('mine')) }],
    [
      'progress',
      {
        due,
        turn: () => Promise.resolve(false),
        progress: () => {
          throw new Error('mine');
        },
      },
    ],
  ];
  it.each(throwing)('whose %s throws is forgotten too', async (_, control) => {
    const executor = await executorOf();
    executor.put({ 'hyper:a': scalarTensor(1000) });
    await expect(executor.run('hypergradient', control)).rejects.toThrow('mine');
    executor.put({ 'hyper:a': scalarTensor(4) });
    expect(await executor.run('hypergradient')).toBe('done');
    expect(await numbers(executor, 'inner:steps')).toEqual([4]);
    executor.close();
  });

  it('that is closed meanwhile ends as interrupted', async () => {
    const executor = await executorOf();
    executor.put({ 'hyper:a': scalarTensor(1000) });
    const turn = (): Promise<boolean> => {
      executor.close();
      return Promise.resolve(false);
    };
    expect(await executor.run('hypergradient', { due: () => true, turn })).toBe('interrupted');
  });
});

describe('threads', () => {
  /** Runs `once` some times, and on until a second thread has taken part, and gives the bits of every run. */
  async function sharedOut(precision: Precision, threads: number): Promise<{ readonly bits: Set<string>; readonly seen: number }> {
    const executor = await executorOf(precision, { threads });
    executor.put({ 'data:X': data });
    const bits = new Set<string>();
    let seen = 0;
    let runs = 0;
    const end = performance.now() + 15_000;
    do {
      runs += 1;
      await executor.run('once');
      bits.add((await numbers(executor, 'once:0')).join());
      seen = Math.max(seen, new Set(await numbers(executor, 'once:1')).size);
      await new Promise((resolve) => setTimeout(resolve, 5));
    } while (runs < 10 || (seen < Math.min(threads, 2) && performance.now() < end));
    expect(executor.describe().threads).toBe(threads);
    executor.close();
    return { bits, seen };
  }

  it.each(['f64', 'f32'] as const)('share out the chunks of a kernel in %s, and change no bit', async (precision) => {
    const alone = await sharedOut(precision, 1);
    const two = await sharedOut(precision, 2);
    const four = await sharedOut(precision, 4);
    expect([alone.seen, two.seen]).toEqual([1, 2]);
    expect(four.seen).toBeGreaterThan(1);
    expect([...two.bits, ...four.bits].filter((b) => !alone.bits.has(b))).toEqual([]);
    expect(alone.bits.size).toBe(1);
    if (precision === 'f64') expect([...alone.bits]).toEqual([expectedSums().join()]);
  });

  it('that fail half-way end the run: what they had taken would never be done', async () => {
    const linked = await wasmLink(() => candidateOf('f64', chunks, 'helpers'), { threads: 2 })('any', { n: rows });
    if (!linked.ok) throw new Error('it fits');
    const { executor } = linked;
    executor.put({ 'data:X': data });
    const end = performance.now() + 15_000;
    const untilItFails = async (): Promise<void> => {
      while (performance.now() < end) {
        await executor.run('once');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await expect(untilItFails()).rejects.toThrow('the stage once trapped');
    executor.close();
  });

  it('that cannot be started are said, and the work is done without them', async () => {
    const host = {
      ...hostHere(),
      start: () => {
        throw new Error('no more threads');
      },
    };
    const executor = await executorOf('f64', { threads: 3, host });
    executor.put({ 'data:X': data });
    await executor.run('once');
    expect(await numbers(executor, 'once:0')).toEqual(expectedSums());
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(executor.describe()).toMatchObject({ threads: 1, why: 'asked for; 2 could not be started: no more threads' });
    executor.close();
  });

  it.each([
    [1, 64, { cores: 8, cannotShare: undefined }, 1, 'asked for'],
    [4, 0, { cores: 1, cannotShare: undefined }, 4, 'asked for'],
    [4, 64, { cores: 8, cannotShare: 'not here' }, 1, 'not here'],
    ['auto', 0, { cores: 8, cannotShare: undefined }, 1, 'no kernel is large enough to be shared out'],
    ['auto', 64, { cores: 8, cannotShare: undefined }, 8, 'one for each core'],
    ['auto', 3, { cores: 8, cannotShare: undefined }, 3, 'the largest kernel has so many chunks'],
    ['auto', 64, { cores: 40, cannotShare: undefined }, 16, 'more are not taken unasked'],
    ['auto', 64, { cores: 1, cannotShare: undefined }, 1, 'the machine has one core'],
  ] as const)('asked for as %s, with %i chunks, on %o: %i', (asked, most, host, threads, why) => {
    expect(chooseThreads(asked, most, host)).toEqual({ threads, why });
  });
});

describe('what does not fit', () => {
  it('is refused before anything runs, with what it needs and the largest buffers', async () => {
    const linked = await wasmLink(() => candidateOf('f64', chunks))('any', { n: 2 ** 30 });
    expect(linked.ok).toBe(false);
    const [diagnostic] = linked.ok ? [] : linked.diagnostics;
    expect(diagnostic?.code).toBe('BL7003');
    expect(diagnostic?.message).toBe(
      'this needs 8 GiB of memory, and the backend can have 4 GiB; the largest are slot data:X (8 GiB), accumulators (1 KiB), slot once:1 (512 B)',
    );
  });
});
