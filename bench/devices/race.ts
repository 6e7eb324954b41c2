/**
 * One row on one backend: our page beside code that is written by hand in the same library, sample by sample in turn, in one process. Runs in Node and in a
 * page of a browser alike, and knows neither.
 */
import { libraryBackends, type LibraryBackendName } from '../../plan/backends.ts';
import type { Library } from '../../plan/placement.ts';
import type { Numbers } from '../rows.ts';
import { pages, type Task, type Way } from './kinds.ts';
import { ours as oursOf, type ComputedBy } from './ours.ts';

export interface Asked extends Task {
  readonly backend: LibraryBackendName;
  /** For the samples of both together. */
  readonly seconds: number;
}

export interface Side {
  /** Milliseconds of each sample. */
  readonly times: readonly number[];
  readonly found: readonly number[];
}

export interface Answered {
  readonly ours: Side;
  readonly theirs: Side;
  readonly computedBy: ComputedBy;
}

/** Each imports its library, which is there only once the backend is up. */
const byHand: Readonly<Record<Library, (task: Task, variant: string) => Promise<Way>>> = {
  tfjs: async (task) => (await import('./tfjs.ts')).tfjsByHand(task),
  gpujs: async (task, variant) => (await import('./gpujs.ts')).gpujsByHand(task, variant),
};

const fewestSamples = 3;
/** What takes longer, both together, is sampled once, and has been warm since it was compared. */
const slowMs = 4000;
const warming = 2;

/** Each sample a little elsewhere, so that nothing is the same as before. */
const nudged = (task: Task, k: number): Numbers => {
  const [name = ''] = pages[task.kind].hypers;
  return { ...task.at, [name]: (task.at[name] ?? Number.NaN) * (1 + 1e-3 * (k % 8)) };
};

export async function race(asked: Asked): Promise<Answered> {
  const { library, variant } = libraryBackends[asked.backend];
  const ours = await oursOf(asked, asked.backend);
  const sides: { readonly way: Way; readonly times: number[] }[] = [{ way: ours, times: [] }];
  try {
    // The first run brings the backend up, on which the other side then is.
    const found = await ours.run(asked.at);
    const theirs = await byHand[library](asked, variant);
    sides.push({ way: theirs, times: [] });
    const theirsFound = await theirs.run(asked.at);
    const [first, second] = sides as [(typeof sides)[0], (typeof sides)[0]];
    const round = async (k: number, isCounted: boolean): Promise<number> => {
      const begin = performance.now();
      // Who begins changes.
      for (const { way, times } of k % 2 === 0 ? [first, second] : [second, first]) {
        const start = performance.now();
        await way.run(nudged(asked, k));
        if (isCounted) times.push(performance.now() - start);
      }
      return performance.now() - begin;
    };
    let last = 0;
    let k = 0;
    while (k < warming && last < slowMs) last = await round(k++, false);
    const fewest = k + (last < slowMs ? fewestSamples : 1);
    for (const began = performance.now(); k < fewest || performance.now() - began < asked.seconds * 1000; k += 1) await round(k, true);
    return {
      ours: { times: first.times, found },
      theirs: { times: second.times, found: theirsFound },
      computedBy: ours.computedBy(),
    };
  } finally {
    for (const { way } of sides) way.close();
  }
}
