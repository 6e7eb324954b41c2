/** Noise: what is drawn, when it is drawn anew, how it is differentiated, and which pages are refused. */
import { afterAll, describe, expect, it } from 'vitest';
import { problem } from '../../library/index.ts';
import { draw, keyOf, shuffled } from '../../runtime/random.ts';
import { Folder, distance, flatAll, gradient, solve } from '../helpers/cli.ts';
import { noisyFit as page } from '../helpers/pages.ts';
import { codes } from '../lower/harness.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const reported = async (text: string, seed = 0): Promise<Readonly<Record<string, number | { readonly data: Float64Array }>>> => {
  const { report } = await problem(`problem p { ${text} }`).evaluate({}, {}, { seed });
  return report;
};
const numbers = (of: number | { readonly data: Float64Array } | undefined): readonly number[] =>
  of === undefined ? [] : typeof of === 'number' ? [of] : [...of.data];

const small = (declarations: string, more = ''): string => `
  ${declarations}
  hyper a: positive = 1
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize (w - 0.4)^2
  ${more}`;

describe('a draw', () => {
  it('is that of a param under the same name', async () => {
    const drawn = { normal: [1, 2], uniform: [-1, 3], gumbel: [], logistic: [] } as const;
    const names = Object.keys(drawn) as (keyof typeof drawn)[];
    const declared = names.map((name) => `random e_${name}: [4, 3] ~ ${name}(${drawn[name].join(', ')})`);
    const reports = names.map((name) => `report ${name} = e_${name}`);
    const found = await reported(small(declared.join('\n'), reports.join('\n')), 5);
    for (const name of names)
      expect(distance(numbers(found[name]), [...draw(name, drawn[name], keyOf(5, `e_${name}`), 12)])).toBeLessThan(1e-14);
  });

  it('hangs on its name and the seed, and on no other declaration', async () => {
    const own = 'random e: [3] ~ normal(0, 1)';
    const alone = await reported(small(own, 'report e = e'));
    const beside = await reported(small(`random first: [3] ~ normal(0, 1) ${own}`, 'report e = e report first = first'));
    expect(numbers(beside['e'])).toEqual(numbers(alone['e']));
    expect(numbers(beside['first'])).not.toEqual(numbers(alone['e']));
    expect(numbers((await reported(small(own, 'report e = e'), 1))['e'])).not.toEqual(numbers(alone['e']));
  });

  it('has the moments of its distribution', async () => {
    const moments = 'report m = [mean(g), mean(u), mean(l)] report v = [var(g), var(u), var(l)]';
    const found = await reported(
      small('random g: [40000] ~ normal(0, 1) random u: [40000] ~ uniform(0, 1) random l: [40000] ~ logistic()', moments),
    );
    const variances = [1, 1 / 12, Math.PI ** 2 / 3];
    numbers(found['m']).forEach((m, i) => {
      expect(Math.abs(m - (i === 1 ? 0.5 : 0))).toBeLessThan(4 * Math.sqrt((variances[i] ?? 0) / 40000));
    });
    numbers(found['v']).forEach((v, i) => {
      expect(Math.abs(v / (variances[i] ?? 0) - 1)).toBeLessThan(0.04);
    });
  });

  it('is a number, or an array of one', async () => {
    const found = await reported(small('random e: [] ~ uniform(2, 3) random f: [1, 1] ~ gumbel()', 'report e = e report f = f'));
    expect(numbers(found['e'])[0]).toBeGreaterThan(2);
    expect(numbers(found['f']).length).toBe(1);
  });
});

