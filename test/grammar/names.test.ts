/** Names of pages of many kinds; those of all examples and reference problems are looked at in the deep suite. */
import { readFileSync } from 'node:fs';
import { promptExamples } from '../helpers/examples.ts';
import { describeNames } from '../helpers/renaming.ts';

const scoped = `problem scoped {
  dim n, d = 2
  data X: [n, d]
  data y: [n]
  data g: int[n] in [0, 1]
  split n into train, valid by groups g
  hyper act: choice(tanh, soft)
  hyper a: positive[d]
  hyper mix: real in [0, d]
  random e: [n] ~ normal(0, a[0])
  param w: [d] ~ normal(0, 1)
  fn soft(t: [...s], width: [] = 1): [...s] = t / sqrt(1 + (width * t)^2)
  fn twice(A: [k, m], b: [m]): [k] = {
    let s = A @ b
    let t = soft(s, width = 0.5)
    return [t[j] + s[j] for j in k]
  }
  let (p, q) = scan (p1, q1) = (0, 1) over row in X { let both = p1 + q1  return (sum(row) + both, q1) }
  inner minimize mean((act(twice(X[train], w)) - y[train])^2) + sum(a * w^2) + mix * mean(e[train]^2 * (w[0] - p[0] * q[0])^2)
  outer minimize mean([soft(X[i] @ w) for i in valid])
  report largest = max([v for v in w])
}`;

describeNames([['scoped', scoped], ...promptExamples.map(({ name, page }) => [name, readFileSync(page, 'utf8')] as const)]);
