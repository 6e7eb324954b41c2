/** Races in Node, in a thread of its own for each backend, so that none runs in what another one has compiled. */
import '@tensorflow/tfjs-core';
import { parentPort, workerData } from 'node:worker_threads';
import { race, type Asked } from './race.ts';
import type { Told } from './places-to-race.ts';

// After the library, whose registry they are entered in.
await import((workerData as { readonly gradients: string }).gradients);
parentPort?.on('message', (asked: Asked) => {
  const tell = (told: Told): void => parentPort?.postMessage(told);
  race(asked).then(
    (answered) => tell({ answered }),
    (error: unknown) => tell({ failure: error instanceof Error ? error.message : String(error) }),
  );
});
