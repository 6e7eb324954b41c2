/** `bilevel run FILE`: solves the problem; progress on stderr, the result on stdout, also when it is interrupted. */
import { run as solve } from '../runtime/drive.ts';
import type { ProblemModule } from '../plan/types.ts';
import type { Status } from '../plan/status.ts';
import type { Outcome, RunResult } from '../runtime/types.ts';
import { type Change, runTitles, runWords } from '../library/result-words.ts';
import { linkedTo } from './backend.ts';
import { bind } from './bind.ts';
import { computingFor } from './computing.ts';
import { exit, type ExitCode } from './failure.ts';
import { readAccuracyFlag, readSolveFlags, type RawFlags, type SolveFlags } from './flags.ts';
import { failed, toleranceWarnings } from './gradient.ts';
import { runJson, stepJson } from '../library/json.ts';
import { dumped, loadProblem } from './load.ts';
import { openProgress } from './progress.ts';
import type { Session } from './session.ts';
import { table } from './table.ts';
import { statusIn } from './status.ts';

export async function run(session: Session, file: string, raw: RawFlags): Promise<ExitCode> {
  const { io } = session;
  const flags = readSolveFlags(io, raw);
  const accuracy = readAccuracyFlag(raw);
  const problem = await loadProblem(session, file, raw);
  if (await dumped(session, problem, raw)) return exit.done;
  const progress = openProgress(session);
  const { bound, options } = await bind(session, problem.description, flags);
  const computing = await computingFor(session, raw, flags, { ...problem, sizes: bound.sizes });
  const module = await linkedTo(problem, computing, flags);
  const { calibration } = computing;
  const interruption = new AbortController();
  const forget = io.onInterrupt(() => {
    // Who asks twice does not want to wait for the step to end.
    if (interruption.signal.aborted) io.terminate(exit.interrupted);
    interruption.abort();
  });
  let outcome: Outcome<RunResult>;
  try {
    outcome = await solve(module, bound, {
      ...options,
      accuracy,
      calibration,
      refit: raw.refit !== false,
      signal: interruption.signal,
      onInnerSteps: (steps) => progress.inner(steps),
      onStep: async (step, total) => {
        session.event('step', { ...stepJson(step) });
        progress.step(step, total);
        await io.breathe();
      },
    });
  } finally {
    forget();
    progress.finish();
  }
  return finish(session, module, flags, outcome);
}

/** Shows the result, or what there is of it: the last good state of a run that failed or was interrupted. */
function finish(session: Session, module: ProblemModule, flags: SolveFlags, outcome: Outcome<RunResult>): ExitCode {
  const result = outcome.ok ? outcome.value : outcome.lastGood;
  if (result !== undefined) session.print(runText(session, module, result));
  const document = result === undefined ? {} : runJson(module.description.name, result);
  if (!outcome.ok) {
    return failed(session, outcome, document);
  }
  session.report([...outcome.value.warnings, ...toleranceWarnings(outcome.value, flags, module.description)]);
  session.document({ ...document, status: runStatus(outcome.value) });
  if (outcome.value.outerStatus === 'interrupted') return exit.interrupted;
  return flags.strict && runStatus(outcome.value) !== 'converged' ? exit.numerical : exit.done;
}

/** One word for the whole run: what the outer solver says, unless it is content with what its last inner solve was not. */
function runStatus(result: RunResult): Status {
  if (result.outerStatus !== 'converged') return result.outerStatus;
  if (result.inner.status !== 'converged') return result.inner.status;
  return result.status === 'converged' ? (result.whole?.status ?? 'converged') : result.status;
}

function runText({ colors, width }: Session, module: ProblemModule, result: RunResult): string {
  const said = runWords(module, result, statusIn(colors));
  const change = ({ name, from, to }: Change): readonly string[] => [
    name,
    from === undefined ? colors.bold(to) : from === to ? to : `${from} ${colors.dim('→')} ${colors.bold(to)}`,
  ];
  const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
    rows.length === 0 ? [] : ['', colors.dim(title), table(rows, { indent: 2, width })];
  return [
    colors.bold(module.description.name),
    ...section(runTitles.labels, said.labels),
    ...section(runTitles.hypers, said.hypers.map(change)),
    ...section(
      runTitles.chosen,
      said.chosen.map(([name, is]) => [name, colors.bold(is)]),
    ),
    ...section(runTitles.reports, [change(said.criterion), ...said.reports]),
    ...section(runTitles.params(result), said.params),
    ...section(runTitles.refit, said.refit),
    ...section(runTitles.solving, said.solving),
  ].join('\n');
}
