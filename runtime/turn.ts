/** How a long computation stays interruptible: the clock, the event loop and the abort signal, and nothing else. */

/** Gives the event loop a turn now and then, so that an abort, a key or a redraw comes through; says whether to stop. */
export interface Turn {
  (): Promise<boolean>;
}

const turnEveryMs = 15;

export function turns(signal: AbortSignal | undefined): Turn {
  let last = performance.now();
  return async () => {
    if (performance.now() - last >= turnEveryMs) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, 0);
      });
      last = performance.now();
    }
    return signal?.aborted === true;
  };
}

export const interrupted = { ok: false, status: 'interrupted', diagnostics: [] } as const;
