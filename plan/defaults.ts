/** What the options of solvers are where a page does not say: the compiler's inner solvers and the runtime's outer ones begin alike. */

export const descentDefaults = { momentum: 0, nesterov: false } as const;
/** Of `heavy_ball` and `nesterov`. */
export const momentumDefaults = { momentum: 0.9 } as const;
export const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
export const rmspropDefaults = { beta2: 0.99, momentum: 0, epsilon: 1e-8 } as const;
export const fistaDefaults = { restart: true } as const;
/** How many steps are remembered. */
export const innerMemory = { memory: 10 } as const;

/** Every outer solver's. */
export const outerDefaults = { steps: 100, starts: 1 } as const;
export const resampleDefaults = { resample: false } as const;
/** Of the outer solvers whose steps have the size of their rate. */
export const outerRate = { rate: 0.1 } as const;
export const outerMemory = { memory: 40 } as const;
export const modelMemory = { memory: 20 } as const;

/** Hypergradients that a run takes, as far as anybody knows at its start: what is made once for the data is shared out over so many. */
export const expectedHypergradients = 10;
