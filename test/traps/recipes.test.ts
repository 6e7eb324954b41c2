/**
 * Traps of recipes and of the outer loop: a recipe differentiated as if it had converged, steps taken twice, and the toy problem on
 * which one unrolled step and the exact minimiser lead to different places.
 */
import { afterAll, describe, expect, it } from 'vitest';
import {
  Folder,
  bilevel,
  distance,
  failing,
  flat,
  flatAll,
  gradient,
  json,
  solve,
  verify,
  type FailureDocument,
  type GradientDocument,
} from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

describe('a recipe is never differentiated implicitly', () => {
  // Three short steps on ½ (w − 1)² + ½ e^a w² from w = 4: far from its minimiser, and the implicit formula has another value.
  const page = (more = ''): string =>
    folder.page(`
      hyper a: real = 0.5
      param w: [] = 4
      inner minimize (w - 1)^2 / 2 + exp(a) / 2 * w^2
      outer minimize (w - 1)^2 / 2
      solve inner with gd(rate = 0.05, steps = 3)
      ${more}`);
  const curvature = 1 + Math.exp(0.5);
  const shrink = 1 - 0.05 * curvature;
  const w = 1 / curvature + shrink ** 3 * (4 - 1 / curvature);
  // dw/da from w_3 = m + s³ (4 − m), m = 1/(1 + e^a), s = 1 − 0.05 (1 + e^a).
  const dm = -Math.exp(0.5) / curvature ** 2;
  const ds = -0.05 * Math.exp(0.5);
  const slope = (w - 1) * (dm + 3 * shrink ** 2 * ds * (4 - 1 / curvature) - shrink ** 3 * dm);

  it('unrolling is what is chosen, and gives the derivative of these steps', async () => {
    const document = await gradient(page());
    expect(document.strategy).toBe('unrolled');
    expect(document.param['w']).toBeCloseTo(w, 14);
    expect(document.hypergradient['a']).toBeCloseTo(slope, 13);
    // The implicit formula at the same w: −(w − 1) e^a w / (1 + e^a).
    expect(Math.abs(slope - (-(w - 1) * Math.exp(0.5) * w) / curvature)).toBeGreaterThan(0.1);
  });

  it('--verify compares it with differences and refuses the others', async () => {
    const document = await verify(page());
    const computed = document.verify.filter((row) => row.hypergradient !== undefined).map((row) => `${row.strategy} ${row.solver}`);
    expect(computed.sort()).toEqual(['finite_difference gd', 'unrolled forward+gd', 'unrolled gd']);
    const refused = document.verify.filter((row) => row.hypergradient === undefined);
    expect(refused.map((row) => row.strategy)).toEqual(expect.arrayContaining(['implicit', 'closed_form']));
    for (const { because } of refused) expect(because).toMatch(/recipe/u);
  });

  it('nor solved in closed form when the page asks for that', async () => {
    const { hypergradient, diagnostics } = await failing(1, 'gradient', page('differentiate with closed_form'));
    expect(hypergradient).toBeUndefined();
    expect(diagnostics.map((d) => d.code)).toEqual(['BL5001']);
  });

  it.each(['implicit', 'implicit(solver = cg)'])('where the page asks for %s, what that gives is called an approximation', async (way) => {
    const { exit_code: code, ...document } = await json<GradientDocument & FailureDocument>('gradient', page(`differentiate with ${way}`));
    expect([code, document.diagnostics.map((d) => d.code)]).toEqual([undefined, ['BL5010']]);
    expect(document.hypergradient['a']).toBeCloseTo((-(w - 1) * Math.exp(0.5) * w) / curvature, 13);
    expect(document.error.estimate).toBeUndefined();
  });

  it('nor when the command line does', async () => {
    const { hypergradient, diagnostics } = await failing(1, 'gradient', page(), '--strategy', 'implicit');
    expect(hypergradient).toBeUndefined();
    expect(diagnostics).toHaveLength(1);
  });
});

describe('recipes of no step and of one', () => {
  const page = (steps: number): string =>
    folder.page(`
      hyper eta: real = 0.25
      hyper c: real = 2
      param w: [2] = [c, 1]
      inner minimize sum((w - 3)^2) + c * w[0]
      outer minimize sum(w^2)
      solve inner with gd(rate = eta, steps = ${steps})`);

  it('no step: the criterion at the start, which may depend on a hyper', async () => {
    const { outer, hypergradient, param } = await gradient(page(0));
    expect(flatAll(param)).toEqual([2, 1]);
    expect(outer).toBe(5);
    expect(hypergradient['eta']).toBe(0);
    expect(hypergradient['c']).toBe(4);
  });

  it('one step', async () => {
    // w = (c − η (2 (c − 3) + c), 1 + 4 η) = (2, 2) at η = ¼; dw_0/dc = 1 − 3 η, dw/dη = (6 − 3 c, 4).
    const { outer, hypergradient, param } = await gradient(page(1));
    expect(flatAll(param)).toEqual([2, 2]);
    expect(outer).toBe(8);
    expect(hypergradient['c']).toBeCloseTo(4 * 0.25, 14);
    expect(hypergradient['eta']).toBeCloseTo(4 * 0 + 4 * 4, 14);
  });
});

