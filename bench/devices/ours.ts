/** Our side: the page, compiled where the backend runs, bound once, all in float32, and one hypergradient from a cold start, its error not estimated. */
import { problem } from '../../library/problem.ts';
import type { LibraryBackendName } from '../../plan/backends.ts';
import { numberOf, pages, type Task, type Way } from './kinds.ts';

export interface ComputedBy {
  /** As the library names it. */
  readonly device: string;
  readonly strategy: string;
  readonly solver: string;
  readonly status: string;
}

export interface Ours extends Way {
  /** Of the last run. */
  readonly computedBy: () => ComputedBy;
}

export async function ours({ kind, sizes, arrays, page }: Task, backend: LibraryBackendName): Promise<Ours> {
  const { data, hypers } = pages[kind];
  const shaped = Object.entries(data).map(
    ([name, shape]) => [name, { shape: shape.map((size) => numberOf(sizes, size)), data: arrays[name] ?? [] }] as const,
  );
  const compiled = problem<object, Readonly<Record<string, number>>>(page);
  const bound = await compiled.bind(Object.fromEntries(shaped), { backend, precision: 'f32' });
  let computedBy: ComputedBy | undefined;
  return {
    run: async (at) => {
      const point = Object.fromEntries(hypers.map((name) => [name, numberOf(at, name)]));
      const { hypergradient, strategy, solver, status, computedBy: by } = await bound.hypergradient(point, { error: false });
      if (by.backend !== backend) throw new Error(`${by.backend} computed what ${backend} was to compute`);
      computedBy = { device: by.why, strategy, solver, status };
      return hypers.map((name) => numberOf(hypergradient, name));
    },
    close: bound.close,
    computedBy: () => {
      if (computedBy === undefined) throw new Error('nothing has run');
      return computedBy;
    },
  };
}
