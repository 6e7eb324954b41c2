/** Pages that go through the larger functions of the language: all ways to their hypergradients agree, and with differences. */
import { afterAll, expect, it } from 'vitest';
import { Folder, flatAll, verify } from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

/** Twelve images of six by six, and whether one of their corners is brighter than the other. */
const images = Array.from({ length: 12 }, (_, i) => Array.from({ length: 36 }, (_, j) => Math.sin(1 + 37 * i + (i + 3) * j)));
const X = folder.csv('x.csv', images);
const y = folder.csv(
  'y.csv',
  images.map((row) => Number((row[0] ?? 0) > (row[35] ?? 0))),
);
const data = `
  dim n, h = 6
  data X: [n, 36] from "${X}"
  data y: int[n] in [0, 1] from "${y}"
  split n into train 50%, valid 50%, unshuffled`;

it('a small convolutional network, unrolled', async () => {
  const page = folder.page(`${data}
    hyper decay: positive = 0.1
    hyper rate: positive = 0.3
    hyper start: real = 0.2
    param k: [2, 1, 3, 3] = start * reshape(sin([1.0 * t for t in 18]), [2, 1, 3, 3])
    param w: [8, 2] = 0.1 * reshape(cos([1.0 * t for t in 16]), [8, 2])
    fn features(A: [m, 36]): [m, 8] = reshape(max_pool(tanh(conv2d(reshape(A, [m, 1, h, h]), k)), 2), [m, 8])
    inner minimize cross_entropy(features(X[train]) @ w, y[train]) + decay * (sum(k^2) + sum(w^2))
    outer minimize cross_entropy(features(X[valid]) @ w, y[valid])
    solve inner with gd(rate = rate, steps = 4)`);
  const document = await verify(page);
  expect(document.agrees).toBe(true);
  const ways = document.verify.filter((row) => row.hypergradient !== undefined).map((row) => row.solver);
  expect(ways).toEqual(expect.arrayContaining(['gd', 'forward+gd']));
  expect(flatAll(document.hypergradient).every((x) => Number.isFinite(x) && x !== 0)).toBe(true);
});

it('strides, zeros around and means of windows, at a minimiser', async () => {
  const page = folder.page(`${data}
    hyper decay: positive = 0.1
    hyper size: positive = 0.5
    param w: [8] = 0.1
    let k = size * reshape(sin([1.0 * t for t in 18]), [2, 1, 3, 3])
    fn features(A: [m, 36]): [m, 8] =
      reshape(avg_pool(softplus(conv2d(reshape(A, [m, 1, 6, 6]), k, stride = 2, padding = same)), 2, 1), [m, 8])
    inner minimize binary_cross_entropy(features(X[train]) @ w, y[train]) + decay * sum(w^2)
    outer minimize binary_cross_entropy(features(X[valid]) @ w, y[valid])`);
  const document = await verify(page);
  expect(document.agrees).toBe(true);
  expect(document.verify.filter((row) => row.agrees === true).length).toBeGreaterThan(3);
});

it('solutions, eigenvalues, eigenvectors and order, to second order', async () => {
  const page = folder.page(`${data}
    hyper a: positive[3] = [0.5, 1, 2]
    param w: [3] = 0.1
    let S = X[0 .. 2, 0 .. 2] + diag([3, 4, 6])
    let (values, vectors) = eigh(S + outer(w, w))
    inner minimize sum(solve(S + 0.1 * outer(a, w), w)^2) + sum(a * (w - 1)^2) + 0.1 * sum(sort(w) * [1, 2, 3])
      + 0.1 * sum(log(values)) + 0.1 * sum(vectors[:, 2] * a)
    outer minimize sum((w - [0.3, 0.2, 0.1])^2) + 0.1 * max(values) + vectors[0, 0]`);
  const document = await verify(page);
  expect(document.agrees).toBe(true);
  expect(document.verify.filter((row) => row.agrees === true).length).toBeGreaterThan(3);
});
