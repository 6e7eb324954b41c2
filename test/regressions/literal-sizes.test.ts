/** A dim with a declared value and its literal are one size, wherever they meet: on a page, in a derivative, and in a solver's matrix. */
import { expect, it } from 'vitest';
import { problem } from '../../library/index.ts';

const n = 12;
const X = Array.from({ length: n }, (_, i) => [Math.sin(i), Math.cos(2 * i)]);
const k = Array.from({ length: n }, (_, i) => i % 3);

/** Each of `where` is the dim `c` or the literal 3. */
const page = ([labels, weights, shift, grouped]: readonly string[]): string => `problem multinomial {
  dim n, d
  dim c = 3
  data X: [n, d]
  data k: int[n] in [0, 2]
  hyper a: positive = 0.1
  hyper shift: [${shift}] = [0.1, 0, -0.2]
  param W: [d, ${weights}]
  let Y = one_hot(k, ${labels})
  let flat = reshape(W, [d * ${grouped}])
  inner minimize -mean(sum(Y * log_softmax(X @ W + shift, axis = 1), axis = 1)) + a * sum(W^2)
  outer minimize -mean(sum(Y * log_softmax(X @ W + shift, axis = 1), axis = 1))
  report flat = sum(flat)
}`;

const where = ['cccc', '3ccc', 'c3cc', 'cc3c', 'ccc3', '3333'].map((names) => [...names]);

it.each([
  '',
  'solve inner with newton\n  differentiate with implicit(solver = cholesky)',
  'solve inner with newton\n  differentiate with implicit(solver = cg)',
  'solve inner with lbfgs\n  differentiate with implicit(solver = cg)',
  'solve inner with gd(rate = 0.5, steps = 7)',
  'differentiate with finite_difference',
])('a size is the same however it is written: %s', async (lines) => {
  const found = await Promise.all(
    where.map(async (names) => {
      const text = page(names).replace(/\}$/u, `  ${lines}\n}`);
      return (await problem(text).hypergradient({ X, k }, { a: 0.1 })).hypergradient;
    }),
  );
  for (const each of found) expect(each).toEqual(found[0]);
});
