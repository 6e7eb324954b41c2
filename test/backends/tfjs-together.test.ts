/** Backends of tfjs that come up and compute beside each other: the library has one that is set, for all who use it. */
import { expect, it } from 'vitest';
import { problem } from '../../library/problem.ts';

const mean = problem(`problem mean {
  dim n
  data y: [n]
  hyper a: positive
  param x: []
  inner minimize mean((x - y)^2) + a * x^2
  outer minimize (x - 1)^2
}`);

const onAll = async (...backends: readonly string[]): Promise<readonly unknown[]> =>
  Promise.all(backends.map(async (backend) => (await mean.hypergradient({ y: [1, 2, 6] }, { a: 1 }, { backend })).hypergradient['a']));

// A backend comes up once for a process, so that these are steps of one test.
it('compute while another comes up, which comes up once for all who ask', async () => {
  expect(await onAll('tfjs-cpu')).toEqual([-0.75]);
  expect(await onAll('tfjs-cpu', 'tfjs-wasm', 'tfjs-cpu', 'tfjs-wasm')).toEqual([-0.75, -0.75, -0.75, -0.75]);
});
