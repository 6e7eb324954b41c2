/** A split cuts every dim without a gap, and binding gives each part as many members as the plan was told. */
import { describe, expect, it } from 'vitest';
import { knownSizes, partsOf, withParts } from '../../plan/splits.ts';
import type { SplitDescription } from '../../plan/types.ts';

const splitOf = (dim: string, ...percents: readonly number[]): SplitDescription => ({
  dim,
  parts: percents.map((percent, i) => ({ name: `${dim}_part${i}`, percent })),
  seed: 0,
  shuffled: true,
  span: { file: 'page.bilevel', start: 0, end: 0 },
});

describe('the parts of a split', () => {
  it.each([[[60, 40]], [[60, 20, 20]], [[33.3, 33.3, 33.4]], [[10, 10]]])('of %o lie side by side, at rounded shares', (percents) => {
    const split = splitOf('n', ...percents);
    for (let n = 0; n <= 60; n++) {
      const parts = partsOf(split, n);
      expect(parts.map((p) => p.begin)).toEqual([0, ...parts.slice(0, -1).map((p) => p.end)]);
      const total = percents.reduce((sum, percent) => sum + percent, 0);
      expect(parts.at(-1)?.end).toBe(Math.min(n, Math.round((n * total) / 100)));
    }
  });

  it('of 442 rows are those of the ridge page', () => {
    expect(partsOf(splitOf('n', 60, 20, 20), 442).map(({ begin, end }) => end - begin)).toEqual([265, 89, 88]);
  });
});

describe('known sizes', () => {
  const span = { file: 'page.bilevel', start: 0, end: 0 };
  const splits = [splitOf('n', 60, 40), splitOf('m', 50, 50)];
  const dims = [
    { name: 'n', span },
    { name: 'm', fixed: 10, span },
    { name: 'k', span },
  ];

  it('leave open what hangs on a size that is not known', () => {
    expect(withParts(splits, { m: 4 })).toEqual({ m: 4, m_part0: 2, m_part1: 2 });
    expect(knownSizes({ dims, splits })).toEqual({ m: 10, m_part0: 5, m_part1: 5 });
    expect(knownSizes({ dims, splits }, { n: 5 })).toEqual({ m: 10, m_part0: 5, m_part1: 5, n: 5, n_part0: 3, n_part1: 2 });
  });
});
