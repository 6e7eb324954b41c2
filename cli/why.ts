/** One strategy in full, for people: conditions with their numbers, what its time is made of, what would make it the choice. */
import type { PlanDocument, PlannedCandidate, PlanFacts } from '../library/plan-document.ts';
import { turnsTo } from '../library/why.ts';
import type { WorkKind } from '../plan/types.ts';
import { figure, quantity, shareText, timeText } from '../library/figures.ts';
import { countsText } from '../library/words.ts';
import type { Session } from './session.ts';
import { table, wrapText } from './table.ts';

const kinds: Readonly<Record<WorkKind, readonly [what: string, unit: string]>> = {
  products: ['dense products', 'flop'],
  factors: ['factors, and solves with them', 'flop'],
  elements: ['everything else', 'flop'],
  kernels: ['kernels that are started', ''],
  calls: ['calls of a stage', ''],
};

/** Of a strategy by its name all its candidates, or one by its id. */
export function whyText(session: Session, facts: PlanFacts, document: PlanDocument, name: string): string {
  const { colors, width } = session;
  const rows = document.candidates.filter((row) => row.strategy === name || row.id === name);
  const blocks = rows.map((row) => {
    const title = `${colors.bold(row.id)}: ${row.verdict}`;
    if (!('steps' in row)) return `${title}\n${wrapped(row.why, width)}`;
    return [title, wrapped(row.why, width), ...candidateLines(session, facts, document, row)].join('\n');
  });
  return blocks.join('\n\n');
}

const wrapped = (text: string, width: number): string =>
  wrapText(text, Math.min(width, 120) - 2)
    .map((line) => `  ${line}`)
    .join('\n');

function candidateLines({ colors, width }: Session, facts: PlanFacts, document: PlanDocument, row: PlannedCandidate): readonly string[] {
  const { conditions, work, steps, predicted, error, measured } = row;
  const judged = conditions.map(({ because, left, right, holds }) => [
    holds === undefined ? colors.yellow('unknown') : holds ? colors.green('holds') : colors.red('fails'),
    `${figure(left ?? Number.NaN)} ≤ ${figure(right ?? Number.NaN)}`,
    `otherwise: ${because}`,
  ]);
  const parts = (work ?? []).map(({ kind, amount, ms }) => [
    kinds[kind][0],
    quantity(amount, kinds[kind][1]),
    `× ${figure(facts.calibration[kind], 3)} ns`,
    timeText(ms),
  ]);
  const section = (title: string, body: string): readonly string[] => (body === '' ? [] : [`  ${colors.dim(title)}`, body]);
  const errors = error.parts.map(({ from, share, formula = '' }) => [from, shareText(share), formula]);
  const total = predicted === undefined ? 'not all sizes are known' : timeText(predicted);
  return [
    ...section('conditions', table(judged, { indent: 4, width })),
    ...section(
      'predicted time of one hypergradient',
      table([...parts, ['in all', '', '', colors.bold(total)]], { indent: 4, align: 'lrrr' }),
    ),
    ...section('steps that it assumes', Object.keys(steps).length === 0 ? '' : `    ${countsText(steps)}`),
    ...section(
      'predicted error, as a share of the hypergradient',
      table([...errors, ['in all', colors.bold(shareText(error.share))]], { indent: 4, width }),
    ),
    ...section('measured', measured === undefined ? '' : `    ${'because' in measured ? measured.because : timeText(measured.ms)}`),
    ...section('the choice', wrapped(besideChoice(facts, document, row), width - 2).replaceAll(/^/gmu, '  ')),
  ];
}

/** How far it is from being chosen, and what would bring it there. */
function besideChoice(
  { plan, sizes, calibration, only = plan.asked.strategy }: PlanFacts,
  { chosen, candidates }: PlanDocument,
  row: PlannedCandidate,
): string {
  if (row.id === chosen) return 'It is the choice.';
  const asked = `\`--strategy ${row.id}\` takes it in any case.`;
  const named = `It is taken only when it is asked for by name`;
  if (row.byNameOnly !== undefined) return `${named}: ${row.byNameOnly}. ${asked}`;
  if (!row.exact) return `${named}: it is no exact hypergradient, or for checking alone. ${asked}`;
  const best = candidates.find(({ id }) => id === chosen)?.predicted;
  const times =
    best === undefined || row.predicted === undefined
      ? ''
      : `It is predicted to take ${figure(row.predicted / best, 2)} times as long as ${chosen}. `;
  if (only !== undefined && only !== 'auto' && row.strategy !== only && row.id !== only)
    return `${times}\`${only}\` is asked for by name, and nothing else is taken.${row.verdict === 'valid' ? ` ${asked}` : ''}`;
  const turns = turnsTo(plan, row.id, sizes, { only, calibration }).map(
    ({ name, from, to }) => `${name === 'κ' ? 'a condition number' : name} of about ${figure(to, 2)} in the place of ${figure(from, 3)}`,
  );
  const would =
    turns.length === 0
      ? 'No size on its own, and no condition number, would make it the choice.'
      : `It would be the choice with ${turns.join(', or with ')}.`;
  return `${times}${would}${row.verdict === 'valid' ? ` ${asked}` : ''}`;
}
