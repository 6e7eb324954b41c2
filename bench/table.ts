/** Results as text: one table a group, what is said of single figures under it. */
import { markdownTable, milliseconds, textTable } from './output.ts';
import { type Cell, type RowResult, isFigure } from './results.ts';
import { type Group, groupTitles } from './rows.ts';

export interface Report {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Contestants that could not be started here, and why. */
  readonly missing: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** In the table's order. */
  readonly contestants: readonly { readonly name: string; readonly precision: string }[];
  readonly rows: readonly RowResult[];
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  if (isFigure(cell)) {
    const ratio = cell.timesOurs === undefined || cell.timesOurs === 1 ? '' : ` (${cell.timesOurs.toPrecision(2)}×)`;
    const doubt = cell.doubtful === true ? ' ~' : '';
    return `${milliseconds(cell.medianMs)}${ratio}${doubt}${cell.wrong === undefined ? '' : ' WRONG'}`;
  }
  if ('absent' in cell) return '–';
  return 'notYet' in cell ? 'not yet' : 'ERROR';
}

/** What cells leave unsaid, the same words once. */
function remarks(rows: readonly RowResult[]): readonly string[] {
  const said = new Map<string, string[]>();
  const say = (name: string, words: string, id: string): void => {
    const key = `${name}: ${words}`;
    said.set(key, [...(said.get(key) ?? []), id]);
  };
  for (const { id, cells } of rows) {
    for (const [name, cell] of Object.entries(cells)) {
      if (isFigure(cell)) {
        if (cell.note !== undefined) say(name, cell.note, id);
        if (cell.wrong !== undefined) say(name, `COMPUTES SOMETHING ELSE, by ${cell.wrong.toExponential(1)}`, id);
      } else if ('absent' in cell) say(name, `– ${cell.absent}`, id);
      else if ('error' in cell) say(name, `ERROR ${cell.error}`, id);
    }
  }
  return [...said].map(([words, ids]) => `${words} [${ids.join(', ')}]`);
}

interface Grid {
  readonly group: Group;
  readonly head: readonly string[];
  readonly lines: readonly (readonly string[])[];
  readonly remarks: readonly string[];
}

function grids({ rows, contestants }: Report): readonly Grid[] {
  return [...new Set(rows.map((row) => row.group))].map((group) => {
    const own = rows.filter((row) => row.group === group);
    const present = contestants.filter(({ name }) => own.some((row) => name in row.cells));
    return {
      group,
      head: ['ms', ...present.map(({ name, precision }) => (precision === 'float32' ? `${name} (float32)` : name))],
      lines: own.map((row) => [row.id.slice(2), ...present.map(({ name }) => cellText(row.cells[name]))]),
      remarks: remarks(own),
    };
  });
}

const headline = ({ group }: Grid): string => `${group}. ${groupTitles[group]}`;

function missingLines({ missing }: Report): readonly string[] {
  return Object.entries(missing).map(([name, why]) => `${name} is absent: ${why}`);
}

const key =
  'Medians in milliseconds; in brackets how many times as long as ours in the same precision on one thread. – takes no part; ~ the machine was busy.';

/** For a terminal: a contestant a column where they are few, narrow numbers throughout. */
export function printText(report: Report): string {
  const blocks = grids(report).map((grid) =>
    [headline(grid), ...textTable([grid.head, ...grid.lines]), ...grid.remarks.map((remark) => `  ${remark}`)].join('\n'),
  );
  return `${[...blocks, [...missingLines(report), key].join('\n')].join('\n\n')}\n`;
}

export function printMarkdown(report: Report): string {
  const blocks = grids(report).map((grid) =>
    [
      `## ${headline(grid)}`,
      markdownTable([grid.head, ...grid.lines]),
      ...(grid.remarks.length === 0 ? [] : [grid.remarks.map((remark) => `- ${remark}`).join('\n')]),
    ].join('\n\n'),
  );
  const versions = Object.entries(report.versions).map(
    ([name, of]) =>
      `- ${name}: ${Object.entries(of)
        .map((pair) => pair.join(' '))
        .join(', ')}`,
  );
  const machine = Object.values(report.machine).join(', ');
  const missing = missingLines(report).map((line) => `- ${line}`);
  return `${['# The last benchmark', `Made by \`npm run bench\`; see README.md. ${machine}.`, key, ...blocks, '## Who', [...versions, ...missing].join('\n')].join('\n\n')}\n`;
}
