/** `bilevel run FILE`: solves the problem; progress on stderr, the result on stdout, also when it is interrupted. */
import { run as solve } from '../runtime/drive.ts';
import type { ProblemModule } from '../plan/types.ts';
import type { Status } from '../plan/status.ts';
import type { Outcome, RunResult } from '../runtime/types.ts';
import { computedText, linkedTo } from './backend.ts';
import { bind } from './bind.ts';
import { calibrationFor } from './calibration.ts';
import { exit, type ExitCode } from './failure.ts';
import { counted, duration, figure, roughly, summary } from '../library/figures.ts';
import { readAccuracyFlag, readSolveFlags, type RawFlags, type SolveFlags } from './flags.ts';
import { failed, toleranceWarnings } from './gradient.ts';
import { runJson, stepJson } from './json.ts';
import { dumped, loadProblem } from './load.ts';
import { openProgress } from './progress.ts';
import type { Session } from './session.ts';
import { table } from './table.ts';
import { errorSentence, innerSentence, reweighedSentence, spentSentence, strategySentence, statusWord } from './words.ts';

export async function run(session: Session, file: string, raw: RawFlags): Promise<ExitCode> {
  const { io } = session;
  const flags = readSolveFlags(io, raw);
  const accuracy = readAccuracyFlag(raw);
  const problem = await loadProblem(session, file, raw);
  if (await dumped(session, problem, raw)) return exit.done;
  const module = await linkedTo(problem, flags);
  const progress = openProgress(session);
  const { bound, options } = await bind(session, problem.description, flags);
  const calibration = await calibrationFor(session, raw, flags, { plan: problem.plan, sizes: bound.sizes });
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

function runText({ colors, width }: Session, { description, plan }: ProblemModule, result: RunResult): string {
  const { name, direction } = description;
  const { history, report } = result;
  // With several starts the best one's history is that of the result.
  const best = history.filter((step) => step.start === (bestStart(result) ?? 0));
  const [first, last] = [best[0], best.at(-1)];
  const change = (before: string, after: string): string => (before === after ? after : `${before} ${colors.dim('→')} ${after}`);
  const hypers = Object.entries(result.hyper).map(([hyper, value]) => {
    const before = first?.hyper[hyper];
    return [hyper, before === undefined ? colors.bold(summary(value)) : change(summary(before), colors.bold(summary(value)))];
  });
  const criterion = [
    `criterion`,
    change(first === undefined ? figure(result.outer) : figure(first.outer), colors.bold(figure(result.outer))),
  ];
  const chosen = Object.entries(result.chosen ?? {}).map(([hyper, is]) => [
    hyper,
    colors.bold(typeof is === 'object' ? summary(is) : String(is)),
  ]);
  const whole = result.whole === undefined ? [] : [['with what was chosen', colors.bold(figure(result.whole.outer))]];
  const reports = Object.entries(report).map(([what, value]) => [what, typeof value === 'number' ? figure(value) : summary(value)]);
  const paramsOf = (values: RunResult['param']): readonly (readonly string[])[] =>
    Object.entries(values).map(([param, value]) => [param, summary(value)]);
  const { folds } = result.computedBy;
  const steps = last?.step ?? 0;
  const gradientNorm = last === undefined ? '' : `, gradient norm ${roughly(last.gradientNorm)}`;
  const starts = new Set(history.map((step) => step.start)).size;
  const solving = [
    ['inner', innerSentence(result, description.meaning, colors)],
    ['strategy', strategySentence(plan, result)],
    ...(result.reweighed === undefined ? [] : [['weighed again', reweighedSentence(result.reweighed)]]),
    ['error', `of the hypergradient ${errorSentence(result.error)}`],
    [
      'outer',
      `${direction}, ${result.outerMethod}: ${statusWord(result.outerStatus, colors)} after ${counted(steps, 'step')}${gradientNorm}${starts > 1 ? `, best of ${starts} starts` : ''}`,
    ],
    ['spent', spentSentence(result.spent)],
    ['computed by', computedText(result.computedBy)],
    ['elapsed', duration(result.elapsedMs)],
  ];
  const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
    rows.length === 0 ? [] : ['', colors.dim(title), table(rows, { indent: 2, width })];
  return [
    colors.bold(name),
    ...section('text as numbers', labelRows(result)),
    ...section('hypers', hypers),
    ...section('chosen, and the inner problem solved again: reports and params are of that', chosen),
    ...section('criterion and reports', [criterion, ...whole, ...reports]),
    ...(folds === undefined ? section('params', paramsOf(result.param)) : section(`params of ${folds} folds`, paramsOf(result.param))),
    ...(result.refit === undefined ? [] : section('params, fitted once more to all folds', paramsOf(result.refit.param))),
    ...section('how it was solved', solving),
  ].join('\n');
}

/** More words than these are in the JSON. */
const mostWords = 12;

const labelRows = ({ labels = {} }: RunResult): readonly (readonly string[])[] =>
  Object.entries(labels).map(([data, words]) => {
    const shown = words.slice(0, mostWords).map((word, code) => `${code} = ${word}`);
    return [data, `${shown.join(', ')}${words.length > mostWords ? `, … ${words.length - 1} = ${words.at(-1) ?? ''}` : ''}`];
  });

/** The start whose steps hold the point of the result. */
function bestStart({ history, outer }: RunResult): number | undefined {
  return history.findLast((step) => step.outer === outer)?.start ?? history.at(-1)?.start;
}
