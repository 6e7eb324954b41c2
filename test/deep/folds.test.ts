/** Every strategy on folds against every other, and against differences. */
import { describe, expect, it } from 'vitest';
import { problem } from '../../library/index.ts';
import { folded, kinds, study, type KindName } from '../folds/pages.ts';

describe.each(Object.keys(kinds) as KindName[])('%s', (kind) => {
  it('agrees with differences', async () => {
    const rows = study(30, 5);
    const page = problem(folded(kind, 'train, valid by 4 folds, seed 2'));
    const { rows: compared, agrees } = await page.verify({ X: rows.X, y: kind.includes('smooth') ? rows.c : rows.y });
    expect(agrees).toBe(true);
    expect(compared.filter((row) => row.agrees === true).length).toBeGreaterThan(0);
  });
});
