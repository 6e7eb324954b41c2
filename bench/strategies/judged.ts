/** What was found of one problem, as data: figures of each way, compared with a trusted one. Prints nothing and measures nothing. */
import type { Status } from '../../plan/status.ts';
import type { GradientResult } from '../../runtime/types.ts';
import { compare } from '../../runtime/verify.ts';
import { type Round, type Timing, timingOf } from '../rounds.ts';
import type { Contender, Found } from './contender.ts';
import type { Refusal } from './ways.ts';

export interface Measured {
  readonly contender: Pick<Contender, 'name' | 'approximates' | 'isCheck' | 'bytes'>;
  readonly found: Found;
  readonly rounds: readonly Round[];
  readonly prepareMs?: number;
}

/** The times are of one hypergradient, inner solve included; or of the whole problem. */
export interface Figures extends Timing {
  readonly name: string;
  /** `approximate`: by what it is, or because a solve fell short; its distance is told, and is no reason to agree or not. */
  readonly verdict: 'exact' | 'approximate' | 'wrong';
  readonly status: Status;
  /** Its median over that of the fastest that is exact. */
  readonly timesFastest: number;
  /** What depends on data alone, once a binding. */
  readonly prepareMs?: number;
  readonly innerSteps: number;
  readonly linearSteps?: number;
  readonly outerSteps?: number;
  /** ‖this − trusted‖ / ‖trusted‖ over the whole hypergradient. */
  readonly apart: number;
  /** What that may be: what the two state of their errors, or what exact ways are asked for. */
  readonly allowed: number;
  readonly bytes?: number;
}

export interface Absent {
  readonly name: string;
  readonly absent: string;
}
export interface Failed {
  readonly name: string;
  readonly error: string;
}

export interface GroupResult {
  readonly id: string;
  readonly title: string;
  readonly sizes: Readonly<Record<string, number>>;
  /** The way that the others are compared with. */
  readonly trusted: string;
  /** Fastest first, exact ones before approximations. */
  readonly rows: readonly Figures[];
  readonly absent: readonly Absent[];
  readonly failed: readonly Failed[];
  readonly refusals: readonly Refusal[];
}

const isExact = ({ contender, found }: Measured): boolean => !contender.approximates && found.result.status === 'converged';
const stated = ({ error }: GradientResult): number => error.bound ?? error.estimate ?? Number.POSITIVE_INFINITY;

/** That with which most others agree: one that computes something else is not it. Among equals, the one that states the least error. */
export function trustedOf(measured: readonly Measured[]): Measured | undefined {
  const exact = measured.filter(isExact);
  const seconded = (one: Measured): number => exact.filter((other) => compare(one.found.result, other.found.result).agrees === true).length;
  const ranked = exact
    .map((one) => ({ one, seconds: seconded(one) }))
    .sort((a, b) => b.seconds - a.seconds || stated(a.one.found.result) - stated(b.one.found.result));
  return ranked[0]?.one;
}

/** The rows of a group. */
export function judged(measured: readonly Measured[], trusted: Measured): readonly Figures[] {
  const rows = measured.map((own): Omit<Figures, 'timesFastest'> => {
    const { contender, found, rounds, prepareMs } = own;
    const { relativeDifference = Number.NaN, allowed, agrees } = compare(trusted.found.result, found.result);
    return {
      name: contender.name,
      verdict: !isExact(own) ? 'approximate' : agrees === true ? 'exact' : 'wrong',
      status: found.result.status,
      ...timingOf(rounds),
      ...(prepareMs === undefined ? {} : { prepareMs }),
      innerSteps: found.result.inner.steps,
      ...(found.linearSteps === undefined ? {} : { linearSteps: found.linearSteps }),
      ...(found.outerSteps === undefined ? {} : { outerSteps: found.outerSteps }),
      apart: relativeDifference,
      allowed: allowed?.relative ?? Number.NaN,
      ...(contender.bytes === undefined ? {} : { bytes: contender.bytes }),
    };
  });
  const fastest = Math.min(...rows.filter(({ verdict }) => verdict === 'exact').map(({ medianMs }) => medianMs));
  const order = ({ verdict }: { readonly verdict: Figures['verdict'] }): number => (verdict === 'approximate' ? 1 : 0);
  return rows
    .map((row) => ({ ...row, timesFastest: row.medianMs / fastest }))
    .sort((a, b) => order(a) - order(b) || a.medianMs - b.medianMs);
}

/** What ends the run with 1, in words. */
export const failuresOf = (groups: readonly GroupResult[]): readonly string[] =>
  groups.flatMap(({ id, trusted, rows, failed }) => [
    ...rows
      .filter(({ verdict }) => verdict === 'wrong')
      .map(
        ({ name, apart, allowed }) =>
          `${name} computes something else in ${id}: it is ${apart.toExponential(1)} from ${trusted}, and ${allowed.toExponential(1)} is allowed`,
      ),
    ...failed.map(({ name, error }) => `${name} failed in ${id}: ${error}`),
  ]);
