/** Pages that the suite and the deep suite ask different things of. */

/** The inside of a problem: a least-squares fit to noisy features; `more` declares or solves. */
export const noisyFit = (more = '', noise = 'normal(0, sigma)'): string => `
  dim n = 30, d = 2
  random X: [n, d] ~ normal(0, 1)
  random e: [n, d] ~ ${noise}
  hyper sigma: positive[d] = [0.3, 0.8]
  hyper a: positive = 0.1
  param w: [d]
  let y = X @ [1.0, -0.5]
  inner minimize mean(((X + e) @ w - y)^2) + a * sum(w^2)
  outer minimize mean((X @ w - y)^2) + 0.01 * sum((w - 1)^2)
  ${more}`;

/** w* = 1 / (1 + θ) for θ > −1; at −1 there is no curvature, and below there is no minimiser. */
export const curved = (theta: number): string => `problem p {
  hyper t: real = ${theta}
  param w: []
  inner minimize 0.5 * w^2 - w + 0.5 * t * w^2
  outer minimize (w - 0.4)^2
}`;
