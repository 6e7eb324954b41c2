/**
 * The error function in float32, as coefficients: erf(x) = x + x·near(x²) up to `split`, 1 − e^(−x²)·top(x)/bottom(x) up to `one`, and 1 beyond.
 * Lowest powers first. Errors: relative 2^-27.3 near 0, 2^-30.8 in erf beyond. Minimax by Remez's algorithm (test/wasm/math/coefficients.py).
 */
export const errorFunction = {
  near: [
    0.12837916612625122, -0.37612593173980713, 0.11282911896705627, -0.026809535920619965, 0.0050618816167116165, -0.000637496414128691,
  ],
  far: {
    top: [1.0005916961560366, 0.7401023754754199, 0.2313502065311404],
    bottom: [1, 1.8726361407977519, 1.3309448657926803, 0.4084863940919481],
  },
  split: 27 / 32,
  one: 4,
} as const;
