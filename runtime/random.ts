/**
 * Random numbers, counter-based (`plan/random.ts`). A number is a pure function of (seed, name, element, t), so that adding a declaration
 * changes no other draw, and no order of evaluation changes any. Holds no state and knows no clock.
 */
import { cosOfTurns, log, log1p } from '../plan/elementary.ts';
import { type Key, uniformPair } from '../plan/random.ts';

/** FNV-1a over the UTF-8 bytes, then MurmurHash3's finaliser, so that names that differ in one letter differ in all bits. */
function hash(bytes: Uint8Array, basis: number): number {
  let h = basis;
  for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The key of a stream: of a seed and a name. */
export function keyOf(seed: number, name: string): Key {
  const bytes = new TextEncoder().encode(`${seed}:${name}`);
  return [hash(bytes, 0x811c9dc5), hash(bytes, 0x5bd1e995)];
}

/** Uniform in (0, 1). */
export const uniform = (key: Key, index: number, t = 0): number => uniformPair(key, index, t)[0];

/** Standard normal, by Box & Muller (1958): one element takes one block, so that elements are independent of each other's order. */
export function normal(key: Key, index: number, t = 0): number {
  const [u, v] = uniformPair(key, index, t);
  return Math.sqrt(-2 * log(u)) * cosOfTurns(v);
}

/** Standard Gumbel (location 0, scale 1), by its inverse distribution function. */
export const gumbel = (key: Key, index: number, t = 0): number => -log(-log(uniform(key, index, t)));

/** Standard logistic, by its inverse distribution function. */
export function logistic(key: Key, index: number, t = 0): number {
  const u = uniform(key, index, t);
  return log(u) - log1p(-u);
}

/** The numbers 0 … n − 1 in random order (Fisher & Yates; Durstenfeld 1964). */
export function shuffled(key: Key, n: number): Float64Array {
  const order = Float64Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i -= 1) {
    const j = Math.floor(uniform(key, i) * (i + 1));
    const held = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = held;
  }
  return order;
}

export type DistributionName = 'normal' | 'uniform' | 'gumbel' | 'logistic';

/** `count` draws of a named distribution with its arguments: `normal(mean, sd)`, `uniform(lo, hi)`, `gumbel()`, `logistic()`. */
export function draw(name: DistributionName, parameters: readonly number[], key: Key, count: number, t = 0): Float64Array {
  const [a = 0, b = 1] = parameters;
  const one = (index: number): number => {
    switch (name) {
      case 'normal':
        return a + b * normal(key, index, t);
      case 'uniform':
        return a + (b - a) * uniform(key, index, t);
      case 'gumbel':
        return gumbel(key, index, t);
      case 'logistic':
        return logistic(key, index, t);
    }
  };
  return Float64Array.from({ length: count }, (_, i) => one(i));
}
