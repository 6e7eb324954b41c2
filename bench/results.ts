/** What was found, as data: figures of rows, compared and divided. Prints nothing and measures nothing. */
import type { Precision } from './contestant.ts';
import { agrees, difference, referenceOf } from './fingerprint.ts';
import type { Group } from './rows.ts';

export interface Round {
  readonly times: readonly number[];
  /** CPU time over elapsed time, where it is known. */
  readonly cores?: number;
}

/** What one contestant said of one row. */
export type Outcome =
  | {
      readonly rounds: readonly Round[];
      readonly check: readonly number[];
      readonly note?: string;
    }
  | { readonly absent: string }
  | { readonly notYet: true }
  | { readonly error: string };

export type Timed = Extract<Outcome, { rounds: readonly Round[] }>;

export interface Figure {
  readonly medianMs: number;
  readonly minMs: number;
  readonly samples: number;
  /** CPU time over elapsed time. */
  readonly cores?: number;
  /** Its median over ours in the same precision, one thread; above 1 ours is faster. */
  readonly timesOurs?: number;
  readonly note?: string;
  /** It computed something else: the largest relative difference from the others. */
  readonly wrong?: number;
}

export type Cell = Figure | Exclude<Outcome, Timed>;

export interface RowResult {
  readonly id: string;
  readonly group: Group;
  readonly cells: Readonly<Record<string, Cell>>;
}

export interface Member {
  readonly name: string;
  readonly precision: Precision;
}

export const isTimed = (outcome: Outcome): outcome is Timed => 'rounds' in outcome;
export const isFigure = (cell: Cell): cell is Figure => 'medianMs' in cell;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** Below this share of a core a process was waiting for others. */
export const starved = 0.85;

/** The times that count: those of rounds in which the process had to wait for others count only if it had to in all of them. */
export function counted({ rounds }: Pick<Timed, 'rounds'>): Round {
  const undisturbed = rounds.filter(({ cores = 1 }) => cores >= starved);
  const kept = undisturbed.length > 0 ? undisturbed : rounds;
  const known = kept.flatMap(({ cores }) => (cores === undefined ? [] : [cores]));
  return { times: kept.flatMap(({ times }) => times), ...(known.length > 0 ? { cores: Math.min(...known) } : {}) };
}

/** Whose median others of this precision are divided by. */
const oursOf: Readonly<Record<Precision, string>> = { float64: 'bilevel', float32: 'bilevel-f32' };

/** The figures of a row. `members` are those that took part, in the table's order. */
export function judgeRow(id: string, group: Group, members: readonly Member[], outcomes: ReadonlyMap<string, Outcome>): RowResult {
  const timed = members.flatMap((member) => {
    const outcome = outcomes.get(member.name);
    return outcome !== undefined && isTimed(outcome) ? [{ member, outcome }] : [];
  });
  const exact = timed.filter(({ member }) => member.precision === 'float64');
  const reference = referenceOf((exact.length > 0 ? exact : timed).map(({ outcome }) => outcome.check));

  const cellOf = ({ precision }: Member, outcome: Outcome): Cell => {
    if (!isTimed(outcome)) return outcome;
    const { times, cores } = counted(outcome);
    const medianMs = median(times);
    const ours = outcomes.get(oursOf[precision]);
    return {
      medianMs,
      minMs: Math.min(...times),
      samples: times.length,
      ...(cores === undefined ? {} : { cores }),
      ...(ours !== undefined && isTimed(ours) ? { timesOurs: medianMs / median(counted(ours).times) } : {}),
      ...(outcome.note === undefined ? {} : { note: outcome.note }),
      ...(agrees(outcome.check, reference, precision) ? {} : { wrong: difference(outcome.check, reference) }),
    };
  };
  const cells = members.flatMap((member): readonly (readonly [string, Cell])[] => {
    const outcome = outcomes.get(member.name);
    return outcome === undefined ? [] : [[member.name, cellOf(member, outcome)]];
  });
  return { id, group, cells: Object.fromEntries(cells) };
}

/** What ends the benchmark with 1, in words. */
export function failures(results: readonly RowResult[]): readonly string[] {
  return results.flatMap(({ id, cells }) =>
    Object.entries(cells).flatMap(([name, cell]) => {
      if (isFigure(cell))
        return cell.wrong === undefined ? [] : [`${name} computes something else in ${id}: it differs by ${cell.wrong.toExponential(1)}`];
      return 'error' in cell ? [`${name} failed in ${id}: ${cell.error}`] : [];
    }),
  );
}
