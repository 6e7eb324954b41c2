/**
 * Counter-based random numbers: Philox4x32-10. A number is a pure function of (seed, name, element, t), so that adding a declaration
 * changes no other draw, and no order of evaluation changes any. Holds no state and knows no clock.
 * Source: Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3".
 */
import { cosOfTurns, log, log1p } from '../plan/elementary.ts';

/** Four 32-bit words. */
export type Words = readonly [number, number, number, number];
/** Two 32-bit words. */
export type Key = readonly [number, number];

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;
const rounds = 10;

/** The upper 32 bits of the 64-bit product of two words; the lower ones are `Math.imul`. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const carried = (middle & 0xffff) + a0 * b1;
  // Quotients, not shifts: `middle` and `carried` may need 33 bits.
  return (a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(carried / 0x10000)) >>> 0;
}

/** One block of Philox4x32-10: 128 random bits of a counter and a key. Words are unsigned. */
export function philox([c0, c1, c2, c3]: Words, [k0, k1]: Key): Words {
  let [x0, x1, x2, x3] = [c0, c1, c2, c3];
  let [key0, key1] = [k0, k1];
  for (let round = 0; round < rounds; round += 1) {
    const high0 = multiplyHigh(multiplier0, x0);
    const low0 = Math.imul(multiplier0, x0) >>> 0;
    const high1 = multiplyHigh(multiplier1, x2);
    const low1 = Math.imul(multiplier1, x2) >>> 0;
    [x0, x1, x2, x3] = [(high1 ^ x1 ^ key0) >>> 0, low1, (high0 ^ x3 ^ key1) >>> 0, low0];
    key0 = (key0 + weyl0) >>> 0;
    key1 = (key1 + weyl1) >>> 0;
  }
  return [x0, x1, x2, x3];
}

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

/** 53 significant bits, strictly between 0 and 1: an odd multiple of 2⁻⁵³, so that neither end is ever reached. */
const toUniform = (high: number, low: number): number => ((high >>> 6) * 2 ** 26 + (low >>> 6) + 0.5) / 2 ** 52;

/** The two uniforms of element `index` at step `t`. */
function uniformPair(key: Key, index: number, t = 0): readonly [number, number] {
  const [a, b, c, d] = philox([index >>> 0, Math.floor(index / 2 ** 32) >>> 0, t >>> 0, 0], key);
  return [toUniform(a, b), toUniform(c, d)];
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
