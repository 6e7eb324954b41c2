/**
 * The counter-based generator behind all that is drawn: Philox4x32-10. A block of random bits is a pure function of a key and a counter, so
 * that the runtime, the reference interpreter and the kernels make the same numbers, in any order. Holds no state.
 * Source: Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3".
 */

/** Four 32-bit words. */
export type Words = readonly [number, number, number, number];
/** Two 32-bit words. */
export type Key = readonly [number, number];

export const multiplier0 = 0xd2511f53;
export const multiplier1 = 0xcd9e8d57;
export const weyl0 = 0x9e3779b9;
export const weyl1 = 0xbb67ae85;
export const rounds = 10;

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

/** 53 significant bits, strictly between 0 and 1: an odd multiple of 2⁻⁵³, so that neither end is ever reached. */
const toUniform = (high: number, low: number): number => ((high >>> 6) * 2 ** 26 + (low >>> 6) + 0.5) / 2 ** 52;

/** The two uniforms of element `index` at step `t`. */
export function uniformPair(key: Key, index: number, t = 0): readonly [number, number] {
  const [a, b, c, d] = philox([index >>> 0, Math.floor(index / 2 ** 32) >>> 0, t >>> 0, 0], key);
  return [toUniform(a, b), toUniform(c, d)];
}

/** A key as four whole numbers of 16 bits, which float32 holds too. */
export const limbsOf = ([k0, k1]: Key): readonly number[] => [k0 & 0xffff, k0 >>> 16, k1 & 0xffff, k1 >>> 16];
export const keyOfLimbs = ([a = 0, b = 0, c = 0, d = 0]: Iterable<number>): Key => [a + b * 0x10000, c + d * 0x10000];
