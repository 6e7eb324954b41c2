/** `--certify`: what is proved, what is not, and what is said of it; folds, float32 and many inexact stops in `test/deep/certificate.test.ts`. */
import { afterAll, describe, expect, it } from 'vitest';
import { problem } from '../library/index.ts';
import { bilevel, Folder, gradient, solve, type DiagnosticDocument, type GradientDocument } from './helpers/cli.ts';
import { curved } from './helpers/pages.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const warningsOf = (document: GradientDocument): readonly string[] =>
  ((document as { diagnostics?: readonly DiagnosticDocument[] }).diagnostics ?? []).map((d) => d.message);

describe('a proof', () => {
  it('of a short solve is the error of that solve', async () => {
    const page = (differentiate: string): string => `problem p {
  hyper t: positive = 0.5
  param w: [3]
  inner minimize (w[0] - 1)^2 + 4 * (w[1] - w[0])^2 + 9 * (w[2] + w[1])^2 + t * sum(w^2)
  outer minimize sum((w - 0.3)^2)
  ${differentiate}
}`;
    const exact = await gradient(folder.page(page('differentiate with closed_form')), '--certify');
    const short = await gradient(folder.page(page('differentiate with implicit(solver = cg, steps = 1)')), '--certify');
    const miss = Math.abs(Number(short.hypergradient['t']) - Number(exact.hypergradient['t']));
    expect(miss).toBeGreaterThan(1e-3);
    expect((short.error.bound ?? Number.NaN) / miss).toBeCloseTo(1, 5);
  });

  it('is of the last point of a run, in both of its forms', async () => {
    const page = folder.page(curved(0.5));
    const { error } = await solve(page, '--certify');
    expect(error).toMatchObject({ certified: true });
    expect(error.bound).toBeLessThan(1e-12);
    const { stdout } = await bilevel(['run', page, '--certify']);
    expect(stdout).toMatch(/error +of the hypergradient at most \S+, proved:/u);
  });

  it('holds of an approximation what it leaves out', async () => {
    const text = curved(0.5).replace(/\}$/u, '  solve inner with gd(rate = 0.1, tolerance = 1e-12)\n  differentiate with one_step\n}');
    const { hypergradient, error } = await gradient(folder.page(text), '--certify');
    // dF/dt = 2 (w − 0.4) · (−w²) at w = 1 / 1.5.
    const miss = Math.abs(Number(hypergradient['t']) + 2 * (1 / 1.5 - 0.4) * (1 / 1.5) ** 2);
    expect(miss).toBeGreaterThan(1e-2);
    expect(error.certified).toBe(true);
    expect(error.bound).toBeGreaterThanOrEqual(miss);
    expect((error.bound ?? Number.NaN) / miss).toBeCloseTo(1, 5);
  });

  it('is refused where a number has lost digits', async () => {
    const document = await gradient(folder.page(curved(1e-310)), '--certify');
    expect(document.error.certified).toBe(false);
    expect(warningsOf(document).join()).toContain('too small for all its digits');
  });

  it('is refused with its reason, and the estimate stands', async () => {
    const lasso = `problem p {
  hyper t: positive = 0.1
  param w: [2]
  inner minimize (w[0] - 1)^2 + (w[1] - w[0])^2 + t * sum(abs(w))
  outer minimize sum((w - 0.3)^2)
}`;
    const document = await gradient(folder.page(lasso), '--certify');
    expect(document.error.certified).toBe(false);
    expect(document.error.estimate).toBeGreaterThan(0);
    expect(warningsOf(document).join()).toContain('not certified: the inner problem is not smooth');
  });

  it('is carried by a module that asks for it, and by no other', async () => {
    const text = curved(0.5);
    const proved = await problem<object, { t: number }>(text, { certify: true }).hypergradient({}, { t: 0.5 });
    const stated = await problem<object, { t: number }>(text).hypergradient({}, { t: 0.5 });
    expect(proved.hypergradient).toEqual(stated.hypergradient);
    expect(proved.error).toMatchObject({ certified: true });
    expect(stated.error).toMatchObject({ certified: false });
    expect(() => problem(text, { certify: 'yes' as unknown as boolean })).toThrow(/`certify` is true or false/u);
  });

  it('takes its plain words from the table', async () => {
    const { stdout } = await bilevel(['gradient', folder.page(curved(0.5)), '--certify']);
    expect(stdout).toMatch(/error +at most \S+, proved: exactly one minimiser lies within/u);
  });
});
