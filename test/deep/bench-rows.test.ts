/** The benchmark's own rows, one of each kind at its smallest size, run without being timed: in both precisions they give what plain TypeScript gives. */
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { inputOf, type Contestant } from '../../bench/contestant.ts';
import { open as ours } from '../../bench/contestants/bilevel.ts';
import { open as plain } from '../../bench/contestants/plain-js.ts';
import { writeData } from '../../bench/data.ts';
import { agrees, difference, fingerprint } from '../../bench/fingerprint.ts';
import { rows, type Row } from '../../bench/rows.ts';
import { Folder } from '../helpers/cli.ts';

const bench = join(import.meta.dirname, '../../bench');
const folder = new Folder();
afterAll(() => folder.remove());

/** Those of a kind stand in the order of their sizes. */
const smallest = rows.filter((row, at) => rows.findIndex(({ kind }) => kind === row.kind) === at);

const written = new Set<string>();

/** What a contestant finds when it has run twice, as where it is measured. */
async function found({ rows: prepares }: Contestant, row: Row): Promise<readonly number[]> {
  const prepare = prepares[row.kind];
  if (typeof prepare === 'string') throw new Error(`${row.kind}: ${prepare}`);
  const data = writeData(row, folder.path, join(bench, 'digits/digits.csv'), written);
  const work = await prepare(inputOf(row.sizes, row.at, data));
  await work.run();
  await work.run();
  const result = fingerprint(await work.result());
  work.dispose?.();
  return result;
}

it.each(smallest)('$id', async (row) => {
  const expected = await found(plain(), row);
  expect(expected.every((x) => Number.isFinite(x) && x !== 0)).toBe(true);
  for (const precision of ['float64', 'float32'] as const) {
    const own = await found(ours({ folder: bench, precision, threads: 1 }), row);
    expect(agrees(own, expected, precision), `in ${precision} they differ by ${difference(own, expected)}`).toBe(true);
  }
});
