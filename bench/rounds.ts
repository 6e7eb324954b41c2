/** Rounds of contestants side by side: when there are enough of them, and which count. */
import { setTimeout as pause } from 'node:timers/promises';

export interface Round {
  readonly times: readonly number[];
  /** CPU time over elapsed time, where it is known. */
  readonly cores?: number;
}

/** Rounds that are to agree. */
export const fewestRounds = 3;
/** On a machine that is never the same for long there is an end. */
const mostRounds = 9;
/** Rounds agree whose medians are up to so many times as long as the shortest: a processor that is shared changes its pace by more. */
const alike = 1.1;
/** Below this share of a core a process was waiting for others. */
const starved = 0.85;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** Rounds at the machine's full pace: in which a process had not to wait for others, if there are such, and that agree with the shortest of them. */
function undisturbed(rounds: readonly Round[]): readonly Round[] {
  const awake = rounds.filter(({ cores = 1 }) => cores >= starved);
  const able = (awake.length > 0 ? awake : rounds).map((round) => ({ round, middle: median(round.times) }));
  const shortest = Math.min(...able.map(({ middle }) => middle));
  return able.filter(({ middle }) => middle <= alike * shortest).map(({ round }) => round);
}

interface Pacing {
  /** What takes longer is measured in one round. */
  readonly slowMs: number;
  /** Before a round that had to be added: for what disturbs to pass. */
  readonly pauseMs: number;
}

/**
 * Measures all of them, one at a time and round by round: nothing competes, and a busy moment of the machine does not hit one of them alone.
 * Whose rounds do not agree yet is asked again. `roundsOf` is undefined for who takes no part any more.
 */
export async function byRounds<T>(
  all: readonly T[],
  roundsOf: (one: T) => readonly Round[] | undefined,
  take: (one: T, round: number) => void | Promise<void>,
  { slowMs, pauseMs }: Pacing,
): Promise<void> {
  const isOpen = (one: T): boolean => {
    const rounds = roundsOf(one);
    if (rounds === undefined || rounds.some(({ times }) => Math.min(...times) > slowMs)) return false;
    return undisturbed(rounds).length < fewestRounds;
  };
  for (let round = 0; round < mostRounds; round += 1) {
    const open = all.filter(isOpen);
    if (open.length === 0) return;
    if (round >= fewestRounds) await pause(pauseMs);
    for (const one of open) await take(one, round);
  }
}

export interface Timing {
  readonly medianMs: number;
  readonly minMs: number;
  readonly samples: number;
  /** CPU time over elapsed time, the least of the rounds that count. */
  readonly cores?: number;
  /** Set where the machine was busy: a process waited for others in every round, or no second round of several was as fast. */
  readonly doubtful?: true;
}

/** The figure that rounds make: of the undisturbed ones alone. */
export function timingOf(rounds: readonly Round[]): Timing {
  const kept = undisturbed(rounds);
  const times = kept.flatMap((round) => round.times);
  const known = kept.flatMap(({ cores }) => (cores === undefined ? [] : [cores]));
  const cores = known.length > 0 ? Math.min(...known) : undefined;
  const waited = cores !== undefined && cores < starved;
  const alone = kept.length === 1 && rounds.length > 1;
  return {
    medianMs: median(times),
    minMs: Math.min(...times),
    samples: times.length,
    ...(cores === undefined ? {} : { cores }),
    ...(waited || alone ? { doubtful: true } : {}),
  };
}
