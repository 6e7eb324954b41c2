/** Pages that once had a proved bound below their error, or should have had none: what is small, what cancels, what jumps. */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, gradient } from './helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const page = (inner: string, outer: string, t: number): string => `problem p {
  hyper t: real = ${t}
  param w: []
  inner minimize ${inner}
  outer minimize ${outer}
}`;

/** With h = ½ a w² − b t w and f = w it is b / a. */
const linear = (a: string, b: string): string => page(`0.5 * (${a}) * w^2 - (${b}) * t * w`, 'w', 0.3);

interface Case {
  readonly of: string;
  readonly text: string;
  readonly truth: number;
}

const cases: readonly Case[] = [
  {
    of: 'constants that cancel little by little',
    text: linear('0.9 - 0.449 - 0.2251 - 0.1127 - 0.0563 - 0.0282 - 0.0141 - 0.0071 - 0.0035 - 0.0017 - 0.0009 - 0.00049', '1'),
    truth: 1 / 0.00091,
  },
  { of: 'constants that cancel to nothing', text: linear('1', '1 + (0.1 + 0.2 - 0.30000000000000004) * 1e20'), truth: -3999 },
  { of: 'a decimal that is nearly a short number', text: linear('1', '1 + (0.50000000000000000001 - 0.5) * 1e20'), truth: 2 },
  { of: 'whole numbers beyond all that are counted', text: linear('1', '94906267 * 94906267 - 94906266 * 94906268'), truth: 1 },
  { of: 'a number too small to be told from zero', text: linear('1', '1 + 1e-400 * 1e200 * 1e200'), truth: 2 },
  { of: 'a number of few digits', text: linear('1', '1.5e-323 * 1e300 * 1e23'), truth: 1.5 },
];

describe('a proof holds', () => {
  it.each(cases)('of $of', async ({ text, truth }) => {
    const { hypergradient, error } = await gradient(folder.page(text), '--certify');
    const miss = Math.abs(Number(hypergradient['t']) - truth);
    if (error.certified) expect(error.bound).toBeGreaterThanOrEqual(miss);
  });

  it('of a criterion whose square vanishes', async () => {
    const { hypergradient, error } = await gradient(
      folder.page(page('0.25 * w^4 - w + 0.5 * t * w^2', '1e-170 * (w - 0.4)^2', 0.3)),
      '--certify',
    );
    expect(error.certified).toBe(true);
    expect(error.bound).toBeGreaterThan(Math.abs(2 ** -53 * Number(hypergradient['t'])));
  });
});

describe('nothing is proved', () => {
  /** At t = 0 the minimiser stands still in a kink: ∇F = 0, and the formula says 2. */
  it.each(['maximum(w, 0)', 'max([w, 0])'])('where the slope of %s jumps', async (kink) => {
    const { error } = await gradient(folder.page(page(`${kink} + (t - 0.5) * w + 0.5 * w^2`, '(w - 1)^2', 0)), '--certify');
    expect(error.certified).toBe(false);
  });
});
