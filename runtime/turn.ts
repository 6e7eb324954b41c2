/** How a long computation stays interruptible: the clock, the event loop and the abort signal, and nothing else. */
import type { RunControl } from '../plan/types.ts';

const turnEveryMs = 15;

/** Stops when the signal is raised; without one it only gives turns. `progress` is passed on. */
export function turns(signal: AbortSignal | undefined, progress?: RunControl['progress']): RunControl {
  let last = performance.now();
  const due = (): boolean => performance.now() - last >= turnEveryMs;
  const turn = async (): Promise<boolean> => {
    if (due()) {
      await eventLoop();
      last = performance.now();
    }
    return signal?.aborted === true;
  };
  return progress === undefined ? { due, turn } : { due, turn, progress };
}

/** Timers of 0 ms wait for one in Node and for four in browsers: too long for so often. */
function eventLoop(): Promise<void> {
  return new Promise<void>((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    // As browsers have it; the types at hand are those of Node, where this is not reached.
    (port1 as { onmessage?: unknown }).onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

export const interrupted = { ok: false, status: 'interrupted', diagnostics: [] } as const;
