/**
 * Groups d and e: whole processes, from start to exit, nothing taken off. Ours is `node dist/cli/main.js run …`; NumPy's is a
 * Python process that reads the same files and solves the same problem to the same criterion.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf, shuffled } from '../runtime/random.ts';
import { numpyPython, oneThread } from './contestants.ts';
import type { Places } from './places.ts';
import { type Outcome, type Timed, roundsOf } from './results.ts';
import { byRounds } from './rounds.ts';

export interface ProcessRow {
  readonly id: string;
  readonly group: 'd' | 'e';
  readonly large: boolean;
  readonly contestants: Readonly<Record<string, (places: Places, temporary: string) => Attempt>>;
}

/** One contestant's process, ready to be started again and again. */
interface Attempt {
  readonly program: string;
  readonly args: readonly string[];
  /** Made anew before each start, where a start depends on what the last one left. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** A start before the measured ones. */
  readonly warm: boolean;
}

/** When one start takes longer than this, it is the only one. */
const slowMs = 10_000;
const limitMs = 300_000;

const ridgePage = 'examples/ridge/ridge.bilevel';

const freshCache = (temporary: string): string => mkdtempSync(join(temporary, 'cache-'));

function ours(page: string, { root }: Places, environment: Attempt['environment'], warm: boolean): Attempt {
  return { program: process.execPath, args: [join(root, 'dist/cli/main.js'), 'run', join(root, page), '--json'], environment, warm };
}

/** With a cache that an earlier start has filled. */
function oursWarm(page: string, places: Places, temporary: string): Attempt {
  const cache = freshCache(temporary);
  return ours(page, places, () => ({ BILEVEL_CACHE: cache }), true);
}

const numpy =
  (problem: string, files: string) =>
  ({ root, bench, environment }: Places, temporary: string): Attempt => ({
    program: numpyPython(environment),
    args: [join(bench, 'peers/whole_runs.py'), problem, join(root, files), splitOrder(temporary)],
    environment: () => ({}),
    warm: true,
  });

/** The page's `split … seed 7` is ours alone: NumPy is told the order of the rows, one file for each number of rows. */
function splitOrder(temporary: string): string {
  const folder = join(temporary, 'split-orders');
  mkdirSync(folder, { recursive: true });
  for (const n of [442, 569]) writeFileSync(join(folder, `${n}.f64`), new Uint8Array(shuffled(keyOf(7, 'split:n'), n).buffer));
  return folder;
}

const cleaningFolder = 'test/reference/hypercleaning_digits';

export const processRows: readonly ProcessRow[] = [
  {
    id: 'd.ridge',
    group: 'd',
    large: false,
    contestants: {
      bilevel: (places, temporary) => oursWarm(ridgePage, places, temporary),
      numpy: numpy('ridge', 'examples/ridge/diabetes.csv'),
    },
  },
  {
    id: 'd.logistic',
    group: 'd',
    large: false,
    contestants: {
      bilevel: (places, temporary) => oursWarm('examples/logistic/logistic.bilevel', places, temporary),
      numpy: numpy('logistic', 'examples/logistic/breast-cancer.csv'),
    },
  },
  {
    id: 'd.hyper-cleaning',
    group: 'd',
    large: true,
    contestants: {
      bilevel: (places, temporary) => oursWarm(`${cleaningFolder}/hypercleaning_digits.bilevel`, places, temporary),
      numpy: numpy('hyper-cleaning', cleaningFolder),
    },
  },
  {
    id: 'e.empty-cache',
    group: 'e',
    large: false,
    contestants: {
      bilevel: (places, temporary) => ours(ridgePage, places, () => ({ BILEVEL_CACHE: freshCache(temporary) }), false),
    },
  },
  {
    id: 'e.filled-cache',
    group: 'e',
    large: false,
    contestants: { bilevel: (places, temporary) => oursWarm(ridgePage, places, temporary) },
  },
];

interface Ended {
  readonly milliseconds: number;
  readonly outer: number;
}

function runOnce({ program, args, environment }: Attempt, places: Places): Ended | Exclude<Outcome, Timed> {
  const env = { ...places.environment, ...oneThread, ...environment() };
  const start = performance.now();
  const { error, status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8', maxBuffer: 1e8, timeout: limitMs });
  const milliseconds = performance.now() - start;
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return { absent: 'program not found' };
  if (error !== undefined) return { error: error.message };
  if (status !== 0) return { error: `exit code ${status ?? '?'}: ${stderr.trim().split('\n').at(-1) ?? ''}` };
  const said = JSON.parse(stdout) as { outer: number } | { absent: string };
  return 'absent' in said ? said : { milliseconds, outer: said.outer };
}

/** Each start is a round of its own. */
export async function runProcesses(
  row: ProcessRow,
  names: readonly string[],
  places: Places,
  temporary: string,
): Promise<ReadonlyMap<string, Outcome>> {
  const attempts = Object.entries(row.contestants)
    .filter(([name]) => names.includes(name))
    .map(([name, make]) => ({ name, attempt: make(places, temporary) }));
  const outcomes = new Map<string, Outcome>();
  for (const { name, attempt } of attempts) {
    if (!attempt.warm) continue;
    const first = runOnce(attempt, places);
    if (!('milliseconds' in first)) outcomes.set(name, first);
  }
  const take = ({ name, attempt }: (typeof attempts)[number]): void => {
    const ended = runOnce(attempt, places);
    const before = roundsOf(outcomes.get(name)) ?? [];
    outcomes.set(name, 'milliseconds' in ended ? { rounds: [...before, { times: [ended.milliseconds] }], check: [ended.outer] } : ended);
  };
  await byRounds(attempts, ({ name }) => roundsOf(outcomes.get(name)), take, { slowMs, pauseMs: 0 });
  rmSync(join(temporary, 'split-orders'), { recursive: true, force: true });
  return outcomes;
}
