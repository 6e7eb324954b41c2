/** The figures of ways as text: one table a problem. */
import { markdownTable, milliseconds, textTable } from '../output.ts';
import type { Figures, GroupResult } from './judged.ts';

export interface StrategyReport {
  readonly machine: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly groups: readonly GroupResult[];
}

const head = ({ rows }: GroupResult): readonly string[] => {
  const steps = rows.some(({ outerSteps }) => outerSteps !== undefined) ? 'outer steps' : 'linear steps';
  return ['', 'ms', '× fastest', 'data alone, ms', 'inner steps', steps, 'apart', 'allowed', 'MB', ''];
};

const share = (value: number): string => (value === 0 ? '0' : value.toExponential(0));

/** How many times as long, to two digits and without an exponent. */
const times = (value: number): string => (value === 1 ? '1' : value < 10 ? value.toPrecision(2) : String(Math.round(value)));

/** What is to be said of a row besides its figures. */
function remark({ verdict, status, allowed }: Figures): string {
  if (verdict === 'wrong') return 'WRONG';
  if (verdict === 'approximate') return status === 'converged' ? 'approximate' : `approximate: ${status}`;
  return Number.isFinite(allowed) ? '' : 'no error stated';
}

function lineOf(row: Figures): readonly string[] {
  const doubt = row.doubtful === true ? ' ~' : '';
  return [
    row.name,
    `${milliseconds(row.medianMs)}${doubt}`,
    times(row.timesFastest),
    row.prepareMs === undefined ? '' : milliseconds(row.prepareMs),
    String(row.innerSteps),
    String(row.outerSteps ?? row.linearSteps ?? ''),
    share(row.apart),
    row.verdict === 'approximate' ? '' : share(row.allowed),
    row.bytes === undefined ? '' : (row.bytes / 1e6).toPrecision(3),
    remark(row),
  ];
}

const sizesOf = ({ sizes }: GroupResult): string =>
  Object.entries(sizes)
    .map(([name, size]) => `${name} = ${size}`)
    .join(', ');

const headline = (group: GroupResult): string => `${group.id}: ${group.title} (${sizesOf(group)})`;

/** The names that a thing is said of; the same words once. */
function grouped(said: readonly (readonly [name: string, words: string])[]): readonly string[] {
  const names = new Map<string, string[]>();
  for (const [name, words] of said) names.set(words, [...(names.get(words) ?? []), name]);
  return [...names].map(([words, own]) => `${own.join(', ')}: ${words}`);
}

const remarksOf = ({ trusted, absent, failed, refusals }: GroupResult): readonly string[] => [
  ...(trusted === '' ? [] : [`compared with ${trusted}`]),
  ...grouped(absent.map(({ name, absent: why }) => [name, why])).map((words) => `– ${words}`),
  ...grouped(refusals.map(({ name, because }) => [name, because])).map((words) => `refused: ${words}`),
  ...failed.map(({ name, error }) => `ERROR ${name}: ${error}`),
];

const key =
  'Medians in milliseconds of one hypergradient from the declared start, inner solve included, on one thread; × fastest: over the fastest that is exact; what depends on data alone is done once, and apart. Apart: the relative distance from the one compared with, of the hypergradient, and of the criterion where the whole problem is solved; allowed: what the errors that the two state add up to, or 1e-6. ~ the machine was busy.';

export function printText({ groups }: StrategyReport): string {
  const blocks = groups.map((group) =>
    [headline(group), ...textTable([head(group), ...group.rows.map(lineOf)]), ...remarksOf(group).map((remark) => `  ${remark}`)].join(
      '\n',
    ),
  );
  return `${[...blocks, key].join('\n\n')}\n`;
}

export function printMarkdown({ machine, groups }: StrategyReport): string {
  const blocks = groups.map((group) =>
    [
      `## ${headline(group)}`,
      markdownTable([head(group), ...group.rows.map(lineOf)]),
      remarksOf(group)
        .map((remark) => `- ${remark}`)
        .join('\n'),
    ].join('\n\n'),
  );
  const made = `Made by \`npm run bench:strategies\`; see README.md. ${Object.values(machine).join(', ')}.`;
  return `${['# Every strategy and solver', made, key, ...blocks].join('\n\n')}\n`;
}
