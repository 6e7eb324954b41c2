/**
 * Decides for a candidate: the same code for `bilevel plan`, a hover and a shipped module. Every verdict is kept, also the losers'.
 * Among those whose conditions hold at these sizes the one of least predicted time; where nobody weighs them, or a size is not known, the
 * first in the order of decision.
 */
import { evaluate, printExpr, type Environment } from './evaluate.ts';
import type { Calibration, Candidate, Condition, Plan } from './types.ts';

/** What became of one candidate at some sizes, and why. */
export interface Verdict {
  /** Such as `implicit+cg+newton`; fit to be asked for by name. */
  readonly id: string;
  readonly strategy: string;
  readonly solver: string;
  readonly verdict: 'chosen' | 'valid' | 'not for these sizes' | 'sizes unknown' | 'refused';
  readonly why: string;
  /** Milliseconds of one hypergradient, inner solve included. Absent where a size is not known, or nothing is to be chosen. */
  readonly predicted?: number;
}

export interface Choice {
  readonly chosen: Candidate | undefined;
  /** The chosen one, the others by predicted time, those that may not be chosen by themselves behind them; refusals last. */
  readonly verdicts: readonly Verdict[];
}

/** Predicted milliseconds of candidates at some sizes, by what work takes, without that by what it usually takes; undefined where one of them is not known. */
export type Weigh = (plan: Plan, sizes: Environment, calibration?: Calibration) => (candidate: Candidate) => number | undefined;

export interface DecideOptions {
  /** A candidate's id, or a strategy's name, that is to be taken instead. */
  readonly only?: string | undefined;
  /** Where there is more than one to choose from (`predict.ts`). */
  readonly weigh?: Weigh | undefined;
  /** What work takes where it is to run, if not what it usually takes. */
  readonly calibration?: Calibration | undefined;
}

/** Predictions that differ by less are of the same time: then the first in the order of decision is taken. */
const AS_LONG = 1.05;

export function decide(plan: Plan, sizes: Environment, { only, weigh, calibration }: DecideOptions = {}): Choice {
  const predicted = weigh?.(plan, sizes, calibration);
  const named = nameAskedFor(plan, only);
  const wanted = new Set(candidatesAskedFor(plan, only));
  const weighed = plan.candidates.map((candidate) => ({
    candidate,
    ...holdsAll(candidate.conditions, sizes),
    ms: predicted?.(candidate),
  }));
  const all = weighed.filter(({ candidate, holds }) => wanted.has(candidate) && holds !== false);
  const valid = all.filter(({ candidate }) => lateness(candidate) === Math.min(...all.map((each) => lateness(each.candidate))));
  const isWeighed = valid.every(({ holds, ms }) => holds === true && ms !== undefined);
  const least = Math.min(...valid.map(({ ms = 0 }) => ms));
  const chosen = valid.find(({ ms = 0 }) => !isWeighed || ms <= least * AS_LONG)?.candidate;
  const before = (a = Infinity, b = Infinity): number => (isWeighed && a !== b ? a - b : 0);
  const rank = (c: Candidate): number => (c === chosen ? -1 : lateness(c));
  const byTime = [...weighed].sort((a, b) => rank(a.candidate) - rank(b.candidate) || before(a.ms, b.ms));
  const verdicts = byTime.map(({ candidate, holds, why, ms }): Verdict => {
    const { id, strategy, solver } = candidate;
    return {
      id,
      strategy,
      solver,
      verdict: candidate === chosen ? 'chosen' : holds === false ? 'not for these sizes' : holds === undefined ? 'sizes unknown' : 'valid',
      why:
        holds === false ? why : [candidate.why, ...(candidate === chosen && named !== undefined ? ['asked for by name'] : [])].join('; '),
      ...(ms === undefined ? {} : { predicted: ms }),
    };
  });
  const refused = plan.refusals.map((r): Verdict => ({
    id: r.solver === undefined ? r.strategy : `${r.strategy}+${r.solver}`,
    strategy: r.strategy,
    solver: r.solver ?? '',
    verdict: 'refused',
    why: r.because,
  }));
  return { chosen, verdicts: [...verdicts, ...refused] };
}

/** A strategy's name or a candidate's id: what is asked for now, or else by the page; `auto` asks for none. */
function nameAskedFor(plan: Plan, only: string | undefined): string | undefined {
  const name = only ?? plan.asked.strategy;
  return name === 'auto' ? undefined : name;
}

/** Gives another number than the derivative, on purpose; finite differences mean the derivative, and state their error. */
export const approximates = ({ exact, checkingOnly }: Candidate): boolean => !exact && !checkingOnly;

/** Those that are never taken by themselves come behind all others. */
const lateness = (c: Candidate): number => (c.checkingOnly ? 2 : c.byNameOnly !== undefined || approximates(c) ? 1 : 0);

/** Without a name: those that may be chosen by themselves. With that of a strategy: its own of these, if there are any. */
export function candidatesAskedFor(plan: Plan, only: string | undefined): readonly Candidate[] {
  const name = nameAskedFor(plan, only);
  if (name === undefined) return plan.candidates.filter((c) => lateness(c) === 0);
  return plan.candidates.filter((c) => c.strategy === name || c.id === name);
}

/** `holds` is undefined where a size that decides is not known. */
export function holdsAll(conditions: readonly Condition[], sizes: Environment): { holds: boolean | undefined; why: string } {
  let known = true;
  for (const condition of conditions) {
    const left = evaluate(condition.left, sizes);
    const right = evaluate(condition.right, sizes);
    if (left === undefined || right === undefined) known = false;
    else if (left > right) return { holds: false, why: `${condition.because} (${printExpr(condition.left)} = ${left} > ${right})` };
  }
  return { holds: known ? true : undefined, why: '' };
}
