/**
 * A run whose candidate is weighed again when its first hypergradient has shown how many steps its solves take: where another one would be
 * much quicker, that goes on from the same point. Counts are the same at every run, and, where work takes as long, so is what follows from them.
 */
import { expectedHypergradients } from '../plan/defaults.ts';
import { reweigh, type Reweighed } from '../plan/reweigh.ts';
import type { Candidate, StepCounts } from '../plan/types.ts';
import { type Good, numberSetting, type OuterMethod } from './outer/method.ts';
import { isFailure, type Opened } from './open.ts';
import { firstAt, type Loop, loopOf, runStarts } from './outer-loop.ts';
import type { Differentiated, Evaluation } from './session.ts';
import type { DriveOptions, Failure, Outcome, RunResult } from './types.ts';

/** What another candidate must save to be worth it: this share of the time, and, in milliseconds, more than it takes to compile and link one. */
const SHARE = 1 / 2;
const LINKING_MS = 150;

/** Opens a candidate of the same problem, and lets go of it. */
export type OpenAnother = <T>(candidate: Candidate, use: (opened: Opened) => Promise<T>) => Promise<T | Failure>;

export async function solveReweighed(
  start: Opened,
  options: DriveOptions,
  methods: readonly OuterMethod[],
  open: OpenAnother,
): Promise<Outcome<RunResult>> {
  const loop = loopOf(start, options, methods);
  if (isFailure(loop)) return loop;
  const first = await firstAt(loop, 0);
  const reweighed = first.ok ? weighedAgain(loop, first) : undefined;
  const other = start.session.module.plan.candidates.find(({ id }) => id === reweighed?.to);
  if (!first.ok || reweighed === undefined || other === undefined) return runStarts(loop, first);
  const moved = await open(other, async (there) => {
    const following = loopOf(there, options, methods);
    if (isFailure(following)) return following;
    // What the first has taken is a part of the run, and its solution is where this one begins.
    Object.assign(there.session.spent, loop.session.spent);
    const again = await firstAt(following, 0, first);
    if (!again.ok) {
      Object.assign(loop.session.spent, there.session.spent);
      return again;
    }
    start.session.executor.close();
    return { outcome: await runStarts({ ...following, began: loop.began }, again) };
  });
  if ('outcome' in moved) return saying(moved.outcome, reweighed);
  const stayed = await runStarts(loop, first);
  return moved.status === 'interrupted' ? stayed : saying(stayed, { ...reweighed, failed: moved.diagnostics[0]?.message ?? moved.status });
}

/** Undefined: it is to stay. */
function weighedAgain({ session, settings, options }: Loop, first: Good<Differentiated>): Reweighed | undefined {
  const { module, candidate, bound } = session;
  const { candidate: only, calibration } = options;
  const found = reweigh(module.plan, bound.sizes, candidate, countsAt(first.payload.evaluation), { only, calibration });
  if (found === undefined) return undefined;
  const { from, to } = found.predicted;
  const toCome = Math.min(expectedHypergradients, numberSetting(settings, 'steps'));
  return to <= SHARE * from && (from - to) * toCome > LINKING_MS ? found : undefined;
}

/** Of one inner problem; with folds the mean over them, to the nearest. */
export function countsAt({ inner, inners = [inner], linear, linears = linear && [linear] }: Evaluation): StepCounts {
  const mean = (solves: readonly { readonly steps: number }[]): number =>
    Math.round(solves.reduce((sum, { steps }) => sum + steps, 0) / solves.length);
  return { inner: mean(inners), ...(linears === undefined ? {} : { linear: mean(linears) }) };
}

function saying(outcome: Outcome<RunResult>, reweighed: RunResult['reweighed']): Outcome<RunResult> {
  const said = (result: RunResult): RunResult => ({ ...result, ...(reweighed === undefined ? {} : { reweighed }) });
  if (outcome.ok) return { ...outcome, value: said(outcome.value) };
  return outcome.lastGood === undefined ? outcome : { ...outcome, lastGood: said(outcome.lastGood) };
}
