/** A start so steep that the tolerance relative to it is met far from the minimiser: the solvers go on while steps still help. */
import { afterAll, expect, it } from 'vitest';
import { Folder, verify } from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

it('is solved to its minimiser, by every solver alike', async () => {
  const page = folder.page(`problem far {
  hyper p: real = 0.5
  param w: [] = 50
  inner minimize exp(w) + (w - p)^2
  outer minimize (w - 1)^2
}
`);
  const document = await verify(page);
  // exp(w) + 2 (w − 0.5) = 0 at w = 0.
  expect(document.outer).toBeCloseTo(1, 10);
  expect(document.verify.length).toBeGreaterThan(4);
});
