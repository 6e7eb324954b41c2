/** Noise: every strategy against every other and differences, in recipes and at minimisers; folds, batches, proofs, float32. */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, distance, flatAll, gradient, verify } from '../helpers/cli.ts';
import { noisyFit as page } from '../helpers/pages.ts';

const folder = new Folder();
afterAll(() => folder.remove());

describe('in a recipe', () => {
  it.each(['steps = 1', 'steps = 25', 'steps = 25, batch = 7, over = n'])('%s: all strategies agree', async (options) => {
    const text = page(`solve inner with sgd(rate = 0.05, ${options})`);
    const document = await verify(folder.page(text));
    expect(document.agrees).toBe(true);
    expect(document.verify.filter(({ agrees }) => agrees === true).length).toBeGreaterThanOrEqual(2);
    const checkpointed = await gradient(folder.page(`${text} differentiate with unrolled(memory = 200000)`));
    expect(distance(flatAll(checkpointed.hypergradient), flatAll(document.hypergradient))).toBeLessThan(1e-12);
  });
});

describe('at a minimiser', () => {
  it.each(['normal(0, sigma)', 'uniform(-sigma, 2 * sigma)', 'normal(sigma, 0.5)'])('%s: all strategies agree', async (noise) => {
    expect((await verify(folder.page(page('', noise)))).agrees).toBe(true);
  });

  it('the error is proved', async () => {
    const { error } = await gradient(folder.page(page()), '--certify');
    expect(error.certified).toBe(true);
    expect(error.bound).toBeLessThan(1e-9);
  });

  it('float32 and float64 draw the same', async () => {
    const [wide, narrow] = await Promise.all([gradient(folder.page(page())), gradient(folder.page(page()), '--precision', 'f32')]);
    expect(distance(flatAll(narrow.hypergradient), flatAll(wide.hypergradient))).toBeLessThan(1e-3);
  });

  it('may be of the size of a set that varies over folds', async () => {
    const text = `
      dim n = 12
      random x: [n] ~ normal(0, 1)
      split n into train, valid by 3 folds, seed 7
      random e: [train] ~ normal(0, sigma)
      hyper sigma: positive = 0.5
      param w: []
      inner minimize mean((w * (x[train] + e) - x[train])^2) + 0.1 * w^2
      outer minimize mean((w * x[valid] - x[valid])^2)`;
    expect((await verify(folder.page(text))).agrees).toBe(true);
  });

  it('is drawn on the logits of a choice: all strategies agree', async () => {
    const choosing = (how: string, solver = ''): string =>
      folder.page(`
        dim n = 20
        random x: [n] ~ normal(0, 1)
        hyper act: choice(tanh, sin, gumbel = ${how}) = [0.5, 0]
        hyper a: positive = 0.1
        param w: []
        inner minimize mean((w * act(x) - x)^2) + a * w^2
        outer minimize mean((w * act(x) - 0.8 * x)^2) + 0.01 * (a - 1)^2
        ${solver}`);
    for (const solver of ['', 'solve inner with gd(rate = 0.1, steps = 30)']) {
      const [noisy, plain] = [await verify(choosing('true', solver)), await verify(choosing('false', solver))];
      expect([noisy.agrees, plain.agrees]).toEqual([true, true]);
      expect(noisy.outer).not.toBe(plain.outer);
    }
  });

  it('opens gates', async () => {
    const text = page('', 'logistic()').replaceAll('(X + e)', '(X * gate(log(sigma) + 0 * e, e))');
    expect((await verify(folder.page(text))).agrees).toBe(true);
  });
});