describe('in a recipe', () => {
  const steps = 6;
  const walk = (more = ''): string => `
    random e: [2] ~ normal(1, 2)
    hyper rate: real = 0.1
    param w: [2]
    inner minimize sum((w - e)^2)
    outer minimize sum((w - e)^2)
    report e = e
    solve inner with gd(rate = rate, steps = ${steps}) ${more}`;
  const at = (t: number): readonly number[] => [...draw('normal', [1, 2], keyOf(0, 'e'), 2, t)];

  it('each step has its own, and the criterion that of step 0', async () => {
    const { param, outer } = await gradient(folder.page(walk()));
    let w = [0, 0];
    for (let t = 0; t < steps; t += 1) w = w.map((x, i) => x - 0.2 * (x - (at(t)[i] ?? 0)));
    expect(distance(flatAll(param), w)).toBeLessThan(1e-13);
    expect(outer).toBeCloseTo(
      w.reduce((sum, x, i) => sum + (x - (at(0)[i] ?? 0)) ** 2, 0),
      12,
    );
    expect(distance(numbers((await reported(walk()))['e']), at(0))).toBeLessThan(1e-14);
  });

  it('is the same at every outer step, so that the criterion is a function', async () => {
    const { history, hyper } = await solve(folder.page(walk('solve outer with gd(rate = 1e-4, steps = 2)')));
    const again = await gradient(folder.page(walk()), '--set', `rate=${String(hyper['rate'])}`);
    expect(history.at(-1)?.outer).toBe(again.outer);
  });

  it('members of a batch have their own', async () => {
    const text = `
      dim n = 12
      random e: [n, 2] ~ normal(0, 1)
      hyper rate: real = 0.1
      param w: [2]
      inner minimize sum((w - e)^2) / n
      outer minimize sum(w^2)
      solve inner with sgd(rate = rate, steps = 3, batch = 4, over = n)`.replace(
      'mean([sum((w - e[i])^2) for i in n])',
      'sum((w - e)^2) / n',
    );
    const { param } = await gradient(folder.page(text));
    const order = shuffled(keyOf(0, 'batch:n:0'), 12);
    let w = [0, 0];
    for (let t = 0; t < 3; t += 1) {
      const noise = draw('normal', [0, 1], keyOf(0, 'e'), 24, t);
      const batch = [...order.subarray(4 * t, 4 * t + 4)];
      w = w.map((x, j) => x - (0.2 / 4) * batch.reduce((sum, i) => sum + x - (noise[2 * i + j] ?? 0), 0));
    }
    expect(distance(flatAll(param), w)).toBeLessThan(1e-13);
  });
});

describe('drawn anew', () => {
  const anew = (options: string): string => folder.page(page(`solve outer with ${options}`));

  it('each outer step has its own noise, and the result that of the run', async () => {
    const options = 'adam(rate = 0.05, steps = 3, resample = true)';
    const document = await solve(anew(options));
    const [first, second] = document.history;
    const plain = await solve(anew('adam(rate = 0.05, steps = 3)'));
    expect(first?.outer).toBe(plain.history[0]?.outer);
    expect(second?.hyper).toEqual(plain.history[1]?.hyper);
    expect(second?.outer).not.toBe(plain.history[1]?.outer);
    const point = folder.write('point.json', JSON.stringify(document.hyper));
    expect((await gradient(folder.page(page()), '--set', `@${point}`)).outer).toBe(document.outer);
    expect((await solve(anew(options))).outer).toBe(document.outer);
  });

  it('by a module that is kept between calls', async () => {
    const bound = await problem(`problem p { ${page('solve outer with adam(steps = 2, resample = true)')} }`).bind({});
    const before = await bound.hypergradient();
    await bound.solve();
    expect((await bound.hypergradient()).outer).toBe(before.outer);
    bound.close();
  });
});

describe('refused', () => {
  it.each([
    ['a kind', small('random e: positive[3] ~ normal(0, 1)'), 'BL2024'],
    ['an unknown distribution', small('random e: [3] ~ cauchy(0, 1)'), 'BL2028'],
    ['an argument that does not fit', small('dim k = 2 random e: [3] ~ normal(zeros(k, 3), 1)'), 'BL2028'],
    ['a standard deviation below 0', small('random e: [3] ~ normal(0, -1)'), 'BL2028'],
    ['itself', small('random e: [] ~ normal(e, 1)'), 'BL2008'],
    ['noise in a start', small('random e: [] ~ normal(0, 1) hyper b: real = e'), 'BL3006'],
    ['noise where a number must be known', small('random e: [] ~ normal(0, 1)', 'solve inner with lbfgs(tolerance = e)'), 'BL3013'],
    ['a line search', page('solve outer with trust_region(resample = true)'), 'BL3025'],
    ['several starts', page('solve outer with adam(starts = 3, resample = true)'), 'BL3025'],
    ['nothing to draw', small('', 'solve outer with adam(resample = true)'), 'BL3025'],
  ])('%s', (_, text, code) => {
    expect(codes(`problem p { ${text} }`)).toEqual([code]);
  });
  it('one function is no resampling', () => {
    expect(codes(`problem p { ${small('', 'solve outer with adam(resample = false)')} }`)).toEqual([]);
  });
});
