/**
 * Threads that help with kernels: how many, and how they are started in Node and in browsers. What they do is `worker.js`, which travels
 * as text, so that no bundler has a file to find. Nothing ever waits for them: the first thread can do all of it alone, and each helper
 * joins when it has come up.
 */
import type * as os from 'node:os';
import type * as workerThreads from 'node:worker_threads';
import { controlBlock } from '../../../plan/kernels.ts';
import { hasFusedMultiplyAdd } from './multiply-add.ts';
import type { WasmMemory, WasmModule } from './wasm-api.ts';
import { workerText } from './worker-text.ts';

/** What a helper is given; it is sent as a message. */
export interface HelperSetup {
  readonly memory: WasmMemory;
  /** Indices of 32-bit words. */
  readonly controlBlock: Readonly<Record<'generation' | 'active' | 'failed' | 'kernel' | 'threads' | 'closed', number>>;
  readonly module: WasmModule;
  /** What it imports on this thread. */
  readonly constants: readonly number[];
  /** How long it looks for work before it sleeps. */
  readonly spinMs: number;
}

export interface ThreadHost {
  readonly cores: number;
  /** Why memory cannot be shared here; undefined: it can. */
  readonly cannotShare: string | undefined;
  /** Whether WebAssembly here has a fused multiply-add. */
  readonly canFuse: boolean;
  /** Starts a helper, and gives what stops it. A helper keeps no process alive. */
  readonly start: (setup: HelperSetup, failed: (why: string) => void) => () => void;
}

const spinMs = 0.03;
const mostByDefault = 16;

const wordsOf = (control: number): HelperSetup['controlBlock'] =>
  Object.fromEntries(Object.entries(controlBlock).map(([name, offset]) => [name, (control + offset) / 4])) as HelperSetup['controlBlock'];

/** Tells helpers to end, and wakes those that sleep: a browser may leave a thread alone that it has terminated while it slept. */
export function dismiss(memory: WasmMemory, control: number): void {
  const words = new Int32Array(memory.buffer);
  const { closed, generation } = wordsOf(control);
  Atomics.store(words, closed, 1);
  // What was open or not stays so; what is waited for has changed.
  Atomics.add(words, generation, 2);
  Atomics.notify(words, generation);
}

export const helperSetup = (memory: WasmMemory, control: number, module: WasmModule, constants: readonly number[]): HelperSetup => ({
  memory,
  controlBlock: wordsOf(control),
  module,
  constants,
  spinMs,
});

export interface ThreadChoice {
  readonly threads: number;
  readonly why: string;
}

/** `chunks`: the most that a kernel has which is worth sharing out; 0 where none is. */
export function chooseThreads(
  asked: number | 'auto',
  chunks: number,
  { cores, cannotShare }: Pick<ThreadHost, 'cores' | 'cannotShare'>,
): ThreadChoice {
  if (asked === 1) return { threads: 1, why: 'asked for' };
  if (cannotShare !== undefined) return { threads: 1, why: cannotShare };
  if (asked !== 'auto') return { threads: asked, why: 'asked for' };
  if (chunks === 0) return { threads: 1, why: 'no kernel is large enough to be shared out' };
  const threads = Math.max(1, Math.min(cores, chunks, mostByDefault));
  if (threads === 1) return { threads, why: 'the machine has one core' };
  if (threads === cores) return { threads, why: 'one for each core' };
  return { threads, why: threads === chunks ? 'the largest kernel has so many chunks' : 'more are not taken unasked' };
}

interface Builtins {
  readonly threads: typeof workerThreads;
  readonly os: typeof os;
}

/** Asked for without an import, so that a bundler for browsers has nothing to resolve. */
function builtins(): Builtins | undefined {
  const get = (globalThis.process as Partial<NodeJS.Process> | undefined)?.getBuiltinModule;
  return get === undefined ? undefined : { threads: get('node:worker_threads'), os: get('node:os') };
}

/** What browsers have, as far as it is used. */
interface BrowserGlobals {
  readonly Worker?: new (url: string) => {
    /** A function of an event with a message; how it is typed differs between hosts. */
    onerror: unknown;
    postMessage(message: unknown): void;
    terminate(): void;
  };
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly SharedArrayBuffer?: unknown;
}

/** The machine that this runs on. */
export function hostHere(): ThreadHost {
  const node = builtins();
  return node === undefined ? browserHost(globalThis) : nodeHost(node);
}

function nodeHost({ threads, os }: Builtins): ThreadHost {
  return {
    cores: os.availableParallelism(),
    cannotShare: undefined,
    canFuse: hasFusedMultiplyAdd(),
    start: (setup, failed) => {
      const worker = new threads.Worker(workerText, { eval: true, workerData: setup, execArgv: [], name: 'bilevel' });
      worker.on('error', (error) => failed(error.message));
      worker.unref();
      return () => void worker.terminate();
    },
  };
}

function browserHost({ Worker, crossOriginIsolated, navigator, SharedArrayBuffer }: BrowserGlobals): ThreadHost {
  const isShared = Worker !== undefined && SharedArrayBuffer !== undefined && crossOriginIsolated === true;
  return {
    cores: navigator?.hardwareConcurrency ?? 1,
    cannotShare: isShared ? undefined : 'the page is not cross-origin isolated, so that threads cannot share memory',
    canFuse: hasFusedMultiplyAdd(),
    start: (setup, failed) => {
      if (Worker === undefined) return () => undefined;
      // Not a `data:` URL: that is another origin, with which no memory is shared.
      const url = URL.createObjectURL(new Blob([workerText], { type: 'text/javascript' }));
      const worker = new Worker(url);
      worker.onerror = ({ message }: { readonly message?: string }): void => failed(message ?? 'the worker could not be loaded');
      worker.postMessage(setup);
      return () => {
        worker.terminate();
        URL.revokeObjectURL(url);
      };
    },
  };
}
