/** `bilevel gradient FILE`: one hypergradient and its error; `--verify` against every strategy that accepts the problem. */
import { errorAboveTolerance, strategiesDisagree } from '../diagnostics/usage.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { gradient as computeGradient, verify as computeVerify } from '../runtime/drive.ts';
import type { ProblemDescription, ProblemModule, Tensor, ToleranceDescription } from '../plan/types.ts';
import type { Failure as SolveFailure, GradientResult, Outcome, VerifyResult } from '../runtime/types.ts';
import { gradientRows, verifyWords } from '../library/result-words.ts';
import { linkedTo } from './backend.ts';
import { bind } from './bind.ts';
import { computingFor } from './computing.ts';
import { exit, exitCodeOf, type ExitCode } from './failure.ts';
import { brief, norm, roughly, summary } from '../library/figures.ts';
import { readSolveFlags, type RawFlags, type SolveFlags } from './flags.ts';
import { gradientJson, verifyJson } from '../library/json.ts';
import { dumped, loadProblem } from './load.ts';
import { openProgress } from './progress.ts';
import type { Session } from './session.ts';
import { statusIn } from './status.ts';
import { table, visibleWidth } from './table.ts';

export async function gradient(session: Session, file: string, raw: RawFlags): Promise<ExitCode> {
  const flags = readSolveFlags(session.io, raw);
  const problem = await loadProblem(session, file, raw);
  if (await dumped(session, problem, raw)) return exit.done;
  const progress = openProgress(session);
  const { bound, options } = await bind(session, problem.description, flags);
  const computing = await computingFor(session, raw, flags, { ...problem, sizes: bound.sizes });
  const module = await linkedTo(problem, computing, flags);
  const { calibration } = computing;
  progress.phase(raw.verify === true ? 'every strategy, and finite differences' : 'the hypergradient');
  let outcome: Gradient;
  try {
    outcome =
      raw.verify === true
        ? verifiedGradient(await computeVerify(module, bound, { ...options, calibration }))
        : await computeGradient(module, bound, { ...options, calibration });
  } finally {
    progress.finish();
  }
  if (!outcome.ok) return failed(session, outcome, {});
  const { value: result, verified } = outcome;
  session.report([...result.warnings, ...toleranceWarnings(result, flags, module.description)]);
  if (verified !== undefined) session.report(disagreement(verified));
  session.print(gradientText(session, module, result));
  if (verified !== undefined) session.print(`\n${verifyText(session, verified)}`);
  session.document({ ...gradientJson(module.description.name, result), ...(verified === undefined ? {} : verifyJson(verified)) });
  if (verified?.agrees === false) return exit.numerical;
  return flags.strict && isShort(result) ? exit.numerical : exit.done;
}

/** Ends a command whose solve failed: with the solver's status where it came to solving, and `more` of what there is. */
export function failed(session: Session, { status, diagnostics }: SolveFailure, more: Readonly<Record<string, unknown>>): ExitCode {
  if (status === 'not-started') return session.fail(diagnostics, exitCodeOf(diagnostics), more);
  if (status === 'interrupted') return session.fail(diagnostics, exit.interrupted, more);
  const code = exitCodeOf(diagnostics);
  return session.fail(diagnostics, code === exit.done ? exit.numerical : code, { ...more, status });
}

/** The chosen result, and beside it how the others compare. */
type Gradient = Outcome<GradientResult> & { readonly verified?: VerifyResult };

function verifiedGradient(outcome: Outcome<VerifyResult>): Gradient {
  if (outcome.ok) return { ok: true, value: outcome.value.chosen, verified: outcome.value };
  return { ok: false, status: outcome.status, diagnostics: outcome.diagnostics };
}

/** Not converged, or converged to less than what was asked for. */
const isShort = (result: GradientResult): boolean => result.status !== 'converged' || result.inner.status !== 'converged';

