// @ts-check
/**
 * A helping thread: takes its share of kernels until it is dismissed. What it is given is `HelperSetup` of `threads.ts`; how kernels are
 * shared out stands at `controlBlock` in `plan/kernels.ts`.
 *
 * Plain JavaScript without imports or exports: `worker-text.ts` holds it as text (`npm run accept` writes that anew), and every host runs
 * it as a script.
 */

/** @typedef {import('./threads.ts').HelperSetup} HelperSetup */
/** @typedef {{ readonly exports: import('./wasm-api.ts').CandidateExports }} Instance */

/** @param {HelperSetup} setup */
function help({ memory, controlBlock, module, constants, spinMs }) {
  const words = new Int32Array(memory.buffer);
  const { generation, active, failed, kernel, threads, closed } = controlBlock;
  const Instance = /** @type {{ WebAssembly: { Instance: new (module: object, imports: object) => Instance } }} */ (
    /** @type {unknown} */ (globalThis)
  ).WebAssembly.Instance;

  const link = Object.fromEntries(constants.map((value, i) => [String(i), value]));
  // Only the first thread asks its host whether to go on.
  const { exports } = new Instance(module, { env: { memory, poll: () => 0 }, link });

  /**
   * Jobs often follow each other closely: it looks for a while before it sleeps.
   * @param {number} last
   */
  const nextGeneration = (last) => {
    const end = performance.now() + spinMs;
    do {
      for (let i = 0; i < 64; i++) {
        const now = Atomics.load(words, generation);
        if (now !== last) return now;
      }
    } while (performance.now() < end);
    Atomics.wait(words, generation, last);
    return Atomics.load(words, generation);
  };

  Atomics.add(words, threads, 1);
  // An even number: nothing is shared out, or not any more.
  let last = Atomics.load(words, generation) & ~1;
  while (Atomics.load(words, closed) === 0) {
    const seen = nextGeneration(last);
    last = seen;
    if ((seen & 1) === 0) continue;
    Atomics.add(words, active, 1);
    try {
      // Looked at again: as long as this thread is active, a job that is open now is not replaced by another.
      last = Atomics.load(words, generation);
      if ((last & 1) === 1) exports.help(Atomics.load(words, kernel));
    } catch (error) {
      Atomics.store(words, failed, 1);
      throw error;
    } finally {
      Atomics.sub(words, active, 1);
    }
  }
}

const node = globalThis.process?.getBuiltinModule?.('node:worker_threads');
if (node !== undefined) {
  help(/** @type {{ workerData: HelperSetup }} */ (node).workerData);
} else {
  // The types at hand are those of Node, which has no such global.
  const scope = /** @type {{ onmessage?: (event: { data: HelperSetup }) => void, close?: () => void }} */ (
    /** @type {unknown} */ (globalThis)
  );
  scope.onmessage = ({ data }) => {
    help(data);
    scope.close?.();
  };
}
