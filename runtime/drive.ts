/**
 * What a caller asks of a bound problem: one hypergradient (`gradient`), the same by every strategy (`verify`), or the solved problem
 * (`run`), with everything at hand that a page may name. Drives candidates, and gives results as values. Knows no graph and no file.
 */
import { weigher } from '../plan/predict.ts';
import type { Candidate, ProblemModule } from '../plan/types.ts';
import { slopesAlong } from './by-differences.ts';
import { everyPart } from './every-part.ts';
import { gradientResult, hypergradientAt } from './evaluate.ts';
import { candidateOf, isFailure, opened } from './open.ts';
import { outerMethods } from './outer/methods.ts';
import { type OpenAnother, solveReweighed } from './reweighed.ts';
import { shortOfMemory } from './short-of-memory.ts';
import type { BoundProblem, DriveOptions, GradientResult, Outcome, RunResult, VerifyResult } from './types.ts';
import { interrupted } from './turn.ts';
import { compareAll, directions } from './verify.ts';

/**
 * The hypergradient at the declared starts, or at `options.hyper`.
 * Fails: with the status of what failed and one diagnostic; with `interrupted` and none when the signal was raised.
 */
export async function gradient(module: ProblemModule, bound: BoundProblem, options: DriveOptions = {}): Promise<Outcome<GradientResult>> {
  const candidate = candidateOf(module, bound, options.candidate, shortOfMemory, weigher(options.calibration));
  if (isFailure(candidate)) return candidate;
  return opened(
    module,
    bound,
    candidate,
    { ...options, ...everyPart },
    async ({ session, point, start }): Promise<Outcome<GradientResult>> => {
      const at = await hypergradientAt(session, point, start, undefined, { when: 'at the start' });
      return at.ok ? { ok: true, value: (await gradientResult(session, at, start, { refits: false })).result } : at;
    },
  );
}

/**
 * The hypergradient by every candidate whose conditions hold at these sizes, each from its own cold start, against the chosen one.
 * Fails: when the chosen one does; another's failure is its row's `because`.
 */
export async function verify(module: ProblemModule, bound: BoundProblem, options: DriveOptions = {}): Promise<Outcome<VerifyResult>> {
  const candidate = candidateOf(module, bound, options.candidate, shortOfMemory, weigher(options.calibration));
  if (isFailure(candidate)) return candidate;
  const chosen = await gradient(module, bound, { ...options, candidate: candidate.id });
  if (!chosen.ok) return { ok: false, status: chosen.status, diagnostics: chosen.diagnostics };
  const slopes = async (other: Candidate): Promise<Awaited<ReturnType<typeof slopesAlong>>> => {
    const along = await opened(module, bound, other, { ...options, ...everyPart }, async ({ session, point, start }) => ({
      slopes: await slopesAlong(session, point, start, directions, options.seed ?? 0),
    }));
    return 'slopes' in along ? along.slopes : along.status === 'interrupted' ? interrupted : undefined;
  };
  return compareAll(
    module,
    bound,
    chosen.value,
    (id) => gradient(module, bound, { ...options, certify: undefined, candidate: id }),
    slopes,
  );
}

/**
 * Solves the problem: the outer loop from the declared starts, or from `options.hyper`, with warm starts at a minimiser. Where the counts of the
 * first hypergradient show that another candidate would be much quicker, that one goes on.
 * Not reaching the tolerance is `outerStatus` and a warning; an abort gives what there is, with `interrupted`.
 * Fails: with `lastGood`, the last accepted point with its history, where there is one.
 */
export async function run(module: ProblemModule, bound: BoundProblem, options: DriveOptions = {}): Promise<Outcome<RunResult>> {
  const candidate = candidateOf(module, bound, options.candidate, shortOfMemory, weigher(options.calibration));
  if (isFailure(candidate)) return candidate;
  const open: OpenAnother = (other, use) => opened(module, bound, other, { ...options, ...everyPart }, use);
  return open(candidate, (start) => solveReweighed(start, options, outerMethods, open));
}
