/** What was found, as data: figures of rows, compared and divided. Prints nothing and measures nothing. */
import type { Precision } from './contestant.ts';
import { agrees, difference, referenceOf } from './fingerprint.ts';
import { type Round, type Timing, timingOf } from './rounds.ts';
import type { Group } from './rows.ts';

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

export interface Figure extends Timing {
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

/** The rounds before the next one; undefined for who takes no part any more. */
export const roundsOf = (outcome: Outcome | undefined): readonly Round[] | undefined =>
  outcome === undefined ? [] : isTimed(outcome) ? outcome.rounds : undefined;

export const isFigure = (cell: Cell): cell is Figure => 'medianMs' in cell;

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
    const timing = timingOf(outcome.rounds);
    const ours = outcomes.get(oursOf[precision]);
    return {
      ...timing,
      ...(ours !== undefined && isTimed(ours) ? { timesOurs: timing.medianMs / timingOf(ours.rounds).medianMs } : {}),
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
