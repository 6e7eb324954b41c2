/**
 * `bilevel plan FILE`: every candidate, valid or not and why, how long it is predicted to take, the choice, and the stages of the chosen one.
 * `--measure` runs all that are valid; `--why NAME` says everything of one.
 */
import { isLibraryBackend } from '../plan/backends.ts';
import type { Verdict } from '../plan/decide.ts';
import type { Environment } from '../plan/evaluate.ts';
import { whyNotRefined } from '../plan/mixed.ts';
import { environmentOf } from '../plan/predict.ts';
import type { FoldsDescription, Plan } from '../plan/types.ts';
import { planDocument, planFacts, typeText, type PlanDocument, type PlanFacts } from '../library/plan-document.ts';
import { wrongFlag } from '../diagnostics/usage.ts';
import { canAskFor, strategiesOf } from '../library/asked.ts';
import { actsText, compositeSentence, degreeText, meaningText } from '../library/plan-words.ts';
import { inFloat64 } from '../runtime/backends/mixed/refined.ts';
import { measureCandidates, type MeasuredCandidate } from '../runtime/measure.ts';
import { closestName } from '../runtime/tensor.ts';
import type { Failure as SolveFailure } from '../runtime/types.ts';
import { linkedTo } from './backend.ts';
import { bind, sizesOf } from './bind.ts';
import { computingFor, type Computing } from './computing.ts';
import { costText, unknownIn } from '../library/costs.ts';
import { Failure, exit, type ExitCode } from './failure.ts';
import { figure, memoryText, shareText, timeText } from '../library/figures.ts';
import { readBackendFlags, readSolveFlags, type RawFlags } from './flags.ts';
import { failed } from './gradient.ts';
import { dumped, loadProblem, type LoadedProblem } from './load.ts';
import { openProgress } from './progress.ts';
import type { Colors, Session } from './session.ts';
import { table, visibleWidth, wrapText, type TableOptions } from './table.ts';
import { hostText } from '../library/host-work.ts';
import { countedWords, countsText } from '../library/words.ts';
import { whyText } from './why.ts';

export async function plan(session: Session, file: string, flags: RawFlags): Promise<ExitCode> {
  const asked = readBackendFlags(flags);
  const loaded = await loadProblem(session, file, flags);
  if (await dumped(session, loaded, flags)) return exit.done;
  const problem = await loaded.compiled();
  const sizes = await sizesOf(session, loaded.description, flags);
  demandKnown(problem.module.plan, flags.why);
  const computing = await computingFor(session, flags, asked, { ...problem.module, sizes });
  const predicted = planFacts(problem, sizes, { ...computing, strategy: flags.strategy });
  const measured = flags.measure === true ? await measure(session, loaded, computing, predicted, flags) : undefined;
  if (measured !== undefined && 'ok' in measured) return failed(session, measured, {});
  const facts: PlanFacts =
    measured === undefined ? predicted : { ...predicted, measured: new Map(measured.map((each) => [each.id, each])) };
  const document = planDocument(facts);
  session.print(flags.why === undefined ? planText(session, facts, document) : whyText(session, facts, document, flags.why));
  session.document({ ...document });
  return exit.done;
}

/** A name of no strategy and no candidate is a slip of the command line. */
function demandKnown(plan: Plan, name: string | undefined): void {
  if (name === undefined || (name !== 'auto' && canAskFor(plan, name))) return;
  const names = [...strategiesOf(plan), ...plan.candidates.map(({ id }) => id)];
  const form = closestName(name, names) ?? strategiesOf(plan).join(', --why ');
  throw new Failure([wrongFlag({}, { flag: '--why', given: name, because: 'the plan has no strategy or candidate of this name', form })]);
}

/** Every candidate whose conditions hold, on the data, but those that only check. */
async function measure(
  session: Session,
  loaded: LoadedProblem,
  computing: Computing,
  { plan, choice }: PlanFacts,
  raw: RawFlags,
): Promise<readonly MeasuredCandidate[] | SolveFailure> {
  const flags = readSolveFlags(session.io, raw);
  const module = await linkedTo(loaded, computing, flags);
  const { bound } = await bind(session, loaded.description, flags);
  const isValid = (id: string): boolean => choice.verdicts.some((v) => v.id === id && (v.verdict === 'valid' || v.verdict === 'chosen'));
  const progress = openProgress(session);
  const interruption = new AbortController();
  const forget = session.io.onInterrupt(() => interruption.abort());
  try {
    return await measureCandidates(
      module,
      bound,
      plan.candidates.filter(({ id, checkingOnly }) => !checkingOnly && isValid(id)),
      { signal: interruption.signal, onCandidate: (id) => progress.phase(`measuring ${id}`) },
    );
  } finally {
    forget();
    progress.finish();
  }
}

