/** What random programs have found (`test/programs/`): one smallest page for each. */
import { afterAll, describe, expect, it } from 'vitest';
import { failing, flatAll, Folder, gradient } from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

describe('a position along an axis that the data make too short', () => {
  folder.csv('X.csv', [[1], [0.5], [2]]);
  const page = (criterion: string, more = ''): string =>
    folder.page(`
      dim n, d
      data X: [n, d] from "X.csv"
      ${more}
      hyper a: positive = 0.7
      param w: [d]
      inner minimize mean((X @ w - 1)^2) + a * sum(w^2)
      outer minimize ${criterion}`);
  const messages = async (path: string): Promise<readonly string[]> =>
    (await failing(3, 'gradient', path)).diagnostics.map(({ code, message }) => `${code} ${message}`);

  it.each(['w[4]', 'sum(w[0 .. 4])', 'X[0, 4] * w[0]', '(w @ X.T)[-4]'])('is no number from elsewhere: %s', async (criterion) => {
    const [first] = await messages(page(criterion));
    expect(first).toMatch(
      /^BL6028 (?:position|the range from) .* reaches out of an axis of (?:1, whose only position is 0|3, whose positions are 0 to 2), where `[dn]` is \d$/u,
    );
  });

  it('nor in a function, of the page or of a problem', async () => {
    const path = page('third(w)', 'fn third(v: [m]): [] = v[2]');
    expect(await messages(path)).toEqual(['BL6028 position 2 reaches out of an axis of 1, whose only position is 0, where `d` is 1']);
  });

  it('nor in an index set, or in a fold', async () => {
    const split = 'split n into train 60%, valid 40%';
    expect(await messages(page('sum(w) * X[valid][1, 0]', split))).toEqual([
      'BL6028 position 1 reaches out of an axis of 1, whose only position is 0, where `valid` is 1',
    ]);
    const folds = 'split n into train, valid by 2 folds';
    expect(await messages(page('sum(w) * X[valid][1, 0]', folds))).toEqual([
      'BL6028 position 1 reaches out of an axis of 1, whose only position is 0, where `valid` is 1',
    ]);
  });

  it('nor does `roll` go round it more than once', async () => {
    expect(await messages(page('sum(roll(w, 3))'))).toEqual([
      'BL6028 position 2 reaches out of an axis of 1, whose only position is 0, where `d` is 1',
    ]);
  });

  it('and what is there is found: w* = 3.5/3 / (5.25/3 + 0.7)', async () => {
    const { outer, hypergradient } = await gradient(page('w[d - 1] + roll(w, -1)[0] + (X @ w)[n - 2] + w[-1]'));
    const w = 3.5 / (5.25 + 2.1);
    expect(outer).toBeCloseTo(3.5 * w, 12);
    expect(flatAll(hypergradient)[0]).toBeCloseTo((-3.5 * w * 3) / (5.25 + 2.1), 12);
  });
});

describe('a label that is computed, and beyond its classes', () => {
  folder.csv('labels.csv', [[1], [0], [2], [3]]);
  const page = (shift: number): string =>
    folder.page(`
      dim n, k = 3
      data y: int[n] from "labels.csv"
      hyper a: positive = 0.7
      param w: [k]
      let labels = y - ${shift}
      inner minimize cross_entropy(outer(ones(n), w), labels) + a * l2(w)
      outer minimize sum((w - 1)^2)`);
  it('is no row of zeros', async () => {
    const { diagnostics } = await failing(4, 'gradient', page(1));
    expect(diagnostics.map(({ code }) => code)).toEqual(['BL8001']);
    expect(diagnostics[0]?.hints?.join()).toContain('beyond its axis');
  });
});
