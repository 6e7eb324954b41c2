/**
 * The sizes of index sets. They follow from the size of the dim that is split, so a plan knows them before there are data, and binding
 * cuts by the same rule. Knows neither data nor who is in a part.
 */
import type { Environment } from './evaluate.ts';
import type { ProblemDescription, SplitDescription } from './types.ts';

/** A run of positions of a dim's order: `begin` to `end`, without `end`. */
export interface Run {
  readonly begin: number;
  readonly end: number;
}

/** A part of a split, or the parts that vary over its folds together. */
export interface Part extends Run {
  readonly names: readonly string[];
  readonly percent: number;
}

const isVarying = ({ percent }: SplitDescription['parts'][number]): boolean => percent === undefined;

/** Cuts a dim of size `n` at round(n · cumulative share); what varies over folds has the share that the others leave. */
export function partsOf({ parts }: SplitDescription, n: number): readonly Part[] {
  const left = 100 - parts.reduce((sum, { percent = 0 }) => sum + percent, 0);
  const varying = parts.filter(isVarying);
  let percent = 0;
  let begin = 0;
  return parts.flatMap((part) => {
    if (isVarying(part) && part !== varying[0]) return [];
    const share = part.percent ?? left;
    percent += share;
    const end = Math.min(n, Math.round((n * percent) / 100));
    const cut = { names: isVarying(part) ? varying.map(({ name }) => name) : [part.name], percent: share, begin, end };
    begin = end;
    return [cut];
  });
}

/** Cuts a run into folds at floor(k · size / count). */
export function cutIntoFolds({ begin, end }: Run, count: number): readonly Run[] {
  const at = (k: number): number => begin + Math.floor((k * (end - begin)) / count);
  return Array.from({ length: count }, (_, k) => ({ begin: at(k), end: at(k + 1) }));
}

/** How many folds a run is cut into; undefined: that is for data to say. */
export function foldCount({ folds }: SplitDescription, { begin, end }: Run): number | undefined {
  if (folds?.by === 'count') return folds.count;
  return folds?.by === 'leave-one-out' ? end - begin : undefined;
}

/** The sizes, and those of the parts of each dim among them; of parts that vary over folds the largest, where it is known. */
export function withParts(splits: readonly SplitDescription[], sizes: Environment): Environment {
  // Without a prototype: a dim may have a name that objects have, such as `constructor`.
  const all = Object.assign(Object.create(null) as Record<string, number>, sizes);
  for (const split of splits) {
    const n = all[split.dim];
    if (n === undefined) continue;
    for (const part of partsOf(split, n)) {
      const [first = '', second] = part.names;
      const size = part.end - part.begin;
      if (second === undefined) {
        all[first] = size;
        continue;
      }
      const count = foldCount(split, part);
      if (count === undefined || count === 0) continue;
      all[first] = size - Math.floor(size / count);
      all[second] = Math.ceil(size / count);
    }
  }
  return all;
}

/** What is known without data: the sizes that the page declares, those that are given, and the parts of both. */
export function knownSizes({ dims, splits }: Pick<ProblemDescription, 'dims' | 'splits'>, given: Environment = {}): Environment {
  const declared = Object.fromEntries(dims.flatMap(({ name, fixed }) => (fixed === undefined ? [] : [[name, fixed]])));
  return withParts(splits, { ...declared, ...given });
}

export const hasFolds = ({ splits }: Pick<ProblemDescription, 'splits'>): boolean => splits.some(({ folds }) => folds !== undefined);
