/** Random well-typed programs, a few of them; `test/deep/programs.test.ts` has a thousand. */
import { expect, it } from 'vitest';
import { examineMany } from './run.ts';

it('random programs compile, print, and have the hypergradients that differences have', async () => {
  const tally = await examineMany(8, 12);
  expect(tally.missing(['node: scan', 'node: comprehension', 'node: if', 'node: fn', 'hyper: simplex', 'way: WebAssembly'], 1)).toEqual([]);
}, 60_000);
