/** What every benchmark writes: progress on stderr, figures as JSON, tables for a terminal and for Markdown. */
import { cpus } from 'node:os';

export const say = (text: string): void => void process.stderr.write(text);

/** A benchmark as a command: 2 for flags that say what is wrong with them, 0 for help, otherwise what the run gives. */
export async function command<Flags extends { readonly help: boolean }>(
  parse: (words: readonly string[]) => Flags | string,
  usage: string,
  run: (flags: Flags) => Promise<number>,
): Promise<number> {
  const flags = parse(process.argv.slice(2));
  if (typeof flags === 'string') {
    say(`${flags}\n${usage}`);
    return 2;
  }
  if (!flags.help) return run(flags);
  process.stdout.write(usage);
  return 0;
}

/** One line that is written over, on a terminal; elsewhere a line a row is enough. */
export function progress(row: string, detail = ''): void {
  if (process.stderr.isTTY) say(`\r\u001b[K${row}${detail}`);
  else if (detail === '' && row !== '') say(`${row}\n`);
}

export const machine = (): Readonly<Record<string, string>> => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: `${cpus().length} cores`,
  node: `Node ${process.version}`,
});

/** Short enough to be read in a diff. */
export function figuresJson(report: object): string {
  const rounded = (_: string, value: unknown): unknown => {
    if (typeof value !== 'number') return value;
    return Number.isFinite(value) ? Number(value.toPrecision(4)) : String(value);
  };
  return `${JSON.stringify(report, rounded, 1)}\n`;
}

type Line = readonly string[];

/** Narrow columns, the first to the left; the first line is the head. */
export function textTable(lines: readonly Line[]): readonly string[] {
  const [head = []] = lines;
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) =>
    line.map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0))).join('  '),
  );
}

export function markdownTable([head = [], ...lines]: readonly Line[]): string {
  const print = (line: Line): string => `| ${line.join(' | ')} |`;
  const rule = `|${head.map((_, column) => (column === 0 ? '---' : '---:')).join('|')}|`;
  return [print(head), rule, ...lines.map(print)].join('\n');
}

/** Three significant digits, and no exponent. */
export function milliseconds(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(value, 1e-6))));
  return value.toFixed(Math.min(digits, 5));
}
