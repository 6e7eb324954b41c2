/**
 * The sizes of index sets. They follow from the size of the dim that is split, so a plan knows them before there are data, and binding
 * cuts by the same rule. Knows neither data nor who is in a part.
 */
import type { Environment } from './evaluate.ts';
import type { ProblemDescription, SplitDescription } from './types.ts';

/** A part of a split: positions `begin` to `end`, without `end`, of the dim's order. */
export interface Part {
  readonly name: string;
  readonly percent: number;
  readonly begin: number;
  readonly end: number;
}

/** Cuts a dim of size `n` at round(n · cumulative share). */
export function partsOf({ parts }: SplitDescription, n: number): readonly Part[] {
  let percent = 0;
  let begin = 0;
  return parts.map((part) => {
    percent += part.percent;
    const end = Math.min(n, Math.round((n * percent) / 100));
    const cut = { ...part, begin, end };
    begin = end;
    return cut;
  });
}

/** The sizes, and those of the parts of each dim among them. */
export function withParts(splits: readonly SplitDescription[], sizes: Environment): Environment {
  const all: Record<string, number> = { ...sizes };
  for (const split of splits) {
    const n = all[split.dim];
    if (n !== undefined) for (const { name, begin, end } of partsOf(split, n)) all[name] = end - begin;
  }
  return all;
}

/** What is known without data: the sizes that the page declares, those that are given, and the parts of both. */
export function knownSizes({ dims, splits }: Pick<ProblemDescription, 'dims' | 'splits'>, given: Environment = {}): Environment {
  const declared = Object.fromEntries(dims.flatMap(({ name, fixed }) => (fixed === undefined ? [] : [[name, fixed]])));
  return withParts(splits, { ...declared, ...given });
}
