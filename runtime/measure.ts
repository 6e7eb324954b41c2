/**
 * How long candidates take here, on the data that are bound: one hypergradient each from the declared start, inner solve included, side by
 * side and round by round, so that a busy moment of the machine does not hit one of them alone. Judges nothing.
 */
import type { Candidate, ProblemModule } from '../plan/types.ts';
import { errorOf, hypergradientAt } from './evaluate.ts';
import { isFailure, openAt } from './open.ts';
import { everyPart } from './every-part.ts';
import { countsAt } from './reweighed.ts';
import { openSession, type Session } from './session.ts';
import { pointNorm } from './tensor.ts';
import type { StepCounts } from '../plan/types.ts';
import { interrupted, turns } from './turn.ts';
import type { BoundProblem, Failure } from './types.ts';

/** One candidate; `because` where it does not come to a hypergradient. */
export type MeasuredCandidate =
  | {
      readonly id: string;
      /** Median and least of one hypergradient. */
      readonly ms: number;
      readonly leastMs: number;
      readonly samples: number;
      /** Steps of the inner solver, and of the linear solve where there is one; with folds the mean over them. */
      readonly steps: StepCounts;
      /** What the hypergradient says of its error, as a share of it; absent where it says nothing. */
      readonly error?: number;
    }
  | { readonly id: string; readonly because: string };

export interface MeasureOptions {
  readonly signal?: AbortSignal;
  /** For how long each is run, in milliseconds, after it has been run once; default 150. */
  readonly ms?: number;
  readonly onCandidate?: (id: string) => void;
}

interface Ready {
  readonly id: string;
  readonly session: Session;
  readonly run: () => Promise<void>;
  readonly steps: StepCounts;
  readonly error?: number;
  readonly first: number;
  readonly times: number[];
}

const rounds = 3;
/** Of what takes longer, one sample more is enough. */
const slowMs = 1000;

/**
 * In the order given. What cannot be linked, or fails at the start, is a row that says why.
 * Fails: with `interrupted` when the signal was raised.
 */
export async function measureCandidates(
  module: ProblemModule,
  bound: BoundProblem,
  candidates: readonly Candidate[],
  options: MeasureOptions = {},
): Promise<readonly MeasuredCandidate[] | Failure> {
  const { ms = 150, signal, onCandidate } = options;
  const opened: (Ready | Extract<MeasuredCandidate, { because: string }>)[] = [];
  const ready = (): readonly Ready[] => opened.filter((each) => 'session' in each);
  try {
    for (const candidate of candidates) {
      onCandidate?.(candidate.id);
      const each = await open(module, bound, candidate, options);
      if (each === undefined) return interrupted;
      opened.push(each);
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { id, run, times, first } of ready()) {
        if (round > 0 && first > slowMs) continue;
        onCandidate?.(id);
        const until = performance.now() + (first > slowMs ? 0 : ms / rounds);
        do {
          const began = performance.now();
          await run();
          times.push(performance.now() - began);
          if (signal?.aborted === true) return interrupted;
        } while (performance.now() < until);
      }
    }
    return opened.map((each) => ('session' in each ? figuresOf(each) : each));
  } finally {
    for (const { session } of ready()) session.executor.close();
  }
}

/** Undefined: interrupted. */
async function open(
  module: ProblemModule,
  bound: BoundProblem,
  candidate: Candidate,
  options: MeasureOptions,
): Promise<Ready | { readonly id: string; readonly because: string } | undefined> {
  const { id } = candidate;
  const failed = ({ status, diagnostics }: Pick<Failure, 'status' | 'diagnostics'>): { id: string; because: string } | undefined =>
    status === 'interrupted' ? undefined : { id, because: diagnostics.map((d) => d.message).join('; ') || `ended with status ${status}` };
  const session = await openSession(module, candidate, bound, turns(options.signal), everyPart);
  if (isFailure(session)) return failed(session);
  let isKept = false;
  try {
    const at = await openAt(session, {});
    if (isFailure(at)) return failed(at);
    const differentiate = () => hypergradientAt(session, at.point, at.start, undefined, { when: 'at the start' });
    const began = performance.now();
    const found = await differentiate();
    const first = performance.now() - began;
    if (!found.ok) return failed(found);
    const steps = countsAt(found.evaluation);
    const { estimate } = await errorOf(session, found, at.start);
    const norm = pointNorm(found.hypergradient);
    const error = estimate === undefined || norm === 0 ? {} : { error: estimate / norm };
    isKept = true;
    return { id, session, steps, ...error, first, times: [], run: async () => void (await differentiate()) };
  } finally {
    if (!isKept) session.executor.close();
  }
}

function figuresOf({ id, times, steps, error }: Ready): MeasuredCandidate {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = (sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) / 2 + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0) / 2;
  return { id, ms: middle, leastMs: sorted[0] ?? 0, samples: times.length, steps, ...(error === undefined ? {} : { error }) };
}
