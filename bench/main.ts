/** `npm run bench`: asks every contestant for every row, one at a time, compares what they found, prints and keeps the table. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Entry, contestants } from './contestants.ts';
import { writeData } from './data.ts';
import { type Flags, isComplete, parseFlags, usage, wants } from './flags.ts';
import * as plan from './plan.ts';
import { command, figuresJson, machine, progress, say } from './output.ts';
import { type Places, placesOf } from './places.ts';
import { processRows, runProcesses } from './processes.ts';
import type { Answer } from './protocol.ts';
import { type Outcome, type RowResult, failures, judgeRow, roundsOf } from './results.ts';
import { byRounds, fewestRounds } from './rounds.ts';
import { type Row, rows } from './rows.ts';
import { type Report, printMarkdown, printText } from './table.ts';
import { type Worker, startWorker } from './worker.ts';

/** What takes longer is measured in one round. */
const slowMs = 3000;
/** A contestant that says nothing for so long is ended. */
const limitMs = 180_000;

/** The processes that were started, kept from row to row; one that ended is started again for the next row. */
class Field {
  readonly versions: Record<string, Readonly<Record<string, string>>> = {};
  readonly missing: Record<string, string> = {};
  private readonly workers = new Map<string, Worker>();
  private readonly places: Places;

  constructor(places: Places) {
    this.places = places;
  }

  async workerOf(entry: Entry): Promise<Worker | undefined> {
    const there = this.workers.get(entry.name);
    if (there?.alive() === true) return there;
    if (entry.name in this.missing) return undefined;
    const started = await startWorker(entry, this.places, limitMs);
    if ('absent' in started) {
      this.missing[entry.name] = started.absent;
      return undefined;
    }
    this.versions[entry.name] = started.versions;
    this.workers.set(entry.name, started.worker);
    return started.worker;
  }

  end(): void {
    for (const worker of this.workers.values()) worker.end();
  }
}

function outcomeOf(answer: Answer, before: Outcome | undefined): Outcome {
  if ('times_ms' in answer) {
    return {
      rounds: [...(roundsOf(before) ?? []), { times: answer.times_ms, cores: answer.cores }],
      check: answer.check.map((value) => value ?? NaN),
      ...(answer.note === undefined ? {} : { note: answer.note }),
    };
  }
  if ('absent' in answer || 'notYet' in answer || 'error' in answer) return answer;
  return { error: 'it answered another question' };
}

async function measureRow(
  row: Row,
  dataDir: string,
  entries: readonly Entry[],
  field: Field,
  seconds: number,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const { kind, sizes, at } = row;
  const each = seconds / fewestRounds;
  const take = async (entry: Entry, round: number): Promise<void> => {
    const worker = await field.workerOf(entry);
    if (worker === undefined) return;
    progress(row.id, `  round ${round + 1}  ${entry.name}`);
    const answer = await worker.ask({ row: kind, sizes, at, dataDir, seconds: each, warmSeconds: each });
    outcomes.set(entry.name, outcomeOf(answer, outcomes.get(entry.name)));
  };
  await byRounds(entries, ({ name }) => (name in field.missing ? undefined : roundsOf(outcomes.get(name))), take, {
    slowMs,
    pauseMs: seconds * 1000,
  });
  for (const entry of entries) {
    const worker = outcomes.has(entry.name) ? await field.workerOf(entry) : undefined;
    if (worker !== undefined) await worker.ask({ end: true });
  }
  progress('');
  return outcomes;
}

async function measureAll(flags: Flags, entries: readonly Entry[], places: Places, temporary: string): Promise<Report> {
  const field = new Field(places);
  const written = new Set<string>();
  const results: RowResult[] = [];
  try {
    for (const row of rows.filter((row) => wants(flags, row))) {
      progress(row.id);
      const dataDir = writeData(row, temporary, places.digits, written);
      results.push(judgeRow(row.id, row.group, entries, await measureRow(row, dataDir, entries, field, flags.seconds)));
    }
  } finally {
    field.end();
  }
  const names = entries.map(({ name }) => name);
  for (const row of processRows.filter((row) => wants(flags, row))) {
    progress(row.id);
    results.push(judgeRow(row.id, row.group, entries, await runProcesses(row, names, places, temporary)));
  }
  progress('');
  return {
    machine: machine(),
    versions: field.versions,
    missing: field.missing,
    settings: { seconds: flags.seconds, rounds: fewestRounds, quick: flags.quick },
    contestants: entries.map(({ name, precision }) => ({ name, precision })),
    rows: results,
  };
}

function keep(report: Report, flags: Flags, { bench }: Places): void {
  if (flags.json !== undefined) writeFileSync(flags.json, figuresJson(report));
  else if (isComplete(flags)) {
    writeFileSync(join(bench, 'last.json'), figuresJson(report));
    writeFileSync(join(bench, 'last.md'), printMarkdown(report));
  } else say('Not everything was measured: bench/last.json and bench/last.md stay as they are.\n');
}

async function run(flags: Flags): Promise<number> {
  const places = placesOf(process.env);
  const entries = contestants.filter(({ name, ours }) => ours || flags.peers.length === 0 || flags.peers.includes(name));
  const temporary = mkdtempSync(join(tmpdir(), 'bilevel-bench-'));
  const clean = (): void => rmSync(temporary, { recursive: true, force: true });
  process.once('SIGINT', () => {
    clean();
    process.exit(130);
  });
  try {
    const report = await measureAll(flags, entries, places, temporary);
    if (report.rows.length === 0) {
      say('No row is called so.\n');
      return 2;
    }
    process.stdout.write(printText(report));
    keep(report, flags, places);
    const absentOurs = entries.filter(({ name, ours }) => ours && name in report.missing);
    const failed = [...absentOurs.map(({ name }) => `${name} did not start`), ...failures(report.rows)];
    for (const failure of failed) say(`!! ${failure}\n`);
    return failed.length > 0 ? 1 : 0;
  } finally {
    clean();
  }
}

process.exitCode = process.argv.includes('--plan')
  ? await command(plan.parseFlags, plan.usage, plan.run)
  : await command(parseFlags, usage, run);