describe('an outer step is taken once', () => {
  it.each([
    ['a minimiser', ''],
    ['a recipe', 'solve inner with gd(rate = 0.5, steps = 1)'],
  ])('gradient descent on t² / 2, %s', async (_, inner) => {
    const rate = 0.25;
    const { history, hyper, outer } = await solve(
      folder.page(`
        hyper t: real[2] = [1, -3]
        param w: [2]
        inner minimize sum((w - t)^2)
        outer minimize sum(w^2) / 2
        ${inner}
        solve outer with gd(rate = ${rate}, steps = 5)`),
    );
    expect(history.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const [step, { hyper: at, outer: value }] of history.entries()) {
      const shrink = (1 - rate) ** step;
      expect(distance(flat(at['t'] ?? []), [shrink, -3 * shrink])).toBeLessThan(1e-12);
      expect(value).toBeCloseTo(5 * shrink ** 2, 12);
    }
    expect(outer).toBeCloseTo(5 * (1 - rate) ** 10, 12);
    expect(hyper).toEqual(history.at(-1)?.hyper);
  });

  it('the recipe starts anew at every outer step', async () => {
    // One step from w = 0 with η = ¼ on (w − t)²: w = t/2, wherever the outer loop is.
    const { history, param, hyper } = await solve(
      folder.page(`
        hyper t: real = 8
        param w: []
        inner minimize (w - t)^2
        outer minimize w^2
        solve inner with gd(rate = 0.25, steps = 1)
        solve outer with gd(rate = 0.5, steps = 4)`),
    );
    const last = flatAll(hyper)[0] ?? Number.NaN;
    expect(last).toBeCloseTo(8 * 0.75 ** 4, 12);
    expect(param['w']).toBeCloseTo(last / 2, 14);
    expect(history).toHaveLength(5);
  });
});

describe('the toy of differentiable architecture search: L_train = w² − 2αw + α², L_valid = αw − 2α + 1, from (α, w) = (2, −2)', () => {
  const losses = 'inner minimize w^2 - 2 * alpha * w + alpha^2\nouter minimize alpha * w - 2 * alpha + 1';

  it('the exact minimiser leads to (1, 1)', async () => {
    const { hyper, param, outer } = await solve(
      folder.page(`hyper alpha: real = 2\nparam w: [] = -2\n${losses}\nsolve outer with gd(rate = 0.1, steps = 200)`),
    );
    expect(hyper['alpha']).toBeCloseTo(1, 8);
    expect(param['w']).toBeCloseTo(1, 8);
    expect(outer).toBeCloseTo(0, 8);
  });

  it.each([0.05, 0.2, 0.4])('one unrolled step of size %d, params kept between outer steps, leads to 2 / (1 + 2ξ)', async (xi) => {
    // A recipe starts where its page says: here in the data, so that the next outer step starts where this one ended.
    const page = folder.page(
      `data from_here: []\nhyper alpha: real = 2\nparam w: [] = from_here\n${losses}\nsolve inner with gd(rate = ${xi}, steps = 1)`,
    );
    let alpha = 2;
    let w = -2;
    for (let step = 0; step < 120; step += 1) {
      const start = folder.write('start.json', String(w));
      const { hypergradient } = await gradient(page, '--set', `alpha=${alpha}`, '--data', `from_here=${start}`);
      alpha -= 0.2 * (flatAll(hypergradient)[0] ?? Number.NaN);
      w -= 0.3 * (2 * w - 2 * alpha);
    }
    const limit = 2 / (1 + 2 * xi);
    expect(alpha).toBeCloseTo(limit, 6);
    expect(w).toBeCloseTo(limit, 6);
  });
});

it('a rate so large that the steps diverge is said, not hidden', async () => {
  const page = folder.page(`
    hyper t: real = 1
    param w: [] = 5
    inner minimize 50 * (w - t)^2
    outer minimize w^2
    solve inner with gd(rate = 1, steps = 400)`);
  const outcome = await bilevel(['gradient', page, '--json']);
  expect(outcome.code).toBe(4);
  expect(outcome.stdout).not.toMatch(/"hypergradient"/u);
});
