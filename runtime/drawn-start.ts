/** Where the outer loop begins besides the declared start, when a page asks for several starts. */
import { project, type SearchSpace } from './kinds.ts';
import { keyOf, normal, shuffled, uniform } from './random.ts';

/** Standard deviation of drawn starts around the declared one, in search coordinates. */
const startSpread = 2;

/**
 * The start number `start` (from 1) of `starts`, keyed by the seed. Normal around the declared start; over a declared box, uniform and
 * stratified: each coordinate’s range is cut into as many parts as there are drawn starts, and each part is begun from once.
 * Source: McKay, Beckman & Conover (1979), Latin hypercube sampling.
 */
export function drawnStart(space: SearchSpace, declared: Float64Array, seed: number, start: number, starts: number): Float64Array {
  const key = keyOf(seed, `start:${start}`);
  const strata = Math.max(1, starts - 1);
  const drawn = declared.map((z, i) => {
    if (space.boxed[i] !== true) return z + startSpread * normal(key, i);
    const low = space.lower[i] ?? z;
    const stratum = shuffled(keyOf(seed, `strata:${i}`), strata)[start - 1] ?? 0;
    return low + (((space.upper[i] ?? z) - low) * (stratum + uniform(key, i))) / strata;
  });
  return project(space, drawn);
}

export type DrawnStart = typeof drawnStart;
