/** The benchmark of strategies, on small sizes: all that accept a problem agree, and what only approximates is told apart. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { groups } from '../../bench/strategies/groups.ts';
import { failuresOf } from '../../bench/strategies/judged.ts';
import { measureGroup } from '../../bench/strategies/measured.ts';
import { printText } from '../../bench/strategies/table.ts';

const root = join(import.meta.dirname, '../..');
const places = { root, bench: join(root, 'bench'), built: '', digits: join(root, 'bench/digits/digits.csv'), environment: {} };

it.each([
  ['lasso', 'implicit+minres+support_newton', 'one_step+fista'],
  ['steps.adam', 'unrolled+forward+adam', 'one_step+adam'],
  ['folds', '5 separate problems, closed_form+cholesky', 'one_step+gd'],
])('%s', async (id, exact, approximate) => {
  const group = groups.find((g) => g.id === id);
  if (group === undefined) throw new Error(`no problem is called ${id}`);
  const result = await measureGroup(group, { quick: true, seconds: 0.001 }, places, () => undefined);
  expect(failuresOf([result])).toEqual([]);
  const verdicts = new Map(result.rows.map(({ name, verdict }) => [name, verdict]));
  expect([verdicts.get(exact), verdicts.get(approximate)]).toEqual(['exact', 'approximate']);
  expect(printText({ machine: {}, settings: {}, groups: [result] })).not.toContain('WRONG');
});
