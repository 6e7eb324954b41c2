/**
 * `npm run bench:strategies`: each problem's hypergradient in every way that its plan offers, side by side in this process, on one thread.
 * What they find is compared; the times are for reading, and no test looks at them.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { command, figuresJson, machine, progress, say } from './output.ts';
import { placesOf } from './places.ts';
import { type Group, groups } from './strategies/groups.ts';
import { failuresOf, type GroupResult } from './strategies/judged.ts';
import { fewestRounds } from './rounds.ts';
import { measureGroup } from './strategies/measured.ts';
import { printMarkdown, printText, type StrategyReport } from './strategies/table.ts';

const usage = `npm run bench:strategies -- [flags]
  --rows a,b        only problems whose names begin so (${[...new Set(groups.map(({ id }) => id.replace(/\..*/u, '')))].join(', ')})
  --quick           small sizes, short measurements; without --rows, one problem of each class
  --seconds S       to measure one way of one problem (default 0.15, with --quick 0.01)
  --json FILE       write the figures there
Without --rows, --quick, --seconds and --json the figures go to bench/strategies.json and bench/strategies.md.
`;

interface Flags {
  readonly wanted: readonly Group[];
  readonly quick: boolean;
  readonly seconds: number;
  readonly json: string | undefined;
  readonly help: boolean;
  readonly isComplete: boolean;
}

/** Flags, or what is wrong with them. */
function parseFlags(args: readonly string[]): Flags | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rows: { type: 'string' },
        quick: { type: 'boolean', default: false },
        seconds: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const { rows, quick, json, help } = values;
    const names = rows?.split(',') ?? [];
    const unknown = names.filter((name) => !groups.some(({ id }) => id.startsWith(name)));
    if (unknown.length > 0) return `no problem is called ${unknown.join(', ')}`;
    const seconds = Number(values.seconds ?? (quick ? 0.01 : 0.15));
    if (!(seconds > 0)) return '--seconds takes a positive number';
    const isWanted = ({ id, isTypical }: Group): boolean =>
      rows === undefined ? !quick || isTypical === true : names.some((name) => id.startsWith(name));
    return {
      wanted: groups.filter(isWanted),
      quick,
      seconds,
      json,
      help,
      isComplete: rows === undefined && !quick && values.seconds === undefined,
    };
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

async function run(flags: Flags): Promise<number> {
  const { wanted, quick, seconds, json, isComplete } = flags;
  const places = placesOf(process.env);
  const results: GroupResult[] = [];
  for (const group of wanted) {
    progress(group.id);
    results.push(await measureGroup(group, { quick, seconds }, places, (detail) => progress(group.id, `  ${detail}`)));
  }
  progress('');
  const report: StrategyReport = { machine: machine(), settings: { seconds, rounds: fewestRounds, quick }, groups: results };
  process.stdout.write(printText(report));
  if (json !== undefined) writeFileSync(json, figuresJson(report));
  else if (isComplete) {
    writeFileSync(join(places.bench, 'strategies.json'), figuresJson(report));
    writeFileSync(join(places.bench, 'strategies.md'), printMarkdown(report));
  }
  const failed = failuresOf(results);
  for (const failure of failed) say(`!! ${failure}\n`);
  return failed.length > 0 ? 1 : 0;
}

process.exitCode = await command(parseFlags, usage, run);