const memorySentence = (memory: PlanFacts['memory']): string =>
  'unknown' in memory
    ? `n/a: ${memory.unknown}`
    : `${memoryText(memory.bytes)}; the largest are ${memory.largest.map((b) => `${b.what} (${memoryText(b.bytes)})`).join(', ')}`;

/** By what candidates were predicted. */
function timesText({ calibrated, backend }: PlanFacts): string {
  if (calibrated) return 'by what work takes on this machine';
  const usual = 'by what work usually takes';
  return isLibraryBackend(backend) ? `${usual} on \`wasm\`, as \`${backend}\` does not come up here` : usual;
}

/** Whether it is kept for the choice. */
function mixedSentence({ description, choice: { chosen } }: PlanFacts): string {
  const because = chosen === undefined ? 'no candidate can be chosen' : whyNotRefined(description, chosen);
  return because === undefined ? 'mixed: solved in float32, corrected and judged in float64' : inFloat64(because);
}

/** What is said of one inner problem holds for each. */
function foldsText(folds: FoldsDescription): string {
  const each = ': an inner problem each, and the criterion is their mean; sizes, memory and costs are those of the largest';
  if (folds.by === 'count') return `${folds.count}${each}`;
  return `${folds.by === 'groups' ? `one for each value of \`${folds.data}\`` : 'one for each position that is left out'}${each}`;
}

function planText({ colors, width }: Session, facts: PlanFacts, document: PlanDocument): string {
  const { description, plan: candidates, choice, sizes, memory, costs } = facts;
  const { composite, degree, curvature } = description;
  const known = Object.entries(sizes).map(([name, size]) => `${name} = ${size}`);
  const about = [
    ['meaning', meaningText(description)],
    [
      'degree',
      `inner ${degreeText(degree.inner)}${composite === undefined ? '' : ' in its smooth part'}, outer ${degreeText(degree.outer)} in the params`,
    ],
    ...(composite === undefined ? [] : [['composite', compositeSentence(composite, description.meaning)]]),
    ['curvature', `${colors.bold(curvature.word)}: ${curvature.why}`],
    ...description.splits.flatMap(({ folds }) => (folds === undefined ? [] : [['folds', foldsText(folds)]])),
    ['sizes', known.length === 0 ? 'not known' : known.join(', ')],
    ['memory', memorySentence(memory)],
    ...(facts.host === undefined ? [] : [['on the host', hostText(facts.host)]]),
    ...(facts.precision === 'mixed' ? [['precision', mixedSentence(facts)]] : []),
  ];
  const hypers = description.hypers.map((h) => [h.name, typeText(h), h.acts.length === 0 ? colors.yellow(actsText(h)) : actsText(h)]);
  const environment = environmentOf(candidates, sizes);
  const order = choice.verdicts;
  const costOf = (v: Verdict, what: 'flops' | 'bytes', unit: string): string => {
    const cost = costs.get(v.id)?.[what];
    return cost === undefined ? '' : costText(cost, environment, unit);
  };
  const verdicts = document.candidates.map((v, index) => [
    v.verdict === 'chosen' ? colors.green('→') : '',
    v.verdict === 'refused' ? '-' : String(index + 1),
    v.strategy,
    v.solver,
    verdictWord(v, colors),
    timeText(v.predicted),
    ...(facts.measured === undefined ? [] : measuredCells(v)),
    'error' in v ? shareText(v.error.share) : '',
    ...(facts.measured === undefined ? [] : [measuredError(v)]),
    costOf(v, 'flops', 'flop'),
    costOf(v, 'bytes', 'B'),
    'steps' in v ? countsText(v.steps) : '',
  ]);
  const whys = (strategy: string): number => new Set(order.filter((v) => v.strategy === strategy).map((v) => v.why)).size;
  // Solvers of one strategy share a reason, said once; where it has several, each names the first of its candidates.
  const reasons = new Map<string, readonly string[]>();
  for (const v of order) {
    const key = `${v.strategy} ${v.why}`;
    if (!reasons.has(key)) reasons.set(key, [whys(v.strategy) > 1 ? v.id : v.strategy, v.why]);
  }
  const measuredHeads = facts.measured === undefined ? [] : ['measured', '×'];
  const estimatedHeads = facts.measured === undefined ? [] : ['estimated'];
  const heads = [
    '',
    '',
    'strategy',
    'solver',
    'verdict',
    'predicted',
    ...measuredHeads,
    'error',
    ...estimatedHeads,
    'flops',
    'moved',
    'steps',
  ].map((head) => colors.dim(head));
  const dimmed = (text: string): string =>
    wrapText(text, width)
      .map((line) => colors.dim(line))
      .join('\n');
  const section = (title: string, body: string): string => `${colors.bold(title)}\n${body}`;
  const sections = [
    `${colors.bold(description.name)}\n${table(about, { indent: 2, width })}`,
    section('hypers', table(hypers, { indent: 2, width })),
    section(orderTitle(document), fitted([heads, ...verdicts], { align: facts.measured === undefined ? 'lrlllrl' : 'lrlllrrrll' }, width)),
    ...failures(document).map((line) => colors.yellow(line)),
    section('why', table([...reasons.values()], { indent: 2, width })),
  ];
  const used = [...new Set([...costs.values()].flatMap((c) => unknownIn(c.flops, sizes)))].filter((name) => name in candidates.assumptions);
  if (used.length > 0) {
    const counts = used.map((name) => `${name.replace(/^T_/, '')} ${figure(environment[name] ?? Number.NaN, 2)}`).join(', ');
    const sentence = `Steps that these costs assume before a run has counted them, with a condition number of ${figure(environment['κ'] ?? Number.NaN, 2)}: ${counts}. Times are ${timesText(facts)}. --json has every cost in full.`;
    sections.push(dimmed(sentence));
  }
  if (candidates.candidates.length > 0) sections.push(dimmed(errorSentence(document, environment)));
  if (document.counted !== undefined) sections.push(wrapText(countedSentence(document, document.counted), width).join('\n'));
  const { chosen } = choice;
  if (chosen === undefined) return [...sections, colors.yellow('no candidate can be chosen')].join('\n\n');
  const stages = (costs.get(chosen.id)?.stages ?? []).map((s) => [s.stage, costText(s.flops, environment, 'flop'), s.what]);
  return [...sections, section(`stages of ${chosen.id}`, table(stages, { indent: 2, width }))].join('\n\n');
}

function errorSentence({ candidates }: PlanDocument, { κ = Number.NaN }: Environment): string {
  const isConditioned = candidates.some((row) => 'error' in row && row.error.parts.some(({ formula = '' }) => formula.includes('κ')));
  const how = isConditioned ? `predicted with a condition number of ${figure(κ, 2)}` : 'predicted';
  return `Errors are shares of the hypergradient, ${how}: they tell candidates apart, and bound nothing. --why NAME says what they are made of.`;
}

/** As many of the columns as there is room for; those that say nothing go first, then the last three, which are in the document. */
function fitted([heads = [], ...all]: readonly (readonly string[])[], options: TableOptions, width: number): string {
  const isSaid = (column: number): boolean => column === 0 || all.some((row) => (row[column] ?? '') !== '');
  const rows = [heads, ...all].map((row) => row.filter((_, column) => isSaid(column)));
  const align = [...(options.align ?? '')].filter((_, column) => isSaid(column)).join('');
  const cut = (columns: number): string =>
    table(
      rows.map((row) => row.slice(0, row.length - columns)),
      { ...options, align },
    );
  const fits = (text: string): boolean => text.split('\n').every((line) => visibleWidth(line) <= width);
  return [0, 1, 2].map(cut).find(fits) ?? cut(3);
}

const orderTitle = ({ candidates }: PlanDocument): string =>
  candidates.some(({ predicted }) => predicted !== undefined) ? 'candidates, by predicted time' : 'candidates, in the order of decision';

/** What was measured, and how many times as long as predicted it took. */
function measuredCells(row: PlanDocument['candidates'][number]): readonly string[] {
  const measured = 'measured' in row ? row.measured : undefined;
  if (measured === undefined) return ['', ''];
  if ('because' in measured) return ['failed', ''];
  return [timeText(measured.ms), row.predicted === undefined ? '' : figure(measured.ms / row.predicted, 2)];
}

/** What the run candidates say of the assumptions, and of the choice that was made by them. */
function countedSentence({ chosen }: PlanDocument, counted: NonNullable<PlanDocument['counted']>): string {
  const said = `Counted: ${countedWords(counted)}.`;
  if (counted.chosen === null) return said;
  if (counted.chosen === chosen) return `${said} By these counts the choice is the same.`;
  return `${said} By these counts the choice would be ${counted.chosen}: \`run\`, which counts for itself, goes on with it where that takes at most half of the time and saves more than compiling it takes.`;
}

/** What the hypergradient says of its error, beside what was predicted. */
function measuredError(row: PlanDocument['candidates'][number]): string {
  const measured = 'measured' in row ? row.measured : undefined;
  return measured === undefined || 'because' in measured ? '' : shareText(measured.error);
}

const failures = ({ candidates }: PlanDocument): readonly string[] =>
  candidates.flatMap((row) =>
    'measured' in row && row.measured !== undefined && 'because' in row.measured ? [`  ${row.id}: ${row.measured.because}`] : [],
  );

function verdictWord({ verdict }: Verdict, colors: Colors): string {
  switch (verdict) {
    case 'chosen':
      return colors.green(verdict);
    case 'valid':
      return verdict;
    case 'sizes unknown':
    case 'not for these sizes':
      return colors.yellow(verdict);
    case 'refused':
      return colors.dim(verdict);
  }
}
