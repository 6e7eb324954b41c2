/**
 * What a caller asks of a bound problem: one hypergradient (`gradient`), the same by every strategy (`verify`), or the solved problem
 * (`run`). Drives candidates, and gives results as values. Knows no graph and no file.
 */
import type { Candidate, ProblemModule } from '../plan/types.ts';
import { slopesAlong } from './by-differences.ts';
import { gradientResult, hypergradientAt } from './evaluate.ts';
import { candidateOf, isFailure, open } from './open.ts';
import { solveOuter } from './outer-loop.ts';
import { turns } from './turn.ts';
import type { BoundProblem, DriveOptions, GradientResult, Outcome, RunResult, VerifyResult } from './types.ts';
import { compareAll, directions } from './verify.ts';

/**
 * The hypergradient at the declared starts, or at `options.hyper`.
 * Fails: with the status of what failed and one diagnostic; with `interrupted` and none when the signal was raised.
 */
export async function gradient(module: ProblemModule, bound: BoundProblem, options: DriveOptions = {}): Promise<Outcome<GradientResult>> {
  const candidate = candidateOf(module, bound, options.candidate);
  if (isFailure(candidate)) return candidate;
  const opened = open(module, bound, candidate, options.hyper);
  if (isFailure(opened)) return opened;
  const { session, point, start } = opened;
  const at = await hypergradientAt(session, bound.sizes, point, start, undefined, { when: 'at the start' }, turns(options.signal));
  return at.ok ? { ok: true, value: gradientResult(session, at, start).result } : at;
}

/**
 * The hypergradient by every candidate whose conditions hold at these sizes, each from its own cold start, against the chosen one.
 * Fails: when the chosen one does; another's failure is its row's `because`.
 */
export async function verify(module: ProblemModule, bound: BoundProblem, options: DriveOptions = {}): Promise<Outcome<VerifyResult>> {
  const candidate = candidateOf(module, bound, options.candidate);
  if (isFailure(candidate)) return candidate;
  const chosen = await gradient(module, bound, { ...options, candidate: candidate.id });
  if (!chosen.ok) return { ok: false, status: chosen.status, diagnostics: chosen.diagnostics };
  const slopes = async (other: Candidate): Promise<Awaited<ReturnType<typeof slopesAlong>>> => {
    const opened = open(module, bound, other, options.hyper);
    if (isFailure(opened)) return undefined;
    const { session, point, start } = opened;
    return slopesAlong(session, bound.sizes, point, start, directions, options.seed ?? 0, turns(options.signal));
  };
  return compareAll(module, bound, chosen.value, (id) => gradient(module, bound, { ...options, candidate: id }), slopes);
}

/**
 * Solves the problem: the outer loop from the declared starts, or from `options.hyper`, with warm starts at a minimiser.
 * Not reaching the tolerance is `outerStatus` and a warning; an abort gives what there is, with `interrupted`.
 * Fails: with `lastGood`, the last accepted point with its history, where there is one.
 */
export async function run(module: ProblemModule, bound: BoundProblem, options: DriveOptions = {}): Promise<Outcome<RunResult>> {
  const candidate = candidateOf(module, bound, options.candidate);
  if (isFailure(candidate)) return candidate;
  const opened = open(module, bound, candidate, options.hyper);
  return isFailure(opened) ? opened : solveOuter(opened, bound, options);
}
