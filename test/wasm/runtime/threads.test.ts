/** Helping threads end when they are told to, without being terminated: a browser may leave a sleeping one alone. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { controlBlock } from '../../../plan/kernels.ts';
import { dismiss, helperSetup } from '../../../runtime/backends/wasm/threads.ts';
import { takeMemory } from '../../../runtime/backends/wasm/memory.ts';
import { wasmApi } from '../../../runtime/backends/wasm/wasm-api.ts';
import { workerText } from '../../../runtime/backends/wasm/worker-text.ts';

const emptyModule = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

it.each(['while it sleeps', 'before it has come up'])('a thread that is dismissed %s', async (when) => {
  const taken = takeMemory(controlBlock.bytes, true);
  if (!taken.ok) throw new Error(taken.refusal);
  const { memory } = taken;
  const words = new Int32Array(memory.buffer);
  const setup = helperSetup(memory, 0, await wasmApi.compile(emptyModule), []);
  const worker = new Worker(workerText, { eval: true, workerData: setup, execArgv: [] });
  const exited = once(worker, 'exit');
  if (when === 'while it sleeps') {
    await expect.poll(() => Atomics.load(words, controlBlock.threads / 4)).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  dismiss(memory, 0);
  expect(await exited).toEqual([0]);
});
