/**
 * Kernels that do not wait for each other, put side by side: one kernel that leaves all their results (decision 033). What waits for nothing is the
 * first round, what waits for the first alone is the second, and so on.
 */
import type { Draft } from './fuse.ts';
import { sourcesOf, startOfRun, termsIn, type Lazy, type Term } from './terms.ts';
import { elementsIn } from './affine.ts';

/** A kernel to be made, by the registers of its list: a term, a call by itself, or a call that is a term as well. */
export interface Piece {
  readonly lazy: Lazy | undefined;
  readonly draft: Draft | undefined;
  readonly operands: readonly number[];
  readonly result: number;
  /** How many kernels have to be run one after the other before it can be. */
  readonly round: number;
}

/** Results of one kernel together: a device need not tell more positions apart. */
const mostElements = 2 ** 22;

/** Some neighbours of what is there: no kernel is run for it. */
export const isPart = ({ lazy }: Pick<Piece, 'lazy'>): boolean => lazy !== undefined && startOfRun(lazy) !== undefined;

export interface Limits {
  readonly mostOperands: number;
  /** Of one more kernel, in additions. */
  readonly dispatch: number;
  /** Of an element, sums aside: a device may walk through every branch for every thread, though not through loops in which none is. */
  readonly straightWeight: (term: Term) => number;
}

/**
 * In an order in which they can be made. What is kept stands with nothing else: as long as one result of a kernel is there, so are the others.
 */
export function grouped(pieces: readonly Piece[], kept: ReadonlySet<number>, limits: Limits): readonly (readonly Piece[])[] {
  const rounds = new Map<number, Piece[][]>();
  const fits = (group: readonly Piece[], piece: Piece): boolean => {
    const all = [...group, piece];
    return (
      all.every((own) => isJoinable(own) && kept.has(own.result) === kept.has(piece.result)) &&
      sourcesOfAll(all).length <= limits.mostOperands &&
      elementsOfAll(all) <= mostElements &&
      idle(all, limits) <= limits.dispatch * group.length
    );
  };
  for (const piece of pieces) {
    // Parts of what the round before has left come ahead of the kernels that read them.
    const round = 2 * piece.round + (isPart(piece) ? 0 : 1);
    const groups = rounds.get(round) ?? [];
    const home = groups.find((group) => fits(group, piece));
    if (home === undefined) groups.push([piece]);
    else home.push(piece);
    rounds.set(round, groups);
  }
  return [...rounds.keys()].toSorted((a, b) => a - b).flatMap((round) => rounds.get(round) ?? []);
}

const elementsOfAll = (pieces: readonly Piece[]): number => pieces.reduce((sum, { lazy }) => sum + elementsIn(lazy?.shape ?? []), 0);

/** What is walked through for nothing. */
function idle(pieces: readonly Piece[], { straightWeight }: Limits): number {
  const all = elementsOfAll(pieces);
  return pieces.reduce((sum, { lazy }) => sum + (lazy === undefined ? 0 : straightWeight(lazy.term) * (all - elementsIn(lazy.shape))), 0);
}

/** What runs a kernel that reads elements of all its operands. */
const isJoinable = ({ lazy }: Piece): boolean =>
  lazy !== undefined && !isPart({ lazy }) && termsIn(lazy.term).every((of) => of.is !== 'read' || of.elements > 0);

export const sourcesOfAll = (pieces: readonly Piece[]): readonly number[] => [
  ...new Set(pieces.flatMap(({ lazy }) => (lazy === undefined ? [] : sourcesOf(lazy.term)))),
];

export interface Keeping {
  /** What every step of a loop keeps. */
  readonly kept: ReadonlySet<number>;
  /** Parts that would keep more than they are. */
  readonly copied: ReadonlySet<Piece>;
}

/** As long as a part is there, so is the whole: it is kept with parts that are half of it or more, others are copied. */
export function keeping(pieces: readonly Piece[], hoarded: ReadonlySet<number>): Keeping {
  const kept = new Set(hoarded);
  const copied = new Set<Piece>();
  const partsOf = new Map<number, Piece[]>();
  const settle = (whole: number, elements: number): void => {
    const parts = partsOf.get(whole) ?? [];
    partsOf.delete(whole);
    if (kept.has(whole) || parts.length === 0) return;
    if (2 * elementsOfAll(parts) >= elements) kept.add(whole);
    else parts.forEach((part) => copied.add(part));
  };
  for (const piece of pieces.toReversed()) {
    settle(piece.result, elementsOfAll([piece]));
    if (!isPart(piece) || !kept.has(piece.result)) continue;
    for (const whole of sourcesOfAll([piece])) partsOf.set(whole, [...(partsOf.get(whole) ?? []), piece]);
  }
  // What comes from outside may be a part of anything.
  for (const whole of [...partsOf.keys()]) settle(whole, Infinity);
  return { kept, copied };
}