/** The largest relative error over the whole hypergradient, as `--hypergradient-tolerance` understands it. */
export function toleranceWarnings(
  result: GradientResult,
  { hypergradientTolerance }: SolveFlags,
  { tolerances }: ProblemDescription,
): readonly Diagnostic[] {
  const error = result.error.bound ?? result.error.estimate;
  if (hypergradientTolerance === undefined || error === undefined) return [];
  const size = norm(Float64Array.from(Object.values(result.hypergradient).flatMap((t) => [...t.data])));
  const relative = size === 0 ? error : error / size;
  if (relative <= hypergradientTolerance) return [];
  const share = hypergradientTolerance / relative;
  const lines = [
    tighter('solve inner', tolerances?.inner, share, result.inner.gradientNorm),
    tighter('differentiate', tolerances?.linear, share),
  ];
  const span = tolerances?.inner?.span ?? tolerances?.linear?.span;
  const enough = lines.filter((line) => line !== undefined);
  return [
    errorAboveTolerance({ span }, { error: roughly(relative), tolerance: String(hypergradientTolerance), why: result.error.why, enough }),
  ];
}

/** The finest tolerance that rounding does not stand in the way of. */
const finest = 1e-15;

/**
 * The tolerance in a line of the page at which an error would be `share` of what it is, half of it to be sure: to first order it is
 * proportional to the residuals that are left. `left`: what is, where the last step may have gone far below the tolerance.
 */
function tighter(
  words: string,
  given: ToleranceDescription | undefined,
  share: number,
  left = Number.POSITIVE_INFINITY,
): string | undefined {
  if (given === undefined) return undefined;
  const tolerance = (Math.min(given.tolerance, left) * share) / 2;
  const [digit = '', power = '0'] = tolerance.toExponential().split('e');
  return tolerance < finest ? undefined : `\`tolerance = ${digit.charAt(0)}e${Number(power)}\` in \`${words} with ${given.method}(…)\``;
}

function disagreement({ rows, agrees }: VerifyResult): readonly Diagnostic[] {
  if (agrees) return [];
  const differing = rows.filter((row) => row.agrees === false);
  return [
    strategiesDisagree(
      {},
      {
        rows: differing.map(
          (row) =>
            `${row.strategy} with ${row.solver} differs by ${roughly(row.relativeDifference ?? Number.NaN)}, allowed ${roughly(row.allowed?.relative ?? Number.NaN)}`,
        ),
      },
    ),
  ];
}

function gradientText({ colors, width }: Session, module: ProblemModule, result: GradientResult): string {
  const hyperRows = (sayPoint: (point: Tensor) => string): readonly (readonly string[])[] =>
    Object.entries(result.hypergradient).map(([hyper, derivative]) => {
      const at = result.hyper[hyper];
      return [hyper, at === undefined ? '' : sayPoint(at), summary(derivative)];
    });
  const fits = (text: string): boolean => text.split('\n').every((line) => visibleWidth(line) <= width);
  const facts = gradientRows(module, result, statusIn(colors));
  const heads = ['hyper', 'at', 'hypergradient'].map((head) => colors.dim(head));
  const inFull = table([heads, ...hyperRows(summary)], { indent: 2 });
  // A long vector is known by its norm: where the line is too short for two of them, the derivative is what was asked for.
  const hypers = fits(inFull) ? inFull : table([heads, ...hyperRows(brief)], { indent: 2, width });
  return [colors.bold(module.description.name), table(facts, { indent: 2, width }), '', hypers].join('\n');
}

function verifyText({ colors, width }: Session, result: VerifyResult): string {
  const { rows, allowance, verdict, tone } = verifyWords(result);
  const heads = ['strategy', 'solver', 'difference', 'allowed', 'verdict', 'why'].map((head) => colors.dim(head));
  const inColour = { chosen: colors.bold, 'not compared': colors.dim, agrees: colors.green, DIFFERS: colors.red };
  const lines = rows.map(({ row: { strategy, solver }, difference, allowed, verdict: word, why }) => [
    strategy,
    solver,
    difference,
    allowed,
    inColour[word](word),
    why,
  ]);
  return [
    table([heads, ...lines], { align: 'llrrll', indent: 2, width }),
    ...(allowance === undefined ? [] : [colors.dim(allowance)]),
    tone === undefined ? verdict : tone === 'good' ? colors.green(verdict) : colors.red(verdict),
  ].join('\n');
}
